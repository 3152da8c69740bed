package host

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// maxRSA is the size in bits of the largest RSA key that is used: the time of
// one signature grows with its cube.
const maxRSA = 4096

// What is read of a key at most, in bytes: its text and what that encodes.
// Checking the numbers of an RSA key takes time with the square of its size,
// seconds for a hundred kilobytes, and whoever gives one may be a guest, which
// cannot be stopped meanwhile.
const (
	MaxKeyText = 64 << 10
	maxKeyDER  = 8 << 10
)

// ParsePrivateKey reads a private key from PEM: PKCS #8, PKCS #1 or SEC 1,
// without a passphrase; RSA of at most 4096 bits, ECDSA or Ed25519. Its error
// quotes nothing of the key.
func ParsePrivateKey(text []byte) (crypto.Signer, error) {
	if len(text) > MaxKeyText {
		return nil, errLongKey()
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, Errorf(Failed, "the private key is not PEM").
			WithHint("it begins with -----BEGIN PRIVATE KEY----- or a line of its kind")
	}
	if len(block.Bytes) > maxKeyDER {
		return nil, errLongKey()
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	signer, ok := key.(crypto.Signer)
	if err != nil || !ok {
		e := Errorf(Failed, "the private key cannot be read: PKCS #8, PKCS #1 and SEC 1 are known, without a passphrase")
		switch {
		case strings.HasSuffix(block.Type, "PUBLIC KEY") || block.Type == "CERTIFICATE":
			return nil, Errorf(Failed, "the text is a %s, not a private key", strings.ToLower(block.Type)).
				WithHint("give the private key that belongs to it")
		case block.Type == "OPENSSH PRIVATE KEY":
			return nil, e.WithHint("it is one of OpenSSH; of a copy, ssh-keygen -p -m PKCS8 -f COPY makes PKCS #8")
		}
		return nil, e.WithHint("a key with a passphrase: openssl pkey -in key.pem -out plain.pem")
	}
	if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() > maxRSA {
		return nil, Errorf(Failed, "the private key has %d bits, at most %d are used", k.N.BitLen(), maxRSA)
	}
	return signer, nil
}

func errLongKey() error {
	return Errorf(Failed, "the private key is too long: RSA of at most %d bits is used", maxRSA)
}

package host

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
)

// maxRSA is the size in bits of the largest RSA key that is used: the time of
// one signature grows with its cube.
const maxRSA = 4096

// ParsePrivateKey reads a private key from PEM: PKCS #8, PKCS #1 or SEC 1,
// without a passphrase; RSA of at most 4096 bits, ECDSA or Ed25519. Its error
// quotes nothing of the key.
func ParsePrivateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, Errorf(Failed, "the private key is not PEM").
			WithHint("it begins with -----BEGIN PRIVATE KEY----- or a line of its kind")
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
		return nil, Errorf(Failed, "the private key cannot be read: PKCS #8, PKCS #1 and SEC 1 are known, without a passphrase")
	}
	if k, ok := key.(*rsa.PrivateKey); ok && k.N.BitLen() > maxRSA {
		return nil, Errorf(Failed, "the private key has %d bits, at most %d are used", k.N.BitLen(), maxRSA)
	}
	return signer, nil
}

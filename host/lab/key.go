package lab

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"
)

// signingKey makes what signs with an algorithm (RFC 7518 section 3.1): a private key
// as PEM, or a text that is long enough for every HMAC. Go makes keys of chance
// alone, so these differ from run to run, whatever the seed.
func (l *Lab) signingKey(algorithm string) (string, error) {
	if strings.HasPrefix(algorithm, "HS") {
		return l.secret("hmac") + l.secret("hmac") + l.secret("hmac"), nil
	}
	key, err := newKey(algorithm)
	if err != nil {
		return "", err
	}
	return keyText(key)
}

func newKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return rsa.GenerateKey(rand.Reader, 2048)
}

func keyText(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
}

// certificate is a client certificate with its key, in one text. Nobody but the
// lab knows who signed it, and the lab takes this one.
func (l *Lab) certificate() (string, error) {
	a, err := newAuthority(time.Now()) // of the machine, like everything in TLS
	if err != nil {
		return "", err
	}
	leaf, err := a.issue("lab-client")
	if err != nil {
		return "", err
	}
	key, err := keyText(leaf.PrivateKey.(crypto.Signer))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Certificate[0]})) + key, err
}

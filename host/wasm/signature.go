package wasm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A scheme is one of abi.SignAlgorithms.
type scheme struct {
	family string // RS, PS, ES or Ed
	hash   crypto.Hash
	curve  elliptic.Curve
}

var schemes = map[string]scheme{
	"RS256": {"RS", crypto.SHA256, nil}, "RS384": {"RS", crypto.SHA384, nil}, "RS512": {"RS", crypto.SHA512, nil},
	"PS256": {"PS", crypto.SHA256, nil}, "PS384": {"PS", crypto.SHA384, nil}, "PS512": {"PS", crypto.SHA512, nil},
	"ES256": {"ES", crypto.SHA256, elliptic.P256()}, "ES384": {"ES", crypto.SHA384, elliptic.P384()},
	"ES512": {"ES", crypto.SHA512, elliptic.P521()},
	"EdDSA": {"Ed", 0, nil},
}

func schemeOf(alg string) (scheme, error) {
	s, ok := schemes[alg]
	if !ok {
		return s, errors.New("the algorithm must be one of " + strings.Join(abi.SignAlgorithms(), ", "))
	}
	return s, nil
}

// maxRSA is the size in bits of the largest RSA key that is used: the time of
// one signature grows with its cube, and no fuel counts it.
const maxRSA = 4096

var errKeyKind = errors.New("the key is not one for this algorithm")

// signature signs data. The same key and data give the same signature, but for
// PS, whose salt is taken from random.
func signature(alg string, key, data []byte, random io.Reader) ([]byte, error) {
	s, err := schemeOf(alg)
	if err != nil {
		return nil, err
	}
	private, err := privateKey(s, key)
	if err != nil {
		return nil, err
	}
	switch k := private.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(k, data), nil
	case *rsa.PrivateKey:
		if s.family == "PS" {
			return rsa.SignPSS(random, k, s.hash, hashed(s.hash, data), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
		return rsa.SignPKCS1v15(nil, k, s.hash, hashed(s.hash, data))
	case *ecdsa.PrivateKey:
		der, err := k.Sign(nil, hashed(s.hash, data), s.hash) // no randomness: RFC 6979
		if err != nil {
			return nil, errKeyKind
		}
		return sideBySide(der, s.curve)
	}
	return nil, errKeyKind
}

// verified says whether a signature is one of data.
func verified(alg string, key, data, given []byte) (bool, error) {
	s, err := schemeOf(alg)
	if err != nil {
		return false, err
	}
	public, err := publicKey(s, key)
	if err != nil {
		return false, err
	}
	switch k := public.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, data, given), nil
	case *rsa.PublicKey:
		if s.family == "PS" {
			return rsa.VerifyPSS(k, s.hash, hashed(s.hash, data), given, nil) == nil, nil
		}
		return rsa.VerifyPKCS1v15(k, s.hash, hashed(s.hash, data), given) == nil, nil
	case *ecdsa.PublicKey:
		size := curveBytes(s.curve)
		if len(given) != 2*size {
			return false, nil
		}
		return ecdsa.Verify(k, hashed(s.hash, data), new(big.Int).SetBytes(given[:size]), new(big.Int).SetBytes(given[size:])), nil
	}
	return false, errKeyKind
}

func hashed(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// fits compares a key with its scheme.
func (s scheme) fits(key any) bool {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return s.fits(&k.PublicKey)
	case *ecdsa.PrivateKey:
		return s.fits(&k.PublicKey)
	case *rsa.PublicKey:
		return (s.family == "RS" || s.family == "PS") && k.N.BitLen() <= maxRSA
	case *ecdsa.PublicKey:
		return s.family == "ES" && k.Curve == s.curve
	case ed25519.PrivateKey, ed25519.PublicKey:
		return s.family == "Ed"
	}
	return false
}

// privateKey reads PEM, whatever its kind, or an Ed25519 seed.
func privateKey(s scheme, text []byte) (any, error) {
	if s.family == "Ed" && len(text) == ed25519.SeedSize {
		return ed25519.NewKeyFromSeed(text), nil
	}
	key, err := host.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	if !s.fits(key) {
		return nil, errKeyKind
	}
	return key, nil
}

// publicKey reads PEM, also of a certificate, or an Ed25519 key.
func publicKey(s scheme, text []byte) (any, error) {
	if s.family == "Ed" && len(text) == ed25519.PublicKeySize {
		return ed25519.PublicKey(text), nil
	}
	if len(text) > host.MaxKeyText {
		return nil, errors.New("the public key is too long")
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the public key is not PEM")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = cert.PublicKey
		}
	default:
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("the public key cannot be read: PKIX, PKCS #1 and certificates are known")
	}
	if !s.fits(key) {
		return nil, errKeyKind
	}
	return key, nil
}

func curveBytes(c elliptic.Curve) int { return (c.Params().BitSize + 7) / 8 }

// sideBySide turns an ASN.1 signature into the form of RFC 7518 section 3.4.
func sideBySide(der []byte, c elliptic.Curve) ([]byte, error) {
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, errKeyKind
	}
	size := curveBytes(c)
	out := make([]byte, 2*size)
	pair.R.FillBytes(out[:size])
	pair.S.FillBytes(out[size:])
	return out, nil
}

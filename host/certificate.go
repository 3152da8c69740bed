package host

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"time"
)

// MaxCertificateText is what is read at most, in bytes, of the text of a client
// certificate: a chain of a few certificates and a key.
const MaxCertificateText = 64 << 10

// ParseCertificate reads a client certificate (RFC 8446 section 4.4.2) for
// Call.Certificate: one text with the certificate, those between it and its
// authority if the service needs them, and the private key, as PEM in any
// order; written into one line with \n between, too. The key is one that
// ParsePrivateKey reads, and must be that of one of the certificates, which is
// sent first. Whether it is valid now is CheckCertificate's question. No error
// quotes anything of the text.
func ParseCertificate(text []byte) (*tls.Certificate, error) {
	if len(text) > MaxCertificateText {
		return nil, Errorf(Failed, "the client certificate is too long: at most %d KB are read", MaxCertificateText>>10)
	}
	key, chain, err := certificateParts(text)
	if err != nil {
		return nil, err
	}
	leaf := leafOf(chain, key.Public())
	if leaf == nil {
		return nil, Errorf(Failed, "the private key is not that of the client certificate").
			WithHint("paste the key with which the certificate was asked for")
	}
	c := &tls.Certificate{PrivateKey: key, Leaf: leaf}
	for _, part := range inOrder(leaf, chain) {
		c.Certificate = append(c.Certificate, part.Raw)
	}
	return c, nil
}

// CheckCertificate says that a client certificate is not valid at a time, or
// nil.
func CheckCertificate(c *tls.Certificate, now time.Time) error {
	leaf := c.Leaf
	if leaf == nil && len(c.Certificate) > 0 {
		leaf, _ = x509.ParseCertificate(c.Certificate[0])
	}
	const day = "2006-01-02 15:04 UTC"
	switch {
	case leaf == nil:
		return Errorf(Failed, "the client certificate cannot be read")
	case now.After(leaf.NotAfter):
		return Errorf(NeedsAuth, "the client certificate has expired: it was valid until %s", leaf.NotAfter.UTC().Format(day)).
			WithHint("give its client credential a new one: connhost credential update NAME --secret-file client_secret=PATH")
	case now.Add(fresh).Before(leaf.NotBefore):
		return Errorf(NeedsAuth, "the client certificate is not valid yet: it will be from %s on", leaf.NotBefore.UTC().Format(day)).
			WithHint("wait until then, or set the clock of this machine right")
	}
	return nil
}

// fresh is how early a new certificate may be used: its authority's clock may be
// ahead of ours, and the service has the last word.
const fresh = 5 * time.Minute

// certificateParts takes the text apart. What else stands between the blocks,
// and blocks of another kind, are passed over.
func certificateParts(text []byte) (key crypto.Signer, chain []*x509.Certificate, err error) {
	text = []byte(strings.NewReplacer(`\r`, "", `\n`, "\n").Replace(string(text)))
	found := false
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		found = true
		switch {
		case block.Type == "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, Errorf(Failed, "a certificate in the text cannot be read").
					WithHint("copy it again, from -----BEGIN CERTIFICATE----- to its end")
			}
			chain = append(chain, c)
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, nil, Errorf(Failed, "the private key of the client certificate is encrypted with a passphrase").
				WithHint("decrypt it first: openssl pkey -in key.pem -out plain.pem")
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if key != nil {
				return nil, nil, Errorf(Failed, "the text holds more than one private key")
			}
			if key, err = certificateKey(block); err != nil {
				return nil, nil, err
			}
		}
	}
	switch {
	case !found:
		return nil, nil, Errorf(Failed, "the client certificate is not PEM").
			WithHint("paste one text with -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----")
	case len(chain) == 0:
		return nil, nil, Errorf(Failed, "the text holds no certificate").
			WithHint("paste the client certificate into the same text: it begins with -----BEGIN CERTIFICATE-----")
	case key == nil:
		return nil, nil, Errorf(Failed, "the text holds no private key").
			WithHint("paste the key into the same text: it begins with -----BEGIN PRIVATE KEY----- or a line of its kind")
	}
	return key, chain, nil
}

// certificateKey reads a key with which TLS can sign.
func certificateKey(block *pem.Block) (crypto.Signer, error) {
	key, err := ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
	if err != nil {
		return nil, err
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return nil, Errorf(Failed, "the private key of the client certificate has %d bits, at least %d are needed", k.N.BitLen(), minRSA)
		}
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P224() {
			return nil, Errorf(Failed, "the private key of the client certificate is on the curve P-224, which TLS does not use")
		}
	}
	return key, nil
}

// minRSA is the size in bits of the smallest RSA key that TLS still signs with.
const minRSA = 1024

// leafOf is the certificate of a key, nil if there is none. A certificate that
// was renewed for the same key stands for itself and the old one.
func leafOf(chain []*x509.Certificate, key crypto.PublicKey) (leaf *x509.Certificate) {
	for _, c := range chain {
		if sameKey(c, key) && (leaf == nil || c.NotAfter.After(leaf.NotAfter)) {
			leaf = c
		}
	}
	return leaf
}

func sameKey(c *x509.Certificate, key crypto.PublicKey) bool {
	k, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(key)
}

// inOrder puts the leaf first and behind each certificate that of its issuer
// (RFC 8446 section 4.4.2). What belongs to none of them comes last, in the
// order of the text.
func inOrder(leaf *x509.Certificate, chain []*x509.Certificate) []*x509.Certificate {
	out := []*x509.Certificate{leaf}
	rest := slices.DeleteFunc(slices.Clone(chain), func(c *x509.Certificate) bool { return sameKey(c, leaf.PublicKey) })
	for {
		last := out[len(out)-1]
		i := slices.IndexFunc(rest, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) })
		if i < 0 {
			return append(out, rest...)
		}
		out = append(out, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
}

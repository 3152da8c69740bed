package hosttest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// An Authority signs certificates of a test.
type Authority struct {
	Certificate *x509.Certificate
	key         crypto.Signer
	t           testing.TB
}

// NewAuthority makes one that signs itself.
func NewAuthority(t testing.TB, name string) *Authority {
	a := &Authority{t: t, key: NewKey(t)}
	a.Certificate = a.sign(name, a.key, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
	return a
}

// NewKey makes an ECDSA key.
func NewKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Below makes an authority that this one has signed.
func (a *Authority) Below(name string) *Authority {
	below := &Authority{t: a.t, key: NewKey(a.t)}
	below.Certificate = a.sign(name, below.key, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
	return below
}

// Pool holds the authority and no other.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate)
	return pool
}

// Issue makes a certificate of an hour, for clients and for servers on
// loopback, of a new ECDSA key; change may be nil.
func (a *Authority) Issue(name string, change func(*x509.Certificate)) (certificate, key []byte) {
	a.t.Helper()
	k := NewKey(a.t)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return PEM("CERTIFICATE", a.sign(name, k, change).Raw), PEM("PRIVATE KEY", der)
}

// IssueFor makes a certificate of a key.
func (a *Authority) IssueFor(name string, key crypto.Signer) []byte {
	a.t.Helper()
	return PEM("CERTIFICATE", a.sign(name, key, nil).Raw)
}

// PEM is one block.
func PEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (a *Authority) sign(name string, key crypto.Signer, change func(*x509.Certificate)) *x509.Certificate {
	a.t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		a.t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(127, 0, 0, 2)},
	}
	if change != nil {
		change(c)
	}
	parent := a.Certificate
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return signed
}

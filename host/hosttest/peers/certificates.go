package peers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// clientName is the name in the certificate of MTLSClient.
const clientName = "client.example"

// A KeyPair is a certificate and its key, in PEM files.
type KeyPair struct{ CertFile, KeyFile string }

// A Key signs the assertions of a client.
type Key struct {
	ID     string // its kid
	PEM    string // PKCS #8
	Signer crypto.Signer

	jwk map[string]any // the public half
}

// certificates are those of one server, made anew for each.
type certificates struct {
	ca, server, client, selfSigned KeyPair
	roots                          *x509.CertPool
	selfSignedJWK                  map[string]any
}

func newCertificates(t testing.TB) certificates {
	t.Helper()
	dir := t.TempDir()
	now := time.Now()
	template := func(name string) *x509.Certificate {
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
		if err != nil {
			t.Fatal(err)
		}
		return &x509.Certificate{
			SerialNumber: serial, Subject: pkix.Name{CommonName: name},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
			KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		}
	}
	// issue signs for itself if there is no parent.
	issue := func(c, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (KeyPair, *x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, parentKey = c, key
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, c.Subject.CommonName)
		pair := KeyPair{CertFile: name + ".pem", KeyFile: name + ".key"}
		writePEM(t, pair.CertFile, "CERTIFICATE", der)
		writePEM(t, pair.KeyFile, "PRIVATE KEY", pkcs8(t, key))
		return pair, cert, key
	}

	authority := template("authority")
	authority.IsCA, authority.KeyUsage = true, x509.KeyUsageCertSign
	ca, caCert, caKey := issue(authority, nil, nil)

	server := template("server")
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	client := template("client")
	client.DNSNames = []string{clientName}
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	selfSigned := template("self-signed")
	selfSigned.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}

	all := certificates{ca: ca, roots: x509.NewCertPool()}
	all.roots.AddCert(caCert)
	all.server, _, _ = issue(server, caCert, caKey)
	all.client, _, _ = issue(client, caCert, caKey)
	pair, cert, key := issue(selfSigned, nil, nil)
	all.selfSigned, all.selfSignedJWK = pair, ecJWK(t, "self-signed-1", key)
	all.selfSignedJWK["x5c"] = []string{base64.StdEncoding.EncodeToString(cert.Raw)}
	thumbprint := sha256.Sum256(cert.Raw)
	all.selfSignedJWK["x5t#S256"] = base64URL(thumbprint[:])
	return all
}

func newES256Key(t testing.TB) Key {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk := ecJWK(t, "es256-1", key)
	jwk["alg"] = "ES256"
	return Key{ID: "es256-1", PEM: keyPEM(t, key), Signer: key, jwk: jwk}
}

func newRS256Key(t testing.TB) Key {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return Key{ID: "rs256-1", PEM: keyPEM(t, key), Signer: key, jwk: map[string]any{
		"kty": "RSA", "kid": "rs256-1", "use": "sig", "alg": "RS256",
		"n": base64URL(key.N.Bytes()), "e": base64URL(big.NewInt(int64(key.E)).Bytes()),
	}}
}

// ecJWK is the public half of a key on P-256, RFC 7518 section 6.2.
func ecJWK(t testing.TB, id string, key *ecdsa.PrivateKey) map[string]any {
	t.Helper()
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"kty": "EC", "kid": id, "use": "sig", "crv": "P-256",
		"x": base64URL(point[1:33]), "y": base64URL(point[33:]),
	}
}

func keyPEM(t testing.TB, key crypto.Signer) string {
	t.Helper()
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(t, key)}))
}

func pkcs8(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func writePEM(t testing.TB, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

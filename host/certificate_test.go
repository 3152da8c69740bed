package host_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func der(t testing.TB, b []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The leaf comes first and its issuers follow, in whatever order they stood.
func TestParseCertificate(t *testing.T) {
	root := hosttest.NewAuthority(t, "Root")
	upper := root.Below("Upper")
	lower := upper.Below("Lower")
	leaf, key := lower.Issue("client", nil)
	parts := [][]byte{leaf, hosttest.PEM("CERTIFICATE", lower.Certificate.Raw), hosttest.PEM("CERTIFICATE", upper.Certificate.Raw)}
	var want [][]byte
	for _, p := range parts {
		block, _ := pem.Decode(p)
		want = append(want, block.Bytes)
	}
	text := join(parts[2], []byte("\n  subject=CN = client\n"), parts[0], key, parts[1])
	for name, text := range map[string][]byte{
		"key last":     join(parts[0], parts[1], parts[2], key),
		"key first":    join(key, parts[2], parts[0], parts[1]),
		"with words":   text,
		"in one line":  bytes.ReplaceAll(text, []byte("\n"), []byte(`\n`)),
		"of JSON":      bytes.ReplaceAll(text, []byte("\n"), []byte(`\r\n`)),
		"of Windows":   bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"other blocks": join(hosttest.PEM("EC PARAMETERS", []byte{6, 0}), text, hosttest.PEM("CERTIFICATE REQUEST", []byte("x"))),
	} {
		c, err := host.ParseCertificate(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.EqualFunc(c.Certificate, want, bytes.Equal) || c.Leaf.Subject.CommonName != "client" {
			t.Errorf("%s: %d certificates, leaf %s", name, len(c.Certificate), c.Leaf.Subject)
		}
	}
}

func TestParseCertificateKinds(t *testing.T) {
	root := hosttest.NewAuthority(t, "Root")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey := hosttest.NewKey(t).(*ecdsa.PrivateKey)
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	ec, err := x509.MarshalECPrivateKey(ecKey)
	sec1 := der(t, ec, err)
	pkcs8 := func(k crypto.Signer) []byte { b, err := x509.MarshalPKCS8PrivateKey(k); return der(t, b, err) }
	for name, c := range map[string]struct {
		key  crypto.Signer
		text []byte
	}{
		"PKCS #1":         {rsaKey, hosttest.PEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey))},
		"SEC 1":           {ecKey, hosttest.PEM("EC PRIVATE KEY", sec1)},
		"PKCS #8":         {rsaKey, hosttest.PEM("PRIVATE KEY", pkcs8(rsaKey))},
		"PKCS #8 Ed25519": {edKey, hosttest.PEM("PRIVATE KEY", pkcs8(edKey))},
	} {
		got, err := host.ParseCertificate(join(c.text, root.IssueFor("client", c.key)))
		if err != nil || !got.PrivateKey.(crypto.Signer).Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(c.key.Public()) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// A certificate that was renewed for its key stands beside the old one.
	old, renewed := root.IssueFor("old", ecKey), root.IssueFor("new", ecKey)
	long, err := host.ParseCertificate(join(old, renewed, hosttest.PEM("EC PRIVATE KEY", sec1)))
	if err != nil || len(long.Certificate) != 1 {
		t.Errorf("a renewed one: %v, %d sent", err, len(long.Certificate))
	}
}

func TestParseCertificateRefuses(t *testing.T) {
	root := hosttest.NewAuthority(t, "Root")
	leaf, key := root.Issue("client", nil)
	_, other := root.Issue("other", nil)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	odd, err := x509.MarshalPKCS8PrivateKey(p224)
	odd = der(t, odd, err)
	legacy := &pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: []byte("hidden-key")}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":               {nil, "is not PEM"},
		"garbage":               {[]byte("hidden-key hidden-key"), "is not PEM"},
		"no key":                {leaf, "holds no private key"},
		"no certificate":        {key, "holds no certificate"},
		"a request only":        {join(key, hosttest.PEM("CERTIFICATE REQUEST", []byte("hidden-key"))), "holds no certificate"},
		"another key":           {join(leaf, other), "is not that of the client certificate"},
		"two keys":              {join(leaf, key, other), "more than one private key"},
		"an encrypted key":      {join(leaf, hosttest.PEM("ENCRYPTED PRIVATE KEY", []byte("hidden-key"))), "is encrypted"},
		"a key of old OpenSSL":  {join(leaf, pem.EncodeToMemory(legacy)), "is encrypted"},
		"a broken certificate":  {join(hosttest.PEM("CERTIFICATE", []byte("hidden-key")), key), "a certificate in the text cannot be read"},
		"a broken key":          {join(leaf, hosttest.PEM("PRIVATE KEY", []byte("hidden-key"))), "cannot be read"},
		"a curve of no TLS":     {join(root.IssueFor("x", p224), hosttest.PEM("PRIVATE KEY", odd)), "P-224"},
		"a long text":           {bytes.Repeat([]byte{' '}, host.MaxCertificateText+1), "too long"},
		"the authority, no key": {join(hosttest.PEM("CERTIFICATE", root.Certificate.Raw), key), "is not that of"},
	} {
		_, err := host.ParseCertificate(c.text)
		if host.CodeOf(err) != host.Failed || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden-key") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCheckCertificate(t *testing.T) {
	root := hosttest.NewAuthority(t, "Root")
	leaf, key := root.Issue("client", nil)
	c, err := host.ParseCertificate(join(leaf, key))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for at, want := range map[time.Time]string{now: "", now.Add(-3 * time.Minute): "", now.Add(2 * time.Hour): "has expired", now.Add(-time.Hour): "is not valid yet"} {
		err := host.CheckCertificate(c, at)
		if want == "" && err != nil || want != "" && (host.CodeOf(err) != host.NeedsAuth || !strings.Contains(err.Error(), want)) {
			t.Errorf("at %s: got %v", at, err)
		}
	}
	c.Leaf = nil
	if err := host.CheckCertificate(c, now); err != nil {
		t.Error(err)
	}
}

// Whatever the text is: an error is ours and quotes no longer part of it, and
// what was read is a key with its certificate.
func FuzzParseCertificate(f *testing.F) {
	root := hosttest.NewAuthority(f, "Root")
	leaf, key := root.Issue("client", nil)
	for _, text := range [][]byte{join(leaf, key), join(key, leaf), leaf, key, bytes.ReplaceAll(join(leaf, key), []byte("\n"), []byte(`\n`)), []byte("x")} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := host.ParseCertificate(text)
		if err == nil {
			own := c.PrivateKey.(crypto.Signer).Public().(interface{ Equal(crypto.PublicKey) bool })
			if !own.Equal(c.Leaf.PublicKey) || !bytes.Equal(c.Leaf.Raw, c.Certificate[0]) {
				t.Fatal("the key is not that of the first certificate")
			}
			return
		}
		e, ok := err.(*host.Error)
		if !ok || e.Msg == "" {
			t.Fatalf("got %#v", err)
		}
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			if len(line) > 30 && !bytes.HasPrefix(line, []byte("-----")) && strings.Contains(e.Msg+e.Hint, string(line)) {
				t.Fatalf("%q quotes %q", e.Msg, line)
			}
		}
	})
}

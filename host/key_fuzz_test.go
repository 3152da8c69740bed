package host_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// pemKeys are a key of each kind and in each form that is read.
func pemKeys(t testing.TB) [][]byte {
	t.Helper()
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]byte{"RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(small), "EC PRIVATE KEY": sec1}
	var list [][]byte
	for kind, der := range blocks {
		list = append(list, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for _, key := range []any{small, curve, edwards} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	return list
}

// Whatever stands in place of a key: a signer, or a sentence of ours that
// quotes nothing of it, and either of them soon.
func FuzzPrivateKey(f *testing.F) {
	for _, key := range pemKeys(f) {
		f.Add(key)
		f.Add(key[:len(key)/2])
	}
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----"))
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----"))
	f.Add([]byte("c4n4ryB1rd"))
	f.Fuzz(func(t *testing.T, text []byte) {
		begun := time.Now()
		key, err := host.ParsePrivateKey(text)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%d bytes took %s", len(text), took)
		}
		if err == nil {
			if key.Public() == nil {
				t.Error("a key without a public half")
			}
			return
		}
		e, ok := err.(*host.Error)
		if !ok || e.Code != host.Failed || key != nil || strings.Contains(e.Msg+e.Hint, "c4n4ry") || e.Err != nil {
			t.Errorf("got %v, %#v", key, err)
		}
	})
}

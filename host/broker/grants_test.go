package broker_test

import (
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/connhost/connhost/host/hosttest"
)

// privateKey is a key as PEM.
func privateKey(t testing.TB, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(hosttest.PEM("PRIVATE KEY", der))
}

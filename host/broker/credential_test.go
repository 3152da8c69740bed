package broker_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

// A client's key is tried when it is added: a connection of one that cannot sign
// would find out only at its first token request. Nothing of it is told.
func TestClientKeysAreTried(t *testing.T) {
	w := newWorld(t, t.TempDir())
	for id, kind := range map[string]string{"by-key": abi.ClientAuthPrivateKey, "by-secret": abi.ClientAuthSecretKey} {
		m := w.acme()
		m.ID, m.Name, m.Auth.ClientAuth = id, id, kind
		if kind == abi.ClientAuthPrivateKey {
			m.Auth.ClientAssertion = &abi.Assertion{Algorithm: "ES256"}
		}
		w.publish(m)
	}
	good := privateKey(t, hosttest.NewKey(t))
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	for name, c := range map[string]struct{ connector, secret, want string }{
		"a key":                  {"by-key", good, ""},
		"in one line":            {"by-key", strings.ReplaceAll(privateKey(t, hosttest.NewKey(t)), "\n", `\n`), ""},
		"of another kind":        {"by-key", privateKey(t, r), "the key cannot sign with ES256"},
		"garbage":                {"by-key", "garbage-of-ann", "the private key is not PEM"},
		"encrypted":              {"by-key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nZ2FyYmFnZS1vZi1hbm4=\n-----END ENCRYPTED PRIVATE KEY-----\n", "cannot be read"},
		"nothing":                {"by-key", "", "needs a secret"},
		"a secret":               {"by-secret", "a shared secret of thirty-two bytes", ""},
		"a secret that is short": {"by-secret", "a shared secret of ann", "too short for HS256"},
	} {
		_, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: c.connector, ClientID: "c1", Name: name}, host.NewSecret(c.secret))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantCode(t, err, host.Usage, c.want)
		if whole := fmt.Sprintf("%v %+v", err, err); strings.Contains(whole, "of-ann") || strings.Contains(whole, "of ann") {
			t.Errorf("%s: %s", name, whole)
		}
	}
}

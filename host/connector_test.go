package host_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A connector's code names what a person or an administrator gave, and no key of
// the host's own; a client's private key only where it may read it anyway.
func TestSharedSecrets(t *testing.T) {
	params := map[string]host.Secret{}
	for _, name := range []string{"pin", "dpop_key", "token_secret"} {
		params[name] = host.NewSecret("value of " + name)
	}
	for name, c := range map[string]struct {
		auth   abi.Auth
		reveal bool
		want   []string
	}{
		"oauth2":          {abi.Auth{Type: abi.AuthOAuth2}, false, []string{"client_secret", "pin", "token_secret"}},
		"a private key":   {abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthPrivateKey}, false, []string{"pin", "token_secret"}},
		"a certificate":   {abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthMTLS}, false, []string{"pin", "token_secret"}},
		"a shared secret": {abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthSecretKey}, false, []string{"client_secret", "pin", "token_secret"}},
		"revealed":        {abi.Auth{Type: abi.AuthOAuth2, ClientAuth: abi.ClientAuthMTLS}, true, []string{"client_secret", "pin", "token_secret"}},
		"oauth1":          {abi.Auth{Type: abi.AuthOAuth1}, false, []string{"client_secret", "dpop_key", "pin"}},
		"RSA-SHA1":        {abi.Auth{Type: abi.AuthOAuth1, SignatureMethod: abi.RSASHA1}, false, []string{"dpop_key", "pin"}},
		// A parameter of another auth type may be called as the host's keys are.
		"a key and its secret": {abi.Auth{Type: abi.AuthAPIKey}, false, []string{"client_secret", "dpop_key", "pin", "token_secret"}},
	} {
		connector := host.Connector{Manifest: abi.Manifest{Auth: c.auth}}
		if c.reveal {
			connector.Manifest.RevealSecrets, connector.Granted = []string{"client_secret"}, []string{"client_secret"}
		}
		if got := slices.Sorted(maps.Keys(connector.Shared(params, host.NewSecret("client")))); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if len(params) != 3 {
		t.Error("the connection's own secrets were changed")
	}
}

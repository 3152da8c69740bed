package oauth

import (
	"net/http"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Signer1 signs the calls of OAuth 1.0a connections (RFC 5849): with the
// client's credential alone where there is no token.
type Signer1 struct{ clock host.Clock }

var _ host.Signer = Signer1{}

// NewSigner1 makes one. The clock gives the times that are signed.
func NewSigner1(clock host.Clock) Signer1 { return Signer1{clock} }

// Sign sets Authorization. What a script put there goes.
func (s Signer1) Sign(req *http.Request, cred host.Credential) error {
	k := keys1{
		client: cred.Params[clientID], clientSecret: cred.Secret[clientSecret].Reveal(),
		token: cred.Secret["access_token"].Reveal(), tokenSecret: cred.Secret[tokenSecret].Reveal(),
	}
	if cred.Auth.Authorize == nil {
		k.token = cred.Secret[abi.PastedToken].Reveal()
	}
	switch {
	case k.clientSecret == "":
		return host.Errorf(host.NeedsAuth, "the connection has no value for the parameter %q", clientSecret)
	case k.client == "":
		return host.Errorf(host.NeedsAuth, "the connection has no value for the parameter %q", clientID)
	case cred.Auth.Authorize != nil && k.token == "":
		return host.Errorf(host.NeedsAuth, "the connection has no value for the parameter %q", "access_token")
	case k.token != "" && k.tokenSecret == "":
		return host.Errorf(host.NeedsAuth, "the connection has no value for the parameter %q", tokenSecret)
	}
	signer, err := newSigner1(cred.Auth, host.Values{Params: cred.Params}, func() time.Time { return s.clock.At(req.URL) })
	if err != nil {
		return err
	}
	text, err := signer.header(req, k, nil)
	if err != nil {
		return err
	}
	for have := range req.Header {
		if strings.EqualFold(have, "Authorization") {
			delete(req.Header, have)
		}
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Authorization", text)
	return nil
}

// Reveals lists the pair of secrets as PLAINTEXT sends it, encoded once for the
// signature and again for the header.
func (Signer1) Reveals(cred host.Credential) []string {
	secret := cred.Secret[clientSecret].Reveal()
	if secret == "" {
		return nil
	}
	pair := percent(secret) + "&" + percent(cred.Secret[tokenSecret].Reveal())
	return []string{pair, percent(pair)}
}

// Names of a credential's parts that are no parameters.
const (
	clientID     = "client_id"
	clientSecret = "client_secret"
	tokenSecret  = abi.PastedSecret
)

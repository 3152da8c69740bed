package oauth

import (
	"context"
	"crypto/hmac"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Client1 gets tokens of OAuth 1.0a (RFC 5849 section 2): temporary ones,
// which the person authorizes, then lasting ones. Those are never renewed.
//
//	Begin: POST request -> temporary token -> the person's browser -> callback
//	                                                                     |
//	Exchange: POST token, signed with the temporary one   <-- verifier --+
//
// It is safe for concurrent use.
type Client1 struct {
	egress host.Egress
	clock  host.Clock // of the times that are signed
}

var _ host.Flow = (*Client1)(nil)

// NewClient1 makes a Client1.
func NewClient1(egress host.Egress, clock host.Clock) *Client1 {
	return &Client1{egress: egress, clock: clock}
}

// Begin asks for a temporary token. The callback's URL carries the state; the
// temporary token and its secret are the Verifier.
func (c *Client1) Begin(ctx context.Context, t host.FlowTarget, redirectURI string, scopes []string) (host.Begun, error) {
	a := t.Connector.Manifest.Auth
	if a.Request == nil || a.Authorize == nil || a.Token == nil {
		return host.Begun{}, host.Errorf(host.Failed, "connector %q has no way to be authorized by a person", t.Connector.ID)
	}
	begun := host.Begun{State: newState()}
	t.Redactor.LearnSecret(t.ClientSecret)
	back, err := url.Parse(redirectURI)
	if err != nil {
		return begun, err
	}
	back.RawQuery = url.Values{"state": {begun.State.Reveal()}}.Encode()
	v := values(t, map[string]string{"redirect_uri": redirectURI}, nil)
	got, err := c.ask(ctx, t, a.Request, "", v, keys1{client: t.ClientID, clientSecret: t.ClientSecret.Reveal()}, map[string]string{"oauth_callback": back.String()})
	if err != nil {
		return begun, err
	}
	if got.confirmed != "true" { // RFC 5849 section 2.1
		return begun, host.Errorf(host.Failed, "%s did not confirm the callback, which OAuth 1.0a asks for", t.Connector.Manifest.Name)
	}
	begun.Verifier = host.NewSecret(url.Values{"token": {got.token}, "secret": {got.secret}}.Encode())
	authorize, token, err := endpoints(t, v)
	if err != nil {
		return begun, err
	}
	begun.Endpoints = host.Endpoints{Authorize: authorize.String(), Token: token.String()}
	q := authorize.Query()
	if err := addQuery(q, a.Authorize.Query, v.Text); err != nil {
		return begun, err
	}
	q.Set("oauth_token", got.token)
	authorize.RawQuery = q.Encode()
	begun.URL = authorize.String()
	return begun, nil
}

// Code reads the callback: its token must be the temporary one that was given
// out (RFC 5849 section 2.2).
func (c *Client1) Code(_ host.FlowTarget, query url.Values, verifier host.Secret) (string, error) {
	if err := checkOnce(query, "state", "oauth_token", "oauth_verifier"); err != nil {
		return "", err
	}
	kept, _ := url.ParseQuery(verifier.Reveal())
	token := query.Get("oauth_token")
	switch {
	case query.Has("denied") || query.Has("oauth_problem"):
		return "", host.Errorf(host.Failed, "the service refused the authorization")
	case !hmac.Equal([]byte(token), []byte(kept.Get("token"))) || token == "":
		return "", host.Errorf(host.Refused, "the callback holds another token than the one that was given out")
	case query.Get("oauth_verifier") == "":
		return "", host.Errorf(host.Failed, "the service's answer holds no verifier")
	}
	return query.Get("oauth_verifier"), nil
}

// Exchange swaps the temporary token for a lasting one. Its error is a
// *host.TokenError.
func (c *Client1) Exchange(ctx context.Context, t host.FlowTarget, code, redirectURI string, verifier host.Secret) (host.Tokens, error) {
	kept, err := url.ParseQuery(verifier.Reveal())
	if err != nil {
		return host.Tokens{}, notSent("", err)
	}
	t.Redactor = known(t.Redactor)
	t.Redactor.Learn(code, kept.Get("secret"))
	t.Redactor.LearnSecret(t.ClientSecret)
	k := keys1{client: t.ClientID, clientSecret: t.ClientSecret.Reveal(), token: kept.Get("token"), tokenSecret: kept.Get("secret")}
	v := values(t, map[string]string{"redirect_uri": redirectURI}, nil)
	got, err := c.ask(ctx, t, t.Connector.Manifest.Auth.Token, t.Endpoints.Token, v, k, map[string]string{"oauth_verifier": code})
	if err != nil {
		return host.Tokens{}, err
	}
	out := host.Tokens{Access: host.NewSecret(got.token), Params: map[string]host.Secret{tokenSecret: host.NewSecret(got.secret)}, Capture: map[string]string{}}
	for name, pointer := range t.Connector.Manifest.Capture {
		if text, ok := asText(got.answer.part(pointer)); ok && text != "" && text != got.token && text != got.secret {
			out.Capture[name] = text
		}
	}
	return out, nil
}

// Refresh says that there is nothing to renew.
func (c *Client1) Refresh(_ context.Context, t host.FlowTarget, _ host.Secret) (host.Tokens, error) {
	return host.Tokens{}, notSent("", host.Errorf(host.Failed, "the tokens of %s are not renewed", t.Connector.Manifest.Name))
}

// Revoke says that OAuth 1.0a has no such request.
func (c *Client1) Revoke(_ context.Context, t host.FlowTarget, _ host.Secrets) error {
	return host.Errorf(host.Failed, "the tokens of %s are revoked on its own pages", t.Connector.Manifest.Name)
}

// An answer1 is a token with its secret.
type answer1 struct {
	answer                   answer
	token, secret, confirmed string
}

// ask makes one signed request for a token and reads it. Its error is a
// *host.TokenError or a *host.Error.
func (c *Client1) ask(ctx context.Context, t host.FlowTarget, template *abi.Request, fixed string, v host.Values, k keys1, own map[string]string) (answer1, error) {
	u, err := endpoint(t, "token", fixed, template, v)
	if err != nil {
		return answer1{}, err
	}
	call, err := message{template: given(template), url: u, values: v}.bare()
	if err != nil {
		return answer1{}, err
	}
	call.Sign = func(req *http.Request) error {
		signer, err := newSigner1(t.Connector.Manifest.Auth, v, func() time.Time { return c.clock.At(req.URL) })
		if err != nil {
			return err
		}
		text, err := signer.header(req, k, own)
		req.Header.Set("Authorization", text)
		return err
	}
	a, err := (&Client{egress: c.egress, clock: c.clock}).send(ctx, call, t.Redactor)
	if err != nil {
		return answer1{}, err
	}
	r := reader{manifest: t.Connector.Manifest, redactor: t.Redactor}
	if a.status >= http.StatusBadRequest {
		class := host.TokenUnknown
		if a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusBadRequest {
			class = host.TokenFatal
		}
		return answer1{}, &host.TokenError{Class: class, Msg: fmt.Sprintf("%s answered %d", u.Host, a.status)}
	}
	got := answer1{answer: a}
	for pointer, into := range map[string]*string{
		"/oauth_token": &got.token, "/oauth_token_secret": &got.secret, "/oauth_callback_confirmed": &got.confirmed,
	} {
		*into, _ = asText(got.answer.part(pointer))
	}
	t.Redactor.Learn(got.token, got.secret)
	if got.token == "" || got.secret == "" {
		return got, r.unclear(a, "it holds no token with its secret")
	}
	return got, nil
}

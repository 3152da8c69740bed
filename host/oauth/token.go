package oauth

import (
	"context"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// The phases that a token hook is told.
const (
	phaseExchange = "exchange"
	phaseRefresh  = "refresh"
)

// Exchange swaps a code for tokens (RFC 6749 section 4.1.3). Its error is a
// *host.TokenError. Tokens may hold a refresh token beside an error: one that
// stood in an answer which is refused otherwise.
func (c *Client) Exchange(ctx context.Context, t host.FlowTarget, code, redirectURI string, verifier host.Secret) (host.Tokens, error) {
	t.Redactor = known(t.Redactor)
	t.Redactor.Learn(code)
	t.Redactor.LearnSecret(verifier)
	secret := map[string]host.Secret{"code": host.NewSecret(code), "code_verifier": verifier}
	return c.grant(ctx, t, grant{
		phase:    phaseExchange,
		pointers: t.Connector.Manifest.TokenAnswer(),
		fixed:    t.Endpoints.Token,
		template: given(t.Connector.Manifest.Auth.Token),
		defaults: map[string]string{
			"grant_type":    "authorization_code",
			"code":          code,
			"redirect_uri":  redirectURI,
			"code_verifier": verifier.Reveal(),
		},
		values: values(t, map[string]string{"redirect_uri": redirectURI}, secret),
	})
}

// Refresh presents a refresh token once (RFC 6749 section 6). Its error is a
// *host.TokenError. Tokens may hold a refresh token beside an error, as with
// Exchange.
func (c *Client) Refresh(ctx context.Context, t host.FlowTarget, refresh host.Secret) (host.Tokens, error) {
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(refresh)
	m := t.Connector.Manifest
	if m.Mints() {
		return c.mint(ctx, t)
	}
	if refresh.Empty() {
		return host.Tokens{}, notSent("", host.Errorf(host.Failed, "there is nothing to renew the access to %s with", m.Name))
	}
	fixed := t.Endpoints.Token
	if m.Refresh != nil && (m.Refresh.URL != "" || m.Refresh.Path != "") {
		fixed = "" // a refresh endpoint of its own
	}
	return c.grant(ctx, t, grant{
		phase:    phaseRefresh,
		pointers: m.RefreshAnswer(),
		fixed:    fixed,
		template: m.RefreshRequest(),
		defaults: map[string]string{"grant_type": "refresh_token", "refresh_token": refresh.Reveal()},
		values:   values(t, nil, map[string]host.Secret{"refresh_token": refresh}),
	})
}

// A grant is one presentation of a code or a refresh token.
type grant struct {
	phase    string
	pointers abi.Answer
	fixed    string // the URL, if it was fixed at begin
	template abi.Request
	defaults map[string]string
	values   host.Values
}

// grant sends one and reads its answer: the same for a first exchange and for
// a refresh.
func (c *Client) grant(ctx context.Context, t host.FlowTarget, g grant) (host.Tokens, error) {
	t.Redactor.LearnSecret(t.ClientSecret)
	u, err := endpoint(t, "token", g.fixed, &g.template, g.values)
	if err != nil {
		return host.Tokens{}, notSent("", safe(t.Redactor, err))
	}
	call, err := c.call(t, message{g.template, u, g.defaults, g.values})
	if err != nil {
		return host.Tokens{}, notSent(u.Host, safe(t.Redactor, err))
	}
	if t.Connector.Manifest.Auth.Proof == abi.ProofDPoP {
		key := t.Secret[abi.DPoPKey]
		if key.Empty() {
			return host.Tokens{}, unable(host.Errorf(host.NeedsAuth, "the authorization has no key to prove that its tokens are its own").
				WithHint("authorize the connection again"))
		}
		call.Sign = c.prove(key)
	}
	r := reader{
		manifest: t.Connector.Manifest,
		pointers: g.pointers,
		start:    c.now(),
		redactor: t.Redactor,
	}
	a, err := c.send(ctx, call, t.Redactor)
	if err == nil && c.wantsNonce(t, call.URL, r.errorCode(a), a.header) {
		r.start = c.now()
		if a, err = c.send(ctx, call, t.Redactor); err == nil {
			c.nonces.Learn(call.URL, a.header)
		}
	}
	if err != nil {
		return host.Tokens{}, err
	}
	if err := r.refusal(a, c.now()); err != nil {
		return host.Tokens{}, err
	}
	return c.read(ctx, t, g.phase, r, a)
}

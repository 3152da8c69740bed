package oauth

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// What the grants without a person are called on the wire.
const (
	grantJWT      = "urn:ietf:params:oauth:grant-type:jwt-bearer"     // RFC 7523 section 2.1
	grantExchange = "urn:ietf:params:oauth:grant-type:token-exchange" // RFC 8693 section 2.1
	accessType    = "urn:ietf:params:oauth:token-type:access_token"   // section 3
)

// mint asks for a token without a person, the first one and every one after:
// for the client itself (RFC 6749 section 4.4), for what a signed assertion
// names, or in exchange for another token.
func (c *Client) mint(ctx context.Context, t host.FlowTarget) (host.Tokens, error) {
	m := t.Connector.Manifest
	scope := strings.Join(t.Scopes, m.ScopeSeparator())
	v := values(t, map[string]string{"scope": scope}, nil)
	made := map[string]host.Secret{}
	if m.Auth.Proof == abi.ProofDPoP && t.Secret[abi.DPoPKey].Empty() {
		key, _, err := newProof(t)
		if err != nil {
			return host.Tokens{}, notSent("", err)
		}
		made[abi.DPoPKey] = key
		t.Secret = host.WithKey(t.Secret, abi.DPoPKey, key)
	}
	defaults, err := c.mintGrant(t, v, scope)
	if err != nil {
		return host.Tokens{}, unable(safe(t.Redactor, err))
	}
	if text := defaults[assertionName]; text != "" {
		v.Secret = host.WithKey(v.Secret, assertionName, host.NewSecret(text))
	}
	tokens, err := c.grant(ctx, t, grant{
		phase:    phaseRefresh,
		pointers: m.TokenAnswer(),
		fixed:    t.Endpoints.Token,
		template: given(m.Auth.Token),
		defaults: defaults,
		values:   v,
	})
	tokens.Params = made
	return tokens, err
}

// mintGrant is what the manifest's grant presents.
func (c *Client) mintGrant(t host.FlowTarget, v host.Values, scope string) (map[string]string, error) {
	auth := t.Connector.Manifest.Auth
	switch auth.GrantOr() {
	case abi.GrantJWT:
		text, err := c.assertion(t, v)
		return map[string]string{"grant_type": grantJWT, assertionName: text, "scope": scope}, err
	case abi.GrantExchange:
		token, err := v.Text(auth.SubjectToken())
		if err == nil && token == "" {
			err = host.Errorf(host.NeedsAuth, "the connection has no token to exchange")
		}
		t.Redactor.Learn(token)
		return map[string]string{"grant_type": grantExchange, "subject_token": token, "subject_token_type": accessType, "scope": scope}, err
	}
	return map[string]string{"grant_type": "client_credentials", "scope": scope}, nil
}

// assertion is the JWT that jwt_bearer presents.
func (c *Client) assertion(t host.FlowTarget, v host.Values) (string, error) {
	rules := t.Connector.Manifest.Auth.Bearer()
	token, err := c.token(rules, v, nil)
	if err != nil {
		return "", err
	}
	if token.Key, err = v.Text(rules.Key); err != nil {
		return "", err
	}
	u, err := endpoint(t, "token", t.Endpoints.Token, t.Connector.Manifest.Auth.Token, v)
	if err != nil {
		return "", err
	}
	text, err := jwt.Sign(token, c.clock.At(u))
	t.Redactor.Learn(text)
	if e, ok := err.(*host.Error); ok {
		return "", host.Errorf(host.NeedsAuth, "the assertion cannot be signed: %s", e.Msg).
			WithHint("authorize the connection again with a key for %s", token.Algorithm).Because(err)
	}
	return text, err
}

// newID is 130 random bits as text.
func newID() string { return rand.Text() }

package oauth

import (
	"encoding/base64"
	"maps"
	"net/url"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// assertionType says that a client authenticates by a JWT (RFC 7523 section 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticate puts what the manifest says of the client on a call. A client
// without a secret is a public one and names itself only (RFC 6749 section
// 3.2.1). It is never probed: a second try would present the grant twice.
func (c *Client) authenticate(t host.FlowTarget, m message, call *host.Call) error {
	secret := t.ClientSecret.Reveal()
	kind := t.Connector.Manifest.ClientAuth()
	if secret == "" || kind == abi.ClientAuthNone {
		m.defaults["client_id"] = t.ClientID
		return nil
	}
	switch kind {
	case abi.ClientAuthBody:
		m.defaults["client_id"], m.defaults["client_secret"] = t.ClientID, secret
	case abi.ClientAuthPrivateKey, abi.ClientAuthSecretKey:
		text, err := c.clientToken(t, m)
		if err != nil {
			return err
		}
		t.Redactor.Learn(text)
		m.defaults["client_id"] = t.ClientID
		m.defaults["client_assertion_type"], m.defaults["client_assertion"] = assertionType, text
	case abi.ClientAuthMTLS:
		m.defaults["client_id"] = t.ClientID
		certificate, err := host.ParseCertificate([]byte(secret))
		call.Certificate = certificate
		return err
	default:
		// Both are form-encoded first (RFC 6749 section 2.3.1), so a service
		// that echoes the pair would echo a spelling of its own.
		pair := url.QueryEscape(t.ClientID) + ":" + url.QueryEscape(secret)
		t.Redactor.Learn(url.QueryEscape(secret))
		call.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	return nil
}

// clientToken is the JWT that a client authenticates with (RFC 7523 section 3).
// Its audience is the issuer, or the token endpoint where none is known, also
// at the other endpoints of the service.
func (c *Client) clientToken(t host.FlowTarget, m message) (string, error) {
	rules := t.Connector.Manifest.Auth.ClientToken()
	audience := t.Endpoints.Issuer
	if audience == "" {
		u, err := endpoint(t, "token", t.Endpoints.Token, t.Connector.Manifest.Auth.Token, m.values)
		if err != nil {
			return "", err
		}
		audience = u.String()
	}
	own := map[string]string{"iss": t.ClientID, "sub": t.ClientID, "jti": newID(), "aud": audience}
	token, err := c.token(rules, m.values, own)
	if err != nil {
		return "", err
	}
	token.Key = t.ClientSecret.Reveal()
	text, err := jwt.Sign(token, c.clock.At(m.url))
	if e, ok := err.(*host.Error); ok {
		return "", host.Errorf(e.Code, "the client secret cannot sign with %s: %s", token.Algorithm, e.Msg).
			WithHint("add a client credential whose secret is a key for %s: connhost credential add %s", token.Algorithm, t.Connector.ID).Because(err)
	}
	return text, err
}

// token fills the templates of a JWT, over the claims of our own.
func (c *Client) token(rules abi.Assertion, v host.Values, own map[string]string) (jwt.Token, error) {
	out := jwt.Token{Algorithm: rules.Algorithm, Header: map[string]string{}, Claims: map[string]string{}, Life: rules.Life()}
	maps.Copy(out.Claims, own)
	v.Params = maps.Clone(v.Params)
	v.Params["random"] = newID()
	for _, part := range []struct{ templates, into map[string]string }{{rules.Header, out.Header}, {rules.Claims, out.Claims}} {
		for name, template := range part.templates {
			text, err := v.Text(template)
			if err != nil {
				return out, err
			}
			part.into[name] = text
		}
	}
	return out, nil
}

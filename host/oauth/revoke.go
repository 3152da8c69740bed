package oauth

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Revoke ends a token at the service (RFC 7009, or as the manifest says). It
// presents the refresh token where there is one, because a service that ends
// it ends the access tokens of its grant too (section 2.1); the manifest may
// choose the access token. Nil means that the service said yes.
func (c *Client) Revoke(ctx context.Context, t host.FlowTarget, tokens host.Secrets) error {
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(t.ClientSecret, tokens.Access, tokens.Refresh)
	m := t.Connector.Manifest
	if m.Revoke == nil && t.Endpoints.Revoke == "" {
		return host.Errorf(host.Failed, "%s does not offer revocation", m.Name)
	}
	var rules abi.Revoke
	if m.Revoke != nil {
		rules = *m.Revoke
	}
	token, hint := tokens.Refresh, "refresh_token"
	if token.Empty() || rules.Token == abi.RevokeAccess {
		token, hint = tokens.Access, "access_token"
	}
	if token.Empty() {
		return host.Errorf(host.Failed, "there is no token to revoke at %s", m.Name)
	}
	v := values(t, nil, map[string]host.Secret{
		"token": token, "access_token": tokens.Access, "refresh_token": tokens.Refresh,
	})
	u, err := endpoint(t, "revocation", t.Endpoints.Revoke, &rules.Request, v)
	if err != nil {
		return safe(t.Redactor, err)
	}
	defaults := map[string]string{"token": token.Reveal(), "token_type_hint": hint}
	call, err := c.call(t, message{rules.Request, u, defaults, v})
	if err != nil {
		return safe(t.Redactor, err)
	}
	return c.sendRevoke(ctx, t, call)
}

func (c *Client) sendRevoke(ctx context.Context, t host.FlowTarget, call host.Call) error {
	a, err := c.send(ctx, call, t.Redactor)
	if err != nil {
		if host.CodeOf(err) == host.Refused {
			return host.Errorf(host.Refused, "the revoke request to %s was refused", call.URL.Host).Because(err)
		}
		return host.Errorf(host.Unavailable, "%s did not answer the revoke request", call.URL.Host).Because(err)
	}
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	what := cmp.Or(reader{pointers: t.Connector.Manifest.TokenAnswer()}.errorCode(a), fmt.Sprintf("status %d", a.status))
	code := host.Failed
	if a.status >= 500 || a.status == http.StatusTooManyRequests {
		code = host.Unavailable
	}
	return host.Errorf(code, "%s did not revoke the token: %s", a.host, what)
}

// known is a redactor to mask with, where the target has none.
func known(r *host.Redactor) *host.Redactor {
	if r == nil {
		return host.NewRedactor(nil)
	}
	return r
}

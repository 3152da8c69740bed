package oauth

import (
	"context"

	"github.com/connhost/connhost/host"
)

// Active asks whether a refresh token is active (RFC 7662). The token is not
// presented as a grant: the service changes nothing.
func (c *Client) Active(ctx context.Context, t host.FlowTarget, refresh host.Secret) (bool, error) {
	t.Redactor = known(t.Redactor)
	t.Redactor.LearnSecret(t.ClientSecret, refresh)
	m := t.Connector.Manifest
	v := values(t, nil, map[string]host.Secret{"token": refresh})
	u, err := endpoint(t, "introspection", t.Endpoints.Introspect, m.Introspect, v)
	if err != nil {
		return false, safe(t.Redactor, err)
	}
	defaults := map[string]string{"token": refresh.Reveal(), "token_type_hint": "refresh_token"}
	call, err := c.call(t, message{given(m.Introspect), u, defaults, v})
	if err != nil {
		return false, safe(t.Redactor, err)
	}
	a, err := c.send(ctx, call, t.Redactor)
	if err != nil {
		return false, err
	}
	active, ok := a.part("/active").(bool)
	if a.status < 200 || a.status > 299 || !ok {
		return false, host.Errorf(refusedOr(a.status), "%s does not tell whether a token is active: %s", u.Host, a.what())
	}
	return active, nil
}

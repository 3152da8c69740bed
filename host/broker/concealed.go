package broker

import (
	"maps"
	"net/http"
	"net/url"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A concealed says where secrets were filled into a request, so that no hook
// reads them there. It goes by place: a PIN is too short to be masked by value.
// The zero value conceals nothing.
type concealed struct {
	query  []string          // names
	header map[string]string // what a hook reads instead, by canonical names
	body   bool
}

// Names of secrets of one request, for the hook "sign": what it signs may hold
// secrets.
const (
	sentBody   = "sent:body"
	sentSHA256 = "sent:sha256"
)

// conceals finds the places of secrets in a request of the manifest.
func (r *route) conceals(req abi.Request) concealed {
	c := concealed{header: map[string]string{}}
	secret := func(template string) bool {
		places, _ := abi.Places(template)
		for _, p := range places {
			if s, ok := r.values.Secret[p.Name]; ok && !s.Empty() {
				return true
			}
		}
		return false
	}
	for name, template := range req.Query {
		if secret(template) {
			c.query = append(c.query, name)
		}
	}
	for name, template := range req.Headers {
		if secret(template) {
			c.header[http.CanonicalHeaderKey(name)] = host.Mask
		}
	}
	for _, template := range req.Form {
		c.body = c.body || secret(template)
	}
	for _, template := range req.JSON.Templates("") {
		c.body = c.body || secret(template)
	}
	return c
}

// url masks the query of a request.
func (c concealed) url(u *url.URL) *url.URL {
	shown := *u
	q := shown.Query()
	for _, name := range c.query {
		if q.Has(name) {
			host.SetQuery(&shown, name, host.Mask)
		}
	}
	return &shown
}

// from puts something else where a hook would read a secret of a request that
// is about to leave. Instead of the body and its hash stand places of their
// own, which it gives: they can be signed.
func (c concealed) from(shown *abi.SentRequest, body []byte) (own map[string]host.Secret, rest []byte) {
	for name, text := range shown.Header {
		if instead, there := c.header[http.CanonicalHeaderKey(name)]; there {
			text = instead
		}
		shown.Header[name] = text
	}
	if !c.body || shown.BodySize == 0 {
		return nil, body
	}
	own = map[string]host.Secret{sentSHA256: host.NewSecret(shown.BodySHA256)}
	shown.BodySHA256 = host.SecretPlace + sentSHA256 + "}}"
	if shown.Body != "" || shown.BodyHandle != 0 {
		own[sentBody] = host.NewSecret(string(body))
		shown.Body, shown.BodyHandle = host.SecretPlace+sentBody+"}}", 0
	}
	return own, nil
}

// with gives a vault that holds more.
func with(v host.Vault, more map[string]host.Secret) host.Vault {
	if len(more) > 0 {
		v.Keys = maps.Clone(v.Keys)
		maps.Copy(v.Keys, more)
	}
	return v
}

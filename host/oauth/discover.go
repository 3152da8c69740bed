package oauth

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Discover reads the metadata of the manifest's issuer: RFC 8414's, else that
// of OpenID Connect Discovery. What the manifest gives itself is left empty.
func (c *Client) Discover(ctx context.Context, t host.FlowTarget) (host.Endpoints, error) {
	m := t.Connector.Manifest
	if m.Auth.Issuer == "" {
		return host.Endpoints{}, nil
	}
	t.Redactor = known(t.Redactor)
	v := values(t, nil, nil)
	issuer, err := v.URL(m.Auth.Issuer)
	if err != nil {
		return host.Endpoints{}, err
	}
	var last answer
	for _, place := range wellKnown(issuer) {
		if last, err = c.metadata(ctx, t, place); err != nil {
			return host.Endpoints{}, err
		}
		if named, ok := last.part("/issuer").(string); last.status == http.StatusOK && ok {
			if named != issuer.String() { // RFC 8414 section 3.3
				return host.Endpoints{}, host.Errorf(host.Refused, "the metadata at %s is of another issuer than %s", issuer.Host, issuer).
					WithHint("the connector must name the issuer exactly as its metadata does")
			}
			return discovered(t, v, issuer, &last)
		}
	}
	code := refusedOr(last.status)
	if last.status == http.StatusOK { // something answers, and it is no metadata
		code = host.Unavailable
	}
	return host.Endpoints{}, host.Errorf(code, "%s has no metadata that can be read: status %d", issuer, last.status).
		WithHint("is the connector's issuer spelled as the service writes it? a service without metadata needs its URLs in the connector: authorize, token")
}

// wellKnown are the places of an issuer's metadata: RFC 8414 section 3.1,
// OpenID Connect Discovery section 4.
func wellKnown(issuer *url.URL) []*url.URL {
	path := strings.TrimSuffix(issuer.EscapedPath(), "/") // a value in it may hold an escaped slash
	at := func(path string) *url.URL {
		u := *issuer
		u.RawPath = path
		u.Path, _ = url.PathUnescape(path) // EscapedPath gives nothing else
		return &u
	}
	return []*url.URL{at("/.well-known/oauth-authorization-server" + path), at(path + "/.well-known/openid-configuration")}
}

// metadata reads one place. It decides where secrets go, so it comes the way
// that those go: over https, or from what the operator opened.
func (c *Client) metadata(ctx context.Context, t host.FlowTarget, u *url.URL) (answer, error) {
	call, err := message{template: abi.Request{Method: http.MethodGet}, url: u}.bare()
	if err != nil {
		return answer{}, err
	}
	a, err := c.send(ctx, call, t.Redactor)
	if e, ok := err.(*host.TokenError); ok {
		if cause, ours := e.Err.(*host.Error); ours {
			return a, cause
		}
		return a, host.Errorf(host.Unavailable, "the metadata of %s could not be read", u.Host).Because(e)
	}
	return a, err
}

// discovered takes the endpoints that the manifest does not give. Each lies at
// the issuer's host or at one that the connector declares.
func discovered(t host.FlowTarget, v host.Values, issuer *url.URL, a *answer) (host.Endpoints, error) {
	m := t.Connector.Manifest
	out := host.Endpoints{Issuer: issuer.String(), NamesIssuer: a.part("/authorization_response_iss_parameter_supported") == true}
	mustPush := a.part("/require_pushed_authorization_requests") == true
	for _, e := range []struct {
		member string
		into   *string
		given  bool
		wanted bool
	}{
		{"authorization_endpoint", &out.Authorize, placed(m.Auth.Authorize), m.ByBrowser()},
		{"token_endpoint", &out.Token, placed(m.Auth.Token), true},
		{"device_authorization_endpoint", &out.Device, placed(m.Auth.Device), m.ByDevice()},
		{"pushed_authorization_request_endpoint", &out.PAR, placed(m.Auth.PAR), (mustPush || m.Auth.PAR != nil) && m.ByBrowser()},
		{"revocation_endpoint", &out.Revoke, m.Revoke != nil, true},
		{"introspection_endpoint", &out.Introspect, m.Introspect != nil, !m.Mints()},
	} {
		text, _ := a.part("/" + e.member).(string)
		if alias, _ := a.part("/mtls_endpoint_aliases/" + e.member).(string); alias != "" && m.ClientAuth() == abi.ClientAuthMTLS && e.into != &out.Authorize {
			text = alias // RFC 8705 section 5
		}
		if e.given || !e.wanted || text == "" {
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" || !bare(text) || !bare(u.Host) {
			return out, host.Errorf(host.Unavailable, "the metadata of %s holds a %s that is no URL", issuer.Host, e.member)
		}
		if u.Scheme == "http" && issuer.Scheme != "http" {
			return out, host.Errorf(host.Refused, "the metadata of %s names a %s that is not https", issuer.Host, e.member)
		}
		if !declared(m, v, issuer, u) {
			return out, host.Errorf(host.Refused, "the metadata of %s names a %s at another host, %q, which the connector does not declare", issuer.Host, e.member, u.Host).
				WithHint("the connector's author adds it to hosts, if it is the service's")
		}
		*e.into = u.String()
	}
	return out, nil
}

// placed says whether the manifest itself says where a request goes.
func placed(r *abi.Request) bool { return r != nil && r.URL+r.Path != "" }

func declared(m abi.Manifest, v host.Values, issuer, u *url.URL) bool {
	own := strings.EqualFold(hostPort(u), hostPort(issuer))
	return own || slices.ContainsFunc(m.DeclaredHosts(), func(template string) bool {
		name, err := v.Host(template)
		return err == nil && abi.MatchHost(name, u)
	})
}

// bare says whether a text has only what a URL is written in (RFC 3986 section
// 2). Beyond ASCII two hosts may compare equal and be dialled as two, and a
// terminal may obey what it shows.
func bare(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

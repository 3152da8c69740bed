package egress

import (
	"net/http"
	"net/url"

	"github.com/connhost/connhost/host"
)

// redirected is the hop that an answer leads to, or nil (RFC 9110 section
// 15.4). On the same origin everything is sent again, and signed again. To
// another origin only a GET or HEAD goes, and nothing of the caller goes with
// it: no credential, no header, no cookie. What has left does not come home:
// a hop back to the first origin has no credential either, because the other
// side chose its URL.
func (x *exchange) redirected(h *hop, res *http.Response) (*hop, error) {
	if x.call.NoRedirect || !redirects(res.StatusCode) {
		return nil, nil
	}
	location := res.Header.Get("Location")
	if location == "" {
		return nil, nil
	}
	to, err := resolve(h.target, location)
	if err != nil {
		return nil, err
	}
	limit := max(0, x.client.limits.Redirects)
	if h.redirects >= limit {
		return nil, host.Errorf(host.Refused, "%s redirects more often than the limit redirects (%d)", x.start.target, limit).
			WithHint("--limit redirects=%d", 2*max(limit, 5))
	}
	next := &hop{target: to, method: h.method, header: h.header, body: h.body, foreign: h.foreign, redirects: h.redirects + 1}
	if becomesGet(res.StatusCode, h.method) {
		next.method, next.body, next.header = http.MethodGet, false, withoutBody(h.header)
	}
	if to.sameOrigin(h.target) {
		return next, nil
	}
	if h.body || h.method != http.MethodGet && h.method != http.MethodHead {
		return nil, host.Errorf(host.Refused, "%s redirects a %s to another origin, %s", h.target, h.method, to).
			WithHint("call %s itself if that is meant", to)
	}
	if text := to.url.String(); x.call.Redactor.Text(text) != text {
		return nil, host.Errorf(host.Refused, "%s redirects to another origin, %s, with a secret of the connection in the URL", h.target, to)
	}
	next.foreign, next.header = true, http.Header{}
	return next, nil
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// becomesGet is RFC 9110 sections 15.4.2 to 15.4.4: 303 for every method but
// HEAD, 301 and 302 for POST, by custom.
func becomesGet(status int, method string) bool {
	switch status {
	case http.StatusSeeOther:
		return method != http.MethodHead
	case http.StatusMovedPermanently, http.StatusFound:
		return method == http.MethodPost
	}
	return false
}

// resolve reads a Location against the URL that was called.
func resolve(from target, location string) (target, error) {
	ref, err := url.Parse(location)
	if err != nil {
		return target{}, host.Errorf(host.Unavailable, "%s redirects to something that is not a URL", from).Because(err)
	}
	to, err := parseTarget(from.url.ResolveReference(ref))
	if err != nil {
		return target{}, host.Errorf(host.Refused, "%s redirects: %s", from, err)
	}
	return to, nil
}

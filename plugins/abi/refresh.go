package abi

import (
	"cmp"
	"maps"
	"slices"
)

// RefreshRequest is the request that renews a token: refresh, or the token
// request again where that has no URL. Then what it does not give itself is
// taken from the token request, except grant_type.
func (m Manifest) RefreshRequest() Request {
	var token, r Request
	if m.Auth.Token != nil {
		token = *m.Auth.Token
	}
	if m.Refresh != nil {
		r = m.Refresh.Request
	}
	if r.URL != "" || r.Path != "" {
		return r
	}
	r.URL, r.Path, r.Method = token.URL, token.Path, cmp.Or(r.Method, token.Method)
	r.Query = over(token.Query, r.Query)
	r.Headers = over(token.Headers, r.Headers)
	switch {
	case !r.JSON.IsZero() || r.Form == nil && !token.JSON.IsZero():
		r.JSON = BodyOf(over(token.JSON.Texts(), r.JSON.Texts()))
	default:
		r.Form = over(token.Form, r.Form)
	}
	return r
}

// over lays a map over another and leaves both as they are. Two nil maps give
// nil, because an empty JSON object in a manifest means something.
func over(base, top map[string]string) map[string]string {
	if base == nil {
		return top
	}
	m := maps.Clone(base)
	delete(m, "grant_type")
	maps.Copy(m, top)
	return m
}

func (c *checker) refresh() {
	r := c.m.Refresh
	if r == nil || !slices.Contains(renewed, c.m.Auth.Type) {
		return
	}
	c.request("refresh", &r.Request, refreshUse)
	c.oneOf("refresh.rotation", r.Rotation, keyOf(refreshKeys, "rotation"))
	for _, n := range []struct {
		key     string
		seconds int
	}{{"grace", r.Grace}, {"margin", r.Margin}, {"lifetime", r.Lifetime}, {"idle", r.Idle}, {"life", r.Life}} {
		switch path := KeyPath("refresh", n.key); {
		case n.seconds < 0:
			c.fault("M610", path, "", "%q is a number of seconds and cannot be below 0", n.key)
		case n.seconds > keyOf(refreshKeys, n.key).Max:
			c.fault("M610", path, "", "%q is a number of seconds; %d is more than ten years", n.key, n.seconds)
		}
	}
	if k := keyOf(refreshKeys, "status"); r.Status != 0 && (r.Status < k.Min || r.Status > k.Max) {
		c.fault("M610", "refresh.status", "", `"status" is that of a refusal, %d to %d`, k.Min, k.Max)
	}
	if r.Rotation == RotationNone && r.Grace > 0 {
		c.warn("M611", "refresh.grace", "leave it out", `"grace" means nothing with "rotation: none"`)
	}
	if r.Lifetime > 0 && r.Margin >= r.Lifetime {
		c.warn("M612", "refresh.margin", "", "the margin is not below the lifetime, so every call would renew the token")
	}
	if r.Life > 0 && r.Idle >= r.Life {
		c.warn("M613", "refresh.idle", "leave it out", "a refresh token lives no longer than \"life\", so this \"idle\" says nothing")
	}
}

func (c *checker) revoke() {
	r := c.m.Revoke
	if r == nil || !slices.Contains(renewed, c.m.Auth.Type) {
		return
	}
	c.request("revoke", &r.Request, revokeUse)
	c.oneOf("revoke.token", r.Token, keyOf(revokeKeys, "token"))
}

func (c *checker) introspect() {
	if c.m.Auth.Type == AuthOAuth2 {
		c.request("introspect", c.m.Introspect, introspectUse)
	}
}

package oauth

import (
	"cmp"
	"maps"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// refreshRequest is the manifest's refresh, or the token request again where
// that has no URL. Then what it does not give itself is taken from the token
// request, except grant_type.
func refreshRequest(m abi.Manifest) abi.Request {
	token := given(m.Auth.Token)
	if m.Refresh == nil {
		m.Refresh = &abi.Refresh{}
	}
	r := m.Refresh.Request
	if r.URL != "" || r.Path != "" {
		return r
	}
	r.URL, r.Path, r.Method = token.URL, token.Path, cmp.Or(r.Method, token.Method)
	r.Query = over(token.Query, r.Query)
	r.Headers = over(token.Headers, r.Headers)
	switch {
	case r.JSON != nil || r.Form == nil && token.JSON != nil:
		r.JSON = over(token.JSON, r.JSON)
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

// flowNames are the places that a flow fills beside the connection's
// parameters. One that a step does not have comes out empty.
var flowNames = []string{"client_id", "client_secret", "redirect_uri", "scope", "code", "code_verifier", "access_token", "refresh_token", "token"}

// values are what the templates of a flow may name: the connection's
// parameters, the client credential and what this step holds.
func values(t host.FlowTarget, params map[string]string, secret map[string]host.Secret) host.Values {
	v := host.Values{Params: map[string]string{}, Secret: map[string]host.Secret{}, Whole: map[string]bool{}}
	maps.Copy(v.Params, t.Params)
	maps.Copy(v.Secret, t.Secret)
	for _, name := range flowNames {
		v.Params[name] = ""
		delete(v.Secret, name)
	}
	v.Params["client_id"] = t.ClientID
	v.Secret["client_secret"] = t.ClientSecret
	maps.Copy(v.Params, params)
	maps.Copy(v.Secret, secret)
	for _, p := range t.Connector.Manifest.Parameters {
		if p.Kind == abi.KindHost {
			v.Whole[p.Key] = true
		}
	}
	return v
}

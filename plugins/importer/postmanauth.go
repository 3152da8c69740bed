package importer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// authorize takes the authorization of the collection, else that of most of its
// requests, else what a header of most of them shows.
func (c *collection) authorize() {
	auth := c.root.get("auth")
	if kind := auth.get("type").text(); kind == "" || kind == "noauth" {
		auth = c.commonest()
	}
	s, known := c.scheme(auth)
	if !known {
		s, known = c.shown()
	}
	c.manifest.Auth = abi.Auth{Type: abi.AuthNone}
	if !known {
		c.review.check("the collection says nothing about authorization, so the draft has auth: none; if the service wants a credential, say so in auth")
		return
	}
	if s.rank == rankNone {
		c.review.check("no credential is sent: " + s.why)
		return
	}
	c.manifest.Auth, c.manifest.Scopes, c.manifest.Refresh = s.auth, s.scopes, s.extra.refresh
	c.manifest.Parameters = append(c.manifest.Parameters, s.extra.parameters...)
	c.review.check(s.extra.notes...)
	c.review.check("no value of the collection that may be a secret was copied")
}

func (c *collection) commonest() node {
	count, found := map[string]int{}, map[string]node{}
	for _, e := range c.requests {
		if kind := e.auth.get("type").text(); kind != "" && kind != "noauth" {
			count[kind]++
			found[kind] = e.auth
		}
	}
	best := ""
	for kind, n := range count {
		if n > count[best] || n == count[best] && kind < best {
			best = kind
		}
	}
	return found[best]
}

// setting is a value of an authorization: in v2.1 a list of keys and values, in
// v2.0 an object.
func setting(auth node, key string) string {
	list := auth.get(auth.get("type").text())
	for _, item := range list.items() {
		if item.get("key").text() == key {
			return clean(item.get("value").text())
		}
	}
	return clean(list.get(key).text())
}

func (c *collection) scheme(auth node) (scheme, bool) {
	kind := auth.get("type").text()
	s := scheme{name: kind, rank: rankKey, auth: abi.Auth{Type: kind}}
	switch kind {
	case "":
		return s, false
	case "basic", "digest":
	case "bearer":
		s.extra.parameters = []abi.Parameter{{Key: "token", Label: "Token", Secret: true}}
	case "apikey":
		name := c.filled(first(setting(auth, "key"), "X-API-Key"))
		s.auth = abi.Auth{Type: abi.AuthAPIKey, Name: name}
		if setting(auth, "in") == "query" {
			s.auth.In = abi.InQuery
		}
		word, rest, spaced := strings.Cut(setting(auth, "value"), " ")
		if spaced && strings.Contains(rest, "{{") && !strings.Contains(word, "{{") && !looksSecret(word) {
			s.auth.Value = literal(word) + " {key}"
		}
		s.extra.parameters = []abi.Parameter{{Key: "key", Label: "API key", Secret: true}}
	case "awsv4":
		s.auth = abi.Auth{Type: abi.AuthSigV4, Service: strings.ToLower(first(c.filled(setting(auth, "service")), "execute-api"))}
		if region := c.filled(setting(auth, "region")); region != "" && !strings.Contains(region, "{{") {
			s.extra.parameters = []abi.Parameter{{Key: "region", Label: "AWS region", Default: region}}
		}
	case "oauth1":
		s.auth = abi.Auth{Type: abi.AuthOAuth1}
		if method := setting(auth, "signatureMethod"); slices.Contains([]string{abi.HMACSHA256, abi.RSASHA1, abi.PlainText}, method) {
			s.auth.SignatureMethod = method
		}
		s.extra.notes = append(s.extra.notes, "a collection does not tell where OAuth 1 tokens come from: add auth.request, auth.authorize and auth.token, or the client signs for itself alone")
	case "oauth2":
		c.oauth2(auth, &s)
	default:
		s.rank, s.why = rankNone, "its authorization "+quoted(kind)+" is not one that a manifest can say"
	}
	return s, true
}

// filled puts the values of variables in; of secret ones none.
func (c *collection) filled(text string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-2]
		if v := c.variables[name]; v.given() && !keepsSecret(name, v) {
			return clean(v.get("value").text())
		}
		return found
	})
}

func (c *collection) oauth2(auth node, s *scheme) {
	b := base{url: c.manifest.BaseURL}
	braces := func(key string) string {
		return variable.ReplaceAllString(c.opened(c.filled(setting(auth, key)), 0), "{$1}")
	}
	f := flow{authorize: braces("authUrl"), token: braces("accessTokenUrl"), refresh: braces("refreshTokenUrl")}
	switch grant := setting(auth, "grant_type"); grant {
	case "client_credentials":
		f.kind = "clientCredentials"
	case "password_credentials":
		f.kind = "password"
	case "implicit":
		f.kind = "implicit"
	default:
		f.kind = "authorizationCode"
	}
	s.rank = rankNone
	if !s.flow(f, b, node{}) {
		s.auth, s.rank = abi.Auth{Type: abi.AuthBearer}, rankBearer
		s.extra.parameters = []abi.Parameter{{Key: "token", Label: "Access token", Secret: true}}
		s.extra.notes = append(s.extra.notes, "the collection does not tell where OAuth 2 tokens come from, so the draft asks for a token; with the URLs write auth.type: oauth2")
		return
	}
	if s.auth.Type != abi.AuthOAuth2 {
		return
	}
	if setting(auth, "client_authentication") == "body" {
		s.auth.ClientAuth = abi.ClientAuthBody
	}
	for name := range strings.FieldsSeq(strings.ReplaceAll(setting(auth, "scope"), ",", " ")) {
		if goodScope(name) && !strings.Contains(name, "{{") {
			s.scopes = append(s.scopes, abi.Scope{Name: name})
		}
	}
}

var shownKey = regexp.MustCompile(`^(?:([A-Za-z][A-Za-z0-9-]*) )?\{\{[^{}]+\}\}$`)

// shown is a credential that most requests have in a header or a query, as a
// variable.
func (c *collection) shown() (scheme, bool) {
	count := map[[3]string]int{}
	for _, e := range c.requests {
		seen := map[[3]string]bool{}
		for in, list := range map[string][]node{abi.InHeader: e.sent.get("header").items(), abi.InQuery: e.url.query} {
			for _, n := range list {
				name, value := clean(n.get("key").text()), clean(n.get("value").text())
				if m := shownKey.FindStringSubmatch(value); m != nil && !n.get("disabled").flag() && (strings.EqualFold(name, "Authorization") || keyHeader.MatchString(name)) {
					seen[[3]string{in, name, m[1]}] = true
				}
			}
		}
		for key := range seen {
			count[key]++
		}
	}
	for key, n := range count {
		if n*2 < len(c.requests) {
			continue
		}
		s := scheme{rank: rankKey, auth: abi.Auth{Type: abi.AuthAPIKey, Name: key[1]}}
		if key[0] == abi.InQuery {
			s.auth.In = abi.InQuery
		}
		if key[2] != "" {
			s.auth.Value = key[2] + " {key}"
		}
		s.extra.parameters = []abi.Parameter{{Key: "key", Label: label(key[1]), Secret: true}}
		s.extra.notes = []string{"that " + quoted(key[1]) + " of most requests is the credential is a guess"}
		return s, true
	}
	return scheme{}, false
}

package abi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// parsed is a fresh copy of a document that is valid.
func parsed(t *testing.T, doc string) abi.Manifest {
	t.Helper()
	m, err := abi.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A rule changes a valid manifest and names the problems that follow; "" is
// none.
type rule struct {
	name   string
	change func(*abi.Manifest)
	want   string
}

func check(t *testing.T, doc string, rules []rule) {
	t.Helper()
	for _, r := range rules {
		m := parsed(t, doc)
		r.change(&m)
		if doc, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		} else {
			agree(t, r.name, doc)
		}
		var got []string
		for _, p := range abi.Validate(m) {
			line := p.Path + ": " + p.Msg
			if p.Severity == abi.Warning {
				line = "warning: " + line
			}
			got = append(got, line)
		}
		if text := strings.Join(got, "\n"); text != r.want {
			t.Errorf("%s:\n got %s\nwant %s", r.name, text, r.want)
		}
	}
}

func TestHeadRules(t *testing.T) {
	type m = *abi.Manifest
	check(t, skeleton, []rule{
		{"no version of the format", func(m m) { m.Connhost = 0 }, `connhost: the key "connhost" must be 1, the version of the manifest's format`},
		{"no id", func(m m) { m.ID = "" }, `id: the key "id" is missing`},
		{"upper-case id", func(m m) { m.ID = "Acme" }, `id: the id "Acme" must begin with a-z and hold only a-z, 0-9 and "-"`},
		{"id with an underscore", func(m m) { m.ID = "a_b" }, `id: the id "a_b" must begin with a-z and hold only a-z, 0-9 and "-"`},
		{"id of 50", func(m m) { m.ID = strings.Repeat("a", 50) }, ""},
		{"id of 51", func(m m) { m.ID = strings.Repeat("a", 51) }, "id: the id has 51 characters; at most 50 are allowed"},
		{"no name", func(m m) { m.Name = "" }, `name: the key "name" is missing`},
		{"name of 50 letters", func(m m) { m.Name = strings.Repeat("é", 50) }, ""},
		{"name of 51 letters", func(m m) { m.Name = strings.Repeat("é", 51) }, "name: the name has 51 characters; at most 50 are allowed"},
		{"name ends with a space", func(m m) { m.Name = "Acme " }, "name: the name may not begin or end with a space"},
		{"name with a control character", func(m m) { m.Name = "Ac\x1bme" }, "name: the name may hold only printable characters"},
		{"no version", func(m m) { m.Version = "" }, `version: the key "version" is missing`},
		{"version of two numbers", func(m m) { m.Version = "1.0" }, `version: the version "1.0" is not a semantic version`},
		{"version with a v", func(m m) { m.Version = "v1.0.0" }, `version: the version "v1.0.0" is not a semantic version`},
		{"version with a leading zero", func(m m) { m.Version = "1.02.0" }, `version: the version "1.02.0" is not a semantic version`},
		{"pre-release with a leading zero", func(m m) { m.Version = "1.0.0-01" }, `version: the version "1.0.0-01" is not a semantic version`},
		{"empty pre-release", func(m m) { m.Version = "1.0.0-" }, `version: the version "1.0.0-" is not a semantic version`},
		{"pre-release and build", func(m m) { m.Version = "1.0.0-rc-1.x+001" }, ""},
		{"long description", func(m m) { m.Description = strings.Repeat("a", 301) }, "description: the description has 301 characters; at most 300 are allowed"},
		{"headers of every call", func(m m) { m.Headers = map[string]string{"Acme-Version": "2", "User-Agent": "connhost"} }, ""},
		{"a header twice", func(m m) { m.Headers = map[string]string{"Accept": "a", "accept": "b"} }, "headers.accept: the header accept stands twice, also as Accept"},
		{"the credential's header", func(m m) { m.Headers = map[string]string{"x-key": "a"} }, "headers.x-key: the header x-key carries the credential and is set by the host"},
		{"a secret in the headers of every call", func(m m) { m.Headers = map[string]string{"X-Too": "{key}"} }, `headers.X-Too: the secret {key} may not stand in "X-Too"`},
		{"a client id without a client", func(m m) { m.Headers = map[string]string{"X-Too": "{client_id}"} }, "headers.X-Too: {client_id} names no parameter"},
		{"the host's header", func(m m) { m.Headers = map[string]string{"Host": "a"} }, "headers.Host: the header Host is set by the host only"},
		{"docs are no URL", func(m m) { m.Docs = "acme.test/docs" }, `docs: "docs" must be the URL of a page: https://...`},
		{"nothing to call", func(m m) { m.Hosts, m.BaseURL, m.Test, m.Hooks = nil, "", nil, nil }, `base_url: the key "base_url" is missing: without it and without "hosts" nothing can be called`},
		{"hosts and no base URL", func(m m) { m.BaseURL, m.Test, m.Hooks = "", nil, nil }, ""},
	})
}

func TestAuthRules(t *testing.T) {
	type m = *abi.Manifest
	check(t, skeleton, []rule{
		{"no type", func(m m) { m.Auth.Type = "" }, `auth.type: the key "auth" needs a "type"`},
		{"unknown type", func(m m) { m.Auth.Type = "oauth" }, `auth.type: unknown auth type "oauth" (did you mean "oauth1"?)`},
		{"none with a header", func(m m) { m.Auth.Type = "none"; m.Parameters = nil }, "auth.in: \"in\" belongs to api_key, bearer, jwt, session and oauth2 only\nauth.name: \"name\" belongs to api_key, bearer, jwt, session and oauth2 only"},
		{"api key without a name", func(m m) { m.Auth.Name = "" }, `auth.name: the key "auth" needs the "name" of the header`},
		{"query without a name", func(m m) { m.Auth = abi.Auth{Type: "api_key", In: "query"} }, `auth.name: the key "auth" needs the "name" of the query parameter`},
		{"key in the query", func(m m) { m.Auth.In = "query" }, ""},
		{"path with a name", func(m m) { m.Auth.In = "path" }, `auth.name: a credential in the path has no name`},
		{"path without a slash", func(m m) { m.Auth.In, m.Auth.Name = "path", "" }, `auth.value: with "in: path", "value" is one or more segments that begin with '/'`},
		{"path", func(m m) { m.Auth.In, m.Auth.Name, m.Auth.Value = "path", "", "/bot{key}" }, ""},
		{"form", func(m m) { m.Auth.In = "form" }, ""},
		{"form without a name", func(m m) { m.Auth = abi.Auth{Type: "api_key", In: "form"} }, `auth.name: the key "auth" needs the "name" of the form parameter`},
		{"also", func(m m) {
			m.Auth.Also = []abi.Placement{{Name: "X-App", Value: "{key}-2"}, {In: "query", Name: "v", Value: "2"}}
		}, ""},
		{"also without a name", func(m m) { m.Auth.Also = []abi.Placement{{Value: "x"}} }, `auth.also[0].name: the key "name" is missing`},
		{"also in a path", func(m m) { m.Auth.Also = []abi.Placement{{In: "path", Name: "a", Value: "x"}} }, `auth.also[0].in: "in" must be header, query or form, not "path"`},
		{"also the host's header", func(m m) { m.Auth.Also = []abi.Placement{{Name: "Host", Value: "x"}} }, `auth.also[0].name: the header Host is set by the host only`},
		{"digest", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "digest"}, nil }, ""},
		{"jwt", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "jwt", Algorithm: "ES256", Claims: map[string]string{"iss": "{issuer}", "jti": "{random}"}}, []abi.Parameter{{Key: "issuer"}}
		}, ""},
		{"jwt without an algorithm", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "jwt"}, nil }, `auth.algorithm: the key "algorithm" is missing`},
		{"jwt with a claim of the host", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "jwt", Algorithm: "HS256", Claims: map[string]string{"exp": "1"}}, nil
		}, `auth.claims.exp: "exp" is set by the host`},
		{"jwt with a secret claim", func(m m) {
			m.Auth = abi.Auth{Type: "jwt", Algorithm: "HS256", Key: "{key}", Claims: map[string]string{"sub": "{key}"}}
		}, `auth.claims.sub: the secret {key} may not stand in "sub"`},
		{"a token for the client", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth2", Grant: "client_credentials", Token: &abi.Request{Path: "/t"}}, nil
		}, ""},
		{"a token for the client, with a person", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth2", Grant: "client_credentials", PKCE: "none", ClientAuth: "none", Authorize: &abi.Request{Path: "/a"}, Token: &abi.Request{Path: "/t"}}, nil
			m.Hooks = []string{"callback"}
		}, `auth.authorize: "authorize" has no meaning with the grant client_credentials
auth.pkce: "pkce" has no meaning with the grant client_credentials
auth.client_auth: a client without a secret cannot get a token for itself
warning: auth.pkce: a public client without PKCE cannot tell a stolen code from its own (RFC 7636)
hooks[0]: the hook "callback" is about a person's consent in a browser, and the grant client_credentials has none`},
		{"another grant", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth2", Grant: "password", Authorize: &abi.Request{Path: "/a"}, Token: &abi.Request{Path: "/t"}}, nil
		}, `auth.grant: "grant" must be authorization_code, client_credentials, device_code, jwt_bearer or token_exchange, not "password"`},
		{"oauth1", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth1", SignatureMethod: "HMAC-SHA256", Realm: "r", Request: &abi.Request{Path: "/r"}, Authorize: &abi.Request{Path: "/a", Query: map[string]string{"name": "{client_id}"}}, Token: &abi.Request{Path: "/t"}}, nil
		}, ""},
		{"oauth1 of one leg", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "oauth1"}, nil }, ""},
		{"oauth1 without a token request", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth1", Request: &abi.Request{Path: "/r"}, Authorize: &abi.Request{Path: "/a"}}, nil
		}, `auth: "request", "authorize" and "token" of oauth1 stand together`},
		{"oauth1 by another method", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth1", SignatureMethod: "HMAC-MD5"}, nil
		}, `auth.signature_method: "signature_method" must be HMAC-SHA1, HMAC-SHA256, RSA-SHA1 or PLAINTEXT, not "HMAC-MD5"`},
		{"a key in hex", func(m m) { m.Auth = abi.Auth{Type: "jwt", Algorithm: "HS256", Key: "{key}", KeyCode: "hex"} }, ""},
		{"a PEM in hex", func(m m) { m.Auth = abi.Auth{Type: "jwt", Algorithm: "RS256", Key: "{key}", KeyCode: "hex"} }, "auth.key_code: the key of RS256 is PEM, which no code is needed for"},
		{"oauth1 with a token that is pasted", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth1", Realm: "{account}"}, []abi.Parameter{{Key: "account"}, {Key: "token", Secret: true}, {Key: "token_secret", Secret: true}}
		}, ""},
		{"half a token that is pasted", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "oauth1"}, []abi.Parameter{{Key: "token", Secret: true}}
		}, `parameters: "token" and "token_secret" are the token that the client of oauth1 signs with; they stand together and are secret`},
		{"sigv4 for any service", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "{service}", Services: map[string]string{"sts.{region}.acme.test": "sts"}}, []abi.Parameter{{Key: "service"}}
		}, ""},
		{"sigv4 for a parameter that there is not", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "{servce}"}, nil }, `auth.service: {servce} names no parameter`},
		{"sigv4 for a service that is none", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "S3"}, nil }, `auth.service: "service" has a form that is not allowed`},
		{"sigv4 for a host that is none", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "s3", Services: map[string]string{"https://a.test": "x"}}, nil
		}, `auth.services["https://a.test"]: "https://a.test" is not a host or host:port`},
		{"sigv4 without a service", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "sigv4"}, nil }, `auth.service: the key "service" is missing`},
		{"sigv4 with a service that is none", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "S3"}, nil }, `auth.service: "service" has a form that is not allowed`},
		{"sigv4", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "sigv4", Service: "s3"}, nil }, ""},
		{"unknown place", func(m m) { m.Auth.In = "heeder" }, `auth.in: "in" must be header, query, form or path, not "heeder" (did you mean "header"?)`},
		{"header of the connection", func(m m) { m.Auth.Name = "Host" }, "auth.name: the header Host is set by the host only"},
		{"no header name", func(m m) { m.Auth.Name = "X Key" }, `auth.name: "X Key" is not the name of a header`},
		{"line break in the value", func(m m) { m.Auth.Value = "{key}\r\nX: y" }, `auth.value: "value" may not hold line breaks or control characters`},
		{"value without a secret", func(m m) { m.Auth.Value = "abc" }, "auth: no secret parameter stands in the templates of the credential"},
		{"value of an unknown name", func(m m) { m.Auth.Value = "{key}{kee}" }, `auth.value: {kee} names no parameter (did you mean "key"?)`},
		{"value with a lone brace", func(m m) { m.Auth.Value = "{key" }, "auth.value: a brace without its partner in \"{key\""},
		{"key that is not declared", func(m m) { m.Parameters = nil }, ""},
		{"key that is not secret", func(m m) { m.Parameters[0].Secret = false }, "auth: no secret parameter stands in the templates of the credential\nparameters[0].key: the parameter \"key\" is the credential and must be secret"},
		{"basic keys", func(m m) { m.Auth.Username, m.Auth.Password = "{key}", "x" }, "auth.username: \"username\" belongs to basic and digest only\nauth.password: \"password\" belongs to basic and digest only"},
		{"oauth2 keys", func(m m) {
			m.Auth.Authorize, m.Auth.Token, m.Auth.PKCE = &abi.Request{}, &abi.Request{}, "none"
			m.Auth.ClientAuth, m.Auth.ScopeSeparator, m.Auth.ClientIDPattern, m.Auth.LoopbackAnyPort = "body", ",", "a", true
			m.Scopes, m.Revoke, m.Refresh = []abi.Scope{{Name: "read"}}, &abi.Revoke{}, &abi.Refresh{}
			m.Public = []string{"/a"}
		}, `auth.authorize: "authorize" belongs to oauth1 and oauth2 only
auth.token: "token" belongs to oauth1 and oauth2 only
auth.client_auth: "client_auth" belongs to oauth2 only
auth.pkce: "pkce" belongs to oauth2 only
auth.scope_separator: "scope_separator" belongs to oauth2 only
auth.client_id_pattern: "client_id_pattern" belongs to oauth1 and oauth2 only
auth.loopback_any_port: "loopback_any_port" belongs to oauth1 and oauth2 only
scopes: "scopes" belongs to oauth2 only
revoke: "revoke" belongs to session and oauth2 only
refresh: "refresh" belongs to session and oauth2 only
public: "public" belongs to oauth2 only`},
		{"basic", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "basic"}, nil }, ""},
		{"key as user name, empty password", func(m m) {
			m.Auth = abi.Auth{Type: "basic", Username: "{key}", Password: abi.EmptyText}
		}, ""},
		{"basic without a secret", func(m m) {
			m.Auth, m.Parameters = abi.Auth{Type: "basic", Password: "x"}, nil
		}, "auth: no secret parameter stands in the templates of the credential"},
		{"bearer", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "bearer"}, nil }, ""},
	})
}

func TestOAuth2Rules(t *testing.T) {
	type m = *abi.Manifest
	check(t, oauth, []rule{
		{"no authorize", func(m m) { m.Auth.Authorize = nil; m.Parameters = m.Parameters[:1] }, `auth.authorize: oauth2 needs the key "authorize" with a URL`},
		{"no token", func(m m) { m.Auth.Token = nil }, `auth.token: oauth2 needs the key "token" with a URL`},
		{"authorize by POST", func(m m) { m.Auth.Authorize.Method = "POST" }, `auth.authorize.method: "method" has no meaning here: a browser opens this URL`},
		{"authorize with a form", func(m m) { m.Auth.Authorize.Form = map[string]string{} }, `auth.authorize.form: "form" has no meaning here: a browser opens this URL`},
		{"authorize with pointers", func(m m) { m.Auth.Authorize.Answer = &abi.Answer{Key: "/id"} }, "auth.authorize.answer.key: no answer of this request is read"},
		{"state replaced", func(m m) { m.Auth.Authorize.Query["state"] = "" }, `auth.authorize.query.state: "state" is set by the host and cannot be replaced`},
		{"challenge in the URL", func(m m) { m.Auth.Authorize.URL += "?code_challenge=x" }, `auth.authorize.url: "code_challenge" is set by the host and cannot be replaced`},
		{"secret for the browser", func(m m) {
			m.Parameters[1] = abi.Parameter{Key: "prompt", Secret: true}
		}, `auth.authorize.query.prompt: the secret {prompt} may not stand in "prompt"`},
		{"captured before the capture", func(m m) { m.Auth.Token.Form["team"] = "{team}" }, "auth.token.form.team: {team} is captured from the token answer and not known before it"},
		{"account pointers of a token", func(m m) { m.Auth.Token.Answer.Key = "/id" }, `auth.token.answer.key: "key" means nothing here; the answer of this request has access, refresh, expires_in, scope, token_type, refresh_expires_in, error`},
		{"client secret in a URL", func(m m) { m.Auth.Token.URL += "?s={client_secret}" }, `auth.token.url: the secret {client_secret} may not stand in "url"`},
		{"client id in a URL", func(m m) { m.Auth.Token.URL += "/{client_id}" }, ""},
		{"client auth", func(m m) { m.Auth.ClientAuth = "header" }, `auth.client_auth: "client_auth" must be basic, body, private_key_jwt, client_secret_jwt, mtls or none, not "header"`},
		{"pkce", func(m m) { m.Auth.PKCE = "plain" }, `auth.pkce: "pkce" must be S256 or none, not "plain"`},
		{"public client without PKCE", func(m m) { m.Auth.ClientAuth = "none" }, "warning: auth.pkce: a public client without PKCE cannot tell a stolen code from its own (RFC 7636)"},
		{"client id pattern", func(m m) { m.Auth.ClientIDPattern = "(" }, "auth.client_id_pattern: \"client_id_pattern\" is not a regular expression: error parsing regexp: missing closing ): `(`"},
		{"no token in the value", func(m m) { m.Auth.Value = "Bearer {client_secret}" }, "auth.value: {client_secret} names no parameter\nauth.value: \"value\" does not name {access_token}, so no token would be sent"},
		{"scope twice", func(m m) { m.Scopes[1].Name = "read" }, `scopes[1]: the scope "read" is declared twice`},
		{"scope without a name", func(m m) { m.Scopes[1].Name = "" }, `scopes[1]: a scope needs a "name"`},
		{"two scopes in one", func(m m) { m.Scopes[1].Name = "a,b" }, `scopes[1]: the scope "a,b" holds the separator of scopes, ","`},
		{"rotation", func(m m) { m.Refresh.Rotation = "single_use" }, `refresh.rotation: "rotation" must be none, not "single_use"`},
		{"negative numbers", func(m m) { m.Refresh.Grace, m.Refresh.Margin, m.Refresh.Lifetime = -1, -2, -3 }, `refresh.grace: "grace" is a number of seconds and cannot be below 0
refresh.margin: "margin" is a number of seconds and cannot be below 0
refresh.lifetime: "lifetime" is a number of seconds and cannot be below 0`},
		{"lives below zero", func(m m) { m.Refresh.Idle, m.Refresh.Life = -1, -2 }, `refresh.idle: "idle" is a number of seconds and cannot be below 0
refresh.life: "life" is a number of seconds and cannot be below 0`},
		{"a life over ten years", func(m m) { m.Refresh.Life = 1 << 30 }, `refresh.life: "life" is a number of seconds; 1073741824 is more than ten years`},
		{"idle over life", func(m m) { m.Refresh.Idle, m.Refresh.Life = 3600, 3600 }, `warning: refresh.idle: a refresh token lives no longer than "life", so this "idle" says nothing`},
		{"idle within life", func(m m) { m.Refresh.Idle, m.Refresh.Life = 3600, 7200 }, ""},
		{"a pointer to the life of the refresh token", func(m m) { m.Auth.Token.Answer.RefreshExpiresIn = "refresh" }, `auth.token.answer.refresh_expires_in: "refresh" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"milliseconds", func(m m) { m.Refresh.Lifetime = 1 << 30 }, `refresh.lifetime: "lifetime" is a number of seconds; 1073741824 is more than ten years`},
		{"margin over lifetime", func(m m) { m.Refresh.Margin = 3600 }, "warning: refresh.margin: the margin is not below the lifetime, so every call would renew the token"},
		{"refresh without a URL", func(m m) { m.Refresh.URL = "" }, ""},
		{"revoke without a URL", func(m m) { m.Revoke.URL = "" }, `revoke: "revoke" needs a "url" or a "path"`},
		{"which token to revoke", func(m m) { m.Revoke.Token = "both" }, `revoke.token: "token" must be access or refresh, not "both"`},
		{"token in the host of revoke", func(m m) { m.Revoke.URL = "https://{token}.crm.test" }, `revoke.url: the secret {token} may not stand in "url"`},
		{"capture of a parameter's name", func(m m) { m.Capture["host"] = "/host" }, `capture.host: "host" is captured and declared as a parameter`},
		{"capture of the host's name", func(m m) { m.Capture["code"] = "/c" }, `capture.code: "code" is the host's own name`},
		{"capture of no pointer", func(m m) { m.Capture["team"] = "team.id" }, `capture.team: "team.id" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"capture of no name", func(m m) { m.Capture["a-b"] = "/a" }, "capture.a-b: the name \"a-b\" must begin with a letter and hold only letters, digits and '_', at most 50\nwarning: capture.a-b: \"a-b\" is captured and used nowhere"},
		{"capture of the access token", func(m m) { m.Capture["team"] = "/tok/access" }, `capture.team: "/tok/access" holds a token, which nobody may read`},
		{"capture of what holds it", func(m m) { m.Capture["team"] = "/tok" }, `capture.team: "/tok" holds a token, which nobody may read`},
		{"capture of a part of it", func(m m) { m.Capture["team"] = "/refresh_token/0" }, `capture.team: "/refresh_token/0" lies in a token, which nobody may read`},
		{"capture of another token", func(m m) { m.Capture["team"] = "/bot/access_token" }, `capture.team: "/bot/access_token" is a token by its name, which nobody may read`},
		{"public refresh token", func(m m) { m.Public = []string{"/refresh_token"} }, `public[0]: "/refresh_token" holds a token, which nobody may read`},
		{"public pointer with a bad escape", func(m m) { m.Public = []string{"/a~2"} }, `public[0]: "/a~2" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"public twice", func(m m) { m.Public = append(m.Public, "/team") }, `public[1]: the pointer "/team" stands twice`},
		{"public without the hook", func(m m) { m.Hooks = nil }, `public[0]: "/team" is for the hook "token", which is not declared`},
		{"client id as a parameter", func(m m) { m.Parameters[0].Key = "client_id" }, "auth.authorize.url: {host} names no parameter\nauth.token.url: {host} names no parameter\nparameters[0].key: \"client_id\" is the host's own name with oauth2 and cannot be a parameter"},
		{"identity that nobody reads", func(m m) { m.Identity.Answer = nil }, `identity: "identity" needs an "answer" with "key" or "label"`},
	})
}

func TestParameterRules(t *testing.T) {
	type m = *abi.Manifest
	add := func(p abi.Parameter) func(m) {
		return func(m m) {
			m.Parameters = append(m.Parameters, p)
			m.Test.Query = map[string]string{"q": "{p}"}
		}
	}
	check(t, skeleton, []rule{
		{"no key", func(m m) { m.Parameters = append(m.Parameters, abi.Parameter{}) }, `parameters[1].key: a parameter needs a "key"`},
		{"key with a dash", func(m m) { m.Parameters = append(m.Parameters, abi.Parameter{Key: "a-b", Kind: "host"}) }, "parameters[1].key: the parameter key \"a-b\" must begin with a letter and hold only letters, digits and '_', at most 50"},
		{"key twice", add(abi.Parameter{Key: "key"}), "parameters[1].key: the parameter \"key\" is declared twice\ntest.query.q: {p} names no parameter"},
		{"key none", func(m m) { m.Parameters = append(m.Parameters, abi.Parameter{Key: "none", Kind: "host"}) }, `parameters[1].key: no parameter may be called "none"`},
		{"unused, with a hook that does not read it", func(m m) {
			m.Hooks, m.Parameters = []string{"respond"}, append(m.Parameters, abi.Parameter{Key: "p"}, abi.Parameter{Key: "s", Secret: true})
		}, `warning: parameters[1].key: the parameter "p" is asked for and used nowhere`},
		{"read by a hook", func(m m) { m.Hooks, m.Parameters = []string{"sign"}, append(m.Parameters, abi.Parameter{Key: "p"}) }, ""},
		{"unused", func(m m) { m.Parameters = append(m.Parameters, abi.Parameter{Key: "p"}) }, `warning: parameters[1].key: the parameter "p" is asked for and used nowhere`},
		{"used", add(abi.Parameter{Key: "p"}), ""},
		{"kind", add(abi.Parameter{Key: "p", Kind: "date"}), `parameters[1].kind: "kind" must be text, host, number, boolean, json or path, not "date"`},
		{"path", add(abi.Parameter{Key: "p", Kind: "path"}), `parameters[1].kind: a parameter of a connection is a text; the kind path is for those of actions`},
		{"kind of an action", add(abi.Parameter{Key: "p", Kind: "number"}), `parameters[1].kind: a parameter of a connection is a text; the kind number is for those of actions`},
		{"kind host is used by being declared", func(m m) { m.Parameters = append(m.Parameters, abi.Parameter{Key: "p", Kind: "host"}) }, ""},
		{"secret host", add(abi.Parameter{Key: "p", Kind: "host", Secret: true}), "parameters[1].secret: a parameter of kind host belongs to the connection and cannot be secret"},
		{"secret default", add(abi.Parameter{Key: "p", Secret: true, Default: "x"}), "parameters[1].default: a secret parameter cannot have a default: everybody could read it in the manifest"},
		{"enum of hosts", add(abi.Parameter{Key: "p", Kind: "host", Enum: []string{"a"}, Default: "a"}), "parameters[1].enum: a parameter of kind host cannot have an enum"},
		{"empty item", add(abi.Parameter{Key: "p", Enum: []string{""}}), "parameters[1].enum[0]: an enum cannot hold an empty text"},
		{"item twice", add(abi.Parameter{Key: "p", Enum: []string{"a", "a"}}), `parameters[1].enum[1]: "a" stands twice in the enum`},
		{"item against the pattern", add(abi.Parameter{Key: "p", Enum: []string{"a"}, Pattern: "b"}), `parameters[1].enum[0]: "a" in the enum does not match the pattern`},
		{"default against the enum", add(abi.Parameter{Key: "p", Enum: []string{"a", "b"}, Default: "c"}), `parameters[1].default: the default does not fit: the value of "p" must be one of: a, b`},
		{"default against the pattern", add(abi.Parameter{Key: "p", Pattern: "a+", Default: "aab"}), `parameters[1].default: the default does not fit: the value of "p" does not match a+`},
		{"default that is no host", add(abi.Parameter{Key: "p", Kind: "host", Default: "https://a.test"}), `parameters[1].default: the default does not fit: the value of "p" must be a host name, with a port or without`},
		{"no pattern", add(abi.Parameter{Key: "p", Pattern: "a)|(b"}), "parameters[1].pattern: the pattern of \"p\" is not a regular expression: error parsing regexp: unexpected ): `a)|(b`"},
		{"pattern for the terminal", add(abi.Parameter{Key: "p", Pattern: "(\x1b[2J\nx"}), "parameters[1].pattern: the pattern of \"p\" is not a regular expression: error parsing regexp: missing closing ]: `[2J?x`"},
		{"look-ahead", add(abi.Parameter{Key: "p", Pattern: "(?=a)"}), "parameters[1].pattern: the pattern of \"p\" is not a regular expression: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		{"too many", func(m m) {
			m.Parameters = make([]abi.Parameter, 101)
			m.Parameters[0] = abi.Parameter{Key: "key", Secret: true}
		}, `parameters: "parameters" has 101 items; at most 100 are allowed`},
		{"huge pattern", add(abi.Parameter{Key: "p", Pattern: "(" + strings.Repeat("a?b", 10) + "){1,900}"}), `parameters[1].pattern: the pattern of "p" is not a regular expression: it is too large: its repetitions make more than 10000 steps`},
		{"secret in the base URL", func(m m) { m.BaseURL = "https://api.acme.test/{key}" }, `base_url: the secret {key} may not stand in "base_url"`},
		{"secret in a host", func(m m) { m.Hosts[0] = "{key}.acme.test" }, `hosts[0]: the secret {key} may not stand in "hosts[0]"`},
		{"secret in a path", func(m m) { m.Test.Path = "/bot{key}/me" }, `test.path: the secret {key} may not stand in "path"`},
		{"secret in a query", func(m m) { m.Test.Query = map[string]string{"key": "{key}"} }, ""},
	})
}

func TestRequestRules(t *testing.T) {
	type m = *abi.Manifest
	header := func(name, value string) func(m) {
		return func(m m) { m.Test.Headers = map[string]string{name: value} }
	}
	check(t, skeleton, []rule{
		{"url and path", func(m m) { m.Test.URL = "https://api.acme.test/me" }, `test.path: "test" has both "url" and "path"`},
		{"neither", func(m m) { m.Test.Path = "" }, `test: "test" needs a "url" or a "path"`},
		{"path without a slash", func(m m) { m.Test.Path = "me" }, `test.path: "path" must begin with '/'`},
		{"path is a URL", func(m m) { m.Test.Path = "https://a.test/me" }, "test.path: \"path\" is a path below base_url and begins with '/'"},
		{"path without a base", func(m m) { m.BaseURL = "" }, `base_url: the key "base_url" is missing, and test.path lies below it`},
		{"fragment", func(m m) { m.Test.Path = "/me#x" }, `test.path: "path" may not have a fragment`},
		{"line break in a path", func(m m) { m.Test.Path = "/me\r\n" }, `test.path: "path" may not hold line breaks or control characters`},
		{"space in a path", func(m m) { m.Test.Path = "/a b" }, `test.path: "path" is not a URL`},
		{"relative url", func(m m) { m.Test.Path, m.Test.URL = "", "/me" }, `test.url: "url" must be an absolute URL with the scheme https`},
		{"other scheme", func(m m) { m.BaseURL = "ftp://acme.test" }, `base_url: "base_url" must be an absolute URL with the scheme https`},
		{"plain http", func(m m) { m.BaseURL = "http://acme.test" }, `warning: base_url: "base_url" sends its credential unencrypted`},
		{"http on this machine", func(m m) { m.BaseURL = "http://127.0.0.1:9100" }, ""},
		{"user in a URL", func(m m) { m.BaseURL = "https://me:x@acme.test" }, `base_url: "base_url" may not hold a user or password`},
		{"query of the base", func(m m) { m.BaseURL += "?a=b" }, `base_url: "base_url" may have no query and no fragment`},
		{"base that is a value", func(m m) { m.BaseURL = "{p}/v1" }, `base_url: "base_url" may begin with a place only where a URL of that name is captured`},
		{"lower-case method", func(m m) { m.Test.Method = "get" }, `test.method: the method "get" must be upper-case letters, such as POST`},
		{"line break in a method", func(m m) { m.Test.Method = "GET\r\nX" }, `test.method: the method "GET\r\nX" must be upper-case letters, such as POST`},
		{"CONNECT", func(m m) { m.Test.Method = "CONNECT" }, "test.method: the method CONNECT is not allowed"},
		{"GET with a body", func(m m) { m.Test.JSON = abi.BodyOf(map[string]string{"a": "b"}) }, `test.method: "test" has a body, which GET cannot send`},
		{"form and JSON", func(m m) {
			m.Test.Method, m.Test.JSON, m.Test.Form = "POST", abi.BodyOf(map[string]string{}), map[string]string{}
		}, `test.json: "test" has both "form" and "json"`},
		{"token pointers of a test", func(m m) { m.Test.Answer = &abi.Answer{Access: "/a"} }, `test.answer.access: "access" means nothing here; the answer of this request has key, label, error`},
		{"account pointers", func(m m) { m.Test.Answer = &abi.Answer{Key: "/id", Label: "/a~1b"} }, ""},
		{"header", header("X-Version", "1"), ""},
		{"content length", header("content-length", "1"), "test.headers.content-length: the header content-length is set by the host only"},
		{"transfer encoding", header("Transfer-Encoding", "chunked"), "test.headers.Transfer-Encoding: the header Transfer-Encoding is set by the host only"},
		{"proxy header", header("Proxy-Authorization", "x"), "test.headers.Proxy-Authorization: the header Proxy-Authorization is set by the host only"},
		{"TE", header("TE", "x"), "test.headers.TE: the header TE is set by the host only"},
		{"credential's own header", header("x-key", "x"), "test.headers.x-key: the header x-key carries the credential and is set by the host"},
		{"header injection", header("X-A", "a\r\nX-B: c"), `test.headers.X-A: "X-A" may not hold line breaks or control characters`},
		{"NUL", header("X-A", "a\x00"), `test.headers.X-A: "X-A" may not hold line breaks or control characters`},
		{"header name", header("X A", "a"), `test.headers["X A"]: "X A" is not the name of a header`},
		{"header twice", func(m m) { m.Test.Headers = map[string]string{"X-A": "1", "x-a": "2"} }, "test.headers.x-a: the header x-a stands twice, also as X-A"},
	})
}

func TestHookRules(t *testing.T) {
	type m = *abi.Manifest
	hooks := func(h ...string) func(m) { return func(m m) { m.Hooks = h } }
	check(t, skeleton, []rule{
		{"respond", hooks("respond"), ""},
		{"twice", hooks("respond", "respond"), `hooks[1]: the hook "respond" is declared twice`},
		{"sign", hooks("sign"), ""},
		{"page without actions", hooks("page"), `hooks[0]: the hook "page" is called for actions that have a path or a URL, and there are none`},
		{"prepare without actions", hooks("prepare"), `hooks[0]: the hook "prepare" is called for actions that have a path or a URL, and there are none`},
		{"action without actions", hooks("action"), `hooks[0]: the hook "action" does the actions without a path or a URL, and there are none`},
		{"authorize without oauth2", hooks("authorize"), `hooks[0]: the hook "authorize" belongs to oauth2 only`},
		{"callback without oauth2", hooks("callback"), `hooks[0]: the hook "callback" belongs to oauth2 only`},
		{"unknown", hooks("tset"), `hooks[0]: unknown hook "tset" (did you mean "test"?)`},
		{"export name", hooks("ch_test"), `hooks[0]: unknown hook "ch_test"`},
		{"token without oauth2", hooks("token"), `hooks[0]: the hook "token" belongs to oauth2 only`},
		{"test without a request", func(m m) { m.Test = nil }, `hooks[0]: the hook "test" reads the answer of the key "test", which is missing`},
	})
}

func TestCustomAuth(t *testing.T) {
	type m = *abi.Manifest
	check(t, skeleton, []rule{
		{"sign", func(m m) {
			m.Auth = abi.Auth{Type: "custom"}
			m.Hooks, m.RevealSecrets = []string{"sign"}, []string{"key"}
		}, ""},
		{"without sign", func(m m) { m.Auth, m.Parameters = abi.Auth{Type: "custom"}, nil }, `auth.type: the auth type "custom" is done by the hook "sign", which is not declared`},
		{"with a header", func(m m) { m.Auth.Type, m.Hooks = "custom", []string{"sign"} }, "auth.in: \"in\" belongs to api_key, bearer, jwt, session and oauth2 only\nauth.name: \"name\" belongs to api_key, bearer, jwt, session and oauth2 only"},
	})
}

func TestRevealRules(t *testing.T) {
	type m = *abi.Manifest
	reveal := func(names ...string) func(m) { return func(m m) { m.RevealSecrets = names } }
	check(t, skeleton, []rule{
		{"a secret", reveal("key"), ""},
		{"twice", reveal("key", "key"), `reveal_secrets[1]: "key" stands twice in reveal_secrets`},
		{"unknown", reveal("kye"), `reveal_secrets[0]: "kye" is no secret that could be revealed (did you mean "key"?)`},
		{"client secret without oauth2", reveal("client_secret"), `reveal_secrets[0]: "client_secret" is no secret that could be revealed`},
		{"no hooks", func(m m) { m.RevealSecrets, m.Hooks = []string{"key"}, nil }, `reveal_secrets: "reveal_secrets" says what hooks may read, and none is declared`},
	})
	check(t, oauth, []rule{{"client secret", func(m m) { m.RevealSecrets, m.Hooks = []string{"client_secret"}, []string{"respond", "token"} }, ""},
		{"a token", func(m m) { m.RevealSecrets, m.Hooks = []string{"refresh_token"}, []string{"respond", "token"} }, `reveal_secrets[0]: "refresh_token" is no secret that could be revealed`}})
}

func TestLimitRules(t *testing.T) {
	type m = *abi.Manifest
	limits := func(l abi.Limits) func(m) { return func(m m) { m.Limits = &l } }
	check(t, skeleton, []rule{
		{"all", limits(abi.Limits{Time: "500ms", Memory: "16MB", Output: "512KB", Fuel: 5_000_000_000, HTTPCalls: 3}), ""},
		{"no time", limits(abi.Limits{Time: "5"}), `limits.time: the time "5" is no time of a millisecond or more`},
		{"no size", limits(abi.Limits{Memory: "16"}), `limits.memory: the size "16" is not one such as 512KB, 16MB or 1GB`},
		{"size below zero", limits(abi.Limits{Output: "-1MB"}), `limits.output: the size "-1MB" is not one such as 512KB, 16MB or 1GB`},
		{"fuel", limits(abi.Limits{Fuel: -1}), `limits.fuel: "fuel" cannot be below 0`},
		{"calls", limits(abi.Limits{HTTPCalls: 1001}), `limits.http_calls: "http_calls" must be between 1 and 1000`},
		{"no hooks", func(m m) { m.Limits, m.Hooks = &abi.Limits{Time: "1s"}, nil }, `limits: "limits" are those of hooks, and none is declared`},
	})
	if l := (abi.Limits{Time: "500ms", Memory: "16MB", Output: "512KB"}); l.Duration().Milliseconds() != 500 || l.MemoryBytes() != 16<<20 || l.OutputBytes() != 512<<10 {
		t.Errorf("got %v, %d, %d", l.Duration(), l.MemoryBytes(), l.OutputBytes())
	}
}

func TestActionRules(t *testing.T) {
	type m = *abi.Manifest
	list := abi.Action{Name: "list", Request: abi.Request{Path: "/items/{kind}"}, Parameters: []abi.Parameter{{Key: "kind"}}}
	act := func(change func(*abi.Action)) func(m) {
		return func(m m) {
			a := list
			a.Parameters = []abi.Parameter{{Key: "kind"}}
			change(&a)
			m.Actions = []abi.Action{a}
		}
	}
	path := func(template string) func(m) {
		return act(func(a *abi.Action) {
			if a.Path, a.URL = template, ""; strings.Contains(template, "://") {
				a.Path, a.URL = "", template
			}
			a.Parameters[0].Kind = "path"
		})
	}
	check(t, skeleton, []rule{
		{"a request", act(func(*abi.Action) {}), ""},
		{"prepare and page", func(m m) { m.Actions, m.Hooks = []abi.Action{list}, []string{"prepare", "page"} }, ""},
		{"by the hook", func(m m) { m.Actions, m.Hooks = []abi.Action{{Name: "sync"}}, []string{"action"} }, ""},
		{"no name", act(func(a *abi.Action) { a.Name = "" }), `actions[0]: an action needs a "name"`},
		{"bad name", act(func(a *abi.Action) { a.Name = "List items" }), `actions[0].name: the action's name "List items" must begin with a-z and hold only a-z, 0-9 and '_', at most 50`},
		{"twice", func(m m) { m.Actions = []abi.Action{list, list} }, `actions[1].name: the action "list" is declared twice`},
		{"neither path nor hook", act(func(a *abi.Action) { a.Path = "" }), `actions[0]: the action "list" has no "path" or "url", and the hook "action" is not declared`},
		{"by the hook, with a query", func(m m) {
			m.Actions, m.Hooks = []abi.Action{{Name: "sync", Request: abi.Request{Query: map[string]string{"a": "b"}}}}, []string{"action"}
		}, `actions[0].query: the action "sync" is done by the hook "action", which makes its requests itself`},
		{"unknown place", act(func(a *abi.Action) { a.Path = "/{knd}" }), `actions[0].path: {knd} names no parameter (did you mean "kind"?)`},
		{"shadows the connection", act(func(a *abi.Action) { a.Path, a.Parameters[0].Key = "/", "key" }), `actions[0].parameters[0].key: "key" is a parameter of the connection already`},
		{"spread of nothing", act(func(a *abi.Action) { a.Spread = "filters" }), `actions[0].spread: the action has no parameter "filters" of kind json`},
		{"secret parameter", act(func(a *abi.Action) { a.Parameters[0].Secret = true }), `actions[0].parameters[0].secret: a parameter of an action cannot be secret: whoever calls it knows it`},
		{"number", act(func(a *abi.Action) { a.Parameters[0].Kind, a.Parameters[0].Default = "number", "1.5" }), ""},
		{"default of another kind", act(func(a *abi.Action) { a.Parameters[0].Kind, a.Parameters[0].Default = "json", "7" }), `actions[0].parameters[0].default: the default does not fit: the value of "kind" must be a JSON object or list`},
		{"host parameter", act(func(a *abi.Action) { a.Parameters[0].Kind = "host" }), `actions[0].parameters[0].kind: a parameter of an action cannot be a host`},
		{"path", path("/items/{kind}"), ""},
		{"path before a verb", path("/items/{kind}:copy?x={kind}"), ""},
		{"path in a URL", path("https://acme.test/{kind}/x"), ""},
		{"path beside text", path("/items/{kind}.json"), `actions[0].parameters[0].kind: {kind} is of kind path and does not stand for whole segments of it`},
		{"path behind text", path("/items/a{kind}"), `actions[0].parameters[0].kind: {kind} is of kind path and does not stand for whole segments of it`},
		{"path in a query", path("/items?in={kind}"), `actions[0].parameters[0].kind: the parameter "kind" is of kind path and does not stand in the action's path`},
		{"path in a host", path("https://{kind}.acme.test/"), `actions[0].parameters[0].kind: the parameter "kind" is of kind path and does not stand in the action's path`},
		{"default of a path", act(func(a *abi.Action) { a.Parameters[0].Kind, a.Parameters[0].Default = "path", "/a" }), `actions[0].parameters[0].default: the default does not fit: the value of "kind" must be a path: not empty between two '/', none at its ends, and no '.' or '..' alone`},
		{"pattern", act(func(a *abi.Action) { a.Parameters[0].Pattern = "(" }), "actions[0].parameters[0].pattern: the pattern of \"kind\" is not a regular expression: error parsing regexp: missing closing ): `(`"},
		{"unknown scope", act(func(a *abi.Action) { a.Scopes = []abi.OneOf{{"read"}} }), `actions[0].scopes[0]: the scope "read" is not declared`},
		{"an answer that nobody reads", act(func(a *abi.Action) { a.Answer = &abi.Answer{Key: "/id"} }), `actions[0].answer.key: "key" means nothing here; the answer of this request has error`},
		{"an error in an answer", act(func(a *abi.Action) { a.Answer = &abi.Answer{Error: "/errors/0/message"} }), ""},
		{"an error that is no pointer", act(func(a *abi.Action) { a.Answer = &abi.Answer{Error: "error"} }), `actions[0].answer.error: "error" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"a secret in a path", act(func(a *abi.Action) { a.Path = "/{key}" }), `actions[0].path: the secret {key} may not stand in "path"`},
	})
}

func TestActionsOfOAuth(t *testing.T) {
	type m = *abi.Manifest
	scoped := func(list ...abi.OneOf) func(m) {
		return func(m m) {
			m.Actions = []abi.Action{{Name: "list", Request: abi.Request{Path: "/items"}, Scopes: list}}
		}
	}
	check(t, oauth, []rule{
		{"scopes", scoped(abi.OneOf{"read"}, abi.OneOf{"write", "read"}), ""},
		{"an unknown one of two scopes", scoped(abi.OneOf{"read", "al"}), `actions[0].scopes[0][1]: the scope "al" is not declared`},
		{"none of no scopes", scoped(abi.OneOf{}), `actions[0].scopes[0]: no scope is named`},
		{"a scope twice", scoped(abi.OneOf{"read"}, abi.OneOf{"read"}), `actions[0].scopes[1]: read stands twice in "scopes"`},
		{"a scope twice among those of which one is enough", scoped(abi.OneOf{"read", "read"}), `actions[0].scopes[0][1]: "read" stands twice in "scopes[0]"`},
	})
	named := func(key string) func(m) {
		return func(m m) {
			m.Actions = []abi.Action{{Name: "list", Request: abi.Request{Path: "/items/{" + key + "}"}, Parameters: []abi.Parameter{{Key: key}}}}
		}
	}
	check(t, oauth, []rule{
		{"a parameter called state", named("state"), ""},
		{"a parameter called token", named("token"), ""},
		{"a parameter called client_id", named("client_id"), ""},
		{"a parameter called access_token", named("access_token"), `actions[0].parameters[0].key: "access_token" is the host's own name and cannot be a parameter`},
		{"a parameter called dpop_key", named("dpop_key"), `actions[0].parameters[0].key: "dpop_key" is the host's own name and cannot be a parameter`},
	})
	a := abi.Action{Scopes: []abi.OneOf{{"profile"}, {"mail.read", "mail.write"}}}
	for granted, want := range map[string]string{
		"profile mail.write": "", "profile mail.read mail.write": "", "mail.read": "profile", "profile": "mail.read or mail.write", "": "profile, mail.read or mail.write",
	} {
		if got := abi.AllOf(a.Lacks(strings.Fields(granted))); got != want {
			t.Errorf("%q lacks %q, want %q", granted, got, want)
		}
	}
}

func TestPagingRules(t *testing.T) {
	type m = *abi.Manifest
	page := func(p abi.Paging) func(m) { return func(m m) { m.Page = &p } }
	check(t, skeleton, []rule{
		{"after the last item", page(abi.Paging{Last: "/id", Parameter: "after", Items: "/data", More: "/more"}), ""},
		{"numbers from 0", page(abi.Paging{Number: "page", First: new(int)}), ""},
		{"no way", page(abi.Paging{Items: "/items"}), `page: "page" needs one of "next", "cursor", "last", "offset" and "number"`},
		{"two ways", page(abi.Paging{Last: "/id", Number: "page"}), `page: "page" needs one of "next", "cursor", "last", "offset" and "number"`},
		{"last as nothing", page(abi.Paging{Last: "/id"}), `page: "last" needs "parameter": what it is sent as`},
		{"cursor as nothing", page(abi.Paging{Cursor: "/next"}), `page: "cursor" needs "parameter": what it is sent as`},
		{"last that is no pointer", page(abi.Paging{Last: "id", Parameter: "after"}), `page.last: "last" has a form that is not allowed`},
		{"a parameter of an offset", page(abi.Paging{Offset: "skip", Parameter: "x"}), `page.parameter: "parameter" means nothing without "cursor" or "last"`},
		{"the first of an offset", page(abi.Paging{Offset: "skip", First: new(int)}), `page.first: "first" means nothing without "number"`},
	})
}

func TestCallbackPointers(t *testing.T) {
	type m = *abi.Manifest
	capture := func(p string) func(m) {
		return func(m m) { m.Capture["realm"] = p; m.Test.Path = "/{realm}" }
	}
	check(t, oauth, []rule{
		{"capture", capture("callback:/realmId"), ""},
		{"not a pointer", capture("callback:realmId"), `capture.realm: "realmId" is not a JSON pointer, which begins with '/' (RFC 6901)`},
		{"deep", capture("callback:/a/b"), `capture.realm: a callback's query is flat, and "callback:/a/b" points deeper`},
		{"code", capture("callback:/code"), `capture.realm: "callback:/code" is the host's own, which nobody may read`},
		{"verifier", capture("callback:/oauth_verifier"), `capture.realm: "callback:/oauth_verifier" is the host's own, which nobody may read`},
		{"token", capture("callback:/id_token"), `capture.realm: "callback:/id_token" is a token by its name, which nobody may read`},
		{"public", func(m m) { m.Public, m.Hooks = []string{"callback:/shop"}, []string{"callback"} }, ""},
		{"public without the hook", func(m m) { m.Public = []string{"callback:/shop"} }, `public[0]: "callback:/shop" is for the hook "callback", which is not declared`},
	})
}

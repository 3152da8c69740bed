package lab_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
)

// What most of the services below have.
const (
	calls = `
base_url: https://api.acme.example/v1
test: {path: /me, answer: {key: /user/id, label: /user/name}}
actions:
  - name: show_item
    path: /items/{item}
    query: {part: "{part}"}
    parameters: [{key: item, required: true}, {key: part}]
`
	tokens2 = `
  token: {url: "https://login.acme.example/token"}
scopes: [items.read, items.write]
` + calls
	person = `
  authorize: {url: "https://login.acme.example/authorize"}` + tokens2
)

// rounds are services of every auth type, and of every way that oauth2 has.
var rounds = map[string]string{
	"none":           "auth: {type: none}" + calls,
	"basic":          "auth: {type: basic}" + calls,
	"basic, one":     `auth: {type: basic, username: "{email}/token", password: "{api_token}"}` + "\nparameters: [{key: email, required: true}, {key: api_token, secret: true, required: true}]" + calls,
	"api_key":        "auth: {type: api_key, name: X-API-Key}" + calls,
	"key in query":   "auth: {type: api_key, in: query, name: key}" + calls,
	"key in path":    `auth: {type: api_key, in: path, value: "/bot{key}"}` + calls,
	"key pattern":    "auth: {type: api_key, name: X-API-Key}\nparameters: [{key: key, secret: true, pattern: \"acme_[a-z0-9]{24}\"}]" + calls,
	"key and also":   `auth: {type: api_key, name: X-API-Key, also: [{name: X-App, value: "{app}"}, {in: query, name: v, value: "2"}]}` + "\nparameters: [{key: app, required: true}]" + calls,
	"bearer":         `auth: {type: bearer, value: "token {token}"}` + calls,
	"digest":         "auth: {type: digest}" + calls,
	"jwt":            `auth: {type: jwt, algorithm: ES256, header: {kid: "{key_id}"}, claims: {iss: "{issuer}", aud: acme-v1, jti: "{random}"}}` + "\nparameters: [{key: issuer, required: true}, {key: key_id, required: true}]" + calls,
	"jwt, hex":       `auth: {type: jwt, algorithm: HS256, key: "{secret}", key_code: hex, claims: {aud: acme}}` + "\nparameters: [{key: secret, secret: true, required: true, pattern: \"[0-9a-f]{64}\"}]" + calls,
	"jwt, hmac":      `auth: {type: jwt, algorithm: HS512, key: "{secret}", claims: {iss: acme}}` + "\nparameters: [{key: secret, secret: true, required: true}]" + calls,
	"sigv4":          "auth: {type: sigv4, service: objects}" + calls,
	"sigv4, any":     "auth: {type: sigv4, service: \"{service}\", services: {api.acme.example: s3}}\nparameters: [{key: service, required: true}]" + calls,
	"sigv4, s3":      "auth: {type: sigv4, service: s3, region: eu-1}" + calls,
	"session":        "auth: {type: session, login: {path: /login, form: {user: \"{username}\", password: \"{password}\"}, answer: {access: \"cookie:/SID\"}}, name: Cookie, value: \"SID={session}\"}\nrefresh: {status: 403}\nrevoke: {path: /logout, headers: {Cookie: \"SID={session}\"}}" + calls,
	"session, JSON":  "auth: {type: session, login: {path: /login, json: {user: \"{username}\", password: \"{password}\"}, answer: {access: /session/id, expires_in: /session/ttl}}, name: X-Session}\nrevoke: {method: DELETE, path: /login, headers: {X-Session: \"{session}\"}}" + calls,
	"oauth1, pasted": "auth: {type: oauth1, signature_method: HMAC-SHA256, realm: \"{account}\"}\nparameters: [{key: account, required: true}, {key: token, secret: true, required: true}, {key: token_secret, secret: true, required: true}]" + calls,
	"oauth1": `
auth:
  type: oauth1
  request: {url: "https://acme.example/oauth/request_token"}
  authorize: {url: "https://acme.example/oauth/authorize"}
  token: {url: "https://acme.example/oauth/access_token"}` + calls,
	"oauth1, RSA": `
auth:
  type: oauth1
  signature_method: RSA-SHA1
  realm: acme
  request: {url: "https://acme.example/oauth/request_token"}
  authorize: {url: "https://acme.example/oauth/authorize"}
  token: {url: "https://acme.example/oauth/access_token"}` + calls,
	"oauth1, alone": "auth: {type: oauth1, signature_method: HMAC-SHA256}" + calls,
	"oauth1, plain": "auth: {type: oauth1, signature_method: PLAINTEXT}" + calls,
	"code":          "revoke: {url: \"https://login.acme.example/revoke\"}\nintrospect: {url: \"https://login.acme.example/introspect\"}\nauth:\n  type: oauth2" + person,
	"code, account": "capture: {tenant: /tenant}\nrevoke: {url: \"https://login.acme.example/leave\", form: {token: \"\", token_type_hint: \"\", tenant: \"{tenant}\"}}\nauth:\n  type: oauth2" + person,
	"code, swapped": "refresh: {query: {refresh_token: \"\", old_token: \"{refresh_token}\"}, method: GET}\nauth:\n  type: oauth2\n  client_auth: body" + strings.Replace(person, "/token\"}", "/token\", answer: {refresh: /access_token}}", 1),
	"code, body":    "auth:\n  type: oauth2\n  client_auth: body\n  pkce: none\n  scope_separator: \",\"" + person,
	"code, public":  "auth:\n  type: oauth2\n  client_auth: none" + person,
	"code, key":     "auth:\n  type: oauth2\n  client_auth: private_key_jwt\n  client_assertion: {algorithm: ES256, header: {kid: acme-1}}" + person,
	"code, hmac":    "auth:\n  type: oauth2\n  client_auth: client_secret_jwt" + person,
	"code, mtls":    "auth:\n  type: oauth2\n  client_auth: mtls\n  proof: mtls" + person,
	"code, dpop":    "auth:\n  type: oauth2\n  proof: dpop" + person,
	"code, par":     "auth:\n  type: oauth2\n  par: {url: \"https://login.acme.example/par\"}" + person,
	"code, renamed": `
auth:
  type: oauth2
  client_auth: body
  authorize: {url: "https://acme.example/login?app=1", query: {client_id: "", app_id: "{client_id}", scope: "", permissions: "{scope}"}}
  token:
    url: https://api.acme.example/oauth
    json: {grant_type: "", code: "", auth_code: "{code}", client_id: "", app_id: "{client_id}", client_secret: "", app_secret: "{client_secret}"}
    answer: {access: /data/user/token, refresh: /data/user/refresh, expires_in: /data/ttl, scope: /data/scopes, token_type: /data/type, error: /err/code}
capture: {tenant: /data/tenant/0/id, realm: "callback:/realmId"}
refresh: {json: {refresh: "{refresh_token}", refresh_token: "", app_id: "{client_id}", client_id: "", app_secret: "{client_secret}", client_secret: ""}}
scopes: [items.read]
base_url: https://api.acme.example/{tenant}
test: {path: "/me/{realm}", answer: {key: /user/id, label: /user/name}}
actions: [{name: show_item, path: "/items/{item}", query: {part: "{part}"}, parameters: [{key: item}, {key: part}]}]`,
	"code, its own URL": `
auth:
  type: oauth2
  authorize: {url: "https://login.acme.example/authorize"}
  token: {url: "https://login.acme.example/token"}
capture: {instance_url: /instance_url}
base_url: "{instance_url}/v1"
hosts: [login.acme.example]
test: {path: /me, answer: {key: /user/id, label: /user/name}}
actions: [{name: show_item, path: "/items/{item}", query: {part: "{part}"}, parameters: [{key: item}, {key: part}]}]`,
	"issuer":             "auth: {type: oauth2, issuer: \"https://login.acme.example/tenants/{tenant}\"}\nparameters: [{key: tenant, required: true}]\nscopes: [items.read]" + calls,
	"kept refresh token": "refresh: {rotation: none}\nauth:\n  type: oauth2" + person,
	"client_credentials": "auth:\n  type: oauth2\n  grant: client_credentials" + tokens2,
	"device_code":        "auth:\n  type: oauth2\n  grant: device_code\n  device: {url: \"https://login.acme.example/device\"}" + tokens2,
	"jwt_bearer, shown":  "parameters: [{key: app, required: true}]\nauth:\n  type: oauth2\n  grant: jwt_bearer\n  client_auth: none\n  assertion: {claims: {iss: \"{app}\"}}\n  token: {url: \"https://login.acme.example/apps/{app}/tokens\", headers: {Authorization: \"Bearer {assertion}\"}, form: {grant_type: \"\", assertion: \"\", scope: \"\"}}" + calls,
	"jwt_bearer":         "parameters: [{key: email, required: true}]\nauth:\n  type: oauth2\n  grant: jwt_bearer\n  client_auth: none\n  assertion: {claims: {iss: \"{email}\", aud: \"https://login.acme.example/token\"}}" + tokens2,
	"token_exchange":     "auth:\n  type: oauth2\n  grant: token_exchange" + tokens2,
	"own server":         "auth: {type: bearer}\nparameters: [{key: server, kind: host, required: true}]\nbase_url: https://{server}/v1\ntest: {path: /me, answer: {key: /user/id, label: /user/name}}\nactions: [{name: show_item, path: \"/items/{item}\", query: {part: \"{part}\"}, parameters: [{key: item}, {key: part}]}]",
	"account in a list":  "auth: {type: bearer}\nbase_url: https://acme.example/v1\ntest: {path: /table/user, answer: {key: /result/0/id, label: /result/0/name}}\nactions: [{name: list_records, path: \"/table/{table}\", page: {offset: from, items: /result, size: 2}, parameters: [{key: table}]}, {name: show_item, path: \"/items/{item}\", query: {part: \"{part}\"}, parameters: [{key: item}, {key: part}]}]",
	"a centre":           "auth: {type: bearer}\nparameters: [{key: server, kind: host, required: true}]\ndata_centres: [{name: eu, values: {server: api.eu.acme.example}}]\nbase_url: https://{server}/v1\ntest: {path: /me, answer: {key: /user/id, label: /user/name}}\nactions: [{name: show_item, path: \"/items/{item}\", query: {part: \"{part}\"}, parameters: [{key: item}, {key: part}]}]",
}

// The whole life of a connection with each of them, through the host as it is:
// authorize, identity, test, a call, an action, a renewal, revocation.
func TestRounds(t *testing.T) {
	for name, text := range rounds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rehearse(t, text).round()
		})
	}
}

// The same with every manifest rewritten to lead to an address of this machine,
// through the egress of any connhost.
func TestRoundsAway(t *testing.T) {
	for name, text := range rounds {
		if strings.Contains(text, "mtls") { // never over plain http
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rehearseAway(t, text).round()
		})
	}
}

// The connectors that the program brings, as they are, with their actions.
func TestBuiltInConnectors(t *testing.T) {
	for name, do := range map[string]struct{ action, parameters, want string }{
		"dropbox":     {"list_folder", `{"path":"/Reports","recursive":true,"limit":20}`, `"limit":"20"`},
		"trello":      {"create_card", `{"list":"l1","name":"Tea & cake","desc":"100 %"}`, `"name":"Tea & cake"`},
		"atlassian":   {"create_issue", `{"fields":{"summary":"Teapot"}}`, `{\"summary\":\"Teapot\"}`},
		"openweather": {"current", `{"q":"Paris"}`, `"q":"Paris"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("../../connectors/" + name + "/connector.yaml")
			if err != nil {
				t.Fatal(err)
			}
			r := rehearseAsItIs(t, string(text))
			_, err = r.authorize()
			r.must(err)
			tested, err := r.Test(r.ctx, r.admin, host.Development, r.link)
			if err != nil || !tested.OK {
				t.Errorf("%+v, %v%s", tested, err, r.seen())
			}
			pages, err := r.act(do.action, false, do.parameters)
			if err != nil || len(pages) != 1 || !strings.Contains(strings.ReplaceAll(pages[0], `\u0026`, "&"), do.want) {
				t.Errorf("%q, %v%s", pages, err, r.seen())
			}
			r.renewal()
			_, err = r.Revoke(r.ctx, r.admin, host.Development, r.link)
			r.must(err)
		})
	}
}

// round is the life of a connection.
func (r *rehearsal) round() {
	t := r.t
	got, err := r.authorize()
	r.must(err)
	if got.Warning != "" || got.Authorization.AccountLabel != "Ada Lovelace" {
		t.Errorf("authorized as %q, %s", got.Authorization.AccountLabel, got.Warning)
	}
	tested, err := r.Test(r.ctx, r.admin, host.Development, r.link)
	if err != nil || !tested.OK || tested.Account.Key != "acc_1" {
		t.Errorf("%+v, %v", tested, err)
	}
	status, body, err := r.get("/anything")
	if status != 200 || !strings.Contains(body, `"ok":true`) || err != nil {
		t.Errorf("a call: %d %s, %v", status, body, err)
	}
	pages, err := r.act("show_item", false, `{"item": "tea pot/1", "part": "lid & all"}`)
	if err != nil || len(pages) != 1 || !strings.Contains(pages[0], `"item":"tea pot/1"`) {
		t.Errorf("an action: %q, %v", pages, err)
	}
	r.renewal()
	r.end()
	if t.Failed() {
		t.Log(r.seen())
	}
}

// renewal ends every token, and a call finds out.
func (r *rehearsal) renewal() {
	r.t.Helper()
	if !r.m.Renews() {
		return
	}
	for range 2 { // the second one shows what the first has kept
		before := r.lab.Refreshes() + r.count("token") + r.count("login")
		r.lab.Expire()
		status, _, err := r.get("/anything")
		if status != 200 || err != nil || r.lab.Refreshes()+r.count("token")+r.count("login") != before+1 {
			r.t.Errorf("after the end of a token: %d, %v", status, err)
		}
	}
}

// end revokes, and what was revoked is refused.
func (r *rehearsal) end() {
	r.t.Helper()
	out, err := r.Revoke(r.ctx, r.admin, host.Development, r.link)
	r.must(err)
	want := "not declared"
	if r.m.Revoke != nil || r.m.Auth.Issuer != "" {
		want = "revoked"
		last := r.lab.Log()[len(r.lab.Log())-1]
		if last.Endpoint != "revoke" || !slices.Contains([]string{"grant ended", "access token ended"}, last.Outcome) {
			r.t.Errorf("the lab saw %+v", last)
		}
	}
	if out.Upstream != want {
		r.t.Errorf("revoked: %s, want %s", out.Upstream, want)
	}
}

// Every door refuses the credential of another, of the same shape, so that the
// rounds above prove something.
func TestWrongCredentials(t *testing.T) {
	for name, text := range rounds {
		if name == "none" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rehearse(t, text, func(r *rehearsal) {
				other, err := lab.Shaped(r.m, lab.Options{Seed: 2})
				r.must(err)
				c := other.Credential()
				if c.ClientSecret == lab.ClientSecret {
					c.ClientSecret += "-of-another"
				}
				if c.ClientSecret == "" && r.m.NeedsClient() { // a public client has its id alone
					c.ClientID += "2"
				}
				r.given = c
			})
			got, err := r.authorize()
			if err == nil && !strings.Contains(got.Warning, "401") && !strings.Contains(got.Warning, "403") {
				t.Errorf("it is taken: %+v%s", got, r.seen())
			}
			if name != "session" && err == nil {
				status, body, err := r.get("/anything")
				if status != 401 && err == nil {
					t.Errorf("%d %s", status, body)
				}
			}
		})
	}
}

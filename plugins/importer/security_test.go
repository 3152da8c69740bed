package importer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/importer"
)

// Each kind of security scheme is an auth.
func TestSchemes(t *testing.T) {
	tests := []struct{ name, schemes, security, want string }{
		{"a key in a header", `k: {type: apiKey, in: header, name: X-Key}`, `[{k: []}]`, `{"type":"api_key","name":"X-Key"}`},
		{"a key in a cookie", `k: {type: apiKey, in: cookie, name: sid}`, `[{k: []}]`, `{"type":"api_key","name":"Cookie","value":"sid={key}"}`},
		{"a word that only the description tells", `k: {type: apiKey, in: header, name: Authorization, description: "Use ` + "`Authorization: Token your-key`" + `"}`, `[{k: []}]`, `{"type":"bearer","value":"Token {token}"}`},
		{"basic", `k: {type: http, scheme: Basic}`, `[{k: []}]`, `{"type":"basic"}`},
		{"bearer", `k: {type: http, scheme: bearer}`, `[{k: []}]`, `{"type":"bearer"}`},
		{"digest", `k: {type: http, scheme: digest}`, `[{k: []}]`, `{"type":"digest"}`},
		{"a word of the service", `k: {type: http, scheme: GenieKey}`, `[{k: []}]`, `{"type":"bearer","value":"GenieKey {token}"}`},
		{
			"authorization code", `k: {type: oauth2, flows: {authorizationCode: {authorizationUrl: https://acme.test/a, tokenUrl: https://acme.test/t, scopes: {r: Reads}}}}`, `[{k: [r]}]`,
			`{"type":"oauth2","authorize":{"url":"https://acme.test/a"},"token":{"url":"https://acme.test/t"}}`,
		},
		{
			"client credentials, relative", `k: {type: oauth2, flows: {clientCredentials: {tokenUrl: /oauth/token}}}`, `[{k: []}]`,
			`{"type":"oauth2","grant":"client_credentials","token":{"url":"https://api.acme.test/oauth/token"}}`,
		},
		{
			"a tenant in the URL", `k: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://login.acme.test/{tenant}/token"}}}`, `[{k: []}]`,
			`{"type":"oauth2","grant":"client_credentials","token":{"url":"https://login.acme.test/{tenant}/token"}}`,
		},
		{
			"password", `k: {type: oauth2, flows: {password: {tokenUrl: https://acme.test/t}}}`, `[{k: []}]`,
			`{"type":"oauth2","grant":"client_credentials","token":{"url":"https://acme.test/t","form":{"grant_type":"password","password":"{password}","username":"{username}"}}}`,
		},
		{
			"implicit, with a guess", `k: {type: oauth2, flows: {implicit: {authorizationUrl: https://acme.test/oauth/authorize}}}`, `[{k: []}]`,
			`{"type":"oauth2","authorize":{"url":"https://acme.test/oauth/authorize"},"token":{"url":"https://acme.test/oauth/token"}}`,
		},
		{
			"an issuer", `k: {type: openIdConnect, openIdConnectUrl: https://acme.test/x/.well-known/openid-configuration}`, `[{k: [openid]}]`,
			`{"type":"oauth2","issuer":"https://acme.test/x"}`,
		},
		{
			"two keys together", `{k: {type: apiKey, in: header, name: X-Key}, app: {type: apiKey, in: query, name: app_id}}`, `[{k: [], app: []}]`,
			`{"type":"api_key","name":"X-Key","also":[{"in":"query","name":"app_id","value":"{app}"}]}`,
		},
		{"the better of two", `{k: {type: http, scheme: basic}, b: {type: http, scheme: bearer}}`, `[{k: []}, {b: []}]`, `{"type":"bearer"}`},
		{"none that a manifest can say", `k: {type: mutualTLS}`, `[{k: []}]`, `{"type":"none"}`},
		{"none at all", ``, `[]`, `{"type":"none"}`},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if !strings.HasPrefix(c.schemes, "{") {
				c.schemes = "{" + c.schemes + "}"
			}
			d := drafted(t, head+"components: {securitySchemes: "+c.schemes+"}\nsecurity: "+c.security+"\npaths: {/a: {get: {}}}", importer.Options{})
			if got, _ := json.Marshal(d.Manifest.Auth); string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

const twoSchemes = head + `
components: {securitySchemes: {k: {type: apiKey, in: header, name: X-Key}, b: {type: http, scheme: bearer}}}
security: [{b: []}, {k: []}]
paths: {/a: {get: {}}}
`

// --auth chooses a scheme, or a type that needs nothing more.
func TestAuthAsked(t *testing.T) {
	for asked, want := range map[string]string{"": "bearer", "k": "api_key", "basic": "basic", "none": "none"} {
		if d := drafted(t, twoSchemes, importer.Options{Auth: asked}); d.Manifest.Auth.Type != want {
			t.Errorf("%q: got %s", asked, d.Manifest.Auth.Type)
		}
	}
	_, err := importer.Import("acme.yaml", []byte(twoSchemes), importer.Options{Auth: "sorry"})
	if e, ok := err.(*host.Error); !ok || e.Code != host.NotFound || e.Hint != "it has: b, k" {
		t.Errorf("got %v", err)
	}
}

// What was not chosen is told.
func TestSchemesLeftOut(t *testing.T) {
	d := drafted(t, twoSchemes, importer.Options{})
	if text := d.Review.Markdown("acme", 1); !strings.Contains(text, "auth is the security scheme b; left out: k; to choose another: --auth NAME") {
		t.Errorf("got %s", text)
	}
}

// Scopes are declared with what they permit, and told by operations.
func TestScopes(t *testing.T) {
	d := drafted(t, head+`
components: {securitySchemes: {o: {type: oauth2, flows: {authorizationCode: {authorizationUrl: https://acme.test/a, tokenUrl: https://acme.test/t, refreshUrl: https://acme.test/r, scopes: {r: Reads}}}}}}
paths: {/a: {get: {operationId: x, security: [{o: [r, w]}]}}}
`, importer.Options{})
	if got, _ := json.Marshal(d.Manifest.Scopes); string(got) != `[{"name":"r","text":"Reads"},{"name":"w"}]` {
		t.Errorf("got %s", got)
	}
	if got, want := action(t, d, "x"), `{"name":"x","text":"GET /a","path":"/a","scopes":["r","w"]}`; got != want || d.Manifest.Refresh.URL != "https://acme.test/r" {
		t.Errorf("got %s", got)
	}
}

// A server is a base_url, with parameters for what it does not fix.
func TestServers(t *testing.T) {
	tests := []struct{ name, servers, want, parameters string }{
		{"one", `[{url: https://api.acme.test/v1/}]`, "https://api.acme.test/v1", ""},
		{"https of several", `[{url: http://api.acme.test}, {url: https://api.acme.test}]`, "https://api.acme.test", ""},
		{"a variable", `[{url: "https://{region}.acme.test", variables: {region: {default: eu, enum: [eu, us]}}}]`, "https://{region}.acme.test", `[{"key":"region","label":"Region","default":"eu","enum":["eu","us"]}]`},
		{"a variable for the reader's own", `[{url: "https://{tenant}.acme.test", variables: {tenant: {default: your-tenant}}}]`, "https://{tenant}.acme.test", `[{"key":"tenant","label":"Tenant","help":"Such as your-tenant.","required":true}]`},
		{"a whole host", `[{url: "https://{host}/v2", variables: {host: {default: api.acme.test}}}]`, "https://{host}/v2", `[{"key":"host","label":"Host","help":"The service's host, such as api.your-company.com.","default":"api.acme.test","kind":"host"}]`},
		{"a whole URL", `[{url: "{base}/x", variables: {base: {default: "https://api.acme.test"}}}]`, "https://api.acme.test/x", ""},
		{"a version", `[{url: "https://api.acme.test/{version}", variables: {version: {default: v2}}}]`, "https://api.acme.test/v2", ""},
		{"relative", `[{url: /api}]`, "https://{server}/api", `[{"key":"server","label":"Server","help":"The service's host, such as api.your-company.com.","required":true,"kind":"host"}]`},
		{"nobody's", `[{url: "https://api.example.com/v1"}]`, "https://{server}/v1", `[{"key":"server","label":"Server","help":"The service's host, such as api.example.com.","required":true,"kind":"host"}]`},
		{"this machine", `[{url: "http://localhost:8080/v1"}]`, "http://{server}/v1", `[{"key":"server","label":"Server","help":"The service's host, such as localhost.","default":"localhost:8080","kind":"host"}]`},
		{"none", `[]`, "https://{server}", `[{"key":"server","label":"Server","help":"The service's host, such as api.your-company.com.","required":true,"kind":"host"}]`},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			d := drafted(t, "openapi: 3.1.0\ninfo: {title: Acme}\nservers: "+c.servers+"\npaths: {/a: {get: {}}}", importer.Options{})
			got := ""
			if len(d.Manifest.Parameters) > 0 {
				text, _ := json.Marshal(d.Manifest.Parameters)
				got = string(text)
			}
			if d.Manifest.BaseURL != c.want || got != c.parameters {
				t.Errorf("got %s %s", d.Manifest.BaseURL, got)
			}
		})
	}
}

// A document that is written to harm costs one operation or nothing.
func TestHostileTexts(t *testing.T) {
	d := drafted(t, head+`
paths:
  "/a/{x}{y}": {get: {operationId: "{{evil}}\u0000\n", summary: "line\nbreak \e[31m <script>x</script> {name}", parameters: [{name: "a\nb", in: query}, {name: "q{z}", in: query, required: true, schema: {enum: ["{x}"]}}]}}
`, importer.Options{})
	if got, want := action(t, d, "evil"), `{"name":"evil","text":"line break [31m x {name}","path":"/a/{x}{y}","query":{"q{z}":"{{x}}"},"parameters":[{"key":"x","required":true},{"key":"y","required":true}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

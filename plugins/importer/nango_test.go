package importer_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/importer"
)

// providers are entries of a file that its user has.
const providers = `
desk:
  display_name: Desk
  categories: [popular, support]
  auth_mode: OAUTH2
  authorization_url: https://${connectionConfig.subdomain}.desk.test/oauth/authorize
  token_url: https://${connectionConfig.subdomain}.desk.test/oauth/token
  authorization_params: {response_type: code, access_type: offline}
  token_params: {grant_type: authorization_code, expires_in: 1800}
  refresh_params: {grant_type: refresh_token}
  scope_separator: ','
  default_scopes: [read]
  disable_pkce: true
  proxy:
    base_url: https://${connectionConfig.subdomain}.desk.test/api
    headers: {x-desk-version: '2'}
    verification: {method: GET, endpoints: [/me]}
    paginate: {type: link, link_path_in_response_body: links.next, response_path: tickets}
  docs: https://desk.test/docs
  connection_config:
    subdomain: {type: string, title: Desk domain, description: What stands before desk.test, pattern: '^[a-z0-9-]+$', example: acme}
desk-mail:
  alias: desk
  display_name: Desk mail
  proxy: {base_url: https://mail.desk.test}
key:
  auth_mode: API_KEY
  proxy: {base_url: "https://${connectionConfig.host}", headers: {authorization: "Token ${apiKey}"}}
pair:
  auth_mode: API_KEY
  proxy: {base_url: https://pair.test, headers: {authorization: "Basic ${base64(${apiKey}:)}"}}
steps:
  auth_mode: TWO_STEP
  body_format: json
  token_url: https://steps.test/login
  token_params: {user: "${credentials.username}", pass: "${credentials.password}"}
  token_response: {token: data.jwt, token_expiration: data.ttl, token_expiration_strategy: expireIn}
  proxy: {base_url: https://steps.test, headers: {x-session: "${accessToken}"}}
instance:
  auth_mode: OAUTH2
  authorization_url: https://login.instance.test/a
  token_url: https://login.instance.test/t
  token_response_metadata: [instance_url]
  proxy: {base_url: "${connectionConfig.instance_url}/v1"}
app: {auth_mode: APP}
sign: {auth_mode: API_KEY, proxy: {base_url: https://s.test, headers: {x: "${sha256(${apiKey})}"}}}
`

func TestProviders(t *testing.T) {
	tests := map[string]struct{ auth, base string }{
		"desk":      {`{"type":"oauth2","also":[{"name":"x-desk-version","value":"2"}],"authorize":{"url":"https://{subdomain}.desk.test/oauth/authorize","query":{"access_type":"offline"}},"token":{"url":"https://{subdomain}.desk.test/oauth/token","form":{"expires_in":"1800"}},"client_auth":"body","pkce":"none","scope_separator":","}`, "https://{subdomain}.desk.test/api"},
		"desk-mail": {`{"type":"oauth2","also":[{"name":"x-desk-version","value":"2"}],"authorize":{"url":"https://{subdomain}.desk.test/oauth/authorize","query":{"access_type":"offline"}},"token":{"url":"https://{subdomain}.desk.test/oauth/token","form":{"expires_in":"1800"}},"client_auth":"body","pkce":"none","scope_separator":","}`, "https://mail.desk.test"},
		"key":       {`{"type":"api_key","name":"authorization","value":"Token {key}"}`, "https://{host}"},
		"pair":      {`{"type":"basic","username":"{apiKey}","password":"{none|}"}`, "https://pair.test"},
		"steps":     {`{"type":"session","name":"x-session","value":"{session}","login":{"url":"https://steps.test/login","json":{"pass":"{password}","user":"{username}"},"answer":{"access":"/data/jwt","expires_in":"/data/ttl"}}}`, "https://steps.test"},
		"instance":  {`{"type":"oauth2","authorize":{"url":"https://login.instance.test/a"},"token":{"url":"https://login.instance.test/t"},"client_auth":"body"}`, "{instance_url}/v1"},
	}
	for name, want := range tests {
		d := drafted(t, providers, importer.Options{Provider: name})
		var auth map[string]any
		text, _ := json.Marshal(d.Manifest)
		var m struct{ Auth json.RawMessage }
		if err := json.Unmarshal(text, &m); err != nil || json.Unmarshal(m.Auth, &auth) != nil {
			t.Fatal(err)
		}
		if string(m.Auth) != want.auth || d.Manifest.BaseURL != want.base || d.Manifest.ID != name {
			t.Errorf("%s: got  %s %s\nwant %s", name, m.Auth, d.Manifest.BaseURL, want.auth)
		}
	}
}

// An entry tells its fields, its pages and what shows that a credential works.
func TestProviderParts(t *testing.T) {
	m := drafted(t, providers, importer.Options{Provider: "desk"}).Manifest
	p, _ := m.Parameter("subdomain")
	if p.Label != "Desk domain" || p.Help != "What stands before desk.test. Such as acme." || p.Pattern != "[a-z0-9-]+" || !p.Required {
		t.Errorf("got %+v", p)
	}
	if m.Page == nil || m.Page.Next != "/links/next" || m.Page.Items != "/tickets" || m.Test == nil || m.Test.Path != "/me" || m.Category != "support" {
		t.Errorf("got %+v, %+v, %s", m.Page, m.Test, m.Category)
	}
}

// A wrong name leads to those that are near, and what no manifest can say to
// code.
func TestProviderErrors(t *testing.T) {
	for name, want := range map[string]string{
		"":     "has 8 providers; one of them is drafted at a time",
		"deks": `has no provider "deks"`,
		"app":  `authorizes by "APP", which no manifest can say`,
		"sign": `which only code can`,
	} {
		_, err := importer.Import("providers.yaml", []byte(providers), importer.Options{Provider: name})
		if e, ok := err.(*host.Error); !ok || !strings.Contains(e.Msg, want) || e.Hint == "" {
			t.Errorf("%q: got %v", name, err)
		}
	}
	_, err := importer.Import("providers.yaml", []byte(providers), importer.Options{Provider: "desk-"})
	if e, ok := err.(*host.Error); !ok || !strings.HasPrefix(e.Hint, "near to it: desk") {
		t.Errorf("got %+v", err)
	}
}

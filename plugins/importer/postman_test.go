package importer_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/importer"
)

// parcels is a collection with what its author should not have left in it.
const parcels = `{
 "info": {"name": "Parcels API", "description": "Parcels. See https://parcels.test/docs.", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
 "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Parcels-Key"}, {"key": "value", "value": "s3cret-0123456789abcdef"}]},
 "variable": [
  {"key": "baseUrl", "value": "https://api.parcels.test/v1"}, {"key": "tenant", "value": "t1"},
  {"key": "apiToken", "value": "s3cret-of-a-variable"}, {"key": "pin", "value": "s3cret-0123456789abcdef"}
 ],
 "item": [{"name": "Users", "item": [
  {"name": "Get me", "request": {"method": "GET", "url": "{{baseUrl}}/me"}},
  {"name": "List users", "request": {"header": [{"key": "X-Tenant", "value": "{{tenant}}"}, {"key": "X-Token", "value": "{{apiToken}}"}], "url": {
   "raw": "{{baseUrl}}/users?limit=10&q={{q}}", "query": [{"key": "limit", "value": "10", "description": "How many"}, {"key": "q", "value": "{{q}}"}, {"key": "token", "value": "s3cret"}]}}},
  {"name": "Create user", "request": {"method": "POST", "url": {"raw": "{{baseUrl}}/users/:team", "path": ["users", ":team"], "variable": [{"key": "team", "description": "The team"}]},
   "body": {"mode": "raw", "raw": "{\"name\": \"Ada\", \"password\": \"s3cret\", \"age\": {{age}}, \"home\": {\"city\": \"Paris\"}, \"tags\": []}"}}},
  {"name": "Upload", "request": {"method": "POST", "url": "{{baseUrl}}/files", "body": {"mode": "formdata", "formdata": [{"key": "f", "type": "file"}]}}}
 ]}]
}`

func TestPostman(t *testing.T) {
	d := drafted(t, parcels, importer.Options{})
	m := d.Manifest
	if m.Name != "Parcels" || m.BaseURL != "https://api.parcels.test/v1" || m.Docs != "https://parcels.test/docs" || m.Auth.Name != "X-Parcels-Key" {
		t.Errorf("got %s", d.YAML)
	}
	if strings.Contains(string(d.YAML)+d.Review.Markdown("parcels", 3), "s3cret") {
		t.Errorf("a secret was copied: %s", d.YAML)
	}
	want := `{"name":"create_user","text":"Create user","method":"POST","path":"/users/{team}","json":{"age":"{age}","home":{"city":"{city}"},"name":"{name}","password":"{password}","tags":"{tags}"},` +
		`"parameters":[{"key":"team","help":"The team","required":true},{"key":"age"},{"key":"city","help":"Such as Paris."},{"key":"name","help":"Such as Ada."},{"key":"password"},{"key":"tags","kind":"json"}]}`
	if got := action(t, d, "create_user"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want = `{"name":"list_users","text":"List users","path":"/users","query":{"limit":"{limit}","q":"{q}","token":"{token}"},"headers":{"X-Tenant":"{tenant}","X-Token":"{apiToken}"},` +
		`"parameters":[{"key":"limit","help":"How many","kind":"number"},{"key":"q"},{"key":"token"}]}`
	if got := action(t, d, "list_users"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if p, _ := m.Parameter("apiToken"); !p.Secret || p.Default != "" {
		t.Errorf("got %+v", p)
	}
	if len(d.Review.LeftOut) != 1 || !strings.Contains(d.Review.LeftOut[0].Why, "a multipart body") {
		t.Errorf("left out %v", d.Review.LeftOut)
	}
}

// Each authorization of a collection is an auth type.
func TestPostmanAuth(t *testing.T) {
	request := `"item": [{"name": "a", "request": "https://api.acme.test/a"}]`
	for auth, want := range map[string]string{
		`{"type": "noauth"}`: "none",
		`{"type": "basic", "basic": [{"key": "username", "value": "x"}]}`: "basic",
		`{"type": "bearer", "bearer": [{"key": "token", "value": "x"}]}`:  "bearer",
		`{"type": "bearer", "bearer": {"token": "x"}}`:                    "bearer",
		`{"type": "digest"}`:                            "digest",
		`{"type": "apikey"}`:                            "api_key",
		`{"type": "oauth1"}`:                            "oauth1",
		`{"type": "awsv4", "awsv4": {"service": "s3"}}`: "sigv4",
		`{"type": "oauth2", "oauth2": [{"key": "authUrl", "value": "https://a.test/a"}, {"key": "accessTokenUrl", "value": "https://a.test/t"}, {"key": "scope", "value": "r w"}]}`: "oauth2",
		`{"type": "oauth2"}`: "bearer",
		`{"type": "hawk"}`:   "none",
	} {
		d := drafted(t, `{"info": {"name": "Acme", "schema": "v2.1.0"}, "auth": `+auth+`, `+request+`}`, importer.Options{})
		if d.Manifest.Auth.Type != want {
			t.Errorf("%s: got %s", auth, d.Manifest.Auth.Type)
		}
	}
}

func TestPostmanOfVersionOne(t *testing.T) {
	_, err := importer.Import("c.json", []byte(`{"info": {"schema": "https://schema.getpostman.com/json/collection/v1.0.0/"}, "requests": []}`), importer.Options{})
	if e, ok := err.(*host.Error); !ok || !strings.Contains(e.Hint, "v2.1") {
		t.Errorf("got %v", err)
	}
}

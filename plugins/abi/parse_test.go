package abi_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// skeleton is the smallest manifest of a service with an API key.
const skeleton = `{
	"connhost": 1, "id": "acme", "name": "Acme", "version": "1.0.0",
	"auth": {"type": "api_key", "in": "header", "name": "X-Key"},
	"parameters": [{"key": "key", "label": "API key", "secret": true}],
	"scopes": [], "hosts": ["api.acme.test"], "base_url": "https://api.acme.test/v1",
	"test": {"method": "GET", "path": "/me"}, "hooks": ["test"]
}`

// oauth is a manifest that uses every key of oauth2.
const oauth = `{
	"connhost": 1, "id": "crm-x", "name": "CRM", "version": "2.1.0-beta.1+7",
	"description": "A CRM.", "docs": "https://crm.test/docs",
	"auth": {
		"type": "oauth2", "in": "header", "name": "Authorization", "value": "Bearer {access_token}",
		"authorize": {"url": "https://{host|login.crm.test}/authorize", "query": {"prompt": "{prompt}", "scope": "{scope}"}},
		"token": {"method": "POST", "url": "https://{host|login.crm.test}/token", "headers": {"X-Id": "{client_id}"},
			"form": {"client_secret": "{client_secret}", "code": "{code}"}, "answer": {"access": "/tok/access", "error": "/err"}},
		"client_auth": "body", "pkce": "none", "scope_separator": ",", "client_id_pattern": "[a-z.]+", "loopback_any_port": true
	},
	"parameters": [
		{"key": "host", "label": "Host", "help": "Your own.", "kind": "host"},
		{"key": "prompt", "enum": ["login", "none"], "default": "login", "pattern": "[a-z]+"}
	],
	"scopes": ["read", {"name": "write", "text": "Change things", "required": true}],
	"hosts": ["files.crm.test:8443", "{team}.crm.test"],
	"base_url": "{instance_url|https://api.crm.test}/v2",
	"test": {"path": "/me?full=1", "answer": {"key": "/id", "label": "/user/name"}},
	"identity": {"path": "/teams/{team}", "answer": {"label": "/name"}},
	"revoke": {"url": "https://login.crm.test/revoke/{token}", "method": "DELETE", "token": "access"},
	"refresh": {"url": "{instance_url}/refresh", "json": {"refresh_token": "{refresh_token}"}, "rotation": "none", "margin": 60, "lifetime": 3600},
	"capture": {"instance_url": "/instance_url", "team": "/team/id"},
	"public": ["/team"], "hooks": ["token", "respond"]
}`

func TestParse(t *testing.T) {
	for name, doc := range map[string]string{"skeleton": skeleton, "oauth": oauth} {
		m, err := abi.Parse([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			for _, p := range abi.Validate(m) {
				t.Log(p)
			}
			continue
		}
		if w := abi.Validate(m); len(w) > 0 {
			t.Errorf("%s: %v", name, w)
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := abi.Parse(again)
		if twice, _ := json.Marshal(m2); err != nil || string(twice) != string(again) {
			t.Errorf("%s: read again: %v\n%s\n%s", name, err, again, twice)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	change := func(old, new string) string {
		if !strings.Contains(skeleton, old) {
			t.Fatalf("no %s in the skeleton", old)
		}
		return strings.Replace(skeleton, old, new, 1)
	}
	for _, c := range []struct{ name, doc, want string }{
		{"nothing", "", "the manifest is not JSON: unexpected end of JSON input at line 1, column 1"},
		{"a list", "[]", "the manifest must be an object, not a list"},
		{"null", " null", "the manifest must be an object, not null"},
		{"bad syntax", "{\n \"id\": x}", "the manifest is not JSON: invalid character 'x' looking for beginning of value at line 2, column 8"},
		{"trailing data", skeleton + "{}", "the manifest is not JSON: invalid character '{' after top-level value at line 7, column 2"},
		{"not UTF-8", "{\"id\": \"\xff\"}", "the manifest is not UTF-8 text"},
		{"too large", "{" + strings.Repeat(" ", abi.MaxManifest) + "}", "the manifest has 262146 bytes; at most 262144 are allowed"},
		{"a newer version", `{"connhost": 2, "novelty": {}}`, "connhost: the manifest is written for connhost.v2 and this host speaks connhost.v1"},
		{"unknown key", change(`"base_url"`, `"base_ulr"`), `base_ulr: unknown key "base_ulr" (did you mean "base_url"?)`},
		{"key in another case", change(`"id"`, `"ID"`), `ID: unknown key "ID" (did you mean "id"?)`},
		{"camel case", change(`"base_url"`, `"baseUrl"`), `baseUrl: unknown key "baseUrl" (did you mean "base_url"?)`},
		{"unknown key inside", change(`"type"`, `"tpye"`), `auth.tpye: unknown key "tpye" (did you mean "type"?)`},
		{"unknown key in a list", change(`"label"`, `"lable"`), `parameters[0].lable: unknown key "lable" (did you mean "label"?)`},
		{"nothing like it", change(`"hooks"`, `"zzz"`), `zzz: unknown key "zzz"`},
		{"later key", change(`"scopes": []`, `"environments": "x"`), `environments: the key "environments" is not supported yet`},
		{"duplicate key", change(`"id"`, `"name": "Other", "id"`), `name: the key "name" stands twice`},
		{"duplicate key in a map", change(`"path": "/me"`, `"path": "/me", "query": {"a": "1", "a": "2"}`), `test.query.a: the key "a" stands twice`},
		{"number for text", change(`"1.0.0"`, `1.0`), `version: "version" must be text, not a number`},
		{"bool for text in a map", change(`"path": "/me"`, `"path": "/me", "query": {"a.b": true}`), `test.query["a.b"]: "a.b" must be text, not true or false`},
		{"text for a list", change(`["test"]`, `"test"`), `hooks: "hooks" must be a list, not text`},
		{"text for a number", change(`"connhost": 1`, `"connhost": "1"`), `connhost: "connhost" must be a number, not text`},
		{"number for a value that decides", change(`"label"`, `"visible_when": {"plan": 5}, "label"`), `parameters[0].visible_when.plan: "plan" must be text or a list, not a number`},
		{"truth in a list that decides", change(`"label"`, `"visible_when": {"plan": ["a", true]}, "label"`), `parameters[0].visible_when.plan[1]: "plan[1]" must be text, not true or false`},
		{"text for a condition", change(`"label"`, `"visible_when": "plan", "label"`), `parameters[0].visible_when: "visible_when" must be an object, not text`},
		{"fraction", change(`"connhost": 1`, `"connhost": 1.5`), `connhost: "connhost" must be a whole number, not 1.5`},
		{"null for text", change(`"1.0.0"`, `null`), `version: "version" has no value`},
		{"number for a scope", change(`"scopes": []`, `"scopes": [5]`), `scopes[0]: "scopes[0]" must be an object, not a number`},
		{"unknown key of a scope", change(`"scopes": []`, `"scopes": [{"nmae": "x"}]`), `scopes[0].nmae: unknown key "nmae" (did you mean "name"?)`},
		{"empty pointer", change(`"path": "/me"`, `"path": "/me", "answer": {"key": ""}`), `test.answer.key: "key" is empty`},
		{"empty word", change(`"header"`, `""`), `auth.in: "in" is empty`},
		{"a life of nothing", change(`"type": "api_key", "in": "header", "name": "X-Key"`, `"type": "jwt", "algorithm": "HS256", "key": "{key}", "lifetime": 0`), `auth.lifetime: "lifetime" must be at least 1`},
		{"empty id", change(`"acme"`, `""`), `id: "id" is empty`},
	} {
		_, err := abi.Parse([]byte(c.doc))
		me, ok := errors.AsType[*abi.ManifestError](err)
		if !ok {
			t.Errorf("%s: got %v, want a ManifestError", c.name, err)
			continue
		}
		if got := err.Error(); got != "invalid manifest: "+c.want {
			t.Errorf("%s:\n got %s\nwant invalid manifest: %s", c.name, got, c.want)
			for _, p := range me.Problems {
				t.Log(p)
			}
		}
	}
}

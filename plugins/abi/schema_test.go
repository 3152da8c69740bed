package abi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/connhost/connhost/plugins/abi"
)

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(abi.Schema()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("manifest.schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("manifest.schema.json")
})

// schemaError is what the schema says about a document.
func schemaError(t *testing.T, doc []byte) error {
	t.Helper()
	schema, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc)))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return schema.Validate(value)
}

// agree holds that what the schema refuses the validator refuses, and says who
// refuses a document.
func agree(t *testing.T, name string, doc []byte) (schema, validator bool) {
	t.Helper()
	err := schemaError(t, doc)
	_, problems := abi.Check(doc)
	schema, validator = err != nil, len(abi.Faults(problems)) > 0
	if schema && !validator {
		t.Errorf("%s: the schema refuses what the validator takes: %v\n%s", name, err, doc)
	}
	return schema, validator
}

// bases are manifests that are right, one of each auth type.
var bases = map[string]string{
	"skeleton": skeleton, "oauth": oauth,
	"none":  `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"none"},"hosts":["a.test"],"retry":{"attempts":5,"statuses":[429,503],"idempotency_header":"Idempotency-Key","after":"header:/X-Reset"},"rate":{"calls":5,"seconds":60,"burst":2,"concurrent":3},"page":{"number":"page","first":2,"limit":"limit","size":50,"items":"/items","more":"/more","max":9}}`,
	"basic": `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"basic","username":"{key}","password":""},"parameters":[{"key":"key","secret":true,"help":"h","required":true}],"base_url":"https://a.test"}`,
	"jwt":   `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"jwt","algorithm":"ES256","header":{"kid":"{k}"},"claims":{"iss":"{k}"},"lifetime":60,"also":[{"name":"X-K","value":"{k}"}]},"base_url":"https://a.test","parameters":[{"key":"k"}]}`,
	"sigv4": `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"sigv4","service":"s3","region":"eu"},"base_url":"https://a.test"}`,
	"custom": `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"custom"},"base_url":"https://a.test","hooks":["sign","action","page"],"reveal_secrets":["k"],
		"parameters":[{"key":"k","secret":true}],"limits":{"time":"500ms","memory":"16MB","fuel":5,"http_calls":3},
		"actions":[{"name":"list","path":"/items","page":{"cursor":"/next","parameter":"cursor"},"query":{"shelf":"{shelf}"},"parameters":[{"key":"shelf","required":true}]},{"name":"fill","text":"Fill it."}]}`,
	"bearer": `{"connhost":1,"id":"a","name":"A","version":"1.0.0","auth":{"type":"bearer","in":"query","name":"t"},"base_url":"https://{r}.a.test","parameters":[{"key":"r","enum":["x","y"],"pattern":"[a-z]","default":"x","kind":"text"},{"key":"s","visible_when":{"r":["x"]}}],"test":{"path":"/","method":"POST","form":{"a":"{r}{s}"},"headers":{"X-A":"b"}}}`,
}

// replacements are put in the place of every value.
var replacements = []any{
	"", " ", "x", "X", "/x", "/~2", "1.0", "https://a.test", "{key}", "{instance_url}/x", "none", "header", "query", "oauth2", "api_key", "basic", "bearer", "jwt",
	"test", "token", "sign", "POST", "body", "S256", "host", "a\nb", strings.Repeat("a", 51), strings.Repeat("a", 301),
	0.0, 1.0, -1.0, 1.5, 3e9, true, false, nil, []any{}, []any{""}, []any{"a", "a"}, []any{"/a"}, []any{"test", "test"}, []any{1.0},
	map[string]any{}, map[string]any{"": ""}, map[string]any{"a": "/b"}, map[string]any{"a b": "x"}, map[string]any{"url": "https://a.test"},
	map[string]any{"path": "/a", "url": "https://a.test"}, map[string]any{"path": "/a", "form": map[string]any{}, "json": map[string]any{}},
	map[string]any{"url": "https://a.test", "answer": map[string]any{"key": "/a"}}, map[string]any{"url": "https://a.test", "answer": map[string]any{}},
	map[string]any{"url": "https://a.test", "headers": map[string]any{}, "method": "GET"}, map[string]any{"key": "a", "secret": true}, map[string]any{"name": "n", "text": ""},
	map[string]any{"r": "x"}, map[string]any{"r": []any{}}, map[string]any{"r": 5.0},
}

// TestSchemaAgrees changes manifests in every place and in every way of the
// list: what the schema refuses the validator refuses too.
func TestSchemaAgrees(t *testing.T) {
	documents, both, validatorOnly := 0, 0, 0
	for name, base := range bases {
		if schema, validator := agree(t, name, []byte(base)); schema || validator {
			t.Fatalf("%s: refused: %v", name, schemaError(t, []byte(base)))
		}
		mutate(t, base, func(how string, doc []byte) {
			documents++
			switch schema, validator := agree(t, name+": "+how, doc); {
			case schema && validator:
				both++
			case validator:
				validatorOnly++
			}
		})
	}
	t.Logf("%d documents, %d refused by both, %d by the validator alone", documents, both, validatorOnly)
	if documents < 3_000 || both < 4*validatorOnly {
		t.Errorf("%d documents, %d refused by both, %d by the validator alone", documents, both, validatorOnly)
	}
}

// mutate gives changed copies of a document: every value replaced, every key
// left out, and every key of the table added everywhere. The replacements take
// turns: all of them at every place are a hundred thousand documents.
func mutate(t *testing.T, base string, visit func(how string, doc []byte)) {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(base), &root); err != nil {
		t.Fatal(err)
	}
	emit := func(how string) {
		doc, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		visit(how, doc)
	}
	turn := 0
	next := func() any {
		turn++
		return replacements[turn%len(replacements)]
	}
	var walk func(path string, node any)
	at := func(path string, old any, set func(any), remove func()) {
		for range len(replacements) / 6 {
			r := next()
			set(r)
			emit(fmt.Sprintf("%s = %v", path, r))
		}
		remove()
		emit("without " + path)
		set(old)
		walk(path, old)
	}
	walk = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(node)) {
				at(abi.KeyPath(path, k), node[k], func(v any) { node[k] = v }, func() { delete(node, k) })
			}
			for _, k := range everyKey() {
				if _, there := node[k]; there {
					continue
				}
				node[k] = next()
				emit(fmt.Sprintf("%s added = %v", abi.KeyPath(path, k), node[k]))
				delete(node, k)
			}
		case []any:
			for i, item := range node {
				at(abi.ItemPath(path, i), item, func(v any) { node[i] = v }, func() { node[i] = node[0] })
			}
		}
	}
	walk("", root)
}

// everyKey is every key of the table, and one that is none.
func everyKey() []string {
	keys := map[string]bool{"nonsense": true}
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			keys[k.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// The schema is more than a list of keys: these it refuses itself.
func TestSchemaRefuses(t *testing.T) {
	for _, c := range []struct{ name, base, old, new string }{
		{"unknown key", skeleton, `"base_url"`, `"base_ulr"`},
		{"key of another auth type", skeleton, `"in": "header"`, `"pkce": "none"`},
		{"key at the top of another auth type", skeleton, `"scopes": []`, `"scopes": ["a"]`},
		{"word of the full agreement", skeleton, `"api_key"`, `"sigv4"`},
		{"no auth", skeleton, `"auth"`, `"autg"`},
		{"id", skeleton, `"acme"`, `"Acme"`},
		{"version", skeleton, `"1.0.0"`, `"1.0"`},
		{"number for text", skeleton, `"1.0.0"`, `1.0`},
		{"hook", skeleton, `["test"]`, `["tset"]`},
		{"token pointers of a test", skeleton, `"path": "/me"`, `"path": "/me", "answer": {"access": "/a"}`},
		{"url and path", skeleton, `"path": "/me"`, `"path": "/me", "url": "https://a.test"`},
		{"no token request", oauth, `"token": {"method"`, `"identity": {"method"`},
		{"a form for the browser", oauth, `"query": {"prompt"`, `"form": {"prompt"`},
		{"no pointer", oauth, `"/team/id"`, `"team.id"`},
		{"identity without an answer", oauth, `, "answer": {"label": "/name"}`, ``},
		{"ten years", oauth, `3600`, `999999999`},
		{"scope without a name", oauth, `"name": "write", `, ``},
	} {
		doc := strings.Replace(c.base, c.old, c.new, 1)
		if schema, _ := agree(t, c.name, []byte(doc)); !schema || doc == c.base {
			t.Errorf("%s: the schema takes it", c.name)
		}
	}
}

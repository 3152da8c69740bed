package build_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// schemas compiles the part of the schema that a JSON pointer names.
func schemas(t *testing.T) func(pointer string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(abi.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("manifest.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	return func(pointer string) *jsonschema.Schema {
		schema, err := c.Compile("manifest.schema.json#" + pointer)
		if err != nil {
			t.Fatal(err)
		}
		return schema
	}
}

// refusal is what a schema says about the manifest in YAML.
func refusal(t *testing.T, schema *jsonschema.Schema, s build.Source) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(s.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// What the schema refuses is refused when it is read, over the cases of
// TestRead; what the pages show passes both.
func TestSchemaOverYAML(t *testing.T) {
	schema := schemas(t)("")
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := build.Read("connector.yaml", a.Files[0].Data)
		if s.JSON == nil {
			continue
		}
		if err := refusal(t, schema, s); err != nil {
			refused++
			if !s.Failed() {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
	if refused < 10 {
		t.Errorf("the schema refuses %d cases", refused)
	}
	shown := 0
	for _, name := range []string{"MANIFEST.md", "ABI.md"} {
		for _, b := range blocks(page(t, name)) {
			if b.info != "yaml" {
				continue
			}
			shown++
			if err := refusal(t, schema, build.Read(name, []byte(b.text))); err != nil {
				t.Errorf("%s, line %d: %v", name, b.line, err)
			}
		}
	}
	if shown < 8 {
		t.Errorf("%d manifests shown", shown)
	}
}

// Every example of the table of keys is YAML, and what the schema wants there.
func TestExamplesOfKeys(t *testing.T) {
	schemaAt := schemas(t)
	where := map[string]string{
		"Manifest": "", "Auth": "/$defs/auth", "Parameter": "/$defs/parameter", "Scope": "/$defs/scope/anyOf/1",
		"Request": "/$defs/test", "Refresh": "/$defs/refresh", "Revoke": "/$defs/revoke", "Answer": "/$defs/token/properties/answer",
		"Action": "/$defs/actions", "Placement": "/$defs/placement", "DataCentre": "/$defs/datacentre", "Assertion": "/$defs/assertion", "Limits": "/$defs/limits",
		"Choose": "/$defs/choose", "Logo": "/$defs/logo", "Retry": "/$defs/retry", "Rate": "/$defs/rate", "Paging": "/$defs/paging",
	}
	for _, o := range abi.Objects() {
		for _, k := range o.Keys {
			at, known := where[o.Name]
			if o.Name == "Answer" && (k.Name == "key" || k.Name == "label") {
				at = strings.Replace(at, "token", "test", 1)
			}
			if !known {
				t.Errorf("the schema of %s is not known to this test", o.Name)
				continue
			}
			var doc map[string]json.RawMessage
			if err := json.Unmarshal(build.Read("example", []byte("it: "+k.Example)).JSON, &doc); err != nil {
				t.Errorf("%s.%s: %q is not YAML: %v", o.Name, k.Name, k.Example, err)
				continue
			}
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(doc["it"])))
			if err != nil {
				t.Fatal(err)
			}
			if err := schemaAt(at + "/properties/" + k.Name).Validate(value); err != nil {
				t.Errorf("%s.%s: %v", o.Name, k.Name, err)
			}
		}
	}
}

package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/importer"
)

// bombs are documents of a few lines that stand for more than any memory holds.
func bombs() map[string]string {
	var schemas, aliases strings.Builder
	for i := range 40 {
		ref := fmt.Sprintf(`{$ref: "#/components/schemas/S%d"}`, i+1)
		fmt.Fprintf(&schemas, "    S%d: {allOf: [%s]}\n", i, strings.Repeat(ref+", ", 9)+ref)
		fmt.Fprintf(&aliases, "x%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	body := `post: {requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/S0"}}}}}`
	return map[string]string{
		"allOf":   head + "paths: {/a: {" + body + "}}\ncomponents:\n  schemas:\n" + schemas.String() + "    S40: {type: object, properties: {a: {type: string}}}\n",
		"itself":  head + "paths: {/a: {" + body + "}}\ncomponents: {schemas: {S0: {type: object, required: [a], properties: {a: {$ref: \"#/components/schemas/S0\"}}}}}\n",
		"aliases": head + "paths: {/a: {get: {}}}\n" + strings.Replace(aliases.String(), "*a-1", "x", -1),
		"deep":    `{"openapi": "3.0.0", "paths": {"/a": {"get": {}}}, "x": ` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}",
	}
}

func TestBombs(t *testing.T) {
	for name, text := range bombs() {
		began := time.Now()
		d, err := importer.Import("acme", []byte(text), importer.Options{})
		if err != nil || len(d.Manifest.Actions) != 1 || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v after %s, %v", name, err, time.Since(began), d.Review.LeftOut)
		}
	}
}

// Whatever a document holds: either the error is one sentence of ours, or the
// draft is a connector.yaml without a fault, and it is the same each time.
func FuzzImport(f *testing.F) {
	for _, text := range bombs() {
		f.Add([]byte(text))
	}
	for _, text := range []string{twoSchemes, parcels, providers, head + "paths: {/a: {get: {}}}", `{"swagger":"2.0","paths":{"/a":{"get":{}}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := importer.Import("acme", data, importer.Options{})
		if err != nil {
			if _, ours := errors.AsType[*host.Error](err); !ours || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Fatalf("%T %q", err, err.Error())
			}
			return
		}
		if s := build.Read("connector.yaml", d.YAML); s.Failed() || len(s.JSON) > abi.MaxManifest {
			t.Fatalf("%v\n%s", s.Diagnostics, d.YAML)
		}
		again, err := importer.Import("acme", data, importer.Options{})
		if err != nil || string(again.YAML) != string(d.YAML) {
			t.Fatalf("another draft the second time: %v", err)
		}
	})
}

// large is a document of many operations, as big services have them.
func large(operations int) string {
	var b strings.Builder
	b.WriteString(head + "paths:\n")
	for i := range operations / 2 {
		fmt.Fprintf(&b, "  /r%d/{id}/part%d:\n", i%50, i)
		for _, method := range []string{"get", "delete"} {
			fmt.Fprintf(&b, "    %s: {operationId: %sPart%d, tags: [t%d], summary: Does something to a part, parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: q, in: query, description: What to look for, schema: {type: string}}]}\n", method, method, i, i%7)
		}
	}
	return b.String()
}

// More operations than a manifest holds are cut to those that it does, reading
// before deleting; the caller may choose others.
func TestMoreThanFits(t *testing.T) {
	text := large(3000)
	d := drafted(t, text, importer.Options{})
	reads := 0
	for _, a := range d.Manifest.Actions {
		if a.Method == "" {
			reads++
		}
	}
	if n := len(d.Manifest.Actions); n < 300 || n > 500 || reads < n*9/10 || n+len(d.Review.LeftOut) != 3000 || !d.Review.Crowded() {
		t.Errorf("%d actions, %d read, %d left out", n, reads, len(d.Review.LeftOut))
	}
	d = drafted(t, text, importer.Options{Operations: []string{"DELETE /r3/*"}, Tags: []string{"T1"}})
	if n := len(d.Manifest.Actions); n < 400 || d.Review.LeftOut[0].Why != "it was not asked for" {
		t.Errorf("%d actions, %v", n, d.Review.LeftOut[:1])
	}
	_, err := importer.Import("acme", []byte(text), importer.Options{Tags: []string{"none"}})
	if host.CodeOf(err) != host.NotFound {
		t.Errorf("got %v", err)
	}
}

func BenchmarkImport(b *testing.B) {
	text := []byte(large(3000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := importer.Import("acme", text, importer.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

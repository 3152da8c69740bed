package reference_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi/reference"
)

var update = flag.Bool("update", false, "write the schema and the page anew")

const (
	schemaFile = "../manifest.schema.json"
	pageFile   = "../../MANIFEST.md"
)

func manifest(t *testing.T) reference.Manifest {
	t.Helper()
	m, err := reference.Read("..")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGenerated notices that the schema or the page is older than what it is
// made from: go generate ./plugins/abi writes them anew.
func TestGenerated(t *testing.T) {
	m := manifest(t)
	schema, err := m.Schema()
	if err != nil {
		t.Fatal(err)
	}
	hold(t, schemaFile, string(schema))
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	written, err := m.Page(string(page))
	if err != nil {
		t.Fatal(err)
	}
	hold(t, pageFile, written)
}

func hold(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err == nil && string(got) == want {
		return
	}
	if !*update {
		t.Errorf("%s is stale; write it anew with: go generate ./plugins/abi", filepath.Base(file))
		return
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A field that nobody told about is an error that names it.
func TestReadRefuses(t *testing.T) {
	source, err := os.ReadFile("../manifest.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, change, want string }{
		{"no comment", "// what a person should know to fill it", "", "Parameter.Help has no comment"},
		{"not in the table", `json:"help,omitempty"`, `json:"hlep,omitempty"`, "the table of keys does not have Parameter.hlep"},
		{"a new field", "type Scope struct {\n", "type Scope struct {\n\tGroup string `json:\"group\"` // of scopes\n", "the table of keys does not have Scope.group"},
		{"no tag", "`json:\"text,omitempty\"`", "", "Action.Text stands not alone or has no tag"},
		{"a type that JSON has and a manifest has not", "Enum     []string", "Enum     []float64", "Parameter.enum holds float64, which the table of keys does not have"},
		{"a list of lists", "Enum     []string", "Enum     [][]string", "Parameter.Enum: it holds list, which is not told"},
		{"a function", "Enum     []string", "Enum     func()", "Parameter.Enum: a type that a manifest cannot hold"},
		{"another type", "Revoke      *Revoke", "Revoke      *Revocation", "Manifest.revoke holds Revocation, which the table of keys does not have"},
		{"a type less", "type Scope struct", "type Permission struct", "has no type Scope"},
	} {
		changed := strings.Replace(string(source), c.old, c.change, 1)
		if changed == string(source) {
			t.Errorf("%s: nothing changed", c.name)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "manifest.go"), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := reference.Read(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

// The page must hold every table once, and nothing that looks like one.
func TestPageRefuses(t *testing.T) {
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	tail := string(page[bytes.Index(page, []byte("<!-- codes -->")):])
	for _, c := range []struct{ name, old, change, want string }{
		{"a table less", tail, "", "the page has no <!-- codes -->"},
		{"a table twice", "<!-- codes -->", "<!-- later -->\n<!-- end -->\n<!-- codes -->", "<!-- later -->, which is no table, stands twice"},
		{"no such table", "<!-- codes -->", "<!-- keys Limits -->", "<!-- keys Limits -->, which is no table"},
		{"no end", tail, "<!-- codes -->\n", "<!-- codes -->, which is no table, stands twice or has no end"},
	} {
		changed := strings.Replace(string(page), c.old, c.change, 1)
		if _, err := manifest(t).Page(changed); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

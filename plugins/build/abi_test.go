package build_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/build"
)

// The hook that ABI.md shows in Go builds as it says, in a module of its own
// beside a checkout.
func TestABIHookInGo(t *testing.T) {
	page, err := os.ReadFile("../ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "```go\n")
	code, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("ABI.md has no Go block")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.go":        code,
		"go.mod":         fmt.Sprintf("module example.com/acme\n\ngo 1.26.0\n\nrequire github.com/connhost/connhost v0.0.0\n\nreplace github.com/connhost/connhost => %s\n", root),
		"connector.yaml": "connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\nauth: {type: none}\nbase_url: https://acme.example\nhooks: [respond]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	report, err := build.Inspect(m.File)
	if err != nil || !report.Valid() {
		t.Errorf("%+v, %v", report.Problems, err)
	}
}

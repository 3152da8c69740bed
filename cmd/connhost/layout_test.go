package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/connhost/connhost/"

// A source is a Go file of this module, by its path from the root.
type source struct {
	path    string
	imports []string
}

func (s source) test() bool  { return strings.HasSuffix(s.path, "_test.go") }
func (s source) pkg() string { return path.Dir(s.path) }
func (s source) guest() bool {
	return strings.HasPrefix(s.path, "plugins/sdk/") || strings.Contains(s.path, "/hook/")
}
func (s source) suite() bool  { return strings.HasPrefix(s.path, "host/hosttest") }
func (s source) name() string { return path.Base(s.path) }

// sources reads every Go file of this module; a peerbench is one of its own.
// The files are read here and not by the go tool, so that a violation is never
// hidden by the test cache.
func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	root := "../.."
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "peerbench" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.Contains(file, "testdata") {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		s := source{path: filepath.ToSlash(rel)}
		for _, i := range f.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			s.imports = append(s.imports, name)
		}
		list = append(list, s)
		return err
	})
	if err != nil || len(list) < 50 {
		t.Fatalf("%d files read, %v", len(list), err)
	}
	return list
}

// Each engine library has one package that may import it.
func TestOneImporterPerEngine(t *testing.T) {
	owners := map[string]string{
		"github.com/tetratelabs/wazero":     "host/wasm/", // and its tests
		"github.com/mattn/go-sqlite3":       "host/store",
		"github.com/tink-crypto/tink-go":    "host/seal",
		"filippo.io/age":                    "host/seal",
		"golang.org/x/oauth2":               "host/oauth",
		"code.dny.dev/ssrf":                 "host/egress",
		"github.com/expr-lang/expr":         "scripting",
		"github.com/spf13/cobra":            "cmd/connhost",
		"github.com/shopspring/decimal":     "scripting/",
		"golang.org/x/text":                 "scripting/lib",
		"github.com/antchfx/xpath":          "scripting/lib",
		"github.com/dlclark/regexp2":        "scripting/lib",
		"github.com/google/uuid":            "host",
		"golang.org/x/term":                 "cmd/connhost",
		"golang.org/x/mod":                  "host/store",
		"golang.org/x/sync":                 "host/broker",
		"github.com/go-jose/go-jose":        "host/jwt",
		"github.com/icholy/digest":          "host/auth",
		"github.com/aws/":                   "host/auth",
		"github.com/connhost/connhost/cmd/": "cmd/",

		"github.com/santhosh-tekuri/jsonschema": "plugins/", // by tests only
		"github.com/anishathalye/porcupine":     "host/broker",
	}
	forTests := []string{"github.com/santhosh-tekuri/jsonschema", "github.com/anishathalye/porcupine"}
	used := map[string]bool{}
	for _, s := range sources(t) {
		for _, i := range s.imports {
			for library, owner := range owners {
				if !strings.HasPrefix(i, library) {
					continue
				}
				used[library] = true
				if slices.Contains(forTests, library) && !s.test() {
					t.Errorf("%s imports %s, which is for tests", s.path, i)
				}
				if s.test() && strings.HasSuffix(library, "/go-jose") {
					continue // which reads what ours has signed
				}
				if s.pkg() != owner && !(strings.HasSuffix(owner, "/") && strings.HasPrefix(s.pkg()+"/", owner)) {
					t.Errorf("%s imports %s, which belongs to %s", s.path, i, owner)
				}
			}
		}
	}
	for library := range owners {
		if !used[library] && !strings.HasPrefix(library, module) {
			t.Errorf("nobody imports %s", library)
		}
	}
}

// The direction of design section 3: what a folder may know of this module.
func TestImportDirection(t *testing.T) {
	may := []struct {
		folder string
		knows  []string
	}{
		{"cmd/", []string{"host/", "connectors/", "plugins/", "scripting/"}},
		{"connectors/", []string{"plugins/abi/"}},
		{"plugins/abi/reference/", []string{"plugins/abi/"}},
		{"plugins/abi/", nil},
		{"plugins/sdk/example/", []string{"plugins/sdk/"}},
		{"plugins/sdk/", []string{"plugins/abi/"}},
		{"plugins/build/", []string{"host/", "plugins/abi/"}},
		{"plugins/importer/", []string{"host/", "plugins/abi/", "plugins/build/"}},
		{"plugins/plugintest/", []string{"host/", "plugins/abi/", "plugins/build/"}},
		{"plugins/template/", []string{"host/", "plugins/abi/", "plugins/build/", "plugins/plugintest/", "plugins/sdk/"}},
		{"scripting/syntax/", nil},
		{"scripting/value/", nil},
		{"scripting/lib/", []string{"scripting/value/"}},
		{"scripting/fixture/", []string{"scripting/"}},
		{"scripting/peerbench/", []string{"scripting/"}}, // a module of its own
		{"scripting/pdf/", []string{"scripting/value/", "scripting/lib/"}},
		{"scripting/", []string{"scripting/syntax/", "scripting/value/", "scripting/lib/"}},
		{"host/", []string{"host/", "plugins/abi/"}}, // see TestHostPackagesStandAlone
	}
	for _, s := range sources(t) {
		if s.test() || s.suite() {
			continue
		}
		i := slices.IndexFunc(may, func(m struct {
			folder string
			knows  []string
		}) bool {
			return strings.HasPrefix(s.path, m.folder)
		})
		if i < 0 {
			t.Errorf("%s stands in a folder that the layout does not have", s.path)
			continue
		}
		for _, name := range s.imports {
			own, ours := strings.CutPrefix(name, module)
			if !ours || own == s.pkg() {
				continue
			}
			if !slices.ContainsFunc(may[i].knows, func(k string) bool { return strings.HasPrefix(own+"/", k) }) {
				t.Errorf("%s imports %s, which %s may not know", s.path, own, may[i].folder)
			}
		}
	}
}

// Packages under host do not import each other: broker composes them through
// contracts in host. A tool without state may be used by all.
func TestHostPackagesStandAlone(t *testing.T) {
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "host/") || s.test() || s.suite() || s.guest() {
			continue
		}
		for _, name := range s.imports {
			own, ours := strings.CutPrefix(name, module)
			if ours && strings.HasPrefix(own, "host/") && own != "host/jwt" && own != s.pkg() && !strings.HasPrefix(own, s.pkg()+"/") {
				t.Errorf("%s imports %s", s.path, own)
			}
		}
	}
}

// What strangers may use by itself, and what guests compile, needs nothing but
// the standard library.
func TestPureFolders(t *testing.T) {
	for _, s := range sources(t) {
		pure := strings.HasPrefix(s.path, "plugins/abi/") || strings.HasPrefix(s.path, "scripting/syntax/") || strings.HasPrefix(s.path, "host/wasm/meter/")
		if !pure || s.test() {
			continue
		}
		for _, name := range s.imports {
			if strings.Contains(strings.SplitN(name, "/", 2)[0], ".") && !strings.HasPrefix(name, module) {
				t.Errorf("%s imports %s and may use the standard library only", s.path, name)
			}
		}
	}
}

// What touches the process stands in main.go alone.
func TestProcessIsTouchedInMainOnly(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || s.suite() || s.guest() || s.name() == "main.go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("../..", s.path))
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"os.Exit(", "os.Getenv(", "os.Stdout", "os.Stderr", "log.Fatal"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s uses %s", s.path, strings.TrimSuffix(word, "("))
			}
		}
	}
}

// Who may make a client that leads a service's name to a fake: what rehearses a
// connector with made-up credentials, and never what calls with real ones.
func TestCagesAreForRehearsals(t *testing.T) {
	may := []string{"plugins/plugintest/", "cmd/connhost/connectortest.go"}
	for _, s := range sources(t) {
		if s.test() || s.suite() || s.pkg() == "host/egress" || slices.ContainsFunc(may, func(m string) bool { return strings.HasPrefix(s.path, m) }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("../..", s.path))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "NewCaged") {
			t.Errorf("%s makes a caged client", s.path)
		}
	}
}

// Every package says what it is for.
func TestEveryPackageHasAComment(t *testing.T) {
	commented := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", s.path), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		commented[s.pkg()] = commented[s.pkg()] || f.Doc != nil
	}
	for pkg, ok := range commented {
		if !ok {
			t.Errorf("package %s has no comment", pkg)
		}
	}
}

// The top level is the folders of the design and a few files.
func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "host", "connectors", "plugins", "scripting", "go.mod", "go.sum", "README.md", "LICENSE", "CHANGELOG.md"}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}

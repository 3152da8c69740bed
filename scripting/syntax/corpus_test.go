package syntax_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connhost/connhost/scripting/syntax"
)

var rewrite = flag.Bool("update", false, "rewrite the wanted parts of testdata/*.txtar")

// A case is a script as people write it, with the tree that it is read as, the
// form that it is printed in, and what is found in it. A section named options
// holds a dialect and perhaps the word strict.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { corpusCase(t, file) })
	}
}

func corpusCase(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, f := range a.Files {
		given[f.Name] = string(f.Data)
	}
	if len(a.Comment) == 0 || given["script"] == "" {
		t.Fatal("the case does not say what it shows")
	}
	got := read(t, given["script"], given["options"])
	kept := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if f.Name == "script" || f.Name == "options" {
			kept.Files = append(kept.Files, f)
		}
	}
	for _, name := range []string{"found", "tree", "print"} {
		if got[name] != given[name] && !*rewrite {
			t.Errorf("%s:\n got:\n%s\nwant:\n%s", name, got[name], given[name])
		}
		if got[name] != "" {
			kept.Files = append(kept.Files, txtar.File{Name: name, Data: []byte(got[name])})
		}
	}
	if *rewrite {
		if err := os.WriteFile(file, txtar.Format(kept), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// read parses a script. What has no errors is printed and must give the same
// tree and the same form again.
func read(t *testing.T, script, options string) map[string]string {
	opts := syntax.Options{Strict: strings.Contains(options, "strict")}
	for _, word := range strings.Fields(options) {
		if d, ok := syntax.ParseDialect(word); ok {
			opts.Dialect = d
		}
	}
	file, list := syntax.Parse(syntax.NewSource("case.dg", script), opts)
	got := map[string]string{"found": strings.ReplaceAll(render(script, list), "test.dg", "case.dg")}
	if syntax.HasErrors(list) {
		return got
	}
	got["tree"] = syntax.Dump(file)
	printed := syntax.Print(file)
	again, _ := syntax.Parse(syntax.NewSource("again.dg", printed), opts)
	if tree := syntax.Dump(again); tree != got["tree"] {
		t.Errorf("printed:\n%s\ntree:\n%s\nwas:\n%s", printed, tree, got["tree"])
	}
	if twice := syntax.Print(again); twice != printed {
		t.Errorf("printing again changes it:\n%s\nwas:\n%s", twice, printed)
	}
	if comments(file) != comments(again) {
		t.Errorf("comments %q became %q", comments(file), comments(again))
	}
	if printed != script {
		got["print"] = printed
	}
	return got
}

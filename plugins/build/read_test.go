package build_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connhost/connhost/plugins/build"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestRead runs the cases of testdata/read: a sentence of intent, the
// connector.yaml, and either the canonical JSON or what is wrong with it.
func TestRead(t *testing.T) {
	files, err := filepath.Glob("testdata/read/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil || len(a.Files) == 0 {
				t.Fatal(err)
			}
			got := read(a.Files[0].Data)
			want := ""
			if len(a.Files) > 1 {
				want = string(a.Files[1].Data)
			}
			if got == want {
				return
			}
			if !*update {
				t.Fatalf("got\n%s\nwant\n%s", got, want)
			}
			a.Files = []txtar.File{a.Files[0], {Name: "want", Data: []byte(got)}}
			if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// read is what a case wants.
func read(data []byte) string {
	s := build.Read("connector.yaml", data)
	var b strings.Builder
	for _, d := range s.Diagnostics {
		b.WriteString(d.Render())
	}
	if !s.Failed() {
		b.Write(s.JSON)
		b.WriteByte('\n')
	}
	return b.String()
}

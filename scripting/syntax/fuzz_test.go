package syntax_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/rogpeppe/go-internal/txtar"
)

// seed adds the scripts of the language's cases and the samples of this
// package.
func seed(f *testing.F) {
	f.Add(messy)
	f.Add(messyPage)
	f.Add("a=1;for each x in F[a==1].b sort by c range from 1 to 2 {}sendmail[to:x]\nhide a,b;'x'<%")
	files, err := filepath.Glob("../testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	own, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	files = append(files, own...)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range txtar.Parse(data).Files {
			if strings.HasPrefix(section.Name, "script") {
				f.Add(string(section.Data))
			}
		}
	}
}

// Whatever the text, every finding has a code that is explained and a place
// within the text, and reading ends.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		src := syntax.NewSource("fuzz.dg", text)
		file, list := syntax.Parse(src, syntax.Options{Limits: syntax.Limits{Source: 1 << 20}})
		for _, d := range list {
			if _, ok := syntax.Explain(d.Code); !ok {
				t.Errorf("code %q is not explained", d.Code)
			}
			if d.Message == "" || d.Hint == "" || d.Range.Start.Offset > d.Range.End.Offset || d.Range.End.Offset > len(src.Text) {
				t.Errorf("bad diagnostic %+v", d)
			}
			if src.Render(d) == "" {
				t.Errorf("%+v is not shown", d)
			}
		}
		if strings.Contains(syntax.Dump(file), "bad\n") && !syntax.HasErrors(list) {
			t.Errorf("a part was not read, and no error says so")
		}
	})
}

// Printing and reading again gives the same tree and the same comments.
func FuzzPrint(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		file, list := syntax.Parse(syntax.NewSource("fuzz.dg", text), syntax.Options{})
		if syntax.HasErrors(list) {
			return
		}
		printed := syntax.Print(file)
		again, list := syntax.Parse(syntax.NewSource("again.dg", printed), syntax.Options{Limits: syntax.Limits{Source: 1 << 20}})
		if syntax.HasErrors(list) {
			t.Fatalf("printed:\n%s\n%s", printed, render(printed, list))
		}
		if want, got := syntax.Dump(file), syntax.Dump(again); got != want {
			t.Fatalf("printed:\n%s\ntree:\n%s\nwas:\n%s", printed, got, want)
		}
		if want, got := comments(file), comments(again); got != want {
			t.Fatalf("comments %q became %q", want, got)
		}
	})
}

func comments(f *syntax.File) string {
	var b strings.Builder
	for _, c := range f.Comments {
		b.WriteString(f.Source.Slice(c.Span) + "\n")
	}
	return b.String()
}

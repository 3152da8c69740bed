package syntax

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// One token too few is one mistake. For every token of every case that is free
// of errors: without it there is hardly ever more than one error, and never
// more than three.
func TestOneMistakeIsOneError(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	tried, several := 0, 0
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, f := range a.Files {
			if f.Name == "script" {
				text = string(f.Data)
			}
		}
		if len(errorsOf(text)) > 0 {
			continue
		}
		lex := lexer{text: text, page: isPage(text), report: func(Code, Span, string, string) {}}
		lex.run()
		for _, tok := range lex.tokens {
			if tok.kind == tokMarkup || tok.Start == tok.End {
				continue
			}
			found := errorsOf(text[:tok.Start] + " " + text[tok.End:])
			tried++
			if len(found) > 1 {
				several++
			}
			if len(found) > 3 {
				t.Errorf("%s without %q: %s", filepath.Base(name), text[tok.Start:tok.End], strings.Join(found, "; "))
			}
		}
	}
	if tried < 3000 || several*50 > tried {
		t.Errorf("%d of %d mistakes have more than one error", several, tried)
	}
}

func errorsOf(text string) []string {
	var found []string
	_, list := Parse(NewSource("case.dg", text), Options{})
	for _, d := range list {
		if d.Severity == Error {
			found = append(found, d.Message)
		}
	}
	return found
}

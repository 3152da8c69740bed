package syntax

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// One sign too many is one mistake, too, whatever it opens or closes.
func TestOneSignTooMany(t *testing.T) {
	data, err := os.ReadFile("testdata/bench.dg")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	lex := lexer{text: text, report: func(Code, Span, string, string) {}}
	lex.run()
	tried, several := 0, 0
	for _, sign := range []string{"(", ")", "[", "]", "{", "}", ";", ",", ".", "=", `"`} {
		for _, tok := range lex.tokens {
			found := errorsOf(text[:tok.Start] + sign + " " + text[tok.Start:])
			tried++
			if len(found) > 1 {
				several++
			}
			if len(found) > 5 {
				t.Errorf("%s before byte %d: %s", sign, tok.Start, strings.Join(found, "; "))
			}
		}
	}
	if several*7 > tried {
		t.Errorf("%d of %d mistakes have more than one error", several, tried)
	}
}

// Five tokens too few, each in a line of its own, are five mistakes; only two
// braces that are both missing may make up for each other.
func TestFiveMistakesAreFiveErrors(t *testing.T) {
	data, err := os.ReadFile("testdata/bench.dg")
	if err != nil {
		t.Fatal(err)
	}
	src := NewSource("bench.dg", string(data))
	lex := lexer{text: src.Text, report: func(Code, Span, string, string) {}}
	lex.run()
	without := func(text string, tok token) string { return text[:tok.Start] + " " + text[tok.End:] }
	var mistakes []token
	for _, tok := range lex.tokens {
		if len(errorsOf(without(src.Text, tok))) == 1 {
			mistakes = append(mistakes, tok)
		}
	}
	const rounds = 500
	random, exact := rand.New(rand.NewPCG(1, 2)), 0
	for range rounds {
		text, lines := src.Text, map[int]bool{}
		var chosen []token
		for len(chosen) < 5 {
			tok := mistakes[random.IntN(len(mistakes))]
			line := src.Position(tok.Start).Line
			if lines[line-1] || lines[line] || lines[line+1] {
				continue
			}
			lines[line] = true
			chosen = append(chosen, tok)
		}
		slices.SortFunc(chosen, func(a, b token) int { return b.Start - a.Start })
		for _, tok := range chosen {
			text = without(text, tok)
		}
		switch n := len(errorsOf(text)); {
		case n == 5:
			exact++
		case n == 0 || n > 7:
			t.Errorf("%d errors in:\n%s", n, text)
		}
	}
	if exact*100 < rounds*95 {
		t.Errorf("%d of %d texts with five mistakes have five errors", exact, rounds)
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

package syntax_test

import (
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
)

// The scripts in SPEC.md that show only syntax: what stands in creator blocks
// is read strictly without a finding, and warned blocks have the findings that
// the text block below them lists.
func TestSpec(t *testing.T) {
	page, err := os.ReadFile("../SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	fine := blocks(string(page), "creator")
	warned := blocks(string(page), "warned")
	if len(fine) < 2 || len(warned) < 2 {
		t.Fatalf("%d and %d blocks", len(fine), len(warned))
	}
	for _, b := range fine {
		if _, list := syntax.Parse(syntax.NewSource("script.dg", b.script), syntax.Options{Strict: true}); len(list) > 0 {
			t.Errorf("%s\n%s", b.script, render(b.script, list))
		}
	}
	for _, b := range warned {
		src := syntax.NewSource("script.dg", b.script)
		_, list := syntax.Parse(src, syntax.Options{})
		got := ""
		for _, d := range list {
			head, _, _ := strings.Cut(src.Render(d), "\n")
			got += head + "\n"
		}
		if got != b.text {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", b.script, got, b.text)
		}
	}
}

type block struct{ script, text string }

// blocks finds the blocks of a kind, with the text block below each.
func blocks(page, kind string) []block {
	var list []block
	for _, part := range strings.Split(page, "```"+kind+"\n")[1:] {
		script, rest, _ := strings.Cut(part, "```\n")
		text := ""
		if below, ok := strings.CutPrefix(rest, "```text\n"); ok {
			text, _, _ = strings.Cut(below, "```\n")
		}
		list = append(list, block{script, text})
	}
	return list
}

package scripting_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting"
)

// Every deluge block of SPEC.md prints what the text block below it says.
func TestSpec(t *testing.T) {
	page, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```deluge\n")[1:]
	if len(blocks) < 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for _, block := range blocks {
		script, rest, _ := strings.Cut(block, "```\n")
		want, _, ok := strings.Cut(strings.TrimPrefix(rest, "```text\n"), "```")
		if !ok {
			t.Fatalf("no text block below:\n%s", script)
		}
		got := ""
		p := compile(t, script, scripting.Limits{})
		_, err := p.Run(t.Context(), scripting.Env{Info: func(line string) { got += line + "\n" }})
		if e, ok := errors.AsType[*scripting.Error](err); ok {
			got += e.Render()
		}
		if got != want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", script, got, want)
		}
	}
}

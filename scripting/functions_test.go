package scripting_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// Every example of the table is a piece of a script that says what it shows.
func TestExamplesOfFunctionsRun(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	env := scripting.Env{Location: zone, Now: func() time.Time { return time.Date(2020, 5, 23, 17, 30, 0, 0, time.UTC) }}
	run := func(script string) string {
		p, found := scripting.Compile(scripting.Source{Name: "example.dg", Text: script}, scripting.Options{})
		if p == nil {
			return fmt.Sprint("does not compile: ", found)
		}
		result, err := p.Run(t.Context(), env)
		var failed *scripting.Error
		switch {
		case errors.As(err, &failed):
			return "error: " + failed.Msg
		case result.Value == nil:
			return "null"
		}
		return result.Text
	}
	for _, f := range lib.All() {
		if f.Outside {
			continue // their examples show what happens without a host
		}
		for _, e := range f.Examples {
			receiver, setup := prepared(t, e)
			if got := run(setup + "return " + e.Expr + ";"); got != e.Want {
				t.Errorf("%s%s gives %q, want %q", setup, e.Expr, got, e.Want)
			}
			if e.After == "" || receiver == "" {
				continue
			}
			if got := run(setup + e.Expr + "; return " + receiver + ";"); got != e.After {
				t.Errorf("after %s%s there is %q, want %q", setup, e.Expr, got, e.After)
			}
		}
	}
}

// prepared gives the assignment that an example with a variable l, m, c or f needs.
func prepared(t *testing.T, e lib.Example) (receiver, setup string) {
	t.Helper()
	name, _, _ := strings.Cut(e.Expr, ".")
	if len(name) != 1 || !strings.Contains("lmcf", name) {
		return "", ""
	}
	b := value.NewBudget(context.Background(), value.Limits{})
	args, err := value.ParseJSON(b, e.Args)
	if err != nil {
		t.Fatalf("%s: %v", e.Args, err)
	}
	first := args.(*value.List).At(0)
	literal := value.JSON(b, first)
	if s, ok := first.(string); ok && strings.HasPrefix(s, "@") {
		literal = "Collection(" + s[2:len(s)-1] + ")"
	}
	if s, ok := first.(string); ok && name == "f" {
		file, content, _ := strings.Cut(s[1:], "=")
		literal = fmt.Sprintf("%q.toFile(%q)", content, file)
	}
	return name, name + " = " + literal + "; "
}

package syntax_test

import (
	"testing"

	"github.com/connhost/connhost/scripting/syntax"
)

// Every code is explained once, and found by its name.
func TestCodesAreExplained(t *testing.T) {
	seen := map[syntax.Code]bool{}
	for _, e := range syntax.Explanations() {
		found, ok := syntax.Explain(e.Code)
		if seen[e.Code] || !ok || found != e || e.Title == "" || e.Text == "" {
			t.Errorf("%+v", e)
		}
		seen[e.Code] = true
	}
	for _, code := range []syntax.Code{syntax.Unexpected, syntax.UnknownMethod, syntax.FreeVariable, syntax.Fault, syntax.Internal} {
		if !seen[code] {
			t.Errorf("%s is not explained", code)
		}
	}
}

package host_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/connhost/connhost/host"
)

// Every act that the package names has words.
func TestEveryActHasWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, seen := 0, map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Act" {
			return false
		}
		act, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		n++
		words := host.Act(act).Words()
		if words == act || seen[words] != "" {
			t.Errorf("%s has the words %q, as %q has", act, words, seen[words])
		}
		seen[words] = act
		return false
	})
	if n < 20 {
		t.Errorf("%d acts", n)
	}
}

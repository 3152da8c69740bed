package abi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// Every code stands once, in order, and says what it is about.
func TestCodesAreExplained(t *testing.T) {
	last := abi.Code("")
	for _, c := range abi.Codes() {
		if c.Code <= last || !aCode.MatchString(string(c.Code)) {
			t.Errorf("%s stands after %s", c.Code, last)
		}
		if got, ok := abi.Explain(c.Code); !ok || got != c || c.Meaning == "" || strings.HasSuffix(c.Meaning, ".") {
			t.Errorf("%s is explained as %+v", c.Code, got)
		}
		last = c.Code
	}
	if _, ok := abi.Explain("M000"); ok {
		t.Error("M000 is explained")
	}
}

var aCode = regexp.MustCompile(`^[CLMT]\d{3}$`)

// Every finding of these packages has a code of the table, and every code of
// the table is used. The source is read, so that a call is found that no test
// reaches.
func TestEveryFindingHasACode(t *testing.T) {
	calls, used := 0, map[string]bool{}
	for _, file := range sourceFiles(t, ".", "../build", "../plugintest") {
		if filepath.Base(file.name) == "codes.go" {
			continue
		}
		ast.Inspect(file.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if _, method, ok := called(n); ok && slices.Contains([]string{"fault", "warn", "wrong", "wrongKey", "advise", "Wrong"}, method) {
					calls++
					holdCode(t, file, method, n.Args[0])
				}
			case *ast.CompositeLit:
				if kind := typeName(n.Type); (kind == "Problem" || kind == "Diagnostic") && len(n.Elts) > 0 && !hasCode(n) {
					t.Errorf("%s: a %s without a code", file.place(n), kind)
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING && aCode.MatchString(text) {
					used[text] = true
					if _, ok := abi.Explain(abi.Code(text)); !ok {
						t.Errorf("%s: %s is not in the table of codes", file.place(n), text)
					}
				}
			}
			return true
		})
	}
	for _, c := range abi.Codes() {
		if !used[string(c.Code)] {
			t.Errorf("nothing gives %s", c.Code)
		}
	}
	if calls < 90 {
		t.Errorf("only %d calls were seen", calls)
	}
}

// holdCode wants a code, or a variable that holds one, as the first argument; a
// fault names the code of a fault and a warning that of a warning.
func holdCode(t *testing.T, file sourceFile, method string, arg ast.Expr) {
	switch arg := arg.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(arg.Value)
		info, ok := abi.Explain(abi.Code(text))
		if warning := method == "warn" || method == "advise"; !ok || (info.Severity == abi.Warning) != warning {
			t.Errorf("%s: %s(%s), which is %s in the table", file.place(arg), method, arg.Value, info.Severity)
		}
		return
	case *ast.Ident:
		if arg.Name == "code" {
			return
		}
	}
	t.Errorf("%s: the first argument of %s is no code", file.place(arg), method)
}

func hasCode(lit *ast.CompositeLit) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		return ok && typeName(pair.Key) == "Code"
	})
}

// called is the receiver and the name of a call such as c.fault(...), and ""
// and the name of one such as wrong(...).
func called(n *ast.CallExpr) (receiver, name string, ok bool) {
	switch f := n.Fun.(type) {
	case *ast.SelectorExpr:
		return typeName(f.X), f.Sel.Name, len(n.Args) > 0
	case *ast.Ident:
		return "", f.Name, len(n.Args) > 0
	}
	return "", "", false
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

type sourceFile struct {
	name string
	set  *token.FileSet
	tree *ast.File
}

func (f sourceFile) place(n ast.Node) string { return f.set.Position(n.Pos()).String() }

// sourceFiles parses the Go files of folders, but for their tests.
func sourceFiles(t *testing.T, dirs ...string) []sourceFile {
	t.Helper()
	var list []sourceFile
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, sourceFile{name, set, tree})
		}
	}
	return list
}

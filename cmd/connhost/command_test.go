package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

// Every command says what it does, shows an example and types its arguments.
func TestEveryCommandIsDocumented(t *testing.T) {
	var walk func(*cobra.Command)
	n := 0
	walk = func(c *cobra.Command) {
		n++
		if c.Short == "" || c.Example == "" || c.Args == nil {
			t.Errorf("%s: Short %t, Example %t, Args %t", c.CommandPath(), c.Short != "", c.Example != "", c.Args != nil)
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk((&program{system: &system{}}).root())
	if n < 25 {
		t.Errorf("%d commands walked", n)
	}
}

// Too many arguments are wrong use of every command, and never a bug.
func TestEveryCommandRefusesArguments(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for n := range 4 {
			if err := c.Args(c, slices.Repeat([]string{"x"}, n)); err != nil && host.CodeOf(err) != host.Usage {
				t.Errorf("%s with %d arguments: %v", c.CommandPath(), n, err)
			}
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	walk((&program{system: &system{}}).root())
}

// namedCommand is a command as hints and examples name it.
var namedCommand = regexp.MustCompile(`(?:: |(?:^|\n)  )connhost ([a-z]+(?: [a-z]+)?)`)

// A command that a hint or an example names is there: one that leads nowhere
// is worse than none.
func TestCommandsInHintsExist(t *testing.T) {
	root := (&program{system: &system{}}).root()
	root.InitDefaultHelpCmd()
	n := 0
	for _, top := range []string{"../../host", "../../plugins", "../../scripting", "."} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				lit, ok := node.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, _ := strconv.Unquote(lit.Value)
				for _, m := range namedCommand.FindAllStringSubmatch(text, -1) {
					n++
					cmd, rest, err := root.Find(strings.Fields(m[1]))
					if err != nil || cmd == root || cmd.HasSubCommands() && len(rest) > 0 {
						t.Errorf("%s names %q, which is no command", path, "connhost "+m[1])
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 80 {
		t.Errorf("%d names of commands were found", n)
	}
}

// Every code has an exit status, and no two that are told apart share one.
func TestEveryCodeHasAnExitStatus(t *testing.T) {
	seen := map[int]host.Code{}
	for _, code := range host.Codes() {
		status, ok := exitStatus[code]
		if !ok || status == 0 {
			t.Errorf("%s has no exit status", code)
		}
		if other, taken := seen[status]; taken {
			t.Errorf("%s and %s share the status %d", code, other, status)
		}
		seen[status] = code
	}
	if len(exitStatus) != len(host.Codes()) {
		t.Errorf("%d statuses for %d codes", len(exitStatus), len(host.Codes()))
	}
}

func TestLimits(t *testing.T) {
	l := defaultLimits()
	for _, c := range []struct {
		name, value string
		want        int64
		ok          bool
	}{
		{"download", "50MB", 50 << 20, true},
		{"download", "512 KB", 512 << 10, true},
		{"download", "100", 100, true},
		{"download", "9999999999GB", 0, false},
		{"response_time", "500ms", 500_000_000, true},
		{"response_time", "5", 0, false},
		{"steps", "1000", 1000, true},
		{"steps", "-1", 0, false},
		{"steps", "0", 0, false},
		{"nonsense", "1", 0, false},
	} {
		err := l.set(c.name, c.value)
		if (err == nil) != c.ok || c.ok && l[c.name] != c.want {
			t.Errorf("%s=%s: got %d, %v", c.name, c.value, l[c.name], err)
		}
	}
}

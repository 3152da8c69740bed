package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder looks another when its author changes a file, and not when it is
// built.
func TestLooks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("connector.yaml", "a")
	for _, c := range []struct {
		name string
		same bool
	}{
		{"connector.yaml", false}, {"cases/life.yaml", false}, {"lab.yaml", false}, {"hook.wasm", false},
		{"acme.wasm", true}, {".git/HEAD", true}, {"node_modules/x.ts", true}, {".swp", true},
	} {
		before := looks(dir)
		if looks(dir) != before {
			t.Fatal("nothing has changed")
		}
		write(c.name, "longer than before")
		if same := looks(dir) == before; same != c.same {
			t.Errorf("%s: the same is %t", c.name, same)
		}
	}
	file := filepath.Join(dir, "acme.wasm")
	before := looks(file)
	write("acme.wasm", "built anew")
	if looks(file) == before {
		t.Error("a file that is watched by itself has changed")
	}
}

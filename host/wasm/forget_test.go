package wasm_test

import (
	"testing"

	"github.com/connhost/connhost/host/wasm"
)

// A connector that was removed leaves no compiled code behind, and one that is
// installed again is compiled again.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	connector := file(t, echo.wasm(), "test")
	b := open(t, wasm.Options{CacheDir: dir})
	hash := b.add(connector)
	for range 2 {
		if got, err := b.call(hash, "test", `[1]`); err != nil || got != `[1]` {
			t.Fatalf("got %q, %v", got, err)
		}
		b.Forget([]byte("no module"))
		if compiled, _ := entries(t, dir); len(compiled) != 1 {
			t.Fatalf("%d files before", len(compiled))
		}
		b.Forget(connector)
		if compiled, seals := entries(t, dir); len(compiled)+len(seals) != 0 {
			t.Errorf("left behind: %q %q", compiled, seals)
		}
		b = open(t, wasm.Options{CacheDir: dir})
		hash = b.add(connector)
	}
}

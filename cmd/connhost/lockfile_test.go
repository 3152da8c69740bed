package main

import (
	"reflect"
	"testing"

	"github.com/connhost/connhost/host"
)

// Whatever stands in a lock file: the error is a sentence of ours, and what is
// accepted is written and read again as the same.
func FuzzLockFile(f *testing.F) {
	f.Add([]byte("connhost_lock: 1\nconnectors:\n  - {id: acme, version: 1.0.0, sha256: 57def597052eb39197772a53e546cdb52f7fcfb9ee28641210b4a82ba49bba8a, source: a.wasm, stage: draft, current: true}\n"))
	f.Add([]byte("connhost_lock: 1\nconnectors: []\n"))
	f.Add([]byte("connhost_lock: 2"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lock, err := parseLock("x.yaml", data)
		if err != nil {
			if host.CodeOf(err) != host.Failed {
				t.Errorf("an error of another kind: %v", err)
			}
			return
		}
		text, err := lock.encode("x.yaml")
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseLock("x.yaml", text)
		if err != nil || len(lock.Connectors)+len(again.Connectors) > 0 && !reflect.DeepEqual(again, lock) {
			t.Errorf("read again as %+v, %v:\n%s", again, err, text)
		}
	})
}

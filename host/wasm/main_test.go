package wasm_test

import (
	"os"
	"testing"
)

// compiled is where the tests' guests in Go are compiled once for all of them.
var compiled string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "connhost-wasm-test-")
	if err != nil {
		panic(err)
	}
	compiled = dir
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

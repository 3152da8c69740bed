package proto_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed files are what guest.proto gives. To write them again:
//
//	go generate ./proto
func TestGenerated(t *testing.T) {
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs protoc: set CONNHOST_PEERS=1 to use it")
	}
	dir := t.TempDir()
	if text, err := exec.Command("sh", "generate.sh", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*.pb.go"))
	if err != nil || len(made) != 5 {
		t.Fatalf("made %q, %v", made, err)
	}
	for _, path := range made {
		if !bytes.Equal(read(t, path), read(t, filepath.Base(path))) {
			t.Errorf("%s is stale", filepath.Base(path))
		}
	}
}

// read leaves out the line that names the version of protoc.
func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []byte
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte("// \tprotoc ")) {
			kept = append(kept, line...)
		}
	}
	return kept
}

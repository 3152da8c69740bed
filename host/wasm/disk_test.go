package wasm_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// entries are the files that the compiler wrote, and all others.
func entries(t testing.TB, dir string) (compiled, seals []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case d.Name() == "seal":
			seals = append(seals, path)
		default:
			compiled = append(compiled, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return compiled, seals
}

// Compiled code that was cut, flipped anywhere, emptied or left without its
// seal is compiled again, and is good for the next process.
func TestBrokenCode(t *testing.T) {
	dir := t.TempDir()
	connector := file(t, echo.wasm(), "test")
	ask := func(t *testing.T) {
		t.Helper()
		b := open(t, wasm.Options{CacheDir: dir})
		if got, err := b.call(b.add(connector), "test", `[1,2]`); err != nil || got != `[1,2]` {
			t.Errorf("got %q, %v", got, err)
		}
	}
	ask(t)
	compiled, seals := entries(t, dir)
	if len(compiled) != 1 || len(seals) != 1 {
		t.Fatalf("got %q, %q", compiled, seals)
	}
	whole, err := os.ReadFile(compiled[0])
	if err != nil {
		t.Fatal(err)
	}
	flip := func(at int) []byte {
		b := append([]byte(nil), whole...)
		b[at] ^= 0x40
		return b
	}
	cases := map[string][]byte{"cut": whole[:len(whole)/2], "empty": {}, "longer": append(flip(0), 1)}
	for at := 0; at < len(whole); at += max(len(whole)/40, 1) {
		cases[fmt.Sprintf("flipped at %d", at)] = flip(at)
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(compiled[0], content, 0o600); err != nil {
				t.Fatal(err)
			}
			ask(t)
			if got, err := os.ReadFile(compiled[0]); err != nil || len(got) != len(whole) {
				t.Errorf("%d bytes afterwards, %v, want %d", len(got), err, len(whole))
			}
		})
	}
	t.Run("no seal", func(t *testing.T) {
		if err := os.Remove(seals[0]); err != nil {
			t.Fatal(err)
		}
		ask(t)
		if _, seals := entries(t, dir); len(seals) != 1 {
			t.Error("it was not sealed again")
		}
	})
}

// Sealed code is used, not compiled again: the entry stays the same file.
func TestCodeIsKept(t *testing.T) {
	dir := t.TempDir()
	var before fs.FileInfo
	for i := range 2 {
		b := open(t, wasm.Options{CacheDir: dir})
		b.serves(t)
		compiled, _ := entries(t, dir)
		info, err := os.Stat(compiled[0])
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && !os.SameFile(before, info) {
			t.Error("it was compiled again")
		}
		before = info
	}
}

// The manifest is not part of what is compiled.
func TestCodeIsSharedByManifests(t *testing.T) {
	dir := t.TempDir()
	u := echo
	u.funcs = append(u.funcs[:1:1], hook("token", num(0)))
	b := open(t, wasm.Options{CacheDir: dir})
	for _, hooks := range [][]string{{"test", "token"}, {"token", "test"}} {
		if _, err := b.call(b.add(file(t, u.wasm(), hooks...)), "test", `{}`); err != nil {
			t.Fatal(err)
		}
	}
	if compiled, _ := entries(t, dir); len(compiled) != 1 {
		t.Errorf("compiled %q", compiled)
	}
}

func TestFolderOfOthers(t *testing.T) {
	dir := t.TempDir()
	open(t, wasm.Options{CacheDir: dir}).serves(t)
	folder := filepath.Join(dir, "connhost-code")
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder's mode: %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(folder, 0o770); err != nil {
		t.Fatal(err)
	}
	opts := wasm.Options{CacheDir: dir}
	opts.File = nil
	if _, err := wasm.New(opts); err == nil {
		t.Error("no source of files, and no error")
	}
	opts.File = func(context.Context, string) ([]byte, error) { return nil, nil }
	if _, err := wasm.New(opts); host.CodeOf(err) != host.Refused {
		t.Errorf("got %v", err)
	}
}

// A disk that cannot be written costs time, not the call.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	b := open(t, wasm.Options{CacheDir: dir})
	folder := filepath.Join(dir, "connhost-code")
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b.serves(t)
}

// Neither does a folder that cannot be made, as beside a store that may only
// be read.
func TestNoDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, wasm.Options{CacheDir: dir}).serves(t)
}

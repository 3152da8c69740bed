package build

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// prebuilt is code of any language, built by its own tools. It goes before the
// source beside it.
const prebuilt = "hook.wasm"

// A language is one that connectors are built from: the file that code begins with, and who
// compiles the folder that holds it.
type language struct {
	name    string
	file    string
	compile func(ctx context.Context, dir string) (code, error)
}

func languages() []language {
	return []language{
		{"Go", "main.go", compileGo},
		{"Rust", "hook.rs", compileRust},
		{"AssemblyScript", "hook.ts", compileAssemblyScript},
		{"C", "hook.c", compileC},
	}
}

// lookedFor are the files that code is looked for in, for people.
func lookedFor() string {
	names := []string{prebuilt}
	for _, l := range languages() {
		names = append(names, l.file)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// A source is where a language's code begins.
type source struct {
	language
	dir  string
	name string // from the connector's folder
}

// sourcesIn finds the code of a connector: in its folder "hook", then beside its
// manifest.
func sourcesIn(dir string) ([]source, error) {
	var found []source
	for _, sub := range []string{"hook", "."} {
		for _, l := range languages() {
			name := filepath.Join(sub, l.file)
			ok, err := isFile(filepath.Join(dir, name))
			if err != nil {
				return nil, err
			}
			if ok {
				found = append(found, source{l, filepath.Join(dir, sub), filepath.ToSlash(name)})
			}
		}
	}
	return found, nil
}

func isFile(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !isNoFolder(path) {
		return false, cannot("read", path, err)
	}
	return err == nil && info.Mode().IsRegular(), nil
}

// isNoFolder says whether what should hold a file is a file itself.
func isNoFolder(path string) bool {
	info, err := os.Stat(filepath.Dir(path))
	return err == nil && !info.IsDir()
}

// Code compiles the source in a connector's folder to a module without a
// manifest, whatever hook.wasm lies beside it.
func Code(ctx context.Context, dir string) ([]byte, error) {
	found, err := sourcesIn(dir)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, cannot("read", filepath.Join(dir, languages()[0].file), fs.ErrNotExist)
	}
	c, err := found[0].compile(ctx, found[0].dir)
	return c.module, err
}

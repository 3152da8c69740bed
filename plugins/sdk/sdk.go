// Package sdk holds the source of the kits that hooks are written with, a folder
// each language, so that a new connector gets a copy of its own.
package sdk

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed go/*.go rust/*.rs assemblyscript/*.ts c/*.h
var kits embed.FS

// Files are the files of a language's kit by their names; none for a language
// without one.
func Files(language string) map[string][]byte {
	entries, _ := fs.ReadDir(kits, language)
	files := map[string][]byte{}
	for _, e := range entries {
		if data, err := kits.ReadFile(path.Join(language, e.Name())); err == nil && !strings.HasSuffix(e.Name(), "_test.go") {
			files[e.Name()] = data
		}
	}
	return files
}

// The compiler of AssemblyScript comes from npm, which these two files name in
// one version.
//
//go:embed example/assemblyscript/package.json example/assemblyscript/package-lock.json
var lock embed.FS

// AssemblyScriptLock is package.json and package-lock.json with the version of
// the compiler that the kit is for.
func AssemblyScriptLock() (manifest, locked []byte) {
	manifest, _ = lock.ReadFile("example/assemblyscript/package.json")
	locked, _ = lock.ReadFile("example/assemblyscript/package-lock.json")
	return manifest, locked
}

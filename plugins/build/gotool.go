package build

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compileGo builds the Go package in dir as a guest: a reactor, which is
// initialized once and then called, without paths, dates or debug data. A
// workspace around the folder is not looked at: what a connector needs stands in
// its go.mod.
func compileGo(ctx context.Context, dir string) (code, error) {
	program, err := exec.LookPath("go")
	if err != nil {
		return code{}, missing(dir, "Go", "the go command", "install Go from https://go.dev/dl")
	}
	packages := packageArgs(dir)
	c := compiler{
		language: "Go", dir: dir, program: program, version: firstLine(ctx, program, "env", "GOVERSION"),
		args:   []string{"build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"},
		env:    []string{"GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0"},
		places: goPlaces,
	}
	return c.run(ctx, packages...)
}

// packageArgs names the package in dir: the folder where it lies in a Go
// module, else its files, which then import the standard library only.
func packageArgs(dir string) []string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return []string{"."}
	}
	for at := abs; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return []string{"."}
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	files, _ := filepath.Glob(filepath.Join(abs, "*.go"))
	var names []string
	for _, f := range files {
		if name := filepath.Base(f); !strings.HasSuffix(name, "_test.go") {
			names = append(names, name)
		}
	}
	return names
}

// goPlaces says what to do about the message that beginners meet first.
func goPlaces(dir, text string) (found []Diagnostic, rest []string) {
	found, rest = linePlaces(dir, text)
	for i, d := range found {
		if strings.Contains(d.Msg, "no required module provides package") {
			found[i].Hint = "give the folder a go.mod of its own; plugins/ABI.md shows how, under \"A hook in Go\""
		}
	}
	return found, rest
}

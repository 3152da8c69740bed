package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// compileGo builds the Go package in dir as a guest: a reactor, which is
// initialized once and then called, without paths, dates or debug data.
func compileGo(ctx context.Context, dir string) (code, error) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return code{}, host.Errorf(host.Failed, "%s is Go code, and the go command is not installed", dir).Because(err).
			WithHint("install Go from https://go.dev/dl, or put the compiled %s beside %s", prebuilt, ManifestFile)
	}
	out, err := os.MkdirTemp("", "connector-")
	if err != nil {
		return code{}, cannot("write", os.TempDir(), err)
	}
	defer os.RemoveAll(out)
	wasm := filepath.Join(out, prebuilt)
	args := []string{"build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", wasm}
	cmd := exec.CommandContext(ctx, goTool, append(args, packageArgs(dir)...)...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return code{}, goErrors(ctx, dir, text, err)
	}
	module, err := readFile(wasm)
	if err != nil {
		return code{}, err
	}
	version, _ := exec.CommandContext(ctx, goTool, "env", "GOVERSION").Output()
	return code{module: module, from: dir, toolchain: strings.TrimSpace(string(version))}, nil
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

var goPlace = regexp.MustCompile(`^(?:\./)?(\S+\.go):(\d+):(\d+): (.*)$`)

// goErrors takes the places out of the compiler's messages.
func goErrors(ctx context.Context, dir string, text []byte, err error) error {
	if ctx.Err() != nil {
		return host.Errorf(host.Interrupted, "building %s was interrupted", dir).Because(ctx.Err())
	}
	var found []Diagnostic
	var rest []string
	for line := range strings.Lines(string(bytes.TrimSpace(text))) {
		line = strings.TrimRight(line, "\r\n")
		m := goPlace.FindStringSubmatch(line)
		if m == nil {
			if !strings.HasPrefix(line, "#") {
				rest = append(rest, line)
			}
			continue
		}
		n, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		file := m[1]
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		d := Diagnostic{Code: "C116", File: file, Line: n, Column: column, Msg: m[4]}
		if strings.Contains(d.Msg, "no required module provides package") {
			d.Hint = "give the folder a go.mod of its own; plugins/ABI.md shows how, under \"A hook in Go\""
		}
		found = append(found, d)
	}
	if len(found) > 0 {
		return &Invalid{Diagnostics: found}
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(rest) > 0 {
		return host.Errorf(host.Failed, "the Go code in %s does not build: %s", dir, strings.Join(rest, "; ")).Because(exit)
	}
	return host.Errorf(host.Failed, "the Go code in %s does not build: %v", dir, err).Because(err)
}

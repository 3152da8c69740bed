package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A compiler is a program that writes a module of the code in a folder. It runs
// there and is given names without the folder, so that no path gets into the
// module.
type compiler struct {
	language string
	dir      string
	program  string
	args     []string // and -o with the file, before what is compiled
	env      []string // over that of this process
	drop     []string // variables that would change what is built
	version  string
	places   func(dir, text string) (found []Diagnostic, rest []string)
}

// run compiles these sources and gives the module, with what the compiler warned
// of.
func (c compiler) run(ctx context.Context, sources ...string) (code, error) {
	out, err := os.MkdirTemp("", "connector-")
	if err != nil {
		return code{}, cannot("write", os.TempDir(), err)
	}
	defer os.RemoveAll(out)
	wasm := filepath.Join(out, prebuilt)
	cmd := exec.CommandContext(ctx, c.program, slices.Concat(c.args, []string{"-o", wasm}, sources)...)
	cmd.Dir = c.dir
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(c.drop, name)
	})
	cmd.Env = append(cmd.Env, c.env...)
	text, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return code{}, host.Errorf(host.Interrupted, "building %s was interrupted", c.dir).Because(ctx.Err())
	}
	found, rest := c.places(c.dir, string(bytes.TrimSpace(text)))
	if err != nil {
		return code{}, c.refused(found, rest, err)
	}
	module, err := readFile(wasm)
	found = slices.DeleteFunc(found, func(d Diagnostic) bool { return d.Severity != abi.Warning })
	return code{module: module, from: c.dir, toolchain: c.version, warnings: found}, err
}

// refused is the error for code that does not compile.
func (c compiler) refused(found []Diagnostic, rest []string, err error) error {
	if slices.ContainsFunc(found, func(d Diagnostic) bool { return d.Severity == abi.Fault }) {
		return &Invalid{Diagnostics: found}
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(rest) > 0 {
		return host.Errorf(host.Failed, "the %s code in %s does not build: %s", c.language, c.dir, strings.Join(rest, "; ")).Because(exit)
	}
	return host.Errorf(host.Failed, "the %s code in %s does not build: %v", c.language, c.dir, err).Because(err)
}

// placed is a line of Go's compiler, clang or rustc that names a place:
//
//	hook.c:3:5: error: use of undeclared identifier 'x'
var placed = regexp.MustCompile(`^(?:\./)?(\S+?\.\w+):(\d+):(\d+): (?:(?:fatal )?(error|warning)(?:\[\w+\])?: )?(.*)$`)

// linePlaces takes the places out of messages of one line each. Other lines are
// shown only where there is no place.
func linePlaces(dir, text string) (found []Diagnostic, rest []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		m := placed.FindStringSubmatch(line)
		switch {
		case m == nil && line != "" && !strings.HasPrefix(line, "#"):
			rest = append(rest, line)
		case m != nil && !strings.HasPrefix(m[5], "note: "):
			found = append(found, compilerSays(dir, m[1], m[2], m[3], m[4] == "warning", m[5]))
		}
	}
	return found, rest
}

// compilerSays is a compiler's message at its place.
func compilerSays(dir, file, line, column string, warning bool, msg string) Diagnostic {
	d := Diagnostic{Code: "C116", File: file, Msg: msg}
	d.Line, _ = strconv.Atoi(line)
	d.Column, _ = strconv.Atoi(column)
	if !filepath.IsAbs(file) {
		d.File = filepath.Join(dir, file)
	}
	if warning {
		d.Code, d.Severity = "C119", abi.Warning
	}
	return d
}

// missing is the error for a compiler that is not there.
func missing(dir, language, what, hint string) error {
	return host.Errorf(host.Failed, "%s is %s code, and %s is not installed", dir, language, what).
		WithHint("%s; or put the compiled %s beside %s", hint, prebuilt, ManifestFile)
}

// firstLine is the first line of what a program prints, such as its version.
func firstLine(ctx context.Context, program string, args ...string) string {
	out, _ := exec.CommandContext(ctx, program, args...).Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}

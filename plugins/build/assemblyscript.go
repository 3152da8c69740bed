package build

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/connhost/connhost/host"
)

// compileAssemblyScript builds hook.ts by the compiler of the version that
// package-lock.json names. It is never fetched here: another version would build
// other bytes.
//
// Memory is never given back (--runtime stub): it lives as long as the call.
func compileAssemblyScript(ctx context.Context, dir string) (code, error) {
	program, err := exec.LookPath("node")
	if err != nil {
		return code{}, missing(dir, "AssemblyScript", "node", "install Node 20 or later with npm from https://nodejs.org")
	}
	home, version, err := lockedCompiler(dir)
	if err != nil {
		return code{}, err
	}
	c := compiler{
		language: "AssemblyScript", dir: dir, program: program, version: "assemblyscript " + version,
		args: []string{filepath.Join(home, asPackage, "bin", "asc.js"), "-O", "--noAssert", "--noColors", "--runtime", "stub", "--exportStart", "_initialize"},
		drop: []string{"NODE_OPTIONS", "NODE_PATH"}, places: ascPlaces,
	}
	return c.run(ctx, "hook.ts")
}

const asPackage = "node_modules/assemblyscript"

// lockedCompiler is the folder whose package-lock.json names the compiler, dir or
// the one around it, and its version, which must be installed there.
func lockedCompiler(dir string) (home, version string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", "", cannot("read", dir, err)
	}
	for _, home := range []string{abs, filepath.Dir(abs)} {
		version = packageVersion(filepath.Join(home, "package-lock.json"))
		if version == "" {
			continue
		}
		if have := packageVersion(filepath.Join(home, asPackage, "package.json")); have != version {
			what := "assemblyscript " + version + ", which its package-lock.json names,"
			return "", "", missing(dir, "AssemblyScript", what, "npm ci --prefix "+relative(home))
		}
		return home, version, nil
	}
	return "", "", host.Errorf(host.Failed, "%s is AssemblyScript code, and no package-lock.json beside it names the version of assemblyscript", dir).
		WithHint("npm install --prefix %s --save-dev --save-exact assemblyscript", dir)
}

// packageVersion is the version of the compiler that a package.json is of, or
// that a package-lock.json names; "" where it is neither.
func packageVersion(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	type described struct {
		Version string `json:"version"`
	}
	var file struct {
		described
		Packages map[string]described `json:"packages"`
	}
	if json.Unmarshal(data, &file) != nil {
		return ""
	}
	if file.Packages != nil {
		return file.Packages[asPackage].Version
	}
	return file.Version
}

// relative is a path as it is shown: from here, where it is below.
func relative(path string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// The compiler's message begins with its kind and ends with its place.
var (
	ascSays  = regexp.MustCompile(`^(ERROR|WARNING) (?:\w+: )?(.*)$`)
	ascPlace = regexp.MustCompile(`\bin (\S+)\((\d+),(\d+)\)$`)
)

func ascPlaces(dir, text string) (found []Diagnostic, rest []string) {
	said := []string(nil)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := ascSays.FindStringSubmatch(line); m != nil {
			said, rest = m, append(rest, m[2])
		}
		if m := ascPlace.FindStringSubmatch(line); m != nil && said != nil {
			found = append(found, compilerSays(dir, m[1], m[2], m[3], said[1] == "WARNING", said[2]))
			said = nil
		}
	}
	return found, rest
}

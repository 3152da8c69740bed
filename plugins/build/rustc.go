package build

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rustTarget is what guests are built for: no WASI, which a hook does not need.
const rustTarget = "wasm32-unknown-unknown"

// compileRust builds hook.rs, with its modules, as a library that exports the
// hooks. A crate of Cargo's is built by Cargo, into hook.wasm.
func compileRust(ctx context.Context, dir string) (code, error) {
	program := findRust(ctx)
	if program == "" {
		return code{}, missing(dir, "Rust", "a rustc with the target "+rustTarget,
			"Debian: apt-get install rustc lld libstd-rust-dev-wasm32, with rustup: rustup target add "+rustTarget)
	}
	c := compiler{
		language: "Rust", dir: dir, program: program, version: firstLine(ctx, program, "--version"),
		args: []string{
			"--target", rustTarget, "--edition", "2021", "--crate-type", "cdylib", "--crate-name", "hook", "--error-format", "short", "--color", "never",
			"-C", "opt-level=s", "-C", "lto=fat", "-C", "codegen-units=1", "-C", "panic=abort", "-C", "strip=symbols", "-C", "link-arg=-zstack-size=65536",
		},
		places: linePlaces,
	}
	return c.run(ctx, "hook.rs")
}

// findRust is the first rustc on the path that has the target: where rustup and
// the system have one each, it may be the second.
func findRust(ctx context.Context) string {
	for _, folder := range programFolders() {
		program, err := exec.LookPath(filepath.Join(folder, "rustc"))
		if err != nil || !filepath.IsAbs(program) {
			continue
		}
		library := firstLine(ctx, program, "--print", "target-libdir", "--target", rustTarget)
		if info, err := os.Stat(library); err == nil && info.IsDir() {
			return program
		}
	}
	return ""
}

// programFolders are those that a program is looked for in.
func programFolders() []string {
	folders := ""
	for _, pair := range new(exec.Cmd).Environ() {
		if path, ok := strings.CutPrefix(pair, "PATH="); ok {
			folders = path // the last one counts
		}
	}
	return filepath.SplitList(folders)
}

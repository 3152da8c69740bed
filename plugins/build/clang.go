package build

import (
	"context"
	"os/exec"
)

// compileC builds hook.c, which includes whatever else it needs, without a C
// library.
func compileC(ctx context.Context, dir string) (code, error) {
	const hint = "Debian: apt-get install clang lld"
	program, err := exec.LookPath("clang")
	if err != nil {
		return code{}, missing(dir, "C", "clang", hint)
	}
	if _, err := exec.LookPath(firstLine(ctx, program, "--print-prog-name=wasm-ld")); err != nil {
		return code{}, missing(dir, "C", "clang's linker wasm-ld", hint)
	}
	c := compiler{
		language: "C", dir: dir, program: program, version: firstLine(ctx, program, "--version"),
		args: []string{
			"--target=wasm32", "-std=c11", "-Os", "-flto", "-Wall", "-Wextra", "-Wno-unused-function", "-fno-color-diagnostics",
			"-ffreestanding", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=65536",
		},
		drop:   []string{"CPATH", "C_INCLUDE_PATH", "CCC_OVERRIDE_OPTIONS"},
		places: linePlaces,
	}
	return c.run(ctx, "hook.c")
}

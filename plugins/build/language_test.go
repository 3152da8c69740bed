package build_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
)

// bin is a folder with programs that do nothing.
func bin(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Who has no compiler reads which package has it.
func TestCompilerIsNotThere(t *testing.T) {
	const lock = `{"packages": {"node_modules/assemblyscript": {"version": "0.28.20"}}}`
	for _, c := range []struct {
		name      string
		files     map[string]string
		programs  []string
		msg, hint string
	}{
		{"Go", map[string]string{"main.go": goHook}, nil, "is Go code, and the go command is not installed", "install Go from https://go.dev/dl; "},
		{"C", map[string]string{"hook.c": ""}, nil, "is C code, and clang is not installed", "Debian: apt-get install clang lld; "},
		{"linker", map[string]string{"hook.c": ""}, []string{"clang"}, "is C code, and clang's linker wasm-ld is not installed", "Debian: apt-get install clang lld; "},
		{"Rust", map[string]string{"hook/hook.rs": ""}, nil, "hook is Rust code, and a rustc with the target wasm32-unknown-unknown is not installed", "Debian: apt-get install rustc lld libstd-rust-dev-wasm32, with rustup: "},
		{"target", map[string]string{"hook/hook.rs": ""}, []string{"rustc"}, "hook is Rust code, and a rustc with the target wasm32-unknown-unknown is not installed", "rustup target add wasm32-unknown-unknown; "},
		{"node", map[string]string{"hook.ts": ""}, nil, "is AssemblyScript code, and node is not installed", "https://nodejs.org; "},
		{"npm ci", map[string]string{"hook.ts": "", "package-lock.json": lock}, []string{"node"}, "assemblyscript 0.28.20, which its package-lock.json names, is not installed", "npm ci --prefix "},
		{"another version", map[string]string{"hook/hook.ts": "", "package-lock.json": lock, "node_modules/assemblyscript/package.json": `{"version": "0.27.0"}`}, []string{"node"},
			"assemblyscript 0.28.20, which its package-lock.json names, is not installed", "npm ci --prefix "},
		{"no lock", map[string]string{"hook.ts": ""}, []string{"node"}, "is AssemblyScript code, and no package-lock.json beside it names the version of assemblyscript", "--save-exact assemblyscript"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("PATH", bin(t, c.programs...))
			c.files["connector.yaml"] = acme + "hooks: [test]\n"
			_, err := build.Compile(t.Context(), folder(t, c.files))
			e, ok := errors.AsType[*host.Error](err)
			if !ok || e.Code != host.Failed || !strings.HasSuffix(e.Msg, c.msg) || !strings.Contains(e.Hint, c.hint) {
				t.Errorf("got %v, %+v", err, e)
			}
		})
	}
}

func TestTwoLanguages(t *testing.T) {
	dir := folder(t, map[string]string{"connector.yaml": acme + "hooks: [test]\n", "main.go": goHook, "hook.c": ""})
	_, err := build.Compile(t.Context(), dir)
	if got, want := sentence(err, dir), "connector.yaml:8:1: there is code in two languages: main.go and hook.c"; got != want {
		t.Errorf("got %s", got)
	}
}

// A program says what is wrong in the way that its compiler does; each becomes a
// finding with a place.
func TestCompilersSay(t *testing.T) {
	for _, c := range []struct {
		name, file string
		programs   map[string]string
		want       []string
	}{
		{"C", "hook.c", map[string]string{"clang": "case $1 in --print*) echo clang;; --version) echo clang 1;; *) echo \"In file included from hook.c:2:\nsdk/x.h:3:5: error: no such thing 'x'\nhook.c:9:1: note: declared here\nhook.c:7:2: warning: unused\"; exit 1;; esac"},
			[]string{"sdk/x.h:3:5: error[C116]: no such thing 'x'", "hook.c:7:2: warning[C119]: unused"}},
		{"Rust", "hook.rs", map[string]string{"rustc": "case $1 in --print) echo /;; --version) echo rustc 1;; *) echo 'hook.rs:4:9: error[E0425]: cannot find value `x` in this scope\nerror: aborting due to previous error'; exit 1;; esac"},
			[]string{"hook.rs:4:9: error[C116]: cannot find value `x` in this scope"}},
		{"AssemblyScript", "hook.ts", map[string]string{"node": "echo \"WARNING AS201: Conversion.\n   :\n 1 │ x\n   └─ in hook.ts(1,2)\n\nERROR TS2304: Cannot find name 'x'.\n   :\n 9 │ return x\n   └─ in sdk/json.ts(9,10)\n\nFAILURE 1 compile error(s)\"; exit 1"},
			[]string{"hook.ts:1:2: warning[C119]: Conversion.", "sdk/json.ts:9:10: error[C116]: Cannot find name 'x'."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := bin(t)
			for name, script := range c.programs {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			at := folder(t, map[string]string{
				"connector.yaml": acme + "hooks: [test]\n", c.file: "",
				"package-lock.json":                        `{"packages": {"node_modules/assemblyscript": {"version": "1.0.0"}}}`,
				"node_modules/assemblyscript/package.json": `{"version": "1.0.0"}`,
			})
			_, err := build.Compile(t.Context(), at)
			bad, ok := errors.AsType[*build.Invalid](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			var got []string
			for _, d := range bad.Diagnostics {
				line, _, _ := strings.Cut(d.Render(), "\n")
				got = append(got, strings.TrimPrefix(line, at+"/"))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got %q", got)
			}
		})
	}
}

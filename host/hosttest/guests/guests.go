// Package guests builds the code of connectors with the real compilers of the
// languages that authors write in, for tests: the example of plugins/sdk, and
// for each language a hook that goes wrong as it is told.
//
// With CONNHOST_PEERS=1, as .ci/run sets it, a compiler that cannot be had
// fails the test; without it the test is skipped and says why.
package guests

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// Languages are those that guests are built in.
func Languages() []string { return []string{"assemblyscript", "c", "go", "rust"} }

// Example is a connector's file: plugins/sdk/example with its hooks token,
// respond and test in a language.
func Example(t testing.TB, language string) []byte {
	t.Helper()
	return file(t, module(t, language, "example"), "token", "respond", "test")
}

// Faults is a connector's file whose hook test does what the body of its
// response says: trap, exit, loop, memory, stack (a call in a call without
// end), fork (2^60 calls without a loop), declared; and answers any other with
// it as its message.
func Faults(t testing.TB, language string) []byte {
	t.Helper()
	return file(t, module(t, language, "faults"), "test")
}

// Modules are all of them by name, such as c/example, as the compilers wrote
// them: without a manifest.
func Modules(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, language := range Languages() {
		for _, program := range []string{"example", "faults"} {
			all[language+"/"+program] = module(t, language, program)
		}
	}
	return all
}

func file(t testing.TB, module []byte, hooks ...string) []byte {
	t.Helper()
	manifest, err := json.Marshal(map[string]any{
		"connhost": 1, "id": "guest", "name": "Guest", "version": "1.0.0", "hooks": hooks,
		"auth": map[string]any{"type": "none"}, "base_url": "https://guest.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := abi.Append(module, manifest)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// built holds a *once for each language/program; a package's tests build each
// once.
var built sync.Map

type once struct {
	sync.Once
	module []byte
}

func module(t testing.TB, language, program string) []byte {
	t.Helper()
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs the compilers of other languages: set CONNHOST_PEERS=1 to use them")
	}
	v, _ := built.LoadOrStore(language+"/"+program, &once{})
	b := v.(*once)
	b.Do(func() { b.module = compile(t, language, program) })
	if b.module == nil {
		t.Fatalf("%s/%s was not built", language, program)
	}
	return b.module
}

func compile(t testing.TB, language, program string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "hook.wasm")
	cmd := command(language, program, out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s/%s: %v\n%s", language, program, err, text)
	}
	module, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s/%s: %d bytes", language, program, len(module))
	return module
}

// command is what an author would type.
func command(language, program, out string) *exec.Cmd {
	_, here, _, _ := runtime.Caller(0)
	testdata := filepath.Join(filepath.Dir(here), "testdata", language)
	example := filepath.Join(filepath.Dir(here), "..", "..", "..", "plugins", "sdk", "example")
	if language == "go" {
		dir := filepath.Join(example, "hook")
		if program == "faults" {
			dir = testdata
		}
		cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "CGO_ENABLED=0")
		return cmd
	}
	cmd := exec.Command("sh", filepath.Join(example, language, "build.sh"), out)
	if program == "faults" {
		suffix := map[string]string{"assemblyscript": "ts", "c": "c", "rust": "rs"}[language]
		cmd.Args = append(cmd.Args, filepath.Join(testdata, "faults."+suffix))
	}
	if language == "rust" {
		cmd.Env = append(cmd.Environ(), "RUSTC="+rustc())
	}
	return cmd
}

// rustc is a compiler that has the target: the one on the PATH may be another
// than the system's.
func rustc() string {
	for _, program := range []string{"rustc", "/usr/bin/rustc"} {
		dir, err := exec.Command(program, "--print", "target-libdir", "--target", "wasm32-unknown-unknown").Output()
		if err != nil {
			continue
		}
		if _, err := os.Stat(strings.TrimSpace(string(dir))); err == nil {
			return program
		}
	}
	return "rustc"
}

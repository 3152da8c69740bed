// Package guests builds the code of connectors with the real compilers of the
// languages that authors write in, for tests: the example of plugins/sdk, and
// for each language a hook that goes wrong as it is told.
//
// With CONNHOST_PEERS=1, as .ci/run sets it, a compiler that cannot be had
// fails the test; without it the test is skipped and says why.
package guests

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/sdk"
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

// Kit is a connector's file whose hook action uses what a language's kit has for
// hooks that sign and call. Its code reads the
// secret "shown".
func Kit(t testing.TB, language string) []byte {
	t.Helper()
	return with(t, module(t, language, "kit"), map[string]any{
		"hooks": []string{"action"}, "actions": []any{map[string]any{"name": "all"}}, "reveal_secrets": []string{"shown"},
		"parameters": []any{map[string]any{"key": "shown", "secret": true}, map[string]any{"key": "key", "secret": true}, map[string]any{"key": "private", "secret": true}},
	})
}

// Modules are all of them by name, such as c/example, as the compilers wrote
// them: without a manifest.
func Modules(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, language := range Languages() {
		for _, program := range []string{"example", "faults", "kit"} {
			all[language+"/"+program] = module(t, language, program)
		}
	}
	return all
}

func file(t testing.TB, module []byte, hooks ...string) []byte {
	t.Helper()
	return with(t, module, map[string]any{"hooks": hooks})
}

// with is a module with a manifest that has these keys too.
func with(t testing.TB, module []byte, more map[string]any) []byte {
	t.Helper()
	keys := map[string]any{
		"connhost": 1, "id": "guest", "name": "Guest", "version": "1.0.0",
		"auth": map[string]any{"type": "none"}, "base_url": "https://guest.example",
	}
	maps.Copy(keys, more)
	manifest, err := json.Marshal(keys)
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

// compilers skips a test that needs those of other languages, where nobody has
// asked for it.
func compilers(t testing.TB) {
	t.Helper()
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs the compilers of other languages: set CONNHOST_PEERS=1 to use them")
	}
}

func module(t testing.TB, language, program string) []byte {
	t.Helper()
	compilers(t)
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
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(here), "..", "..", "..", "plugins", "sdk", "example", language)
	switch program {
	case "faults":
		dir = filepath.Join(filepath.Dir(here), "testdata", language)
	case "kit":
		dir = filepath.Join(filepath.Dir(here), "testdata", "kit", language)
	}
	if program != "example" && language != "go" {
		dir = beside(t, language, dir)
	}
	module, err := build.Code(t.Context(), dir)
	if err != nil {
		t.Fatalf("build %s/%s: %v", language, program, err)
	}
	t.Logf("%s/%s: %d bytes", language, program, len(module))
	return module
}

// Copy is the program faults, built in a folder of its own.
func Copy(t testing.TB, language string) []byte {
	t.Helper()
	compilers(t)
	return compile(t, language, "faults")
}

// TinyGo is the example in Go as TinyGo builds it, where that is installed: no
// Debian package and no npm has it, so .ci/run does not ask for it.
func TinyGo(t testing.TB) []byte {
	t.Helper()
	program, err := exec.LookPath("tinygo")
	if err != nil {
		t.Skip("tinygo is not installed")
	}
	_, here, _, _ := runtime.Caller(0)
	out := filepath.Join(t.TempDir(), "hook.wasm")
	cmd := exec.Command(program, "build", "-target=wasip1", "-buildmode=c-shared", "-no-debug", "-o", out, ".")
	cmd.Dir = filepath.Join(filepath.Dir(here), "..", "..", "..", "plugins", "sdk", "example", "go")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	module, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, module, "token", "respond", "test")
}

// beside is a copy of a folder with the language's kit in it, as an author has
// it.
func beside(t testing.TB, language, from string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for name, data := range sdk.Files(language) {
		files[filepath.Join("sdk", name)] = data
	}
	if language == "assemblyscript" {
		files["package.json"], files["package-lock.json"] = sdk.AssemblyScriptLock()
		if err := os.Symlink(NodeModules(), filepath.Join(dir, "node_modules")); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// NodeModules is where .ci/run installs the compiler of AssemblyScript.
func NodeModules() string {
	_, here, _, _ := runtime.Caller(0)
	dir, _ := filepath.Abs(filepath.Join(filepath.Dir(here), "..", "..", "..", "plugins", "sdk", "example", "assemblyscript", "node_modules"))
	return dir
}

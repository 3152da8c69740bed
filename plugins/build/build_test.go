package build_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

const acme = `connhost: 1
id: acme
name: Acme
version: 1.0.0
auth: {type: api_key, name: X-Key}
base_url: https://api.acme.test/v1
test: {path: /me}
`

// folder makes a connector's folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBuildManifestOnly(t *testing.T) {
	dir := folder(t, map[string]string{"connector.yaml": acme, "acme.wasm": "old"})
	b, err := build.Build(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "acme.wasm"))
	if err != nil || !bytes.Equal(file, b.File) || b.Path != filepath.Join(dir, "acme.wasm") {
		t.Fatalf("the file is not what was built: %v", err)
	}
	section, err := abi.Section(file)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"auth":{"name":"X-Key","type":"api_key"},"base_url":"https://api.acme.test/v1","connhost":1,"id":"acme","name":"Acme","test":{"path":"/me"},"version":"1.0.0"}`
	if string(section) != want {
		t.Errorf("got  %s\nwant %s", section, want)
	}
	if b.Hash != abi.Hash(file) || b.CodeSize != 8 || b.ManifestSize != len(want) || b.Toolchain != "" || len(b.Warnings) > 0 {
		t.Errorf("%+v", b)
	}
	again, err := build.Build(t.Context(), dir)
	if err != nil || again.Hash != b.Hash {
		t.Errorf("built again: %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) != 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestBuildPrebuilt(t *testing.T) {
	hooks := "hooks: [test]\n"
	good := guest{exports: []string{"ch_test"}}
	for _, c := range []struct {
		name, manifest string
		code           string
		want           string // of the error; "" is none
	}{
		{"declared and exported", acme + hooks, good.wasm(), ""},
		{"with what a Go guest imports", acme + hooks, guest{exports: []string{"ch_test"}, imports: []string{"wasi_snapshot_preview1.proc_exit"}}.wasm(), ""},
		{"declared, no code", acme + hooks, "", "connector.yaml:8:1: hooks are declared and there is no code"},
		{"declared, not exported", acme + hooks, guest{}.wasm(), `connector.yaml:8:1: hook.wasm: the hook "test" is declared and the code does not export ch_test`},
		{"exported, not declared", acme, good.wasm(), `connector.yaml:1:1: hook.wasm: the code exports "ch_test" and the manifest does not declare the hook "test"`},
		{"no memory", acme + hooks, guest{exports: []string{"ch_test"}, noMemory: true}.wasm(), `connector.yaml:8:1: hook.wasm: the code exports no memory called memory`},
		{"another signature", acme + hooks, guest{exports: []string{"ch_test"}, noResult: true}.wasm(), `connector.yaml:8:1: hook.wasm: ch_test must be a function (i32) -> i32, not func (i32) -> ()`},
		{"unknown import", acme + hooks, guest{exports: []string{"ch_test"}, imports: []string{"env.puts"}}.wasm(), `connector.yaml:8:1: hook.wasm: the code imports "env.puts", which no host has`},
		{"http with another signature", acme + hooks, guest{exports: []string{"ch_test"}, imports: []string{"connhost.http"}}.wasm(), `connector.yaml:8:1: hook.wasm: the code imports "connhost.http" as (i32) -> i32, and it is (i32, i32) -> i32, and 1 more problem`},
		{"import with another signature", acme + hooks, guest{exports: []string{"ch_test"}, imports: []string{"connhost.input"}}.wasm(), `connector.yaml:8:1: hook.wasm: the code imports "connhost.input" as (i32) -> i32, and it is (i32, i32) -> i32`},
		{"file access", acme + hooks, guest{exports: []string{"ch_test"}, imports: []string{"wasi_snapshot_preview1.path_open"}}.wasm(), `connector.yaml:8:1: hook.wasm: the code imports "wasi_snapshot_preview1.path_open", which no host has`},
		{"no module", acme + hooks, "int main() {}", "hook.wasm: this is no code for a connector: not a WebAssembly module"},
		{"a component", acme + hooks, "\x00asm\x0d\x00\x01\x00", "hook.wasm: this is no code for a connector: not a WebAssembly module: it is a component"},
		{"cut off", acme + hooks, good.wasm()[:30], "hook.wasm: this is no code for a connector: the section at byte 25 leaves the file"},
		{"with a manifest", acme + hooks, withManifest(good.wasm()), "hook.wasm: the code holds a manifest already; it must be the code alone"},
		{"named as the code", strings.Replace(acme, "id: acme", "id: hook", 1), "", `a connector with the id "hook" would overwrite hook.wasm`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"connector.yaml": c.manifest}
			if c.code != "" {
				files["hook.wasm"] = c.code
			}
			dir := folder(t, files)
			b, err := build.Build(t.Context(), dir)
			if got := sentence(err, dir); got != c.want {
				t.Fatalf("\n got %s\nwant %s", got, c.want)
			}
			if err != nil {
				if host.CodeOf(err) != host.Failed {
					t.Errorf("code %s", host.CodeOf(err))
				}
				if _, err := os.Stat(filepath.Join(dir, "acme.wasm")); err == nil {
					t.Error("a file was written")
				}
				return
			}
			r, err := build.Inspect(b.File)
			if err != nil || !r.Valid() || r.CodeSize != len(c.code) || b.CodeSize != len(c.code) {
				t.Errorf("%v %+v", err, r)
			}
		})
	}
}

func withManifest(module string) string {
	file, err := abi.Append([]byte(module), []byte("{}"))
	if err != nil {
		panic(err)
	}
	return string(file)
}

// sentence is an error without the folder of the test.
func sentence(err error, dir string) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

func TestBuildWarnings(t *testing.T) {
	dir := folder(t, map[string]string{
		"connector.yaml": acme + "hooks: [test]\nparameters: [{key: unused}]\n",
		"hook.wasm":      guest{exports: []string{"ch_test"}}.wasm(),
		"main.go":        "package main",
	})
	m, err := build.Compile(t.Context(), dir)
	if err != nil || len(m.Warnings) != 2 {
		t.Fatalf("%v %v", err, m.Warnings)
	}
	for i, want := range []string{
		`connector.yaml:9:20: warning: the parameter "unused" is asked for and used nowhere`,
		"connector.yaml:8:1: warning: hook.wasm is used as it is, and main.go beside it is not built",
	} {
		if got := strings.ReplaceAll(m.Warnings[i].String(), dir+"/", ""); got != want {
			t.Errorf("got %s", got)
		}
	}
}

const goHook = `//go:build wasip1

package main

//go:wasmexport ch_test
func test(size int32) int32 { return 0 }

func main() {}
`

func TestBuildGo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for WebAssembly")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	var hashes []string
	for _, at := range []string{"main.go", "hook/main.go"} {
		dir := folder(t, map[string]string{"connector.yaml": acme + "hooks: [test]\n", at: goHook})
		m, err := build.Compile(t.Context(), dir)
		if err != nil {
			t.Fatalf("%s: %v %v", at, err, errors.Unwrap(err))
		}
		if !strings.HasPrefix(m.Toolchain, "go1.") || m.CodeSize < 1000 {
			t.Errorf("%s: %q, %d bytes", at, m.Toolchain, m.CodeSize)
		}
		hashes = append(hashes, m.Hash)
	}
	if hashes[0] != hashes[1] {
		t.Error("the same code in two folders gives two files")
	}
	dir := folder(t, map[string]string{"connector.yaml": acme + "hooks: [test]\n", "main.go": strings.Replace(goHook, "return 0", "return x", 1)})
	_, err := build.Compile(t.Context(), dir)
	if got := sentence(err, dir); got != "main.go:6:38: undefined: x" {
		t.Errorf("got %v", got)
	}
}

func TestOpen(t *testing.T) {
	dir := folder(t, map[string]string{"connector.yaml": acme, "other.yaml": acme, "x.wasm": "bytes", "empty/readme": ""})
	m, err := build.Compile(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, want string
		built      bool
		code       host.Code
		msg        string
	}{
		{".", string(m.File), true, "", ""},
		{"connector.yaml", string(m.File), true, "", ""},
		{"x.wasm", "bytes", false, "", ""},
		{"nothing", "", false, host.NotFound, "there is no file or folder nothing"},
		{"empty", "", false, host.NotFound, "there is no connector.yaml in empty"},
		{"other.yaml", "", false, host.Failed, `a manifest is called connector.yaml, not "other.yaml"`},
	} {
		got, err := build.Open(t.Context(), filepath.Join(dir, c.path))
		if err != nil {
			if host.CodeOf(err) != c.code || sentence(err, dir) != c.msg {
				t.Errorf("%s: %s %s", c.path, host.CodeOf(err), sentence(err, dir))
			}
			continue
		}
		if c.code != "" || string(got.File) != c.want || got.Built != c.built {
			t.Errorf("%s: got %d bytes, built %v", c.path, len(got.File), got.Built)
		}
	}
}

func TestInterrupted(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := folder(t, map[string]string{"connector.yaml": acme + "hooks: [test]\n", "main.go": goHook})
	if _, err := build.Compile(ctx, dir); host.CodeOf(err) != host.Interrupted {
		t.Errorf("got %v", err)
	}
}

func TestInvalidTellsAll(t *testing.T) {
	dir := folder(t, map[string]string{"connector.yaml": strings.Replace(acme, "name: Acme", "nmae: Acme", 1) + "hooks: [page]\n"})
	_, err := build.Build(t.Context(), dir)
	inv, ok := errors.AsType[*build.Invalid](err)
	if !ok || len(inv.Diagnostics) != 2 || host.CodeOf(err) != host.Failed {
		t.Fatalf("got %v", err)
	}
	if got, want := sentence(err, dir), `connector.yaml:3:1: unknown key "nmae" (did you mean "name"?), and 1 more problem`; got != want {
		t.Errorf("got %s", got)
	}
}

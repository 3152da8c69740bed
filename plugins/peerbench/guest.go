package peerbench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// A Guest is one program in the forms that the hosts take.
type Guest struct {
	Language  string
	Connhost  []byte
	Extism    []byte
	Knqyf263  string // the path of a file
	Hashicorp string // the path of a program
}

// Build compiles the guests into dir: in C, whose code is next to nothing, so
// that the host alone is measured, and in Go, whose runtime is what instances
// and loading pay for. The process is the same for both.
func Build(dir string) ([]Guest, error) {
	_, file, _, _ := runtime.Caller(0)
	root := filepath.Dir(file)
	if err := run(root, nil, "go", "build", "-o", filepath.Join(dir, program), "./guests/go/hashicorp"); err != nil {
		return nil, err
	}
	for _, language := range languages {
		for _, form := range []string{"connhost", "extism", "knqyf263"} {
			if err := compile(root, language, form, module(dir, language, form)); err != nil {
				return nil, err
			}
		}
	}
	return Built(dir)
}

var languages = []string{"c", "go"}

const program = "hashicorp"

func module(dir, language, form string) string { return filepath.Join(dir, language+"-"+form+".wasm") }

// Built are the guests that Build has compiled into dir.
func Built(dir string) ([]Guest, error) {
	var guests []Guest
	for _, language := range languages {
		ours, err := os.ReadFile(module(dir, language, "connhost"))
		if err != nil {
			return nil, err
		}
		extism, err := os.ReadFile(module(dir, language, "extism"))
		if err != nil {
			return nil, err
		}
		guests = append(guests, Guest{
			Language: language, Connhost: ours, Extism: extism,
			Knqyf263: module(dir, language, "knqyf263"), Hashicorp: filepath.Join(dir, program),
		})
	}
	return guests, nil
}

func compile(root, language, form, out string) error {
	if language == "c" {
		return run(filepath.Join(root, "guests", "c"), nil, "clang", "--target=wasm32", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror",
			"-ffreestanding", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=65536",
			"-o", out, form+".c")
	}
	return run(root, []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"}, "go", "build", "-buildmode=c-shared", "-trimpath",
		"-buildvcs=false", "-ldflags=-s -w", "-o", out, "./guests/go/"+form)
}

func run(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), env...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	return nil
}

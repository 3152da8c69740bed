package plugintest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// A guest is code by hand: a few steps for each hook (WebAssembly 2.0 chapter 5).
type guest map[string][]step

// A step is a piece of code. What it names in memory stands at the place that
// data gives it.
type step func(data func(text string) (at, size int)) string

// Functions of the host, by their place among the imports.
const (
	output = iota
	logLine
	take
	secret // last, because only some may import it
)

func leb(n int) string {
	var out []byte
	for {
		b := byte(n & 0x7f)
		if n >>= 7; n == 0 && b&0x40 == 0 {
			return string(append(out, b))
		}
		out = append(out, b|0x80)
	}
}

func unsigned(n int) string {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return string(append(out, byte(n)))
}

func text(s string) string          { return unsigned(len(s)) + s }
func vector(items ...string) string { return unsigned(len(items)) + strings.Join(items, "") }
func num(n int) string              { return "\x41" + leb(n) }
func call(f int) string             { return "\x10" + unsigned(f) }

// answers pushes a document and ends.
func answers(doc string) step {
	return func(data func(string) (int, int)) string {
		at, size := data(doc)
		return num(at) + num(size) + call(output) + "\x1a" + num(0) + "\x0f"
	}
}

// trapsOver traps where the input is longer than n bytes.
func trapsOver(n int) step {
	return func(func(string) (int, int)) string { return "\x20\x00" + num(n) + "\x4b\x04\x40\x00\x0b" }
}

// loops for ever.
func loops(func(string) (int, int)) string { return "\x03\x40\x0c\x00\x0b" }

// logs writes a secret that it may read.
func logs(name string) step {
	return func(data func(string) (int, int)) string {
		at, size := data(name)
		return num(at) + num(size) + call(secret) + "\x1a" +
			num(1) + num(60_000) + num(60_000) + num(4_000) + call(take) + call(logLine) + "\x1a"
	}
}

// module is the guest's code.
func (g guest) module(reveals bool) []byte {
	memory := ""
	data := func(s string) (int, int) { memory += s; return len(memory) - len(s), len(s) }
	const two, three, one = "\x60\x02\x7f\x7f\x01\x7f", "\x60\x03\x7f\x7f\x7f\x01\x7f", "\x60\x01\x7f\x01\x7f"
	imported := func(name string, kind byte) string { return text("connhost") + text(name) + "\x00" + string(kind) }
	imports := []string{imported("output", 0), imported("log", 1), imported("take", 0)}
	if reveals {
		imports = append(imports, imported("secret", 0))
	}
	exports := []string{text("memory") + "\x02\x00"}
	var functions, code []string
	for _, hook := range abi.Hooks() {
		steps, ok := g[hook]
		if !ok {
			continue
		}
		body := "\x00"
		for _, s := range steps {
			body += s(data)
		}
		code = append(code, text(body+"\x00\x0b"))
		exports = append(exports, text(abi.HookPrefix+hook)+"\x00"+unsigned(len(imports)+len(functions)))
		functions = append(functions, "\x02")
	}
	section := func(id byte, content string) string { return string([]byte{id}) + text(content) }
	return []byte("\x00asm\x01\x00\x00\x00" + section(1, vector(two, three, one)) + section(2, vector(imports...)) +
		section(3, vector(functions...)) + section(5, vector("\x00\x01")) + section(7, vector(exports...)) +
		section(10, vector(code...)) + section(11, vector("\x00"+num(0)+"\x0b"+text(memory))))
}

// connector is the file of a manifest in YAML, without its first lines, with the
// code of its hooks.
func connector(t *testing.T, manifest string, g guest) []byte {
	t.Helper()
	source := build.Read("connector.yaml", []byte("connhost: 1\nid: acme\nname: Acme\nversion: 1.0.0\n"+manifest))
	if source.Failed() {
		t.Fatalf("%+v", source.Diagnostics)
	}
	code := abi.Empty()
	if len(g) > 0 {
		code = g.module(len(source.Manifest.RevealSecrets) > 0)
	}
	for hook := range g {
		if !slices.Contains(source.Manifest.Hooks, hook) {
			t.Fatalf("the manifest does not declare %s", hook)
		}
	}
	file, err := abi.Append(code, source.JSON)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

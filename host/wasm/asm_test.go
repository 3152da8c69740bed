package wasm_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/wasm/internal/asm"
	"github.com/connhost/connhost/plugins/abi"
)

// A unit is a module written by hand. Functions are numbered with the imports
// first.
type unit struct {
	imports []function
	funcs   []function
	memory  []byte // limits; one page unless given
	table   []byte // limits
	tables  int    // of those limits, one unless given

	elements int    // the first so many functions, in the first table
	start    int    // a function, none when zero: 0 is an import or a hook
	data     string // at 0
	globals  []string
}

// A function is an import (with a module), or one with code.
type function struct {
	module, name    string // a name without a module is an export
	params, results string // of value type bytes
	locals          string // a vector of groups
	code            string
}

// Value types and operations, WebAssembly 2.0 chapter 5.
const (
	tI32 = "\x7f"
	tI64 = "\x7e"

	opUnreachable = "\x00"
	opLoop        = "\x03\x40"
	opBr          = "\x0c"
	opEnd         = "\x0b"
	opDrop        = "\x1a"
	opGrow        = "\x40\x00"
)

func get(local byte) string  { return "\x20" + string([]byte{local}) }
func call(index byte) string { return "\x10" + string([]byte{index}) }

// The pieces.
var (
	num  = asm.Num
	leb  = asm.U32
	vec  = asm.Vec
	text = asm.Text
	sec  = asm.Sec
)

// hook is an exported ch_ function.
func hook(name, code string) function {
	return function{name: "ch_" + name, params: tI32, results: tI32, code: code}
}

// from is an import of the host's module that takes n numbers.
func from(name string, n int) function {
	f := function{module: abi.ImportModule, name: name, results: tI32}
	for range n {
		f.params += tI32
	}
	return f
}

// wasm is the module's bytes.
func (u unit) wasm() []byte {
	var types, imports, funcs, exports, bodies []string
	all := slices.Concat(u.imports, u.funcs)
	for i, f := range all {
		types = append(types, "\x60"+text(f.params)+text(f.results))
		if f.module != "" {
			imports = append(imports, text(f.module)+text(f.name)+"\x00"+leb(i))
			continue
		}
		funcs = append(funcs, leb(i))
		if f.name != "" {
			exports = append(exports, text(f.name)+"\x00"+leb(i))
		}
		locals := f.locals
		if locals == "" {
			locals = "\x00"
		}
		bodies = append(bodies, text(locals+f.code+opEnd))
	}
	memory := u.memory
	if memory == nil {
		memory = []byte{0, 1}
	}
	exports = append(exports, text("memory")+"\x02\x00")
	var tables, start, data string
	if u.table != nil {
		n := max(u.tables, 1)
		tables = leb(n) + strings.Repeat("\x70"+string(u.table), n)
	}
	if u.start != 0 {
		start = leb(u.start)
	}
	if u.data != "" {
		data = vec("\x00" + num(0) + opEnd + text(u.data))
	}
	var elements string
	if u.elements > 0 {
		list := make([]string, u.elements)
		for i := range list {
			list[i] = leb(i)
		}
		elements = vec("\x00" + num(0) + opEnd + vec(list...))
	}
	return asm.Raw(sec(1, vec(types...)), sec(2, vec(imports...)), sec(3, vec(funcs...)), sec(4, tables),
		sec(5, vec(string(memory))), sec(6, vec(u.globals...)), sec(7, vec(exports...)), sec(8, start), sec(9, elements), sec(10, vec(bodies...)), sec(11, data))
}

// file is a connector's file: the module with a manifest that declares hooks.
func file(t testing.TB, module []byte, hooks ...string) []byte {
	t.Helper()
	return declaring(t, module, map[string]any{"connhost": 1, "id": "unit", "hooks": hooks})
}

// revealing is file for a module that imports "secret".
func revealing(t testing.TB, module []byte, hooks ...string) []byte {
	t.Helper()
	return declaring(t, module, map[string]any{"connhost": 1, "id": "unit", "hooks": hooks, "reveal_secrets": []string{"key"}})
}

func declaring(t testing.TB, module []byte, keys map[string]any) []byte {
	t.Helper()
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

// echo answers its input.
var echo = unit{
	imports: []function{from("input", 2), from("output", 2)},
	funcs: []function{hook("test", num(64)+get(0)+call(0)+opDrop+
		num(64)+get(0)+call(1)+opDrop+num(0))},
}

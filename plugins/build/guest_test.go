package build_test

import "strings"

// A guest is a small module for tests: functions that take an i32 and give
// one.
type guest struct {
	imports  []string // module.name
	exports  []string
	noMemory bool
	noResult bool
	params   int     // of the imports, 1 unless given; all are i32
	pages    *uint32 // that its memory may grow to
}

func (g guest) wasm() string {
	var imports, functions, exports, bodies []string
	imported := "\x00\x00"
	if g.params > 0 {
		imported = "\x00\x01"
	}
	for _, i := range g.imports {
		module, name, _ := strings.Cut(i, ".")
		imports = append(imports, text(module)+text(name)+imported)
	}
	ending := "\x41\x00\x0b" // i32.const 0, end
	typ := "\x60\x01\x7f\x01\x7f"
	if g.noResult {
		ending, typ = "\x0b", "\x60\x01\x7f\x00"
	}
	types := []string{typ}
	if g.params > 0 {
		types = append(types, "\x60"+text(strings.Repeat("\x7f", g.params))+"\x01\x7f")
	}
	for i, e := range g.exports {
		functions = append(functions, "\x00")
		exports = append(exports, text(e)+"\x00"+string(rune(len(g.imports)+i)))
		bodies = append(bodies, text("\x00"+ending))
	}
	memory := []string{"\x00\x01"}
	if g.pages != nil {
		memory = []string{"\x01\x01" + string(rune(*g.pages))}
	}
	if !g.noMemory {
		exports = append(exports, text("memory")+"\x02\x00")
	}
	return "\x00asm\x01\x00\x00\x00" + part(1, types) + part(2, imports) + part(3, functions) +
		part(5, memory) + part(7, exports) + part(10, bodies)
}

func part(id byte, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return string([]byte{id}) + text(string(rune(len(items)))+strings.Join(items, ""))
}

// text is a length and bytes; both stay below 128 here.
func text(s string) string { return string(rune(len(s))) + s }

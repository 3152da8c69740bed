package build

import (
	"bytes"
	"errors"
	"fmt"
)

// errNoModule is wrapped by errors about files that are something else.
var errNoModule = errors.New("not a WebAssembly module")

// What a module may hold before it is called malformed. Nothing is reserved by
// a count that a file claims.
const (
	maxTypes     = 5_000
	maxArity     = 1_000
	maxFunctions = 20_000
	maxExternals = 1_000
	maxSections  = 1_000
	maxName      = 1_000
)

// A module is what a file shows of itself.
type module struct {
	sections  []Section
	types     []string
	functions []int // types of all functions, the imported ones first
	imports   []Import
	exports   []Export
	indexes   []int // of what is exported
	memories  []Size
	tables    []Size
	imported  int    // functions
	bodies    uint32 // that the code section announces
}

// The names of the sections by id, WebAssembly 2.0 section 5.5.2.
var sectionNames = []string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"}

// readModule reads the types, imports and exports of a module. It answers what
// it has read also beside an error.
func readModule(file []byte) (module, error) {
	var m module
	switch {
	case len(file) < 8 || !bytes.HasPrefix(file, []byte("\x00asm")):
		return m, errNoModule
	case bytes.Equal(file[6:8], []byte{1, 0}):
		return m, fmt.Errorf("%w: it is a component", errNoModule)
	case !bytes.Equal(file[4:8], []byte{1, 0, 0, 0}):
		return m, fmt.Errorf("%w of version 1", errNoModule)
	}
	r := &reader{data: file, at: 8}
	for r.err == nil && r.at < len(file) {
		if len(m.sections) == maxSections {
			return m, fmt.Errorf("more than %d sections", maxSections)
		}
		offset := r.at
		id := r.byte()
		body := r.part(int(r.u32()))
		if r.err != nil {
			return m, fmt.Errorf("the section at byte %d leaves the file", offset)
		}
		if err := m.section(Section{Offset: offset, Size: len(body.data), whole: r.at - offset}, id, body); err != nil {
			return m, fmt.Errorf("the section at byte %d: %w", offset, err)
		}
	}
	m.typeExports()
	if own := len(m.functions) - m.imported; r.err == nil && int64(m.bodies) != int64(own) {
		return m, fmt.Errorf("it announces %d functions and %d function bodies", own, m.bodies)
	}
	return m, r.err
}

func (m *module) section(s Section, id byte, r *reader) error {
	if int(id) >= len(sectionNames) {
		return fmt.Errorf("it has the unknown kind %d", id)
	}
	s.Name = sectionNames[id]
	switch id {
	case 0:
		if name := r.name(); r.err == nil {
			s.Name += " " + name
		}
	case 1:
		r.each("types", maxTypes, func() { m.types = append(m.types, functionType(r)) })
	case 2:
		r.each("imports", maxExternals, func() { m.addImport(r) })
	case 3:
		r.each("functions", maxFunctions, func() { m.functions = append(m.functions, int(r.u32())) })
	case 4:
		r.each("tables", maxExternals, func() {
			if t := r.byte(); t != 0x70 && t != 0x6f {
				r.fail("a table of unknown form %#x", t)
			}
			m.tables = append(m.tables, limits(r))
		})
	case 5:
		r.each("memories", maxExternals, func() { m.memories = append(m.memories, limits(r)) })
	case 10:
		m.bodies = r.u32()
	case 7:
		r.each("exports", maxExternals, func() {
			m.exports = append(m.exports, Export{Name: r.name(), Kind: externalKind(r)})
			m.indexes = append(m.indexes, int(r.u32()))
		})
	}
	m.sections = append(m.sections, s)
	return r.err
}

// addImport reads one import, WebAssembly 2.0 section 5.5.5.
func (m *module) addImport(r *reader) {
	i := Import{Module: r.name(), Name: r.name(), Kind: externalKind(r)}
	switch i.Kind {
	case "func":
		t := int(r.u32())
		m.functions = append(m.functions, t)
		m.imported++
		i.Type = m.typeOf(t)
	case "table":
		r.byte()
		limits(r)
	case "memory":
		limits(r)
	case "global":
		r.byte()
		r.byte()
	}
	if r.err == nil {
		m.imports = append(m.imports, i)
	}
}

// limits reads the size of a memory or table, WebAssembly 2.0 section 5.3.7.
func limits(r *reader) Size {
	flag := r.byte()
	s := Size{Min: r.u32()}
	switch flag {
	case 0:
	case 1:
		most := r.u32()
		s.Max = &most
	default:
		r.fail("a shared or 64-bit memory or table")
	}
	return s
}

func externalKind(r *reader) string {
	kinds := []string{"func", "table", "memory", "global"}
	k := r.byte()
	if int(k) >= len(kinds) {
		r.fail("an external of unknown kind %d", k)
		return ""
	}
	return kinds[k]
}

// typeExports gives the exported functions their types, now that every function
// is known.
func (m *module) typeExports() {
	for i, index := range m.indexes {
		if m.exports[i].Kind == "func" && index < len(m.functions) {
			m.exports[i].Type = m.typeOf(m.functions[index])
		}
	}
}

func (m *module) typeOf(index int) string {
	if index < 0 || index >= len(m.types) {
		return ""
	}
	return m.types[index]
}

// functionType reads a type, WebAssembly 2.0 section 5.3.6.
func functionType(r *reader) string {
	if form := r.byte(); form != 0x60 {
		r.fail("a type of unknown form %#x", form)
	}
	var sides [2][]string
	for i := range sides {
		r.each("values", maxArity, func() { sides[i] = append(sides[i], valueType(r)) })
	}
	return signature(sides[0], sides[1])
}

func valueType(r *reader) string {
	switch t := r.byte(); t {
	case 0x7f:
		return "i32"
	case 0x7e:
		return "i64"
	case 0x7d:
		return "f32"
	case 0x7c:
		return "f64"
	case 0x7b:
		return "v128"
	case 0x70:
		return "funcref"
	case 0x6f:
		return "externref"
	default:
		r.fail("an unknown value type %#x", t)
		return ""
	}
}

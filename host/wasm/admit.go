package wasm

// Section ids, WebAssembly 2.0 section 5.5.2.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
)

// Kinds of imports and exports.
const (
	kindFunction = iota
	kindTable
	kindMemory
	kindGlobal
)

// A shape is what admit has seen of a module.
type shape struct {
	imports []external
	exports []external
	memory  bool
	pages   uint32 // that its memory begins with
}

// An external is an import or an export.
type external struct {
	module, name string
	kind         byte
}

// admit reads every count and size of a module once, from front to back, and
// refuses what the compiler must not meet: the compiler trusts counts, and
// one of 2^32-1 ends the process. It does not read instructions.
//
// It is strict where the compiler is not: a section must hold exactly what it
// announces, so that both see the same module.
func admit(module []byte, l Limits) (shape, error) {
	var s shape
	var last byte
	err := eachSection(module, func(id byte, c *cursor) {
		if id != secCustom {
			if order(id) <= order(last) && last != 0 {
				c.fail("section %d stands after section %d", id, last)
			}
			last = id
		}
		s.section(id, c, l)
	})
	return s, err
}

// order is the place of a section: the data count stands before the code.
func order(id byte) int {
	if id == secDataCount {
		return 2*secElement + 1
	}
	return 2 * int(id)
}

func (s *shape) section(id byte, c *cursor, l Limits) {
	switch id {
	case secCustom:
		c.bytes(c.u32())
		c.bytes(uint32(c.left())) // transform leaves it out
	case secType:
		types(c)
	case secImport:
		s.imports = imports(c)
	case secFunction:
		for range c.count("functions", maxFunctions, 1) {
			c.u32()
		}
	case secTable:
		tables(c, l)
	case secMemory:
		s.memories(c, l)
	case secGlobal:
		for range c.count("globals", maxGlobals, 3) {
			valueType(c)
			c.byte() // mutable or not
			constant(c)
		}
	case secExport:
		s.exports = exports(c)
	case secStart:
		c.u32()
	case secElement:
		elements(c)
	case secCode:
		for range c.count("function bodies", maxFunctions, 3) {
			body(c)
		}
	case secData:
		segments(c)
	case secDataCount:
		if n := c.u32(); n > maxSegments {
			c.fail("%d data segments, at most %d", n, maxSegments)
		}
	default:
		c.fail("a section of unknown kind %d", id)
	}
}

package meter

import "strings"

// The readers of the sections, WebAssembly 2.0 section 5.5. Each leaves what
// is wrong in its cursor.

// Value types, WebAssembly 2.0 section 5.3.
const (
	typeI32       = 0x7f
	typeI64       = 0x7e
	typeF32       = 0x7d
	typeF64       = 0x7c
	typeV128      = 0x7b
	typeFuncref   = 0x70
	typeExternref = 0x6f
)

func (m *module) readTypes(c *cursor, s *section) {
	for range s.begin(c, "types", "types", m.limits.Types, 3) {
		switch form := c.byte(); form {
		case 0x60:
		case 0x4e, 0x4f, 0x50, 0x5e, 0x5f:
			c.fail("gc", "a type of the form %#x, which belongs to garbage collection", form)
		default:
			c.malformed("a type of unknown form %#x", form)
		}
		m.types = append(m.types, Type{Params: m.valueTypes(c, "parameters"), Results: m.valueTypes(c, "results")})
	}
}

func (m *module) valueTypes(c *cursor, what string) string {
	n := c.count("arity", what, m.limits.Arity, 1)
	at := c.at
	for range n {
		valueType(c)
	}
	if c.err != nil {
		return ""
	}
	return string(c.b[at:c.at])
}

func valueType(c *cursor) byte {
	t := c.byte()
	switch t {
	case typeI32, typeI64, typeF32, typeF64, typeV128, typeFuncref, typeExternref:
	case 0x63, 0x64:
		c.fail("function-references", "the value type %#x, which belongs to typed references", t)
	case 0x69, 0x74:
		c.fail("exceptions", "the value type %#x, which belongs to exceptions", t)
	case 0x65, 0x68, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73:
		c.fail("gc", "the value type %#x, which belongs to garbage collection", t)
	default:
		c.malformed("an unknown value type %#x", t)
	}
	return t
}

func refType(c *cursor) byte {
	at := c.at
	t := valueType(c)
	if c.err == nil && t != typeFuncref && t != typeExternref {
		c.at = at
		c.malformed("the value type %#x where a reference is wanted", t)
	}
	return t
}

func (m *module) readImports(c *cursor, s *section) {
	for range s.begin(c, "imports", "imports", m.limits.Imports, 4) {
		i := Import{Module: string(c.bytes(c.u32())), Name: string(c.bytes(c.u32())), Kind: Kind(c.byte())}
		if i.Module == TickModule {
			c.fail("reserved", "an import of the module %q, whose name is taken", i.Module)
		}
		switch i.Kind {
		case Function:
			t := c.index("type", len(m.types))
			if c.err == nil {
				m.functions = append(m.functions, t)
				i.Type = m.types[t]
			}
		case Table:
			m.table(c)
			m.tables++
		case Memory:
			m.memory(c)
		case Global:
			m.globals = append(m.globals, globalType(c))
		default:
			c.fail(map[bool]string{true: "exceptions", false: "malformed"}[i.Kind == 4], "an import of unknown kind %d", byte(i.Kind))
		}
		if c.err != nil {
			return
		}
		m.Restorable = m.Restorable && i.Kind == Function // what others own, we cannot restore
		m.kinds[i.Kind]++
		m.Imports = append(m.Imports, i)
	}
}

func globalType(c *cursor) global {
	g := global{kind: valueType(c)}
	switch mut := c.byte(); mut {
	case 0, 1:
		g.mutable = mut == 1
	default:
		c.malformed("a global of unknown mutability %d", mut)
	}
	return g
}

func (m *module) readFunctions(c *cursor, s *section) {
	m.Functions = s.begin(c, "functions", "functions", m.limits.Functions, 1)
	for range m.Functions {
		m.functions = append(m.functions, c.index("type", len(m.types)))
	}
}

// size reads the limits of a table or memory. Shared and 64-bit ones are not
// ours.
func size(c *cursor) Size {
	switch flag := c.byte(); flag {
	case 0:
		return Size{Min: c.u32()}
	case 1:
		return Size{Min: c.u32(), Max: c.u32(), Bounded: true}
	case 2, 3:
		c.fail("threads", "limits of kind %d: something shared", flag)
	case 4, 5, 6, 7:
		c.fail("memory64", "limits of kind %d: something of 64 bits", flag)
	default:
		c.malformed("limits of unknown kind %d", flag)
	}
	return Size{}
}

func (m *module) table(c *cursor) Size {
	refType(c)
	t := size(c)
	if uint64(t.Min) > uint64(m.limits.Table) {
		c.fail("table", "a table of %d elements, at most %d", t.Min, m.limits.Table)
	}
	return t
}

// readTables has each table written with a largest size: table.grow takes
// memory of the host that no memory limit sees.
func (m *module) readTables(c *cursor, s *section) {
	for range s.begin(c, "tables", "tables", m.limits.Tables, 3) {
		at := c.place() + 1
		t := m.table(c)
		m.Tables = append(m.Tables, t)
		if !t.Bounded || uint64(t.Max) > uint64(m.limits.Table) {
			s.patches = append(s.patches, patch{at: at, end: c.place(), kind: patchTable, arg: uint32(len(m.Tables) - 1)})
		}
	}
	m.tables += len(m.Tables)
}

func (m *module) memory(c *cursor) {
	if m.HasMemory {
		c.fail("multi-memory", "a second memory")
	}
	m.HasMemory = true
	m.Memory = size(c)
	if uint64(m.Memory.Min) > uint64(m.limits.Pages) {
		c.fail("memory", "a memory of %d bytes, at most %d", uint64(m.Memory.Min)<<16, uint64(m.limits.Pages)<<16)
	}
}

func (m *module) readMemories(c *cursor, s *section) {
	for range s.begin(c, "multi-memory", "memories", 1, 2) {
		m.memory(c)
	}
}

func (m *module) readGlobals(c *cursor, s *section) {
	m.Globals = s.begin(c, "globals", "globals", m.limits.Globals, 3)
	for range m.Globals {
		g := globalType(c)
		m.constant(c, s)
		if g.mutable && g.kind < typeF64 {
			m.Restorable = false
		} else if g.mutable {
			m.Mutable = append(m.Mutable, len(m.globals))
		}
		m.globals = append(m.globals, g)
	}
}

func (m *module) readExports(c *cursor, s *section) {
	for range s.begin(c, "exports", "exports", m.limits.Exports, 3) {
		e := Export{Name: string(c.bytes(c.u32())), Kind: Kind(c.byte())}
		if strings.HasPrefix(e.Name, Reserved) {
			c.fail("reserved", "an export named %q, and names that begin with %q are taken", e.Name, Reserved)
		}
		switch e.Kind {
		case Function:
			if i := m.function(c, s); c.err == nil {
				e.Type = m.typeOf(i)
			}
		case Table:
			c.index("table", m.tables)
		case Memory:
			c.u32()
		case Global:
			c.index("global", len(m.globals))
		default:
			c.malformed("an export of unknown kind %d", byte(e.Kind))
		}
		m.Exports = append(m.Exports, e)
	}
}

func (m *module) readStart(c *cursor, s *section) {
	s.from = c.place()
	m.function(c, s)
}

// readElements reads the element segments, WebAssembly 2.0 section 5.5.12:
// three flag bits say whether a segment is passive, names a table, and holds
// expressions.
func (m *module) readElements(c *cursor, s *section) {
	for range s.begin(c, "elements", "element segments", m.limits.Elements, 2) {
		flags := c.u32()
		if flags > 7 {
			c.malformed("an element segment of unknown kind %d", flags)
		}
		passive, indexed, expressions := flags&1 != 0, flags&2 != 0, flags&4 != 0
		if !passive {
			if indexed {
				c.u32()
			}
			m.constant(c, s)
		}
		switch {
		case !passive && !indexed: // functions
		case expressions:
			refType(c)
		case c.byte() != 0:
			c.malformed("elements of an unknown kind")
		}
		n := c.count("elements", "elements", m.limits.Elements-m.Elements, 1)
		m.Elements += n
		for range n {
			if expressions {
				m.constant(c, s)
			} else {
				m.function(c, s)
			}
		}
	}
}

// constant reads a constant expression, WebAssembly 2.0 section 3.3.10.
func (m *module) constant(c *cursor, s *section) {
	for c.err == nil {
		switch op := c.byte(); op {
		case opEnd:
			return
		case opI32Const:
			c.skipLEB(5)
		case opI64Const:
			c.skipLEB(10)
		case opF32Const:
			c.bytes(4)
		case opF64Const:
			c.bytes(8)
		case opGlobalGet:
			c.index("global", len(m.globals))
		case opRefFunc:
			m.function(c, s)
		case opRefNull:
			refType(c)
		case opVector:
			if c.byte() != 0x0c { // v128.const
				c.malformed("a vector operation in a constant")
			}
			c.bytes(16)
		case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e:
			c.fail("extended-const", "the operation %#x in a constant: an extended constant", op)
		default:
			c.malformed("the operation %#x in a constant", op)
		}
	}
}

func (m *module) readData(c *cursor, s *section) {
	for range s.begin(c, "segments", "data segments", m.limits.Segments, 2) {
		switch kind := c.u32(); kind {
		case 0:
			m.constant(c, s)
		case 1:
		case 2:
			c.u32()
			m.constant(c, s)
		default:
			c.malformed("a data segment of unknown kind %d", kind)
		}
		m.Data += len(c.bytes(c.u32()))
	}
}

func (m *module) readDataCount(c *cursor, s *section) {
	s.from = c.place()
	if n := c.u32(); uint64(n) > uint64(m.limits.Segments) {
		c.fail("segments", "%d data segments, at most %d", n, m.limits.Segments)
	}
}

package wasm

// The readers of the sections, WebAssembly 2.0 section 5.5. Each leaves what
// is wrong in its cursor.

func types(c *cursor) {
	for range c.count("types", maxTypes, 3) {
		if form := c.byte(); form != 0x60 {
			c.fail("a type of unknown form %#x", form)
		}
		for range c.count("parameters", maxArity, 1) {
			valueType(c)
		}
		for range c.count("results", maxArity, 1) {
			valueType(c)
		}
	}
}

// valueType reads one of the types of WebAssembly 2.0 section 5.3.
func valueType(c *cursor) {
	switch t := c.byte(); t {
	case 0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f:
	default:
		c.fail("an unknown value type %#x", t)
	}
}

func refType(c *cursor) {
	if t := c.byte(); t != 0x70 && t != 0x6f {
		c.fail("an unknown reference type %#x", t)
	}
}

func imports(c *cursor) []external {
	var list []external
	for range c.count("imports", maxImports, 4) {
		e := external{module: string(c.bytes(c.u32())), name: string(c.bytes(c.u32())), kind: c.byte()}
		if c.err == nil && e.kind != kindFunction {
			c.fail("the import %q of %q is not a function", e.name, e.module)
		}
		c.u32() // its type
		list = append(list, e)
	}
	return list
}

func exports(c *cursor) []external {
	var list []external
	for range c.count("exports", maxExports, 3) {
		e := external{name: string(c.bytes(c.u32())), kind: c.byte()}
		c.u32() // its index
		list = append(list, e)
	}
	return list
}

// limits reads the least and the largest size of a table or memory. Shared
// and 64-bit ones are not ours.
func limits(c *cursor) (least uint32, most uint32, bounded bool) {
	switch flag := c.byte(); flag {
	case 0:
		return c.u32(), 0, false
	case 1:
		return c.u32(), c.u32(), true
	default:
		c.fail("limits of unknown kind %d", flag)
		return 0, 0, false
	}
}

func tables(c *cursor, l Limits) {
	for range c.count("tables", maxTables, 3) {
		refType(c)
		if least, _, _ := limits(c); uint64(least) > uint64(l.Table) {
			c.fail("a table of %d elements, at most %d", least, l.Table)
		}
	}
}

func (s *shape) memories(c *cursor, l Limits) {
	for range c.count("memories", 1, 2) {
		s.memory = true
		s.pages, _, _ = limits(c)
		if s.pages > l.pages() {
			c.fail("a memory of %d bytes, at most %d", uint64(s.pages)*pageSize, l.Memory)
		}
	}
}

// constant reads a constant expression, WebAssembly 2.0 section 3.3.10.
func constant(c *cursor) {
	for c.err == nil {
		switch op := c.byte(); op {
		case 0x0b: // end
			return
		case 0x41: // i32.const
			c.skipLEB(5)
		case 0x42: // i64.const
			c.skipLEB(10)
		case 0x43: // f32.const
			c.bytes(4)
		case 0x44: // f64.const
			c.bytes(8)
		case 0x23, 0xd2: // global.get, ref.func
			c.u32()
		case 0xd0: // ref.null
			refType(c)
		case 0xfd: // v128.const
			if c.byte() != 0x0c {
				c.fail("a vector operation in a constant")
			}
			c.bytes(16)
		default:
			c.fail("the operation %#x in a constant", op)
		}
	}
}

// elements reads the element segments, WebAssembly 2.0 section 5.5.12: three
// flag bits say whether a segment is passive, names a table, and holds
// expressions.
func elements(c *cursor) {
	total := 0
	for range c.count("element segments", maxElements, 2) {
		flags := c.u32()
		if flags > 7 {
			c.fail("an element segment of unknown kind %d", flags)
		}
		passive, indexed, expressions := flags&1 != 0, flags&2 != 0, flags&4 != 0
		if !passive {
			if indexed {
				c.u32()
			}
			constant(c)
		}
		switch {
		case !passive && !indexed: // functions
		case expressions:
			refType(c)
		case c.byte() != 0:
			c.fail("elements of an unknown kind")
		}
		n := c.count("elements", maxElements-total, 1)
		total += n
		for range n {
			if expressions {
				constant(c)
			} else {
				c.u32()
			}
		}
	}
}

// body reads the size and the locals of one function.
func body(c *cursor) {
	size := c.u32()
	if size > maxBody {
		c.fail("a function of %d bytes, at most %d", size, maxBody)
	}
	b := c.part(size)
	total := uint64(0)
	for range b.count("groups of locals", maxLocals, 2) {
		total += uint64(b.u32())
		valueType(b)
	}
	if total > maxLocals {
		b.fail("a function with %d locals, at most %d", total, maxLocals)
	}
	b.bytes(uint32(b.left())) // instructions
	c.join(b, "a function")
}

func segments(c *cursor) {
	for range c.count("data segments", maxSegments, 2) {
		switch kind := c.u32(); kind {
		case 0:
			constant(c)
		case 1:
		case 2:
			c.u32()
			constant(c)
		default:
			c.fail("a data segment of unknown kind %d", kind)
		}
		c.bytes(c.u32())
	}
}

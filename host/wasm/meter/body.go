package meter

// A body is one function.
type body struct {
	from, to int // its locals and instructions in the file
	entry    int // where its first instruction stands
	points   []point
	patches  []patch
	results  string
	weight   int64 // bytes of native stack, as estimated
	nests    bool  // calls something, and so counts its stack
	free     bool  // so short that its callers pay for it
}

// A point is a place where a function pays. The first one of a function and
// those of loops look into the tank afterwards; the others only take from it.
type point struct {
	cost  int64
	look  bool
	enter int // the point that is always passed before, once or more often
	taken int64
	into  int // the point that pays for this one; itself unless merged
}

// A frame is an open block.
type frame struct {
	op    byte
	enter int // the point that was paying when it was opened
}

// A reader reads the instructions of one function.
type reader struct {
	*cursor
	m      *module
	body   *body
	frames []frame
	now    int // the point that pays for the instructions being read
	values int64
	wide   bool // it may hold vectors

	locals, blocks, depth, loops, bulk, branches int
}

func (m *module) readCode(c *cursor, s *section) {
	n := s.begin(c, "functions", "function bodies", m.limits.Functions, 3)
	m.bodies = make([]body, 0, n)
	var frames []frame
	for i := range n {
		at := c.at
		size := c.u32()
		if uint64(size) > uint64(m.limits.Body) {
			c.at = at
			c.fail("body", "a function of %d bytes, at most %d", size, m.limits.Body)
		}
		if i >= m.Functions {
			c.malformed("more function bodies than functions")
		}
		if c.err != nil {
			return
		}
		part := c.part(size)
		r := &reader{cursor: part, m: m, body: &body{}, frames: frames[:0]}
		r.read(m.typeOf(uint32(m.kinds[Function] + i)))
		frames = r.frames
		c.join(part, "a function")
		if c.err == nil {
			m.account(c, r, int(size))
			m.bodies = append(m.bodies, *r.body)
		}
	}
}

// account compares the module's sums with their limits.
func (m *module) account(c *cursor, r *reader, size int) {
	product := r.locals * r.loops
	m.Code += size
	m.Body, m.Locals, m.Blocks = max(m.Body, size), max(m.Locals, r.locals), max(m.Blocks, r.blocks)
	m.Depth, m.Loops, m.BulkOps = max(m.Depth, r.depth), max(m.Loops, r.loops), max(m.BulkOps, r.bulk)
	m.Branches, m.LocalsTimesLoops = max(m.Branches, r.branches), max(m.LocalsTimesLoops, product)
	m.BlocksSquared += r.blocks * r.blocks
	m.LoopWork += product
	switch l := m.limits; {
	case product > l.LocalsTimesLoops:
		c.fail("locals-times-loops", "a function with %d locals and %d loops, whose product may be %d", r.locals, r.loops, l.LocalsTimesLoops)
	case m.BlocksSquared > l.BlocksSquared:
		c.fail("blocks-squared", "the squares of the numbers of blocks come to more than %d", l.BlocksSquared)
	case m.LoopWork > l.LoopWork:
		c.fail("loop-work", "the products of locals and loops come to more than %d", l.LoopWork)
	}
}

func (r *reader) read(t Type) {
	b := r.body
	b.from, b.results = r.place(), t.Results
	b.points = append(b.points, point{look: true})
	r.frames = append(r.frames, frame{})
	r.readLocals(t)
	b.entry = r.place()
	r.put(patchPoint, b.entry, 0)
	for r.err == nil && len(r.frames) > 0 {
		r.instruction()
	}
	if r.err == nil && r.left() > 0 {
		r.malformed("instructions behind the end of a function")
	}
	b.to = r.place()
	b.settle()
	b.weigh(r)
}

func (r *reader) readLocals(t Type) {
	total := uint64(len(t.Params))
	r.note(t.Params, t.Results)
	for range r.count("locals", "groups of locals", r.m.limits.Locals, 2) {
		total += uint64(r.u32())
		if valueType(r.cursor) == typeV128 {
			r.wide = true
		}
	}
	if total > uint64(r.m.limits.Locals) {
		r.fail("locals", "a function with %d locals, at most %d", total, r.m.limits.Locals)
	}
	r.locals = int(min(total, 1<<32))
}

// note counts values of a type that an instruction may make.
func (r *reader) note(lists ...string) {
	for _, l := range lists {
		r.values += int64(len(l))
		for i := range len(l) {
			r.wide = r.wide || l[i] == typeV128
		}
	}
}

// put adds a patch at a place.
func (r *reader) put(kind patchKind, at int, arg uint32) {
	r.body.patches = append(r.body.patches, patch{at: at, end: at, kind: kind, arg: arg})
}

// point begins to pay at a new point behind what was read.
func (r *reader) point(look bool, enter int) {
	r.body.points = append(r.body.points, point{look: look, enter: enter})
	r.now = len(r.body.points) - 1
	r.put(patchPoint, r.place(), uint32(r.now))
}

func (r *reader) instruction() {
	at := r.place()
	op := r.byte()
	r.values++
	r.body.points[r.now].cost++
	switch s := shapes[op]; s {
	case plain:
	case oneIndex:
		r.u32()
		if op == opTableSet {
			r.m.Restorable = false
		}
	case access:
		r.access()
	case special:
		r.special(op, at)
	case unknown:
		r.malformed("an unknown operation %#x", op)
	default:
		r.fail(foreign[s].code, "the operation %#x, which belongs to %s", op, foreign[s].what)
	}
}

func (r *reader) special(op byte, at int) {
	switch op {
	case opBlock, opLoop, opIf:
		r.open(op)
	case opElse:
		if f := r.frames[len(r.frames)-1]; f.op == opIf {
			r.frames[len(r.frames)-1].op = opElse
			r.point(false, f.enter)
		} else {
			r.malformed("an else without an if")
		}
	case opEnd:
		r.close()
	case opBr, opBrIf:
		r.label()
	case opBrTable:
		n := r.count("branches", "targets of a br_table", r.m.limits.Branches, 1)
		r.branches = max(r.branches, n)
		r.values += int64(n)
		for range n + 1 {
			r.label()
		}
	case opReturn:
		r.body.patches = append(r.body.patches, patch{at: at, end: r.place(), kind: patchReturn, arg: uint32(len(r.frames) - 1)})
	case opCall, opCallIndirect:
		r.call(op)
	case opSelectTyped:
		if r.u32() != 1 {
			r.malformed("a select of several types")
		}
		valueType(r.cursor)
	case opGlobalGet, opGlobalSet:
		r.index("global", len(r.m.globals))
	case 0x3f:
		r.zero()
	case opMemoryGrow:
		r.bulkOp(at, helperPages)
		r.zero()
	case opI32Const:
		r.skipLEB(5)
	case opI64Const:
		r.skipLEB(10)
	case opF32Const:
		r.bytes(4)
	case opF64Const:
		r.bytes(8)
	case opRefNull:
		refType(r.cursor)
	case opRefFunc:
		r.renumbered()
	case opBulk:
		r.bulkKind(at)
	case opVector:
		r.wide = true
		r.vector()
	}
}

// renumbered reads the index of a function and has it written anew.
func (r *reader) renumbered() uint32 {
	at := r.place()
	i := r.index("function", len(r.m.functions))
	if i >= uint32(r.m.kinds[Function]) {
		r.body.patches = append(r.body.patches, patch{at: at, end: r.place(), kind: patchIndex, arg: i + 1})
	}
	return i
}

// label reads the number of an open block. The one of the function itself is
// the last: a function that counts its stack has one block more around it.
func (r *reader) label() { r.index("label", len(r.frames)) }

func (r *reader) open(op byte) {
	r.blockType()
	r.blocks++
	if r.blocks > r.m.limits.Blocks {
		r.fail("blocks", "more than %d blocks in a function", r.m.limits.Blocks)
	}
	r.frames = append(r.frames, frame{op: op, enter: r.now})
	r.depth = max(r.depth, len(r.frames)-1)
	if r.depth > r.m.limits.Depth {
		r.fail("depth", "blocks that nest deeper than %d", r.m.limits.Depth)
	}
	switch op {
	case opLoop:
		r.loops++
		if r.loops > r.m.limits.Loops {
			r.fail("loops", "more than %d loops in a function", r.m.limits.Loops)
		}
		r.point(true, r.now)
	case opIf:
		r.point(false, r.now)
	}
}

// close ends a block. What follows it is passed at most once each time that
// the block is entered.
func (r *reader) close() {
	f := r.frames[len(r.frames)-1]
	r.frames = r.frames[:len(r.frames)-1]
	if len(r.frames) > 0 {
		r.point(false, f.enter)
	}
}

// blockType reads the type of a block, WebAssembly 2.0 section 5.4.1: one
// byte, or the index of a type as a signed number.
func (r *reader) blockType() {
	if r.left() == 0 {
		r.byte()
		return
	}
	first := r.b[r.at]
	switch {
	case first == noType:
		r.at++
		return
	case first >= noType && first < 0x80:
		r.note(string([]byte{valueType(r.cursor)}))
		return
	}
	at, index := r.at, uint64(0)
	for shift := 0; ; shift += 7 {
		b := r.byte()
		index |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if b&0x40 != 0 {
				index = 1 << 63 // negative
			}
			break
		}
		if shift == 28 {
			r.malformed("a number is too long")
			return
		}
	}
	if index >= uint64(len(r.m.types)) {
		r.at = at
		r.fail("index", "type %d, and there are %d", index, len(r.m.types))
		return
	}
	r.note(r.m.types[index].Params, r.m.types[index].Results)
}

func (r *reader) call(op byte) {
	r.body.nests = true
	var t Type
	if op == opCall {
		if i := r.renumbered(); r.err == nil {
			t = r.m.typeOf(i)
		}
	} else {
		if i := r.index("type", len(r.m.types)); r.err == nil {
			t = r.m.types[i]
		}
		r.index("table", r.m.tables)
	}
	r.note(t.Params, t.Results)
	r.body.points[r.now].cost += costCall
}

// bulkKind reads the rest of an operation of many bytes or elements.
func (r *reader) bulkKind(at int) {
	op := r.byte()
	switch op {
	case 0, 1, 2, 3, 4, 5, 6, 7: // saturating truncation
	case 8: // memory.init
		r.bulkOp(at, helperBytes)
		r.u32()
		r.zero()
		r.m.Restorable = false
	case 9: // data.drop
		r.u32()
		r.m.Restorable = false
	case 10: // memory.copy
		r.bulkOp(at, helperBytes)
		r.zero()
		r.zero()
	case 11: // memory.fill
		r.bulkOp(at, helperBytes)
		r.zero()
	case 12, 14: // table.init, table.copy
		r.bulkOp(at, helperElements)
		r.u32()
		r.u32()
		r.m.Restorable = false
	case 13: // elem.drop
		r.u32()
		r.m.Restorable = false
	case 15, 17: // table.grow, table.fill
		r.bulkOp(at, helperElements)
		r.u32()
		r.m.Restorable = false
	case 16: // table.size
		r.u32()
	default:
		r.malformed("an unknown operation 0xfc %d", op)
	}
}

// bulkOp has the operation at a place, whose length is on top of the stack,
// paid for.
func (r *reader) bulkOp(at int, h helper) {
	r.bulk++
	if r.bulk > r.m.limits.BulkOps {
		r.fail("bulk-ops", "more than %d bulk operations in a function", r.m.limits.BulkOps)
	}
	r.body.nests = true
	r.put(patchHelper, at, uint32(h))
}

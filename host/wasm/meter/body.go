package meter

// A body is one function.
type body struct {
	from, to int // its locals and instructions in the file
	locals   uint32
	points   []point
	patches  []patch
	results  string
	weight   int64 // bytes of native stack, as estimated
	nests    bool  // calls something, and so counts its stack
	keeps    bool  // calls nothing and loops, and so keeps the tank in a local
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
	label int // how many values a jump to it passes on
}

// A reader reads the instructions of one function.
type reader struct {
	*cursor
	m      *module
	body   *body
	frames []frame
	now    int // the point that pays for the instructions being read
	values int
	wide   bool // it may hold vectors

	locals, blocks, paths, depth, loops, bulk, branches int
}

func (m *module) readCode(c *cursor, s *section) {
	n := s.begin(c, "functions", "function bodies", m.limits.Functions, 3)
	var b body
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
		b = body{points: b.points[:0], patches: b.patches[:0]}
		r := &reader{cursor: part, m: m, body: &b, frames: frames[:0]}
		r.read(m.typeOf(uint32(m.kinds[Function] + i)))
		frames = r.frames
		c.join(part, "a function")
		if c.err == nil {
			m.account(c, r, int(size))
			m.bodies++
		}
		if c.err == nil && m.write != nil {
			m.write(&b)
		}
	}
}

// account compares the products of a function and the module's sums with
// their limits.
func (m *module) account(c *cursor, r *reader, size int) {
	l, loops, paths := m.limits, r.locals*r.loops, r.locals*r.paths
	m.Code += size
	for _, a := range []struct {
		most  *int
		value int
	}{
		{&m.Body, size}, {&m.Locals, r.locals}, {&m.Blocks, r.blocks}, {&m.Depth, r.depth}, {&m.Loops, r.loops},
		{&m.Branches, r.branches}, {&m.BulkOps, r.bulk}, {&m.Values, r.values}, {&m.Paths, r.paths},
		{&m.LocalsTimesPaths, paths}, {&m.LocalsTimesLoops, loops},
	} {
		*a.most = max(*a.most, a.value)
	}
	m.AllValues += r.values
	m.AllBranches += r.branches
	m.AllBulkOps += r.bulk
	m.PathsSquared += r.paths * r.paths
	m.PathWork += paths
	m.LoopWork += loops
	for _, a := range []struct {
		code         string
		value, limit int
		what         string
	}{
		{"locals-times-loops", loops, l.LocalsTimesLoops, "locals times loops of a function"},
		{"locals-times-paths", paths, l.LocalsTimesPaths, "locals times blocks and conditional jumps of a function"},
		{"all-values", m.AllValues, l.AllValues, "values of all functions"},
		{"all-branches", m.AllBranches, l.AllBranches, "targets of all br_tables"},
		{"all-bulk-ops", m.AllBulkOps, l.AllBulkOps, "bulk operations of all functions"},
		{"paths-squared", m.PathsSquared, l.PathsSquared, "blocks and conditional jumps of each function, squared"},
		{"path-work", m.PathWork, l.PathWork, "locals times blocks and conditional jumps of all functions"},
		{"loop-work", m.LoopWork, l.LoopWork, "locals times loops of all functions"},
	} {
		if a.value > a.limit {
			c.fail(a.code, "the %s come to %d, at most %d", a.what, a.value, a.limit)
		}
	}
}

func (r *reader) read(t Type) {
	b := r.body
	b.from, b.results = r.place(), t.Results
	b.points = append(b.points, point{look: true})
	r.frames = append(r.frames, frame{label: len(t.Results)})
	r.readLocals(t)
	r.put(patchPoint, r.place(), 0)
	for r.err == nil && len(r.frames) > 0 {
		r.instruction()
		if r.values > r.m.limits.Values {
			r.fail("values", "a function that makes more than %d values", r.m.limits.Values)
		}
	}
	if r.err == nil && r.left() > 0 {
		r.malformed("instructions behind the end of a function")
	}
	b.to = r.place()
	b.settle(r.bulk)
	b.weigh(r)
}

func (r *reader) readLocals(t Type) {
	total := uint64(len(t.Params))
	r.note(t.Params, t.Results)
	at := r.place()
	groups := r.count("locals", "groups of locals", r.m.limits.Locals, 2)
	r.body.patches = append(r.body.patches, patch{at: at, end: r.place(), kind: patchLocals, arg: uint32(groups)})
	for range groups {
		total += uint64(r.u32())
		if valueType(r.cursor) == typeV128 {
			r.wide = true
		}
	}
	if total > uint64(r.m.limits.Locals) {
		r.fail("locals", "a function with %d locals, at most %d", total, r.m.limits.Locals)
	}
	r.locals = int(min(total, 1<<32))
	r.body.locals = uint32(r.locals)
}

// note counts values of a type that an instruction may make.
func (r *reader) note(lists ...string) {
	for _, l := range lists {
		r.values += len(l)
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
	case ofLocal:
		r.index("local", r.locals)
	case ofTable:
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
	case opBr:
		r.label()
	case opBrIf:
		r.path()
		r.label()
	case opBrTable:
		r.path()
		n := r.count("branches", "targets of br_tables in a function", r.m.limits.Branches-r.branches, 1)
		r.branches += n
		for range n + 1 {
			r.label()
		}
	case opReturn:
		r.values += r.frames[0].label
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
func (r *reader) label() {
	if i := r.index("label", len(r.frames)); r.err == nil {
		r.values += 1 + r.frames[len(r.frames)-1-int(i)].label
	}
}

// path counts something that a compiler begins a new piece of code for.
func (r *reader) path() {
	r.paths++
	if r.paths > r.m.limits.Paths {
		r.fail("paths", "more than %d blocks and conditional jumps in a function", r.m.limits.Paths)
	}
}

func (r *reader) open(op byte) {
	label := len(r.blockType(op))
	r.path()
	r.blocks++
	if r.blocks > r.m.limits.Blocks {
		r.fail("blocks", "more than %d blocks in a function", r.m.limits.Blocks)
	}
	r.frames = append(r.frames, frame{op: op, enter: r.now, label: label})
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
// byte, or the index of a type as a signed number. It gives the types that a
// jump to the block passes on.
func (r *reader) blockType(op byte) string {
	if r.left() == 0 {
		r.byte()
		return ""
	}
	first := r.b[r.at]
	switch {
	case first == noType:
		r.at++
		return ""
	case first >= noType && first < 0x80:
		result := string([]byte{valueType(r.cursor)})
		r.note(result)
		if op == opLoop {
			return ""
		}
		return result
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
			return ""
		}
	}
	if index >= uint64(len(r.m.types)) {
		r.at = at
		r.fail("index", "type %d, and there are %d", index, len(r.m.types))
		return ""
	}
	t := r.m.types[index]
	r.note(t.Params, t.Results)
	if op == opLoop {
		return t.Params
	}
	return t.Results
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
	r.put(patchHelper, at, uint32(h))
}

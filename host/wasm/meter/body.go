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

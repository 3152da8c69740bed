package meter

// instruction reads one, WebAssembly 2.0 section 5.4.
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

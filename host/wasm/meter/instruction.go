package meter

// Operations, WebAssembly 2.0 section 5.4, that are more to us than a number
// of bytes.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opSelectTyped  = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opTableGet     = 0x25
	opTableSet     = 0x26
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI64LtS       = 0x53
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64Or        = 0x84
	opI64ShrU      = 0x88
	opI64ExtendU   = 0xad
	opI32LtU       = 0x49
	opSelect       = 0x1b
	opRefNull      = 0xd0
	opRefFunc      = 0xd2
	opBulk         = 0xfc
	opVector       = 0xfd

	noType = 0x40 // the block type of nothing
)

// A shape is how an operation's bytes go on.
type shape byte

const (
	unknown shape = iota
	plain         // nothing follows
	ofLocal       // its index
	ofTable       // its index, which the compiler checks
	access        // alignment and offset
	special       // read by a case of its own
	exceptions
	tailCall
	funcReference
	collected
	atomic
)

// foreign names the features that are refused.
var foreign = map[shape]struct{ code, what string }{
	exceptions:    {"exceptions", "exceptions"},
	tailCall:      {"tail-calls", "tail calls"},
	funcReference: {"function-references", "typed function references"},
	collected:     {"gc", "garbage collection"},
	atomic:        {"threads", "threads"},
}

// shapes are those of all operations of one byte.
var shapes = func() (t [256]shape) {
	fill := func(s shape, from, to int) {
		for i := from; i <= to; i++ {
			t[i] = s
		}
	}
	fill(plain, 0x00, 0x01) // unreachable, nop
	fill(special, opBlock, opElse)
	fill(exceptions, 0x06, 0x0a) // try, catch, throw, rethrow, throw_ref
	fill(special, opEnd, opCallIndirect)
	fill(tailCall, 0x12, 0x13)
	fill(funcReference, 0x14, 0x15) // call_ref, return_call_ref
	fill(exceptions, 0x18, 0x19)    // delegate, catch_all
	fill(plain, 0x1a, 0x1b)         // drop, select
	t[opSelectTyped] = special
	t[0x1f] = exceptions // try_table
	fill(ofLocal, opLocalGet, opLocalTee)
	fill(special, opGlobalGet, opGlobalSet)
	fill(ofTable, opTableGet, opTableSet)
	fill(access, 0x28, 0x3e)
	fill(special, 0x3f, opF64Const) // memory.size, memory.grow, constants
	fill(plain, 0x45, 0xc4)
	t[opRefNull], t[0xd1], t[opRefFunc] = special, plain, special
	fill(funcReference, 0xd4, 0xd6)
	t[0xd3], t[0xfb] = collected, collected
	t[opBulk], t[opVector] = special, special
	t[0xfe] = atomic
	return t
}()

// noVectors are the numbers below 256 that no vector operation has.
var noVectors = map[byte]bool{
	0x9a: true, 0xa2: true, 0xa5: true, 0xa6: true, 0xaf: true, 0xb0: true, 0xb2: true, 0xb3: true, 0xb4: true,
	0xbb: true, 0xc2: true, 0xc5: true, 0xc6: true, 0xcf: true, 0xd0: true, 0xd2: true, 0xd3: true, 0xd4: true,
	0xe2: true, 0xee: true,
}

// vector reads the rest of a vector operation. Its number must be written in
// as few bytes as it can be: a compiler that looks at the first of them only
// would see other operations than we do.
func (c *cursor) vector() {
	op := c.byte()
	if op >= 0x80 {
		switch second := c.byte(); {
		case second == 2:
			c.fail("relaxed-simd", "a relaxed vector operation")
		case second != 1:
			c.malformed("a vector operation of an unusual number")
		}
	}
	switch {
	case noVectors[op]:
		c.malformed("an unknown vector operation %#x", op)
	case op <= 0x0b, op == 0x5c, op == 0x5d: // loads and stores
		c.access()
	case op == 0x0c, op == 0x0d: // v128.const, i8x16.shuffle
		c.bytes(16)
	case op >= 0x15 && op <= 0x22: // lanes
		c.byte()
	case op >= 0x54 && op <= 0x5b: // loads and stores of lanes
		c.access()
		c.byte()
	}
}

// access reads the alignment and the offset of a load or store.
func (c *cursor) access() {
	align := c.u32()
	switch {
	case align >= 0x40 && align < 0x80:
		c.fail("multi-memory", "an access to a memory by number")
	case align >= 32:
		c.malformed("an alignment of 2^%d", align)
	}
	c.u32()
}

// zero reads the number of the one memory.
func (c *cursor) zero() {
	if c.byte() != 0 {
		c.fail("multi-memory", "an operation on a memory by number")
	}
}

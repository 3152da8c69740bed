package meter

import (
	"fmt"
	"math"
)

// A cursor reads a module's bytes. It never passes its end: the first thing
// that is not there is kept as the error, and every read after it gives zero,
// so a caller may look at err once for several reads.
type cursor struct {
	b    []byte
	at   int
	base int // where b begins in the file
	err  *Refusal
}

func (c *cursor) fail(code, format string, args ...any) {
	if c.err == nil {
		c.err = &Refusal{Code: code, Offset: c.place(), Msg: fmt.Sprintf(format, args...)}
	}
	c.at = len(c.b)
}

func (c *cursor) malformed(format string, args ...any) { c.fail("malformed", format, args...) }

func (c *cursor) left() int { return len(c.b) - c.at }

// place is where the next byte stands in the file.
func (c *cursor) place() int { return c.base + c.at }

func (c *cursor) byte() byte {
	if c.at >= len(c.b) {
		c.malformed("the module ends early")
		return 0
	}
	c.at++
	return c.b[c.at-1]
}

func (c *cursor) bytes(n uint32) []byte {
	if uint64(n) > uint64(c.left()) {
		c.malformed("%d bytes are announced and %d are there", n, c.left())
		return nil
	}
	c.at += int(n)
	return c.b[c.at-int(n) : c.at : c.at]
}

// u32 reads an unsigned LEB128 number, WebAssembly 2.0 section 5.2.2.
func (c *cursor) u32() uint32 {
	if c.at < len(c.b) && c.b[c.at] < 0x80 {
		c.at++
		return uint32(c.b[c.at-1])
	}
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := c.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v > math.MaxUint32 {
				break
			}
			return uint32(v)
		}
	}
	c.malformed("a number does not fit 32 bits")
	return 0
}

// skipLEB passes a signed number of at most n bytes; its value matters to the
// compiler only.
func (c *cursor) skipLEB(n int) {
	for range n {
		if c.byte() < 0x80 {
			return
		}
	}
	c.malformed("a number is too long")
}

// count reads how many things follow. It is refused above limit, and where
// the bytes that are left cannot hold so many of at least size bytes each: a
// count is what a compiler allocates for before it reads on.
func (c *cursor) count(code, what string, limit, size int) int {
	at := c.at
	n := c.u32()
	switch left := c.left(); {
	case c.err != nil:
		return 0
	case uint64(n) > uint64(limit):
		c.at = at
		c.fail(code, "%d %s, at most %d", n, what, limit)
		return 0
	case uint64(n)*uint64(size) > uint64(left):
		c.at = at
		c.malformed("%d %s are announced in %d bytes", n, what, left)
		return 0
	}
	return int(n)
}

// index reads a number that must be below n.
func (c *cursor) index(what string, n int) uint32 {
	at := c.at
	i := c.u32()
	if c.err == nil && uint64(i) >= uint64(n) {
		c.at = at
		c.fail("index", "%s %d, and there are %d", what, i, n)
	}
	return i
}

// part gives a cursor over the next n bytes.
func (c *cursor) part(n uint32) *cursor {
	base := c.place()
	return &cursor{b: c.bytes(n), base: base, err: c.err}
}

// join takes over the error of a part, or complains that it has bytes left.
func (c *cursor) join(p *cursor, what string) {
	if p.err == nil && p.left() > 0 {
		p.malformed("%s has %d bytes too many", what, p.left())
	}
	if c.err == nil && p.err != nil {
		c.err, c.at = p.err, len(c.b)
	}
}

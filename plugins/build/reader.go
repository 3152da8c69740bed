package build

import (
	"fmt"
	"unicode/utf8"
)

// A reader reads numbers and names; after the first error it reads nothing.
type reader struct {
	data []byte
	at   int
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *reader) byte() byte {
	if r.err != nil || r.at >= len(r.data) {
		r.fail("it ends too early")
		return 0
	}
	r.at++
	return r.data[r.at-1]
}

// u32 reads an unsigned number, WebAssembly 2.0 section 5.2.2.
func (r *reader) u32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v > 1<<32-1 {
				r.fail("a number over 32 bits")
			}
			return uint32(v)
		}
	}
	r.fail("a number over 32 bits")
	return 0
}

// part is a reader of the next n bytes.
func (r *reader) part(n int) *reader {
	if r.err != nil || n < 0 || n > len(r.data)-r.at {
		r.fail("it ends too early")
		return &reader{err: r.err}
	}
	p := &reader{data: r.data[r.at : r.at+n]}
	r.at += n
	return p
}

func (r *reader) name() string {
	p := r.part(int(r.u32()))
	switch {
	case r.err != nil:
		return ""
	case len(p.data) > maxName || !utf8.Valid(p.data):
		r.fail("a name that is too long or not UTF-8")
		return ""
	}
	return string(p.data)
}

// each reads a vector.
func (r *reader) each(what string, most uint32, read func()) {
	n := r.u32()
	if n > most {
		r.fail("%d %s, at most %d", n, what, most)
	}
	for ; n > 0 && r.err == nil; n-- {
		read()
	}
}

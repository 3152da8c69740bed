package host

import "unicode/utf8"

// An index finds the first place of a text where one of many forms stands, in
// any spelling of its characters. The forms are a tree with shared beginnings,
// so that the price of a search does not grow with their number. Its zero
// value is empty.
type index struct {
	root  branch
	begin [256]bool // what the first byte of a form can be
	least int       // length of the shortest form; no spelling is shorter
	pairs pairSet   // that stand in the first least bytes of a form
}

// A branch is a part of forms, and what may follow it.
type branch struct {
	part string
	end  bool // a form ends behind part
	next []*branch
}

// add takes a form of at least two bytes.
func (x *index) add(form string) {
	if x.least == 0 {
		for _, ch := range []byte(`%\&`) {
			x.begin[ch] = true
		}
	}
	if x.least == 0 || len(form) < x.least {
		x.least = len(form)
	}
	x.begin[form[0]] = true
	if form[0] == ' ' {
		x.begin['+'] = true
	}
	x.pairs.addForm(form[:x.least])
	x.root.add(form)
}

func (b *branch) add(form string) {
	if form == "" {
		b.end = true
		return
	}
	next := b.follow(form[0])
	if next == nil {
		b.next = append(b.next, &branch{part: form, end: true})
		return
	}
	same := 1
	for same < len(form) && same < len(next.part) && form[same] == next.part[same] {
		same++
	}
	if same < len(next.part) {
		rest := &branch{part: next.part[same:], end: next.end, next: next.next}
		next.part, next.end, next.next = next.part[:same], false, []*branch{rest}
	}
	next.add(form[same:])
}

func (b *branch) follow(ch byte) *branch {
	for _, next := range b.next {
		if next.part[0] == ch {
			return next
		}
	}
	return nil
}

// A cursor is a place in the tree that a part of the text has led to.
type cursor struct {
	in   *branch
	used int // bytes of in.part
	at   int // where the text goes on
}

// whole reports whether a form ends here.
func (c cursor) whole() bool { return c.in.end && c.used == len(c.in.part) }

// step follows bytes; false if no form goes on with them.
func (c cursor) step(plain []byte) (cursor, bool) {
	for _, ch := range plain {
		if c.used < len(c.in.part) {
			if c.in.part[c.used] != ch {
				return c, false
			}
			c.used++
			continue
		}
		if c.in = c.in.follow(ch); c.in == nil {
			return c, false
		}
		c.used = 1
	}
	return c, true
}

// find gives the first form that stands in t at or behind from, as the place
// where it begins and ends; the longest of those that begin there. Without one
// begin is -1. When more text may come, open says that begin is instead where
// a form may have begun that the text cuts off.
func find[T text](x *index, t T, from int, more bool) (begin, end int, open bool) {
	i, span := from, x.least-1
	good := i // the pairs that end behind i and not behind good may stand in a form
	for x.least > 0 && i < len(t) {
		if last := i + span; last < len(t) {
			// A form that begins at i or behind, and before k, covers k-1 and k.
			k := last
			for k > good && x.pairs.has(t[k-1], t[k]) {
				k--
			}
			if k > good {
				i, good = k, k
				continue
			}
			good = last
		}
		if x.begin[t[i]] && (i+1 == len(t) || x.pairs.has(t[i], t[i+1])) {
			end, open := match(x, t, i)
			if open && more {
				return i, i, true
			}
			if end > 0 {
				return i, end, false
			}
		}
		i++
		good = max(good, i)
	}
	return -1, -1, false
}

// maxReadings bounds in how many ways a text is read at once. Two are usual
// where a text holds escapes; more come from forms with rows of backslashes.
const maxReadings = 8

// match gives where the longest form that begins at t[i] ends, 0 for none, and
// whether the text ends before all of them are decided.
func match[T text](x *index, t T, i int) (end int, open bool) {
	var list [maxReadings]cursor
	todo := append(list[:0], cursor{in: &x.root, at: i})
	for len(todo) > 0 {
		// The one that is furthest behind goes on, so that readings that meet
		// stand in the list together.
		behind := 0
		for k := range todo {
			if todo[k].at < todo[behind].at {
				behind = k
			}
		}
		c := todo[behind]
		todo[behind] = todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if c.whole() {
			end = max(end, c.at)
			if len(c.in.next) == 0 {
				continue
			}
		}
		if c.at == len(t) {
			open = true
			continue
		}
		plain := [1]byte{t[c.at]}
		if next, ok := c.step(plain[:]); ok {
			next.at++
			todo = put(todo, next)
		}
		s := spellingAt(t, c.at)
		open = open || s.open
		if s.size > 0 {
			if next, ok := c.step(s.plain[:s.size]); ok {
				next.at += s.width
				todo = put(todo, next)
			}
		}
	}
	return end, open
}

func put(todo []cursor, c cursor) []cursor {
	for _, have := range todo {
		if have == c {
			return todo
		}
	}
	if len(todo) == maxReadings {
		return todo
	}
	return append(todo, c)
}

// A pairSet is a set of two bytes that stand side by side.
type pairSet [1 << 16 / 64]uint64

func (p *pairSet) has(a, b byte) bool {
	at := uint(a)<<8 | uint(b)
	return p[at/64]>>(at%64)&1 != 0 || escapePairs[at/64]>>(at%64)&1 != 0
}

func (p *pairSet) add(a, b byte) {
	at := uint(a)<<8 | uint(b)
	p[at/64] |= 1 << (at % 64)
}

// addForm adds the pairs of all spellings of a form that the escapes alone do
// not have: two characters as they are, and the end of an escape with one.
func (p *pairSet) addForm(form string) {
	for i := 1; i < len(form); i++ {
		a, b := form[i-1], form[i]
		for _, left := range lastBytes(a) {
			p.add(left, b)
			if b == ' ' {
				p.add(left, '+')
			}
		}
	}
}

// lastBytes lists how the spellings of a byte may end, but for ';'. The last
// digit of a rune is also that of its last byte.
func lastBytes(ch byte) []byte {
	list := []byte{ch, "0123456789abcdef"[ch&15], "0123456789ABCDEF"[ch&15]}
	if ch == ' ' {
		list = append(list, '+')
	}
	for letter, control := range controls {
		if control == ch && ch != 0 {
			list = append(list, byte(letter))
		}
	}
	return list
}

// escapePairs are those that any escape may bring into a text.
var escapePairs = func() (p pairSet) {
	for ch := range 256 {
		for _, mark := range []byte(`%\&#;`) {
			p.add(mark, byte(ch))
			p.add(byte(ch), mark)
		}
		if nibble(byte(ch)) < 0 {
			continue
		}
		for _, left := range []byte("0123456789abcdefABCDEFuUxX") {
			p.add(left, byte(ch))
		}
		p.add(byte(ch), '+') // a space behind an escape
	}
	for _, name := range []string{"amp", "lt", "gt", "quot", "apos"} {
		for i := 1; i < len(name); i++ {
			p.add(name[i-1], name[i])
		}
	}
	return p
}()

// toValid is how encoders write a text that is not UTF-8: each stray byte
// becomes U+FFFD.
func toValid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

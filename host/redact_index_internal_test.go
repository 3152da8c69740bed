package host

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// What find passes over, no form begins in: it finds what a look at every place
// does, and what a text that was cut off may still become.
func TestFindPassesNothingOver(t *testing.T) {
	pieces := []string{"a", "b", "c", "%", "6", "1", "2", "\\", "u", "0", "x", "&", "#", ";", "amp", " ", "+", "\"", "\n", "é",
		"%61", "\\u0061", "&#97;", "ab", "abc", "\\n", "&lt;", "<"}
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	everywhere := func(x *index, s string) (begin, end int) {
		for i := range len(s) {
			if end, _ := match(x, s, i); end > 0 {
				return i, end
			}
		}
		return -1, -1
	}
	found := 0
	for range 50_000 {
		var x index
		form := text(2+random.IntN(7)) + "ab"
		for range random.IntN(3) {
			x.add(text(2+random.IntN(7)) + "x1")
		}
		x.add(form)
		s, more := text(random.IntN(30)), text(random.IntN(12))
		if random.IntN(2) == 0 {
			cut := random.IntN(len(form))
			s, more = s+form[:cut], form[cut:]+more
		}
		begin, end := everywhere(&x, s+more)
		if b, e, _ := find(&x, s+more, 0, false); b != begin || e != end {
			t.Fatalf("in %q: got %d to %d, want %d to %d", s+more, b, e, begin, end)
		}
		b, e, open := find(&x, s, 0, true)
		switch {
		case open && begin >= 0 && begin < b, b < 0 && begin >= 0 && begin < len(s), !open && b >= 0 && (b != begin || e != end):
			t.Fatalf("in %q before %q: got %d to %d, open %v, want %d to %d", s, more, b, e, open, begin, end)
		}
		if begin >= 0 {
			found++
		}
	}
	if found < 10_000 {
		t.Errorf("only %d texts held a form", found)
	}
}

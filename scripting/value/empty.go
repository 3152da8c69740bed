package value

// An Empty is what the literal {} gives: neither list nor map. It prints and
// counts as empty, and the first call that changes it makes it the one or the
// other, for every variable that holds it.
//
//	m = {};  n = m;  m.put("k", 1);  n.size() is 1
type Empty struct {
	became any // *List, *Map, or nil while undecided
}

// Resolve returns what v has become if it is an Empty that was decided, and v
// itself otherwise.
func Resolve(v any) any {
	if e, ok := v.(*Empty); ok && e.became != nil {
		return e.became
	}
	return v
}

// BecomeList decides for a list and returns it; nil if it is a map already.
func (e *Empty) BecomeList() *List {
	if e.became == nil {
		e.became = NewList()
	}
	l, _ := e.became.(*List)
	return l
}

// BecomeMap decides for a map and returns it; nil if it is a list already.
func (e *Empty) BecomeMap() *Map {
	if e.became == nil {
		e.became = NewMap()
	}
	m, _ := e.became.(*Map)
	return m
}

package value

import (
	"iter"

	"github.com/shopspring/decimal"
)

const (
	// entryBytes is the approximate cost of an entry: key, value and its place
	// in the index.
	entryBytes = 80
	// indexFrom is the size up to which looking through the entries beats hashing.
	indexFrom = 8
)

// A Map holds values by key, in the order the keys first came. Keys are of any
// scalar type, and of different types are different keys: 1 is not "1", while 1
// and 1.0 are the same.
type Map struct {
	entries []entry
	dead    int            // entries that hold gone
	texts   map[string]int // text key to place; nil while the map is small
	others  map[any]int    // any other key, as Key gives it
}

type entry struct {
	key, val any
}

// gone is the key of an entry that was removed and not yet swept away.
type gone struct{}

// NewMap returns an empty map.
func NewMap() *Map { return &Map{} }

// Key returns a comparable form of a scalar, equal for equal values, and false
// for a list, map or file, which cannot be a key.
func Key(v any) (any, bool) {
	switch t := v.(type) {
	case string, int64, bool, nil:
		return v, true
	case decimal.Decimal:
		if n, ok := Whole(t); ok {
			return n, true
		}
		return decimalKey(Plain(t.Normalize())), true
	case Time:
		return timeKey{t.Unix(), t.Nanosecond(), t.IsClock()}, true
	}
	return nil, false
}

type decimalKey string

type timeKey struct {
	sec   int64
	nsec  int
	clock bool
}

// Len returns the number of entries.
func (m *Map) Len() int { return len(m.entries) - m.dead }

// Get returns the value of key k and whether there is one.
func (m *Map) Get(k any) (any, bool) {
	i := m.find(k)
	if i < 0 {
		return nil, false
	}
	return m.entries[i].val, true
}

// Put sets the value of key k, in place if the key is there. A Fault is thrown
// for a key that is not a scalar.
func (m *Map) Put(b *Budget, k, v any) {
	if i := m.find(k); i >= 0 {
		m.entries[i].val = v
		return
	}
	b.Alloc(entryBytes)
	m.entries = append(m.entries, entry{k, v})
	switch {
	case m.texts != nil:
		m.index(len(m.entries) - 1)
	case len(m.entries) > indexFrom:
		m.reindex()
	}
}

// Delete takes out key k and returns its value and whether it was there.
func (m *Map) Delete(b *Budget, k any) (any, bool) {
	i := m.find(k)
	if i < 0 {
		return nil, false
	}
	v := m.entries[i].val
	m.unindex(m.entries[i].key)
	m.entries[i] = entry{gone{}, nil}
	m.dead++
	if m.dead > indexFrom && m.dead > len(m.entries)/2 {
		b.Tick(len(m.entries))
		m.sweep()
	}
	return v, true
}

// Clear takes out all entries.
func (m *Map) Clear() { *m = Map{} }

// All gives the entries in order. The map must not change meanwhile.
func (m *Map) All() iter.Seq2[any, any] {
	return func(yield func(k, v any) bool) {
		for _, e := range m.entries {
			if _, dead := e.key.(gone); !dead && !yield(e.key, e.val) {
				return
			}
		}
	}
}

// find returns the place of key k, or -1.
func (m *Map) find(k any) int {
	if s, ok := k.(string); ok {
		return m.findText(s)
	}
	key, ok := Key(Resolve(k))
	if !ok {
		Throw("a %s cannot be the key of a map", TypeName(k))
	}
	if m.texts != nil {
		if i, ok := m.others[key]; ok {
			return i
		}
		return -1
	}
	for i, e := range m.entries {
		if have, ok := Key(e.key); ok && have == key {
			return i
		}
	}
	return -1
}

func (m *Map) findText(s string) int {
	if m.texts != nil {
		if i, ok := m.texts[s]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if t, ok := m.entries[i].key.(string); ok && t == s {
			return i
		}
	}
	return -1
}

func (m *Map) index(i int) {
	if s, ok := m.entries[i].key.(string); ok {
		m.texts[s] = i
		return
	}
	if m.others == nil {
		m.others = make(map[any]int)
	}
	if key, ok := Key(m.entries[i].key); ok {
		m.others[key] = i
	}
}

func (m *Map) unindex(k any) {
	if s, ok := k.(string); ok {
		delete(m.texts, s)
	} else if key, ok := Key(k); ok {
		delete(m.others, key)
	}
}

func (m *Map) reindex() {
	m.texts = make(map[string]int, 2*len(m.entries))
	m.others = nil
	for i := range m.entries {
		m.index(i)
	}
}

// sweep closes the gaps that removed entries left.
func (m *Map) sweep() {
	kept := make([]entry, 0, m.Len())
	for k, v := range m.All() {
		kept = append(kept, entry{k, v})
	}
	m.entries, m.dead = kept, 0
	m.reindex()
}

package value

import "slices"

// elementBytes is the approximate cost of one element of a list: its interface
// and what a boxed number takes.
const elementBytes = 24

// A List is an ordered, growing sequence of values, shared by reference.
type List struct {
	items   []any
	element string // the type of all elements; empty for any
}

// NewList returns a list that owns items. The caller has charged them.
func NewList(items ...any) *List { return &List{items: items} }

// TypedList returns an empty list for elements of one type, as TypeName has it.
// Whoever adds to it converts them.
func TypedList(element string) *List { return &List{element: element} }

// Element is the type of all elements, or empty for any.
func (l *List) Element() string { return l.element }

// MakeList returns an empty list with room for n elements, charged to b.
func MakeList(b *Budget, n int) *List {
	b.AllocTimes(n, elementBytes)
	return &List{items: make([]any, 0, n)}
}

// Len returns the number of elements.
func (l *List) Len() int { return len(l.items) }

// Items returns the elements themselves, to be read only and not across a call
// that may change the list.
func (l *List) Items() []any { return l.items }

// At returns the element at i, counted from 0; a Fault is thrown outside.
func (l *List) At(i int64) any {
	if i < 0 || i >= int64(len(l.items)) {
		Throw("Given index %d is greater than the list size", i)
	}
	return l.items[i]
}

// Set puts v in the place of the element at i; a Fault is thrown outside.
func (l *List) Set(i int64, v any) {
	l.At(i)
	l.items[i] = v
}

// Add appends v and charges b for it.
func (l *List) Add(b *Budget, v any) {
	b.Alloc(elementBytes)
	l.items = append(l.items, v)
}

// AddAll appends the elements of m, which may be l itself.
func (l *List) AddAll(b *Budget, m *List) {
	b.Tick(len(m.items))
	b.AllocTimes(len(m.items), elementBytes)
	l.items = append(l.items, m.items...)
}

// Remove takes out and returns the element at i; a Fault is thrown outside.
func (l *List) Remove(b *Budget, i int64) any {
	v := l.At(i)
	b.Tick(1 + (len(l.items)-int(i))/64)
	l.items = slices.Delete(l.items, int(i), int(i)+1)
	return v
}

// Replace makes items the elements of the list. The caller has charged them.
func (l *List) Replace(items []any) { l.items = items }

// Clear takes out all elements.
func (l *List) Clear() { l.items = nil }

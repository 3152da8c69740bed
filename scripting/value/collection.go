package value

// A Collection holds values by index or by key, never both. One that was made
// empty becomes the one or the other by what is first put into it. It is shared
// by reference.
type Collection struct {
	list *List // by index
	m    *Map  // by key
}

// NewCollection returns an empty collection.
func NewCollection() *Collection { return &Collection{} }

// CollectionOf returns an index collection that owns the list.
func CollectionOf(l *List) *Collection { return &Collection{list: l} }

// KeyedCollection returns a key-value collection that owns the map.
func KeyedCollection(m *Map) *Collection { return &Collection{m: m} }

// Keyed reports whether the collection holds key-value pairs; an empty one that
// nothing decided does not.
func (c *Collection) Keyed() bool { return c.m != nil }

// Decided reports whether the collection is of one of both kinds already.
func (c *Collection) Decided() bool { return c.m != nil || c.list != nil }

// List returns the elements of an index collection to be read or changed, which
// decides an empty one; a Fault is thrown for a key-value collection.
func (c *Collection) List() *List {
	if c.m != nil {
		Throw("the collection holds key-value pairs, not elements")
	}
	if c.list == nil {
		c.list = NewList()
	}
	return c.list
}

// Map returns the pairs of a key-value collection to be read or changed, which
// decides an empty one; a Fault is thrown for an index collection.
func (c *Collection) Map() *Map {
	if c.list != nil {
		Throw("the collection holds elements, not key-value pairs")
	}
	if c.m == nil {
		c.m = NewMap()
	}
	return c.m
}

// Len returns the number of elements or pairs.
func (c *Collection) Len() int {
	switch {
	case c.m != nil:
		return c.m.Len()
	case c.list != nil:
		return c.list.Len()
	}
	return 0
}

// Clear takes everything out. The collection stays of its kind.
func (c *Collection) Clear() {
	switch {
	case c.m != nil:
		c.m.Clear()
	case c.list != nil:
		c.list.Clear()
	}
}

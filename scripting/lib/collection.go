package lib

import (
	"slices"

	"github.com/connhost/connhost/scripting/value"
)

// collections are the functions of collections alone. A collection holds
// elements by index or values by key. What changes one and is said to work "by
// value" looks for an equal element or value.
var collections = []*Function{
	def(Function{
		Names: names("Collection"), Params: params("elements any|pairs..."), Returns: "collection",
		Semantics: "A new collection of the elements, or of the pairs key:value. An empty one becomes the one or the other by what is first inserted.",
		Examples:  examples(Example{Expr: `Collection("Creator", "CRM")`, Args: `["Creator","CRM"]`, Want: "Creator,CRM"}, Example{Expr: `Collection("CRM":2)`, Args: `[":{\"CRM\":2}"]`, Want: `{"CRM":2}`}),
	}, func(c call) any {
		made := value.NewCollection()
		c.budget().Alloc(32)
		c.insert(made, c.args)
		return made
	}),
	def(Function{
		Names: names("insert"), Receiver: "collection", Params: params("elements any|pairs..."), Returns: "void",
		Semantics: "Puts elements at the end of an index collection, or sets pairs key:value of a key-value collection.",
		Examples: examples(Example{Expr: `c.insert("Mail")`, Args: `["@[\"CRM\"]","Mail"]`, Want: "null", After: "CRM,Mail"},
			Example{Expr: `c.insert("Mail":8)`, Args: `["@{\"CRM\":2}",":{\"Mail\":8}"]`, Want: "null", After: `{"CRM":2,"Mail":8}`},
			Example{Expr: `c.insert("Mail")`, Args: `["@{\"CRM\":2}","Mail"]`, Want: "error: the collection holds key-value pairs, not elements"}),
	}, func(c call) any {
		c.insert(c.collection(0), c.args[1:])
		return nil
	}),
	def(Function{
		Names: names("insertAll"), Receiver: "collection", Params: params("other collection|list|map"), Returns: "void",
		Semantics: "Puts everything of another collection, list or map into the collection.",
		Examples:  examples(Example{Expr: `c.insertAll({"CRM","Mail"})`, Args: `["@[\"Desk\"]",["CRM","Mail"]]`, Want: "null", After: "Desk,CRM,Mail"}),
	}, insertAll),
	def(Function{
		Names: names("getKey"), Receiver: "collection", Params: params("value any"), Returns: "any",
		Semantics: "The index or key of the first value that is equal; -1 or null if there is none.",
		Examples:  examples(Example{Expr: `c.getKey("CRM")`, Args: `["@[\"Creator\",\"CRM\"]","CRM"]`, Want: "1"}, Example{Expr: `c.getKey(5)`, Args: `["@{\"Creator\":5,\"Mail\":5}",5]`, Want: "Creator"}),
	}, func(c call) any { return c.keyOf(false) }),
	def(Function{
		Names: names("getLastKey"), Receiver: "collection", Params: params("value any"), Returns: "any",
		Semantics: "The index or key of the last value that is equal; -1 or null if there is none.",
		Examples:  examples(Example{Expr: `c.getLastKey("Creator")`, Args: `["@[\"Creator\",\"CRM\",\"Creator\"]","Creator"]`, Want: "2"}, Example{Expr: `c.getLastKey(9)`, Args: `["@{\"Creator\":5}",9]`, Want: "null"}),
	}, func(c call) any { return c.keyOf(true) }),
	def(Function{
		Names: names("update"), Receiver: "collection", Params: params("key any", "value any"), Returns: "void",
		Semantics: "Sets the value at an index or key that is there already.",
		Examples: examples(Example{Expr: `c.update(0, "Desk")`, Args: `["@[\"CRM\",\"Mail\"]",0,"Desk"]`, Want: "null", After: "Desk,Mail"},
			Example{Expr: `c.update("CRM", 7)`, Args: `["@{\"CRM\":2}","CRM",7]`, Want: "null", After: `{"CRM":7}`}),
	}, update),
	def(Function{
		Names: names("delete"), Receiver: "collection", Params: params("value any"), Returns: "void",
		Semantics: "Takes out the first value that is equal, with its key; nothing happens if there is none.",
		Examples: examples(Example{Expr: `c.delete("CRM")`, Args: `["@[\"Creator\",\"CRM\",\"Campaigns\"]","CRM"]`, Want: "null", After: "Creator,Campaigns"},
			Example{Expr: `c.delete(2)`, Args: `["@{\"Creator\":5,\"CRM\":2}",2]`, Want: "null", After: `{"Creator":5}`}),
	}, func(c call) any {
		c.deleteValue(c.collection(0), c.arg(1))
		return nil
	}),
	def(Function{
		Names: names("deleteAll"), Receiver: "collection", Params: params("values collection|list"), Returns: "void",
		Semantics: "Takes out every value that is among values.",
		Examples:  examples(Example{Expr: `c.deleteAll({"CRM","Mail"})`, Args: `["@[\"CRM\",\"Desk\",\"Mail\",\"CRM\"]",["CRM","Mail"]]`, Want: "null", After: "Desk"}),
	}, deleteAll),
	def(Function{
		Names: names("deleteKey"), Receiver: "collection", Params: params("key any"), Returns: "void",
		Semantics: "Takes out the element at an index, which must be there, or a key with its value.",
		Examples: examples(Example{Expr: `c.deleteKey(1)`, Args: `["@[\"Creator\",\"CRM\",\"Campaigns\"]",1]`, Want: "null", After: "Creator,Campaigns"},
			Example{Expr: `c.deleteKey(4)`, Args: `["@[\"Creator\"]",4]`, Want: "error: Given index 4 is greater than the list size"}),
	}, func(c call) any {
		if from := c.collection(0); from.Keyed() {
			from.Map().Delete(c.budget(), c.arg(1))
		} else {
			from.List().Remove(c.budget(), c.whole(1))
		}
		return nil
	}),
	def(Function{
		Names: names("deleteKeys"), Receiver: "collection", Params: params("keys list|collection"), Returns: "void",
		Semantics: "Takes out the elements at several indexes, all counted before the first is gone, or several keys with their values.",
		Examples:  examples(Example{Expr: `c.deleteKeys({1,2})`, Args: `["@[\"Creator\",\"CRM\",\"Mail\"]",[1,2]]`, Want: "null", After: "Creator"}),
	}, deleteKeys),
	def(Function{
		Names: names("sortKey"), Receiver: "collection", Params: params("ascending boolean?"), Returns: "collection",
		Semantics: "Sorts a key-value collection itself by its keys and gives it, downwards with false.",
		Examples:  examples(Example{Expr: `c.sortKey()`, Args: `["@{\"Creator\":5,\"CRM\":2,\"Mail\":8}"]`, Want: `{"CRM":2,"Creator":5,"Mail":8}`}),
	}, func(c call) any {
		sorted := c.collection(0)
		c.sortPairs(sorted.Map(), func(p pair) any { return p.key })
		return sorted
	}),
	def(Function{
		Names: names("duplicate"), Receiver: "collection", Params: params("start number?", "end number?"), Returns: "collection",
		Semantics: "A new collection of the elements from index start up to end, which is excluded; of everything without them. Pairs count in their order.",
		Examples:  examples(Example{Expr: `c.duplicate(0, 1)`, Args: `["@[\"Creator\",\"CRM\",\"Books\"]",0,1]`, Want: "Creator"}, Example{Expr: `c.duplicate()`, Args: `["@{\"CRM\":2}"]`, Want: `{"CRM":2}`}),
	}, duplicate),
	def(Function{
		Names: names("getAsString"), Receiver: "value", Returns: "text",
		Semantics: "The printed form.",
		Examples:  examples(Example{Expr: `c.getAsString()`, Args: `["@[\"CRM\",\"Mail\"]"]`, Want: "CRM,Mail"}, Example{Expr: `{"a":1}.getAsString()`, Args: `[{"a":1}]`, Want: `{"a":1}`}),
	}, func(c call) any { return value.Text(c.budget(), c.arg(0)) }),
}

// collection returns argument i as a collection.
func (c call) collection(i int) *value.Collection {
	v, ok := c.arg(i).(*value.Collection)
	if !ok {
		c.mismatch(i, "collection")
	}
	return v
}

// insert puts elements and pairs into a collection.
func (c call) insert(into *value.Collection, args []any) {
	for _, v := range args {
		c.budget().Tick(1)
		pairs, ok := v.(*Pairs)
		if !ok {
			into.List().Add(c.budget(), value.Resolve(v))
			continue
		}
		for i, k := range pairs.Keys {
			into.Map().Put(c.budget(), k, pairs.Values[i])
		}
	}
}

func insertAll(c call) any {
	into := c.collection(0)
	switch from := c.arg(1).(type) {
	case *value.Map:
		c.putAll(into.Map(), from)
	case *value.Collection:
		if from.Keyed() {
			c.putAll(into.Map(), from.Map())
			break
		}
		if from.Len() > 0 {
			into.List().AddAll(c.budget(), from.List())
		}
	case *value.List:
		into.List().AddAll(c.budget(), from)
	}
	return nil
}

// keyOf returns the index or key at which argument 1 is.
func (c call) keyOf(last bool) any {
	in := c.collection(0)
	if !in.Keyed() {
		if last {
			return c.lastPosition(c.items(0), 1)
		}
		return c.position(c.items(0), 1)
	}
	var found any
	for k, v := range in.Map().All() {
		c.budget().Tick(1)
		if value.Equal(c.budget(), v, c.arg(1)) {
			found = k
			if !last {
				break
			}
		}
	}
	return found
}

func update(c call) any {
	in, v := c.collection(0), c.arg(2)
	if !in.Keyed() {
		in.List().Set(c.whole(1), v)
		return nil
	}
	if _, ok := in.Map().Get(c.arg(1)); !ok {
		value.Throw("the collection has no key %s", value.Clip(value.Text(c.budget(), c.arg(1))))
	}
	in.Map().Put(c.budget(), c.arg(1), v)
	return nil
}

func (c call) deleteValue(from *value.Collection, v any) {
	if !from.Keyed() {
		items := c.items(0)
		for i, have := range items {
			c.budget().Tick(1)
			if value.Equal(c.budget(), have, v) {
				from.List().Remove(c.budget(), int64(i))
				return
			}
		}
		return
	}
	for k, have := range from.Map().All() {
		c.budget().Tick(1)
		if value.Equal(c.budget(), have, v) {
			from.Map().Delete(c.budget(), k)
			return
		}
	}
}

func deleteAll(c call) any {
	from, out := c.collection(0), c.setOf(c.items(1))
	if !from.Keyed() {
		items := slices.Clone(c.charged(c.items(0)))
		if from.Len() > 0 {
			from.List().Replace(slices.Clip(slices.DeleteFunc(items, out.has)))
		}
		return nil
	}
	kept := value.NewMap()
	for k, v := range from.Map().All() {
		if !out.has(v) {
			kept.Put(c.budget(), k, v)
		}
	}
	c.replaceMap(from.Map(), kept)
	return nil
}

// replaceMap makes m hold what other does.
func (c call) replaceMap(m, other *value.Map) {
	m.Clear()
	c.putAll(m, other)
}

func deleteKeys(c call) any {
	from, keys := c.collection(0), c.items(1)
	c.budget().Tick(len(keys))
	if from.Keyed() {
		for _, k := range keys {
			from.Map().Delete(c.budget(), k)
		}
		return nil
	}
	list := from.List()
	gone := make(map[int64]bool)
	for _, k := range keys {
		i, ok := k.(int64)
		if !ok {
			value.Throw("an index is a number, not a %s", value.TypeName(k))
		}
		list.At(i)
		c.budget().Alloc(16)
		gone[i] = true
	}
	kept := make([]any, 0, list.Len())
	for i, v := range c.charged(list.Items()) {
		if !gone[int64(i)] {
			kept = append(kept, v)
		}
	}
	list.Replace(kept)
	return nil
}

// A pair is an entry of a map while it is sorted.
type pair struct{ key, val any }

// sortPairs sorts m by what by gives of each pair.
func (c call) sortPairs(m *value.Map, by func(pair) any) {
	c.budget().AllocTimes(m.Len(), 48)
	pairs := make([]pair, 0, m.Len())
	order := make([]any, 0, m.Len())
	for k, v := range m.All() {
		p := pair{k, v}
		pairs, order = append(pairs, p), append(order, by(p))
	}
	c.sameKind(order)
	c.sorting(len(pairs))
	descending := c.has(1) && !c.flag(1)
	slices.SortStableFunc(pairs, func(x, y pair) int {
		if descending {
			x, y = y, x
		}
		return c.order(by(x), by(y))
	})
	m.Clear()
	for _, p := range pairs {
		m.Put(c.budget(), p.key, p.val)
	}
}

func duplicate(c call) any {
	from := c.collection(0)
	start, end := int64(0), int64(from.Len())
	if c.has(1) {
		start = c.whole(1)
	}
	if c.has(2) {
		end = c.whole(2)
	}
	within(start, end, int64(from.Len()))
	if !from.Keyed() {
		return value.CollectionOf(value.NewList(slices.Clone(c.charged(c.items(0)[start:end]))...))
	}
	m, i := value.NewMap(), int64(0)
	for k, v := range from.Map().All() {
		c.budget().Tick(1)
		if i >= start && i < end {
			m.Put(c.budget(), k, v)
		}
		i++
	}
	return value.KeyedCollection(m)
}

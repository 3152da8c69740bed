package lib

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// listsWhole work on all elements of a list.
var listsWhole = []*Function{
	def(Function{
		Names: names("sort"), Receiver: "list|collection", Params: params("ascending boolean?"), Returns: "list|collection",
		Semantics: "Sorts the list or collection itself, pairs by their values, and gives it: numbers by size, texts by their characters, dates by time, downwards with false.",
		Examples: examples(Example{Expr: `{3,1.5,2}.sort()`, Args: `[[3,1.5,2]]`, Want: "1.5,2,3", After: "1.5,2,3"}, Example{Expr: `{"a","c","b"}.sort(false)`, Args: `[["a","c","b"],false]`, Want: "c,b,a"},
			Example{Expr: `{1,"a"}.sort()`, Args: `[[1,"a"]]`, Want: "error: List contains number and text and cannot be sorted"}),
	}, sortList),
	def(Function{
		Names: names("distinct"), Receiver: "list|collection", Returns: "list",
		Semantics: "A new list with each element or value once, at its first place. 1 and \"1\" are different.",
		Examples:  examples(Example{Expr: `{"1",1,1,2,2,3}.distinct()`, Args: `[["1",1,1,2,2,3]]`, Want: "1,1,2,3"}),
	}, func(c call) any {
		seen := c.setOf(nil)
		return c.filtered(c.items(0), func(v any) bool {
			if seen.has(v) {
				return false
			}
			seen.add(v)
			return true
		})
	}),
	def(Function{
		Names: names("intersect"), Receiver: "list|collection", Params: params("other list|collection"), Returns: "list|collection",
		Semantics: "A new list or collection of the elements that are in both, each once; of two key-value collections, the pairs.",
		Examples:  examples(Example{Expr: `{1,2,3,2}.intersect({2,3,4})`, Args: `[[1,2,3,2],[2,3,4]]`, Want: "2,3"}),
	}, intersect),
	def(Function{
		Names: names("subList"), Receiver: "list", Params: params("start number", "end number?"), Returns: "list",
		Semantics: "A new list of the elements from start, counted from 0, up to end, which is excluded.",
		Examples: examples(Example{Expr: `{1,2,3,4}.subList(0, 3)`, Args: `[[1,2,3,4],0,3]`, Want: "1,2,3"}, Example{Expr: `{1,2,3,4}.subList(2)`, Args: `[[1,2,3,4],2]`, Want: "3,4"},
			Example{Expr: `{1,2}.subList(0, 3)`, Args: `[[1,2],0,3]`, Want: "error: Given index 3 is greater than the list size"}),
	}, subList),
	def(Function{
		Names: names("sortBy"), Receiver: "list", Params: params("key any", "ascending boolean?"), Returns: "list",
		Semantics: "Sorts a list of maps itself by the value each has under the key, downwards with false, and gives it.",
		Examples:  examples(Example{Expr: `l.sortBy("n")`, Args: `[[{"n":2},{"n":1}],"n"]`, Want: `[{"n":1},{"n":2}]`, After: `[{"n":1},{"n":2}]`}),
	}, sortBy),
	def(Function{
		Names: names("getAll"), Receiver: "list|collection|map", Returns: "list",
		Semantics: "All values as a list: of the records of a form those of the field named before it.",
		Examples:  examples(Example{Expr: `{"a":1,"b":2}.getAll()`, Args: `[{"a":1,"b":2}]`, Want: "1,2"}),
	}, func(c call) any {
		if m, ok := c.arg(0).(*value.Map); ok {
			return c.valuesOf(m)
		}
		return value.NewList(slices.Clone(c.charged(c.items(0)))...)
	}),
}

func intersect(c call) any {
	first, isCollection := c.arg(0).(*value.Collection)
	if isCollection && first.Keyed() {
		return c.commonPairs(first.Map())
	}
	other, seen := c.setOf(c.items(1)), c.setOf(nil)
	both := c.filtered(c.items(0), func(v any) bool {
		if !other.has(v) || seen.has(v) {
			return false
		}
		seen.add(v)
		return true
	})
	if isCollection {
		return value.CollectionOf(both)
	}
	return both
}

func (c call) commonPairs(m *value.Map) any {
	other, ok := c.arg(1).(*value.Collection)
	if !ok || !other.Keyed() {
		value.Throw("intersect needs two collections of the same kind")
	}
	both := value.NewMap()
	for k, v := range m.All() {
		c.budget().Tick(1)
		if w, ok := other.Map().Get(k); ok && value.Equal(c.budget(), v, w) {
			both.Put(c.budget(), k, v)
		}
	}
	return value.KeyedCollection(both)
}

func (c call) filtered(items []any, keep func(any) bool) *value.List {
	kept := value.NewList()
	for _, v := range items {
		c.budget().Tick(1)
		if keep(v) {
			kept.Add(c.budget(), v)
		}
	}
	return kept
}

func subList(c call) any {
	l, start := c.list(0), c.whole(1)
	end := int64(l.Len())
	if c.has(2) {
		end = c.whole(2)
	}
	within(start, end, int64(l.Len()))
	part := c.charged(l.Items()[start:end])
	return value.NewList(slices.Clone(part)...)
}

// within ends the call unless start and end bound a part of n elements.
func within(start, end, n int64) {
	switch {
	case start < 0 || start > n:
		value.Throw("Given index %d is greater than the list size", start)
	case end < 0 || end > n:
		value.Throw("Given index %d is greater than the list size", end)
	case end < start:
		value.Throw("the start %d is behind the end %d", start, end)
	}
}

// sortList sorts in place, because a call that stands alone must have an effect,
// and returns the list, because others use the value.
func sortList(c call) any {
	descending := c.has(1) && !c.flag(1)
	switch v := c.arg(0).(type) {
	case *value.List:
		v.Replace(c.sorted(v.Items(), descending, func(v any) any { return v }))
	case *value.Collection:
		if v.Keyed() {
			c.sortPairs(v.Map(), func(p pair) any { return p.val })
		} else if v.Len() > 0 {
			v.List().Replace(c.sorted(v.List().Items(), descending, func(v any) any { return v }))
		}
	}
	return c.arg(0)
}

// sortBy sorts maps by the value each has under a key.
func sortBy(c call) any {
	descending := c.has(2) && !c.flag(2)
	l := c.list(0)
	l.Replace(c.sorted(l.Items(), descending, func(v any) any {
		m, ok := value.Resolve(v).(*value.Map)
		if !ok {
			value.Throw("sortBy sorts maps, and the list contains a %s", value.TypeName(v))
		}
		found, _ := m.Get(c.arg(1))
		return found
	}))
	return l
}

// sorted returns a copy of items sorted by what key gives of each.
func (c call) sorted(items []any, descending bool, key func(any) any) []any {
	items = slices.Clone(c.charged(items))
	keys := make([]any, len(items))
	for i, v := range c.charged(items) {
		keys[i] = key(v)
	}
	c.sameKind(keys)
	c.sorting(len(items))
	slices.SortStableFunc(items, func(x, y any) int {
		if descending {
			x, y = y, x
		}
		return c.order(key(x), key(y))
	})
	return items
}

// sorting charges for sorting n values.
func (c call) sorting(n int) { c.budget().Tick(n * bits.Len(uint(n))) }

// sameKind ends the call unless all items can be ordered with each other.
func (c call) sameKind(items []any) {
	for _, v := range items {
		first, this := sortKind(items[0]), sortKind(v)
		if this == "" {
			value.Throw("List contains %s and cannot be sorted", value.TypeName(v))
		}
		if this != first {
			value.Throw("List contains %s and %s and cannot be sorted", first, this)
		}
	}
}

func sortKind(v any) string {
	switch v.(type) {
	case int64, decimal.Decimal:
		return "number"
	case string, bool, value.Time:
		return value.TypeName(v)
	}
	return ""
}

// order compares two values of one kind, charging for the length of texts.
func (c call) order(x, y any) int {
	switch p := x.(type) {
	case string:
		q := y.(string)
		c.budget().Tick(min(len(p), len(q)) / 64)
		return strings.Compare(p, q)
	case bool:
		switch {
		case p == y.(bool):
			return 0
		case p:
			return 1
		}
		return -1
	}
	return value.Compare(x, y)
}

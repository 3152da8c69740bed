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
		Names: names("sort"), Receiver: "list", Params: params("ascending boolean?"), Returns: "list",
		Semantics: "Sorts the list itself and gives it: numbers by size, texts by their characters, dates by time, downwards with false.",
		Examples: examples(Example{Expr: `{3,1.5,2}.sort()`, Args: `[[3,1.5,2]]`, Want: "1.5,2,3", After: "1.5,2,3"}, Example{Expr: `{"a","c","b"}.sort(false)`, Args: `[["a","c","b"],false]`, Want: "c,b,a"},
			Example{Expr: `{1,"a"}.sort()`, Args: `[[1,"a"]]`, Want: "error: List contains number and text and cannot be sorted"}),
	}, sortList),
	def(Function{
		Names: names("distinct"), Receiver: "list", Returns: "list",
		Semantics: "A new list with each element once, at its first place. 1 and \"1\" are different.",
		Examples:  examples(Example{Expr: `{"1",1,1,2,2,3}.distinct()`, Args: `[["1",1,1,2,2,3]]`, Want: "1,1,2,3"}),
	}, func(c call) any {
		seen := c.setOf(nil)
		return c.filtered(c.list(0), func(v any) bool {
			if seen.has(v) {
				return false
			}
			seen.add(v)
			return true
		})
	}),
	def(Function{
		Names: names("intersect"), Receiver: "list", Params: params("other list"), Returns: "list",
		Semantics: "A new list of the elements that are in both, each once.",
		Examples:  examples(Example{Expr: `{1,2,3,2}.intersect({2,3,4})`, Args: `[[1,2,3,2],[2,3,4]]`, Want: "2,3"}),
	}, func(c call) any {
		other, seen := c.setOf(c.list(1).Items()), c.setOf(nil)
		return c.filtered(c.list(0), func(v any) bool {
			if !other.has(v) || seen.has(v) {
				return false
			}
			seen.add(v)
			return true
		})
	}),
	def(Function{
		Names: names("subList"), Receiver: "list", Params: params("start number", "end number?"), Returns: "list",
		Semantics: "A new list of the elements from start, counted from 0, up to end, which is excluded.",
		Examples: examples(Example{Expr: `{1,2,3,4}.subList(0, 3)`, Args: `[[1,2,3,4],0,3]`, Want: "1,2,3"}, Example{Expr: `{1,2,3,4}.subList(2)`, Args: `[[1,2,3,4],2]`, Want: "3,4"},
			Example{Expr: `{1,2}.subList(0, 3)`, Args: `[[1,2],0,3]`, Want: "error: Given index 3 is greater than the list size"}),
	}, subList),
}

func (c call) filtered(l *value.List, keep func(any) bool) *value.List {
	kept := value.NewList()
	for _, v := range l.Items() {
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
	switch {
	case start < 0 || start > int64(l.Len()):
		value.Throw("Given index %d is greater than the list size", start)
	case end < 0 || end > int64(l.Len()):
		value.Throw("Given index %d is greater than the list size", end)
	case end < start:
		value.Throw("the start %d is behind the end %d", start, end)
	}
	part := c.charged(l.Items()[start:end])
	return value.NewList(slices.Clone(part)...)
}

// sortList sorts in place, because a call that stands alone must have an effect,
// and returns the list, because others use the value.
func sortList(c call) any {
	descending := c.has(1) && !c.flag(1)
	if e, ok := c.arg(0).(*value.Empty); ok {
		return e
	}
	l := c.list(0)
	items := slices.Clone(c.charged(l.Items()))
	c.sameKind(items)
	c.budget().Tick(len(items) * bits.Len(uint(len(items))))
	slices.SortStableFunc(items, func(x, y any) int {
		order := c.order(x, y)
		if descending {
			return -order
		}
		return order
	})
	l.Replace(items)
	return l
}

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

package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// containers are the functions that several kinds of receivers share.
var containers = []*Function{
	def(Function{
		Names: names("get"), Receiver: "map|list|collection|text", Params: params("key any"), Returns: "any",
		Semantics: "Of a map or key-value collection the value of a key, null if there is none; of a list or index collection the element at an index, counted from 0. A JSON text is read first.",
		Examples: examples(Example{Expr: `{"a":1}.get("b")`, Args: `[{"a":1},"b"]`, Want: "null"}, Example{Expr: `{"x","y"}.get(1)`, Args: `[["x","y"],1]`, Want: "y"},
			Example{Expr: `{1,2,3}.get(4)`, Args: `[[1,2,3],4]`, Want: "error: Given index 4 is greater than the list size"},
			Example{Expr: `null.get("a")`, Args: `[null,"a"]`, Want: `error: null has no function "get"`}),
	}, get),
	def(Function{
		Names: names("getJSON"), Receiver: "text|map|list|collection", Params: params("key any"), Returns: "any",
		Semantics: "As get: the value of a key of a JSON text or map.",
		Examples:  examples(Example{Expr: `"{\"id\":7}".getJSON("id")`, Args: `["{\"id\":7}","id"]`, Want: "7"}),
	}, get),
	def(Function{
		Names: names("size"), Receiver: "list|map|collection", Returns: "number",
		Semantics: "Number of elements of a list or collection, or of entries of a map.",
		Examples:  examples(Example{Expr: `{1,2,3}.size()`, Args: `[[1,2,3]]`, Want: "3"}, Example{Expr: `"abc".size()`, Args: `["abc"]`, Want: `error: text has no function "size"`}),
	}, func(c call) any {
		n, _ := c.count(0)
		return n
	}),
	def(Function{
		Names: names("contains"), Receiver: "text|list|collection|map", Params: params("part any"), Returns: "boolean",
		Semantics: "Whether part stands in the text, or is an element of the list, or a value of the collection; of a map, whether it stands in its JSON text, keys included.",
		Examples: examples(Example{Expr: `"Zoho".contains("oh")`, Args: `["Zoho","oh"]`, Want: "true"}, Example{Expr: `{1,2}.contains("1")`, Args: `[[1,2],"1"]`, Want: "false"},
			Example{Expr: `{"code":3000}.contains("code")`, Args: `[{"code":3000},"code"]`, Want: "true"}),
	}, func(c call) any { return contains(c) }),
	def(Function{
		Names: names("notContains"), Receiver: "text|list|collection|map", Params: params("part any"), Returns: "boolean",
		Semantics: "The opposite of contains.",
		Examples:  examples(Example{Expr: `"Zoho".notContains("x")`, Args: `["Zoho","x"]`, Want: "true"}),
	}, func(c call) any { return !contains(c) }),
	def(Function{
		Names: names("indexOf"), Receiver: "text|list|collection", Params: params("part any"), Returns: "number",
		Semantics: "Place of the first occurrence in a text or list, counted from 0; -1 if there is none.",
		Examples:  examples(Example{Expr: `"Zoho".indexOf("o")`, Args: `["Zoho","o"]`, Want: "1"}, Example{Expr: `{"a","b"}.indexOf("c")`, Args: `[["a","b"],"c"]`, Want: "-1"}),
	}, func(c call) any {
		if items, ok := c.elements(); ok {
			return c.position(items, 1)
		}
		s := c.text(0)
		c.scan(s)
		return charAt(s, strings.Index(s, c.text(1)))
	}),
	def(Function{
		Names: names("lastIndexOf"), Receiver: "text|list|collection", Params: params("part any"), Returns: "number",
		Semantics: "Place of the last occurrence in a text or list, counted from 0; -1 if there is none.",
		Examples:  examples(Example{Expr: `"Zoho".lastIndexOf("o")`, Args: `["Zoho","o"]`, Want: "3"}),
	}, func(c call) any {
		if items, ok := c.elements(); ok {
			return c.lastPosition(items, 1)
		}
		s := c.text(0)
		c.scan(s)
		return charAt(s, strings.LastIndex(s, c.text(1)))
	}),
	def(Function{
		Names: names("remove"), Receiver: "text|list|map", Params: params("what any"), Returns: "any",
		Semantics: "Of a text a copy without any occurrence of what; from a list the element at that index, from a map that key: both are changed and give what was there.",
		Examples: examples(Example{Expr: `"a-b-c".remove("-")`, Args: `["a-b-c","-"]`, Want: "abc"}, Example{Expr: `l.remove(0)`, Args: `[["a","b"],0]`, Want: "a", After: "b"},
			Example{Expr: `m.remove("k")`, Args: `[{"k":1,"n":2},"k"]`, Want: "1", After: `{"n":2}`}),
	}, remove),
	def(Function{
		Names: names("clear"), Receiver: "list|map|collection", Returns: "void",
		Semantics: "Takes everything out of a list, map or collection.",
		Examples:  examples(Example{Expr: `l.clear()`, Args: `[[1,2]]`, Want: "null", After: ""}),
	}, func(c call) any {
		switch v := c.arg(0).(type) {
		case *value.List:
			v.Clear()
		case *value.Map:
			v.Clear()
		case *value.Collection:
			v.Clear()
		}
		return nil
	}),
}

func get(c call) any {
	container := c.arg(0)
	if s, ok := container.(string); ok {
		container = c.json(s)
	}
	switch v := container.(type) {
	case *value.Map:
		found, _ := v.Get(c.arg(1))
		return found
	case *value.List:
		return v.At(c.whole(1))
	case *value.Collection:
		if v.Keyed() {
			found, _ := v.Map().Get(c.arg(1))
			return found
		}
		return value.NewList(c.items(0)...).At(c.whole(1))
	case *value.Empty:
		if n, ok := c.arg(1).(int64); ok {
			return value.NewList().At(n)
		}
		return nil
	}
	c.mismatch(0, "list or map")
	return nil
}

// count returns how much argument i holds, false if it is neither list nor map.
func (c call) count(i int) (int64, bool) {
	switch v := c.arg(i).(type) {
	case *value.List:
		return int64(v.Len()), true
	case *value.Map:
		return int64(v.Len()), true
	case *value.Collection:
		return int64(v.Len()), true
	case *value.Empty:
		return 0, true
	}
	return 0, false
}

// elements returns what the receiver holds if it is a list, a collection or an
// undecided {}.
func (c call) elements() ([]any, bool) {
	switch c.arg(0).(type) {
	case *value.List, *value.Collection, *value.Empty:
		return c.items(0), true
	}
	return nil, false
}

func contains(c call) bool {
	if items, ok := c.elements(); ok {
		return c.position(items, 1) >= 0
	}
	s := c.textOrMap()
	c.scan(s)
	return strings.Contains(s, c.text(1))
}

// textOrMap is the receiver as text, also a map, whose text is JSON: scripts
// ask answers for a word without looking at their keys.
func (c call) textOrMap() string {
	if m, ok := c.arg(0).(*value.Map); ok {
		return value.Text(c.budget(), m)
	}
	return c.text(0)
}

// position returns where argument i is among items, or -1.
func (c call) position(items []any, i int) int64 {
	want := c.arg(i)
	for at, v := range items {
		c.budget().Tick(1)
		if value.Equal(c.budget(), v, want) {
			return int64(at)
		}
	}
	return -1
}

func (c call) lastPosition(items []any, i int) int64 {
	want := c.arg(i)
	for at := len(items) - 1; at >= 0; at-- {
		c.budget().Tick(1)
		if value.Equal(c.budget(), items[at], want) {
			return int64(at)
		}
	}
	return -1
}

func remove(c call) any {
	switch v := c.arg(0).(type) {
	case *value.List:
		return v.Remove(c.budget(), c.whole(1))
	case *value.Map:
		was, _ := v.Delete(c.budget(), c.arg(1))
		return was
	case *value.Empty:
		return get(c)
	}
	return removeText(c)
}

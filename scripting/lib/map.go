package lib

import (
	"slices"

	"github.com/connhost/connhost/scripting/value"
)

// maps make a map, change it or ask about it.
var maps = []*Function{
	def(Function{
		Names: names("Map"), Params: params("entries map|text?"), Returns: "map",
		Semantics: "A new map; of another map, or of a JSON text that is one, a copy.",
		Examples:  examples(Example{Expr: `Map()`, Args: `[]`, Want: "{}"}, Example{Expr: `Map({"a":1})`, Args: `[{"a":1}]`, Want: `{"a":1}`}),
	}, func(c call) any {
		m := value.NewMap()
		c.budget().Alloc(64)
		if c.has(0) {
			c.putAll(m, c.pairs(0))
		}
		return m
	}),
	def(Function{
		Names: names("put"), Receiver: "map", Params: params("key any", "value any"), Returns: "void",
		Semantics: "Sets the value of a key; a key that is there keeps its place.",
		Examples:  examples(Example{Expr: `m.put("b", 2)`, Args: `[{"a":1},"b",2]`, Want: "null", After: `{"a":1,"b":2}`}),
	}, func(c call) any {
		c.growingMap().Put(c.budget(), c.arg(1), c.arg(2))
		return nil
	}),
	def(Function{
		Names: names("putAll"), Receiver: "map", Params: params("entries map|text"), Returns: "void",
		Semantics: "Sets all keys of another map, or of a JSON text that is one.",
		Examples:  examples(Example{Expr: `m.putAll({"b":2})`, Args: `[{"a":1},{"b":2}]`, Want: "null", After: `{"a":1,"b":2}`}),
	}, func(c call) any {
		more := c.pairs(1)
		c.putAll(c.growingMap(), more)
		return nil
	}),
	def(Function{
		Names: names("containKey", "containsKey"), Receiver: "map|collection|text", Params: params("key any"), Returns: "boolean",
		Semantics: "Whether the map or collection has the key; of an index collection, the index. A JSON text is read first.",
		Examples:  examples(Example{Expr: `{"a":null}.containKey("a")`, Args: `[{"a":null},"a"]`, Want: "true"}),
	}, func(c call) any {
		if in, ok := c.arg(0).(*value.Collection); ok && !in.Keyed() {
			i, ok := c.arg(1).(int64)
			return ok && i >= 0 && i < int64(in.Len())
		}
		_, ok := c.pairs(0).Get(c.arg(1))
		return ok
	}),
	def(Function{
		Names: names("containValue", "containsValue"), Receiver: "map|collection|text", Params: params("value any"), Returns: "boolean",
		Semantics: "Whether some key or index has the value. A JSON text is read first.",
		Examples:  examples(Example{Expr: `{"a":1}.containValue(1)`, Args: `[{"a":1},1]`, Want: "true"}),
	}, func(c call) any {
		if in, ok := c.arg(0).(*value.Collection); ok && !in.Keyed() {
			return c.position(c.items(0), 1) >= 0
		}
		for _, v := range c.pairs(0).All() {
			c.budget().Tick(1)
			if value.Equal(c.budget(), v, c.arg(1)) {
				return true
			}
		}
		return false
	}),
	def(Function{
		Names: names("keys", "keySet"), Receiver: "map|collection|text", Returns: "list",
		Semantics: "The keys in their order; of an index collection the elements. A JSON text is read first.",
		Examples:  examples(Example{Expr: `{"Product":"Zoho Creator","Version":5}.keys()`, Args: `[{"Product":"Zoho Creator","Version":5}]`, Want: "Product,Version"}),
	}, func(c call) any {
		if in, ok := c.arg(0).(*value.Collection); ok && !in.Keyed() {
			return value.NewList(slices.Clone(c.charged(c.items(0)))...)
		}
		return c.keysOf(c.pairs(0))
	}),
	def(Function{
		Names: names("values"), Receiver: "map|collection|text", Returns: "list",
		Semantics: "The values in the order of their keys; of an index collection the elements. A JSON text is read first.",
		Examples:  examples(Example{Expr: `{"a":1,"b":2}.values()`, Args: `[{"a":1,"b":2}]`, Want: "1,2"}),
	}, func(c call) any {
		if in, ok := c.arg(0).(*value.Collection); ok && !in.Keyed() {
			return value.NewList(slices.Clone(c.charged(c.items(0)))...)
		}
		return c.valuesOf(c.pairs(0))
	}),
	def(Function{
		Names: names("toMap"), Receiver: "text|map|collection", Returns: "map",
		Semantics: "The map a JSON text holds, also as the only element of a list; a map is itself.",
		Examples:  examples(Example{Expr: `"{\"b\":1,\"a\":2}".toMap()`, Args: `["{\"b\":1,\"a\":2}"]`, Want: `{"b":1,"a":2}`}, Example{Expr: `"[{\"a\":1}]".toMap()`, Args: `["[{\"a\":1}]"]`, Want: `{"a":1}`}, Example{Expr: `"[1,2]".toMap()`, Args: `["[1,2]"]`, Want: "error: text is a JSON list, not a map"}),
	}, func(c call) any {
		if _, ok := c.arg(0).(*value.Empty); ok {
			return c.arg(0)
		}
		return c.pairs(0)
	}),
	def(Function{
		Names: names("toJSONList"), Receiver: "text|list|collection", Returns: "list",
		Semantics: "The list a JSON text holds; a list is itself.",
		Examples:  examples(Example{Expr: `"[1,{\"a\":2}]".toJSONList()`, Args: `["[1,{\"a\":2}]"]`, Want: `[1,{"a":2}]`}),
	}, func(c call) any {
		switch v := c.arg(0).(type) {
		case *value.List, *value.Empty:
			return v
		}
		v := c.json(c.text(0))
		l, ok := v.(*value.List)
		if !ok {
			value.Throw("text is a JSON %s, not a list", value.TypeName(v))
		}
		return l
	}),
}

// putAll sets all entries of more, which may be m itself.
func (c call) putAll(m, more *value.Map) {
	if m == more {
		return
	}
	for k, v := range more.All() {
		c.budget().Tick(1)
		m.Put(c.budget(), k, v)
	}
}

// pairs returns argument i as a map: of a key-value collection its pairs, of a
// JSON text what it holds.
func (c call) pairs(i int) *value.Map {
	if in, ok := c.arg(i).(*value.Collection); ok {
		return in.Map()
	}
	s, ok := c.arg(i).(string)
	if !ok {
		return c.mapping(i)
	}
	v := c.json(s)
	m, ok := v.(*value.Map)
	if list, isList := v.(*value.List); isList && list.Len() == 1 {
		m, ok = list.At(0).(*value.Map)
	}
	if !ok {
		value.Throw("text is a JSON %s, not a map", value.TypeName(v))
	}
	return m
}

package lib

import "github.com/connhost/connhost/scripting/value"

// maps make a map, change it or ask about it.
var maps = []*Function{
	def(Function{
		Names: names("Map"), Params: params("entries map?"), Returns: "map",
		Semantics: "A new map; of another map, a copy.",
		Examples:  examples(Example{Expr: `Map()`, Args: `[]`, Want: "{}"}, Example{Expr: `Map({"a":1})`, Args: `[{"a":1}]`, Want: `{"a":1}`}),
	}, func(c call) any {
		m := value.NewMap()
		c.budget().Alloc(64)
		if c.has(0) {
			c.putAll(m, c.mapping(0))
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
		Names: names("putAll"), Receiver: "map", Params: params("entries map"), Returns: "void",
		Semantics: "Sets all keys of another map.",
		Examples:  examples(Example{Expr: `m.putAll({"b":2})`, Args: `[{"a":1},{"b":2}]`, Want: "null", After: `{"a":1,"b":2}`}),
	}, func(c call) any {
		more := c.mapping(1)
		c.putAll(c.growingMap(), more)
		return nil
	}),
	def(Function{
		Names: names("containKey", "containsKey"), Receiver: "map", Params: params("key any"), Returns: "boolean",
		Semantics: "Whether the map has the key.",
		Examples:  examples(Example{Expr: `{"a":null}.containKey("a")`, Args: `[{"a":null},"a"]`, Want: "true"}),
	}, func(c call) any {
		_, ok := c.mapOrJSON(0).Get(c.arg(1))
		return ok
	}),
	def(Function{
		Names: names("containValue", "containsValue"), Receiver: "map", Params: params("value any"), Returns: "boolean",
		Semantics: "Whether some key has the value.",
		Examples:  examples(Example{Expr: `{"a":1}.containValue(1)`, Args: `[{"a":1},1]`, Want: "true"}),
	}, func(c call) any {
		for _, v := range c.mapOrJSON(0).All() {
			c.budget().Tick(1)
			if value.Equal(c.budget(), v, c.arg(1)) {
				return true
			}
		}
		return false
	}),
	def(Function{
		Names: names("keys"), Receiver: "map", Returns: "list",
		Semantics: "The keys in their order.",
		Examples:  examples(Example{Expr: `{"Product":"Zoho Creator","Version":5}.keys()`, Args: `[{"Product":"Zoho Creator","Version":5}]`, Want: "Product,Version"}),
	}, func(c call) any {
		m := c.mapOrJSON(0)
		l := value.MakeList(c.budget(), m.Len())
		for k := range m.All() {
			c.budget().Tick(1)
			l.Replace(append(l.Items(), k))
		}
		return l
	}),
	def(Function{
		Names: names("values"), Receiver: "map", Returns: "list",
		Semantics: "The values in the order of their keys.",
		Examples:  examples(Example{Expr: `{"a":1,"b":2}.values()`, Args: `[{"a":1,"b":2}]`, Want: "1,2"}),
	}, func(c call) any {
		m := c.mapOrJSON(0)
		l := value.MakeList(c.budget(), m.Len())
		for _, v := range m.All() {
			c.budget().Tick(1)
			l.Replace(append(l.Items(), v))
		}
		return l
	}),
	def(Function{
		Names: names("toMap"), Receiver: "text", Returns: "map",
		Semantics: "The map a JSON text holds; a map is itself.",
		Examples:  examples(Example{Expr: `"{\"b\":1,\"a\":2}".toMap()`, Args: `["{\"b\":1,\"a\":2}"]`, Want: `{"b":1,"a":2}`}, Example{Expr: `"[1]".toMap()`, Args: `["[1]"]`, Want: "error: text is a JSON list, not a map"}),
	}, func(c call) any {
		if _, ok := c.arg(0).(*value.Empty); ok {
			return c.arg(0)
		}
		return c.mapOrJSON(0)
	}),
	def(Function{
		Names: names("toJSONList"), Receiver: "text", Returns: "list",
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

// mapOrJSON returns argument i as a map, reading it if it is a JSON text.
func (c call) mapOrJSON(i int) *value.Map {
	s, ok := c.arg(i).(string)
	if !ok {
		return c.mapping(i)
	}
	v := c.json(s)
	m, ok := v.(*value.Map)
	if !ok {
		value.Throw("text is a JSON %s, not a map", value.TypeName(v))
	}
	return m
}

package lib

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// lists make a list or change one element of it.
var lists = []*Function{
	def(Function{
		Names: names("List"), Params: params("elements any..."), Returns: "list",
		Semantics: "A new list of the elements; of one list, a copy.",
		Examples:  examples(Example{Expr: `List()`, Args: `[]`, Want: ""}, Example{Expr: `List({1,2})`, Args: `[[1,2]]`, Want: "1,2"}),
	}, func(c call) any {
		items := c.args
		if len(items) == 1 {
			switch v := c.arg(0).(type) {
			case *value.List, *value.Collection:
				items = c.items(0)
			case *value.Empty:
				items = nil
			case string:
				if l, ok := c.jsonList(v); ok {
					return l
				}
			}
		}
		l := value.MakeList(c.budget(), len(items))
		c.budget().Tick(len(items))
		l.Replace(append(l.Items(), items...))
		return l
	}),
	def(Function{
		Names: names("add"), Receiver: "list", Params: params("element any"), Returns: "void",
		Semantics: "Puts an element at the end of the list.",
		Examples:  examples(Example{Expr: `l.add(3)`, Args: `[[1,2],3]`, Want: "null", After: "1,2,3"}),
	}, func(c call) any {
		c.put(c.growingList(), c.arg(1))
		return nil
	}),
	def(Function{
		Names: names("addAll"), Receiver: "list", Params: params("elements list|collection"), Returns: "void",
		Semantics: "Puts all elements of another list at the end of the list.",
		Examples:  examples(Example{Expr: `l.addAll({3,4})`, Args: `[[1,2],[3,4]]`, Want: "null", After: "1,2,3,4"}),
	}, func(c call) any {
		more := c.items(1)
		c.putEach(c.growingList(), more)
		return nil
	}),
	def(Function{
		Names: names("removeElement"), Receiver: "list", Params: params("element any"), Returns: "void",
		Semantics: "Takes the first element that is equal out of the list.",
		Examples:  examples(Example{Expr: `l.removeElement("b")`, Args: `[["a","b","b"],"b"]`, Want: "null", After: "a,b"}),
	}, func(c call) any {
		l := c.list(0)
		if i := c.position(l.Items(), 1); i >= 0 {
			l.Remove(c.budget(), i)
		}
		return nil
	}),
	def(Function{
		Names: names("removeAll"), Receiver: "list", Params: params("elements list|collection"), Returns: "void",
		Semantics: "Takes every element that is in elements out of the list.",
		Examples:  examples(Example{Expr: `l.removeAll({1,3})`, Args: `[[1,2,3,1],[1,3]]`, Want: "null", After: "2"}),
	}, func(c call) any {
		l := c.list(0)
		out := c.setOf(c.items(1))
		l.Replace(slices.Clip(slices.DeleteFunc(slices.Clone(c.charged(l.Items())), out.has)))
		return nil
	}),
	def(Function{
		Names: names("append"), Receiver: "list", Params: params("elements any"), Returns: "list",
		Semantics: "Puts an element, or all elements of a list, at the end of the list and gives the list.",
		Examples:  examples(Example{Expr: `l.append({3,4})`, Args: `[[1,2],[3,4]]`, Want: "1,2,3,4", After: "1,2,3,4"}),
	}, func(c call) any {
		more, into := c.args[1], c.growingList()
		switch c.arg(1).(type) {
		case *value.List, *value.Collection, *value.Empty:
			c.putEach(into, c.items(1))
		default:
			c.put(into, more)
		}
		return into
	}),
}

// jsonList returns the list of a JSON text that is one: a list that came as text
// is not put into another.
func (c call) jsonList(s string) (*value.List, bool) {
	if !strings.HasPrefix(strings.TrimSpace(s), "[") {
		return nil, false
	}
	v, err := value.ParseJSON(c.budget(), s)
	l, ok := v.(*value.List)
	return l, err == nil && ok
}

// charged charges for a copy of items and for going through them.
func (c call) charged(items []any) []any {
	c.budget().Tick(len(items))
	c.budget().AllocTimes(len(items), 16)
	return items
}

// A set knows whether a value is among those put in. Scalars are looked up,
// lists and maps compared one by one.
type set struct {
	c          call
	scalars    map[any]struct{}
	containers []any
}

func (c call) setOf(items []any) *set {
	s := &set{c: c, scalars: make(map[any]struct{})}
	for _, v := range items {
		s.add(v)
	}
	return s
}

func (s *set) add(v any) {
	s.c.budget().Tick(1)
	s.c.budget().Alloc(48)
	if k, ok := value.Key(v); ok {
		s.scalars[k] = struct{}{}
		return
	}
	s.containers = append(s.containers, v)
}

func (s *set) has(v any) bool {
	s.c.budget().Tick(1)
	if k, ok := value.Key(v); ok {
		_, found := s.scalars[k]
		return found
	}
	return slices.ContainsFunc(s.containers, func(w any) bool { return value.Equal(s.c.budget(), v, w) })
}

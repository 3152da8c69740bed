package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// A kind is a set of types of values, one bit each. A row's words for types
// become kinds once, so that checking an argument is one comparison.
type kind uint16

const (
	kindNull kind = 1 << iota
	kindText
	kindNumber
	kindDecimal
	kindBoolean
	kindDate
	kindList
	kindMap
	kindEmpty
	kindCollection
	kindFile
	kindObject
	kindPairs
)

const (
	kindScalar = kindText | kindNumber | kindDecimal | kindBoolean | kindDate
	kindAny    = kindNull | kindValue
	kindValue  = kindScalar | kindList | kindMap | kindEmpty | kindCollection | kindFile | kindObject
)

// accepted says which types of values count as a type of the table: a number
// where a text is wanted, a text where a number is. Whether that text is one is
// found when it is read.
var accepted = map[string]kind{
	"any":        kindAny,
	"value":      kindValue,
	"text":       kindScalar,
	"number":     kindNumber | kindDecimal | kindText,
	"decimal":    kindNumber | kindDecimal | kindText,
	"boolean":    kindBoolean | kindText,
	"date":       kindDate | kindText | kindNumber,
	"list":       kindList | kindEmpty,
	"map":        kindMap | kindEmpty,
	"collection": kindCollection,
	"file":       kindFile,
	"pairs":      kindPairs,
}

// kindsOf reads a type of the table: one word, or several with | between them.
// An object stands for what it gives as plain value, which is looked at when it
// is known.
func kindsOf(types string) kind {
	var all kind
	for _, t := range strings.Split(types, "|") {
		k, ok := accepted[t]
		if !ok {
			panic("lib: " + t + " is no type of the table")
		}
		all |= k
	}
	return all
}

func kindOf(v any) kind {
	switch v.(type) {
	case nil:
		return kindNull
	case string:
		return kindText
	case int64:
		return kindNumber
	case decimal.Decimal:
		return kindDecimal
	case bool:
		return kindBoolean
	case value.Time:
		return kindDate
	case *value.List:
		return kindList
	case *value.Map:
		return kindMap
	case *value.Empty:
		if w := value.Resolve(v); w != v {
			return kindOf(w)
		}
		return kindEmpty
	case *value.Collection:
		return kindCollection
	case *value.File:
		return kindFile
	case *Pairs:
		return kindPairs
	case value.Object:
		return kindObject
	}
	return 0
}

// fits reports whether all arguments are plainly of the row's types, which nearly
// all are.
func (f *Function) fits(args []any) bool {
	for i, v := range args {
		want := f.kinds[min(i, len(f.kinds)-1)]
		if _, pairs := v.(*Pairs); want == kindAny && i > 0 && !pairs {
			continue
		}
		if k := kindOf(v); k&want == 0 || k == kindObject {
			return false
		}
	}
	return true
}

// check ends a call whose arguments are not of the row's types. An object is
// asked first whether it does the function itself; else it is replaced by what
// it stands for.
func (c call) check() (v any, done bool) {
	for i := range c.args {
		k, want := kindOf(c.args[i]), c.fn.kinds[min(i, len(c.fn.kinds)-1)]
		if k == kindObject {
			o := c.args[i].(value.Object)
			if i == 0 && c.fn.Receiver != "" {
				if v, ok := o.Call(c.budget(), c.fn.Names[0], c.args[1:]); ok {
					return v, true
				}
			}
			if want&kindObject == 0 || i == 0 && c.fn.Receiver != "" {
				c.args[i] = o.Plain(c.budget())
				k = kindOf(c.args[i])
			}
		}
		if k&want == 0 {
			c.mismatch(i, c.want(i))
		}
	}
	return nil, false
}

// want is the type of argument i as messages have it.
func (c call) want(i int) string {
	t := c.fn.Receiver
	if i > 0 || t == "" {
		p := c.fn.Params
		if c.fn.Receiver != "" {
			i--
		}
		t = p[min(i, len(p)-1)].Type
	}
	words := strings.Split(strings.ReplaceAll(t, "|pairs", ""), "|")
	last := len(words) - 1
	if last == 0 {
		return t
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

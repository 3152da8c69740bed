package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

// A call is one call of a function: the row, the run and the arguments. Its
// methods give the arguments as the types wanted and throw a Fault that names
// the function, the argument and the type there was.
type call struct {
	fn   *Function
	rt   *Runtime
	args []any
}

func (c call) budget() *value.Budget { return c.rt.Budget }

// has reports whether argument i was given.
func (c call) has(i int) bool { return i < len(c.args) }

// arg returns argument i; an undecided {} that was decided is what it became.
func (c call) arg(i int) any { return value.Resolve(c.args[i]) }

// mismatch ends a call whose argument i is not of the type wanted. For the
// receiver it is the function that does not exist.
func (c call) mismatch(i int, want string) {
	have := value.TypeName(c.args[i])
	if i == 0 && c.fn.Receiver != "" {
		value.Throw("%s has no function %q", have, c.fn.Names[0])
	}
	value.Throw("argument %d of %s must be a %s, not %s", c.place(i), c.fn.Names[0], want, have)
}

// place is the number of argument i as the author counts, without the receiver.
func (c call) place(i int) int {
	if c.fn.Receiver != "" {
		return i
	}
	return i + 1
}

// text returns argument i as text. Numbers, booleans and dates count by their
// printed form, because a field of a JSON text may come as either; null, lists,
// maps and files do not.
func (c call) text(i int) string {
	v := c.arg(i)
	if s, ok := v.(string); ok {
		return s
	}
	if !isScalar(v) {
		c.mismatch(i, "text")
	}
	return value.Text(c.budget(), v)
}

func isScalar(v any) bool {
	switch v.(type) {
	case string, int64, decimal.Decimal, bool, value.Time:
		return true
	}
	return false
}

// number returns argument i as an int64 or a decimal; a text counts if it is
// one.
func (c call) number(i int) any {
	switch v := c.arg(i).(type) {
	case int64, decimal.Decimal:
		return v
	case string:
		n, err := value.ParseNumber(strings.TrimSpace(v))
		if err != nil {
			panic(err)
		}
		return n
	}
	c.mismatch(i, "number")
	return nil
}

// decimal returns argument i as a decimal.
func (c call) decimal(i int) decimal.Decimal {
	switch v := c.number(i).(type) {
	case int64:
		return decimal.NewFromInt(v)
	case decimal.Decimal:
		return v
	}
	panic("lib: number gave neither number nor decimal")
}

// whole returns argument i as an int64; a decimal counts if it has no fraction.
func (c call) whole(i int) int64 {
	switch v := c.number(i).(type) {
	case int64:
		return v
	case decimal.Decimal:
		if n, ok := value.Whole(v); ok {
			return n
		}
		value.Throw("argument %d of %s must be a whole number, not %s", c.place(i), c.fn.Names[0], value.Plain(v))
	}
	return 0
}

// flag returns argument i as a boolean.
func (c call) flag(i int) bool {
	switch v := c.arg(i).(type) {
	case bool:
		return v
	case string:
		if strings.EqualFold(v, "true") || strings.EqualFold(v, "false") {
			return strings.EqualFold(v, "true")
		}
	}
	c.mismatch(i, "boolean")
	return false
}

// list returns argument i as a list to be read; an undecided {} is an empty one.
func (c call) list(i int) *value.List {
	switch v := c.arg(i).(type) {
	case *value.List:
		return v
	case *value.Empty:
		return value.NewList()
	}
	c.mismatch(i, "list")
	return nil
}

// mapping returns argument i as a map to be read; an undecided {} is an empty
// one.
func (c call) mapping(i int) *value.Map {
	switch v := c.arg(i).(type) {
	case *value.Map:
		return v
	case *value.Empty:
		return value.NewMap()
	}
	c.mismatch(i, "map")
	return nil
}

// growingList returns the receiver as a list to be changed, which decides a {}.
func (c call) growingList() *value.List {
	if e, ok := c.arg(0).(*value.Empty); ok {
		return e.BecomeList()
	}
	return c.list(0)
}

// growingMap returns the receiver as a map to be changed, which decides a {}.
func (c call) growingMap() *value.Map {
	if e, ok := c.arg(0).(*value.Empty); ok {
		return e.BecomeMap()
	}
	return c.mapping(0)
}

// file returns argument i as a file.
func (c call) file(i int) *value.File {
	f, ok := c.arg(i).(*value.File)
	if !ok {
		c.mismatch(i, "file")
	}
	return f
}

// json returns what the JSON text s holds.
func (c call) json(s string) any {
	v, err := value.ParseJSON(c.budget(), s)
	if err != nil {
		panic(&value.Fault{Msg: "text is " + err.Error(), Err: err})
	}
	return v
}

// scan charges for passing once over s.
func (c call) scan(s string) { c.budget().Tick(len(s) / 256) }

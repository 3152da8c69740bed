package value

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// Text returns the printed form of v, as info and joining with + show it.
//
//	null      null: Java, the reference for the rest, prints it so, and a null
//	          that vanishes inside a text is harder to find than one that shows
//	decimal   all digits, no exponent
//	date      15-Aug-1947, with 19:00:00 after it if it has a time
//	list      1,a,null; as JSON if a list or map is among the elements, because
//	          joined with commas those could not be told apart
//	map       JSON
//	{}        {}
//	file      its name
//	collection  as the list or map it holds; an object as what it stands for
//
// What is made is charged to b while it grows.
func Text(b *Budget, v any) string {
	if s, ok := scalarText(v); ok {
		return s
	}
	switch t := plain(b, v).(type) {
	case string:
		return t
	case *List:
		if allScalars(b, t) {
			return joined(b, t)
		}
	case *Collection:
		if t.Len() > 0 && !t.Keyed() {
			return Text(b, t.list)
		}
	case *File:
		return t.Name
	}
	return JSON(b, v)
}

func scalarText(v any) (string, bool) {
	switch t := v.(type) {
	case string:
		return t, true
	case int64:
		return strconv.FormatInt(t, 10), true
	case decimal.Decimal:
		return Plain(t), true
	case bool:
		return strconv.FormatBool(t), true
	case Time:
		return t.String(), true
	case nil:
		return "null", true
	}
	return "", false
}

func allScalars(b *Budget, l *List) bool {
	b.Tick(l.Len() / 8)
	for _, v := range l.items {
		switch v.(type) {
		case *List, *Map, *Empty, *Collection, Object:
			return false
		}
	}
	return true
}

func joined(b *Budget, l *List) string {
	w := writer{b: b}
	for i, v := range l.items {
		b.Tick(1)
		if i > 0 {
			w.text(",")
		}
		if f, ok := v.(*File); ok {
			w.text(f.Name)
			continue
		}
		s, _ := scalarText(v)
		w.text(s)
	}
	return w.String()
}

// Concat gives what adding parts from left to right would, in one piece: the
// form a + b + c takes, where each + on its own would copy what came before it.
// It takes two parts at least.
func Concat(b *Budget, parts ...any) any {
	sum := parts[0]
	for i, v := range parts[1:] {
		_, left := sum.(string)
		_, right := v.(string)
		if left || right {
			rest := parts[i:]
			if i > 0 {
				rest = append([]any{sum}, parts[i+1:]...)
			}
			return joinTexts(b, rest)
		}
		sum = Add(b, sum, v)
	}
	return sum
}

func joinTexts(b *Budget, parts []any) string {
	var few [8]string
	texts, size := few[:0], 0
	for _, v := range parts {
		s, ok := v.(string)
		if !ok {
			s = Text(b, v)
		}
		texts = append(texts, s)
		size += len(s)
	}
	b.Tick(1 + size/256)
	b.Alloc(size)
	buf := make([]byte, 0, size)
	for _, s := range texts {
		buf = append(buf, s...)
	}
	return asString(buf)
}

package value

import (
	"cmp"

	"github.com/shopspring/decimal"
)

// Equal is the operator ==. Numbers and decimals compare by what they count,
// dates by the moment, lists by their elements in order, maps by their entries
// in any order, files by identity. Values of different types are not equal,
// which is also how everything compares with null.
func Equal(b *Budget, x, y any) bool {
	switch p := x.(type) {
	case int64:
		if q, ok := y.(int64); ok {
			return p == q
		}
	case string:
		q, ok := y.(string)
		return ok && p == q
	case nil:
		return y == nil
	case bool:
		q, ok := y.(bool)
		return ok && p == q
	}
	return equalDeep(b, x, y, 0)
}

func equalDeep(b *Budget, x, y any, depth int) bool {
	b.Tick(1)
	x, y = Resolve(x), Resolve(y)
	if p, ok := x.(Object); ok {
		if q, ok := y.(Object); ok && p == q {
			return true
		}
	}
	x, y = plain(b, x), plain(b, y)
	switch p := x.(type) {
	case int64, decimal.Decimal:
		return equalNumbers(x, y)
	case Time:
		q, ok := y.(Time)
		return ok && p.IsClock() == q.IsClock() && p.Equal(q.Time)
	case *List:
		return equalLists(b, p, y, depth)
	case *Map:
		return equalMaps(b, p, y, depth)
	case *Empty:
		return isEmptyContainer(y)
	case *Collection:
		return equalCollections(b, p, y, depth)
	case *File:
		q, ok := y.(*File)
		return ok && p == q
	}
	return x == y // the scalars, all comparable
}

func equalNumbers(x, y any) bool {
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	return okX && okY && p.Equal(q)
}

func equalLists(b *Budget, p *List, y any, depth int) bool {
	q, ok := y.(*List)
	if !ok {
		_, undecided := y.(*Empty)
		return undecided && p.Len() == 0
	}
	if p == q {
		return true
	}
	if depth >= MaxNesting {
		tooDeep()
	}
	if p.Len() != q.Len() {
		return false
	}
	for i, v := range p.items {
		if !equalDeep(b, v, q.items[i], depth+1) {
			return false
		}
	}
	return true
}

func equalMaps(b *Budget, p *Map, y any, depth int) bool {
	q, ok := y.(*Map)
	if !ok {
		_, undecided := y.(*Empty)
		return undecided && p.Len() == 0
	}
	if p == q {
		return true
	}
	if depth >= MaxNesting {
		tooDeep()
	}
	if p.Len() != q.Len() {
		return false
	}
	for k, v := range p.All() {
		w, ok := q.Get(k)
		if !ok || !equalDeep(b, v, w, depth+1) {
			return false
		}
	}
	return true
}

func equalCollections(b *Budget, p *Collection, y any, depth int) bool {
	q, ok := y.(*Collection)
	switch {
	case !ok:
		_, undecided := y.(*Empty)
		return undecided && p.Len() == 0
	case p == q || p.Len() == 0 && q.Len() == 0:
		return true
	case p.Len() != q.Len() || p.Keyed() != q.Keyed():
		return false
	case p.Keyed():
		return equalMaps(b, p.m, q.m, depth)
	}
	return equalLists(b, p.list, q.list, depth)
}

func isEmptyContainer(v any) bool {
	switch t := v.(type) {
	case *List:
		return t.Len() == 0
	case *Map:
		return t.Len() == 0
	case *Collection:
		return t.Len() == 0
	}
	_, undecided := v.(*Empty)
	return undecided
}

// Compare orders two numbers or two dates: negative, zero or positive. Anything
// else is a Fault.
func Compare(x, y any) int {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok {
			return cmp.Compare(p, q)
		}
	}
	if p, ok := x.(Time); ok {
		if q, ok := y.(Time); ok && p.IsClock() == q.IsClock() {
			return p.Time.Compare(q.Time)
		}
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		Throw("Comparison of non numeric expression")
	}
	return p.Cmp(q)
}

// Less is the operator <.
func Less(x, y any) bool {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok {
			return p < q
		}
	}
	return Compare(x, y) < 0
}

// LessEq is the operator <=.
func LessEq(x, y any) bool {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok {
			return p <= q
		}
	}
	return Compare(x, y) <= 0
}

// Greater is the operator >.
func Greater(x, y any) bool { return Less(y, x) }

// GreaterEq is the operator >=.
func GreaterEq(x, y any) bool { return LessEq(y, x) }

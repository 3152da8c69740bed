package value

import (
	"math"
	"time"

	"github.com/shopspring/decimal"
)

// Add is the operator +. Numbers add, with a decimal as soon as one of them is;
// with a text on either side both are joined in their printed forms.
func Add(b *Budget, x, y any) any {
	switch p := x.(type) {
	case int64:
		if q, ok := y.(int64); ok {
			sum := p + q
			if (sum > p) != (q > 0) {
				Throw(outOfRange)
			}
			return sum
		}
	case string:
		if q, ok := y.(string); ok {
			b.Tick((len(p) + len(q)) / 256)
			b.Alloc(len(p) + len(q))
			return p + q
		}
	}
	return addMixed(b, x, y)
}

func addMixed(b *Budget, x, y any) any {
	_, left := x.(string)
	_, right := y.(string)
	if left || right {
		return joinTexts(b, []any{x, y})
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		panic(invalidOperands(x, y, "+"))
	}
	return bound(p.Add(q))
}

// Sub is the operator -. Two dates give the milliseconds between them.
func Sub(b *Budget, x, y any) any {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok {
			diff := p - q
			if (diff < p) != (q > 0) {
				Throw(outOfRange)
			}
			return diff
		}
	}
	if p, ok := x.(Time); ok {
		if q, ok := y.(Time); ok && p.IsClock() == q.IsClock() {
			return milliseconds(p) - milliseconds(q)
		}
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		panic(invalidOperands(x, y, "-"))
	}
	return bound(p.Sub(q))
}

// milliseconds is exact for every year a Time may have, where a Duration covers
// three centuries.
func milliseconds(t Time) int64 {
	return t.Unix()*1000 + int64(t.Nanosecond())/int64(time.Millisecond)
}

// Mul is the operator *.
func Mul(b *Budget, x, y any) any {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok {
			return mulNumbers(p, q)
		}
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		Throw("cannot multiply %s and %s", TypeName(x), TypeName(y))
	}
	return bound(p.Mul(q))
}

func mulNumbers(p, q int64) int64 {
	product := p * q
	if p != 0 && (product/p != q || p == -1 && q == math.MinInt64) {
		Throw(outOfRange)
	}
	return product
}

// Div is the operator /. It gives a decimal, also for two numbers: 10/2 is the
// decimal 5 and prints so, 7/2 is 3.5. A quotient that does not come out even is
// rounded half up to DivisionScale digits after the point; one that is smaller
// than 1 keeps as many significant digits. A zero divisor is a Fault.
func Div(b *Budget, x, y any) any {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok && q != 0 && q != -1 && p%q == 0 {
			return decimal.NewFromInt(p / q)
		}
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		Throw("cannot divide %s by %s", TypeName(x), TypeName(y))
	}
	return Quotient(p, q)
}

// Quotient divides as the operator / does.
func Quotient(p, q decimal.Decimal) decimal.Decimal {
	if q.IsZero() {
		Throw("division by zero")
	}
	scale := DivisionScale
	if small := magnitude(q) - magnitude(p); small > 0 {
		scale += small
	}
	return bound(strip(p.DivRound(q, int32(min(scale, MaxScale)))))
}

// magnitude is the place of the first digit, counted from the point.
func magnitude(d decimal.Decimal) int { return d.NumDigits() + int(d.Exponent()) }

// Mod is the operator %. The sign is that of the dividend.
func Mod(b *Budget, x, y any) any {
	if p, ok := x.(int64); ok {
		if q, ok := y.(int64); ok && q != 0 {
			return p % q
		}
	}
	p, okX := toDecimal(x)
	q, okY := toDecimal(y)
	if !okX || !okY {
		Throw("mod operation mismatch of data type expressions")
	}
	if q.IsZero() {
		Throw("division by zero")
	}
	return bound(p.Mod(q))
}

// Neg is the unary -.
func Neg(x any) any {
	switch p := x.(type) {
	case int64:
		if p == math.MinInt64 {
			Throw(outOfRange)
		}
		return -p
	case decimal.Decimal:
		return p.Neg()
	}
	panic(Faultf("cannot negate %s", TypeName(x)))
}

func invalidOperands(x, y any, operator string) *Fault {
	return Faultf("Left expression is of type %s and right expression is of type %s and operator %s is not valid",
		operandName(x), operandName(y), operator)
}

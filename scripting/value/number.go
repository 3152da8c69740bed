package value

import (
	"strconv"

	"github.com/shopspring/decimal"
)

const (
	// MaxWhole is how many digits a decimal may have before its point.
	MaxWhole = 400
	// MaxScale is how many digits a decimal keeps after its point; what is
	// beyond is rounded half up. Both cover every float64.
	MaxScale = 400
	// DivisionScale is how many digits a quotient has after its point at least
	// when it does not come out even.
	DivisionScale = 16
)

const outOfRange = "number out of range"

// Plain returns all digits of d and never an exponent, keeping its scale: 1.50
// prints as 1.50.
func Plain(d decimal.Decimal) string {
	return d.StringFixed(max(0, -d.Exponent()))
}

// Whole returns d as a number, and false if it has a fraction or is too large.
func Whole(d decimal.Decimal) (int64, bool) {
	if !d.IsInteger() {
		return 0, false
	}
	n := d.BigInt()
	return n.Int64(), n.IsInt64()
}

// NewDecimal brings a decimal from outside within MaxWhole and MaxScale. It
// must be called on every decimal that was not made by this package, before
// anything else is done with it: printing 1e999999999 would take a gigabyte.
func NewDecimal(d decimal.Decimal) (decimal.Decimal, error) {
	size := int64(d.NumDigits()) + int64(d.Exponent())
	switch {
	case d.IsZero():
		return decimal.New(0, min(0, max(d.Exponent(), -MaxScale))), nil
	case size > MaxWhole:
		return decimal.Decimal{}, Faultf(outOfRange)
	case size < -MaxScale:
		return decimal.New(0, -MaxScale), nil
	case d.Exponent() < -MaxScale && d.NumDigits() > 4*MaxScale:
		return decimal.Decimal{}, Faultf(outOfRange)
	}
	return bound(d), nil
}

// bound is NewDecimal for the result of one operation on bounded decimals.
func bound(d decimal.Decimal) decimal.Decimal {
	e := int(d.Exponent())
	if e < -MaxScale {
		d = d.Round(MaxScale)
		e = -MaxScale
	}
	if e+d.NumDigits() > MaxWhole && !d.IsZero() {
		Throw(outOfRange)
	}
	return d
}

// strip takes the zeros off the end of a fraction.
func strip(d decimal.Decimal) decimal.Decimal {
	d = d.Normalize()
	if d.Exponent() > 0 {
		return d.Round(0)
	}
	return d
}

// toDecimal returns a number or decimal as decimal.
func toDecimal(v any) (decimal.Decimal, bool) {
	switch t := v.(type) {
	case int64:
		return decimal.NewFromInt(t), true
	case decimal.Decimal:
		return t, true
	}
	return decimal.Decimal{}, false
}

// ParseNumber reads a number as it stands in a script, a JSON text or a field:
// digits, perhaps a sign, a point and an exponent. Digits alone give an int64 if
// they fit; everything else is a decimal. The error is a *Fault.
func ParseNumber(s string) (any, error) {
	digits, whole, exp, ok := scanNumber(s)
	if !ok {
		return nil, Faultf("text %q is not a number", Clip(s))
	}
	if whole {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
	}
	// No bounded decimal needs so many digits or so large an exponent.
	if digits > 4*MaxScale || exp > 4*MaxScale || exp < -4*MaxScale {
		return nil, Faultf(outOfRange)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return nil, Faultf("text %q is not a number", Clip(s))
	}
	return boundParsed(d)
}

func boundParsed(d decimal.Decimal) (any, error) {
	d, err := NewDecimal(d)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// scanNumber checks the form of s: how many digits, whether there is neither
// point nor exponent, and the exponent, cut off where it stops to matter.
func scanNumber(s string) (digits int, whole bool, exp int, ok bool) {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	digits, whole = i-start, true
	if i < len(s) && s[i] == '.' {
		whole = false
		start = i + 1
		for i = start; i < len(s) && isDigit(s[i]); i++ {
		}
		digits += i - start
	}
	if digits == 0 {
		return 0, false, 0, false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		whole = false
		exp, i, ok = scanExponent(s, i+1)
		return digits, whole, exp, ok && i == len(s)
	}
	return digits, whole, 0, i == len(s)
}

func scanExponent(s string, i int) (exp, end int, ok bool) {
	negative := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	start := i
	for ; i < len(s) && isDigit(s[i]); i++ {
		exp = min(exp*10+int(s[i]-'0'), 1_000_000)
	}
	if negative {
		exp = -exp
	}
	return exp, i, i > start
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Clip shortens a text for use inside a message.
func Clip(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "..."
		}
		n++
	}
	return s
}

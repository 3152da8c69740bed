package lib

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/connhost/connhost/scripting/value"
)

// A numberPattern is a pattern of Java's DecimalFormat, in the symbols of the
// United States:
//
//	0 digit   # digit unless it is a leading or trailing zero   . point
//	, groups, as wide as the last one       E0 exponent, in as many digits at least
//	% per cent   ‰ per mille   ¤ currency ($, doubled USD)   ; begins the negative form
//
// Text in single quotes stands for itself; two quotes are one.
type numberPattern struct {
	prefix, suffix             string
	negativePrefix             string
	negativeSuffix             string
	shift                      int // digits the number is multiplied by: 2 for %, 3 for ‰
	group                      int // digits in a group; 0 for none
	minWhole, maxWhole         int // maxWhole is only looked at with an exponent
	minFraction, maxFraction   int
	minExponent                int // 0 for none
	pointAlways, ownNegativity bool
}

// readNumberPattern reads a pattern; false if it is none.
func readNumberPattern(s string) (p numberPattern, ok bool) {
	r := patternReader{s: s}
	if p.prefix, ok = r.affix(&p); !ok || !r.number(&p) {
		return p, false
	}
	if p.suffix, ok = r.affix(&p); !ok {
		return p, false
	}
	if r.i == len(r.s) {
		p.negativePrefix, p.negativeSuffix = "-"+p.prefix, p.suffix
		return p, true
	}
	// Of the negative form only what stands around the number counts.
	if r.s[r.i] != ';' {
		return p, false
	}
	r.i++
	var ignored numberPattern
	if p.negativePrefix, ok = r.affix(&ignored); !ok || !r.number(&ignored) {
		return p, false
	}
	p.negativeSuffix, ok = r.affix(&ignored)
	if p.negativePrefix == p.prefix && p.negativeSuffix == p.suffix {
		p.negativePrefix = "-" + p.prefix
	}
	return p, ok && r.i == len(r.s)
}

type patternReader struct {
	s string
	i int
}

// affix reads what stands before or after the number.
func (r *patternReader) affix(p *numberPattern) (string, bool) {
	var sb strings.Builder
	for r.i < len(r.s) {
		switch ch := r.s[r.i]; {
		case strings.IndexByte("0#.,;", ch) >= 0:
			return sb.String(), true
		case ch == '\'':
			text, n, ok := quotedPiece(r.s[r.i:])
			if !ok {
				return "", false
			}
			sb.WriteString(text)
			r.i += n
			continue
		case ch == '%':
			p.shift = 2
		case strings.HasPrefix(r.s[r.i:], "‰"):
			p.shift = 3
		case strings.HasPrefix(r.s[r.i:], "¤¤"):
			sb.WriteString("USD")
			r.i += len("¤¤")
			continue
		case strings.HasPrefix(r.s[r.i:], "¤"):
			sb.WriteString("$")
			r.i += len("¤")
			continue
		}
		sb.WriteByte(r.s[r.i])
		r.i++
	}
	return sb.String(), true
}

// number reads digits, groups, point and exponent. As in Java a pattern without
// a 0 before its point counts the last # there as one.
func (r *patternReader) number(p *numberPattern) bool {
	left, zeros, right, group, point := 0, 0, 0, -1, -1
	for ; r.i < len(r.s); r.i++ {
		switch r.s[r.i] {
		case '#':
			if zeros > 0 {
				right++
			} else {
				left++
			}
			if group >= 0 && point < 0 {
				group++
			}
			continue
		case '0':
			if right > 0 {
				return false
			}
			zeros++
			if group >= 0 && point < 0 {
				group++
			}
			continue
		case ',':
			if point >= 0 {
				return false
			}
			group = 0
			continue
		case '.':
			if point >= 0 {
				return false
			}
			point = left + zeros + right
			continue
		}
		break
	}
	total := left + zeros + right
	if zeros == 0 && left > 0 && point >= 0 {
		n := max(point, 1)
		right, left, zeros = left-n, n-1, 1
	}
	if total == 0 || point < 0 && right > 0 || point >= 0 && (point < left || point > left+zeros) || group == 0 {
		return false
	}
	p.group = max(group, 0)
	p.pointAlways = point == 0 || point == total
	whole := total
	if point >= 0 {
		whole = point
	}
	p.minWhole, p.maxWhole = whole-left, whole
	if point >= 0 {
		p.maxFraction, p.minFraction = total-point, left+zeros-point
	}
	return r.exponent(p)
}

func (r *patternReader) exponent(p *numberPattern) bool {
	if !strings.HasPrefix(r.s[r.i:], "E") {
		return true
	}
	for r.i++; r.i < len(r.s) && r.s[r.i] == '0'; r.i++ {
		p.minExponent++
	}
	// Groups make no sense in an exponent's number.
	return p.minExponent > 0 && p.minWhole+p.maxFraction > 0 && p.group == 0
}

// formatNumber prints d in the pattern, rounded half even as Java does; false if
// the pattern has no meaning.
func formatNumber(d decimal.Decimal, pattern string) (string, bool) {
	p, ok := readNumberPattern(pattern)
	if !ok {
		return "", false
	}
	prefix, suffix := p.prefix, p.suffix
	if d.Sign() < 0 {
		prefix, suffix = p.negativePrefix, p.negativeSuffix
	}
	d = d.Abs().Shift(int32(p.shift))
	if p.minExponent > 0 {
		return prefix + p.scientific(d) + suffix, true
	}
	whole, fraction := p.parts(d)
	return prefix + p.joined(whole, fraction) + suffix, true
}

// parts are the digits before and after the point.
func (p *numberPattern) parts(d decimal.Decimal) (whole, fraction string) {
	digits := d.RoundBank(int32(min(p.maxFraction, value.MaxScale))).StringFixed(int32(min(p.maxFraction, value.MaxScale)))
	whole, fraction, _ = strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	if n := p.minWhole - len(whole); n > 0 {
		whole = strings.Repeat("0", n) + whole
	}
	for len(fraction) > p.minFraction && fraction[len(fraction)-1] == '0' {
		fraction = fraction[:len(fraction)-1]
	}
	if n := p.minFraction - len(fraction); n > 0 {
		fraction += strings.Repeat("0", n)
	}
	if whole == "" && fraction == "" {
		whole = "0"
	}
	return whole, fraction
}

func (p *numberPattern) joined(whole, fraction string) string {
	var sb strings.Builder
	for i, digit := range whole {
		if left := len(whole) - i; i > 0 && p.group > 0 && left%p.group == 0 {
			sb.WriteByte(',')
		}
		sb.WriteRune(digit)
	}
	if fraction != "" || p.pointAlways {
		sb.WriteString("." + fraction)
	}
	return sb.String()
}

// scientific prints with an exponent. With more # than 0 before the point the
// exponent is a multiple of their number; else there are as many digits before
// the point as there are 0.
func (p *numberPattern) scientific(d decimal.Decimal) string {
	wholeDigits, exponent := max(p.minWhole, 1), 0
	if p.minWhole == 0 {
		wholeDigits = 1
	}
	if !d.IsZero() {
		exponent = d.NumDigits() + int(d.Exponent()) - 1 // of the first digit
		exponent -= wholeDigits - 1
		if p.maxWhole > 1 && p.maxWhole > p.minWhole {
			first := exponent + wholeDigits - 1
			exponent = floorDiv(first, p.maxWhole) * p.maxWhole
		}
	}
	mantissa := d.Shift(int32(-exponent))
	q := *p
	q.minWhole = max(1, p.minWhole)
	if p.maxWhole > 1 && p.maxWhole > p.minWhole {
		// As many significant digits as 0s before the point and digits after it.
		whole := 1
		if !mantissa.IsZero() {
			whole = max(1, mantissa.NumDigits()+int(mantissa.Exponent()))
		}
		q.minWhole = 1
		q.maxFraction = max(0, p.minWhole+p.maxFraction-whole)
		q.minFraction = max(0, p.minWhole+p.minFraction-whole)
	}
	rounded := mantissa.RoundBank(int32(min(q.maxFraction, value.MaxScale)))
	if limit := decimal.New(1, int32(wholeDigits)); p.maxWhole <= p.minWhole && rounded.Cmp(limit) >= 0 {
		exponent++ // 9.99 became 10
		mantissa = d.Shift(int32(-exponent))
	}
	whole, fraction := q.parts(mantissa)
	power := big.NewInt(int64(exponent))
	sign := ""
	if power.Sign() < 0 {
		sign = "-"
		power.Neg(power)
	}
	digits := power.String()
	if n := p.minExponent - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	q.group = 0
	return q.joined(whole, fraction) + "E" + sign + digits
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

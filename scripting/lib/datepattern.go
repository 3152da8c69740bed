package lib

import (
	"fmt"
	"strings"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

// A field is one piece of a date pattern: a letter and how often it stands, or
// literal text (letter 0). The letters are those of Java's SimpleDateFormat:
//
//	G era    y year    Y year the week belongs to
//	M L month           w week of year   W week of month
//	d day    D day of year   F which such weekday of the month
//	E weekday   u weekday, Monday = 1
//	H 0-23   k 1-24    h 1-12  K 0-11    a AM or PM
//	m minute s second  S milliseconds    z Z X zone
//
// Text in single quotes stands for itself; two quotes are one.
type field struct {
	letter  byte
	count   int
	literal string
}

const patternLetters = "GyYMLwWdDFEuHhKkamsSzZX"

// fields cuts a pattern into its pieces; false if a letter has no meaning or a
// quote is left open.
func fields(pattern string) ([]field, bool) {
	var list []field
	for i := 0; i < len(pattern); {
		ch := pattern[i]
		switch {
		case ch == '\'':
			text, n, ok := quotedPiece(pattern[i:])
			if !ok {
				return nil, false
			}
			list = append(list, field{literal: text})
			i += n
		case ch|0x20 >= 'a' && ch|0x20 <= 'z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == ch {
				n++
			}
			if strings.IndexByte(patternLetters, ch) < 0 || n > 9 || ch == 'X' && n > 3 {
				return nil, false
			}
			list = append(list, field{letter: ch, count: n})
			i += n
		default:
			list = append(list, field{literal: pattern[i : i+1]})
			i++
		}
	}
	return list, true
}

// quotedPiece reads 'text' at the start of s, where two quotes are one.
func quotedPiece(s string) (text string, n int, ok bool) {
	if strings.HasPrefix(s, "''") {
		return "'", 2, true
	}
	var sb strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] == '\'' {
			if i+1 < len(s) && s[i+1] == '\'' {
				i++
			} else {
				return sb.String(), i + 1, true
			}
		}
		sb.WriteByte(s[i])
	}
	return "", 0, false
}

// formatDate prints t in the pattern; false if the pattern has no meaning.
func formatDate(t time.Time, pattern string) (string, bool) {
	list, ok := fields(pattern)
	if !ok {
		return "", false
	}
	var sb strings.Builder
	for _, f := range list {
		if f.letter == 0 {
			sb.WriteString(f.literal)
		} else {
			sb.WriteString(f.format(t))
		}
	}
	return sb.String(), true
}

func (f field) format(t time.Time) string {
	switch f.letter {
	case 'G':
		if t.Year() <= 0 {
			return "BC"
		}
		return "AD"
	case 'y', 'Y':
		if f.count == 2 {
			return fmt.Sprintf("%02d", f.number(t)%100)
		}
	case 'M', 'L':
		if f.count >= 3 {
			return named(t.Month().String(), f.count)
		}
	case 'E':
		return named(t.Weekday().String(), f.count)
	case 'a':
		return t.Format("PM")
	case 'z':
		return zoneName(t, f.count >= 4)
	case 'Z':
		return t.Format("-0700")
	case 'X':
		return t.Format([]string{"Z07", "Z0700", "Z07:00"}[f.count-1])
	}
	return fmt.Sprintf("%0*d", f.count, f.number(t))
}

// named returns the whole name from four letters of pattern on, else its first
// three.
func named(name string, count int) string {
	if count >= 4 {
		return name
	}
	return name[:3]
}

func (f field) number(t time.Time) int {
	switch f.letter {
	case 'y':
		if t.Year() <= 0 { // the year 0 is 1 BC
			return 1 - t.Year()
		}
		return t.Year()
	case 'Y':
		return weekYear(t, time.Sunday)
	case 'M', 'L':
		return int(t.Month())
	case 'w':
		return int(weekOfYear(t, time.Sunday))
	case 'W':
		first := value.Time{Time: t}.Date().AddDate(0, 0, 1-t.Day())
		return (t.Day()+int(first.Weekday())-1)/7 + 1
	case 'd':
		return t.Day()
	case 'D':
		return t.YearDay()
	case 'F':
		return (t.Day()-1)/7 + 1
	case 'u':
		return (int(t.Weekday())+6)%7 + 1
	case 'H':
		return t.Hour()
	case 'k':
		return (t.Hour()+23)%24 + 1
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'K':
		return t.Hour() % 12
	case 'm':
		return t.Minute()
	case 's':
		return t.Second()
	}
	return t.Nanosecond() / int(time.Millisecond)
}

// weekYear is the year that the week of t belongs to: the next one when that has
// begun within the week.
func weekYear(t time.Time, first time.Weekday) int {
	if weekOfYear(t, first) == 1 && t.Month() == time.December {
		return t.Year() + 1
	}
	return t.Year()
}

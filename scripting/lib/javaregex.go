package lib

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/scripting/value"
)

// A javaRegex translates a regular expression of Java into the syntax that both
// engines read, and finds out which of them it needs: what looks around, refers
// back or never gives back what it took is for the one that backtracks.
type javaRegex struct {
	s           string
	i           int
	out         strings.Builder
	atom        int   // where in out the last atom begins, -1 if there is none
	groups      []int // where in out the groups that are open begin
	backtracks  bool
	groupNumber int
}

// fromJava returns the translation and whether it needs backtracking. A Fault is
// thrown for what neither engine has.
func fromJava(expr string) (source string, backtracks bool) {
	if !strings.ContainsAny(expr, `\[+*?{(`) {
		return expr, false
	}
	r := javaRegex{s: expr, atom: -1}
	for r.i < len(r.s) {
		r.step()
	}
	return r.out.String(), r.backtracks
}

// unsupported ends the call for a construct that has no equivalent here.
func (r *javaRegex) unsupported(what string) {
	value.Throw("regular expression %q is not valid or not supported: %s has no equivalent here", value.Clip(r.s), what)
}

func (r *javaRegex) step() {
	switch ch := r.s[r.i]; ch {
	case '\\':
		r.escape()
	case '[':
		r.startAtom()
		r.out.WriteString(r.class())
	case '(':
		r.group()
	case ')':
		if n := len(r.groups); n > 0 {
			r.atom = r.groups[n-1]
			r.groups = r.groups[:n-1]
		}
		r.put(")")
	case '*', '+', '?', '{':
		r.quantifier()
	case '|':
		r.atom = -1
		r.put("|")
	default:
		_, n := utf8.DecodeRuneInString(r.s[r.i:])
		r.startAtom()
		r.out.WriteString(r.s[r.i : r.i+n])
		r.i += n
	}
}

// put writes a byte that means the same everywhere.
func (r *javaRegex) put(s string) {
	r.out.WriteString(s)
	r.i++
}

func (r *javaRegex) startAtom() { r.atom = r.out.Len() }

// group reads what opens a group.
func (r *javaRegex) group() {
	r.groups = append(r.groups, r.out.Len())
	r.atom = -1
	rest := r.s[r.i:]
	for _, open := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if strings.HasPrefix(rest, open) {
			r.backtracks = true
			r.out.WriteString(open)
			r.i += len(open)
			return
		}
	}
	if flags, ok := strings.CutPrefix(rest, "(?"); ok && !strings.HasPrefix(flags, "<") && !strings.HasPrefix(flags, ":") {
		r.flags(flags)
		return
	}
	r.put("(")
	if strings.HasPrefix(rest, "(?:") || strings.HasPrefix(rest, "(?<") {
		r.put("?")
	}
}

// flags reads (?i) or (?i:. Comments and free blanks (x) are for the engine that
// backtracks; d and u change nothing here.
func (r *javaRegex) flags(rest string) {
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		end = len(rest)
	}
	flags := strings.NewReplacer("d", "", "u", "").Replace(rest[:end])
	if strings.Trim(flags, "imsx-") != "" {
		r.unsupported("the flag (?" + value.Clip(rest[:end]) + ")")
	}
	r.backtracks = r.backtracks || strings.Contains(flags, "x")
	r.i += len("(?") + end
	if flags == "" || flags == "-" {
		flags = "i-i" // none, in a form both engines take
	}
	r.out.WriteString("(?" + flags)
}

// quantifier reads *, +, ?, {n,m} and what follows it: ? for as little as
// possible, + for never giving back, which is a group of its own here.
func (r *javaRegex) quantifier() {
	n := 1
	if r.s[r.i] == '{' {
		end := strings.IndexByte(r.s[r.i:], '}')
		if end < 0 || strings.Trim(r.s[r.i+1:r.i+end], "0123456789,") != "" {
			r.startAtom()
			r.out.WriteString(`\{`)
			r.i++
			return
		}
		n = end + 1
		for _, count := range strings.Split(r.s[r.i+1:r.i+end], ",") {
			if k, err := strconv.Atoi(count); count != "" && (err != nil || k > 1000) {
				value.Throw("regular expression %q is not valid or not supported: invalid repeat count", value.Clip(r.s))
			}
		}
	}
	quantifier := r.s[r.i : r.i+n]
	r.i += n
	possessive := r.i < len(r.s) && r.s[r.i] == '+'
	if !possessive || r.atom < 0 {
		r.out.WriteString(quantifier)
		return
	}
	r.i++
	r.backtracks = true
	all := r.out.String()
	r.out.Reset()
	r.out.WriteString(all[:r.atom] + "(?>" + all[r.atom:] + quantifier + ")")
}

// escape reads a backslash outside a class.
func (r *javaRegex) escape() {
	r.startAtom()
	if r.i+1 == len(r.s) {
		r.put(`\`)
		return
	}
	switch ch := r.s[r.i+1]; {
	case ch == 'Q':
		r.quoted()
	case ch == 'R':
		r.out.WriteString(`(?:\r\n|[\n\x0b\f\r\x{85}\x{2028}\x{2029}])`)
		r.i += 2
	case ch == 'Z':
		r.out.WriteString(`\z`)
		r.i += 2
	case ch == 'G' || ch == 'X':
		r.unsupported(`\` + string(ch))
	case ch >= '1' && ch <= '9' || ch == 'k':
		r.backtracks = true
		r.out.WriteString(r.s[r.i : r.i+2])
		r.i += 2
	default:
		r.out.WriteString(r.classEscape(false))
	}
}

// quoted reads \Q...\E.
func (r *javaRegex) quoted() {
	text, _, _ := strings.Cut(r.s[r.i+2:], `\E`)
	for _, ch := range text {
		r.startAtom()
		if ch < utf8.RuneSelf && !isWord(byte(ch)) {
			r.out.WriteByte('\\')
		}
		r.out.WriteRune(ch)
	}
	r.i = min(len(r.s), r.i+len(`\Q\E`)+len(text))
}

func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

// class reads a class in brackets. Java has unions [a[bc]] and intersections
// [a-z&&[^b]]; the engine that backtracks has differences, which do for those.
func (r *javaRegex) class() string {
	return r.classAt(0)
}

func (r *javaRegex) classAt(depth int) string {
	if depth > 50 {
		r.unsupported("a class nested so deep")
	}
	var in strings.Builder
	r.i++
	if r.i < len(r.s) && r.s[r.i] == '^' {
		in.WriteByte('^')
		r.i++
	}
	for first := true; r.i < len(r.s); first = false {
		switch ch := r.s[r.i]; {
		case ch == ']' && !first:
			r.i++
			return "[" + in.String() + "]"
		case ch == '[':
			inner := r.classAt(depth + 1)
			if strings.HasPrefix(inner, "[^") || strings.Contains(inner[1:], "[") {
				r.unsupported("a class in a class")
			}
			in.WriteString(inner[1 : len(inner)-1])
		case strings.HasPrefix(r.s[r.i:], "&&"):
			r.i += 2
			return "[" + in.String() + "-" + r.complement(depth) + "]"
		case ch == '\\':
			in.WriteString(r.classEscape(true))
		default:
			_, n := utf8.DecodeRuneInString(r.s[r.i:])
			if ch == ']' {
				in.WriteByte('\\')
			}
			in.WriteString(r.s[r.i : r.i+n])
			r.i += n
		}
	}
	value.Throw("regular expression %q is not valid or not supported: missing closing ]", value.Clip(r.s))
	return ""
}

// complement reads what an intersection is with and returns the class of
// everything else.
func (r *javaRegex) complement(depth int) string {
	r.backtracks = true
	if !strings.HasPrefix(r.s[r.i:], "[") {
		r.i-- // read as if it had a bracket of its own
		rest := r.classAt(depth + 1)
		return "[^" + rest[1:]
	}
	other := r.classAt(depth + 1)
	if !strings.HasPrefix(r.s[r.i:], "]") || strings.Contains(other[1:], "[") {
		r.unsupported("this intersection")
	}
	r.i++
	if s, ok := strings.CutPrefix(other, "[^"); ok {
		return "[" + s
	}
	return "[^" + other[1:]
}

// classEscape translates an escape that may stand in a class too and passes it.
func (r *javaRegex) classEscape(inClass bool) string {
	rest := r.s[r.i:]
	if len(rest) < 2 {
		r.i++
		return `\`
	}
	r.i += 2
	switch ch := rest[1]; ch {
	case 'h':
		return inBrackets(`\t\x{20}\x{A0}`, inClass)
	case 'v':
		return inBrackets(`\n\x0b\f\r\x{85}\x{2028}\x{2029}`, inClass)
	case 'H', 'V':
		if inClass {
			r.unsupported(`\` + string(ch) + " in a class")
		}
		return map[byte]string{'H': `[^\t\x{20}\x{A0}]`, 'V': `[^\n\x0b\f\r\x{85}\x{2028}\x{2029}]`}[ch]
	case 'e':
		return `\x1b`
	case 'u':
		if n, err := strconv.ParseUint(rest[2:min(len(rest), 6)], 16, 16); err == nil && len(rest) >= 6 {
			r.i += 4
			return fmt.Sprintf(`\x{%X}`, n)
		}
	case '0':
		digits := len(rest[2:]) - len(strings.TrimLeft(rest[2:min(len(rest), 5)], "01234567")) - len(rest[min(len(rest), 5):])
		if n, err := strconv.ParseUint(rest[2:2+digits], 8, 16); err == nil {
			r.i += digits
			return fmt.Sprintf(`\x{%X}`, n)
		}
	case 'c':
		if len(rest) > 2 {
			r.i++
			return fmt.Sprintf(`\x{%X}`, rest[2]&0x1f)
		}
	case 'p', 'P':
		return r.property(rest, inClass)
	}
	if ch, n := utf8.DecodeRuneInString(rest[1:]); ch >= utf8.RuneSelf {
		r.i += n - 1
		return rest[1 : 1+n]
	}
	return rest[:2]
}

// javaClasses are Java's ASCII classes as what stands in brackets.
var javaClasses = map[string]string{
	"Lower": "a-z", "Upper": "A-Z", "ASCII": `\x00-\x7F`, "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
	"Punct": "!-/:-@\\[-`{-~", "Graph": "!-~", "Print": `\x{20}-~`, "Blank": `\t\x{20}`, "Cntrl": `\x00-\x1F\x7F`, "XDigit": "0-9A-Fa-f", "Space": `\t\n\x0b\f\r\x{20}`,
}

// javaProperties are Java's binary properties and the category nearest to each.
var javaProperties = map[string]string{
	"IsAlphabetic": "L", "IsLetter": "L", "IsUppercase": "Lu", "IsLowercase": "Ll", "IsDigit": "Nd", "IsPunctuation": "P", "IsWhite_Space": "Z",
	"javaLowerCase": "Ll", "javaUpperCase": "Lu", "javaAlphabetic": "L", "javaLetter": "L", "javaDigit": "Nd", "javaWhitespace": "Z",
}

// property translates \p{name}; rest begins with it.
func (r *javaRegex) property(rest string, inClass bool) string {
	end := strings.IndexByte(rest, '}')
	if len(rest) < 3 || rest[2] != '{' || end < 0 {
		return rest[:2]
	}
	r.i += end - 1
	name := rest[3:end]
	if set, ok := javaClasses[name]; ok {
		switch {
		case rest[1] == 'p':
			return inBrackets(set, inClass)
		case inClass:
			r.unsupported(`\P{` + name + "} in a class")
		}
		return "[^" + set + "]"
	}
	category, ok := javaProperties[name]
	if !ok {
		category = strings.TrimPrefix(name, "Is") // \p{IsLatin}
	}
	return rest[:3] + category + "}"
}

func inBrackets(s string, already bool) string {
	if already {
		return s
	}
	return "[" + s + "]"
}

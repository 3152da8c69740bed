package lib

import (
	"math"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// A pattern is a compiled regular expression. Scripts write those of Java; RE2
// takes most of them, in time linear to the text. What it does not have (looking
// around, back references, possessive repetition) is a Fault.
type pattern struct {
	*regexp.Regexp
	cost int // of one pass, in units per byte of text
}

const (
	maxPattern  = 10_000 // bytes
	maxPatterns = 64     // kept compiled
)

// How a regular expression is to be compiled.
type flavour int

const (
	anywhere flavour = iota
	whole            // must fit the whole text
	anyCase          // anywhere, in any letter case
)

// regex compiles expr, or takes it from the run, and charges for using it on s:
// work cannot be counted while the engine of the standard library runs.
func (c call) regex(expr string, f flavour, s string) *regexp.Regexp {
	key := string(rune('0'+f)) + expr
	p, ok := c.rt.patterns[key]
	if !ok {
		p = c.compile(expr, f)
		if c.rt.patterns == nil || len(c.rt.patterns) >= maxPatterns {
			c.rt.patterns = make(map[string]pattern)
		}
		c.rt.patterns[key] = p
	}
	if len(s) > math.MaxInt32 {
		c.budget().Tick(math.MaxInt)
	}
	c.budget().Tick(len(s) * p.cost / 64)
	return p.Regexp
}

func (c call) compile(expr string, f flavour) pattern {
	if len(expr) > maxPattern {
		value.Throw("regular expression longer than %d bytes", maxPattern)
	}
	c.budget().Tick(len(expr))
	c.budget().AllocTimes(len(expr), 64)
	source := fromJava(expr)
	switch f {
	case whole:
		source = `\A(?:` + source + `)\z`
	case anyCase:
		source = `(?i)` + source
	}
	re, err := regexp.Compile(source)
	if err != nil {
		panic(patternFault(expr, err))
	}
	// The compiled program decides the cost: a{500} is short and slow.
	return pattern{re, 1 + programSize(source)}
}

func patternFault(expr string, err error) *value.Fault {
	msg := err.Error()
	if e, ok := err.(*syntax.Error); ok {
		msg = e.Code.String()
	}
	f := value.Faultf("regular expression %q is not valid or not supported: %s", value.Clip(expr), msg)
	f.Err = err
	return f
}

func programSize(source string) int {
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return len(source)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return len(source)
	}
	return len(prog.Inst)
}

// javaClasses are the names of Java's ASCII classes and their POSIX names here.
var javaClasses = map[string]string{
	"Lower": "lower", "Upper": "upper", "ASCII": "ascii", "Alpha": "alpha", "Digit": "digit", "Alnum": "alnum",
	"Punct": "punct", "Graph": "graph", "Print": "print", "Blank": "blank", "Cntrl": "cntrl", "XDigit": "xdigit", "Space": "space",
}

// javaProperties are Java's binary properties and the category nearest to each.
var javaProperties = map[string]string{
	"IsAlphabetic": "L", "IsLetter": "L", "IsUppercase": "Lu", "IsLowercase": "Ll", "IsDigit": "Nd", "IsPunctuation": "P", "IsWhite_Space": "Z",
}

// fromJava puts the escapes that RE2 spells differently: \p{Alpha}, \h, \Z.
func fromJava(expr string) string {
	if !strings.ContainsRune(expr, '\\') {
		return expr
	}
	var sb strings.Builder
	inClass := false
	for i := 0; i < len(expr); i++ {
		ch := expr[i]
		switch {
		case ch == '[':
			inClass = true
		case ch == ']':
			inClass = false
		case ch == '\\' && i+1 < len(expr):
			to, n := javaEscape(expr[i:], inClass)
			sb.WriteString(to)
			i += n - 1
			continue
		}
		sb.WriteByte(ch)
	}
	return sb.String()
}

// javaEscape translates the escape expr begins with and returns its length.
func javaEscape(expr string, inClass bool) (to string, n int) {
	switch expr[1] {
	case 'h':
		return inBrackets(`\t\x{20}\x{A0}`, inClass), 2
	case 'Z':
		return `\z`, 2
	case 'p', 'P':
		end := strings.IndexByte(expr, '}')
		if len(expr) < 3 || expr[2] != '{' || end < 0 {
			break
		}
		name := expr[3:end]
		if posix, ok := javaClasses[name]; ok {
			if expr[1] == 'P' {
				posix = "^" + posix
			}
			return inBrackets("[:"+posix+":]", inClass), end + 1
		}
		category, ok := javaProperties[name]
		if !ok {
			category = strings.TrimPrefix(name, "Is") // \p{IsLatin}
		}
		return expr[:3] + category + "}", end + 1
	}
	return expr[:2], 2
}

func inBrackets(s string, already bool) string {
	if already {
		return s
	}
	return "[" + s + "]"
}

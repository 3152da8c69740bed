package lib

import (
	"math"
	"regexp"
	"regexp/syntax"

	"github.com/dlclark/regexp2"

	"github.com/connhost/connhost/scripting/value"
)

// A pattern is a compiled regular expression. Scripts write those of Java. RE2
// takes most of them, in time linear to the text; those that look around, refer
// back or never give back go to an engine that backtracks, which is bounded by
// time.
type pattern struct {
	*regexp.Regexp                 // nil if slow is set
	slow           *regexp2.Regexp // nil for nearly all
	cost           int             // of one pass, in units per byte of text
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
func (c call) regex(expr string, f flavour, s string) pattern {
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
	return p
}

func (c call) compile(expr string, f flavour) pattern {
	if len(expr) > maxPattern {
		value.Throw("regular expression longer than %d bytes", maxPattern)
	}
	c.budget().Tick(len(expr))
	c.budget().AllocTimes(len(expr), 64)
	source, backtracks := fromJava(expr)
	switch f {
	case whole:
		source = `\A(?:` + source + `)\z`
	case anyCase:
		source = `(?i)` + source
	}
	if backtracks {
		return slowPattern(expr, source)
	}
	re, err := regexp.Compile(source)
	if err != nil {
		panic(patternFault(expr, err))
	}
	// The compiled program decides the cost: a{500} is short and slow.
	return pattern{Regexp: re, cost: 1 + programSize(source)}
}

func slowPattern(expr, source string) pattern {
	re, err := regexp2.Compile(source, regexp2.RE2)
	if err != nil {
		f := value.Faultf("regular expression %q is not valid or not supported", value.Clip(expr))
		f.Err = err
		panic(f)
	}
	return pattern{slow: re, cost: len(source)}
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

package scripting

import (
	"cmp"
	"time"

	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// Limits bound a script (design section 8). A zero field takes its default.
type Limits struct {
	Source  int           // bytes of the text; 256 KB
	Nesting int           // of blocks, brackets and operators; 200
	Steps   int64         // units of work; 50 million
	Memory  int64         // bytes made, approximately; 256 MB
	Calls   int           // of invokeurl and sendmail in one run; 1,000
	Time    time.Duration // of a run; 5 minutes
	Depth   int           // of calls within calls; 1,000
	// Statements that run, as products count them: each statement, and a loop
	// once a turn. 0 for no limit.
	Statements int64
}

func (l Limits) orDefault() Limits {
	l.Source = cmp.Or(l.Source, syntax.DefaultLimits.Source)
	l.Nesting = cmp.Or(l.Nesting, syntax.DefaultLimits.Nesting)
	l.Calls = cmp.Or(l.Calls, 1000)
	l.Depth = cmp.Or(l.Depth, 1000)
	l.Time = cmp.Or(l.Time, 5*time.Minute)
	return l
}

func (l Limits) syntax() syntax.Limits {
	return syntax.Limits{Source: l.Source, Nesting: l.Nesting}
}

func (l Limits) budget() value.Limits {
	return value.Limits{Steps: l.Steps, Memory: l.Memory, Time: l.Time, Depth: l.Depth}
}

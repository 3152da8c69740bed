package lib

import (
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// A Constant is a name that stands for a value without being called.
type Constant struct {
	Names     []string // the first is canonical; any letter case reads it
	Returns   string
	Semantics string
	Value     func(rt *Runtime) any
}

// constants are those that need no host; the user and the application are the
// engine's.
var constants = []*Constant{
	{Names: names("zoho.currenttime", "now"), Returns: "date", Semantics: "The current date-time in the zone of the run.", Value: now},
	{Names: names("zoho.currentdate", "today"), Returns: "date", Semantics: "The current date in the zone of the run.",
		Value: func(rt *Runtime) any { return now(rt).(value.Time).Date() }},
}

func now(rt *Runtime) any {
	return value.Time{Time: rt.Now().In(rt.location())}
}

// LookupConstant returns the constant of that name, in any letter case.
func LookupConstant(name string) (*Constant, bool) {
	for _, c := range constants {
		for _, n := range c.Names {
			if strings.EqualFold(n, name) {
				return c, true
			}
		}
	}
	return nil, false
}

// Constants returns every constant in the order of the table.
func Constants() []*Constant { return append([]*Constant(nil), constants...) }

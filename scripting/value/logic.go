package value

import "strings"

// Truth is what a condition makes of v: a boolean is itself, null is false, and
// a text is read as one where it says true or false in any case, because values
// from forms and JSON come so. Everything else is a Fault.
func Truth(v any) bool {
	switch t := v.(type) {
	case bool:
		return t
	case nil:
		return false
	case string:
		if strings.EqualFold(t, "true") {
			return true
		}
		if strings.EqualFold(t, "false") {
			return false
		}
	}
	panic(Faultf("a condition must be true or false, not %s", TypeName(v)))
}

// Not is the unary !.
func Not(v any) bool { return !Truth(v) }

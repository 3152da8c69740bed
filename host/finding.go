package host

import (
	"errors"
	"fmt"
)

// A Finding is what one check of an installation came to.
type Finding struct {
	Check string // what was looked at, a word or two
	State FindingState
	Text  string // one sentence, nothing secret
	Hint  string // what to type, for what is not well
}

// A FindingState says how bad it is.
type FindingState string

const (
	Well    FindingState = "ok"
	Warning FindingState = "warning" // it works, and somebody should know
	Problem FindingState = "problem" // something does not work, or is not safe
	Skipped FindingState = "skipped" // it could not be looked at; the reason is another finding
)

// Findings gathers them. The zero value is empty.
type Findings struct {
	List []Finding
	told map[string]bool // sentences of errors
}

// Well adds a check that found nothing.
func (f *Findings) Well(check, format string, args ...any) {
	f.List = append(f.List, Finding{check, Well, fmt.Sprintf(format, args...), ""})
}

// Warn adds a warning.
func (f *Findings) Warn(check, hint, format string, args ...any) {
	f.List = append(f.List, Finding{check, Warning, fmt.Sprintf(format, args...), hint})
}

// Bad adds a problem.
func (f *Findings) Bad(check, hint, format string, args ...any) {
	f.List = append(f.List, Finding{check, Problem, fmt.Sprintf(format, args...), hint})
}

// Skip adds a check that could not be done, for a reason that is told already.
func (f *Findings) Skip(check, format string, args ...any) {
	f.List = append(f.List, Finding{check, Skipped, fmt.Sprintf(format, args...), ""})
}

// Fail adds the error that ended a check: as a problem, or as one that was
// skipped, where the same error has ended another.
func (f *Findings) Fail(check string, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code == Internal {
		e = Errorf(Internal, "what is stored cannot be read").WithHint("see what was altered: connhost audit verify")
	}
	if f.told[e.Msg] {
		f.Skip(check, "it could not be looked at: %s", e.Msg)
		return
	}
	if f.told == nil {
		f.told = map[string]bool{}
	}
	f.told[e.Msg] = true
	f.Bad(check, e.Hint, "%s", e.Msg)
}

// Count gives how many have a state.
func (f *Findings) Count(s FindingState) (n int) {
	for _, one := range f.List {
		if one.State == s {
			n++
		}
	}
	return n
}

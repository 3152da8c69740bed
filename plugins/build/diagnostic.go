package build

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Diagnostic is a mistake and its place. Line and Column count from one,
// Column in characters. Both are 0 where a file has no such place.
type Diagnostic struct {
	Code     abi.Code     `json:"code"`
	File     string       `json:"file"`
	Line     int          `json:"line"`
	Column   int          `json:"column"`
	Severity abi.Severity `json:"severity"`
	Path     string       `json:"path,omitempty"` // of the manifest, such as auth.type
	Msg      string       `json:"message"`
	Hint     string       `json:"hint,omitempty"`
	Source   string       `json:"-"` // the line itself
}

// String is one line: connector.yaml:4:3: unknown key "tpye" (did you mean "type"?)
func (d Diagnostic) String() string {
	if d.Severity == abi.Warning {
		return d.where() + ": warning: " + d.Msg
	}
	return d.where() + ": " + d.Msg
}

// where is the place, in the file or in the manifest that a file holds.
func (d Diagnostic) where() string {
	switch {
	case d.Line > 0:
		return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
	case d.Path != "":
		return d.File + ": " + d.Path
	}
	return d.File
}

// maxSource is how many characters of a line are shown.
const maxSource = 160

// Render says all: the severity and the code, the line with a caret under the
// place, and the hint, each on a line of its own.
//
//	connector.yaml:4:3: error[M003]: unknown key "tpye" (did you mean "type"?)
//	    tpye: api_key
//	    ^
func (d Diagnostic) Render() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s[%s]: %s\n", d.where(), d.Severity, d.Code, d.Msg)
	if source := []rune(d.Source); d.Column > 0 && d.Column-1 <= min(len(source), maxSource) {
		shown := strings.Map(printable, string(source[:min(len(source), maxSource)]))
		fmt.Fprintf(&b, "    %s\n    %s^\n", shown, strings.Map(blank, string([]rune(shown)[:min(d.Column-1, utf8.RuneCountInString(shown))])))
	}
	if d.Hint != "" {
		b.WriteString("    hint: " + d.Hint + "\n")
	}
	return b.String()
}

// printable keeps a file from writing to the terminal more than text.
func printable(r rune) rune {
	if r != '\t' && !unicode.IsPrint(r) {
		return '?'
	}
	return r
}

// blank keeps tabs, so that the caret stands under its place.
func blank(r rune) rune {
	if r == '\t' {
		return r
	}
	return ' '
}

// An Invalid says that a connector has mistakes; at least one is a fault.
type Invalid struct {
	Diagnostics []Diagnostic
}

// Error is one sentence: the first fault with its place, and how many more.
func (e *Invalid) Error() string {
	faults := slices.DeleteFunc(slices.Clone(e.Diagnostics), func(d Diagnostic) bool { return d.Severity != abi.Fault })
	switch len(faults) {
	case 0:
		return "the connector is invalid"
	case 1:
		return faults[0].String()
	case 2:
		return faults[0].String() + ", and 1 more problem"
	}
	return fmt.Sprintf("%s, and %d more problems", faults[0], len(faults)-1)
}

// Unwrap gives the error's class, host.Failed.
func (e *Invalid) Unwrap() error { return host.Errorf(host.Failed, "%s", e.Error()) }

// Render is every diagnostic with its line and caret.
func (e *Invalid) Render() string {
	var b strings.Builder
	for _, d := range e.Diagnostics {
		b.WriteString(d.Render())
	}
	return b.String()
}

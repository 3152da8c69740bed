// Package syntax reads Deluge: text -> tokens -> tree, with comments kept and
// every mistake reported at its place. It knows no built-in function, no
// connection and no value; package scripting gives the tree its meaning.
//
//	NewSource -> Parse -> *File, []Diagnostic -> Print
//
// The grammar and the places where it is more tolerant than the documented
// language stand in scripting/SPEC.md.
package syntax

// Limits bound what Parse takes, so that no input makes it slow or deep.
type Limits struct {
	Source  int // bytes
	Nesting int // blocks, brackets and operators inside each other
	Nodes   int // statements and expressions in one file
}

// DefaultLimits are the limits of a stored script.
var DefaultLimits = Limits{Source: 256 << 10, Nesting: 200, Nodes: 250_000}

// OrDefault replaces limits that are not set by the default ones.
func (l Limits) OrDefault() Limits {
	if l.Source <= 0 {
		l.Source = DefaultLimits.Source
	}
	if l.Nesting <= 0 {
		l.Nesting = DefaultLimits.Nesting
	}
	if l.Nodes <= 0 {
		l.Nodes = DefaultLimits.Nodes
	}
	return l
}

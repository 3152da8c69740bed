package scripting

import (
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/syntax"
)

// A function is a compiled function, or the body of a script.
type function struct {
	name   string // with namespaces; empty for the body
	result string
	params []param
	slots  int
	names  []string // of the slots
	run    exec
	decl   *syntax.Function
}

// A param is a parameter with its declared type, which may be empty.
type param struct {
	name, kind string
	slot       int
}

// A scope gives the names of one function their slots. Variables are
// function-scoped: assigned in a block, visible after it.
type scope struct {
	fn    *function
	slots map[string]int
	// sure says which slots are assigned on every way to the statement that
	// is being compiled; the others are checked when they are read.
	sure []bool
	// made are the calls that are assigned, with the variables; filled are the
	// variables of which a field is set.
	made   map[*syntax.Method]string
	filled map[string]bool
}

func newScope(fn *function) *scope {
	return &scope{fn: fn, slots: map[string]int{}, made: map[*syntax.Method]string{}, filled: map[string]bool{}}
}

// isRow says whether a call gives a row of a sub-form: fields of what it gives
// are set, as in row = Orders.Items(); row.Item = "Cup"; which no function is
// called for.
func (s *scope) isRow(call *syntax.Method) bool { return s.filled[s.made[call]] }

// slot gives the slot of a name and makes one for a new name.
func (s *scope) slot(name string) int {
	if i, ok := s.slots[name]; ok {
		return i
	}
	i := len(s.fn.names)
	s.slots[name] = i
	s.fn.names = append(s.fn.names, name)
	s.fn.slots = i + 1
	return i
}

// hidden makes a slot that no name reaches.
func (s *scope) hidden() int {
	s.fn.names = append(s.fn.names, "")
	s.fn.slots = len(s.fn.names)
	return s.fn.slots - 1
}

func (s *scope) assign(slot int) {
	for len(s.sure) <= slot {
		s.sure = append(s.sure, false)
	}
	s.sure[slot] = true
}

func (s *scope) assigned(slot int) bool { return slot < len(s.sure) && s.sure[slot] }

// branch compiles a part that may not run, or of which one of several runs,
// and gives what is sure at its end.
func (s *scope) branch(f func()) []bool {
	before := slices.Clone(s.sure)
	f()
	after := s.sure
	s.sure = before
	return after
}

// both is what is sure after either of two ways.
func both(a, b []bool) []bool {
	out := make([]bool, min(len(a), len(b)))
	for i := range out {
		out[i] = a[i] && b[i]
	}
	return out
}

// declare gives a slot to every name that is assigned somewhere in the
// statements, so that reading it is no mistake wherever it stands.
func (s *scope) declare(list []syntax.Stmt) {
	for _, st := range list {
		s.declareIn(st)
	}
}

func (s *scope) declareIn(st syntax.Stmt) {
	switch n := st.(type) {
	case *syntax.Block:
		if n != nil {
			s.declare(n.Stmts)
		}
	case *syntax.If:
		for _, c := range n.Clauses {
			s.declareIn(c.Body)
		}
		if n.Else != nil {
			s.declareIn(n.Else)
		}
	case *syntax.ForEach:
		s.slot(n.Var.Name)
		s.declareIn(n.Body)
	case *syntax.While:
		s.declareIn(n.Body)
	case *syntax.Try:
		s.declareIn(n.Body)
		if n.Var != nil {
			s.slot(n.Var.Name)
		}
		s.declareIn(n.Catch)
	case *syntax.Assign:
		switch target := n.Target.(type) {
		case *syntax.Name:
			s.slot(target.Name)
			if call, ok := n.Value.(*syntax.Method); ok {
				s.made[call] = target.Name
			}
		case *syntax.Member:
			if name, ok := target.X.(*syntax.Name); ok {
				s.filled[name.Name] = true
			}
		}
	}
}

// path is a dotted name such as zoho.encryption, and whether an expression is
// one whose first part is no variable.
func (s *scope) path(e syntax.Expr) (string, bool) {
	switch n := e.(type) {
	case *syntax.Name:
		_, variable := s.slots[n.Name]
		return n.Name, !variable
	case *syntax.Member:
		left, ok := s.path(n.X)
		return left + "." + n.Name.Name, ok
	}
	return "", false
}

// lastName is the last part of a dotted name.
func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// Package scripting compiles and runs Deluge. Expressions are lowered to the
// nodes of expr-lang and run as its bytecode, but for single operations, whose
// functions are called at once; statements are closures over the slots that are
// that machine's variables. It knows no connection, no service and no secret:
// what a script calls goes through an Invoker that the caller brings, and so do
// Forms, Tasks, a Mailer and a Library of other files.
//
//	text -> syntax.Parse -> check (names to slots) -> lower -> expr bytecode
//	                                                             |
//	Run: arguments -> frame of slots -> statements -> expressions, on a budget
//
// What of the language is here, and how contradictory places were decided, is
// told in SPEC.md. It is the only package that imports expr.
package scripting

import (
	"sync"

	"github.com/connhost/connhost/scripting/syntax"
)

// A Source is a script: its name, as messages show it, and its text.
type Source struct {
	Name string
	Text string
}

// Options are what a compilation needs besides the text. The zero value works.
type Options struct {
	Limits  Limits
	Dialect syntax.Dialect // the default one when empty
	Strict  bool           // what the dialect's product would refuse is an error
	// Library has the functions of other files. Without one, a call of a
	// function that is not in the file is a warning and fails when it runs.
	Library *Library
	// Globals are the names of objects that the caller puts around the script,
	// besides those that every product has.
	Globals []string
	// Service says whether a name is that of a service that has named actions:
	// what stands behind it and a dot is an action. Of any other name, and
	// without Service, the run decides. It is asked for names alone that
	// nothing else here has.
	Service func(name string) bool
}

// Syntax are the options of the parser among them.
func (o Options) Syntax() syntax.Options {
	return syntax.Options{Limits: o.Limits.orDefault().syntax(), Dialect: o.Dialect, Strict: o.Strict}
}

// A Program is a compiled script. It is immutable and safe for concurrent use;
// each run gets a machine of its own.
type Program struct {
	source *syntax.Source
	limits Limits
	// httpErrors makes an answer of 400 or more an error, as Flow and Desk do.
	httpErrors bool
	page       bool        // an HTML page
	body       *function   // the statements outside functions; nil when there are none
	functions  []*function // in the order of the text
	exprs      []*code
	uses       uses
	machines   sync.Pool
}

// uses is what of the world a script names.
type uses struct {
	connections []ConnectionUse
	actions     []ActionUse
	files       map[*libraryFile]bool
}

// A ConnectionUse is a place where a script names a connection by a literal.
type ConnectionUse struct {
	Name  string       `json:"name"`
	Range syntax.Range `json:"range"`
}

// A Signature is the header of a function.
type Signature struct {
	Name   string   // with its namespaces: automation.greet
	Result string   // as written
	Params []string // "string name"
}

// Compile reads and checks a script, and the files of its library that it
// reaches. The program is nil when a diagnostic is an error; all that are found
// are told, in the order of the text, those of other files behind them.
func Compile(src Source, opts Options) (*Program, []syntax.Diagnostic) {
	p, found := compile(src, opts)
	if p == nil || opts.Library == nil {
		return p, found
	}
	if other := opts.Library.reach(p.uses.files, map[*libraryFile]bool{}); len(other) > 0 {
		return nil, append(found, other...)
	}
	return p, found
}

func compile(src Source, opts Options) (*Program, []syntax.Diagnostic) {
	limits := opts.Limits.orDefault()
	s := syntax.NewSource(src.Name, src.Text)
	file, found := syntax.Parse(s, opts.Syntax())
	p := &Program{source: s, limits: limits, uses: uses{files: map[*libraryFile]bool{}}}
	p.page = file.Page
	p.httpErrors = opts.Dialect == syntax.Flow || opts.Dialect == syntax.Desk
	if err := selfTest(); err != nil {
		return nil, append(found, s.Report(syntax.Internal, syntax.Span{}, err.Error(), ""))
	}
	c := &builder{program: p, source: s, found: found, library: opts.Library, globals: opts.Globals, service: opts.Service}
	c.compile(file)
	syntax.SortDiagnostics(c.found)
	if syntax.HasErrors(c.found) {
		return nil, c.found
	}
	return p, c.found
}

// Functions lists the headers in the script.
func (p *Program) Functions() []Signature {
	var list []Signature
	for _, f := range p.functions {
		s := Signature{Name: f.name, Result: f.result}
		for _, q := range f.params {
			s.Params = append(s.Params, q.kind+" "+q.name)
		}
		list = append(list, s)
	}
	return list
}

// Connections lists where the script names connections by literals.
func (p *Program) Connections() []ConnectionUse { return p.uses.connections }

// Actions lists the calls that may be named actions of services.
func (p *Program) Actions() []ActionUse { return p.uses.actions }

// Render shows a diagnostic of this script's compilation with its line.
func Render(src Source, d syntax.Diagnostic) string {
	return syntax.NewSource(src.Name, src.Text).Render(d)
}

package scripting

import (
	"fmt"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"

	"github.com/connhost/connhost/scripting/syntax"
)

// A Library holds the functions of other files that scripts may call:
// standalone.total(a), thisapp.orders.total(a), total(a). It is safe for
// concurrent use. A file is compiled when a script that reaches it is.
type Library struct {
	opts      Options
	functions map[string][]*libraryFunction // by name in lower case, with namespaces and without
	sources   map[string]Source
}

// A libraryFunction is a function by its header.
type libraryFunction struct {
	name   string // with namespaces
	params int
	file   *libraryFile
}

// A libraryFile is a file of a library, compiled at most once.
type libraryFile struct {
	source  Source
	once    sync.Once
	program *Program
	found   []syntax.Diagnostic
}

// NewLibrary reads the headers of files. Files without a function are no part
// of it. Its functions may call each other, over files and in circles. They are
// compiled with the options, but with this library.
func NewLibrary(files []Source, opts Options) *Library {
	lib := &Library{opts: opts, functions: map[string][]*libraryFunction{}, sources: map[string]Source{}}
	lib.opts.Library = lib
	for _, src := range files {
		tree, _ := syntax.Parse(syntax.NewSource(src.Name, src.Text), opts.Syntax())
		file := &libraryFile{source: src}
		for _, decl := range tree.Functions() {
			fn := &libraryFunction{name: pathName(decl.Path), params: len(decl.Params), file: file}
			lib.add(strings.ToLower(fn.name), fn)
			if last := strings.ToLower(lastName(fn.name)); last != strings.ToLower(fn.name) {
				lib.add(last, fn)
			}
			lib.sources[src.Name] = src
		}
	}
	return lib
}

func (lib *Library) add(key string, fn *libraryFunction) {
	lib.functions[key] = append(lib.functions[key], fn)
}

// Source gives a file by its name, so that findings in it can be shown.
func (lib *Library) Source(name string) (Source, bool) {
	if lib == nil {
		return Source{}, false
	}
	src, ok := lib.sources[name]
	return src, ok
}

// namespaces are those under which products keep functions whose header may
// not name one.
var namespaces = []string{"thisapp", "standalone", "automation", "button", "schedule", "validation_rule", "related_list"}

func isNamespace(first string) bool {
	for _, ns := range namespaces {
		if strings.EqualFold(first, ns) {
			return true
		}
	}
	return false
}

// find gives the functions that a name may mean: those of exactly this name,
// else, under a namespace of a product, those that end so.
func (lib *Library) find(name string) []*libraryFunction {
	if lib == nil {
		return nil
	}
	key := strings.ToLower(name)
	if list := lib.functions[key]; len(list) > 0 {
		return list
	}
	first, rest, dotted := strings.Cut(key, ".")
	if !dotted || !isNamespace(first) {
		return nil
	}
	if list := lib.functions[rest]; len(list) > 0 && (first == "thisapp" || !strings.Contains(list[0].name, ".")) {
		return list
	}
	return nil
}

// names are the functions that a hint may name.
func (lib *Library) names() []string {
	var list []string
	if lib != nil {
		for _, fns := range lib.functions {
			list = append(list, lastName(fns[0].name))
		}
	}
	return list
}

// compile compiles the file, once.
func (lib *Library) compile(f *libraryFile) *Program {
	f.once.Do(func() { f.program, f.found = compile(f.source, lib.opts) })
	return f.program
}

// reach compiles every file that the programs reach, and gives what was found
// in those that have mistakes.
func (lib *Library) reach(from map[*libraryFile]bool, seen map[*libraryFile]bool) []syntax.Diagnostic {
	var found []syntax.Diagnostic
	for f := range from {
		if seen[f] {
			continue
		}
		seen[f] = true
		p := lib.compile(f)
		if p == nil {
			found = append(found, f.found...)
			continue
		}
		found = append(found, lib.reach(p.uses.files, seen)...)
	}
	return found
}

// fromLibrary compiles a call of a function of the library; false when it has
// none of that name.
func (l *lowering) fromLibrary(name string, nameSpan, span syntax.Span, args func() []ast.Node) (ast.Node, bool) {
	list := l.library.find(name)
	if len(list) == 0 {
		return nil, false
	}
	fn := list[0]
	if len(list) > 1 {
		l.report(syntax.Duplicate, nameSpan, fmt.Sprintf("%s is in %s and in %s", name, fn.file.source.Name, list[1].file.source.Name),
			"call it with its namespace, or rename one of them")
	}
	nodes := args()
	if len(nodes) != fn.params {
		l.report(syntax.ArgumentCount, nameSpan, fmt.Sprintf("%s takes %s and gets %d", fn.name, argumentCount(fn.params), len(nodes)), "see "+fn.file.source.Name)
	}
	l.program.uses.files[fn.file] = true
	return l.call(span, typeOfMany, &ref{func(m *machine) any {
		return func(args ...any) any { return m.callLibrary(fn, args) }
	}}, nodes...), true
}

// callLibrary runs a function of another file, on a machine of that file that
// shares the run.
func (m *machine) callLibrary(fn *libraryFunction, args []any) any {
	p := fn.file.program
	target, err := p.entry(fn.name)
	if err != nil {
		panic(err) // the header was there when it was read
	}
	callee := p.machine()
	callee.join(m)
	v := callee.call(target, args)
	callee.release()
	return v
}

// pathName is a dotted name.
func pathName(path []syntax.Ident) string {
	var names []string
	for _, part := range path {
		names = append(names, part.Name)
	}
	return strings.Join(names, ".")
}

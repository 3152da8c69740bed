package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/syntax"
)

// unknownConnection is the code of the one finding that is the command's own:
// the language does not know which connections there are.
const unknownConnection syntax.Code = "W101"

func (p *program) checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Check scripts without running them", Args: atLeast("FILE"),
		Long: `Check scripts: every mistake is shown with its place. Connections that a script
names are looked up, unless there is no store yet, and with --lib the functions
of other files: whether they are there, and how many arguments they take. With
--syntax-only only the grammar is checked: no function, variable or connection
is looked up, and no store is opened. Warnings alone are no failure.`,
		Example: `  connhost check report.dg orders.dg
  connhost check --lib functions functions/*.dg
  connhost check --dialect crm --strict report.dg
  connhost check --syntax-only --output json report.dg`,
		Annotations: writesSarif,
		RunE:        func(cmd *cobra.Command, args []string) error { return p.check(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.syntaxOnly, "syntax-only", false, "check the grammar alone, and open no store")
	f.language.add(cmd)
	addLibrary(cmd, &f.libraries)
	return cmd
}

// checkFlags are the options of check.
type checkFlags struct {
	syntaxOnly bool
	language   languageFlags
	libraries  []string
}

// checkData is one checked script as it is printed.
type checkData struct {
	File        string                    `json:"file"`
	OK          bool                      `json:"ok"`
	Functions   []string                  `json:"functions"`
	Connections []scripting.ConnectionUse `json:"connections"`
	Diagnostics []syntax.Diagnostic       `json:"diagnostics"`
}

func (p *program) check(ctx context.Context, files []string, f checkFlags) error {
	set, err := p.settings(&p.flags)
	if err != nil {
		return err
	}
	opts, err := f.language.options(set.limits)
	if err != nil {
		return err
	}
	if opts.Library, err = p.library(f.libraries, opts); err != nil {
		return err
	}
	known := func(string) bool { return true }
	if !f.syntaxOnly && set.exists() {
		s, err := p.open(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = s.close() }()
		known = func(name string) bool {
			_, err := s.broker.Connection(ctx, s.subject, name)
			return host.CodeOf(err) != host.NotFound
		}
	}
	all := []checkData{}
	failed := false
	var unread error // the last file that could not be read
	for _, path := range files {
		src, err := p.readScript(path, set.limits.int("source"))
		if err != nil {
			if unread != nil {
				p.tell(unread, p.mask)
			}
			unread = err
			continue
		}
		d := checkData{File: src.Name, Functions: []string{}, Connections: []scripting.ConnectionUse{}, Diagnostics: []syntax.Diagnostic{}}
		if f.syntaxOnly {
			d.read(src, opts)
		} else {
			d.compile(src, opts, known)
		}
		failed = failed || !d.OK
		all = append(all, d)
		if p.flags.output == "text" {
			p.diagnostics(p.out, src, opts.Library, d.Diagnostics)
			if len(d.Diagnostics) == 0 {
				fmt.Fprintf(p.out, "%s: ok\n", src.Name)
			}
		}
	}
	switch p.flags.output {
	case "json":
		err = p.show(all, nil)
	case "sarif":
		err = p.encode(newSarif(checkFindings(all), scriptRule))
	}
	if err != nil {
		return err
	}
	if unread != nil {
		return unread
	}
	if failed {
		return quiet{host.Failed}
	}
	return nil
}

func checkFindings(all []checkData) []finding {
	var found []finding
	for _, script := range all {
		for _, d := range script.Diagnostics {
			from, to := d.Range.Start, d.Range.End
			found = append(found, finding{
				rule: string(d.Code), level: string(d.Severity), message: d.Message, hint: d.Hint, file: d.File,
				line: from.Line, column: from.Column, endLine: to.Line, endColumn: to.Column,
			})
		}
	}
	return found
}

// scriptRule is what a code of a script's findings is about.
func scriptRule(id string) string {
	if id == string(unknownConnection) {
		return "unknown connection"
	}
	e, _ := syntax.Explain(syntax.Code(id))
	return e.Title
}

// read checks the grammar of a script.
func (d *checkData) read(src scripting.Source, opts scripting.Options) {
	file, found := syntax.Parse(syntax.NewSource(src.Name, src.Text), opts.Syntax())
	d.Diagnostics = append(d.Diagnostics, found...)
	d.OK = !syntax.HasErrors(found)
	for _, f := range file.Functions() {
		d.Functions = append(d.Functions, f.Name())
	}
}

// compile checks a script as run would take it.
func (d *checkData) compile(src scripting.Source, opts scripting.Options, known func(string) bool) {
	script, found := scripting.Compile(src, opts)
	for _, one := range found {
		if one.Code == syntax.OtherFile && one.Hint == "" {
			one.Hint = "name the folder of that file: --lib FOLDER"
		}
		d.Diagnostics = append(d.Diagnostics, one)
	}
	if script == nil {
		return
	}
	d.OK = true
	for _, f := range script.Functions() {
		d.Functions = append(d.Functions, f.Name)
	}
	for _, use := range script.Connections() {
		d.Connections = append(d.Connections, use)
		if !known(use.Name) {
			d.Diagnostics = append(d.Diagnostics, syntax.Diagnostic{
				Code: unknownConnection, Severity: syntax.Warning, File: src.Name, Range: use.Range,
				Message: "no connection named " + quote(use.Name), Hint: "see: connhost connection list",
			})
		}
	}
	syntax.SortDiagnostics(d.Diagnostics)
}

// diagnostics prints findings with their lines and carets; those in files of
// the library too.
func (p *program) diagnostics(w io.Writer, src scripting.Source, library *scripting.Library, list []syntax.Diagnostic) {
	for _, d := range list {
		shown := src
		if other, ok := library.Source(d.File); ok && d.File != src.Name {
			shown = other
		}
		fmt.Fprint(w, p.mask.Text(scripting.Render(shown, d)))
	}
}

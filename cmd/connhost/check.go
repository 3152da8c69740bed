package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/syntax"
)

func (p *program) checkCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Check scripts without running them", Args: atLeast("FILE"),
		Long: `Check scripts: every mistake is shown with its place. Connections that a script
names are looked up, unless there is no store yet: whether a run of the
application (--app) in the environment (--env) by the acting user (--as) could
use them, whether they were granted the scopes that named actions need, and
whether their authorization ends within --ahead. With --app given, what the
scripts use is recorded. With --lib functions of other files are looked up: whether
they are there, and how many arguments they take. With --syntax-only only the
grammar is checked: no function, variable or connection is looked up, and no store
is opened. Warnings alone are no failure; "connhost explain CODE" tells what one
means.`,
		Example: `  connhost check report.dg orders.dg
  connhost check --lib functions functions/*.dg
  connhost check --dialect crm --strict report.dg
  connhost check --app billing --env production --unattended nightly.dg
  connhost check --syntax-only --output json report.dg`,
		Annotations: writesSarif,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.record = cmd.Flags().Changed("app")
			if f.ahead < 0 {
				return usage(cmd, "--ahead is below zero")
			}
			return p.check(cmd.Context(), args, f)
		},
	}
	cmd.Flags().BoolVar(&f.syntaxOnly, "syntax-only", false, "check the grammar alone, and open no store")
	p.applicationFlag(cmd, &f.app, "the application that the scripts belong to; what they use is recorded when it is given")
	cmd.Flags().BoolVar(&f.alone, "unattended", false, "as for a run in which nobody acts")
	cmd.Flags().DurationVar(&f.ahead, "ahead", 7*24*time.Hour, "warn of authorizations that end within this `TIME`")
	for _, flag := range []string{"app", "unattended", "ahead"} {
		cmd.MarkFlagsMutuallyExclusive("syntax-only", flag)
	}
	f.language.add(cmd)
	addLibrary(cmd, &f.libraries)
	return cmd
}

// checkFlags are the options of check.
type checkFlags struct {
	syntaxOnly bool
	app        string
	record     bool // what the scripts use
	alone      bool // nobody acts
	ahead      time.Duration
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
	look := lookup{service: services(nil)} // looks nothing up
	if !f.syntaxOnly && (set.exists() || f.record) {
		if look, err = p.lookup(ctx, f); err != nil {
			return err
		}
		defer look.close()
	}
	opts.Service = look.service
	if opts.Library, err = p.library(f.libraries, opts); err != nil {
		return err
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
			uses := d.compile(src, opts)
			if err := look.script(ctx, &d, uses); err != nil {
				return err
			}
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
	e, _ := explainScript(syntax.Code(id))
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

// compile checks a script as run would take it, and gives the calls that may be
// named actions.
func (d *checkData) compile(src scripting.Source, opts scripting.Options) []scripting.ActionUse {
	script, found := scripting.Compile(src, opts)
	for _, one := range found {
		if one.Code == syntax.OtherFile && one.Hint == "" {
			one.Hint = "name the folder of that file: --lib FOLDER"
		}
		d.Diagnostics = append(d.Diagnostics, one)
	}
	if script == nil {
		return nil
	}
	d.OK = true
	for _, f := range script.Functions() {
		d.Functions = append(d.Functions, f.Name)
	}
	d.Connections = append(d.Connections, script.Connections()...)
	return script.Actions()
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

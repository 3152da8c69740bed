package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	_ "time/tzdata" // zones of scripts, also where the system has no database

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/pdf"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// runFlags are the options of run.
type runFlags struct {
	function string
	args     []string
	argsJSON string
	trace    bool
	jsonBody bool
	app      string
	alone    bool // nobody acts
	tape     tapeFlags
	language languageFlags
	world    worldFlags
}

func (p *program) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use: "run FILE", Short: "Run a Deluge script", Args: exactly("FILE"),
		Long: `Run a Deluge script. What it prints with info goes to standard output as it
comes, then "=> " and the value that it returns; an HTML page is written as it
comes. The exit status is 0, or that of the error that ended it: see "Exit
status" in README.

What a product would put around the script comes from files: --input, --context,
--forms and --fixtures. Mails go out when smtp is configured. Mails and what the
script does to the page of a person are told on standard error.`,
		Example: `  connhost run report.dg
  connhost run orders.dg --function standalone.total --arg customer=42
  connhost run orders.dg --env production --output json
  connhost run on_submit.dg --input record.json --forms forms.yaml --lib functions
  connhost run report.dg --record report.yaml && connhost run report.dg --replay report.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd.Context(), args[0], f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.function, "function", "", "the function to run; the body of the script, or its first function, unless given")
	fs.StringArrayVar(&f.args, "arg", nil, "an argument as text, `NAME=VALUE`; repeats")
	fs.StringVar(&f.argsJSON, "args", "", "arguments as a JSON object, or @FILE")
	fs.StringVar(&p.flags.preset, "limits", "", "the limits of a product: creator")
	fs.BoolVar(&f.jsonBody, "json-bodies", false, "send a text that is JSON as application/json, unless the script says what it is")
	f.world.add(cmd)
	p.applicationFlag(cmd, &f.app, "the application that the script belongs to")
	fs.BoolVar(&f.alone, "unattended", false, "nobody acts: over user connections the primary account's authorization is used")
	fs.StringVar(&f.tape.record, "record", "", "write the calls and their answers into this cassette, a `FILE` without secrets")
	fs.StringVar(&f.tape.replay, "replay", "", "answer the calls from this cassette, a `FILE`: nothing is called and no store is opened")
	fs.BoolVar(&f.trace, "trace", false, "print every statement and call to standard error as it happens")
	f.language.add(cmd)
	return cmd
}

// readScript reads a script's text; "-" is standard input.
func (p *program) readScript(path string, limit int) (scripting.Source, error) {
	src := scripting.Source{Name: path}
	var in io.Reader = p.in
	if path == "-" {
		src.Name = "stdin"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return src, host.Errorf(host.NotFound, "the script %s cannot be read: %s", path, plainFileError(err)).Because(err).
				WithHint("give the path of a file, or - for standard input")
		}
		defer f.Close()
		in = f
	}
	// One byte more than the limit: the compiler then says which one it is.
	data, err := io.ReadAll(io.LimitReader(in, int64(limit)+1))
	if info, statErr := os.Stat(path); err != nil && statErr == nil && info.IsDir() {
		return src, host.Errorf(host.Usage, "%s is a folder, and scripts are given by their files", path).
			WithHint("check all of them: connhost check --lib %s %s", path, filepath.Join(path, "*.dg"))
	}
	if err != nil {
		return src, host.Errorf(host.Failed, "the script %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	src.Text = string(data)
	return src, nil
}

// scriptName is the name under which a script's use of connections is recorded:
// its path as it was given, written in one way. An absolute one would differ
// from one machine to the next.
func scriptName(path string) string { return filepath.ToSlash(filepath.Clean(path)) }

// scriptLimits are the limits of a script.
func scriptLimits(l limits) scripting.Limits {
	return scripting.Limits{
		Source: l.int("source"), Nesting: l.int("nesting"), Steps: l["steps"], Memory: l["memory"],
		Calls: l.int("invokeurl_calls"), Time: l.time("run_time"), Depth: l.int("call_depth"), Statements: l["statements"],
	}
}

// arguments gathers --args and --arg; the latter wins.
func (f runFlags) arguments() (map[string]any, error) {
	out := map[string]any{}
	if f.argsJSON != "" {
		text := f.argsJSON
		if path, ok := strings.CutPrefix(text, "@"); ok {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, host.Errorf(host.NotFound, "the arguments in %s cannot be read: %s", path, plainFileError(err)).Because(err)
			}
			text = string(data)
		}
		parsed, err := scripting.ParseArgs(text)
		if err != nil {
			return nil, host.Errorf(host.Usage, "--args takes a JSON object: %v", err).
				WithHint(`write for example: --args '{"id": 7}', or --args @FILE`)
		}
		out = parsed
	}
	given, err := pairs("--arg", f.args)
	for name, text := range given {
		out[name] = text
	}
	return out, err
}

// runData is a run as it is printed with --output json.
type runData struct {
	Return   any                    `json:"return"`
	Info     []string               `json:"info"`
	Requests []requestData          `json:"requests"`
	Mails    []mailData             `json:"mails"`
	Client   []scripting.ClientTask `json:"client"` // what was done with the page of a person
	Tasks    []taskData             `json:"tasks"`  // of services, and how they went
	Input    json.RawMessage        `json:"input,omitempty"`
	Page     string                 `json:"page,omitempty"`
	Error    *runErrorData          `json:"error"`
}

func newRunData() runData {
	return runData{Info: []string{}, Requests: []requestData{}, Client: []scripting.ClientTask{}, Tasks: []taskData{}, Mails: []mailData{}}
}

// taskData is one task of a service as it is printed: without its arguments.
type taskData struct {
	Task  string `json:"task"`
	Error string `json:"error,omitempty"`
}

// runErrorData is the error that ended a run.
type runErrorData struct {
	Kind    host.Code   `json:"kind"`
	Code    syntax.Code `json:"code,omitempty"`
	Message string      `json:"message"`
	Line    int         `json:"line,omitempty"`
	Column  int         `json:"column,omitempty"`
	Hint    string      `json:"hint,omitempty"`
}

func (p *program) run(ctx context.Context, path string, f runFlags) error {
	set, err := p.settings(&p.flags)
	if err != nil {
		return err
	}
	if f.alone && p.flags.as != "" {
		return aloneAndAs()
	}
	if f.alone {
		set.as = ""
	}
	args, err := f.arguments()
	if err != nil {
		return err
	}
	env, err := f.world.env(or(set.as, p.userName))
	if err != nil {
		return err
	}
	env.Function, env.Args, env.JSONBodies = f.function, args, f.jsonBody
	opts, err := f.language.options(set.limits)
	if err != nil {
		return err
	}
	calls := &caller{program: p, trace: f.trace, app: f.app, alone: f.alone}
	defer calls.close()
	tape, err := f.tape.taped(calls)
	if err != nil {
		return err
	}
	opts.Service = f.tape.known(ctx, set, calls, tape) // for the library too
	if opts.Library, err = p.library(f.world.libraries, opts); err != nil {
		return err
	}
	opts.Globals = slices.Collect(maps.Keys(env.Globals))
	src, err := p.readScript(path, set.limits.int("source"))
	if err != nil {
		return err
	}
	calls.use = broker.ScriptUse{Script: scriptName(src.Name), Function: f.function}
	script, found := scripting.Compile(src, opts)
	p.diagnostics(p.err, src, opts.Library, unexpected(found, args, script))
	if script == nil {
		return p.showRejected(found)
	}
	if f.tape.replay == "" && (set.as != "" || f.app != host.DefaultApplication) { // a wrong name is told before anything runs
		if _, err := calls.open(ctx); err != nil {
			return err
		}
	}
	data := newRunData()
	mails := &mailer{program: p, smtp: set.smtp}
	env.Invoker, env.Actions, env.Mailer, env.Renderer = calls, calls, mails, pdf.Find()
	if tape != nil {
		env.Invoker, env.Actions = tape, tape
	}
	p.listen(&env, &data)
	if f.trace {
		env.Hook = p.tracer(src, opts.Library)
	}
	result, err := script.Run(ctx, env)
	if taping := f.tape.finish(tape); taping != nil && err == nil {
		err = taping
	} else if taping != nil {
		p.tell(taping, p.mask)
	}
	data.Requests, data.Mails = append(data.Requests, calls.done...), append(data.Mails, mails.done...)
	if f.world.input != "" {
		data.Input = json.RawMessage(scripting.JSON(env.Globals["input"]))
	}
	if script.IsPage() && p.flags.output == "text" {
		fmt.Fprintln(p.out)
	}
	return p.showRun(data, result, err)
}

func aloneAndAs() error {
	return host.Errorf(host.Usage, "--unattended is for a run in which nobody acts, and --as names who does").
		WithHint("leave one of them out")
}

// listen prints what the run tells as it comes, or keeps it for the JSON object.
func (p *program) listen(env *scripting.Env, data *runData) {
	asJSON := p.flags.output == "json"
	env.Info = p.info(data)
	env.Page = func(text string) {
		if asJSON {
			data.Page += text
			return
		}
		fmt.Fprint(p.out, text)
	}
	env.Client = func(t scripting.ClientTask) {
		data.Client = append(data.Client, t)
		line := strings.Join(append([]string{t.Task, strings.Join(t.Fields, ", ")}, t.Args...), " ")
		fmt.Fprintf(p.err, "page: %s\n", p.mask.Text(strings.Join(strings.Fields(line), " ")))
	}
	if env.Tasks != nil {
		env.Tasks = &taskTeller{env.Tasks, data, p}
	}
}

// A taskTeller keeps which tasks of services were done.
type taskTeller struct {
	scripting.Tasks
	data *runData
	p    *program
}

// Do does one task.
func (t *taskTeller) Do(ctx context.Context, call scripting.TaskCall) (any, error) {
	v, err := t.Tasks.Do(ctx, call)
	if _, none := errors.AsType[*scripting.Missing](err); none {
		return v, err // a service may do it yet
	}
	d := taskData{Task: call.Name}
	if err != nil {
		d.Error = t.p.mask.Text(err.Error())
	}
	t.data.Tasks = append(t.data.Tasks, d)
	return v, err
}

// showRejected prints the JSON object of a script that was not compiled. Its
// error is the first; all of them stand on standard error.
func (p *program) showRejected(found []syntax.Diagnostic) error {
	code := rejection(found)
	if p.flags.output == "json" {
		data := newRunData()
		data.Error = &runErrorData{Kind: code, Message: "the script cannot be run"}
		if i := slices.IndexFunc(found, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error }); i >= 0 {
			d := found[i]
			data.Error = &runErrorData{code, d.Code, p.mask.Text(d.Message), d.Range.Start.Line, d.Range.Start.Column, p.mask.Text(d.Hint)}
		}
		if err := p.show(data, nil); err != nil {
			return err
		}
	}
	return quiet{code}
}

// rejection is the class of a script that was not compiled: refused by a
// limit, or wrong.
func rejection(found []syntax.Diagnostic) host.Code {
	for _, d := range found {
		switch d.Code {
		case syntax.SourceTooBig, syntax.TooNested, syntax.TooManyNodes:
			return host.Refused
		}
	}
	return host.Failed
}

// unexpected drops the warnings about variables that the caller did give, and
// about functions that may be named actions: the run knows.
func unexpected(found []syntax.Diagnostic, args map[string]any, script *scripting.Program) []syntax.Diagnostic {
	return slices.DeleteFunc(slices.Clone(found), func(d syntax.Diagnostic) bool {
		for name := range args {
			if d.Code == syntax.FreeVariable && strings.Contains(d.Message, " "+name+";") {
				return true
			}
		}
		return d.Code == syntax.OtherFile && script != nil &&
			slices.ContainsFunc(script.Actions(), func(a scripting.ActionUse) bool { return a.Range == d.Range })
	})
}

// info prints lines as they come, or keeps them for the JSON object.
func (p *program) info(data *runData) func(string) {
	return func(line string) {
		if p.flags.output == "json" {
			data.Info = append(data.Info, line)
			return
		}
		fmt.Fprintln(p.out, line)
	}
}

// tracer prints each statement's first line before it runs.
func (p *program) tracer(src scripting.Source, library *scripting.Library) func(scripting.Step) {
	files := map[string][]string{src.Name: strings.Split(src.Text, "\n")}
	return func(s scripting.Step) {
		lines, known := files[s.File]
		if !known {
			other, _ := library.Source(s.File)
			lines = strings.Split(other.Text, "\n")
			files[s.File] = lines
		}
		text := ""
		if n := s.Range.Start.Line; n >= 1 && n <= len(lines) {
			text = strings.TrimSpace(lines[n-1])
		}
		fmt.Fprintf(p.err, "%s:%d: %s%s\n", s.File, s.Range.Start.Line, strings.Repeat("  ", s.Depth-1), p.mask.Text(text))
	}
}

// showRun prints the outcome and gives the error for the exit status.
func (p *program) showRun(data runData, result scripting.Result, err error) error {
	code, hint := ending(err)
	if e, ok := errors.AsType[*scripting.Error](err); ok {
		fmt.Fprint(p.err, p.mask.Text(e.Render()))
		if hint != "" {
			fmt.Fprintf(p.err, "hint: %s\n", p.mask.Text(hint))
		}
		data.Error = &runErrorData{code, e.Code, p.mask.Text(e.Msg), e.Range.Start.Line, e.Range.Start.Column, hint}
	}
	if p.flags.output == "json" {
		if result.JSON != nil {
			data.Return = result.JSON
		}
		if err := p.show(data, nil); err != nil {
			return err
		}
	} else if result.Value != nil {
		fmt.Fprintf(p.out, "=> %s\n", result.Text)
	}
	switch {
	case err == nil:
		return nil
	case data.Error == nil || code == host.Internal:
		return err
	}
	return quiet{code}
}

// limitFlags are the names under which an operator raises what a script's
// budget calls otherwise.
var limitFlags = map[string]string{"time": "run_time", "depth": "call_depth"}

// missingHints say how to give a script what it misses.
var missingHints = map[string]string{
	"function": "if it stands in another file, name its folder: --lib FOLDER",
	"form":     "give its records: --forms FILE",
	"task":     "give its answer: --fixtures FILE",
	"object":   "give it: --input FILE for input, --context FILE for anything else",
}

// ending is the class of the error that ended a run, and the next step.
func ending(err error) (host.Code, string) {
	if e, ok := errors.AsType[*host.Error](err); ok {
		return e.Code, e.Hint
	}
	e, ok := errors.AsType[*scripting.Error](err)
	if !ok {
		return host.CodeOf(err), ""
	}
	if missing, ok := errors.AsType[*scripting.Missing](err); ok {
		hint := missingHints[missing.Kind]
		if near := scripting.SuggestTask(missing.Name); missing.Kind == "task" && near != "" {
			hint = "did you mean " + near + "? Or " + hint
		}
		return host.Failed, hint
	}
	switch e.Code {
	case syntax.LimitExceeded:
		if l, ok := errors.AsType[*value.Limit](err); ok {
			name := or(limitFlags[l.Name], l.Name)
			if _, settable := limitTable[name]; settable {
				return host.Refused, "if it is meant to do so much: --limit " + name + "=VALUE"
			}
		}
		return host.Refused, ""
	case syntax.Cancelled:
		return host.Interrupted, ""
	case syntax.Internal:
		return host.Internal, ""
	case syntax.BadArgument:
		return host.Usage, "give arguments with --arg NAME=VALUE or --args JSON, and choose a function with --function NAME"
	}
	return host.Failed, ""
}

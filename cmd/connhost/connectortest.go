package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// testFlags are the options of connector test.
type testFlags struct {
	run           string
	update, watch bool
}

func (p *program) connectorTest() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use: "test [DIR|FILE]", Short: "Run the cases of a connector, and hold it to the rules for all", Args: atMost("DIR or FILE"),
		Long: `Test a connector: its folder, the current directory unless given, or a built file,
which has no cases. Nothing leaves this machine, and no store is opened.

Cases of hooks call a hook with JSON and compare what it answers; their clock, random
bytes and secrets are their own, so their fuel is the same on every machine. What was
recorded ("connector record") is done again: the requests and what comes of them must
be the same. Flows are lived with a fake service that the manifest describes. Then
come the rules that every connector keeps as far as they apply: tokens are renewed
without loss, limits are obeyed, garbage is survived, no secret gets out. The score
counts them. plugins/CASES.md tells all keys and rules.`,
		Example: `  connhost connector test ./acme
  connhost connector test ./acme --run sign --update
  connhost connector test ./acme --watch`,
		Annotations: map[string]string{"output": "junit"},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := folderOf(slices.Concat(args, []string{"."})[0])
			if f.watch {
				return p.watchConnector(cmd.Context(), path, f)
			}
			return p.testConnector(cmd.Context(), path, f)
		},
	}
	cmd.Flags().StringVar(&f.run, "run", "", "run only the cases and rules whose name this `REGEXP` matches")
	cmd.Flags().BoolVar(&f.update, "update", false, "write what hooks and flows give into their cases; what was recorded is recorded anew")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "run again when a file changes, until interrupted")
	return cmd
}

// testConnector tests a folder or a file once.
func (p *program) testConnector(ctx context.Context, path string, f testFlags) error {
	wanted, err := regexp.Compile(f.run)
	if err != nil {
		return host.Errorf(host.Usage, "--run takes a regular expression: %v", err).WithHint("write for example: --run 'sign|test'")
	}
	t, err := p.openTested(ctx, path)
	if err != nil {
		return err
	}
	all := t.cases
	t.keep(wanted)
	if err := t.run(ctx, p, f.update); err != nil {
		return err
	}
	if len(t.list) == 0 {
		return host.Errorf(host.NotFound, "no case of %s and no rule matches --run %s", path, f.run).
			WithHint("it has %s; the rules stand in plugins/CASES.md", plural(len(all.Hooks)+len(all.Tapes)+len(all.Flows), "case"))
	}
	return p.showTested(t)
}

// A tested connector is one with its cases, and what came of them.
type tested struct {
	path     string
	hooks    []string
	cases    plugintest.Cases
	suite    plugintest.Suite
	list     []resultData
	verdicts []plugintest.Verdict
}

// openTested compiles a folder and reads its cases; of a file it reads the
// setting beside it.
func (p *program) openTested(ctx context.Context, path string) (*tested, error) {
	t := &tested{path: path}
	var err error
	if t.suite.Staging, err = p.staging(); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return t, p.openTestedFile(ctx, t)
	}
	m, err := build.Compile(ctx, path)
	if err != nil {
		return nil, p.invalid(err)
	}
	p.warn(m.Warnings)
	t.suite.File, t.hooks = m.File, m.Manifest.Hooks
	if t.cases, err = plugintest.ReadCases(path); err != nil {
		return nil, p.invalid(err)
	}
	t.set(t.cases.Setting)
	return t, nil
}

func (p *program) openTestedFile(ctx context.Context, t *tested) error {
	setting, err := settingBeside(t.path)
	if err != nil {
		return p.invalid(err)
	}
	t.set(setting)
	src, err := p.openLocal(ctx, t.path)
	if err == nil {
		err = src.check("")
	}
	t.suite.File = src.file
	return err
}

func (t *tested) set(s plugintest.Setting) {
	t.suite.Staging.Values, t.suite.Staging.Faults = s.Values, s.Faults
}

// staging is how connectors are rehearsed, with the operator's limits.
func (p *program) staging() (plugintest.Staging, error) {
	set, err := p.settings(&p.flags)
	if err != nil {
		return plugintest.Staging{}, err
	}
	s := plugintest.Staging{Limits: hookLimits(set.limits), Log: func(line string) { fmt.Fprintln(p.err, line) }}
	if set.store != "" {
		s.CacheDir = set.cacheDir()
	}
	return s, nil
}

// keep leaves the cases and rules whose names match.
func (t *tested) keep(wanted *regexp.Regexp) {
	t.cases.Hooks = slices.DeleteFunc(slices.Clone(t.cases.Hooks), func(c plugintest.Case) bool { return !wanted.MatchString(c.Name) })
	t.cases.Tapes = slices.DeleteFunc(slices.Clone(t.cases.Tapes), func(c plugintest.TapeCase) bool { return !wanted.MatchString(c.Name) })
	t.cases.Flows = slices.DeleteFunc(slices.Clone(t.cases.Flows), func(f plugintest.Flow) bool { return !wanted.MatchString(f.Name) })
	t.suite.Wanted = wanted.MatchString
}

// run runs what is left.
func (t *tested) run(ctx context.Context, p *program, update bool) error {
	r, err := p.runner(t.suite.File, plugintest.Options{Fixed: true})
	if err != nil {
		return err
	}
	defer r.Close()
	for _, c := range t.cases.Hooks {
		d, err := runCase(ctx, r, c, update)
		if err != nil {
			return err
		}
		t.list = append(t.list, d)
	}
	for _, c := range t.cases.Tapes {
		got, err := c.Run(ctx, t.suite)
		if err != nil {
			return rehearsable(err)
		}
		t.list = append(t.list, tapeData(got))
	}
	for _, f := range t.cases.Flows {
		d, err := t.runFlow(ctx, f, update)
		if err != nil {
			return rehearsable(err)
		}
		t.list = append(t.list, d)
	}
	t.verdicts, err = t.suite.Run(ctx)
	for _, v := range t.verdicts {
		t.list = append(t.list, ruleData(v))
	}
	return rehearsable(err)
}

// runCase runs a case; with update it passes unless its hook was stopped.
func runCase(ctx context.Context, r *plugintest.Runner, c plugintest.Case, update bool) (resultData, error) {
	got, err := c.Run(ctx, r)
	if err != nil {
		return resultData{}, err
	}
	if update && !got.OK() && (got.Output != nil || got.Error != nil) {
		text, err := got.Updated()
		if err != nil {
			return resultData{}, err
		}
		if err := writeCase(c.File, text); err != nil {
			return resultData{}, err
		}
		again, err := plugintest.ReadCase(c.File, text)
		if err != nil {
			return resultData{}, err
		}
		if got, err = again.Run(ctx, r); err != nil {
			return resultData{}, err
		}
	}
	return caseData(got), nil
}

// runFlow runs a flow. An update changes what its steps want up to the first that
// failed, so it is run until there is none, or no step passes that did not before.
func (t *tested) runFlow(ctx context.Context, f plugintest.Flow, update bool) (resultData, error) {
	got, err := f.Run(ctx, t.suite)
	for done := 0; err == nil && update && !got.OK() && len(got.Steps) > done; {
		done = len(got.Steps)
		text, failed := got.Updated()
		if failed == nil {
			failed = writeCase(f.File, text)
		}
		if failed == nil {
			f, failed = plugintest.ReadFlow(f.File, text)
		}
		if failed != nil {
			return resultData{}, failed
		}
		got, err = f.Run(ctx, t.suite)
	}
	return flowData(got), err
}

func writeCase(file string, text []byte) error {
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return host.Errorf(host.Failed, "%s cannot be written: %s", file, plainFileError(err)).Because(err)
	}
	return nil
}

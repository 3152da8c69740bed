package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// testFlags are the options of connector test.
type testFlags struct {
	run    string
	update bool
}

// caseData is a case as it is printed.
type caseData struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Hook   string `json:"hook"`
	OK     bool   `json:"ok"`
	Failed string `json:"failed,omitempty"`
	Fuel   int64  `json:"fuel"`
	Micros int64  `json:"time_us"`
	result plugintest.Result
}

func (p *program) connectorTest() *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use: "test [DIR]", Short: "Run the cases of a connector", Args: atMost("DIR"),
		Long: `Run the cases of a connector's folder, the current directory unless given. Some
call a hook with JSON and compare what it answers: clock, random bytes and secrets
are the case's own, so its fuel is the same on every machine. Others were recorded
("connector record"): what was done is done again, and the requests and what came of
them must be the same. plugins/CASES.md tells the keys of a case. No store is opened,
and nothing leaves the machine.`,
		Example: `  connhost connector test ./acme
  connhost connector test ./acme --run sign --update`,
		Annotations: map[string]string{"output": "junit"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.testConnector(cmd.Context(), folderOf(slices.Concat(args, []string{"."})[0]), f)
		},
	}
	cmd.Flags().StringVar(&f.run, "run", "", "run only the cases whose name this `REGEXP` matches")
	cmd.Flags().BoolVar(&f.update, "update", false, "write what the hooks give into the cases")
	return cmd
}

func (p *program) testConnector(ctx context.Context, dir string, f testFlags) error {
	wanted, err := regexp.Compile(f.run)
	if err != nil {
		return host.Errorf(host.Usage, "--run takes a regular expression: %v", err).WithHint("write for example: --run 'sign|test'")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return host.Errorf(host.Usage, "%s is a file, and the cases stand in a connector's folder", dir).WithHint("call its hooks one by one: connhost connector call %s HOOK", dir)
	}
	m, err := build.Compile(ctx, dir)
	if err != nil {
		return p.invalid(err)
	}
	p.warn(m.Warnings)
	cases, err := plugintest.ReadCases(dir)
	if err != nil {
		return p.invalid(err)
	}
	all := len(cases.Hooks) + len(cases.Tapes)
	cases.Hooks = slices.DeleteFunc(cases.Hooks, func(c plugintest.Case) bool { return !wanted.MatchString(c.Name) })
	cases.Tapes = slices.DeleteFunc(cases.Tapes, func(c plugintest.TapeCase) bool { return !wanted.MatchString(c.Name) })
	if len(cases.Hooks)+len(cases.Tapes) == 0 && all > 0 {
		return host.Errorf(host.NotFound, "no case of %s matches --run %s", dir, f.run)
	}
	r, err := p.runner(m.File, plugintest.Options{Fixed: true})
	if err != nil {
		return err
	}
	defer r.Close()
	list := []caseData{}
	for _, c := range cases.Hooks {
		d, err := runCase(ctx, r, c, f.update)
		if err != nil {
			return err
		}
		list = append(list, d)
	}
	staging, err := p.staging()
	if err != nil {
		return err
	}
	for _, c := range cases.Tapes {
		failed, err := c.Run(ctx, m.File, staging)
		if err != nil {
			return err
		}
		list = append(list, caseData{Name: c.Name, File: c.File, Hook: "recorded", OK: failed == "", Failed: failed})
	}
	return p.showTested(dir, m.Manifest.Hooks, list)
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

// runCase runs a case; with update it passes unless its hook was stopped.
func runCase(ctx context.Context, r *plugintest.Runner, c plugintest.Case, update bool) (caseData, error) {
	got, err := c.Run(ctx, r)
	if err != nil {
		return caseData{}, err
	}
	if update && !got.OK() && (got.Output != nil || got.Error != nil) {
		text, err := got.Updated()
		if err != nil {
			return caseData{}, err
		}
		if err := os.WriteFile(c.File, text, 0o644); err != nil {
			return caseData{}, host.Errorf(host.Failed, "%s cannot be written: %s", c.File, plainFileError(err)).Because(err)
		}
		again, err := plugintest.ReadCase(c.File, text)
		if err != nil {
			return caseData{}, err
		}
		if got, err = again.Run(ctx, r); err != nil {
			return caseData{}, err
		}
	}
	return caseData{c.Name, c.File, c.Hook, got.OK(), got.Failed, got.Used.Fuel, got.Used.Time.Microseconds(), got}, nil
}

func (p *program) showTested(dir string, hooks []string, list []caseData) error {
	failed := 0
	for _, d := range list {
		if !d.OK {
			failed++
		}
	}
	var err error
	switch p.flags.output {
	case "junit":
		err = writeJUnit(p.out, dir, list)
	default:
		err = p.show(list, func(w io.Writer) { writeTested(w, hooks, list, failed) })
	}
	if failed > 0 && err == nil {
		return quiet{host.Failed}
	}
	return err
}

func writeTested(w io.Writer, hooks []string, list []caseData, failed int) {
	if len(list) == 0 && len(hooks) == 0 {
		fmt.Fprintln(w, "there is no hook, so there is nothing to run")
		return
	}
	var rows [][]string
	untested := slices.Clone(hooks)
	for _, d := range list {
		rows = append(rows, []string{map[bool]string{true: "ok", false: "FAIL"}[d.OK], plain(d.Name), d.Hook, strconv.FormatInt(d.Fuel, 10), fmt.Sprintf("%d µs", d.Micros)})
		untested = slices.DeleteFunc(untested, func(h string) bool { return h == d.Hook })
	}
	table(w, "RESULT CASE HOOK FUEL TIME", rows)
	for _, d := range list {
		if !d.OK {
			fmt.Fprintf(w, "\n%s: %s\n", d.File, plain(d.Failed))
		}
	}
	fmt.Fprintf(w, "\n%s, %d failed\n", plural(len(list), "case"), failed)
	if len(untested) > 0 {
		fmt.Fprintf(w, "no case calls: %s\n", strings.Join(untested, ", "))
	}
}

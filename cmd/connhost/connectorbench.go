package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// benchFlags are the options of connector bench.
type benchFlags struct {
	hook, input string
	runs        int
}

// benchData is a connector's speed as it is printed.
type benchData struct {
	Connector string     `json:"connector"`
	Size      int        `json:"size"`
	LoadMS    float64    `json:"load_ms"` // scan and compile, without a cache
	Runs      int        `json:"runs"`
	Hooks     []hookData `json:"hooks"`
}

// hookData is one hook: medians, in microseconds of the guest.
type hookData struct {
	Hook   string `json:"hook"`
	Input  string `json:"input"` // the case's name, or where it is from
	Fresh  int64  `json:"fresh_us"`
	Kept   int64  `json:"kept_us"`
	Fuel   int64  `json:"fuel"` // of a fresh call
	Memory int64  `json:"memory"`
	Answer string `json:"answer"` // output, or the code of the hook's error
}

func (p *program) connectorBench() *cobra.Command {
	f := benchFlags{}
	cmd := &cobra.Command{
		Use: "bench FILE|DIR", Short: "Measure the hooks of a connector", Args: exactly("FILE or DIR"),
		Long: `Measure how long a connector's file takes to load and each of its hooks to answer.
LOAD is scanning and compiling, which the host does once and then keeps. FRESH is
a call with an instance made for it, as the first call of a connection; KEPT a call
in an instance that waits, as the next ones. Times are medians; fuel is the same on
every machine.

A hook is called with the input of its first case in DIR/cases, and with {} where
there is none. No store is opened.`,
		Example: `  connhost connector bench ./acme
  connhost connector bench acme.wasm --hook test --input response.json --runs 1000`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.bench(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.hook, "hook", "", "measure this `HOOK` alone")
	cmd.Flags().StringVar(&f.input, "input", "", "the input for --hook: a `FILE`, - for standard input, or the JSON itself")
	cmd.Flags().IntVar(&f.runs, "runs", 100, "how many calls of each kind")
	return cmd
}

func (p *program) bench(ctx context.Context, path string, f benchFlags) error {
	if f.runs < 1 || f.runs > 100_000 {
		return host.Errorf(host.Usage, "--runs is %d and must be 1 to 100000", f.runs)
	}
	if f.input != "" && f.hook == "" {
		return host.Errorf(host.Usage, "--input is for one hook: --hook is missing").WithHint("add: --hook HOOK")
	}
	opened, err := build.Open(ctx, path)
	if err != nil {
		return p.invalid(err)
	}
	p.warn(opened.Warnings)
	set, err := p.settings(&p.flags)
	if err != nil {
		return err
	}
	r, err := plugintest.Open(opened.File, plugintest.Options{Limits: hookLimits(set.limits), Fixed: true})
	if err != nil {
		return err
	}
	defer r.Close()
	hooks := r.Manifest.Hooks
	if f.hook != "" {
		hooks = []string{f.hook}
		err = hasHook(r.Manifest, f.hook)
	} else if len(hooks) == 0 {
		err = hasHook(r.Manifest, "")
	}
	if err != nil {
		return err
	}
	calls, err := p.benchCalls(path, hooks, f)
	if err != nil {
		return err
	}
	d := benchData{Connector: r.Manifest.ID, Size: len(opened.File), Runs: f.runs, Hooks: []hookData{}}
	begun := time.Now()
	if err := r.Prepare(ctx); err != nil {
		return benchFailed(r.Manifest.ID, err)
	}
	d.LoadMS = float64(time.Since(begun).Microseconds()) / 1000
	for _, c := range calls {
		h, err := measure(ctx, r, c, f.runs)
		if err != nil {
			return benchFailed(r.Manifest.ID, err)
		}
		d.Hooks = append(d.Hooks, h)
	}
	return p.show(d, func(w io.Writer) { writeBench(w, d) })
}

func benchFailed(id string, err error) error {
	if guest, ok := errors.AsType[*host.GuestError](err); ok {
		return hookStopped(id, guest)
	}
	return err
}

// A benchCall is a hook with an input and where that is from.
type benchCall struct {
	plugintest.Call
	from string
}

// benchCalls are the calls to measure, one for each hook.
func (p *program) benchCalls(path string, hooks []string, f benchFlags) ([]benchCall, error) {
	if f.input != "" {
		input, err := p.readInput(f.input)
		return []benchCall{{plugintest.Call{Hook: f.hook, Input: input}, "--input"}}, err
	}
	var cases plugintest.Cases
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if cases, err = plugintest.ReadCases(path); err != nil {
			return nil, p.invalid(err)
		}
	}
	var calls []benchCall
	for _, hook := range hooks {
		c := benchCall{plugintest.Call{Hook: hook, Input: []byte("{}")}, "{}"}
		if i := slices.IndexFunc(cases.Hooks, func(c plugintest.Case) bool { return c.Hook == hook }); i >= 0 {
			c = benchCall{cases.Hooks[i].Call(), cases.Hooks[i].Name}
		}
		calls = append(calls, c)
	}
	return calls, nil
}

// measure calls a hook in fresh instances and then in a kept one.
func measure(ctx context.Context, r *plugintest.Runner, c benchCall, runs int) (hookData, error) {
	d := hookData{Hook: c.Hook, Input: c.from, Answer: "output"}
	for _, kept := range []bool{false, true} {
		var times []int64
		c.Keep = kept
		for range runs {
			_, used, err := r.Call(ctx, c.Call)
			if guest, ok := errors.AsType[*host.GuestError](err); ok && guest.Kind == host.Declared {
				d.Answer = "error " + guest.Code
			} else if err != nil {
				return d, err
			}
			times = append(times, used.Time.Microseconds())
			if !kept {
				d.Fuel, d.Memory = used.Fuel, used.Memory
			}
		}
		slices.Sort(times)
		if median := times[len(times)/2]; kept {
			d.Kept = median
		} else {
			d.Fresh = median
		}
	}
	return d, nil
}

func writeBench(w io.Writer, d benchData) {
	fmt.Fprintf(w, "%s: %d bytes, load %.1f ms; medians of %s\n\n", d.Connector, d.Size, d.LoadMS, plural(d.Runs, "call"))
	var rows [][]string
	for _, h := range d.Hooks {
		rows = append(rows, []string{h.Hook, fmt.Sprintf("%d µs", h.Fresh), fmt.Sprintf("%d µs", h.Kept), strconv.FormatInt(h.Fuel, 10),
			fmt.Sprintf("%d KiB", h.Memory>>10), plain(h.Input), plain(h.Answer)})
	}
	table(w, "HOOK FRESH KEPT FUEL MEMORY INPUT ANSWER", rows)
}

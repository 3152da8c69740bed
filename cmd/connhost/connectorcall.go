package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// callFlags are the options of connector call.
type callFlags struct {
	input   string
	bodies  []string
	version string
	stats   bool
	secrets secretFlags
}

// calledData is a call as it is printed: an output or the connector's error.
type calledData struct {
	Connector string          `json:"connector"`
	Hook      string          `json:"hook"`
	Output    json.RawMessage `json:"output,omitempty"`
	Error     *abi.HookError  `json:"error,omitempty"`
	Fuel      int64           `json:"fuel"`
	Micros    int64           `json:"time_us"`
	Memory    int64           `json:"memory"`
}

func (p *program) connectorCall() *cobra.Command {
	var f callFlags
	cmd := &cobra.Command{
		Use: "call FILE|DIR|ID HOOK", Short: "Call one hook of a connector with JSON", Args: exactly("FILE, DIR or ID", "HOOK"),
		Long: `Call one hook of a connector with the JSON that it would get, and print what it
answers. A folder is built in memory first; a file or folder needs no store, and an
ID is an installed connector, a draft too. plugins/ABI.md shows an input for each
hook.

Nothing leaves: what the hook action asks for is shown and refused. Secrets that
the hook may name are those given here. An answer shows places, {{secret:NAME}}, as
the hook writes them.`,
		Example: `  connhost connector call ./acme test --input '{"response":{"status":200,"body":"{}","body_size":2}}'
  connhost connector call acme sign --input request.json --secret-env secret=ACME_SECRET --stats`,
		ValidArgsFunction: p.completeConnectors,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.callHook(cmd, args[0], args[1], f) },
	}
	cmd.Flags().StringVar(&f.input, "input", "", "the hook's input: a `FILE`, - for standard input, or the JSON itself")
	cmd.Flags().StringArrayVar(&f.bodies, "body", nil, "a `FILE` that the input names by body_handle 1, 2, ...; repeats")
	cmd.Flags().BoolVar(&f.stats, "stats", false, "print fuel, time and memory to standard error too")
	p.versionFlag(cmd, &f.version, "version", "call this `VERSION` of an installed connector; the current one unless given")
	f.secrets.register(cmd.Flags())
	return cmd
}

func (p *program) callHook(cmd *cobra.Command, target, hook string, f callFlags) error {
	call, err := p.readCall(hook, f)
	if err != nil {
		return err
	}
	file, err := p.connectorBytes(cmd, target, f.version)
	if err != nil {
		return err
	}
	r, err := p.runner(file, plugintest.Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	if err := hasHook(r.Manifest, hook); err != nil {
		return err
	}
	out, used, err := r.Call(cmd.Context(), call)
	d := calledData{r.Manifest.ID, hook, json.RawMessage(p.mask.Text(string(out))), nil, used.Fuel, used.Time.Microseconds(), used.Memory}
	guest, ok := errors.AsType[*host.GuestError](err)
	switch {
	case err != nil && !ok:
		return err
	case ok && guest.Kind != host.Declared:
		return hookStopped(r.Manifest.ID, guest)
	case ok:
		d.Error = &abi.HookError{Code: guest.Code, Message: guest.Msg, Retryable: guest.Retryable, Reauth: guest.Reauth, Field: guest.Field}
		err = hookRefused(r.Manifest, guest)
	}
	return errors.Join(p.showCalled(d, f.stats), err)
}

func (p *program) showCalled(d calledData, stats bool) error {
	if stats && p.flags.output == "text" {
		facts(p.err, "fuel", strconv.FormatInt(d.Fuel, 10), "time", fmt.Sprintf("%d µs", d.Micros), "memory", fmt.Sprintf("%d bytes", d.Memory))
	}
	if d.Error != nil && p.flags.output == "text" {
		return nil // its sentence says all
	}
	return p.show(d, func(w io.Writer) {
		var b bytes.Buffer
		if json.Indent(&b, d.Output, "", "  ") != nil {
			b.Write(d.Output)
		}
		fmt.Fprintln(w, b.String())
	})
}

// readCall reads input, bodies and secrets.
func (p *program) readCall(hook string, f callFlags) (plugintest.Call, error) {
	c := plugintest.Call{Hook: hook}
	if f.input == "-" && (f.secrets.stdin != "" || f.secrets.json == "-") {
		return c, host.Errorf(host.Usage, "standard input can be read once: give the input or the secret as a file")
	}
	var err error
	if c.Input, err = p.readInput(f.input); err != nil {
		return c, err
	}
	for _, path := range f.bodies {
		data, err := readSmall(path, abi.MaxFile)
		if err != nil {
			return c, host.Errorf(host.NotFound, "the body %s cannot be read: %s", path, plainFileError(err)).Because(err)
		}
		c.Bodies = append(c.Bodies, data)
	}
	c.Secrets, err = f.secrets.read(p.system)
	for _, s := range c.Secrets {
		p.mask.LearnSecret(s)
	}
	return c, err
}

// readInput reads a hook's input: JSON as it stands, a file's, or that of
// standard input.
func (p *program) readInput(text string) ([]byte, error) {
	data, what := []byte(text), "the input"
	var err error
	switch {
	case text == "":
		return nil, host.Errorf(host.Usage, "--input is missing: the hook's input, JSON").WithHint("plugins/ABI.md shows one for each hook")
	case text == "-":
		what = "standard input"
		data, err = io.ReadAll(io.LimitReader(p.in, abi.MaxFile))
	case !strings.HasPrefix(strings.TrimSpace(text), "{") && !json.Valid(data):
		what = text
		data, err = readSmall(text, abi.MaxFile)
	}
	if err != nil {
		return nil, host.Errorf(host.NotFound, "%s cannot be read: %s", what, plainFileError(err)).Because(err)
	}
	if bad, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, new(map[string]any))); ok {
		return nil, host.Errorf(host.Usage, "%s is not JSON: %v at byte %d", what, bad, bad.Offset).WithHint("plugins/ABI.md shows an input for each hook")
	}
	if json.Unmarshal(data, new(map[string]any)) != nil {
		return nil, host.Errorf(host.Usage, "%s is JSON and no object, and the input of a hook is one", what).WithHint("plugins/ABI.md shows an input for each hook")
	}
	return data, nil
}

// connectorBytes is the file of a connector: built from a folder, read, or that
// of an installed one.
func (p *program) connectorBytes(cmd *cobra.Command, target, version string) (file []byte, err error) {
	_, missing := os.Stat(target)
	if missing == nil || filepath.Base(target) != target || filepath.Ext(target) != "" {
		opened, err := build.Open(cmd.Context(), target)
		if err != nil {
			return nil, p.invalid(err)
		}
		p.warn(opened.Warnings)
		return opened.File, nil
	}
	err = p.withSession(cmd, func(ctx context.Context, s *session) error {
		c, err := s.broker.Connector(ctx, s.subject, target, version)
		if err == nil {
			file, err = host.ConnectorFiles(s.broker.Store)(ctx, c.Hash)
		}
		return err
	})
	return file, err
}

// runner calls the hooks of a file, with what they write on standard error.
func (p *program) runner(file []byte, opts plugintest.Options) (*plugintest.Runner, error) {
	set, err := p.settings(&p.flags)
	if err != nil {
		return nil, err
	}
	opts.Limits = hookLimits(set.limits)
	if set.store != "" {
		opts.CacheDir = set.cacheDir()
	}
	opts.Log = func(level slog.Level, line string) {
		fmt.Fprintf(p.err, "%s: %s\n", strings.ToLower(level.String()), p.mask.Text(line))
	}
	opts.Asked = func(r abi.GuestRequest) {
		fmt.Fprintf(p.err, "the hook asks for %s %s, which is not sent\n", plain(or(r.Method, "GET")), plain(p.mask.Text(r.URL)))
	}
	return plugintest.Open(file, opts)
}

func hasHook(m abi.Manifest, hook string) error {
	switch {
	case slices.Contains(m.Hooks, hook):
		return nil
	case len(m.Hooks) == 0:
		return host.Errorf(host.NotFound, "the connector %s has no hooks: it is its manifest alone", m.ID).WithHint("what hooks are for is told in plugins/ABI.md")
	}
	return host.Errorf(host.NotFound, "the connector %s has no hook %q", m.ID, hook).WithHint("it has: %s", strings.Join(m.Hooks, ", "))
}

// hookRefused is the connector's own error. That of the host for a secret that was
// not given is passed on by most hooks.
func hookRefused(m abi.Manifest, e *host.GuestError) error {
	err := host.Errorf(host.Failed, "%s answered: %s: %s", m.Name, e.Code, e.Msg)
	if e.Code == "argument" && strings.Contains(e.Msg, "names no secret") {
		return err.WithHint("give it with: --secret-env NAME=VARIABLE or --secret-file NAME=PATH")
	}
	return err
}

// hookStopped is the error for a hook that ended without an answer.
func hookStopped(id string, e *host.GuestError) error {
	if e.Kind == host.Stopped && slices.Contains([]string{"time", "memory", "output", "fuel"}, e.Code) {
		return host.Errorf(host.Refused, "connector %q was stopped in its hook %s: %s (limit hook_%s)", id, e.Hook, e.Msg, e.Code).
			WithHint("if it is meant to use so much: --limit hook_%s=VALUE", e.Code).Because(e)
	}
	if e.Kind == host.Stopped {
		return host.Errorf(host.Failed, "connector %q was stopped in its hook %s: %s", id, e.Hook, e.Msg).Because(e)
	}
	return host.Errorf(host.Failed, "connector %q broke the agreement in its hook %s: %s", id, e.Hook, e.Msg).WithHint("plugins/ABI.md is the agreement").Because(e)
}

package plugintest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// A witness sees what passes between the parts of a rehearsal and is told to
// nobody else: what code logs before it is masked, what its calls use, where
// calls go. It is safe for concurrent use.
type witness struct {
	mu    sync.Mutex
	lines []string
	hooks []hookCall
	calls []outCall
}

// A hookCall is one call of a hook as it ended.
type hookCall struct {
	hook string
	used host.Used
	err  *host.GuestError // nil for an answer
}

// An outCall is one call that was to leave.
type outCall struct {
	method string
	at     string // host:port
	kept   bool   // it goes to a declared host
	err    error
}

func (w *witness) heard(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line)
}

// logged are the lines that code wrote, as it wrote them.
func (w *witness) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.lines)
}

// hooked are the calls of hooks so far.
func (w *witness) hooked() []hookCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.hooks)
}

// called are the calls that were to leave so far.
func (w *witness) called() []outCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// log is where code writes; f may be nil.
func (w *witness) log(mask *host.Redactor, f func(string)) func(string, slog.Level, string) {
	return func(_ string, _ slog.Level, line string) {
		w.heard(line)
		if f != nil {
			f(mask.Text(line))
		}
	}
}

// fuel is what all hooks have burnt.
func (r *Rehearsal) fuel() (n int64) {
	for _, c := range r.seen.hooked() {
		n += c.used.Fuel
	}
	return n
}

// watchedHooks are hooks whose calls are seen.
type watchedHooks struct {
	*wasm.Runtime
	seen *witness
}

var _ host.Hooks = watchedHooks{}

// Call calls a hook.
func (h watchedHooks) Call(ctx context.Context, call host.GuestCall) ([]byte, host.Used, error) {
	out, used, err := h.Runtime.Call(ctx, call)
	c := hookCall{hook: call.Hook, used: used}
	c.err, _ = errors.AsType[*host.GuestError](err)
	h.seen.mu.Lock()
	defer h.seen.mu.Unlock()
	h.seen.hooks = append(h.seen.hooks, c)
	return out, used, err
}

// A detour is a way out that leads another way for a while. Every call is seen.
type detour struct {
	way  host.Egress
	cage *egress.Client
	seen *witness
}

var (
	_ host.Egress   = (*detour)(nil)
	_ host.Preparer = (*detour)(nil)
)

// Do goes the present way, at once: a rehearsal does in a second what a connection
// may do in hours by the manifest's rate, and the service's clock is not the
// machine's.
func (d *detour) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	call.Enter = nil
	res, err := d.way.Do(ctx, call)
	c := outCall{method: call.Method, at: call.URL.Host, err: err, kept: declared(call)}
	d.seen.mu.Lock()
	defer d.seen.mu.Unlock()
	d.seen.calls = append(d.seen.calls, c)
	return res, err
}

func declared(call host.Call) bool {
	return !call.Bound && call.Hosts == nil || slices.ContainsFunc(call.Hosts, func(name string) bool { return abi.MatchHost(name, call.URL) })
}

// Prepare shows what would be sent.
func (d *detour) Prepare(ctx context.Context, call host.Call) (*http.Request, error) {
	return d.cage.Prepare(ctx, call)
}

func (d *detour) through(other host.Egress, f func() error) error {
	before := d.way
	defer func() { d.way = before }()
	d.way = other
	return f()
}

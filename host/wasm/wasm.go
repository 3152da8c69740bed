// Package wasm runs the code of connectors: WebAssembly modules that a
// stranger may have written. It compiles a module at its first call, gives
// every call an instance as it is when it has started, and stops a guest that
// uses more than the call's budget. It reads no manifest beyond the names of the hooks, and
// a guest reaches nothing through it but its input, its output, a clock, a
// random source and a log.
//
// Loading is a line of steps, each one function; the two in the middle are
// what keeps a hostile file away from the compiler:
//
//	file -> section -> meter -> agree -> compile                     once a file
//	                                        |
//	      input -> instance -> ch_<hook> -> output                   once a call
//
// It is the only package that imports wazero.
package wasm

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
)

// Options are what a Runtime is made of. Only File is required.
type Options struct {
	// File gives a connector's file by its hash. It is called when a hook of
	// that connector is called for the first time, and again after its code
	// had to make room.
	File func(ctx context.Context, hash string) ([]byte, error)

	// CacheDir is where compiled code is kept from one process to the next,
	// in a folder of our own that nobody else may read or write. Empty means
	// nowhere.
	CacheDir string

	Limits Limits

	Now    func() time.Time // the guest's clock; time.Now unless given
	Random io.Reader        // the guest's random source, safe for concurrent use; crypto/rand unless given

	// Log takes what guests write, a line at a time; nil drops it. It is
	// called by several goroutines at once.
	Log func(connector string, level slog.Level, line string)

	trace func(f function, result uint64) // every host call, for tests
}

// A Runtime runs hooks. It is safe for concurrent use.
type Runtime struct {
	opts    Options
	disk    disk
	shelf   *shelf
	pool    *pool
	loading chan struct{} // one for each file that is being compiled, which may take seconds
	slots   chan struct{} // one for each call that runs
	waits   chan struct{} // one for each call that may wait for a network
	closed  chan struct{}
	once    sync.Once
}

var _ host.Hooks = (*Runtime)(nil)

// New gives a Runtime. It makes the cache's folder and refuses one that
// others may use, since its content is executed.
func New(opts Options) (*Runtime, error) {
	if opts.File == nil {
		return nil, errors.New("a plugin host needs a source of files")
	}
	opts.Limits = opts.Limits.orDefault()
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Log == nil {
		opts.Log = func(string, slog.Level, string) {}
	}
	d, err := openDisk(opts.CacheDir)
	if err != nil {
		return nil, err
	}
	return &Runtime{
		opts:    opts,
		disk:    d,
		shelf:   newShelf(opts.Limits.Modules),
		pool:    newPool(opts.Limits.Idle),
		loading: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		slots:   make(chan struct{}, opts.Limits.Concurrent),
		waits:   make(chan struct{}, 2*opts.Limits.Concurrent),
		closed:  make(chan struct{}),
	}, nil
}

// Close waits for the calls that run and frees all code. Calls after it are
// refused.
func (r *Runtime) Close() (err error) {
	r.once.Do(func() {
		close(r.closed)
		for range cap(r.slots) {
			r.slots <- struct{}{}
		}
		err = r.shelf.close()
	})
	return err
}

// Call runs a hook. Its input is JSON that the host has made. It returns the
// caller's own error when ctx ends first, a *host.GuestError for whatever the
// guest did, and any other error for what is not the guest's fault.
func (r *Runtime) Call(ctx context.Context, in host.GuestCall) ([]byte, host.Used, error) {
	lent, err := r.shelf.take(ctx, in.Hash, r.load)
	if err != nil {
		return nil, host.Used{}, blame(err, in)
	}
	defer r.shelf.give(lent)
	if !lent.mod.hooks[in.Hook] {
		return nil, host.Used{}, blame(violation("the connector has no hook %q", in.Hook), in)
	}
	p := &places{r: r, mod: lent.mod, fetcher: in.Fetch != nil}
	if err := p.enter(ctx); err != nil {
		return nil, host.Used{}, err
	}
	defer p.leave()
	c := r.begin(ctx, in, p)
	out, err := c.run(lent.mod)
	return out, c.used(), blame(err, in)
}

// Prepare loads a connector, so that its first call does not wait for the
// compiler.
func (r *Runtime) Prepare(ctx context.Context, hash string) error {
	lent, err := r.shelf.take(ctx, hash, r.load)
	if err != nil {
		return blame(err, host.GuestCall{Hash: hash})
	}
	r.shelf.give(lent)
	return nil
}

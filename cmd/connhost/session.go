package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// A session is the opened host: the broker with all its parts, and who acts.
type session struct {
	settings settings
	broker   *broker.Broker
	subject  host.Subject
	closers  []func() error
}

// openSession wires the host together. First use creates store, key and super
// admin, and says so.
func openSession(ctx context.Context, sys *system, set settings, mask *host.Redactor) (_ *session, err error) {
	s := &session{settings: set}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if set.store == "" || set.keyFile == "" {
		return nil, host.Errorf(host.Usage, "there is no home directory to keep the store and its key in").
			WithHint("name them: --store FILE --key-file FILE")
	}
	st, err := s.openStore(ctx, set)
	if err != nil {
		return nil, err
	}
	hooks, err := wasm.New(wasm.Options{
		File:     host.ConnectorFiles(st),
		CacheDir: set.cacheDir(),
		Limits:   hookLimits(set.limits),
		Now:      time.Now,
		Log: func(connector string, level slog.Level, line string) {
			fmt.Fprintf(sys.err, "connector %.12s %s: %s\n", connector, level, mask.Text(line))
		},
	})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, hooks.Close)
	clock := host.Clock{Now: time.Now, Skews: &host.Skews{}}
	out, err := openEgress(set, clock.Skews)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, out.Close)
	s.broker = broker.New(broker.Parts{
		Store: st, Egress: set.recorded(out), Hooks: hooks, Flows: oauth.Flows(out, hooks, clock), Signers: signers(clock),
		Admit: hooks.Check, Forget: hooks.Forget, TrustedKeys: set.trusted, Redactor: mask, Now: time.Now, Skews: clock.Skews, TokenTimeout: oauth.Timeout,
		Residency: set.residency,
		Limits: broker.Limits{ResponseTime: set.limits.time("response_time"), Download: set.limits["download"], Attempts: set.limits.int("attempts"),
			BreakerFailures: set.limits.int("breaker_failures"), BreakerPause: set.limits.time("breaker_pause")},
	})
	first, err := s.broker.EnsureOwner(ctx, sys.userName)
	if first {
		fmt.Fprintf(sys.err, "connhost: made the store %s and its key %s; keep a copy of the key in another place\n", set.store, set.keyFile)
	}
	return s, err
}

// recorded is a way out that records on the tape, if there is one.
func (set settings) recorded(out host.Egress) host.Egress {
	if set.tape == nil {
		return out
	}
	return cassette.Recorder{Next: out, Tape: set.tape}
}

// signers are the ways to sign, by auth type.
func signers(clock host.Clock) map[string]host.Signer {
	all := auth.Signers(clock)
	all[abi.AuthOAuth1] = oauth.NewSigner1(clock)
	return all
}

// openStore opens store and key; the store says which key it was sealed with.
func (s *session) openStore(ctx context.Context, set settings) (*store.Store, error) {
	st, err := store.Open(ctx, set.store, store.Options{BuiltIn: set.builtIn})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, st.Close)
	return st, unlock(ctx, st, set.keyFile)
}

// unlock gives a store its key.
func unlock(ctx context.Context, st *store.Store, keyFile string) error {
	for tried := ""; ; {
		want, err := st.KeyID(ctx)
		if err != nil {
			return err
		}
		key, err := seal.Open(keyFile, want)
		if err != nil && tried != want { // the key may just have been changed
			tried = want
			continue
		}
		if err != nil {
			return err
		}
		return st.Unlock(ctx, key)
	}
}

// openEgress makes the way out, with what the operator has opened. It learns the
// services' clocks.
func openEgress(set settings, skews *host.Skews) (*egress.Client, error) {
	opts := egress.Options{Version: version(), Skews: skews, Limits: egress.Limits{
		ResponseTime: set.limits.time("response_time"), Download: set.limits["download"], Redirects: set.limits.int("redirects"),
	}}
	for _, text := range set.allow {
		opening, err := egress.ParseOpening(text)
		if err != nil {
			return nil, err
		}
		opts.AllowCIDR = append(opts.AllowCIDR, opening)
	}
	return egress.New(opts), nil
}

// close ends everything in the opposite order.
func (s *session) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// exists reports whether a store is there to be opened: completion and check
// make none.
func (set settings) exists() bool {
	_, err := os.Stat(set.store)
	return set.store != "" && err == nil
}

// cacheDir is where compiled code is kept between commands.
func (set settings) cacheDir() string { return filepath.Join(filepath.Dir(set.store), "cache") }

// hookLimits are the limits of guests.
func hookLimits(l limits) wasm.Limits {
	return wasm.Limits{Time: l.time("hook_time"), Memory: l["hook_memory"], Fuel: l["hook_fuel"],
		Output: l["hook_output"], HTTPCalls: l.int("hook_http_calls"), Queue: l.time("hook_queue")}
}

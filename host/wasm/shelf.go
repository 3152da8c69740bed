package wasm

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
)

// A shelf keeps loaded modules by the hash of their connector's file, at most
// so many unless more are in use, and loads each once however many callers
// wait for it.
type shelf struct {
	max int

	mu     sync.Mutex
	lents  map[string]*lent
	idle   *list.List // of *lent that nobody uses, the longest unused first
	closed bool
}

// A lent is a module that somebody uses or may use again.
type lent struct {
	hash  string
	ready chan struct{} // closed when mod or err is known
	mod   *module
	err   error

	users int
	place *list.Element // in idle, nil while in use
}

var errClosed = errors.New("the plugin host is closed")

func newShelf(max int) *shelf {
	return &shelf{max: max, lents: map[string]*lent{}, idle: list.New()}
}

// take gives a module, and loads it where it is not there. Loading goes on
// when a caller leaves: the next one will want it. What is taken is given
// back.
func (s *shelf) take(ctx context.Context, hash string, load func(context.Context, string) (*module, error)) (*lent, error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, errClosed
	}
	l, ok := s.lents[hash]
	if !ok {
		l = &lent{hash: hash, ready: make(chan struct{}), users: 1} // the loader is a user
		s.lents[hash] = l
		go s.fill(context.WithoutCancel(ctx), l, load)
	}
	l.users++
	if l.place != nil {
		s.idle.Remove(l.place)
		l.place = nil
	}
	s.mu.Unlock()

	select {
	case <-l.ready:
		if l.err != nil {
			s.give(l)
			return nil, l.err
		}
		return l, nil
	case <-ctx.Done():
		s.give(l)
		return nil, ctx.Err()
	}
}

func (s *shelf) fill(ctx context.Context, l *lent, load func(context.Context, string) (*module, error)) {
	l.mod, l.err = guarded(ctx, l.hash, load)
	if l.err != nil {
		s.mu.Lock()
		delete(s.lents, l.hash) // the next caller tries again
		s.mu.Unlock()
	}
	s.give(l) // before anyone can use it, so that the order of use is the callers'
	close(l.ready)
}

// guarded keeps a mistake of ours in reading a stranger's file from ending the
// process.
func guarded(ctx context.Context, hash string, load func(context.Context, string) (*module, error)) (m *module, err error) {
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("load connector %s: the plugin host panicked: %v", hash, p)
		}
	}()
	return load(ctx, hash)
}

// give ends a use, and makes room when there are too many modules.
func (s *shelf) give(l *lent) {
	s.mu.Lock()
	l.users--
	if l.users == 0 && l.mod != nil {
		l.place = s.idle.PushBack(l)
	}
	var drop []*lent
	for s.idle.Len() > 0 && (s.closed || len(s.lents) > s.max) {
		oldest := s.idle.Remove(s.idle.Front()).(*lent)
		delete(s.lents, oldest.hash)
		drop = append(drop, oldest)
	}
	s.mu.Unlock()
	for _, l := range drop {
		_ = l.mod.close()
	}
}

// close drops every module; those still in use or being loaded go when they
// are given back.
func (s *shelf) close() error {
	s.mu.Lock()
	s.closed = true
	var errs []error
	for s.idle.Len() > 0 {
		l := s.idle.Remove(s.idle.Front()).(*lent)
		delete(s.lents, l.hash)
		errs = append(errs, l.mod.close())
	}
	s.mu.Unlock()
	return errors.Join(errs...)
}

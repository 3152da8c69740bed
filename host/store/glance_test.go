package store_test

import (
	"sync/atomic"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/store"
)

// Whoever begins to look after a commit sees it, in this store and in another
// that has the file open, however often nothing has changed before.
func TestGenerationAfterEveryCommit(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir), open(t, dir)
	ctx := t.Context()
	generation := func(s *store.Store) int64 {
		n, err := s.Generation(ctx)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	var stop atomic.Bool
	done := make(chan struct{})
	go func() { // somebody asks all the time
		defer close(done)
		for !stop.Load() {
			generation(a)
		}
	}()
	for i := range 300 {
		before := []int64{generation(a), generation(b)}
		for range 3 {
			if again := generation(a); again != before[0] {
				t.Fatalf("%d: the generation went from %d to %d, and nothing was changed", i, before[0], again)
			}
		}
		who := a
		if i%2 == 1 {
			who = b
		}
		err := who.Update(ctx, func(tx host.Tx) error {
			return tx.Audit().Append(ctx, host.Record{Act: host.ActConnectorPublish, Object: "x"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if generation(a) == before[0] || generation(b) == before[1] {
			t.Fatalf("%d: a commit was not seen", i)
		}
	}
	stop.Store(true)
	<-done
}

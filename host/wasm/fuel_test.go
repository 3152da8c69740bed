package wasm_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// A call costs the same each time, in whatever runtime.
func TestFuelIsTheSame(t *testing.T) {
	for _, c := range []struct {
		name        string
		file        []byte
		input       string
		least, most int64
	}{
		{"tiny", file(t, echo.wasm(), "test"), `{"a":1}`, 50, 500},
		{"go", goHook(t), `{"response":{"status":200,"body":"{\"ok\":true,\"result\":{\"id\":\"1\"}}"}}`, 100_000, 100_000_000},
	} {
		var first int64
		for range 2 {
			b := open(t, wasm.Options{CacheDir: compiled, Now: fixedClock(), Random: zeros{}})
			hash := b.add(c.file)
			for range 3 {
				_, used, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: "test", Input: []byte(c.input)})
				if err != nil || used.Fuel < c.least || used.Fuel > c.most || first != 0 && used.Fuel != first {
					t.Errorf("%s: used %d, %v, before %d", c.name, used.Fuel, err, first)
				}
				first = used.Fuel
			}
		}
	}
}

// Who uses more than its fuel is stopped, at the next tick or at the end.
func TestFuelRunsOut(t *testing.T) {
	b := open(t, wasm.Options{})
	for _, c := range []struct {
		name string
		unit unit
		fuel int64
	}{
		{"a loop", loop(), 5_000_000},
		{"a loop in less than a tank", loop(), 10},
		{"an end in less than a tank", echo, 10},
	} {
		begun := time.Now()
		_, used, err := b.Call(context.Background(), host.GuestCall{Hash: b.add(file(t, c.unit.wasm(), "test")), Hook: "test",
			Input: []byte(`{}`), Budget: host.Budget{Fuel: c.fuel}})
		wantError(t, err, host.Stopped, "fuel", "of fuel")
		if used.Fuel <= c.fuel-100 || used.Fuel > c.fuel+200_000 || time.Since(begun) > time.Second {
			t.Errorf("%s: used %d of %d in %s", c.name, used.Fuel, c.fuel, time.Since(begun))
		}
		b.serves(t)
	}
}

// A call that finds no place is told so, and that it may be tried again.
func TestQueueHasADeadline(t *testing.T) {
	b := open(t, wasm.Options{Limits: wasm.Limits{Concurrent: 2, Time: time.Minute, Queue: 50 * time.Millisecond}})
	hash := b.add(file(t, loop().wasm(), "test"))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { b.Call(ctx, host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`{}`)}) })
	for {
		_, _, err := b.Call(context.Background(), host.GuestCall{Hash: hash, Hook: "test", Input: []byte(`{}`), Budget: host.Budget{Time: time.Millisecond}})
		if e, ok := err.(*host.Error); ok {
			if e.Code != host.Unavailable || e.Hint == "" || e.Msg != "the plugin host is busy: no call ended within 50ms (limit hook_queue)" {
				t.Errorf("got %#v", err)
			}
			break
		}
	}
	b.serves(t) // of another connector
	cancel()
	wg.Wait()
	b.serves(t)
}

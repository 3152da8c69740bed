package value_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/connhost/connhost/scripting/value"
)

func TestStepsAreExact(t *testing.T) {
	for _, steps := range []int64{1, 1023, 1024, 1025, 5000} {
		b := value.NewBudget(context.Background(), value.Limits{Steps: steps})
		for range steps {
			b.Tick(1)
		}
		if b.Steps() != steps {
			t.Errorf("%d ticks count as %d", steps, b.Steps())
		}
		for range 3 { // it stays used up
			wantLimit(t, "steps", func() { b.Tick(1) })
		}
	}
	wantLimit(t, "steps", func() { small().Tick(math.MaxInt) })
}

func TestMemory(t *testing.T) {
	b := value.NewBudget(context.Background(), value.Limits{Memory: 1000})
	b.Alloc(1000)
	b.Free(10)
	b.Alloc(10)
	for range 3 {
		wantLimit(t, "memory", func() { b.Alloc(1) })
	}
	wantLimit(t, "memory", func() { b.Alloc(math.MaxInt) })
	wantLimit(t, "memory", func() { small().AllocTimes(math.MaxInt, 24) })
	wantLimit(t, "memory", func() { small().AllocTimes(math.MaxInt/24+1, 24) })
}

func TestSettleForgetsGarbage(t *testing.T) {
	b := value.NewBudget(context.Background(), value.Limits{Memory: 10_000})
	kept := value.NewList("a text that stays")
	for range 1000 {
		b.Alloc(100)
		if b.Crowded() {
			b.Settle(value.Footprint(b, kept))
		}
	}
	if b.Used() > 6000 {
		t.Errorf("%d bytes are still charged", b.Used())
	}
	wantLimit(t, "memory", func() { b.Settle(20_000) })
}

func TestFootprintCountsSharedOnce(t *testing.T) {
	b := budget()
	inner := value.NewList("0123456789")
	once := value.Footprint(b, inner)
	twice := value.Footprint(b, value.NewList(inner, inner, inner))
	if twice > once+200 {
		t.Errorf("alone %d, shared three times %d", once, twice)
	}
	self := value.NewList()
	self.Add(b, self)
	value.Footprint(b, self, bomb(b, 100)) // ends
}

func TestDepth(t *testing.T) {
	b := value.NewBudget(context.Background(), value.Limits{Depth: 2})
	b.Enter()
	b.Enter()
	wantLimit(t, "depth", b.Enter)
	b.Leave()
	b.Enter()
}

func TestCancelledAndLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		b := value.NewBudget(ctx, value.Limits{Time: time.Minute})
		late := value.NewBudget(context.Background(), value.Limits{Time: time.Minute})
		b.Tick(5000)
		cause := errors.New("the user left")
		cancel(cause)
		_, err := outcome(func() any {
			for range 1025 {
				b.Tick(1)
			}
			return nil
		})
		var limit *value.Limit
		if !errors.As(err, &limit) || limit.Name != "cancelled" || !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute + 1)
		wantLimit(t, "time", late.Check)
	})
}

func TestMessages(t *testing.T) {
	_, err := outcome(func() any { small().Alloc(1 << 30); return nil })
	if err == nil || err.Error() != "limit reached: memory (1048576 bytes)" {
		t.Errorf("got %v", err)
	}
	cause := errors.New("below")
	if f := (&value.Fault{Msg: "above", Err: cause}); !errors.Is(f, cause) || f.Error() != "above" {
		t.Error("a Fault loses its cause")
	}
}

func BenchmarkBudget(b *testing.B) {
	bud := value.NewBudget(context.Background(), value.Limits{Steps: math.MaxInt64 / 2, Memory: math.MaxInt64 / 2, Time: time.Hour})
	b.Run("Tick", func(b *testing.B) {
		for b.Loop() {
			bud.Tick(1)
		}
	})
	b.Run("Alloc", func(b *testing.B) {
		for b.Loop() {
			bud.Alloc(8)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	bud := value.NewBudget(context.Background(), value.Limits{Steps: math.MaxInt64 / 2, Memory: math.MaxInt64 / 2, Time: time.Hour})
	for name, pair := range map[string][2]any{
		"numbers": {int64(40), int64(2)}, "decimals": {dec("40.5"), dec("2.25")}, "texts": {"forty ", "two"}, "text and number": {"n = ", int64(42)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				value.Add(bud, pair[0], pair[1])
			}
		})
	}
}

func BenchmarkMapGet(b *testing.B) {
	bud := budget()
	for name, size := range map[string]int64{"4": 4, "1000": 1000} {
		m := value.NewMap()
		for i := range size {
			m.Put(bud, "key"+value.Text(bud, i), i)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m.Get("key3")
			}
		})
	}
}

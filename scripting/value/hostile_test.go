package value_test

import (
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

// bomb is x = {x, x}, n times: few bytes that print as 2^n.
func bomb(b *value.Budget, n int) any {
	x := any("x")
	for range n {
		l := value.NewList()
		l.Add(b, x)
		l.Add(b, x)
		x = l
	}
	return x
}

// A list that holds itself, and one behind a map.
func cycles(b *value.Budget) []any {
	l := value.NewList()
	l.Add(b, l)
	m := value.NewMap()
	m.Put(b, "l", value.NewList(m))
	return []any{l, m}
}

func TestSharedStructureIsStopped(t *testing.T) {
	b := small()
	x, y := bomb(b, 40), bomb(b, 40)
	wantLimit(t, "memory", func() { value.JSON(small(), x) })
	wantLimit(t, "memory", func() { value.Text(small(), x) })
	wantLimit(t, "memory", func() { value.Add(small(), "x", x) })
	wantLimit(t, "memory", func() { value.Concat(small(), "x", int64(1), x) })
	wantLimit(t, "steps", func() { value.Equal(small(), x, y) })
}

func TestCyclesAreStopped(t *testing.T) {
	for _, v := range cycles(budget()) {
		wantLimit(t, "nesting", func() { value.JSON(small(), v) })
		wantLimit(t, "nesting", func() { value.Text(small(), v) })
		if !value.Equal(small(), v, v) {
			t.Error("a value is not equal to itself")
		}
	}
	v, w := cycles(budget()), cycles(budget())
	for i := range v {
		wantLimit(t, "nesting", func() { value.Equal(small(), v[i], w[i]) })
	}
}

func TestDoublingIsStopped(t *testing.T) {
	wantLimit(t, "memory", func() {
		b := small()
		s := any("x")
		for range 100 {
			s = value.Add(b, s, s)
		}
	})
	wantLimit(t, "memory", func() {
		b := small()
		l := value.NewList("x")
		for range 100 {
			l.AddAll(b, l)
		}
	})
	wantLimit(t, "memory", func() {
		b := small()
		m := value.NewMap()
		for i := range int64(1_000_000) {
			m.Put(b, i, nil)
		}
	})
}

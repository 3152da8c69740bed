package value_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/value"
	"github.com/shopspring/decimal"
)

func budget() *value.Budget {
	return value.NewBudget(context.Background(), value.Limits{})
}

func small() *value.Budget {
	return value.NewBudget(context.Background(), value.Limits{Steps: 1_000_000, Memory: 1 << 20})
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func date(t *testing.T, s string) value.Time {
	t.Helper()
	d, err := value.ParseDate(s, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// outcome runs f and returns what it gives, or the Fault or Limit it throws.
func outcome(f func() any) (v any, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *value.Fault:
			err = p
		case *value.Limit:
			err = p
		default:
			panic(p)
		}
	}()
	return f(), nil
}

func wantLimit(t *testing.T, name string, f func()) {
	t.Helper()
	_, err := outcome(func() any { f(); return nil })
	var limit *value.Limit
	if !errors.As(err, &limit) || limit.Name != name {
		t.Fatalf("got %v, want the limit %q", err, name)
	}
}

func TestTypeName(t *testing.T) {
	empty := &value.Empty{}
	became := &value.Empty{}
	became.BecomeMap()
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "null"}, {"x", "text"}, {int64(1), "number"}, {dec("1.5"), "decimal"}, {true, "boolean"},
		{value.Time{}, "date"}, {value.NewList(), "list"}, {value.NewMap(), "map"}, {empty, "list"},
		{became, "map"}, {&value.File{}, "file"}, {1, "unknown"},
	} {
		if got := value.TypeName(c.v); got != c.want {
			t.Errorf("TypeName(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

func TestEmptyIsSharedAndDecidedOnce(t *testing.T) {
	e := &value.Empty{}
	l := e.BecomeList()
	l.Add(budget(), int64(1))
	if got := value.Resolve(e); got != any(l) {
		t.Errorf("Resolve gives %v, want the list", got)
	}
	if e.BecomeMap() != nil {
		t.Error("a decided {} became something else")
	}
	if value.Resolve("x") != "x" {
		t.Error("Resolve changes other values")
	}
}

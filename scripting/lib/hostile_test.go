package lib_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// stopped calls a function with 16 MB and two million steps and returns the
// name of the limit, or the message of the Fault, that ended it.
func stopped(t *testing.T, name string, args ...any) string {
	t.Helper()
	rt := runtime(t)
	rt.Budget = value.NewBudget(context.Background(), value.Limits{Memory: 16 << 20, Steps: 2_000_000})
	return stoppedIn(t, rt, name, args...)
}

func stoppedIn(t *testing.T, rt *lib.Runtime, name string, args ...any) (why string) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			limit, ok := p.(*value.Limit)
			if !ok {
				panic(p)
			}
			why = limit.Name
		}
	}()
	_, err := function(t, name).Call(rt, args)
	if err != nil {
		return err.Error()
	}
	return "nothing"
}

func TestHostileCallsAreStopped(t *testing.T) {
	long := strings.Repeat("ab", 1<<20)
	self := value.NewList()
	self.Add(runtime(t).Budget, self)
	for _, c := range []struct {
		want string
		name string
		args []any
	}{
		{"memory", "repeat", []any{"x", int64(1_000_000_000_000)}},
		{"memory", "repeat", []any{long, int64(math.MaxInt64)}},
		{"memory", "leftpad", []any{"x", int64(2_000_000_000)}},
		{"memory", "rightpad", []any{"x", int64(math.MaxInt64)}},
		{"memory", "replaceAll", []any{long, "", long[:1000]}},
		{"memory", "replaceAll", []any{long, "(a)", "$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1"}},
		{"memory", "replaceAll", []any{long, "a", long[:1000], true}},
		{"steps", "matches", []any{long, "(a|b|ab){0,500}c"}},
		{"steps", "toList", []any{long, ""}},
		{"memory", "addAll", []any{bigList(800_000), bigList(800_000)}},
		{"memory", "reverse", []any{strings.Repeat("x", 17<<20)}},
		{"memory", "toUpperCase", []any{strings.Repeat("x", 9<<20)}},
		{"nesting", "toString", []any{self}},
		{"steps", "toString", []any{bomb(40)}},
		{"steps", "reverse", []any{bomb(40)}},
		{"steps", "contains", []any{value.NewList(bomb(40)), bomb(40)}},
		{"steps", "distinct", []any{value.NewList(bomb(40), bomb(40))}},
		{"List contains list and cannot be sorted", "sort", []any{self}},
		{"text is not JSON at offset 500: nested deeper than 500 levels", "toMap", []any{strings.Repeat("[", 1_000_000)}},
		{"number out of range", "toDecimal", []any{"1e999999999"}},
		{"number out of range", "power", []any{int64(10), int64(4000)}},
		{"power of 10 is not a number", "power", []any{int64(10), int64(1_000_000_000)}},
		{"date out of range", "addDay", []any{"15-Aug-1947", int64(math.MaxInt64)}},
		{"date out of range", "subMonth", []any{"15-Aug-1947", int64(1_000_000_000)}},
		{"date out of range", "subMonth", []any{"15-Aug-1947", int64(310_000_000_000)}},
		{"date out of range", "addYear", []any{"15-Aug-1947", int64(-316_000_000_000)}},
		{"date out of range", "addWeek", []any{"15-Aug-1947", int64(math.MinInt64)}},
		{"date out of range", "addSeconds", []any{"15-Aug-1947", int64(300_000_000_000)}},
		{"regular expression longer than 10000 bytes", "matches", []any{"x", strings.Repeat("a", 10_001)}},
		{`regular expression "((a{1000}){1000})" is not valid or not supported: invalid repeat count`, "matches", []any{"x", "((a{1000}){1000})"}},
		{"text longer than 1048576 bytes for a regular expression that looks around or refers back", "matches", []any{long, "(?=a).*"}},
		{"the regular expression has no group 2", "replaceAll", []any{"ab", "(a)", "$2"}},
	} {
		start := time.Now()
		if got := stopped(t, c.name, c.args...); got != c.want {
			t.Errorf("%s: stopped by %s, want %s", c.name, got, c.want)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v to stop", c.name, took)
		}
	}
}

// What a backtracking replacement makes is charged as it grows.
func TestBacktrackingIsStoppedByMemory(t *testing.T) {
	rt := runtime(t)
	rt.Budget = value.NewBudget(context.Background(), value.Limits{Memory: 16 << 20})
	if got := stoppedIn(t, rt, "replaceAll", strings.Repeat("ab", 500), "(?=b)", strings.Repeat("x", 200_000)); got != "memory" {
		t.Errorf("stopped by %s", got)
	}
}

// A pattern that goes back again and again is ended by its own time where steps
// are plenty.
func TestBacktrackingIsStoppedByTime(t *testing.T) {
	start := time.Now()
	if got := stoppedIn(t, runtime(t), "matches", strings.Repeat("a", 40), "(?=a)(a+)+b"); got != "pattern_time" {
		t.Errorf("stopped by %s", got)
	}
	if got := stoppedIn(t, runtime(t), "replaceAll", strings.Repeat("a", 40), "(a*)*\\1b", ""); got != "pattern_time" {
		t.Errorf("stopped by %s", got)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

func bigList(n int) *value.List {
	items := make([]any, n)
	return value.NewList(items...)
}

func bomb(n int) any {
	x := any("x")
	for range n {
		x = value.NewList(x, x)
	}
	return x
}

// Errors of limits must not come back as errors a script can catch.
func TestLimitsAreNotFaults(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	rt := runtime(t)
	rt.Budget = value.NewBudget(ctx, value.Limits{})
	cancel()
	if got := stoppedIn(t, rt, "indexOf", bigList(10_000), "x"); got != "cancelled" {
		t.Errorf("stopped by %s", got)
	}
}

func TestUndecidedBecomesWhatIsDoneToIt(t *testing.T) {
	rt := runtime(t)
	e := &value.Empty{}
	alias := value.NewList(e)
	for _, step := range []struct {
		name string
		args []any
		want string
	}{
		{"size", []any{e}, "0"},
		{"contains", []any{e, "x"}, "false"},
		{"get", []any{e, "k"}, "null"},
		{"put", []any{e, "k", int64(1)}, "null"},
		{"size", []any{alias.At(0)}, "1"},
		{"add", []any{e, int64(1)}, `error: map has no function "add"`},
	} {
		if got := answer(rt, function(t, step.name), step.args); got != step.want {
			t.Errorf("%s gives %s, want %s", step.name, got, step.want)
		}
	}
	if got := value.Text(rt.Budget, alias); got != `[{"k":1}]` {
		t.Errorf("the alias shows %s", got)
	}
}

func TestFaultsNameFunctionAndType(t *testing.T) {
	rt := runtime(t)
	for _, c := range []struct {
		name string
		args []any
		want string
	}{
		{"get", []any{nil, "k"}, `null has no function "get"`},
		{"toUpperCase", []any{value.NewMap()}, `map has no function "toUpperCase"`},
		{"toString", []any{nil}, `null has no function "toString"`},
		{"left", []any{"abc", "x"}, `text "x" is not a number`},
		{"left", []any{"abc", nil}, `argument 1 of left must be a number, not null`},
		{"contains", []any{"abc", nil}, `argument 1 of contains must be a text, not null`},
		{"zoho.encryption.sha256", []any{nil}, `argument 1 of zoho.encryption.sha256 must be a text, not null`},
		{"get", []any{value.NewList("a"), mustNumber(t, "0.5")}, `argument 1 of get must be a whole number, not 0.5`},
		{"put", []any{value.NewMap(), value.NewList(), "v"}, `a list cannot be the key of a map`},
		{"getJSON", []any{"{x", "k"}, `text is not JSON at offset 1: a key in quotes expected`},
	} {
		_, err := function(t, c.name).Call(rt, c.args)
		var fault *value.Fault
		if !errors.As(err, &fault) || fault.Msg != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestFiles(t *testing.T) {
	rt := runtime(t)
	call := func(name string, args ...any) any {
		v, err := function(t, name).Call(rt, args)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return v
	}
	f := call("toFile", "a,é", "list.CSV")
	call("setParamName", f, "upload")
	got := fmt.Sprintln(call("isFile", f), call("getFileName", f), call("getFileType", f), call("getFileSize", f), call("getFileContent", f), f.(*value.File).Param)
	if want := "true list.CSV text/csv 4 a,é upload\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	wide := call("zoho.encryption.base64DecodeToFile", "6QA=", "e.txt")
	call("setCharset", wide, "UTF-16LE")
	if got := call("getFileContent", wide); got != "é" || wide.(*value.File).Type != "text/plain; charset=UTF-16LE" {
		t.Errorf("in UTF-16LE: %v, %s", got, wide.(*value.File).Type)
	}
	if _, err := function(t, "setCharset").Call(rt, []any{wide, "klingon"}); err == nil || err.Error() != `unknown charset "klingon"` {
		t.Errorf("an unknown charset: %v", err)
	}
	call("setFileName", f, "n.bin")
	call("setFileType", f, "application/octet-stream")
	if f := f.(*value.File); f.Name != "n.bin" || f.Type != "application/octet-stream" {
		t.Errorf("got %+v", f)
	}
	if got := call("md5", f); got != call("md5", "a,é") {
		t.Errorf("md5 of a file is %v", got)
	}
}

func BenchmarkCall(b *testing.B) {
	rt := runtime(b)
	rt.Budget = value.NewBudget(context.Background(), value.Limits{Steps: math.MaxInt64 / 2, Memory: math.MaxInt64 / 2, Time: time.Hour})
	m := value.NewMap()
	m.Put(rt.Budget, "k", "v")
	for name, args := range map[string][]any{"get": {m, "k"}, "left": {"Zoho Creator", int64(4)}, "length": {"Zoho Creator"}} {
		f := function(b, name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.Call(rt, args)
			}
		})
	}
}

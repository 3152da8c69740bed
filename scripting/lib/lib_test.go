package lib_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

// runtime is a run in the zone of the official samples.
func runtime(t testing.TB) *lib.Runtime {
	t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	return &lib.Runtime{
		Budget:   value.NewBudget(context.Background(), value.Limits{}),
		Now:      func() time.Time { return time.Date(2020, 5, 23, 17, 30, 0, 0, time.UTC) },
		Location: zone,
		Rand:     rand.New(rand.NewPCG(1, 2)).Int64N,
	}
}

// arguments reads a JSON array, where a text that begins with ' is a date or time
// of day, one that begins with @ or : is
// read by collected, and !name=content is a file.
func arguments(t testing.TB, rt *lib.Runtime, json string) []any {
	t.Helper()
	v, err := value.ParseJSON(rt.Budget, json)
	if err != nil {
		t.Fatalf("arguments %s: %v", json, err)
	}
	return datesIn(rt, v.(*value.List).Items())
}

func datesIn(rt *lib.Runtime, items []any) []any {
	for i, v := range items {
		if l, ok := v.(*value.List); ok {
			datesIn(rt, l.Items())
		}
		if m, ok := v.(*value.Map); ok {
			for k, held := range m.All() {
				one := []any{held}
				m.Put(rt.Budget, k, datesIn(rt, one)[0])
			}
		}
		s, ok := v.(string)
		if name, content, file := strings.Cut(s, "="); ok && file && strings.HasPrefix(name, "!") {
			items[i] = value.NewTextFile(name[1:], "text/plain", content)
			continue
		}
		if ok && (strings.HasPrefix(s, "@") || strings.HasPrefix(s, ":")) {
			items[i] = collected(rt, s)
			continue
		}
		if !ok || !strings.HasPrefix(s, "'") {
			continue
		}
		if d, err := value.ParseLiteral(strings.Trim(s, "'"), rt.Location); err == nil {
			items[i] = d
		}
	}
	return items
}

// collected reads what JSON has no form for: @[1,2] and @{"k":1} are collections,
// :{"k":1} is the argument "k":1.
func collected(rt *lib.Runtime, s string) any {
	v, err := value.ParseJSON(rt.Budget, s[1:])
	if err != nil {
		return s
	}
	switch t := v.(type) {
	case *value.List:
		return value.CollectionOf(t)
	case *value.Map:
		if s[0] == '@' {
			return value.KeyedCollection(t)
		}
		var p lib.Pairs
		for k, v := range t.All() {
			p.Keys, p.Values = append(p.Keys, k), append(p.Values, v)
		}
		return &p
	}
	return s
}

// answer calls a function and returns what an example wants to see.
func answer(rt *lib.Runtime, f *lib.Function, args []any) string {
	v, err := f.Call(rt, args)
	if err != nil {
		return "error: " + err.Error()
	}
	return value.Text(rt.Budget, v)
}

func function(t testing.TB, name string) *lib.Function {
	t.Helper()
	f, ok := lib.Lookup(name)
	if !ok {
		t.Fatalf("no function %q", name)
	}
	return f
}

func TestExamples(t *testing.T) {
	for _, f := range lib.All() {
		for _, e := range f.Examples {
			rt := runtime(t)
			args := arguments(t, rt, e.Args)
			if got := answer(rt, f, args); got != e.Want {
				t.Errorf("%s = %q, want %q", e.Expr, got, e.Want)
			}
			if e.After == "" {
				continue
			}
			if got := value.Text(rt.Budget, args[0]); got != e.After {
				t.Errorf("after %s: %s, want %s", e.Expr, got, e.After)
			}
		}
	}
}

func TestRowsAreComplete(t *testing.T) {
	types := []string{"text", "number", "decimal", "boolean", "date", "list", "map", "collection", "file", "value", "any"}
	known := func(t string) bool {
		for _, word := range strings.Split(t, "|") {
			if !slices.Contains(types, word) && word != "pairs" {
				return false
			}
		}
		return true
	}
	seen := map[string]string{}
	for _, f := range lib.All() {
		name := f.Names[0]
		if f.Semantics == "" || !strings.HasSuffix(f.Semantics, ".") || f.Since == "" || f.Call == nil {
			t.Errorf("%s: semantics, since or code missing", name)
		}
		if len(f.Examples) == 0 && f.Receiver != "file" {
			t.Errorf("%s: no example", name)
		}
		if f.Returns != "void" && !known(f.Returns) || f.Receiver != "" && !known(f.Receiver) {
			t.Errorf("%s: unknown type %q or %q", name, f.Receiver, f.Returns)
		}
		for _, n := range f.Names {
			if other := seen[strings.ToLower(n)]; other != "" {
				t.Errorf("%s is also a name of %s", n, other)
			}
			seen[strings.ToLower(n)] = name
			if got, ok := lib.Lookup(strings.ToUpper(n)); !ok || got != f {
				t.Errorf("Lookup(%q) finds something else", n)
			}
		}
		optional := false
		for _, p := range f.Params {
			if p.Name == "" || !known(p.Type) {
				t.Errorf("%s: parameter %q of type %q", name, p.Name, p.Type)
			}
			if optional && !p.Optional {
				t.Errorf("%s: %s follows an optional parameter", name, p.Name)
			}
			optional = p.Optional
		}
	}
	if _, ok := lib.Lookup("nothing"); ok {
		t.Error("Lookup finds what is not there")
	}
}

func TestArity(t *testing.T) {
	for _, c := range []struct {
		name     string
		min, max int
		sig      string
	}{
		{"left", 2, 2, "text.left(count number)"},
		{"subString", 2, 3, "text.subString(start number, end number?)"},
		{"Map", 0, 1, "Map(entries map|text?)"},
		{"List", 0, -1, "List(elements any...)"},
		{"zoho.encryption.sha256", 1, 2, "zoho.encryption.sha256(data any, format text?)"},
	} {
		f := function(t, c.name)
		if f.Min() != c.min || f.Max() != c.max || f.Signature() != c.sig {
			t.Errorf("%s: %d to %d, %s", c.name, f.Min(), f.Max(), f.Signature())
		}
	}
	rt := runtime(t)
	for _, args := range [][]any{{}, {"x"}, {"x", int64(1), int64(2)}} {
		_, err := function(t, "left").Call(rt, args)
		var fault *value.Fault
		if !errors.As(err, &fault) || fault.Msg != "No. of arguments mismatches for the function left" {
			t.Errorf("%d arguments: %v", len(args), err)
		}
	}
}

// Whatever the arguments, a function answers, faults or hits a limit: it never
// panics with anything else and never gives a value of a foreign type.
func TestEveryFunctionTakesAnything(t *testing.T) {
	file := value.NewTextFile("f.txt", "text/plain", "hello")
	base := runtime(t)
	samples := func() []any {
		m := value.NewMap()
		m.Put(base.Budget, "k", int64(1))
		return []any{nil, "", "a,b", "[1]", `{"k":1}`, "(", "15-Aug-1947", int64(0), int64(-1), int64(1 << 62), true,
			mustNumber(t, "1.5"), mustNumber(t, "1e300"), value.Time{Time: base.Now()}, value.NewList(), value.NewList("a", int64(1)),
			value.NewMap(), m, &value.Empty{}, file}
	}
	call := func(f *lib.Function, args []any) {
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(*value.Limit); !ok {
					t.Errorf("%s(%v): panic %v", f.Names[0], args, p)
				}
			}
		}()
		rt := *base
		rt.Budget = value.NewBudget(context.Background(), value.Limits{Memory: 1 << 20})
		v, err := f.Call(&rt, args)
		var fault *value.Fault
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%s(%v): %T is not a Fault", f.Names[0], args, err)
		}
		if value.TypeName(v) == "unknown" {
			t.Errorf("%s(%v) gives a %T", f.Names[0], args, v)
		}
	}
	for _, f := range lib.All() {
		n := f.Max()
		if n < 0 {
			n = f.Min() + 1
		}
		for i := range samples() {
			call(f, samples()[i:i+1])
			for j := range samples() {
				if n < 2 {
					break
				}
				call(f, []any{samples()[i], samples()[j]})
				if n >= 3 {
					call(f, []any{samples()[i], samples()[j], samples()[(i+j)%len(samples())]})
				}
			}
		}
	}
}

func mustNumber(t testing.TB, s string) any {
	t.Helper()
	n, err := value.ParseNumber(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestConstants(t *testing.T) {
	rt := runtime(t)
	for name, want := range map[string]string{
		"zoho.currenttime": "23-May-2020 10:30:00", "NOW": "23-May-2020 10:30:00",
		"zoho.currentDate": "23-May-2020", "today": "23-May-2020",
	} {
		c, ok := lib.LookupConstant(name)
		if !ok {
			t.Errorf("no constant %q", name)
			continue
		}
		if got := value.Text(rt.Budget, c.Value(rt)); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if _, ok := lib.LookupConstant("tomorrow"); ok || len(lib.Constants()) == 0 {
		t.Error("the constants are others")
	}
}

// The product's own list of names: none may be missing, and each is found in the
// group in which its documentation has it.
func TestNoFunctionIsMissing(t *testing.T) {
	list, err := os.ReadFile("testdata/names.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		group, name, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		rows++
		f, ok := lib.Lookup(name)
		if !ok {
			t.Errorf("%s is missing", name)
			continue
		}
		if !slices.Contains(f.Groups, group) {
			t.Errorf("%s is in %v and not in %s", name, f.Groups, group)
		}
	}
	if rows < 259 {
		t.Errorf("the list has %d names", rows)
	}
}

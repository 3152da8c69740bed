package lib_test

import (
	"context"
	"errors"
	"math"
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
	return datesIn(t, rt, v.(*value.List).Items())
}

func datesIn(t testing.TB, rt *lib.Runtime, items []any) []any {
	for i, v := range items {
		if l, ok := v.(*value.List); ok {
			datesIn(t, rt, l.Items())
		}
		if m, ok := v.(*value.Map); ok {
			for k, held := range m.All() {
				one := []any{held}
				m.Put(rt.Budget, k, datesIn(t, rt, one)[0])
			}
		}
		s, ok := v.(string)
		if name, content, file := strings.Cut(s, "="); ok && file && strings.HasPrefix(name, "!") {
			items[i] = files(t, rt, name[1:], content)
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

// files makes a file as scripts do.
func files(t testing.TB, rt *lib.Runtime, name, content string) any {
	f, err := function(t, "toFile").Call(rt, []any{content, name})
	if err != nil {
		t.Fatal(err)
	}
	return f
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
		if len(f.Examples) == 0 {
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

// A record is an object of the world around a script that serves one function.
type record struct{ fields *value.Map }

func (record) TypeName() string          { return "record" }
func (r record) Plain(*value.Budget) any { return r.fields }
func (r record) Call(_ *value.Budget, function string, _ []any) (any, bool) {
	return int64(42), strings.EqualFold(function, "size")
}

// An object is asked first; what it does not serve, its plain value does.
func TestObjectsAnswerFirst(t *testing.T) {
	rt := runtime(t)
	fields := value.NewMap()
	fields.Put(rt.Budget, "k", "v")
	for name, want := range map[string]string{"size": "42", "keys": "k", "toString": `{"k":"v"}`, "toUpperCase": `error: map has no function "toUpperCase"`, "isEmpty": "false"} {
		if got := answer(rt, function(t, name), []any{record{fields}}); got != want {
			t.Errorf("%s of a record is %s, want %s", name, got, want)
		}
	}
	if got := answer(rt, function(t, "add"), []any{value.NewList(), record{fields}}); got != "null" {
		t.Errorf("adding a record: %s", got)
	}
}

var (
	deepValue = func() any {
		deep := any("x")
		for range 2_000 {
			deep = value.NewList(deep)
		}
		return deep
	}()
	wideValue  = bomb(30)
	oddNumbers = func() (list []any) {
		for _, s := range []string{"1.5", "-1e300", "1e-300"} {
			n, err := value.ParseNumber(s)
			if err != nil {
				panic(err)
			}
			list = append(list, n)
		}
		return list
	}()
	longText = strings.Repeat("é,", 2_000)
)

// oddValues are values of every type, some of them hostile. What functions change
// is made anew for every call.
func oddValues(t testing.TB, b *value.Budget) []any {
	m := value.NewMap()
	m.Put(b, "k", int64(1))
	self := value.NewList()
	self.Add(b, self)
	within := value.NewMap()
	within.Put(b, "m", within)
	clock, err := value.NewClock(10*time.Hour, value.Clock12)
	if err != nil {
		t.Fatal(err)
	}
	return []any{nil, "", "a,b", "[1]", `{"k":1}`, "(", "<a><b/></a>", "15-Aug-1947", "10:20:30", "\xff\xfe", longText, "#,##0.00", "%c%",
		int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), true, oddNumbers[0], oddNumbers[1], oddNumbers[2],
		value.Time{Time: time.Date(2020, 5, 23, 0, 0, 0, 0, time.UTC)}, value.Time{Time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}, clock,
		value.NewList(), value.NewList("a", int64(1)), value.NewMap(), m, &value.Empty{}, self, within, value.NewList(deepValue), value.NewList(wideValue),
		value.NewTextFile("../f.txt", "text/plain", "hello"), &value.File{Name: "e", Size: -1}, value.NewCollection(), value.CollectionOf(value.NewList("a", "b")), value.KeyedCollection(within),
		&lib.Pairs{Keys: []any{"k"}, Values: []any{int64(1)}}, record{m}}
}

// Whatever the arguments, a function answers, faults or hits a limit, and soon:
// it never panics with anything else and never gives a value of a foreign type.
func TestEveryFunctionTakesAnything(t *testing.T) {
	base := runtime(t)
	call := func(f *lib.Function, places ...int) {
		rt := *base
		rt.Budget = value.NewBudget(context.Background(), value.Limits{Memory: 1 << 20, Steps: 100_000})
		odd := oddValues(t, base.Budget)
		var args []any
		for _, i := range places {
			args = append(args, odd[i%len(odd)])
		}
		start := time.Now()
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(*value.Limit); !ok {
					t.Errorf("%s%v: panic %v", f.Names[0], places, p)
				}
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%s%v took %v", f.Names[0], places, took)
			}
		}()
		v, err := f.Call(&rt, args)
		var fault *value.Fault
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%s%v: %T is not a Fault", f.Names[0], places, err)
		}
		if value.TypeName(v) == "unknown" {
			t.Errorf("%s%v gives a %T", f.Names[0], places, v)
		}
	}
	n := len(oddValues(t, base.Budget))
	for _, f := range lib.All() {
		most := f.Max()
		if most < 0 {
			most = f.Min() + 1
		}
		for i := range n {
			call(f, i)
			for j := 0; j < n && most >= 2; j++ {
				call(f, i, j)
				if most >= 3 {
					call(f, i, j, i+j)
				}
				if most >= 4 {
					call(f, i, j, i+j, j*7)
				}
			}
		}
	}
}

// The words for types in the table are what is checked.
func TestTypesOfTheTableAreChecked(t *testing.T) {
	rt := runtime(t)
	right := map[string]any{"text": "1", "number": int64(1), "decimal": int64(1), "boolean": true, "date": "15-Aug-1947", "list": value.NewList(), "map": value.NewMap(),
		"collection": value.NewCollection(), "file": value.NewTextFile("f", "text/plain", ""), "value": "1", "any": "1"}
	wrong := []any{nil, "x", int64(1), mustNumber(t, "0.5"), true, value.Time{Time: rt.Now()}, value.NewList(), value.NewMap(), value.NewCollection(), value.NewTextFile("f", "text/plain", "")}
	takes := func(types string, v any) bool {
		name := value.TypeName(v)
		for _, word := range strings.Split(types, "|") {
			switch {
			case word == "any", word == name, word == "value" && name != "null":
				return true
			case word == "text" && slices.Contains([]string{"number", "decimal", "boolean", "date"}, name),
				(word == "number" || word == "decimal") && slices.Contains([]string{"number", "decimal", "text"}, name),
				word == "boolean" && name == "text", word == "date" && (name == "text" || name == "number"):
				return true
			}
		}
		return false
	}
	for _, f := range lib.All() {
		var types []string
		if f.Receiver != "" {
			types = append(types, f.Receiver)
		}
		for _, p := range f.Params {
			types = append(types, p.Type)
		}
		for i := range types {
			for _, v := range wrong {
				if takes(types[i], v) {
					continue
				}
				var args []any
				for _, t := range types {
					first, _, _ := strings.Cut(t, "|")
					args = append(args, right[first])
				}
				args[i] = v
				got := answer(rt, f, args)
				if !strings.Contains(got, " has no function ") && !strings.Contains(got, " must be a ") {
					t.Errorf("%s with a %s for argument %d of type %s: %s", f.Names[0], value.TypeName(v), i, types[i], got)
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

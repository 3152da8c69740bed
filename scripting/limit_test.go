package scripting_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/fixture"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// compile compiles a script that has no mistakes.
func compile(t testing.TB, text string, l scripting.Limits) *scripting.Program {
	t.Helper()
	src := scripting.Source{Name: "t.dg", Text: text}
	p, found := scripting.Compile(src, scripting.Options{Limits: l})
	if p == nil {
		t.Fatalf("%s: %v", text, found)
	}
	return p
}

// The checklist of what a script may not use up. None can be caught, and each
// names its limit.
func TestLimits(t *testing.T) {
	small := scripting.Limits{Steps: 2_000_000, Memory: 32 << 20}
	for name, c := range map[string]struct {
		script string
		limits scripting.Limits
		want   string
	}{
		"endless loop":           {`while (true) { x = 1; }`, small, "steps"},
		"endless loop in try":    {`while (true) { try { while (true) { x = 1; } } catch (e) { x = 2; } }`, small, "steps"},
		"endless recursion":      {`void f() { f(); } f();`, small, "depth"},
		"recursion in try":       {`void f() { try { f(); } catch (e) { f(); } } f();`, small, "depth"},
		"mutual recursion":       {`int g(int n) { return h(n) + 1; } int h(int n) { return g(n) + 1; } g(1);`, small, "depth"},
		"text doubling":          {`s = "0123456789"; while (true) { s = s + s; }`, small, "memory"},
		"text growing":           {`s = ""; while (true) { s = s + "0123456789012345678901234567890123456789012345678901234567890123456789"; }`, scripting.Limits{Memory: 32 << 20, Steps: 5_000_000}, ""},
		"list growing":           {`l = List(); while (true) { l.add("x"); }`, scripting.Limits{Memory: 16 << 20}, "memory"},
		"map growing":            {`m = Map(); i = 0; while (true) { i = i + 1; m.put(i, i); }`, scripting.Limits{Memory: 16 << 20}, "memory"},
		"repeat":                 {`"x".repeat(1000000000000);`, small, "memory"},
		"leftpad":                {`"x".leftpad(2000000000);`, small, "memory"},
		"self-containing list":   {`l = List(); l.add(l); info l;`, small, "nesting"},
		"shared, as text":        {`x = {1}; for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30} { x = {x, x}; } s = x.toString();`, small, ""},
		"shared, compared":       {`x = {1}; y = {1}; for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30} { x = {x, x}; y = {y, y}; } b = x == y;`, small, ""},
		"shared, joined":         {`x = {1}; for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30} { x = {x, x}; } s = "" + x;`, small, ""},
		"shared, returned":       {`x = {1}; for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30} { x = {x, x}; } return x;`, small, ""},
		"many calls":             {`for each i in {1,2,3,4} { try { invokeurl [ url: "/" ]; } catch (e) { } }`, scripting.Limits{Calls: 3}, "invokeurl_calls"},
		"run time":               {`while (true) { x = 1; }`, scripting.Limits{Time: 20 * time.Millisecond, Steps: 1 << 60}, "time"},
		"run time inside a call": {`try { invokeurl [ url: "/hang" ]; } catch (e) { info "caught"; }`, scripting.Limits{Time: 20 * time.Millisecond}, "time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := compile(t, c.script, c.limits)
			_, err := p.Run(t.Context(), scripting.Env{Invoker: hanging{}, Info: func(string) {}})
			limit, ok := errors.AsType[*value.Limit](err)
			e, placed := errors.AsType[*scripting.Error](err)
			if !ok || !placed || c.want != "" && limit.Name != c.want {
				t.Fatalf("got %v, want the limit %s", err, c.want)
			}
			if e.Code != syntax.LimitExceeded || e.Range.Start.Line < 1 || !strings.Contains(e.Msg, limit.Name) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// hanging answers at once, except /hang, which waits for the end of the run.
type hanging struct{}

func (hanging) Invoke(ctx context.Context, r scripting.Request) (*http.Response, error) {
	if r.URL == "/hang" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("ok"))}, nil
}

func TestSourceLimits(t *testing.T) {
	for name, text := range map[string]string{
		"source":   strings.Repeat("x = 1;\n", 50_000),
		"parens":   strings.Repeat("(", 200_000),
		"braces":   strings.Repeat("{", 200_000),
		"nested":   "x = " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300) + ";",
		"unary":    "x = " + strings.Repeat("!", 100_000) + "true;",
		"else ifs": "if (a) {}" + strings.Repeat(" else if (a) { x = 1; }", 5_000),
		"sum":      "x = 1" + strings.Repeat(" + 1", 60_000) + ";",
		"methods":  "x = 1" + strings.Repeat(".abs()", 30_000) + ";",
	} {
		p, found := scripting.Compile(scripting.Source{Name: "t.dg", Text: text}, scripting.Options{})
		if p != nil { // what is not refused runs
			if _, err := p.Run(t.Context(), scripting.Env{Args: map[string]any{"a": false}}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !syntax.HasErrors(found) {
			t.Errorf("%s: no program and no error", name)
		}
	}
}

// A run ends with its context, inside a script and inside a call, and a script
// cannot catch that.
func TestCancel(t *testing.T) {
	for name, script := range map[string]string{
		"loop": `while (true) { try { x = 1; } catch (e) { x = 2; } }`,
		"call": `try { invokeurl [ url: "/hang" ]; } catch (e) { info "caught"; }`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p := compile(t, script, scripting.Limits{Steps: 1 << 60})
			time.AfterFunc(10*time.Millisecond, cancel)
			_, err := p.Run(ctx, scripting.Env{Invoker: hanging{}, Info: func(line string) { t.Errorf("%s", line) }})
			e, ok := errors.AsType[*scripting.Error](err)
			if !ok || e.Code != syntax.Cancelled {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Machines are reused: many runs at once give their own results, also after
// failed ones.
func TestRunsDoNotMix(t *testing.T) {
	p := compile(t, `
int fib(int n) { if (n < 2) { return n; } return fib(n - 1) + fib(n - 2); }
map go(int n, bool fail)
{
  l = List();
  for each i in {1, 2, 3} { l.add(i * n); }
  if (fail) { throw "failed " + n; }
  return {"n": n, "fib": fib(n), "l": l};
}`, scripting.Limits{})
	var wg sync.WaitGroup
	for worker := range 50 {
		wg.Go(func() {
			for turn := range 20 {
				n := int64((worker + turn) % 12)
				r, err := p.Run(t.Context(), scripting.Env{Function: "go", Args: map[string]any{"n": n, "fail": turn%5 == 0}})
				if turn%5 == 0 {
					if err == nil || !strings.Contains(err.Error(), "failed") {
						t.Errorf("got %v", err)
					}
					continue
				}
				m, ok := r.Value.(*value.Map)
				if err != nil || !ok {
					t.Errorf("got %v, %v", r.Value, err)
					continue
				}
				if got, _ := m.Get("n"); got != n {
					t.Errorf("got n %v, want %d", got, n)
				}
			}
		})
	}
	wg.Wait()
}

// What one run left in a slot is not there for the next one.
func TestSlotsAreEmptyAgain(t *testing.T) {
	p := compile(t, `if (set) { secret = "left behind"; } info secret;`, scripting.Limits{})
	run := func(set bool) error {
		_, err := p.Run(t.Context(), scripting.Env{Args: map[string]any{"set": set}})
		return err
	}
	if err := run(true); err != nil {
		t.Fatal(err)
	}
	if err := run(false); err == nil || !strings.Contains(err.Error(), "is not defined") {
		t.Errorf("got %v", err)
	}
}

// The hook sees every statement with its variables.
func TestHook(t *testing.T) {
	p := compile(t, "x = 1;\ny = x + 1;\ninfo y;", scripting.Limits{})
	var seen []string
	_, err := p.Run(t.Context(), scripting.Env{Hook: func(s scripting.Step) {
		line := strings.Repeat("i", s.Range.Start.Line)
		s.Variables(func(name string, v any) { line += " " + name })
		seen = append(seen, line)
	}})
	if got := strings.Join(seen, "|"); err != nil || got != "i|ii x|iii x y" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestConnectionsAndFunctions(t *testing.T) {
	p := compile(t, `map standalone.f(string a, int b) { return invokeurl [ url: "/" connection: "one" ]; }
string g() { c = "two"; return invokeurl [ url: "/" connection: c ]; }`, scripting.Limits{})
	uses, functions := p.Connections(), p.Functions()
	if len(uses) != 1 || uses[0].Name != "one" || uses[0].Range.Start.Line != 1 {
		t.Errorf("got %+v", uses)
	}
	if len(functions) != 2 || functions[0].Name != "standalone.f" || strings.Join(functions[0].Params, ",") != "string a,int b" {
		t.Errorf("got %+v", functions)
	}
}

// Whatever the text: no panic, and every error is ours with a place inside.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		`x = {1,{2}}; for each i in x { info i + "a"; }`, `int f(int n) { return f(n - 1); } f(3);`,
		`try { throw {"a": 1}; } catch (e) { info e.message; }`, `m = {}; m.put("a", '1-Jan-2020'); info m.a.addDay(1).toString("yyyy");`,
		`r = invokeurl [ url: "/x" type: POST parameters: {"a": {1}} detailed: true ]; return r.get("responseText");`,
	} {
		f.Add(seed)
	}
	for _, script := range scripts(f) {
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := scripting.Source{Name: "t.dg", Text: text}
		limits := scripting.Limits{Steps: 20_000, Memory: 4 << 20, Calls: 3, Time: time.Second, Depth: 50}
		p, found := scripting.Compile(src, scripting.Options{Limits: limits})
		for _, d := range found {
			if d.Code == syntax.Internal || d.Range.Start.Line < 1 || scripting.Render(src, d) == "" {
				t.Errorf("%+v", d)
			}
		}
		if p == nil {
			return
		}
		forms := fixture.NewForms()
		if err := forms.Read("f", "", []byte("Orders: [{Item: Cup, Total: 2.5, Items: [{Qty: 1}]}, {Item: Pot, Status: open}]\nOther: [{Key: a, Order_ID: 2}]\nPeople: [{Name: Ada, Age: 3}]")); err != nil {
			t.Fatal(err)
		}
		env := scripting.Env{
			Invoker: hanging{}, Forms: forms, Mailer: mailer(func(string) {}), Client: func(scripting.ClientTask) {}, Page: func(string) {},
			Globals: map[string]any{"input": value.NewMap(), "message": value.NewMap()},
		}
		_, err := p.Run(t.Context(), env)
		if err == nil {
			return
		}
		e, ok := errors.AsType[*scripting.Error](err)
		if !ok || e.Code == syntax.Internal || e.Range.Start.Line < 1 || e.Range.Start.Offset > len(text) {
			t.Errorf("%q: %+v: %v", text, e, err)
		}
	})
}

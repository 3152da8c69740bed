package scripting_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/fixture"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// limited runs a script and gives the limit that ended it, "" for none.
func limited(t *testing.T, script string, opts scripting.Options, env scripting.Env) string {
	t.Helper()
	p, found := scripting.Compile(scripting.Source{Name: "t.dg", Text: script}, opts)
	if p == nil {
		t.Fatalf("%s: %v", script, found)
	}
	_, err := p.Run(t.Context(), env)
	if err == nil {
		return ""
	}
	limit, ok := errors.AsType[*value.Limit](err)
	e, placed := errors.AsType[*scripting.Error](err)
	if !ok || !placed || e.Code != syntax.LimitExceeded || e.Range.Start.Line < 1 {
		t.Fatalf("%s: %v", script, err)
	}
	return limit.Name
}

// Statements count as products count them: each one, and a loop once a turn.
func TestStatements(t *testing.T) {
	for script, want := range map[string]int64{
		`x = 1; y = 2;`: 2,
		`for each x in {1,2,3,4,5} { a = 1; b = 2; }`: 15,
		`if (true) { x = 1; } else { x = 2; }`:        2,
		`int f(int n) { return n; } x = f(1) + f(2);`: 3,
		`i = 0; while (i < 3) { i = i + 1; }`:         7,
	} {
		run := func(most int64) string {
			return limited(t, script, scripting.Options{Limits: scripting.Limits{Statements: most}}, scripting.Env{Function: ""})
		}
		if strings.HasPrefix(script, "int f") {
			if got := run(want); got != "" {
				t.Errorf("%s: %d statements are too few: %s", script, want, got)
			}
		} else if got := run(want); got != "" {
			t.Errorf("%s: %d statements are too few: %s", script, want, got)
		}
		if got := run(want - 1); got != "statements" {
			t.Errorf("%s: %d statements are enough: %q", script, want-1, got)
		}
	}
}

// What holds inside a file holds over files: depth, steps, statements, memory.
func TestLimitsOverFiles(t *testing.T) {
	files := []scripting.Source{
		{Name: "a.dg", Text: `int a.down(int n) { if (n == 0) { return 0; } return b.down(n - 1); }
void a.forever() { while (true) { x = 1; } }
list a.grow(list l) { try { l.add("x".repeat(100000)); } catch (e) { } return l; }`},
		{Name: "b.dg", Text: `int b.down(int n) { if (n == 0) { return 0; } return a.down(n - 1); }`},
	}
	for script, want := range map[string]string{
		`a.down(60);`:                                         "",
		`a.down(200);`:                                        "depth",
		`try { a.down(200); } catch (e) { }`:                  "depth",
		`try { a.forever(); } catch (e) { }`:                  "steps",
		`l = List(); while (true) { l = a.grow(l); }`:         "memory",
		`while (true) { x = a.down(2); }`:                     "steps",
		`while (true) { try { a.down("x"); } catch (e) { } }`: "steps",
	} {
		opts := scripting.Options{Limits: scripting.Limits{Depth: 100, Steps: 500_000, Memory: 8 << 20}}
		opts.Library = scripting.NewLibrary(files, opts)
		if got := limited(t, script, opts, scripting.Env{}); got != want {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}

// Work on records is charged, also where criteria call functions that choose
// records again.
func TestLimitsOfForms(t *testing.T) {
	data := "Orders:\n" + strings.Repeat("  - {Item: Cup, Total: 1}\n", 2000)
	for script, want := range map[string]string{
		`info Orders[Total == 1].count();`:                                                    "",
		`while (true) { x = Orders[Total == 1]; }`:                                            "steps",
		`l = List(); while (true) { l.add(Orders[ID != 0]); }`:                                "any",
		`bool f(int n) { return Orders[f(n + 1)].count() > 0; } f(1);`:                        "depth",
		`for each o in Orders { for each p in Orders sort by Item, Total { x = 1; } }`:        "steps",
		`while (true) { insert into Log [ Text = "xxxxxxxxxxxxxxxx" ]; }`:                     "any",
		`x = {1}; for each i in Orders { x = {x, x}; } insert into Log [ Tree = x ];`:         "any",
		`l = List(); l.add(l); insert into Log [ Tree = l ];`:                                 "nesting",
		`l = List(); l.add(l); try { Orders[ID == 1].Item = l; } catch (e) { }`:               "nesting",
		`for each i in {1,2,3} { sendmail [ from: "a@b.test" to: "c@d.test" message: "m" ] }`: "invokeurl_calls",
	} {
		forms := fixture.NewForms()
		if err := forms.Read("f", "", []byte(data)); err != nil {
			t.Fatal(err)
		}
		limits := scripting.Limits{Depth: 50, Steps: 1_000_000, Memory: 32 << 20, Calls: 2}
		got := limited(t, script, scripting.Options{Limits: limits}, scripting.Env{Forms: forms, Mailer: mailer(func(string) {})})
		if got != want && (want != "any" || got == "") {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}

// Shared structure is charged by whatever walks it, and by what leaves the
// engine.
func TestSharedStructureLeaves(t *testing.T) {
	tree := `x = {1}; for each i in {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30} { x = {x, x}; } `
	small := scripting.Options{Limits: scripting.Limits{Steps: 2_000_000, Memory: 32 << 20}}
	tasks, err := fixture.NewTasks("t", []byte("tasks: [{task: zoho.a.b, args: [[1]]}, {task: zoho.a.b}]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, use := range []string{
		`zoho.a.b(x);`, `invokeurl [ url: "/" type: POST body: {"x": x} ];`, `invokeurl [ url: "/" headers: {"x": x} ];`,
		`alert x;`, `sendmail [ from: "a@b.test" to: "c@d.test" message: x ]`, `x.contains(y); y = {x}; y.contains({x});`,
		`s = "" + x; s.replaceAll("1", "22");`, `m = {"k": x}; info m.toString().toMap();`,
	} {
		env := scripting.Env{Tasks: tasks, Invoker: hanging{}, Client: func(scripting.ClientTask) {}, Mailer: mailer(func(string) {}), Args: map[string]any{"y": int64(1)}}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		got := limited(t, tree+use, small, env)
		runtime.ReadMemStats(&after)
		if strings.HasPrefix(use, "zoho") || strings.HasPrefix(use, "x.contains") {
			// These need not walk the whole tree; but they must not make it larger.
		} else if got == "" {
			t.Errorf("%s: no limit", use)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 512<<20 {
			t.Errorf("%s: made %d MB", use, grown>>20)
		}
	}
}

// flood answers with as much as is read of it.
type flood struct{}

func (flood) Invoke(context.Context, scripting.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(endless{})}, nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// An answer without end, and a text for which a pattern is made, are charged.
func TestLargeTexts(t *testing.T) {
	small := scripting.Options{Limits: scripting.Limits{Steps: 5_000_000, Memory: 32 << 20}}
	for script, want := range map[string]string{
		`try { invokeurl [ url: "/" ]; } catch (e) { }`:                                   "memory",
		`s = "ab".repeat(1000000); while (true) { x = s.matches("(a|b)*c"); }`:            "steps",
		`s = "ab".repeat(1000000); while (true) { s = s.replaceAll("a", "aaaaaaaaaa"); }`: "memory",
		`s = "a,".repeat(1000000); while (true) { x = s.toList(); x.sort(); }`:            "any",
	} {
		got := limited(t, script, small, scripting.Env{Invoker: flood{}})
		if got != want && (want != "any" || got == "") {
			t.Errorf("%s: got %q, want %q", script, got, want)
		}
	}
}

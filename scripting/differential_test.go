package scripting_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/syntax"
	"github.com/connhost/connhost/scripting/value"
)

// compare runs a script on the engine and on the oracle, and says whether both
// know it. What they print, return and fail with must be the same.
func compare(t *testing.T, text string) bool {
	t.Helper()
	limits := scripting.Limits{Steps: 100_000, Memory: 16 << 20, Depth: 150}
	p, _ := scripting.Compile(scripting.Source{Name: "t.dg", Text: text}, scripting.Options{Limits: limits})
	if p == nil || p.IsPage() {
		return false
	}
	src := syntax.NewSource("t.dg", text)
	file, _ := syntax.Parse(src, syntax.Options{})
	wantInfo, want, wantErr, known := oracleOf(src, file)
	if !known {
		return false
	}
	var info []string
	r, err := p.Run(t.Context(), scripting.Env{Info: func(line string) { info = append(info, line) }, Now: oracleNow, Rand: oracleRand()})
	if e, ok := errors.AsType[*scripting.Error](err); ok {
		if e.Code == syntax.LimitExceeded {
			return false
		}
		err := fmt.Sprintf("%d: %s", e.Range.Start.Line, e.Msg)
		if err != wantErr {
			t.Fatalf("%s\nthe engine fails with %q, the oracle with %q", text, err, wantErr)
		}
	} else if wantErr != "" {
		t.Fatalf("%s\nthe engine gives %q, the oracle fails with %q", text, r.Text, wantErr)
	} else if got := shown(r.Value); got != want {
		t.Fatalf("%s\nthe engine gives %s, the oracle %s", text, got, want)
	}
	if got, want := strings.Join(info, "\n"), strings.Join(wantInfo, "\n"); got != want {
		t.Fatalf("%s\nthe engine prints\n%s\nthe oracle\n%s", text, got, want)
	}
	return true
}

func shown(v any) string {
	return value.TypeName(v) + " " + scripting.JSON(v)
}

// oracleOf runs the oracle; known is false where it cannot say.
func oracleOf(src *syntax.Source, file *syntax.File) (info []string, result, failed string, known bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(unknown); !ok {
				if _, ok := r.(*value.Limit); !ok {
					panic(r)
				}
			}
			known = false
		}
	}()
	o, v, err, limited := runOracle(src, file, nil)
	if limited {
		return nil, "", "", false
	}
	if err != nil {
		return o.info, "", fmt.Sprintf("%d: %s", err.line, err.msg), true
	}
	return o.info, shown(v), "", true
}

// scripts are those of the cases.
func scripts(t testing.TB) map[string]string {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name == "script" {
				out[file] = string(f.Data)
			}
		}
	}
	return out
}

func TestOracleOnCases(t *testing.T) {
	known := 0
	for _, script := range scripts(t) {
		if compare(t, script) {
			known++
		}
	}
	if known < 12 {
		t.Errorf("the oracle knows %d cases only", known)
	}
}

// Programs that nobody wrote run the same on both. The seed of a failure is in
// its name.
func TestOracleOnRandomPrograms(t *testing.T) {
	known := 0
	for seed := range uint64(3000) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			if compare(t, randomProgram(rand.New(rand.NewPCG(seed, 1)))) {
				known++
			}
		})
	}
	if known < 2500 {
		t.Errorf("%d of 3000 programs were compared", known)
	}
}

func FuzzOracle(f *testing.F) {
	for _, script := range scripts(f) {
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, text string) { compare(t, text) })
}

func FuzzOracleRandom(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, seed*7)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) { compare(t, randomProgram(rand.New(rand.NewPCG(a, b)))) })
}

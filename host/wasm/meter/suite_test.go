package meter_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/wasm/meter"
)

// suite visits the modules of the WebAssembly specification's own suite, as
// they come with wazero, by the part that they belong to.
func suite(t testing.TB, visit func(part, path string, file []byte)) {
	t.Helper()
	for _, path := range wazeroFiles(t, "internal/integration_test/spectest") {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		visit(filepath.Base(filepath.Dir(filepath.Dir(path))), path, file)
	}
}

// A module that we take compiles with its meter exactly when it compiles
// without. What we refuse of the standard that we read is listed here.
func TestSpecificationSuite(t *testing.T) {
	refused := map[string]string{ // of versions 1 and 2, valid
		"br_table.0.wasm":              "branches", // 24,615 targets
		"skip-stack-guard-page.0.wasm": "locals",   // 1,056 of them
		"binary-leb128.81.wasm":        "malformed",
	}
	taken, passed, all := map[string]int{}, 0, 0
	suite(t, func(part, path string, file []byte) {
		all++
		metered, _, err := meter.Meter(file, meter.Config{ExportGlobals: true})
		without := compiles(file)
		if err != nil {
			r, ok := errors.AsType[*meter.Refusal](err)
			if !ok || r.Offset > len(file) || r.Code == "" || r.Msg == "" {
				t.Errorf("%s: %#v", path, err)
			}
			if without == nil && (part == "v1" || part == "v2") && refused[filepath.Base(path)] != r.Code {
				t.Errorf("%s is refused: %s, %v", path, r.Code, err)
			}
			return
		}
		with := compiles(metered)
		if (without == nil) != (with == nil) {
			t.Errorf("%s: without the meter %v, with it %v", path, without, with)
		}
		if without == nil {
			taken[part]++
		} else {
			passed++
		}
	})
	t.Logf("of %d modules: valid and taken %v, invalid and passed on %d", all, taken, passed)
	if all < 7_800 || taken["v1"] < 880 || taken["v2"] < 1_715 {
		t.Error("fewer than there were")
	}
}

// What belongs to a proposal is refused by the proposal's name, and never as
// something else that the compiler could take.
func TestProposals(t *testing.T) {
	names := map[string][]string{
		"threads": {"threads"}, "tail-call": {"tail-calls"}, "exception-handling": {"exceptions"},
		"extended-const":            {"extended-const"},
		"typed-function-references": {"function-references"},
	}
	seen := map[string]map[string]int{}
	suite(t, func(part, path string, file []byte) {
		_, err := meter.Scan(file, meter.Limits{})
		if r, _ := errors.AsType[*meter.Refusal](err); r != nil && names[part] != nil {
			if seen[part] == nil {
				seen[part] = map[string]int{}
			}
			seen[part][r.Code]++
		}
	})
	for part, codes := range names {
		got := slices.Sorted(maps.Keys(seen[part]))
		t.Logf("%s: %v", part, seen[part])
		for _, code := range codes {
			if !slices.Contains(got, code) {
				t.Errorf("%s is refused as %s only", part, strings.Join(got, ", "))
			}
		}
	}
}

// guestFolders are searched for guests: whatever .wasm stands in them, of
// whichever language, must be taken, compile, and stay well below the limits.
var guestFolders = []string{"../../lab", "../../../plugins", "../../../connectors", "../../../cmd"}

// guests are the modules in guestFolders.
func guests(t testing.TB) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, folder := range guestFolders {
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			if err == nil && strings.HasSuffix(path, ".wasm") {
				found[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) == 0 {
		t.Fatal("no guest was found")
	}
	return found
}

// foreign are the programs in TinyGo, Rust, Zig, C and AssemblyScript that come
// with wazero.
func foreign(t testing.TB) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, folder := range []string{"examples", "imports", "cmd", "internal/integration_test/bench", "internal/testing/dwarftestdata"} {
		for _, path := range wazeroFiles(t, folder) {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			found[path] = file
		}
	}
	return found
}

// Programs of other people and languages are taken.
func TestForeignGuests(t *testing.T) {
	taken := 0
	for path, file := range foreign(t) {
		metered, _, err := meter.Meter(file, meter.Config{})
		valid := compiles(file) == nil
		switch {
		case err != nil && valid:
			t.Errorf("%s: %v", path, err)
		case err == nil && valid != (compiles(metered) == nil):
			t.Errorf("%s: valid %t, and metered %v", path, valid, compiles(metered))
		case valid:
			taken++
		}
	}
	t.Logf("%d were taken", taken)
	if taken < 20 {
		t.Error("fewer than there were")
	}
}

func TestGuests(t *testing.T) {
	for path, file := range guests(t) {
		metered, r, err := meter.Meter(file, meter.Config{ExportGlobals: true})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := compiles(metered); err != nil {
			t.Errorf("%s does not compile: %v", path, err)
		}
		t.Logf("%s: %d bytes become %d; of one function: body %d, locals %d, blocks %d, depth %d, loops %d, branches %d, values %d, paths %d, locals x paths %d; of all: functions %d, values %d, paths squared %d, path work %d, loop work %d",
			path, len(file), len(metered), r.Body, r.Locals, r.Blocks, r.Depth, r.Loops, r.Branches, r.Values, r.Paths, r.LocalsTimesPaths,
			r.Functions, r.AllValues, r.PathsSquared, r.PathWork, r.LoopWork)
	}
}

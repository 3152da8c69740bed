package meter_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/host/wasm/meter"
)

// compiles says whether wazero takes a module. The interpreter validates as
// the compiler does, and is quicker to say so.
func compiles(module []byte) error {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer rt.Close(ctx)
	_, err := rt.CompileModule(ctx, module)
	return err
}

// bare is a module without its custom sections, whose names the compiler reads
// too. It must have been scanned.
func bare(file []byte) []byte {
	out := bytes.Clone(file[:8])
	for at := 8; at < len(file); {
		size, n := binary.Uvarint(file[at+1:])
		end := at + 1 + n + int(size)
		if file[at] != 0 {
			out = append(out, file[at:end]...)
		}
		at = end
	}
	return out
}

// A tank is a host's side of the meter.
type tank struct {
	given int64
	ticks int
	slice int64
	most  int64 // 0: endless
	stack int64 // when it was seen below zero

	stopped bool
}

func newTank() *tank { return &tank{given: meter.DefaultTank, slice: meter.DefaultTank} }

func (k *tank) tick(_ context.Context, _ api.Module, s []uint64) {
	fuel, stack := int64(s[0]), int64(s[1])
	k.ticks++
	if stack < 0 {
		k.stack, k.stopped = stack, true
		panic("stack")
	}
	if k.most > 0 && k.given-fuel > k.most {
		k.stopped = true
		panic("fuel")
	}
	k.given += k.slice - fuel
	s[0] = uint64(k.slice)
}

// offer gives the import that metered modules call.
func (k *tank) offer(ctx context.Context, rt wazero.Runtime) error {
	i64 := api.ValueTypeI64
	_, err := rt.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(k.tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).
		Export(meter.TickName).Instantiate(ctx)
	return err
}

// used is what a module has used.
func (k *tank) used(mod api.Module) int64 {
	return k.given - int64(mod.ExportedGlobal(meter.FuelExport).Get())
}

var module = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	return strings.TrimSpace(string(out)), err
})

// wazeroFiles are the modules that come with wazero's source, below a folder.
func wazeroFiles(t testing.TB, folder string) []string {
	t.Helper()
	root, err := module()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	err = filepath.WalkDir(filepath.Join(root, folder), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".wasm") {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

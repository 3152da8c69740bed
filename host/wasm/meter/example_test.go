package meter_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/connhost/connhost/host/wasm/meter"
)

// A host compiles what Meter gives, and looks at each tick whether the guest
// may go on.
func Example() {
	endless := []byte("\x00asm\x01\x00\x00\x00" + // (module (func (export "f") (loop (br 0))))
		"\x01\x04\x01\x60\x00\x00" + "\x03\x02\x01\x00" + "\x07\x05\x01\x01f\x00\x00" + "\x0a\x09\x01\x07\x00\x03\x40\x0c\x00\x0b\x0b")
	metered, report, err := meter.Meter(endless, meter.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("functions:", report.Functions)

	ctx := context.Background()
	rt := wazero.NewRuntime(ctx)
	defer rt.Close(ctx)
	deadline := time.Now().Add(20 * time.Millisecond)
	timeOver := errors.New("the time is over")
	tick := func(_ context.Context, _ api.Module, stack []uint64) {
		if int64(stack[1]) < 0 {
			panic(errors.New("the calls nest too deeply"))
		}
		if time.Now().After(deadline) {
			panic(timeOver)
		}
		stack[0] = meter.DefaultTank
	}
	i64 := api.ValueTypeI64
	_, err = rt.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).
		Export(meter.TickName).Instantiate(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	guest, err := rt.Instantiate(ctx, metered)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = guest.ExportedFunction("f").Call(ctx)
	fmt.Println("over:", errors.Is(err, timeOver))
	// Output:
	// functions: 1
	// over: true
}

// A refusal has a code for programs and a sentence for people.
func ExampleScan() {
	bomb := []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x0a\x05\xff\xff\xff\xff\x0f")
	_, err := meter.Scan(bomb, meter.Limits{})
	refusal, _ := errors.AsType[*meter.Refusal](err)
	fmt.Println(refusal.Code)
	fmt.Println(refusal)
	// Output:
	// functions
	// byte 16: 4294967295 function bodies, at most 20000
}

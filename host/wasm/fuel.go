package wasm

import (
	"context"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"github.com/connhost/connhost/host/wasm/meter"
)

// slice is how much fuel a guest gets at a time: about a tenth of a
// millisecond, after which the host looks whether the call may go on. The
// garbage collector waits for a guest as long, and not longer.
const slice = meter.DefaultTank

// What the host's own work for a guest costs it.
const (
	costHostCall  = 32
	bytesPerPrice = 16
)

// A gauge counts the fuel of a call.
type gauge struct {
	used  int64 // without what was taken from the tank since it was filled
	tank  int64 // how full the tank was made
	since int64 // of the host's work, since it last looked
}

// tick is the import that a metered module calls when its tank is empty, or
// when its calls nest too deeply.
func tick(ctx context.Context, _ api.Module, stack []uint64) {
	c := ctx.Value(callKey{}).(*call)
	fuel, room := int64(stack[0]), int64(stack[1])
	c.fuel.used += c.fuel.tank - fuel
	c.fuel.tank = 0
	if room < 0 {
		c.halt(stopped("stack", "the hook's calls nest too deeply"))
	}
	c.look()
	c.fuel.tank = min(slice, c.budget.fuel-c.fuel.used)
	stack[0] = uint64(c.fuel.tank)
}

// pay takes the price of some of the host's work from the guest.
func (c *call) pay(price int64) {
	c.fuel.used += price
	c.fuel.since += price
	if c.fuel.since > slice {
		c.look()
	}
}

// look ends the guest when it has used what it may.
func (c *call) look() {
	c.fuel.since = 0
	switch {
	case c.fuel.used >= c.budget.fuel:
		c.halt(c.outOfFuel())
	case c.watch.spent() > c.budget.time:
		c.halt(stopped("time", "the hook ran longer than %s", c.budget.time))
	case c.ctx.Err() != nil:
		c.halt(c.ctx.Err())
	}
}

func (c *call) outOfFuel() error {
	return stopped("fuel", "the hook used more than %d of fuel", c.budget.fuel)
}

// halt ends the guest with an error.
func (c *call) halt(err error) {
	c.halted = err
	panic(sys.NewExitError(1))
}

// settle reads what is left in the tank of a guest that has ended. One that
// trapped inside a loop may have had it elsewhere, so that is right to a slice.
func (c *call) settle(guest api.Module) {
	if c.halted != nil {
		return // by a tick, which has counted all
	}
	c.fuel.used += c.fuel.tank - int64(guest.ExportedGlobal(meter.FuelExport).Get())
	c.fuel.tank = 0
}

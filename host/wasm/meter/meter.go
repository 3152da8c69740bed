// Package meter makes WebAssembly modules of strangers safe to hand to a
// compiler, and their running time countable. It reads and writes the binary
// format of WebAssembly 2.0 with the standard library alone, and can be used
// with any host that compiles ahead, such as wazero.
//
//	file -> Scan: every count, size, depth and instruction, within Limits
//	     -> Meter: the same, and a module that pays for what it runs
//
// A compiler trusts the counts of a module: 21 bytes that announce 2^32-1
// functions end the process that compiles them. Others take a minute to
// translate a few kilobytes. Scan reads a module once, from front to back,
// and refuses both by a Refusal with a stable code.
//
// # What the guest pays
//
// Meter adds two globals behind the module's own: the fuel in the tank, and
// how much of the native stack may still be used. Each function and each loop
// takes the number of its instructions from the tank when it is entered, and a
// bulk operation takes its length. When the tank or the stack is below zero
// the guest calls an import, which the host must offer:
//
//	module TickModule, name TickName: (fuel i64, stack i64) -> (tank i64)
//
// It gets what both globals hold and gives what is in the tank from then on,
// or ends the guest. A stack below zero must end it. The tank begins with
// Config.Tank, from which also the start section is paid. What a guest has
// used is what the host has given it, less what the exported global
// FuelExport holds at the end: the same number for the same run, everywhere. A
// guest that trapped in a loop may have used up to a tank more or less.
//
// A guest cannot reach either global, nor what a function keeps of them: every
// index in it is compared with the number of its own globals, functions, types,
// locals and labels. Whoever compiles the
// result validates it, so memory safety does not depend on this package.
//
// # What it does not do
//
// It does not check types, and passes on a module that the compiler will
// refuse. Tables and memories that a module imports are the host's matter. It
// leaves custom sections out, and gives every table a largest size. Threads,
// tail calls, exceptions, garbage collection, typed function references,
// several memories, 64-bit memories, relaxed vectors and extended constants are
// refused by name, and so is an operation whose number is written in more bytes
// than it needs: compilers may read it as another one.
package meter

// Names that are this package's own. A module that imports from TickModule,
// or exports a name that begins with Reserved, is refused.
const (
	TickModule = "meter"
	TickName   = "tick"

	Reserved     = "meter:"
	FuelExport   = Reserved + "fuel"
	GlobalExport = Reserved + "global:" // followed by the index, with Config.ExportGlobals
)

// DefaultTank is how much fuel a module begins with, and a good amount for a
// host to give at each tick: about a tenth of a millisecond.
const DefaultTank = 100_000

// DefaultStack is how many bytes of native stack a module may use. It is
// compared with an estimate, which is never below what wazero's compiler
// uses and mostly far above it.
const DefaultStack = 32 << 20

// A Config says how a module is metered. Zero values mean the defaults.
type Config struct {
	Limits Limits
	Tank   int64 // fuel before the first tick
	Stack  int64 // bytes of native stack, as estimated

	// ExportGlobals exports the module's own mutable globals of number types
	// as GlobalExport and their index, so that a host can save and restore
	// them; Report.Mutable lists them.
	ExportGlobals bool
}

func (c Config) orDefault() Config {
	c.Limits = c.Limits.orDefault()
	if c.Tank <= 0 {
		c.Tank = DefaultTank
	}
	if c.Stack <= 0 {
		c.Stack = DefaultStack
	}
	return c
}

// Version changes whenever Meter gives something else for the same module and
// configuration. It belongs into the key of a cache of compiled code.
const Version = "2"

// Scan reads a module and says what it holds. The error is a *Refusal.
func Scan(module []byte, l Limits) (Report, error) {
	m := newModule(module, l.orDefault())
	err := m.scan()
	return m.Report, err
}

// Meter reads a module as Scan does and gives the metered one. The error is a
// *Refusal. The module that was given is not changed.
func Meter(module []byte, c Config) ([]byte, Report, error) {
	c = c.orDefault()
	m := newModule(module, c.Limits)
	w := newWriter(m, c)
	if err := m.scan(); err != nil {
		return nil, m.Report, err
	}
	return w.all(), m.Report, nil
}

package wasm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

func loop() unit {
	return unit{funcs: []function{hook("test", opLoop+opBr+"\x00"+opEnd+num(0))}}
}

// A hostile guest is stopped with its name, and the next call is served.
func TestHostile(t *testing.T) {
	exit := function{module: "wasi_snapshot_preview1", name: "proc_exit", params: tI32}
	output := []function{from("output", 2)}
	b := open(t, wasm.Options{Limits: wasm.Limits{Time: 200 * time.Millisecond, Output: 1 << 10, Memory: 1 << 20}})
	for _, c := range []struct {
		name       string
		unit       unit
		kind       host.GuestErrorKind
		code, part string
	}{
		{"loop", loop(), host.Stopped, "time", "longer than 200ms"},
		{"start section that loops", unit{
			funcs: []function{hook("test", num(0)), {code: opLoop + opBr + "\x00" + opEnd}}, start: 1,
		}, host.Stopped, "time", "longer than 200ms"},
		{"_initialize that loops", unit{
			funcs: []function{hook("test", num(0)), {name: "_initialize", code: opLoop + opBr + "\x00" + opEnd}},
		}, host.Stopped, "time", "longer than 200ms"},
		{"recursion", unit{funcs: []function{hook("test", get(0)+call(0))}}, host.Stopped, "stack", "nest too deeply"},
		{"memory.grow until it traps", unit{
			funcs: []function{hook("test", num(60_000)+opGrow+opDrop+opUnreachable)},
		}, host.Stopped, "memory", "more than 1048576 bytes"},
		{"memory.grow in a loop", unit{
			funcs: []function{hook("test", opLoop+num(1)+opGrow+opDrop+opBr+"\x00"+opEnd+num(0))},
		}, host.Stopped, "time", "longer than"},
		{"table.grow", unit{
			funcs: []function{hook("test", opLoop+"\xd0\x70"+num(1<<28)+"\xfc\x0f\x00"+opDrop+opBr+"\x00"+opEnd+num(0))},
			table: []byte{0, 1},
		}, host.Stopped, "time", "longer than"},
		{"huge output", unit{imports: output,
			funcs: []function{hook("test", num(0)+num(60_000)+call(0)+opDrop+num(0))},
		}, host.Stopped, "output", "more than 1024 bytes"},
		{"exit", unit{imports: []function{exit},
			funcs: []function{hook("test", num(7)+call(0)+num(0))},
		}, host.Stopped, "exit", "exit status 7"},
		{"exit in the start section", unit{imports: []function{exit},
			funcs: []function{hook("test", num(0)), {code: num(0) + call(0)}}, start: 2,
		}, host.Stopped, "exit", "exit status 0"},
		{"exit with the number of a deadline", unit{imports: []function{exit},
			funcs: []function{hook("test", num(-0x10000001)+call(0)+num(0))},
		}, host.Stopped, "exit", "exit status 4026531839"},
		{"trap", unit{funcs: []function{hook("test", opUnreachable)}}, host.Stopped, "trap", "trapped: unreachable"},
		{"division by zero", unit{
			funcs: []function{hook("test", num(1)+num(0)+"\x6d")},
		}, host.Stopped, "trap", "trapped: integer divide by zero"},
		{"load outside the memory", unit{
			funcs: []function{hook("test", num(-1)+"\x28\x02\x00")},
		}, host.Stopped, "trap", "trapped: out of bounds memory access"},
		{"no answer", unit{funcs: []function{hook("test", num(0))}}, host.Violation, "", "without an answer"},
		{"an error without an answer", unit{funcs: []function{hook("test", num(1))}}, host.Violation, "", "without an answer"},
		{"wrong result", unit{funcs: []function{hook("test", num(5))}}, host.Violation, "", "gave 5"},
		{"garbage", unit{imports: output,
			funcs: []function{hook("test", num(0)+num(2)+call(0)+opDrop+num(0))}, data: "}{",
		}, host.Violation, "", "not JSON"},
		{"data outside the memory", unit{
			funcs: []function{hook("test", num(0))}, data: strings.Repeat("x", 70_000),
		}, host.Violation, "", "does not start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			begun := time.Now()
			_, used, err := b.Call(context.Background(), host.GuestCall{
				Hash: b.add(file(t, c.unit.wasm(), "test")), Hook: "test", Input: []byte(`{}`)})
			wantError(t, err, c.kind, c.code, c.part)
			if used.Memory > 1<<20 {
				t.Errorf("used %d bytes", used.Memory)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			b.serves(t)
		})
	}
}

// A module that breaks the agreement is refused before it is compiled, by the
// name of what is wrong.
func TestDisagree(t *testing.T) {
	ok := hook("test", num(0))
	b := open(t, wasm.Options{})
	for _, c := range []struct {
		name string
		file []byte
		code string
		part string
	}{
		{"import of another host", file(t, unit{
			imports: []function{{module: "env", name: "abort"}}, funcs: []function{ok}}.wasm(), "test"),
			"import", `imports "abort" of "env"`},
		{"import of a newer host", file(t, unit{
			imports: []function{from("teleport", 2)}, funcs: []function{ok}}.wasm(), "test"),
			"import", `imports "teleport" of "connhost", which no host that speaks connhost.v1 has`},
		{"import of a file system", file(t, unit{
			imports: []function{{module: "wasi_snapshot_preview1", name: "path_open"}}, funcs: []function{ok}}.wasm(), "test"),
			"import", `imports "path_open"`},
		{"import with another signature", file(t, unit{
			imports: []function{from("input", 3)}, funcs: []function{ok}}.wasm(), "test"),
			"import", "another signature"},
		{"undeclared hook", file(t, unit{
			funcs: []function{ok, hook("token", num(0))}}.wasm(), "test"),
			"hook", `exports ch_token, and the manifest declares no hook "token"`},
		{"missing hook", file(t, unit{funcs: []function{ok}}.wasm(), "test", "token"),
			"hook", `declares the hook "token", and the module exports no function ch_token`},
		{"hook with another signature", file(t, unit{
			funcs: []function{{name: "ch_test", params: tI64, results: tI32, code: num(0)}}}.wasm(), "test"),
			"hook", "something else than one i32"},
		{"_initialize with a parameter", file(t, unit{
			funcs: []function{ok, {name: "_initialize", params: tI32}}}.wasm(), "test"),
			"export", "_initialize is no function"},
		{"no hooks", file(t, unit{funcs: []function{ok}}.wasm()), "hook", `declares no hook "test"`},
		{"no memory", file(t, []byte("\x00asm\x01\x00\x00\x00"), "test"), "export", `no memory named "memory"`},
		{"no manifest", unit{funcs: []function{ok}}.wasm(), "manifest", "without a manifest"},
		{"does not type check", file(t, unit{
			funcs: []function{hook("test", "")}}.wasm(), "test"), "compile", "does not compile"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := b.call(b.add(c.file), "test", `{}`)
			wantError(t, err, host.Violation, c.code, c.part)
			b.serves(t)
		})
	}
}

func TestHeapOfACall(t *testing.T) {
	b := open(t, wasm.Options{})
	big := unit{funcs: []function{hook("test", num(0))}, memory: []byte{0, 32}}
	_, _, err := b.Call(context.Background(), host.GuestCall{
		Hash: b.add(file(t, big.wasm(), "test")), Hook: "test", Input: []byte(`{}`),
		Budget: host.Budget{Memory: 1 << 20}})
	wantError(t, err, host.Stopped, "memory", "begins with 2097152 bytes")
	b.serves(t)
}

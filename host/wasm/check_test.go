package wasm_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/wasm"
)

// Check is what installing asks. A refusal has a stable code.
func TestCheck(t *testing.T) {
	short, _ := hex.DecodeString("0061736d" + "01000000" + "01040160" + "0000" + "0a05ffffffff0f")
	b := open(t, wasm.Options{})
	for _, c := range []struct {
		name string
		file []byte
		code string
	}{
		{"a good one", file(t, echo.wasm(), "test"), ""},
		{"an undeclared hook", file(t, echo.wasm(), "token"), "hook"},
		{"nothing", nil, "manifest"},
		{"21 bytes", file(t, short, "test"), "functions"},
	} {
		err := b.Check(c.file)
		g, _ := errors.AsType[*host.GuestError](err)
		if (g == nil) != (c.code == "") || g != nil && (g.Code != c.code || g.Kind != host.Violation) {
			t.Errorf("%s: got %#v, want %q", c.name, err, c.code)
		}
	}
	_, err := b.call(b.add(file(t, short, "test")), "test", `{}`)
	wantError(t, err, host.Violation, "functions", "the module is refused: byte 16")
	b.serves(t)
}

package build_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// TestDocument holds ABI.md to what it says: its manifests are valid without a
// warning, and its JSON is what passes between host and hook.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	wire := map[string]func() any{
		"RespondInput": func() any { return new(abi.RespondInput) }, "RespondOutput": func() any { return new(abi.RespondOutput) },
		"TestInput": func() any { return new(abi.TestInput) }, "TestOutput": func() any { return new(abi.TestOutput) },
		"TokenInput": func() any { return new(abi.TokenInput) }, "TokenOutput": func() any { return new(abi.TokenOutput) },
		"AuthorizeInput": func() any { return new(abi.AuthorizeInput) }, "AuthorizeOutput": func() any { return new(abi.AuthorizeOutput) },
		"CallbackInput": func() any { return new(abi.CallbackInput) }, "CallbackOutput": func() any { return new(abi.CallbackOutput) },
		"SignInput": func() any { return new(abi.SignInput) }, "SignOutput": func() any { return new(abi.SignOutput) },
		"PrepareInput": func() any { return new(abi.PrepareInput) }, "PrepareOutput": func() any { return new(abi.PrepareOutput) },
		"PageInput": func() any { return new(abi.PageInput) }, "PageOutput": func() any { return new(abi.PageOutput) },
		"ActionInput": func() any { return new(abi.ActionInput) }, "ActionOutput": func() any { return new(abi.ActionOutput) },
		"GuestRequest": func() any { return new(abi.GuestRequest) }, "Response": func() any { return new(abi.Response) },
		"CryptoCall": func() any { return new(abi.CryptoCall) },
		"HookError":  func() any { return new(abi.HookError) },
	}
	manifests, messages := 0, map[string]bool{}
	for _, b := range blocks(string(text)) {
		kind, name, _ := strings.Cut(b.info, " ")
		switch kind {
		case "yaml":
			manifests++
			for _, d := range build.Read("ABI.md", []byte(b.text)).Diagnostics {
				t.Errorf("block on line %d:\n%s", b.line, d.Render())
			}
		case "json":
			messages[name] = true
			dec := json.NewDecoder(bytes.NewReader([]byte(b.text)))
			dec.DisallowUnknownFields()
			if wire[name] == nil {
				t.Errorf("line %d: no message %q", b.line, name)
			} else if err := dec.Decode(wire[name]()); err != nil {
				t.Errorf("line %d: %v", b.line, err)
			}
		case "go", "sh": // TestABIHookInGo does what they say
		default:
			t.Errorf("line %d: a block of kind %q", b.line, b.info)
		}
	}
	if manifests < 7 || len(messages) != len(wire) {
		t.Errorf("%d manifests, messages %v", manifests, messages)
	}
	for _, f := range abi.Functions() {
		if !strings.Contains(string(text), "| `"+f.Name+"(") || !strings.Contains(string(text), "`"+f.Type+"`") {
			t.Errorf("the import %s %s is not described", f.Name, f.Type)
		}
	}
	for _, name := range abi.WASIFunctions() {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s is not named", name)
		}
	}
}

type block struct {
	info, text string
	line       int
}

func blocks(text string) []block {
	var list []block
	var open *block
	for i, line := range strings.Split(text, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{info: info, line: i + 1}
		case fence:
			list, open = append(list, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return list
}

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

// page reads one of the two pages for authors.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The manifests of MANIFEST.md, and any in ABI.md, are valid without a warning.
func TestDocumentedManifests(t *testing.T) {
	manifests := 0
	for _, name := range []string{"MANIFEST.md", "ABI.md"} {
		for _, b := range blocks(page(t, name)) {
			if b.info != "yaml" {
				continue
			}
			manifests++
			for _, d := range build.Read(name, []byte(b.text)).Diagnostics {
				t.Errorf("block on line %d:\n%s", b.line, d.Render())
			}
		}
	}
	if manifests < 7 {
		t.Errorf("%d manifests", manifests)
	}
}

// TestDocument holds ABI.md to what it says: its JSON is what passes between
// host and hook, and every import is told.
func TestDocument(t *testing.T) {
	text := page(t, "ABI.md")
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
	messages := map[string]bool{}
	for _, b := range blocks(text) {
		kind, name, _ := strings.Cut(b.info, " ")
		switch kind {
		case "json":
			messages[name] = true
			dec := json.NewDecoder(bytes.NewReader([]byte(b.text)))
			dec.DisallowUnknownFields()
			if wire[name] == nil {
				t.Errorf("line %d: no message %q", b.line, name)
			} else if err := dec.Decode(wire[name]()); err != nil {
				t.Errorf("line %d: %v", b.line, err)
			}
		case "yaml": // TestDocumentedManifests
		case "go", "sh": // TestABIHookInGo does what they say
		default:
			t.Errorf("line %d: a block of kind %q", b.line, b.info)
		}
	}
	if len(messages) != len(wire) {
		t.Errorf("messages %v", messages)
	}
	for _, f := range abi.Functions() {
		if !strings.Contains(text, "| `"+f.Name+"(") || !strings.Contains(text, "`"+f.Type+"`") {
			t.Errorf("the import %s %s is not described", f.Name, f.Type)
		}
	}
	for _, name := range abi.WASIFunctions() {
		if !strings.Contains(text, "`"+name+"`") {
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

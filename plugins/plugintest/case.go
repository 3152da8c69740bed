package plugintest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// A Case is one YAML file: a hook, its input, and what becomes of it.
//
//	hook: test
//	input:
//	  response: {status: 200, headers: {}, body: '{"id": 7}', body_size: 9}
//	output:
//	  ok: true
type Case struct {
	File string // as it was read
	Name string // that of the file unless given

	Hook    string
	Input   json.RawMessage
	Bodies  []string          // texts of what the input names by handle 1, 2, ...
	Secrets map[string]string // made up for the case, by the names that the hook knows
	Now     time.Time         // what the hook's clock says; Epoch unless given

	Output json.RawMessage // what the hook must answer, or
	Error  *abi.HookError  // its own error; any message where none is given
	Fuel   int64           // that it may burn at most; 0 for any

	doc  *build.Document
	text []byte
}

// page is where the keys of a case are told.
const page = "plugins/CASES.md"

// ReadCase reads a case. The error is an *build.Invalid with a place for every
// mistake.
func ReadCase(file string, text []byte) (Case, error) {
	c := Case{File: file, doc: build.ReadDocument("case", page, file, text), text: text}
	keys, err := keysOf(c.doc, "write for example: hook: test", "a case is an object")
	if err != nil {
		return c, err
	}
	readInto(c.doc, keys, map[string]any{
		"name": &c.Name, "hook": &c.Hook, "input": &c.Input, "bodies": &c.Bodies, "secrets": &c.Secrets, "now": &c.Now,
		"output": &c.Output, "error": &c.Error, "fuel": &c.Fuel,
	}, "a case has hook, input, output or error, and perhaps name, bodies, secrets, now, fuel")
	c.check(keys)
	c.Name = cmp.Or(c.Name, fileName(file))
	return c, c.doc.Err()
}

func (c *Case) check(keys map[string]json.RawMessage) {
	switch {
	case c.Hook == "":
		c.doc.Wrong("T104", "hook", "one of: "+strings.Join(abi.Hooks(), ", "), "the key \"hook\" is missing")
	case !slices.Contains(abi.Hooks(), c.Hook):
		c.doc.Wrong("T104", "hook", "one of: "+strings.Join(abi.Hooks(), ", "), "there is no hook %q", c.Hook)
	}
	if c.Input == nil {
		c.doc.Wrong("T105", "input", "plugins/ABI.md shows one for each hook", "the key \"input\" is missing")
	}
	if keys["output"] != nil && keys["error"] != nil {
		c.doc.Wrong("T106", "error", "keep one of them", "a hook gives an output or an error, not both")
	}
	if c.Error != nil && c.Error.Code == "" {
		c.doc.Wrong("T107", "error", "write for example: error: {code: not_found}", "an error has a code")
	}
	if c.Fuel < 0 {
		c.doc.Wrong("T108", "fuel", "", "fuel is a whole number above 0")
	}
}

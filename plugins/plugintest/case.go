package plugintest

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// Folder is where the cases stand in a connector's folder.
const Folder = "cases"

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
	var keys map[string]json.RawMessage
	if c.doc.JSON != nil && json.Unmarshal(c.doc.JSON, &keys) != nil {
		c.doc.Wrong("T101", "", "write for example: hook: test", "a case is an object")
	}
	if err := c.doc.Err(); err != nil {
		return c, err
	}
	targets := map[string]any{
		"name": &c.Name, "hook": &c.Hook, "input": &c.Input, "bodies": &c.Bodies, "secrets": &c.Secrets, "now": &c.Now,
		"output": &c.Output, "error": &c.Error, "fuel": &c.Fuel,
	}
	for key, value := range keys {
		if target, ok := targets[key]; !ok {
			c.doc.Wrong("T102", key, "a case has hook, input, output or error, and perhaps name, bodies, secrets, now, fuel", "unknown key %q", key)
		} else if json.Unmarshal(value, target) != nil {
			c.doc.Wrong("T103", key, page+" says what it takes", "the key %q has a value of another kind", key)
		}
	}
	c.check(keys)
	if c.Name == "" {
		c.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
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

// ReadCases reads the cases of a connector's folder, in the order of their
// files' names; none where there is no folder of cases. The error tells the
// mistakes of all of them.
func ReadCases(dir string) ([]Case, error) {
	folder := filepath.Join(dir, Folder)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, host.Errorf(host.Failed, "the folder %s cannot be read", folder).Because(err)
	}
	var cases []Case
	var bad build.Invalid
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		file := filepath.Join(folder, e.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, host.Errorf(host.Failed, "the case %s cannot be read", file).Because(err)
		}
		c, err := ReadCase(file, text)
		if wrong, ok := errors.AsType[*build.Invalid](err); ok {
			bad.Diagnostics = append(bad.Diagnostics, wrong.Diagnostics...)
		}
		cases = append(cases, c)
	}
	if len(bad.Diagnostics) > 0 {
		return nil, &bad
	}
	slices.SortStableFunc(cases, func(a, b Case) int { return cmp.Compare(a.File, b.File) })
	return cases, nil
}

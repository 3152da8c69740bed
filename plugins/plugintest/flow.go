package plugintest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

// A Flow is a case of several steps: a connection's life with the service that
// the manifest describes.
//
//	flow:
//	  - connect
//	  - {do: test, answer: {/account/key: acc_1}}
//	  - {do: advance, for: 2h}
//	  - {do: call, path: /items, status: 200, saw: [refresh, call]}
type Flow struct {
	File   string // as it was read
	Name   string // that of the file unless given
	Steps  []Step
	Faults []lab.Fault       // before those of the connector's setting
	Values map[string]string // over those of the connector's setting

	doc  *build.Document
	text []byte
}

// A Step is something that is done, and what must come of it. What is not given
// is not looked at, but an error that is not wanted fails the case.
type Step struct {
	Do         string          `json:"do"`
	Method     string          `json:"method"`     // of call
	Path       string          `json:"path"`       // of call
	Body       json.RawMessage `json:"body"`       // of call
	Action     string          `json:"action"`     // of action
	Parameters json.RawMessage `json:"parameters"` // of action
	For        string          `json:"for"`        // of advance
	Faults     []lab.Fault     `json:"faults"`     // of fault

	Status     int                        `json:"status"`
	Answer     map[string]json.RawMessage `json:"answer"` // by JSON pointers
	Error      string                     `json:"error"`
	Connection string                     `json:"connection"`
	Saw        []string                   `json:"saw"` // endpoints; nil for any

	pause time.Duration
}

// stepKeys are what a step can do, with the keys that belong to each.
var stepKeys = map[string][]string{
	"connect": nil,
	"test":    {"status"},
	"call":    {"method", "path", "body", "status"},
	"action":  {"action", "parameters", "status"},
	"refresh": nil,
	"revoke":  nil,
	"expire":  nil,
	"end":     nil,
	"advance": {"for"},
	"fault":   {"faults"},
}

// StepNames are the names of what a step can do, in the order of the page.
func StepNames() []string {
	return []string{"connect", "test", "call", "action", "refresh", "revoke", "advance", "expire", "end", "fault"}
}

// anyStep are the keys of every step.
var anyStep = []string{"do", "answer", "error", "connection", "saw"}

// ReadFlow reads a flow. The error is a *build.Invalid with a place for every
// mistake.
func ReadFlow(file string, text []byte) (Flow, error) {
	f := Flow{File: file, doc: build.ReadDocument("case", page, file, text), text: text}
	keys, err := keysOf(f.doc, "write for example: flow: [connect, test]", "a case is an object")
	if err != nil {
		return f, err
	}
	if steps, ok := keys["flow"]; ok {
		f.readSteps(steps)
	}
	if faults, ok := keys["faults"]; ok {
		f.Faults = readFaults(f.doc, "faults", faults)
	}
	var read json.RawMessage
	readInto(f.doc, keys, map[string]any{"name": &f.Name, "values": &f.Values, "flow": &read, "faults": &read},
		"a flow has flow, and perhaps name, faults, values")
	f.Name = cmp.Or(f.Name, fileName(file))
	return f, f.doc.Err()
}

func (f *Flow) readSteps(text json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil || len(list) == 0 {
		f.doc.Wrong("T132", "flow", "write for example: flow: [connect, test]", "a flow is a list of steps")
		return
	}
	for i, item := range list {
		s := &Step{}
		f.readStep(abi.ItemPath("flow", i), item, s)
		f.Steps = append(f.Steps, *s)
	}
}

// readStep reads one step: the name of what it does, or an object.
func (f *Flow) readStep(at string, text json.RawMessage, s *Step) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(text, &s.Do) != nil {
		if json.Unmarshal(text, &keys) != nil {
			f.doc.Wrong("T132", at, "write for example: connect, or {do: test, status: 200}", "a step is a word or an object")
			return
		}
		_ = json.Unmarshal(keys["do"], &s.Do)
	}
	own, ok := stepKeys[s.Do]
	if !ok {
		f.doc.Wrong("T133", abi.KeyPath(at, "do"), "one of: "+strings.Join(StepNames(), ", "), "a step cannot do %q", s.Do)
		return
	}
	targets := map[string]any{
		"do": &s.Do, "method": &s.Method, "path": &s.Path, "body": &s.Body, "action": &s.Action, "parameters": &s.Parameters, "for": &s.For,
		"status": &s.Status, "answer": &s.Answer, "error": &s.Error, "connection": &s.Connection, "saw": &s.Saw,
	}
	for key, value := range keys {
		path := abi.KeyPath(at, key)
		switch {
		case !slices.Contains(anyStep, key) && !slices.Contains(own, key):
			f.doc.Wrong("T134", path, "it has: "+strings.Join(slices.Concat(anyStep, own), ", "), "the step %s has no key %q", s.Do, key)
		case key == "faults":
			s.Faults = readFaults(f.doc, path, value)
		case json.Unmarshal(value, targets[key]) != nil:
			f.doc.Wrong("T103", path, page+" says what it takes", "the key %q has a value of another kind", key)
		}
	}
	f.checkStep(at, s)
}

func (f *Flow) checkStep(at string, s *Step) {
	missing := func(key, hint string) { f.doc.Wrong("T135", at, hint, "the step %s needs the key %q", s.Do, key) }
	var err error
	switch s.Do {
	case "call":
		if s.Path == "" {
			missing("path", "write for example: {do: call, path: /items}")
		}
	case "action":
		if s.Action == "" {
			missing("action", "write for example: {do: action, action: list_items}")
		}
	case "advance":
		if s.pause, err = time.ParseDuration(s.For); err != nil || s.pause <= 0 {
			f.doc.Wrong("T136", at, "write for example: {do: advance, for: 2h}", "%q is no time to go on by", s.For)
		}
	}
	if s.Error != "" && !slices.Contains(host.Codes(), host.Code(s.Error)) {
		f.doc.Wrong("T137", abi.KeyPath(at, "error"), "one of: "+strings.Join(codes(), ", "), "there is no error %q", s.Error)
	}
	for pointer := range s.Answer {
		if pointer != "" && !strings.HasPrefix(pointer, "/") {
			f.doc.Wrong("T138", abi.KeyPath(at, "answer"), "write for example: answer: {/id: 7}", "%q is no JSON pointer", pointer)
		}
	}
}

func codes() (list []string) {
	for _, c := range host.Codes() {
		list = append(list, string(c))
	}
	return list
}

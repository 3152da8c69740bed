package abi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Parse reads a manifest from JSON and validates it. Every key must be known,
// stand once and hold what it should; nothing may follow the document. An
// error is a *ManifestError with all problems; the warnings of a manifest that
// is accepted are given by Check and Validate.
func Parse(data []byte) (Manifest, error) {
	m, problems := Check(data)
	if len(Faults(problems)) > 0 {
		return Manifest{}, &ManifestError{Problems: problems}
	}
	return m, nil
}

// Check reads a manifest as Parse does and gives all problems, warnings too.
// The manifest means nothing when there is a fault.
func Check(data []byte) (Manifest, []Problem) {
	if p := unreadable(data); p != nil {
		return Manifest{}, []Problem{*p}
	}
	if p := newer(data); p != nil {
		return Manifest{}, []Problem{*p}
	}
	var s shape
	s.document(data)
	var m Manifest
	// Wrong types are already problems of the shape; what can be read is
	// validated all the same, so that an author sees everything at once.
	if err := json.Unmarshal(data, &m); err != nil && len(Faults(s.problems)) == 0 {
		return Manifest{}, []Problem{{Code: "M001", Msg: "the manifest cannot be read: " + err.Error()}}
	}
	if !s.readable() {
		return Manifest{}, s.problems
	}
	if slices.Contains(s.empty, "username") {
		m.Auth.Username = EmptyText
	}
	if slices.Contains(s.empty, "password") {
		m.Auth.Password = EmptyText
	}
	problems := s.problems
	for _, p := range Validate(m) {
		if !s.silences(p.Path) {
			problems = append(problems, p)
		}
	}
	return m, problems
}

// unreadable says why data is no JSON object of an allowed size, or nil.
func unreadable(data []byte) *Problem {
	if len(data) > MaxManifest {
		return &Problem{Code: "M001", Msg: fmt.Sprintf("the manifest has %d bytes; at most %d are allowed", len(data), MaxManifest)}
	}
	if !utf8.Valid(data) {
		return &Problem{Code: "M001", Msg: "the manifest is not UTF-8 text"}
	}
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line, column := position(data, syntax.Offset)
		return &Problem{Code: "M001", Msg: fmt.Sprintf("the manifest is not JSON: %s at line %d, column %d", syntax, line, column)}
	}
	if err != nil {
		return &Problem{Code: "M001", Msg: "the manifest is not JSON: " + err.Error()}
	}
	if kind := kindOf(raw); kind != isObject {
		return &Problem{Code: "M001", Msg: fmt.Sprintf("the manifest must be %s, not %s", isObject, kind)}
	}
	return nil
}

// position is the line and column, counted from one, of the byte that offset
// bytes end with.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset-1, 0), int64(len(data)))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, len(before) - bytes.LastIndexByte(before, '\n')
}

// newer says that a manifest is for a later host, or nil. It is asked before
// anything else, because such a manifest may hold keys that this host cannot
// know.
func newer(data []byte) *Problem {
	var head struct {
		Connhost json.RawMessage `json:"connhost"`
	}
	var number int
	if json.Unmarshal(data, &head) != nil || json.Unmarshal(head.Connhost, &number) != nil || number <= Version {
		return nil
	}
	return &Problem{
		Code: "M002",
		Path: "connhost",
		Msg:  fmt.Sprintf("the manifest is written for connhost.v%d and this host speaks connhost.v%d", number, Version),
		Hint: "update connhost",
	}
}

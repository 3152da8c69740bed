package wasm

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A stage holds what "crypto", "http" or "secret" gave last, until the next of
// them: the guest learns its length first and takes it into memory of its own.
type stage struct {
	bytes []byte
}

// put stages b and gives its length.
func (s *stage) put(b []byte) int32 {
	s.bytes = b
	return int32(len(b))
}

// refuse stages why an expected failure happened and gives its errno.
func (s *stage) refuse(errno int32, code, msg string) int32 {
	s.bytes, _ = json.Marshal(abi.HookError{Code: code, Message: msg})
	return errno
}

// argument is a call that the agreement does not know.
func (s *stage) argument(msg string) int32 { return s.refuse(abi.ErrnoArgument, "argument", msg) }

// denied is one that it knows and that this guest may not make.
func (s *stage) denied(msg string) int32 { return s.refuse(abi.ErrnoDenied, "denied", msg) }

// takeStaged copies the beginning of what is staged, as much as fits, and gives
// how much that was.
func (g guest) takeStaged(ptr, size uint64) int32 {
	to, ok := g.view(ptr, size)
	if !ok {
		return abi.ErrnoRange
	}
	return int32(copy(to, g.stage.bytes))
}

// revealSecret stages the value of a secret by its name: one that the manifest
// lists in reveal_secrets and an administrator granted.
func (g guest) revealSecret(ptr, size uint64) int32 {
	name, ok := g.view(ptr, size)
	if !ok {
		return abi.ErrnoRange
	}
	for _, granted := range g.in.Vault.Revealed {
		if granted != string(name) {
			continue
		}
		s, ok := g.in.Vault.Find(granted)
		if !ok {
			return g.stage.refuse(abi.ErrnoHandle, "handle", "the connection has no such secret")
		}
		return g.stage.put([]byte(s.Reveal()))
	}
	return g.stage.denied("the secret is not listed in reveal_secrets, or no administrator granted it")
}

// callJSON reads the JSON argument of a host function strictly; nil where it
// could be read.
func (g guest) callJSON(ptr, size uint64, into any) *int32 {
	text, ok := g.view(ptr, size)
	errno := int32(abi.ErrnoRange)
	switch {
	case !ok:
		return &errno
	case int64(len(text)) > g.budget.output:
		errno = g.stage.refuse(abi.ErrnoLimit, "limit", "what is asked for is longer than a hook may answer")
		return &errno
	}
	if err := strict(text, into); err != nil {
		errno = g.stage.argument(plain("the argument cannot be read: "+err.Error(), 300))
		return &errno
	}
	return nil
}

// find gives a secret that the guest may name, its own derived keys among them.
func (g guest) find(name string) (host.Secret, bool) {
	if s, ok := g.derived[name]; ok {
		return s, true
	}
	return g.in.Vault.Find(name)
}

// strict reads one JSON value whose keys are all known.
func strict(text []byte, into any) error {
	if !utf8.Valid(text) {
		return errors.New("it is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one value")
	}
	return nil
}

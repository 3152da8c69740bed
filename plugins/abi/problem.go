package abi

import (
	"fmt"
	"strconv"
	"strings"
)

// Severity tells what stops a connector from what its author should know.
type Severity int

// The severities. The zero value is a fault.
const (
	Fault   Severity = iota // the manifest is not accepted
	Warning                 // accepted, and probably not what was meant
)

// String is the word that tools print: "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText is String, for JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Problem is one thing that is wrong with a manifest. Code says of which kind
// it is; see Codes. Path says where, as
// keys from the top: auth.token.url, parameters[0].key, or, for a key that is
// no plain word, auth.token.form["a.b"]. It is empty for the whole document.
// Msg stands alone, without Path; Hint may be empty. OnKey says that the key
// itself is wrong and not its value.
type Problem struct {
	Code     Code     `json:"code"`
	Path     string   `json:"path,omitempty"`
	Msg      string   `json:"message"`
	Hint     string   `json:"hint,omitempty"`
	Severity Severity `json:"severity"`
	OnKey    bool     `json:"-"`
}

// String is one line: the path, the sentence and the hint.
func (p Problem) String() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Msg)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Faults are the problems that stop a manifest.
func Faults(problems []Problem) []Problem {
	var list []Problem
	for _, p := range problems {
		if p.Severity == Fault {
			list = append(list, p)
		}
	}
	return list
}

// A ManifestError holds everything that is wrong with a manifest; at least one
// problem is a fault.
type ManifestError struct {
	Problems []Problem
}

// Error is one sentence: the first fault, and how many there are.
func (e *ManifestError) Error() string {
	faults := Faults(e.Problems)
	if len(faults) == 0 {
		return "invalid manifest"
	}
	first := faults[0]
	where := ""
	if first.Path != "" {
		where = first.Path + ": "
	}
	switch more := len(faults) - 1; more {
	case 0:
		return fmt.Sprintf("invalid manifest: %s%s", where, first.Msg)
	case 1:
		return fmt.Sprintf("invalid manifest: %s%s, and 1 more problem", where, first.Msg)
	default:
		return fmt.Sprintf("invalid manifest: %s%s, and %d more problems", where, first.Msg, more)
	}
}

// KeyPath is the Path of a key below another.
func KeyPath(parent, key string) string {
	if !plainKey(key) {
		return parent + "[" + strconv.Quote(key) + "]"
	}
	if parent == "" {
		return key
	}
	return parent + "." + key
}

// ItemPath is the Path of an item of a list.
func ItemPath(parent string, i int) string {
	return parent + "[" + strconv.Itoa(i) + "]"
}

func plainKey(key string) bool {
	for i, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return key != ""
}

// within says whether path is parent or lies below it.
func within(path, parent string) bool {
	rest, ok := strings.CutPrefix(path, parent)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

package wasm

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/connhost/connhost/host"
)

// violation says how a guest broke the agreement.
func violation(format string, args ...any) error {
	return &host.GuestError{Kind: host.Violation, Msg: fmt.Sprintf(format, args...)}
}

// refused says why a file is not loaded, with a short stable code.
func refused(code, format string, args ...any) error {
	return &host.GuestError{Kind: host.Violation, Code: code, Msg: fmt.Sprintf(format, args...)}
}

// stopped says which limit ended a guest. The codes are time, fuel, memory,
// output, stack, trap and exit.
func stopped(code, format string, args ...any) error {
	return &host.GuestError{Kind: host.Stopped, Code: code, Msg: fmt.Sprintf(format, args...)}
}

// blame names the connector and the hook in a guest's error. It changes a
// copy: callers that waited for one load share its error.
func blame(err error, in host.GuestCall) error {
	guest, ok := errors.AsType[*host.GuestError](err)
	if !ok {
		return err
	}
	named := *guest
	named.Connector, named.Hook = in.Hash, in.Hook
	return &named
}

// Texts of wazero's errors; it exports no values to compare with.
const (
	trapPrefix   = "wasm error: "
	overflowText = "stack overflow"
	panicText    = "(recovered by wazero)"
)

// reason turns what ended a guest into one of ours.
func (c *call) reason(err error) error {
	line := firstLine(err)
	switch {
	case c.halted != nil:
		return c.halted
	case c.heap.refused && !strings.Contains(line, overflowText):
		return stopped("memory", "the hook wanted more than %d bytes of memory", c.budget.memory)
	case c.exit != nil:
		return stopped("exit", "the hook ended itself with exit status %d", *c.exit)
	case strings.Contains(line, overflowText):
		return stopped("stack", "the hook's calls nest too deeply")
	case strings.Contains(line, panicText):
		return fmt.Errorf("call hook %s: the plugin host panicked: %w", c.in.Hook, err)
	}
	if _, trap, ok := strings.Cut(line, trapPrefix); ok {
		return stopped("trap", "the hook trapped: %s", trap)
	}
	return violation("the module does not start: %s", line)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return plain(line, 300)
}

// plain makes a guest's text fit for one line of a message or a log: valid
// UTF-8, no control characters, at most n bytes.
func plain(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

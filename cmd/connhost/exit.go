package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

// exitStatus is the exit status of every code, design section 6.
var exitStatus = map[host.Code]int{
	host.Failed:      1,
	host.Usage:       2,
	host.NotFound:    3,
	host.NotAllowed:  4,
	host.NeedsAuth:   5,
	host.Refused:     6,
	host.Conflict:    7,
	host.Unavailable: 8,
	host.Internal:    10,
	host.Interrupted: 130,
}

// quiet is an error whose sentence was printed already: only its status is
// left to give.
type quiet struct{ code host.Code }

func (q quiet) Error() string { return "already told" }

// advised gives an error that names no next step the one that its class has.
func advised(cmd *cobra.Command, err error) error {
	e, ok := errors.AsType[*host.Error](err)
	if !ok || e.Hint != "" {
		return err
	}
	switch e.Code {
	case host.Usage, host.NotFound, host.Conflict, host.Refused:
		return e.WithHint("see: %s --help", cmd.CommandPath())
	case host.NotAllowed:
		return e.WithHint("see who may: connhost user list")
	case host.NeedsAuth:
		return e.WithHint("see which connections need it: connhost connection list")
	case host.Failed, host.Unavailable:
		if e.Err != nil && !strings.Contains(e.Msg, e.Err.Error()) {
			return e.WithHint("CONNHOST_DEBUG=1 with the same command prints the cause")
		}
	}
	return err
}

// tell prints an error as one sentence and a hint, and gives the exit status.
// What is not a host.Error is a bug: the user gets an id, and the log with that
// id goes to standard error only with CONNHOST_DEBUG, masked.
func (s *system) tell(err error, mask *host.Redactor) int {
	if err == nil {
		return 0
	}
	if q, ok := errors.AsType[quiet](err); ok {
		return exitStatus[q.code]
	}
	e, ok := errors.AsType[*host.Error](err)
	switch {
	case ok:
	case errors.Is(err, context.Canceled):
		e = host.Errorf(host.Interrupted, "interrupted")
	default:
		id := make([]byte, 4)
		_, _ = rand.Read(id)
		e = host.Errorf(host.Internal, "internal error %s", hex.EncodeToString(id)).Because(err).
			WithHint("this is a bug; CONNHOST_DEBUG=1 with the same command prints more for the report")
	}
	fmt.Fprintf(s.err, "connhost: %s\n", mask.Text(e.Msg))
	if e.Hint != "" {
		fmt.Fprintf(s.err, "hint: %s\n", mask.Text(e.Hint))
	}
	if cause := errors.Unwrap(e); cause != nil && s.getenv("CONNHOST_DEBUG") != "" {
		fmt.Fprintf(s.err, "cause: %s\n", mask.Text(cause.Error()))
	}
	return exitStatus[e.Code]
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/connhost/connhost/host"
)

// errNotFound has no sentence of its own: the broker writes that, because
// what may be said depends on who asks.
var errNotFound = host.Errorf(host.NotFound, "not found")

// fault makes the error of a caller out of SQLite's: a sentence in Msg, what
// the library said in Err only. An error that is ours already stays.
func (s *Store) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*host.Error](err); ok {
		return err
	}
	e := host.Errorf(host.Internal, "internal error")
	switch lib, ok := errors.AsType[sqlite3.Error](err); {
	case ok:
		e = s.libraryFault(lib)
	case errors.Is(err, context.Canceled):
		e = host.Errorf(host.Interrupted, "interrupted")
	case errors.Is(err, context.DeadlineExceeded):
		e = host.Errorf(host.Unavailable, "the store did not answer in time").
			WithHint("try again; another connhost may be writing")
	}
	e.Op = op
	return e.Because(fmt.Errorf("store: %s: %w", op, err))
}

func (s *Store) libraryFault(err sqlite3.Error) *host.Error {
	if err.SystemErrno == syscall.ENOSPC || err.SystemErrno == syscall.EDQUOT {
		err.Code = sqlite3.ErrFull
	}
	switch err.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return host.Errorf(host.Unavailable, "the store %s is locked by another process", s.path).
			WithHint("wait until the other connhost has finished, then try again")
	case sqlite3.ErrFull:
		return host.Errorf(host.Unavailable, "there is no space left for the store %s", s.path).
			WithHint("free some space on that disk, then try again; nothing was changed")
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrAuth:
		return host.Errorf(host.Unavailable, "the store %s cannot be written", s.path).
			WithHint("check that the file and its directory are yours and writable: ls -ld %s", s.path)
	case sqlite3.ErrCantOpen:
		return s.unreachable(err)
	case sqlite3.ErrNotADB, sqlite3.ErrFormat:
		return host.Errorf(host.Unavailable, "the file %s is not a connhost store", s.path).
			WithHint("name the right one with --store")
	case sqlite3.ErrCorrupt:
		return host.Errorf(host.Unavailable, "the store %s is damaged", s.path).
			WithHint("put it back from a backup")
	case sqlite3.ErrIoErr, sqlite3.ErrNomem, sqlite3.ErrTooBig, sqlite3.ErrNoLFS:
		return host.Errorf(host.Unavailable, "the disk with the store %s answers with errors", s.path).
			WithHint("check the disk; nothing was changed")
	}
	return host.Errorf(host.Internal, "internal error")
}

func (s *Store) unreachable(err error) *host.Error {
	return host.Errorf(host.Unavailable, "the store %s cannot be opened", s.path).
		WithHint("check that the file and its directory are yours and writable, or name another with --store").Because(err)
}

func isBusy(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// A clash says, for each unique column of a table, what exists already.
type clash map[string]string

// conflict gives the Conflict that a violated constraint means, or err.
func (c clash) conflict(err error) error {
	lib, ok := errors.AsType[sqlite3.Error](err)
	if !ok || lib.Code != sqlite3.ErrConstraint {
		return err
	}
	_, column, _ := strings.Cut(lib.Error(), "constraint failed: ")
	column, _, _ = strings.Cut(column, ", ") // the first of several
	if says, ok := c[column]; ok {
		return host.Errorf(host.Conflict, "%s", says).Because(err)
	}
	return err
}

// isDangling reports whether a reference would point to nothing.
func isDangling(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && e.ExtendedCode == sqlite3.ErrConstraintForeignKey
}

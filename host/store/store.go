// Package store keeps everything in one SQLite file: it is the [host.Store]
// of the command. It knows rows, transactions and what may not be altered; the
// rules of connections are the broker's.
//
//	Open -> KeyID -> seal.Open -> Unlock -> View, Update, Generation
//
// Secrets stand in sealed columns only. Each ciphertext is bound to its place
// (table, row, field, secret version), and the secret version of a row stands
// in the audit chain too, so that a row that was swapped, altered or put back
// from an older copy does not open. RATIONALE.md says what that cannot notice.
package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/connhost/connhost/host"
)

// Options change how a store behaves. The zero value is right for a command.
type Options struct {
	Now  func() time.Time // time.Now unless given
	Wait time.Duration    // for a lock that another process holds; 5 s unless given
	// BuiltIn has the connectors that the program brings; none unless given.
	BuiltIn host.Catalogue
	// Look is for one who only looks: a missing store is NotFound and not made, an
	// older one is left as it is, and an Update is refused.
	Look bool
}

// A Store is one SQLite file. It is safe for concurrent use, by this process
// and others.
type Store struct {
	path    string
	look    bool
	wait    time.Duration
	now     func() time.Time
	builtIn host.Catalogue
	reads   *sql.DB // deferred transactions, query_only
	writes  *sql.DB // one connection, immediate transactions
	pulse   *pulse
	sealer  atomic.Pointer[host.Sealer]
}

var _ host.Store = (*Store)(nil)

// maxReaders is how many views run at once; more wait for one to end.
const maxReaders = 8

// Open opens the store at location, a path or sqlite:PATH, and makes it if it
// is not there: the file for its owner only, its directory too. It brings an
// older store up to date and refuses a newer one. What stands in the way of
// opening is an Unavailable *host.Error. The caller closes the store.
func Open(ctx context.Context, location string, opts Options) (*Store, error) {
	if err := checkLibrary(); err != nil {
		return nil, err
	}
	path, err := Locate(location)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, wait: opts.Wait, now: opts.Now, look: opts.Look, builtIn: opts.BuiltIn}
	if s.wait <= 0 {
		s.wait = 5 * time.Second
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.builtIn == nil {
		s.builtIn = noCatalogue{}
	}
	if err := s.connect(ctx); err != nil {
		_ = s.Close()
		return nil, s.fault("open", err)
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context) (err error) {
	if err := s.file(); err != nil {
		return err
	}
	if s.writes, err = sql.Open("sqlite3", writeDSN(s.path, !s.look)); err != nil {
		return err
	}
	s.writes.SetMaxOpenConns(1)
	if s.reads, err = sql.Open("sqlite3", readDSN(s.path, s.wait, !s.look)); err != nil {
		return err
	}
	s.reads.SetMaxOpenConns(maxReaders)
	s.reads.SetMaxIdleConns(maxReaders)
	if err := s.migrate(ctx); err != nil {
		return err
	}
	// SQLite follows links, and the index of the WAL is beside what they lead to.
	real, err := filepath.EvalSymlinks(s.path)
	if err != nil {
		return s.unreachable(err)
	}
	s.pulse, err = openPulse(real, readDSN(s.path, s.wait, !s.look))
	return err
}

// file makes the store's file unless it is there, or only looks whether it is.
func (s *Store) file() error {
	if !s.look {
		if err := makeFile(s.path); err != nil {
			return s.unreachable(err)
		}
		return nil
	}
	_, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return host.Errorf(host.NotFound, "there is no store %s", s.path)
	}
	if err != nil {
		return s.unreachable(err)
	}
	return nil
}

// Close waits for the transactions that run and closes the file.
func (s *Store) Close() error {
	var errs []error
	if s.pulse != nil {
		errs = append(errs, s.pulse.Close())
	}
	if s.reads != nil {
		errs = append(errs, s.reads.Close())
	}
	if s.writes != nil {
		errs = append(errs, s.writes.Close())
	}
	return errors.Join(errs...)
}

// Generation changes whenever any process, this one included, has changed
// anything. Values of different Stores do not compare.
func (s *Store) Generation(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, s.fault("generation", err)
	}
	n, err := s.pulse.Beat()
	return n, s.fault("generation", err)
}

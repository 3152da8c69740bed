package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/connhost/connhost/host"
)

// What the tests reach beyond the methods of a Store.

// CheckVersion is checkVersion.
func CheckVersion(name string, number int) error { return checkVersion(name, number) }

// Frame is frame.
func Frame(parts ...string) []byte { return frame(parts...) }

// Raw executes statements beside every rule of the store.
func (s *Store) Raw(ctx context.Context, query string, args ...any) error {
	_, err := s.writes.ExecContext(ctx, query, args...)
	return s.fault("raw", err)
}

// RawDB is the connection that writes.
func (s *Store) RawDB() *sql.DB { return s.writes }

// Reopen replaces the pools of a store.
func (s *Store) Reopen(open func(from driver.Driver, dsn string) *sql.DB) {
	from := s.reads.Driver()
	if err := errors.Join(s.reads.Close(), s.writes.Close()); err != nil {
		panic(err)
	}
	s.reads = open(from, readDSN(s.path, s.wait, true))
	s.writes = open(from, writeDSN(s.path, true))
	s.writes.SetMaxOpenConns(1)
}

// RawTx executes a statement in a transaction, beside every rule.
func RawTx(t host.Tx, query string, args ...any) error {
	_, err := t.(*tx).sql.Exec(query, args...)
	return err
}

// Column reads one value in a transaction.
func Column[T any](t host.Tx, query string, args ...any) (v T, err error) {
	err = t.(*tx).sql.QueryRow(query, args...).Scan(&v)
	return v, err
}

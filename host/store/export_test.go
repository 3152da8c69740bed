package store

import (
	"context"
	"database/sql"
)

// What the tests reach beyond the methods of a Store.

// CheckVersion is checkVersion.
func CheckVersion(name string, number int) error { return checkVersion(name, number) }

// Raw executes statements beside every rule of the store.
func (s *Store) Raw(ctx context.Context, query string, args ...any) error {
	_, err := s.writes.ExecContext(ctx, query, args...)
	return s.fault("raw", err)
}

// RawDB is the connection that writes.
func (s *Store) RawDB() *sql.DB { return s.writes }

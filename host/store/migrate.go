package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/connhost/connhost/host"
)

// Migrations are appended to, never changed: the n-th file brings a store of
// version n-1 to n.
//
//go:embed migrations/*.sql
var migrations embed.FS

// steps gives the statements of each migration, in order.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []string
	for i, name := range names {
		var n int
		if _, err := fmt.Sscanf(name, "migrations/%04d_", &n); err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", name, i+1)
		}
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

// migrate brings the store to the newest version. One that is there already
// is only read.
func (s *Store) migrate(ctx context.Context) error {
	version, newest, err := s.Version(ctx)
	if err != nil || version == newest || s.look {
		return err
	}
	all, err := steps()
	if err != nil {
		return err
	}
	return s.run(ctx, s.writes, func(t *sql.Tx) error { return s.apply(t, all) })
}

// Version gives the version of the store's tables, 0 for an empty file, and the
// one that this program writes.
func (s *Store) Version(ctx context.Context) (version, newest int, err error) {
	all, err := steps()
	if err != nil {
		return 0, 0, err
	}
	err = s.run(ctx, s.reads, func(t *sql.Tx) (err error) {
		version, err = s.version(t, len(all))
		return err
	})
	return version, len(all), s.fault("version", err)
}

// apply runs what is missing; another process may have been faster.
func (s *Store) apply(t *sql.Tx, all []string) error {
	version, err := s.version(t, len(all))
	if err != nil {
		return err
	}
	if version == 0 {
		if _, err := t.Exec("create table schema_version (version integer primary key, applied_at integer not null)"); err != nil {
			return err
		}
	}
	for n := version + 1; n <= len(all); n++ {
		if _, err := t.Exec(all[n-1]); err != nil {
			return fmt.Errorf("migration %d: %w", n, err)
		}
		if _, err := t.Exec("insert into schema_version (version, applied_at) values (?, ?)", n, millis(s.now())); err != nil {
			return err
		}
	}
	return nil
}

// version gives 0 for an empty file, and refuses one that is not ours or
// newer than newest.
func (s *Store) version(t *sql.Tx, newest int) (int, error) {
	var tables, ours int
	err := t.QueryRow("select count(*), coalesce(sum(name = 'schema_version'), 0) from sqlite_master where type = 'table'").Scan(&tables, &ours)
	switch {
	case err != nil || tables == 0:
		return 0, err
	case ours == 0:
		return 0, host.Errorf(host.Unavailable, "the file %s is an SQLite database, but not a connhost store", s.path).
			WithHint("name the right one with --store")
	}
	var version int
	err = t.QueryRow("select coalesce(max(version), 0) from schema_version").Scan(&version)
	if err == nil && version > newest {
		err = host.Errorf(host.Unavailable, "the store %s has version %d, and this connhost knows versions up to %d", s.path, version, newest).
			WithHint("use the connhost that wrote it, or a newer one; this is: connhost version")
	}
	return version, err
}

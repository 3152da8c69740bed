package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/connhost/connhost/host"
)

// View runs f on one state of the store, while others write.
func (s *Store) View(ctx context.Context, f func(host.Tx) error) error {
	return s.run(ctx, s.reads, func(t *sql.Tx) error { return f(&tx{store: s, sql: t}) })
}

// Update runs f alone and commits durably. An error, a panic or the end of
// ctx leaves the store as it was.
//
// It waits for the Updates of other processes as long as the options say, and
// for those of this process until ctx ends; so f must not call Update itself.
func (s *Store) Update(ctx context.Context, f func(host.Tx) error) error {
	if s.look {
		return host.Errorf(host.Internal, "a store that was opened to be looked at is not written")
	}
	return s.run(ctx, s.writes, func(t *sql.Tx) error {
		u := &tx{store: s, sql: t, writes: true}
		if err := f(u); err != nil {
			return err
		}
		return u.settle(ctx)
	})
}

// run never gives ctx to SQLite: interrupting a statement or a commit halfway
// would leave its outcome open. It is looked at between them.
func (s *Store) run(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	conn, t, err := s.begin(ctx, db)
	if err != nil {
		return s.fault("begin", err)
	}
	defer conn.Close()
	defer rollback(conn, t) // does nothing after a commit
	if err := f(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return s.fault("commit", err)
	}
	return s.fault("commit", t.Commit())
}

// begin takes a connection and, for an Update, the write lock.
func (s *Store) begin(ctx context.Context, db *sql.DB) (*sql.Conn, *sql.Tx, error) {
	deadline := time.Now().Add(s.wait)
	for {
		conn, t, err := tryBegin(ctx, db)
		if !isBusy(err) || time.Now().After(deadline) {
			return conn, t, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func tryBegin(ctx context.Context, db *sql.DB) (*sql.Conn, *sql.Tx, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	t, err := conn.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close())
	}
	return conn, t, nil
}

// rollback gives up a connection that it cannot bring back to its beginning.
func rollback(conn *sql.Conn, t *sql.Tx) {
	if err := t.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// A tx is one transaction; it is not safe for concurrent use.
type tx struct {
	store    *Store
	sql      *sql.Tx
	writes   bool
	touched  map[row]bool // rows that may have changed; true: the row was altered before
	appended bool         // to the audit chain
	seals    bool         // the key is the store's
}

var _ host.Tx = (*tx)(nil)

func (t *tx) Users() host.Users                   { return users{t} }
func (t *tx) Connectors() host.Connectors         { return connectors{t} }
func (t *tx) Credentials() host.Credentials       { return credentials{t} }
func (t *tx) Connections() host.Connections       { return connections{t} }
func (t *tx) Authorizations() host.Authorizations { return authorizations{t} }
func (t *tx) Bindings() host.Bindings             { return bindings{t} }
func (t *tx) Windows() host.Windows               { return windows{t} }
func (t *tx) Stops() host.Stops                   { return stops{t} }
func (t *tx) Applications() host.Applications     { return applications{t} }
func (t *tx) References() host.References         { return references{t} }
func (t *tx) Audit() host.Audit                   { return audit{t} }
func (t *tx) Notices() host.Notices               { return notices{t} }

// exec gives the number of rows that were changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if !t.writes {
		return 0, host.Errorf(host.Internal, "a View does not write")
	}
	if err := ctx.Err(); err != nil {
		return 0, t.store.fault("write", err)
	}
	result, err := t.sql.ExecContext(context.Background(), query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// change is exec for a row that must be there; names says which other may
// have the same unique columns.
func (t *tx) change(ctx context.Context, names clash, query string, args ...any) error {
	switch n, err := t.exec(ctx, query, args...); {
	case err != nil:
		return t.store.fault("write", names.conflict(err))
	case n == 0:
		return errNotFound
	}
	return nil
}

// insert is exec for a new row; names says what may be there already.
func (t *tx) insert(ctx context.Context, names clash, query string, args ...any) error {
	_, err := t.exec(ctx, query, args...)
	if isDangling(err) {
		return host.Errorf(host.NotFound, "not found").Because(err)
	}
	return t.store.fault("insert", names.conflict(err))
}

// A scanner reads the columns of one row.
type scanner func(dest ...any) error

// one gives the row that a query finds, or NotFound.
func one[T any](ctx context.Context, t *tx, read func(scanner) (T, error), query string, args ...any) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, t.store.fault("find", err)
	}
	v, err := read(t.sql.QueryRowContext(context.Background(), query, args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return none, errNotFound
	}
	return v, t.store.fault("find", err)
}

// list gives all rows that a query finds.
func list[T any](ctx context.Context, t *tx, read func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := each(ctx, t, read, func(v T) error { all = append(all, v); return nil }, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// each calls f with every row that a query finds, one at a time.
func each[T any](ctx context.Context, t *tx, read func(scanner) (T, error), f func(T) error, query string, args ...any) error {
	if err := ctx.Err(); err != nil {
		return t.store.fault("list", err)
	}
	rows, err := t.sql.QueryContext(context.Background(), query, args...)
	if err != nil {
		return t.store.fault("list", err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := read(rows.Scan)
		if err != nil {
			return t.store.fault("list", err)
		}
		if err := f(v); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return t.store.fault("list", err)
		}
	}
	return t.store.fault("list", rows.Err())
}

package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// A pulse notices commits. PRAGMA data_version tells a connection of the
// commits of all others, in this process and elsewhere; its own would not
// count, so it never writes. It stands outside of the pools: one connection
// must be asked every time, and database/sql would double the price.
//
// A glance at what SQLite itself would look at spares the asking while nothing
// has changed. It is taken before SQLite is asked, so that a commit in between
// is at worst noticed twice.
type pulse struct {
	mu   sync.Mutex
	conn driver.Conn
	stmt driver.StmtQueryContext
	row  [1]driver.Value

	glance glance
	seen   header // when last was asked for
	last   int64  // 0: not yet
}

func openPulse(path, dsn string) (*pulse, error) {
	conn, err := new(sqlite3.SQLiteDriver).Open(dsn)
	if err != nil {
		return nil, err
	}
	stmt, err := conn.Prepare("pragma data_version")
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	p := &pulse{conn: conn, stmt: stmt.(driver.StmtQueryContext)}
	if _, err := p.Beat(); err != nil { // which opens the WAL
		return nil, errors.Join(err, p.Close())
	}
	p.glance = openGlance(path + "-shm")
	return p, nil
}

// Beat gives another number after a commit.
func (p *pulse) Beat() (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		return 0, errClosed
	}
	now, ok := p.glance.look()
	if ok && p.last != 0 && now == p.seen {
		return p.last, nil
	}
	p.last = 0
	rows, err := p.stmt.QueryContext(context.Background(), nil)
	if err != nil {
		return 0, err
	}
	err = errors.Join(rows.Next(p.row[:]), rows.Close())
	n, ok := p.row[0].(int64)
	if err == nil && !ok {
		err = fmt.Errorf("data_version is %T", p.row[0])
	}
	if err == nil && ok {
		p.seen, p.last = now, n
	}
	return n, err
}

// Close ends the connection.
func (p *pulse) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		return nil
	}
	err := errors.Join(p.stmt.(io.Closer).Close(), p.conn.Close())
	p.conn = nil
	return err
}

var errClosed = errors.New("the store is closed")

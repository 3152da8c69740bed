package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

// A tracer is a driver that remembers the statements that go through it.
type tracer struct {
	driver.Driver
	mu   sync.Mutex
	seen map[string]int // statement -> number of its arguments
}

func (d *tracer) Open(dsn string) (driver.Conn, error) {
	conn, err := d.Driver.Open(dsn)
	return &tracedConn{conn, d}, err
}

func (d *tracer) note(query string, args []driver.NamedValue) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[query] = len(args)
}

type tracedConn struct {
	driver.Conn
	tracer *tracer
}

func (c *tracedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.tracer.note(query, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c *tracedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.tracer.note(query, args)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// mayScan are the lists of everything.
var mayScan = []string{
	" from users order by", " from connectors order by", " from credentials order by",
	" from connections order by", " from authorizations order by created_at", " from audit order by seq",
	" from stops order by", // a handful at most
	" from connections order by", " from applications order by", " from audit order by seq",
	" from notices order by id desc limit", // along the index, the last of them
}

// TestNoLookupScansATable runs the whole suite and asks SQLite how it does
// each statement that it saw.
func TestNoLookupScansATable(t *testing.T) {
	d := &tracer{seen: map[string]int{}}
	t.Run("suite", func(t *testing.T) {
		hosttest.Store(t, hosttest.StoreCase{
			Verify: store.Verify,
			Open: func(t *testing.T, dir string, builtIn host.Catalogue) host.Store {
				s := openWith(t, dir, store.Options{BuiltIn: builtIn})
				s.Reopen(func(from driver.Driver, dsn string) *sql.DB {
					d.Driver = from
					return sql.OpenDB(dsnConnector{d, dsn})
				})
				return s
			},
		})
	})
	if len(d.seen) < 40 {
		t.Errorf("saw only %d statements", len(d.seen))
	}
	db := open(t, t.TempDir()).RawDB()
	for query, args := range d.seen {
		for _, step := range plan(t, db, query, args) {
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" && !allowed(query) {
				t.Errorf("%s:\n%s", step, query)
			}
			if strings.Contains(query, "order by due") && !strings.Contains(step, "authorizations_due") {
				t.Errorf("%s grows with what is not due:\n%s", step, query)
			}
			if strings.HasPrefix(query, "select id from notices") && strings.Contains(step, "notices") && !strings.Contains(step, "notices_told") {
				t.Errorf("%s grows with the notices that are kept:\n%s", step, query)
			}
			if strings.HasPrefix(query, "select secret_version from audit") && !strings.Contains(step, "audit_secret") {
				t.Errorf("%s grows with the records of a row:\n%s", step, query)
			}
		}
	}
}

func allowed(query string) bool {
	for _, part := range mayScan {
		if strings.Contains(query, part) {
			return true
		}
	}
	return false
}

func plan(t *testing.T, db *sql.DB, query string, args int) []string {
	t.Helper()
	rows, err := db.Query("explain query plan "+query, make([]any, args)...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// A dsnConnector opens one database with a driver.
type dsnConnector struct {
	driver driver.Driver
	dsn    string
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }

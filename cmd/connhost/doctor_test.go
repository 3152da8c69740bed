package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/host"
)

// lock keeps every other process from the store's file until the script ends.
func lock(ts *testscript.TestScript, _ bool, _ []string) {
	db, err := sql.Open("sqlite3", filepath.Join(ts.Getenv("XDG_DATA_HOME"), "connhost", "connhost.db"))
	ts.Check(err)
	ts.Defer(func() { _ = db.Close() })
	conn, err := db.Conn(context.Background())
	ts.Check(err)
	for _, statement := range []string{"pragma locking_mode = exclusive", "begin exclusive", "select count(*) from users"} {
		_, err := conn.ExecContext(context.Background(), statement)
		ts.Check(err)
	}
}

func TestJudgeRoom(t *testing.T) {
	for _, c := range []struct {
		free, size int64
		want       host.FindingState
	}{
		{1 << 40, 1 << 20, host.Well},
		{1 << 30, 2 << 30, host.Warning},
		{200 << 20, 1 << 20, host.Warning},
		{1 << 20, 1 << 10, host.Problem},
	} {
		got := judgeRoom(c.free, c.size)
		if got.State != c.want || (got.Hint == "") != (c.want == host.Well) {
			t.Errorf("%d free for %d: got %+v", c.free, c.size, got)
		}
	}
}

// Nobody is told to close a folder that everyone needs.
func TestFolderOfSystem(t *testing.T) {
	for dir, want := range map[string]bool{"/": true, "/etc": true, "/etc/connhost": false, "/root/.config/connhost": false} {
		if got := ofSystem(filepath.FromSlash(dir)); got != want {
			t.Errorf("%s: got %v", dir, got)
		}
	}
}

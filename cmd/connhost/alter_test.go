package main

import (
	"database/sql"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// alter executes statements in the store's file beside connhost, as somebody
// does who can write it: alter 'update users set role = ...'.
func alter(ts *testscript.TestScript, _ bool, statements []string) {
	path := filepath.Join(ts.Getenv("XDG_DATA_HOME"), "connhost", "connhost.db")
	_, err := os.Stat(path)
	ts.Check(err)
	db, err := sql.Open("sqlite3", path)
	ts.Check(err)
	defer db.Close()
	for _, statement := range statements {
		_, err := db.Exec(statement)
		ts.Check(err)
	}
}

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"

	"github.com/connhost/connhost/host"
)

// Locate gives the absolute path that a location, a path or sqlite:PATH, names.
func Locate(location string) (string, error) {
	path := location
	if scheme, rest, ok := strings.Cut(location, ":"); ok && len(scheme) > 1 && !strings.ContainsAny(scheme, `/\.`) {
		if scheme != "sqlite" && scheme != "file" {
			return "", host.Errorf(host.Usage, "a store cannot be of the kind %q", scheme).
				WithHint("give a path, or sqlite:PATH")
		}
		rest, err := url.PathUnescape(strings.TrimPrefix(rest, "//"))
		if err != nil || strings.Contains(rest, "?") {
			return "", host.Errorf(host.Usage, "the store location %q is not a path", location).Because(err)
		}
		path = rest
	}
	if path == "" || strings.ContainsRune(path, 0) {
		return "", host.Errorf(host.Usage, "the store location %q is not a path", location)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("locate the store: %w", err)
	}
	return abs, nil
}

// makeFile makes an empty file at path, and its directory, unless it is there.
// SQLite gives the files beside it the same mode. The file gets its name only
// after it was closed: closing any handle of a database file drops the locks
// that the process holds on it (https://sqlite.org/howtocorrupt.html, 2.2).
func makeFile(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".store-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	_, err = os.Stat(path) // another process was faster, or a link leads to nothing
	return err
}

// turn is how long SQLite itself waits for the write lock. It is short,
// because that wait cannot be cancelled; begin waits in many of them.
const turn = 50 * time.Millisecond

func writeDSN(path string, makes bool) string { return dsn(path, "immediate", turn, false, makes) }

func readDSN(path string, wait time.Duration, makes bool) string {
	return dsn(path, "deferred", wait, true, makes)
}

// dsn holds the pragmas, because one that is executed reaches only one
// connection of a pool. Unless it makes a store, a file is neither made nor
// given another journal mode.
func dsn(path, lock string, wait time.Duration, readOnly, makes bool) string {
	q := url.Values{
		"_txlock":          {lock},
		"_busy_timeout":    {fmt.Sprint(max(wait.Milliseconds(), 1))},
		"_synchronous":     {"FULL"}, // a commit is on the disk: an intent must be, before a token is presented
		"_foreign_keys":    {"1"},
		"_stmt_cache_size": {"64"},
		"_cache_size":      {"-8192"}, // KiB; the default of 2 MiB is too small for 10,000 connections
	}
	if makes {
		q.Set("_journal_mode", "WAL")
	} else {
		q.Set("mode", "rw")
	}
	if readOnly {
		q.Set("_query_only", "1")
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// minLibrary is the first SQLite that does not lose committed writes when a
// write-ahead log starts anew.
const minLibrary = 3_051_003

func checkLibrary() error {
	name, number, _ := sqlite3.Version()
	return checkVersion(name, number)
}

func checkVersion(name string, number int) error {
	if number < minLibrary {
		return host.Errorf(host.Unavailable, "connhost was built with SQLite %s, which can lose committed writes", name).
			WithHint("build it without the tag libsqlite3, or with SQLite 3.51.3 or later")
	}
	return nil
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mostDamages are told of a damaged file; a bad disk has no end of them.
const mostDamages = 20

// Check has SQLite look at every page, index and reference of the file, and
// gives what is damaged, a sentence each.
func (s *Store) Check(ctx context.Context) (damages []string, err error) {
	err = s.run(ctx, s.reads, func(t *sql.Tx) error {
		pages, err := list(ctx, &tx{store: s, sql: t}, readDamage, fmt.Sprintf("pragma integrity_check(%d)", mostDamages))
		if err != nil {
			return err
		}
		if damages = slices.DeleteFunc(pages, func(text string) bool { return text == "ok" }); len(damages) > 0 {
			return nil // references cannot be followed through what is damaged
		}
		loose, err := list(ctx, &tx{store: s, sql: t}, readLoose, "pragma foreign_key_check")
		damages = loose[:min(len(loose), mostDamages)]
		return err
	})
	return damages, s.fault("check", err)
}

// readDamage reads one on one line: some begin with a title of their own.
func readDamage(scan scanner) (text string, err error) {
	err = scan(&text)
	return text[strings.LastIndexByte(text, '\n')+1:], err
}

// readLoose reads a reference that leads to nothing.
func readLoose(scan scanner) (string, error) {
	var table, parent string
	var row, key any
	err := scan(&table, &row, &parent, &key)
	return fmt.Sprintf("a row of %s names one of %s that is not there", table, parent), err
}

// errTaken ends a transaction that only asks whether it could begin.
var errTaken = errors.New("the lock was taken")

// Writable takes the lock of those who write, and gives it back. An error says
// why nobody could write now: another holds it, or the file may only be read.
func (s *Store) Writable(ctx context.Context) error {
	err := s.run(ctx, s.writes, func(*sql.Tx) error { return errTaken })
	if errors.Is(err, errTaken) {
		return nil
	}
	return s.fault("lock", err)
}

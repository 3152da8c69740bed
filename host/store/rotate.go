package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

// The key changes while others read and write:
//
//	1  one Update: the new key into the file, as its primary; meta.key_id is it
//	2  many Updates: some rows each, opened and sealed anew in their place
//	3  one Update: no row has another key; the keys before leave the file
//
// From the commit of 1 on every Update that seals sees another key_id than the
// key that it knows, and reads the file again. So when 2 has come to its end
// nobody can write a row that 2 has not seen. Whoever meets a row that is sealed
// with a key that they do not know reads the file again, too. meta.key_rotation
// is there from 1 to 3: wherever the process dies, the same command goes on.
// Between the file of 1 and its commit the file is ahead, which is told by its
// primary key; between that of 3 and its commit no row needs what has left.

var _ host.KeyKeeper = (*Store)(nil)

// A sealedTable is a table with sealed columns; version is an SQL expression of
// the version that its rows are bound to.
type sealedTable struct {
	name    string
	version string
	columns []string
}

var sealedTables = []sealedTable{
	{"authorizations", "secret_version", []string{"secret_params", "access_token", "refresh_token"}},
	{"credentials", "secret_version", []string{"client_secret"}},
	{"windows", "1", []string{"verifier", "secret_params"}},
}

// inBatch is how many rows are sealed anew in one Update, betweenBatches how
// long others are let in.
const (
	inBatch        = 50
	betweenBatches = 2 * time.Millisecond
)

// RotateKey implements host.KeyKeeper.
func (s *Store) RotateKey(ctx context.Context, forget bool, r host.Record) (out host.KeyRotation, err error) {
	ring, err := s.ring()
	if err != nil {
		return out, err
	}
	if err = s.Update(ctx, func(t host.Tx) error { out, err = t.(*tx).beginRotation(ctx, ring, r); return err }); err != nil {
		return out, err
	}
	for {
		for _, table := range sealedTables {
			if err := s.resealTable(ctx, ring, table, &out); err != nil {
				return out, err
			}
		}
		var left bool
		err := s.Update(ctx, func(t host.Tx) (err error) {
			left, err = t.(*tx).endRotation(ctx, ring, forget, r, &out)
			return err
		})
		if err != nil || !left {
			return out, err
		}
	}
}

func (s *Store) ring() (host.KeyRing, error) {
	sealer, err := s.unlocked()
	if err != nil {
		return nil, err
	}
	ring, ok := sealer.(host.KeyRing)
	if !ok {
		return nil, host.Errorf(host.Internal, "the key of the store cannot be changed")
	}
	return ring, nil
}

// beginRotation is step 1, or finds that it was done.
func (t *tx) beginRotation(ctx context.Context, ring host.KeyRing, r host.Record) (out host.KeyRotation, err error) {
	if err := ring.Reload(); err != nil {
		return out, err
	}
	before, err := t.meta(ctx, "key_id")
	if err != nil {
		return out, err
	}
	running, err := t.meta(ctx, "key_rotation")
	if err != nil {
		return out, err
	}
	if running != "" {
		if ring.KeyID() != running {
			return out, host.Errorf(host.Unavailable, "the key of the store is being changed to %s, and the key file seals with %s", running, ring.KeyID()).
				WithHint("put the key file of that change back, or name it with --key-file")
		}
		return host.KeyRotation{Key: running, Resumed: true}, nil
	}
	out = host.KeyRotation{Key: ring.KeyID(), Resumed: ring.KeyID() != before}
	if !out.Resumed {
		if out.Key, err = ring.Add(); err != nil {
			return out, err
		}
	}
	t.seals = true // with the new key, which key_id does not name yet
	check, err := t.seal(keyCheck, host.NewSecret("connhost"))
	if err != nil {
		return out, err
	}
	for key, value := range map[string][]byte{"key_id": []byte(out.Key), "key_rotation": []byte(out.Key), "key_check": check} {
		if err := t.setMeta(ctx, key, value); err != nil {
			return out, err
		}
	}
	r.Act, r.Object, r.Detail = host.ActKeyRotate, out.Key, map[string]string{"before": before}
	return out, t.record(ctx, r)
}

func (t *tx) setMeta(ctx context.Context, key string, value []byte) error {
	_, err := t.exec(ctx, "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value", key, value)
	return t.store.fault("write", err)
}

// resealTable is step 2 for one table.
func (s *Store) resealTable(ctx context.Context, ring host.KeyRing, table sealedTable, out *host.KeyRotation) error {
	for after := ""; ; {
		var rows []sealedRow
		var unopened []string
		err := s.Update(ctx, func(t host.Tx) (err error) {
			rows, unopened, err = t.(*tx).resealSome(ctx, ring, table, after)
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range unopened {
			if !slices.Contains(out.Unopened, id) {
				out.Unopened = append(out.Unopened, id)
			}
		}
		out.Rows += int64(len(rows) - len(unopened))
		if len(rows) < inBatch {
			return nil
		}
		after = rows[len(rows)-1].id
		select {
		case <-ctx.Done():
			return s.fault("rotate", ctx.Err())
		case <-time.After(betweenBatches):
		}
	}
}

// A sealedRow is the sealed columns of a row, in the order of its table's.
type sealedRow struct {
	id      string
	version int64
	sealed  [][]byte
}

// older lists rows behind an id that the present key has not sealed.
func (t *tx) older(ctx context.Context, mark []byte, table sealedTable, after string, limit int) ([]sealedRow, error) {
	args, differ := []any{after}, []string{}
	for _, column := range table.columns {
		differ = append(differ, "substr("+column+", 1, ?) <> ?")
		args = append(args, len(mark), mark)
	}
	read := func(scan scanner) (r sealedRow, err error) {
		r.sealed = make([][]byte, len(table.columns))
		dest := []any{&r.id, &r.version}
		for i := range r.sealed {
			dest = append(dest, &r.sealed[i])
		}
		return r, scan(dest...)
	}
	return list(ctx, t, read, "select id, "+table.version+", "+strings.Join(table.columns, ", ")+" from "+table.name+
		" where id > ? and ("+strings.Join(differ, " or ")+") order by id limit ?", append(args, limit)...)
}

// resealSome opens some rows and seals them in their places. The place, and the
// version of row and secrets, stay: nothing about the row is new, and a refresh
// that is under way finds it as it was.
func (t *tx) resealSome(ctx context.Context, ring host.KeyRing, table sealedTable, after string) (rows []sealedRow, unopened []string, err error) {
	if _, err := t.sealer(); err != nil {
		return nil, nil, err
	}
	rows, err = t.older(ctx, ring.Mark(), table, after, inBatch)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		args := []any{}
		for i, column := range table.columns {
			p := place{table.name, r.id, column, r.version}
			secret, err := t.unseal(p, r.sealed[i])
			if err != nil {
				break // no key opens it: it stays as it is
			}
			sealed, err := t.seal(p, secret)
			if err != nil {
				return nil, nil, err
			}
			args = append(args, sealed)
		}
		if len(args) < len(table.columns) {
			unopened = append(unopened, r.id)
			continue
		}
		query := "update " + table.name + " set " + strings.Join(table.columns, " = ?, ") + " = ? where id = ?"
		if err := t.change(ctx, nil, query, append(args, r.id)...); err != nil {
			return nil, nil, err
		}
	}
	return rows, unopened, nil
}

// endRotation is step 3, unless a row is left. It writes nothing that needs the
// keys that leave: should its commit fail, every row opens with the one that
// stays.
func (t *tx) endRotation(ctx context.Context, ring host.KeyRing, forget bool, r host.Record, out *host.KeyRotation) (left bool, err error) {
	for _, table := range sealedTables {
		rows, err := t.older(ctx, ring.Mark(), table, "", len(out.Unopened)+1)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(rows, func(r sealedRow) bool { return !slices.Contains(out.Unopened, r.id) }) {
			return true, nil
		}
	}
	if running, err := t.meta(ctx, "key_rotation"); err != nil || running != out.Key {
		return false, err // somebody else has brought it to its end
	}
	r.Act, r.Object, r.Detail = host.ActKeyRotated, out.Key, nil
	if err := t.record(ctx, r); err != nil {
		return false, err
	}
	if _, err := t.exec(ctx, "delete from meta where key = 'key_rotation'"); err != nil {
		return false, t.store.fault("write", err)
	}
	out.Kept, err = ring.Drop(forget)
	return false, err
}

// KeyUses implements host.KeyKeeper.
func (s *Store) KeyUses(ctx context.Context) ([]host.KeyUse, error) {
	ring, err := s.ring()
	if err != nil {
		return nil, err
	}
	if err := ring.Reload(); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	err = s.View(ctx, func(ht host.Tx) error {
		t := ht.(*tx)
		type group struct {
			mark []byte
			n    int64
		}
		read := func(scan scanner) (g group, err error) { return g, scan(&g.mark, &g.n) }
		for _, table := range sealedTables {
			column := table.columns[0]
			groups, err := list(ctx, t, read, "select substr("+column+", 1, ?), count(*) from "+table.name+" group by 1", len(ring.Mark()))
			if err != nil {
				return err
			}
			for _, g := range groups {
				counts[ring.KeyOf(g.mark)] += g.n
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []host.KeyUse
	for i, id := range ring.KeyIDs() {
		out = append(out, host.KeyUse{ID: id, Primary: i == 0, Present: true, Rows: counts[id]})
		delete(counts, id)
	}
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, host.KeyUse{ID: id, Rows: counts[id]})
	}
	return out, nil
}

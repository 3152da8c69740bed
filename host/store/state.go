package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/connhost/connhost/host"
)

// What stands open in a row is bound to the audit chain by its hash: whoever
// writes an Update touches the row, and as the Update ends, a record of its own
// says what the row is from then on. A row that says something else was altered
// beside the store (design rule 19).

// A row is one row of a bound table.
type row struct{ table, id string }

func (r row) object() string { return r.table + "/" + r.id }

// A bound table is one whose rows are recorded. What changes with every refresh
// is left out, or a refresh would write two records.
type boundTable struct {
	key    string
	only   []string // these columns; nil: all but those of except
	except []string
}

var boundTables = map[string]boundTable{
	"users":       {key: "id"},
	"connectors":  {key: "hash"},
	"credentials": {key: "id", except: []string{"client_secret", "secret_version"}},
	"connections": {key: "id", except: []string{"version"}},
	"bindings":    {key: "id"},
	"stops":       {key: "id"},
	"authorizations": {key: "id", only: []string{
		"id", "connector", "connector_hash", "credential_id", "owner", "host_params", "params", "asked", "granted",
		"account_key", "endpoints", "chosen", "state", "for_all", "created_at",
	}},
}

// binds reports whether a column is part of the hash.
func (b boundTable) binds(column string) bool {
	if b.only != nil {
		return slices.Contains(b.only, column)
	}
	return !slices.Contains(b.except, column)
}

// touch notes, before it is written, that the open columns of a row may change.
// It remembers whether the row is what the chain says: an honest act that writes
// over an altered row must not hide that.
func (t *tx) touch(table, id string) {
	r := row{table, id}
	if _, seen := t.touched[r]; seen || !t.writes {
		return
	}
	if t.touched == nil {
		t.touched = map[row]bool{}
	}
	ctx := context.Background()
	now, err := t.state(ctx, r)
	was, lastErr := t.lastState(ctx, r)
	t.touched[r] = err == nil && lastErr == nil && now != was
}

// gone is the state of a row that was deleted.
const gone = "gone"

// settle ends an Update: it records the rows that changed, and where the chain
// ends now.
func (t *tx) settle(ctx context.Context) error {
	for _, r := range slices.SortedFunc(maps.Keys(t.touched), func(a, b row) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.id, b.id))
	}) {
		now, err := t.state(ctx, r)
		if err != nil {
			return err
		}
		was, err := t.lastState(ctx, r)
		if err != nil {
			return err
		}
		if now == was && !t.touched[r] {
			continue
		}
		detail := map[string]string{"sha256": now}
		if t.touched[r] {
			detail["altered"] = "before this record, beside connhost"
		}
		err = t.record(ctx, host.Record{Act: host.ActState, Object: r.object(), Detail: detail})
		if err != nil {
			return err
		}
	}
	if !t.appended {
		return nil
	}
	return t.writeHead(ctx)
}

// lastState is what the chain says of a row; gone where it says nothing.
func (t *tx) lastState(ctx context.Context, r row) (string, error) {
	last, err := one(ctx, t, readRecord, "select "+auditColumns+" from audit where object = ? order by seq desc limit 1", r.object())
	if host.CodeOf(err) == host.NotFound {
		return gone, nil
	}
	return last.Detail["sha256"], err
}

// state is the hash of what stands open in a row.
func (t *tx) state(ctx context.Context, r row) (string, error) {
	b := boundTables[r.table]
	rows, err := t.sql.QueryContext(context.Background(), "select * from "+r.table+" where "+b.key+" = ?", r.id)
	if err != nil {
		return "", t.store.fault("find", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		return gone, t.store.fault("find", cmp.Or(err, rows.Err()))
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	if err := rows.Scan(values...); err != nil {
		return "", t.store.fault("find", err)
	}
	parts := []string{"connhost row 1", r.table}
	for i, name := range columns {
		if text := columnText(*values[i].(*any)); text != "" && b.binds(name) {
			parts = append(parts, name, text)
		}
	}
	sum := sha256.Sum256(frame(parts...))
	return hex.EncodeToString(sum[:]), nil
}

// columnText writes a value with its kind. An empty one is left out, so that a
// column that a migration adds does not change what rows were.
func columnText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int64:
		if v == 0 {
			return ""
		}
		return "i" + strconv.FormatInt(v, 10)
	case bool:
		if !v {
			return ""
		}
		return "i1"
	case string:
		if v == "" || v == "null" || v == "[]" || v == "{}" {
			return ""
		}
		return "t" + v
	case []byte:
		return "b" + string(v)
	}
	return fmt.Sprintf("%T%v", v, v)
}

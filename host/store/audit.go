package store

import (
	"context"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

type audit struct{ *tx }

var _ host.Audit = audit{}

const auditColumns = "seq, at, by_user, act, object, detail, secret_version, hash"

func readRecord(scan scanner) (r host.Record, err error) {
	err = scan(&r.Seq, moment{&r.At}, &r.By, &r.Act, &r.Object, fromJSON{&r.Detail}, &r.SecretVersion, &r.Hash)
	return r, err
}

// Append adds a record. It tells of no secret version: only the writing of
// secrets does, through record.
func (a audit) Append(ctx context.Context, r host.Record) error {
	r.SecretVersion = 0
	return a.record(ctx, r)
}

// List gives the records about an object, or all for "", oldest first.
func (a audit) List(ctx context.Context, object string) ([]host.Record, error) {
	if object == "" {
		return list(ctx, a.tx, readRecord, "select "+auditColumns+" from audit order by seq")
	}
	return list(ctx, a.tx, readRecord, "select "+auditColumns+" from audit where object = ? order by seq", object)
}

// Last gives the last n records about an object, oldest first.
func (a audit) Last(ctx context.Context, object string, n int) ([]host.Record, error) {
	last, err := list(ctx, a.tx, readRecord,
		"select "+auditColumns+" from audit where object = ? order by seq desc limit ?", object, max(n, 0))
	slices.Reverse(last)
	return last, err
}

// Each reads the records of a query one at a time.
func (a audit) Each(ctx context.Context, q host.AuditQuery, f func(host.Record) error) error {
	var where []string
	var args []any
	if len(q.Objects) > 0 {
		where = append(where, "object in (?"+strings.Repeat(", ?", len(q.Objects)-1)+")")
		for _, o := range q.Objects {
			args = append(args, o)
		}
	}
	if q.Act != "" {
		where, args = append(where, "act = ?"), append(args, string(q.Act))
	}
	if !q.States && q.Act != host.ActState {
		where, args = append(where, "act <> ?"), append(args, string(host.ActState))
	}
	if !q.Since.IsZero() {
		where, args = append(where, "at >= ?"), append(args, millis(q.Since))
	}
	query := "select " + auditColumns + " from audit"
	if len(where) > 0 {
		query += " where " + strings.Join(where, " and ")
	}
	if q.Last > 0 {
		query, args = "select "+auditColumns+" from ("+query+" order by seq desc limit ?)", append(args, q.Last)
	}
	return each(ctx, a.tx, readRecord, f, query+" order by seq", args...)
}

// record appends r to the chain, and gives it its number, hash and, where the
// caller has none, its time.
func (t *tx) record(ctx context.Context, r host.Record) error {
	if r.At.IsZero() {
		r.At = t.store.now()
	}
	last, err := one(ctx, t, readRecord, "select "+auditColumns+" from audit order by seq desc limit 1")
	if err != nil && host.CodeOf(err) != host.NotFound {
		return err
	}
	r.Seq = last.Seq + 1
	detail := toJSON(r.Detail)
	r.Detail = nil
	if err := (fromJSON{&r.Detail}).Scan(detail); err != nil { // what List will give: JSON is UTF-8
		return t.store.fault("record", err)
	}
	r.Hash = chainHash(last.Hash, r)
	t.appended = true
	return t.change(ctx, nil, "insert into audit ("+auditColumns+") values (?, ?, ?, ?, ?, ?, ?, ?)",
		r.Seq, millis(r.At), string(r.By), string(r.Act), r.Object, detail, r.SecretVersion, r.Hash)
}

// recordSecret records that the secrets of a row were written.
func (t *tx) recordSecret(ctx context.Context, p place, r host.Record) error {
	r.Object, r.SecretVersion = p.row, p.version
	return t.record(ctx, r)
}

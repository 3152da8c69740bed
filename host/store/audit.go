package store

import (
	"context"
	"slices"

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
	return t.change(ctx, nil, "insert into audit ("+auditColumns+") values (?, ?, ?, ?, ?, ?, ?, ?)",
		r.Seq, millis(r.At), string(r.By), string(r.Act), r.Object, detail, r.SecretVersion, r.Hash)
}

// recordSecret records that the secrets of a row were written.
func (t *tx) recordSecret(ctx context.Context, p place, r host.Record) error {
	r.Object, r.SecretVersion = p.row, p.version
	return t.record(ctx, r)
}

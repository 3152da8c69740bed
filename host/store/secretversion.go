package store

import (
	"context"
	"fmt"
)

// The secret version of a row rises when its secrets are written, and never
// otherwise. It stands in three places that must agree: in the row, in the
// associated data of each sealed field, and in the newest audit record of the
// row that tells of its secrets.

// recorded is what the audit chain says about a row's secrets.
type recorded struct {
	version int64
	deleted bool // the row was deleted since
}

// The condition is that of the index audit_secret.
const secretRecords = " from audit where object = ? and (secret_version > 0 or act = 'authorization.delete')"

// recordedVersion gives version 0 for a row that no record tells of.
func (t *tx) recordedVersion(ctx context.Context, row string) (recorded, error) {
	read := func(scan scanner) (r recorded, err error) {
		var newest int64
		err = scan(&r.version, &newest)
		r.deleted = newest == 0 && r.version > 0
		return r, err
	}
	return one(ctx, t, read, `select coalesce(max(secret_version), 0),
		coalesce((select secret_version`+secretRecords+` order by seq desc limit 1), 0)`+secretRecords, row, row)
}

// nextVersion gives a secret version that no earlier state of the row has
// had, whatever the row itself says.
func (t *tx) nextVersion(ctx context.Context, row string, current int64) (int64, error) {
	r, err := t.recordedVersion(ctx, row)
	return max(r.version, current) + 1, err
}

// checkVersion refuses a row whose secret version is not the recorded one.
func (t *tx) checkVersion(ctx context.Context, p place) error {
	r, err := t.recordedVersion(ctx, p.row)
	switch {
	case err != nil:
		return err
	case r.deleted:
		return altered(p, fmt.Errorf("the audit chain says that %s was deleted", p.row))
	case r.version != p.version:
		return altered(p, fmt.Errorf("%s has secret version %d, the audit chain %d", p.row, p.version, r.version))
	}
	return nil
}

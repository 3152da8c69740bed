package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

// The secret version of a row rises when its secrets are written, and never
// otherwise. It stands in three places that must agree: in the row, in the
// associated data of each sealed field, and in the newest audit record of the
// row that tells of its secrets.

// The conditions are those of the index audit_secret.
const (
	newestSecret   = "select secret_version from audit where object = ? and secret_version > 0 order by seq desc limit 1"
	newestOrDelete = `select secret_version from audit where object = ?
		and (secret_version > 0 or act = 'authorization.delete') order by seq desc limit 1`
)

// recorded gives the secret version that a query finds in the audit chain,
// and 0 where it finds none.
func (t *tx) recorded(ctx context.Context, query, row string) (int64, error) {
	read := func(scan scanner) (n int64, err error) { return n, scan(&n) }
	n, err := one(ctx, t, read, query, row)
	if host.CodeOf(err) == host.NotFound {
		return 0, nil
	}
	return n, err
}

// nextVersion gives a secret version that no earlier state of the row has
// had, whatever the row itself says.
func (t *tx) nextVersion(ctx context.Context, row string, current int64) (int64, error) {
	n, err := t.recorded(ctx, newestSecret, row)
	return max(n, current) + 1, err
}

// checkVersion refuses a row whose secret version is not the recorded one. A
// row that was deleted has none.
func (t *tx) checkVersion(ctx context.Context, p place) error {
	n, err := t.recorded(ctx, newestOrDelete, p.row)
	if err == nil && n != p.version {
		return altered(p, fmt.Errorf("%s has secret version %d, the audit chain %d", p.row, p.version, n))
	}
	return err
}

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// The head says where the audit chain ends: the number and the hash of its last
// record, sealed. The chain itself has no key, so whoever can write the file
// could cut it or make it anew; the head they cannot make without the key.

var auditHead = place{table: "meta", row: "audit_head", field: "value"}

// writeHead seals the end of the chain as it is now.
func (t *tx) writeHead(ctx context.Context) error {
	last, err := one(ctx, t, readRecord, "select "+auditColumns+" from audit order by seq desc limit 1")
	if err != nil {
		return err
	}
	sealed, err := t.seal(auditHead, host.NewSecret(strconv.FormatInt(last.Seq, 10)+" "+last.Hash))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "insert into meta (key, value) values ('audit_head', ?) on conflict (key) do update set value = excluded.value", sealed)
	return t.store.fault("write", err)
}

// head opens the end of the chain as it was sealed. It is 0 where there is none.
func (t *tx) head(ctx context.Context) (seq int64, hash string, err error) {
	sealed, err := t.meta(ctx, "audit_head")
	if err != nil || sealed == "" {
		return 0, "", err
	}
	plain, err := t.unseal(auditHead, []byte(sealed))
	if err != nil {
		return 0, "", err
	}
	number, hash, _ := strings.Cut(plain.Reveal(), " ")
	if seq, err = strconv.ParseInt(number, 10, 64); err != nil {
		return 0, "", altered(auditHead, fmt.Errorf("the head is %w", err))
	}
	return seq, hash, nil
}

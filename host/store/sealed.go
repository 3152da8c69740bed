package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/connhost/connhost/host"
)

// sealing is the version of the layout of sealed columns. It rises only when
// a migration moves or renames one, and seals it anew.
const sealing = "1"

// A place is where a sealed field stands: what its ciphertext is bound to.
type place struct {
	table, row, field string
	version           int64 // of the row's secrets
}

func (p place) associated() []byte {
	return frame("connhost sealed field", sealing, p.table, p.row, p.field, strconv.FormatInt(p.version, 10))
}

// KeyID gives the id of the key that the store was sealed with, and an empty
// one for a new store.
func (s *Store) KeyID(ctx context.Context) (string, error) {
	var id string
	err := s.View(ctx, func(t host.Tx) (err error) {
		id, err = t.(*tx).meta(ctx, "key_id")
		return err
	})
	return id, err
}

// Unlock gives the store what seals its secrets; before, whatever needs it is
// an Internal error. A new store remembers the key, and an old one refuses
// any that does not open what was sealed then.
func (s *Store) Unlock(ctx context.Context, sealer host.Sealer) error {
	id, err := s.KeyID(ctx)
	if err == nil && id == "" {
		err = s.Update(ctx, func(t host.Tx) error { return t.(*tx).adopt(ctx, sealer) })
	}
	if err == nil {
		err = s.View(ctx, func(t host.Tx) error { return t.(*tx).recognize(ctx, sealer) })
	}
	if err != nil {
		return err
	}
	s.sealer.Store(&sealer)
	return nil
}

// keyCheck is a sealed text that tells the right key from a wrong one with
// the same id.
var keyCheck = place{table: "meta", row: "key_check", field: "value"}

// adopt remembers the key of a new store, unless another process just did.
func (t *tx) adopt(ctx context.Context, sealer host.Sealer) error {
	if id, err := t.meta(ctx, "key_id"); err != nil || id != "" {
		return err
	}
	check, err := sealer.Seal([]byte("connhost"), keyCheck.associated())
	if err != nil {
		return t.store.fault("unlock", err)
	}
	const query = "insert into meta (key, value) values ('key_id', ?), ('key_check', ?)"
	return t.change(ctx, nil, query, []byte(sealer.KeyID()), check)
}

func (t *tx) recognize(ctx context.Context, sealer host.Sealer) error {
	check, err := t.meta(ctx, "key_check")
	if err != nil {
		return err
	}
	if _, err = sealer.Open([]byte(check), keyCheck.associated()); err == nil {
		return nil
	}
	id, metaErr := t.meta(ctx, "key_id")
	if metaErr != nil {
		return metaErr
	}
	return host.Errorf(host.Unavailable, "the store was sealed with the key %s, and the key given, %s, does not open it", id, sealer.KeyID()).
		WithHint("name the key file that belongs to this store with --key-file").Because(err)
}

// meta gives a value, empty when there is none.
func (t *tx) meta(ctx context.Context, key string) (string, error) {
	read := func(scan scanner) (v []byte, err error) { return v, scan(&v) }
	v, err := one(ctx, t, read, "select value from meta where key = ?", key)
	if host.CodeOf(err) == host.NotFound {
		return "", nil
	}
	return string(v), err
}

// sealer gives what seals in this transaction. Where another process has changed
// the key, nothing is sealed with the one before: the transaction waits for the
// change or comes before it.
func (t *tx) sealer() (host.Sealer, error) {
	s, err := t.store.unlocked()
	if err != nil || t.seals {
		return s, err
	}
	want, err := t.meta(context.Background(), "key_id")
	if err != nil {
		return nil, err
	}
	if ring, ok := s.(host.KeyRing); ok && want != "" && want != s.KeyID() {
		if err := ring.Reload(); err != nil {
			return nil, err
		}
		if !slices.Contains(ring.KeyIDs(), want) {
			return nil, host.Errorf(host.Unavailable, "the key of the store was changed to %s, and the key file has %s", want, ring.KeyID()).
				WithHint("bring the changed key file here, or name it with --key-file")
		}
	}
	t.seals = true
	return s, nil
}

func (s *Store) unlocked() (host.Sealer, error) {
	if p := s.sealer.Load(); p != nil {
		return *p, nil
	}
	return nil, host.Errorf(host.Internal, "the store was not unlocked before its secrets were used")
}

// seal gives what stands in the column of a secret. An empty secret is sealed
// too: a missing one must not look like one that is not there.
func (t *tx) seal(p place, secret host.Secret) ([]byte, error) {
	sealer, err := t.sealer()
	if err != nil {
		return nil, err
	}
	sealed, err := sealer.Seal([]byte(secret.Reveal()), p.associated())
	return sealed, t.store.fault("seal", err)
}

func (t *tx) unseal(p place, sealed []byte) (host.Secret, error) {
	sealer, err := t.store.unlocked()
	if err != nil {
		return host.Secret{}, err
	}
	plain, err := sealer.Open(sealed, p.associated())
	if err != nil {
		return host.Secret{}, altered(p, err)
	}
	if len(plain) == 0 {
		return host.Secret{}, nil
	}
	return host.NewSecret(string(plain)), nil
}

// sealParams seals a map as one field. Values are written as bytes, because a
// secret need not be UTF-8.
func (t *tx) sealParams(p place, params map[string]host.Secret) ([]byte, error) {
	plain := make(map[string][]byte, len(params))
	for key, secret := range params {
		plain[key] = []byte(secret.Reveal())
	}
	return t.seal(p, host.NewSecret(toJSON(plain)))
}

func (t *tx) unsealParams(p place, sealed []byte) (map[string]host.Secret, error) {
	text, err := t.unseal(p, sealed)
	if err != nil {
		return nil, err
	}
	var plain map[string][]byte
	if err := json.Unmarshal([]byte(text.Reveal()), &plain); err != nil {
		return nil, altered(p, err)
	}
	if len(plain) == 0 {
		return nil, nil
	}
	params := make(map[string]host.Secret, len(plain))
	for key, value := range plain {
		params[key] = host.NewSecret(string(value))
	}
	return params, nil
}

// altered is Unavailable, like any other store that answers with garbage: the
// command is right, and nothing that the caller changes would help.
func altered(p place, cause error) error {
	return host.Errorf(host.Unavailable, "the stored row of %s was altered, and its secrets do not open", p.row).
		WithHint("put the store back from a backup, or authorize again: connhost connection authorize LINK_NAME").Because(cause)
}

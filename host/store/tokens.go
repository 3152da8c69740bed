package store

import (
	"context"

	"github.com/connhost/connhost/host"
)

// sealedSecrets are the sealed columns of an authorization.
type sealedSecrets struct{ params, access, refresh []byte }

func authorizationField(id host.AuthorizationID, field string, version int64) place {
	return place{"authorizations", string(id), field, version}
}

// Open refuses a row whose secrets stood elsewhere, were altered or are of an
// earlier time.
func (as authorizations) Open(ctx context.Context, id host.AuthorizationID) (host.Secrets, error) {
	var version int64
	read := func(scan scanner) (s sealedSecrets, err error) {
		return s, scan(&s.params, &s.access, &s.refresh, &version)
	}
	sealed, err := one(ctx, as.tx, read,
		"select secret_params, access_token, refresh_token, secret_version from authorizations where id = ?", string(id))
	if err != nil {
		return host.Secrets{}, err
	}
	if err := as.checkVersion(ctx, authorizationField(id, "", version)); err != nil {
		return host.Secrets{}, err
	}
	return as.openSecrets(id, version, sealed)
}

// Seal raises the row's version too, as every update does: Save comes before
// Seal, or after a new Find.
func (as authorizations) Seal(ctx context.Context, id host.AuthorizationID, s host.Secrets, r host.Record) error {
	a, err := as.Find(ctx, id)
	if err != nil {
		return err
	}
	version, err := as.nextVersion(ctx, string(id), a.SecretVersion)
	if err != nil {
		return err
	}
	sealed, err := as.sealSecrets(id, version, s)
	if err != nil {
		return err
	}
	err = as.change(ctx, nil, `update authorizations set secret_params = ?, access_token = ?, refresh_token = ?,
		secret_version = ?, version = version + 1 where id = ?`,
		sealed.params, sealed.access, sealed.refresh, version, string(id))
	if err != nil {
		return err
	}
	return as.recordSecret(ctx, authorizationField(id, "", version), r)
}

func (t *tx) sealSecrets(id host.AuthorizationID, version int64, s host.Secrets) (sealed sealedSecrets, err error) {
	if sealed.params, err = t.sealParams(authorizationField(id, "secret_params", version), s.Params); err != nil {
		return sealed, err
	}
	if sealed.access, err = t.seal(authorizationField(id, "access_token", version), s.Access); err != nil {
		return sealed, err
	}
	sealed.refresh, err = t.seal(authorizationField(id, "refresh_token", version), s.Refresh)
	return sealed, err
}

func (t *tx) openSecrets(id host.AuthorizationID, version int64, sealed sealedSecrets) (s host.Secrets, err error) {
	if s.Params, err = t.unsealParams(authorizationField(id, "secret_params", version), sealed.params); err != nil {
		return host.Secrets{}, err
	}
	if s.Access, err = t.unseal(authorizationField(id, "access_token", version), sealed.access); err != nil {
		return host.Secrets{}, err
	}
	if s.Refresh, err = t.unseal(authorizationField(id, "refresh_token", version), sealed.refresh); err != nil {
		return host.Secrets{}, err
	}
	return s, nil
}

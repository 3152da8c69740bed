package store

import (
	"context"
	"fmt"
	"time"

	"github.com/connhost/connhost/host"
)

type authorizations struct{ *tx }

var _ host.Authorizations = authorizations{}

const authorizationColumns = `id, connector, connector_hash, coalesce(credential_id, ''), owner, for_all, host_params, params,
	asked, granted, account_key, account_label, label_set, endpoints, chosen, state, reason, token_expires, renewable, outcome_unknown,
	refreshed_at, refresh_expires, refresh_slides, due, lease_owner, lease_until, lease_intent, secret_version, version, created_at, updated_at`

func readAuthorization(scan scanner) (a host.Authorization, err error) {
	err = scan(&a.ID, &a.Connector, &a.ConnectorHash, &a.Credential, &a.Owner, &a.ForAll, fromJSON{&a.HostParams}, fromJSON{&a.Params},
		fromJSON{&a.Asked}, fromJSON{&a.Granted}, &a.AccountKey, &a.AccountLabel, &a.LabelSet, fromJSON{&a.Endpoints}, fromJSON{&a.Chosen}, &a.State, &a.Reason,
		moment{&a.TokenExpires}, &a.Renewable, &a.Unknown,
		moment{&a.RefreshedAt}, moment{&a.RefreshExpires}, &a.Slides, moment{&a.Due},
		&a.Lease.Owner, moment{&a.Lease.Until}, moment{&a.Lease.Intent},
		&a.SecretVersion, &a.Version, moment{&a.CreatedAt}, moment{&a.UpdatedAt})
	return a, err
}

// savedColumns are those that Save writes, savedValues their values.
const savedColumns = `connector, connector_hash, credential_id, owner, for_all, host_params, params, asked, granted,
	account_key, account_label, label_set, endpoints, chosen, state, reason, token_expires, renewable, outcome_unknown,
	refreshed_at, refresh_expires, refresh_slides, due, lease_owner, lease_until, lease_intent, updated_at`

const savedMarks = "?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

func savedValues(a host.Authorization) []any {
	return []any{
		a.Connector, a.ConnectorHash, string(a.Credential), string(a.Owner), a.ForAll, toJSON(a.HostParams), toJSON(a.Params),
		toJSON(a.Asked), toJSON(a.Granted), a.AccountKey, a.AccountLabel, a.LabelSet, toJSON(a.Endpoints), toJSON(a.Chosen), string(a.State), a.Reason,
		millis(a.TokenExpires), a.Renewable, a.Unknown,
		millis(a.RefreshedAt), millis(a.RefreshExpires), a.Slides, millis(a.Due),
		a.Lease.Owner, millis(a.Lease.Until), millis(a.Lease.Intent), millis(a.UpdatedAt),
	}
}

// Insert stores a as version 1.
func (as authorizations) Insert(ctx context.Context, a host.Authorization, s host.Secrets, r host.Record) error {
	if err := connectors(as).adopt(ctx, a.ConnectorHash); err != nil {
		return err
	}
	version, err := as.nextVersion(ctx, string(a.ID), 0)
	if err != nil {
		return err
	}
	sealed, err := as.sealSecrets(a.ID, version, s)
	if err != nil {
		return err
	}
	as.touch("authorizations", string(a.ID))
	args := append(savedValues(a), string(a.ID), millis(a.CreatedAt), version, sealed.params, sealed.access, sealed.refresh)
	err = as.insert(ctx, clash{"authorizations.id": fmt.Sprintf("an authorization with the id %s exists", a.ID)},
		"insert into authorizations ("+savedColumns+`, id, created_at, version,
			secret_version, secret_params, access_token, refresh_token)
		values (`+savedMarks+", ?, ?, 1, ?, ?, ?, ?)", args...)
	if err != nil {
		return err
	}
	return as.recordSecret(ctx, authorizationField(a.ID, "", version), r)
}

func (as authorizations) Find(ctx context.Context, id host.AuthorizationID) (host.Authorization, error) {
	return one(ctx, as.tx, readAuthorization, "select "+authorizationColumns+" from authorizations where id = ?", string(id))
}

func (as authorizations) List(ctx context.Context, connector string) ([]host.Authorization, error) {
	if connector == "" {
		return list(ctx, as.tx, readAuthorization, "select "+authorizationColumns+" from authorizations order by created_at, id")
	}
	return list(ctx, as.tx, readAuthorization,
		"select "+authorizationColumns+" from authorizations where connector = ? order by created_at, id", connector)
}

// Due says the condition of the index authorizations_due as that says it, or
// the index would not serve it.
func (as authorizations) Due(ctx context.Context, before time.Time, limit int) ([]host.Authorization, error) {
	return list(ctx, as.tx, readAuthorization, "select "+authorizationColumns+` from authorizations
		where renewable = 1 and state in ('connected', 'expiring') and due > 0 and due <= ? order by due, id limit ?`,
		millis(before), limit)
}

// Save leaves the row with version a.Version + 1. It does not write the time
// of creation.
func (as authorizations) Save(ctx context.Context, a host.Authorization) error {
	if err := connectors(as).adopt(ctx, a.ConnectorHash); err != nil {
		return err
	}
	as.touch("authorizations", string(a.ID))
	args := append(savedValues(a), string(a.ID), a.Version)
	n, err := as.exec(ctx, "update authorizations set ("+savedColumns+", version) = ("+savedMarks+
		", version + 1) where id = ? and version = ?", args...)
	if err != nil || n == 1 {
		return as.store.fault("write", err)
	}
	now, err := as.Find(ctx, a.ID)
	if err != nil {
		return err
	}
	return host.Errorf(host.Conflict, "the authorization %s was changed by someone else", a.ID).
		Because(fmt.Errorf("its row has version %d, not %d", now.Version, a.Version))
}

// Delete is a Conflict while a binding points to it. Its file goes with the
// last authorization that was made with it, unless it is a current one.
func (as authorizations) Delete(ctx context.Context, id host.AuthorizationID) error {
	a, err := as.Find(ctx, id)
	if err != nil {
		return err
	}
	as.touch("authorizations", string(id))
	_, err = as.exec(ctx, "delete from authorizations where id = ?", string(id))
	if isDangling(err) {
		return host.Errorf(host.Conflict, "the authorization %s serves a connection", id).Because(err)
	}
	if err != nil {
		return as.store.fault("write", err)
	}
	return as.dropFile(ctx, a.ConnectorHash)
}

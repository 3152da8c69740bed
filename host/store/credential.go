package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type credentials struct{ *tx }

var _ host.Credentials = credentials{}

const credentialColumns = "id, connector, name, client_id, quick, secret_version, created_by, created_at"

func readCredential(scan scanner) (c host.ClientCredential, err error) {
	err = scan(&c.ID, &c.Connector, &c.Name, &c.ClientID, &c.Quick, &c.SecretVersion,
		&c.CreatedBy, moment{&c.CreatedAt})
	return c, err
}

func credentialClash(c host.ClientCredential) clash {
	return clash{
		"credentials.id":        fmt.Sprintf("a client credential with the id %s exists", c.ID),
		"credentials.connector": fmt.Sprintf("the connector %q has a quick client credential", c.Connector),
	}
}

func (cs credentials) Insert(ctx context.Context, c host.ClientCredential, secret host.Secret, r host.Record) error {
	version, err := cs.nextVersion(ctx, string(c.ID), 0)
	if err != nil {
		return err
	}
	cs.touch("credentials", string(c.ID))
	p := clientSecret(c.ID, version)
	sealed, err := cs.seal(p, secret)
	if err != nil {
		return err
	}
	err = cs.insert(ctx, credentialClash(c), "insert into credentials ("+credentialColumns+", client_secret) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		string(c.ID), c.Connector, c.Name, c.ClientID, c.Quick, version,
		string(c.CreatedBy), millis(c.CreatedAt), sealed)
	if err != nil {
		return err
	}
	return cs.recordSecret(ctx, p, r)
}

func clientSecret(id host.CredentialID, version int64) place {
	return place{"credentials", string(id), "client_secret", version}
}

func (cs credentials) Find(ctx context.Context, id host.CredentialID) (host.ClientCredential, error) {
	return one(ctx, cs.tx, readCredential, "select "+credentialColumns+" from credentials where id = ?", string(id))
}

func (cs credentials) List(ctx context.Context, connector string) ([]host.ClientCredential, error) {
	if connector == "" {
		return list(ctx, cs.tx, readCredential, "select "+credentialColumns+" from credentials order by created_at, id")
	}
	return list(ctx, cs.tx, readCredential,
		"select "+credentialColumns+" from credentials where connector = ? order by created_at, id", connector)
}

func (cs credentials) Secret(ctx context.Context, id host.CredentialID) (host.Secret, error) {
	var version int64
	read := func(scan scanner) (b []byte, err error) { return b, scan(&b, &version) }
	sealed, err := one(ctx, cs.tx, read, "select client_secret, secret_version from credentials where id = ?", string(id))
	if err != nil {
		return host.Secret{}, err
	}
	p := clientSecret(id, version)
	if err := cs.checkVersion(ctx, p); err != nil {
		return host.Secret{}, err
	}
	return cs.unseal(p, sealed)
}

// Save keeps the connector, the secret, and who created it when.
func (cs credentials) Save(ctx context.Context, c host.ClientCredential) error {
	cs.touch("credentials", string(c.ID))
	return cs.change(ctx, credentialClash(c), "update credentials set name = ?, client_id = ?, quick = ? where id = ?",
		c.Name, c.ClientID, c.Quick, string(c.ID))
}

func (cs credentials) Seal(ctx context.Context, id host.CredentialID, secret host.Secret, r host.Record) error {
	c, err := cs.Find(ctx, id)
	if err != nil {
		return err
	}
	version, err := cs.nextVersion(ctx, string(id), c.SecretVersion)
	if err != nil {
		return err
	}
	p := clientSecret(id, version)
	sealed, err := cs.seal(p, secret)
	if err != nil {
		return err
	}
	if err := cs.change(ctx, nil, "update credentials set client_secret = ?, secret_version = ? where id = ?", sealed, version, string(id)); err != nil {
		return err
	}
	return cs.recordSecret(ctx, p, r)
}

func (cs credentials) Delete(ctx context.Context, id host.CredentialID) error {
	cs.touch("credentials", string(id))
	n, err := cs.exec(ctx, "delete from credentials where id = ?", string(id))
	switch {
	case isDangling(err):
		return host.Errorf(host.Conflict, "the client credential %s is used", id).Because(err)
	case err != nil:
		return cs.store.fault("write", err)
	case n == 0:
		return errNotFound
	}
	return nil
}

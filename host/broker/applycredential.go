package broker

import (
	"context"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

func (a *applying) credential(ctx context.Context, d DesiredCredential) error {
	if err := a.sub.Require(host.ManageCredentials); err != nil {
		return err
	}
	list, err := a.tx.Credentials().List(ctx, d.Connector)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(c host.ClientCredential) bool { return c.Name == d.Name })
	if i < 0 {
		a.note("+", "credential", d.Name, "of "+d.Connector)
		_, err := a.b.AddCredential(ctx, a.sub, d.ClientCredential, d.Secret)
		return err
	}
	was := list[i]
	others := slices.Delete(slices.Clone(list), i, i+1)
	secret, err := a.tx.Credentials().Secret(ctx, was.ID)
	if err != nil {
		return err
	}
	if !d.Given {
		d.Secret = secret
	}
	next := was
	next.ClientID, next.Quick = d.ClientID, d.Quick
	changes := append(diff("client id", was.ClientID, next.ClientID), diff("quick", fmt.Sprint(was.Quick), fmt.Sprint(next.Quick))...)
	newSecret := subtle.ConstantTimeCompare([]byte(d.Secret.Reveal()), []byte(secret.Reveal())) == 0
	if newSecret {
		changes = append(changes, "another secret")
	}
	if len(changes) == 0 {
		return nil
	}
	connector, err := findConnector(ctx, a.tx, a.sub, d.Connector)
	if err != nil {
		return err
	}
	for _, err := range []error{
		host.CheckClientID(next.ClientID, connector.Manifest.Auth.ClientIDPattern), checkClientSecret(connector, d.Secret, a.b.Now()),
		refuseDuplicate(ctx, a.tx, others, next, d.Secret),
	} {
		if err != nil {
			return err
		}
	}
	a.note("~", "credential", d.Name, changes...)
	if err := a.tx.Credentials().Save(ctx, next); err != nil {
		return err
	}
	if next.ClientID != was.ClientID {
		if err := a.otherClient(ctx, next); err != nil {
			return err
		}
	}
	if newSecret {
		r := a.b.record(a.sub, host.ActApply, string(was.ID), "changes", strings.Join(changes, "; "))
		return a.tx.Credentials().Seal(ctx, was.ID, d.Secret, r)
	}
	return a.record(ctx, string(was.ID), changes)
}

// otherClient marks what was authorized with the client id before (design rule
// 8).
func (a *applying) otherClient(ctx context.Context, c host.ClientCredential) error {
	list, err := a.tx.Authorizations().List(ctx, c.Connector)
	if err != nil {
		return err
	}
	for _, auth := range list {
		if auth.Credential != c.ID || auth.State == host.RevokedState {
			continue
		}
		auth.State, auth.Reason, auth.UpdatedAt = host.NeedsReauth, "the client id was changed", a.b.Now()
		if err := a.tx.Authorizations().Save(ctx, auth); err != nil {
			return err
		}
		if err := a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActAuthorizeRefused, string(auth.ID), "reason", auth.Reason)); err != nil {
			return err
		}
	}
	return nil
}

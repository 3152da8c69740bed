package broker

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/connhost/connhost/host"
)

// An AuthorizationView is what a subject may see of one authorization.
type AuthorizationView struct {
	Authorization host.Authorization
	Owner         string // login
	Uses          []Use
}

// A Use is one place that an authorization serves.
type Use struct {
	Connection  host.Connection
	Environment host.Environment
	User        string // the login whose calls it serves; empty: everyone's
	Disabled    bool
}

// Authorizations lists those that the subject may know of, of a connector or of
// all for "": administrative roles know all, others their own.
func (b *Broker) Authorizations(ctx context.Context, sub host.Subject, connector string) ([]AuthorizationView, error) {
	return view(ctx, b, func(tx host.Tx) ([]AuthorizationView, error) {
		list, err := knownAuthorizations(ctx, tx, sub, connector)
		if err != nil {
			return nil, err
		}
		var out []AuthorizationView
		for _, a := range list {
			v, err := viewAuthorization(ctx, tx, a)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
}

func knownAuthorizations(ctx context.Context, tx host.Tx, sub host.Subject, connector string) ([]host.Authorization, error) {
	list, err := tx.Authorizations().List(ctx, connector)
	return slices.DeleteFunc(list, func(a host.Authorization) bool { return !sub.May(host.SeeAuthorizations, a.Owner) }), err
}

func viewAuthorization(ctx context.Context, tx host.Tx, a host.Authorization) (AuthorizationView, error) {
	v := AuthorizationView{Authorization: a}
	var err error
	if v.Owner, err = loginOf(ctx, tx, a.Owner); err != nil {
		return v, err
	}
	binds, err := tx.Bindings().OfAuthorization(ctx, a.ID)
	if err != nil {
		return v, err
	}
	for _, bind := range binds {
		u := Use{Environment: bind.Environment, Disabled: bind.Disabled}
		if u.Connection, err = tx.Connections().Find(ctx, bind.Connection); err != nil {
			return v, err
		}
		if u.User, err = loginOf(ctx, tx, bind.User); err != nil {
			return v, err
		}
		v.Uses = append(v.Uses, u)
	}
	return v, nil
}

// loginOf is the login of a user, the id where there is none any more, and
// empty for nobody.
func loginOf(ctx context.Context, tx host.Tx, id host.UserID) (string, error) {
	if id == "" {
		return "", nil
	}
	u, err := tx.Users().Find(ctx, id)
	if err != nil && !absent(err) {
		return "", err
	}
	return cmp.Or(u.Login, string(id)), nil
}

// pickAuthorization finds one in a list by id or account. One that the subject
// may not know of is not in the list, so it is the same NotFound.
func pickAuthorization(list []host.Authorization, named string) (host.Authorization, error) {
	var found []host.Authorization
	for _, a := range list {
		if string(a.ID) == named {
			return a, nil
		}
		if a.AccountLabel == named {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return host.Authorization{}, host.Errorf(host.NotFound, "no authorization of an account %q", named).
			WithHint("see which there are: connhost authorization list")
	}
	var ids []string
	for _, a := range found {
		ids = append(ids, string(a.ID))
	}
	return host.Authorization{}, host.Errorf(host.Conflict, "%d authorizations are of an account %q", len(found), named).
		WithHint("name one by its id: %s", join(ids))
}

// findAuthorization finds one by id or account that the subject may manage.
func findAuthorization(ctx context.Context, tx host.Tx, sub host.Subject, named string) (host.Authorization, error) {
	list, err := knownAuthorizations(ctx, tx, sub, "")
	if err != nil {
		return host.Authorization{}, err
	}
	a, err := pickAuthorization(list, named)
	if err == nil && !sub.May(host.ManageAuthorizations, a.Owner) {
		err = sub.Require(host.ManageAuthorizations)
	}
	return a, err
}

// Authorization shows one, by id or account.
func (b *Broker) Authorization(ctx context.Context, sub host.Subject, named string) (AuthorizationView, error) {
	return view(ctx, b, func(tx host.Tx) (AuthorizationView, error) {
		a, err := findAuthorization(ctx, tx, sub, named)
		if err != nil {
			return AuthorizationView{}, err
		}
		return viewAuthorization(ctx, tx, a)
	})
}

// NameAccount gives an authorization's account another name for people. It
// stays when the same account is authorized anew (design rule 14).
func (b *Broker) NameAccount(ctx context.Context, sub host.Subject, named, label string) (host.Authorization, error) {
	if err := host.CheckName(label); err != nil {
		return host.Authorization{}, err
	}
	return update(ctx, b, func(tx host.Tx) (host.Authorization, error) {
		a, err := findAuthorization(ctx, tx, sub, named)
		if err != nil {
			return a, err
		}
		return b.nameAccount(ctx, tx, sub, a, label)
	})
}

func (b *Broker) nameAccount(ctx context.Context, tx host.Tx, sub host.Subject, a host.Authorization, label string) (host.Authorization, error) {
	r := b.record(sub, host.ActAuthorizationLabel, string(a.ID), "from", a.AccountLabel, "to", label)
	a.AccountLabel, a.LabelSet = label, true
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return a, err
	}
	return a, tx.Audit().Append(ctx, r)
}

// RevokeAuthorization ends an authorization here and at the service, wherever
// it is used, or nowhere.
func (b *Broker) RevokeAuthorization(ctx context.Context, sub host.Subject, named string) (Revoked, error) {
	p, err := b.placeOf(ctx, sub, named)
	if err != nil {
		return Revoked{}, err
	}
	if p.authorization.State == host.RevokedState {
		return Revoked{}, host.Errorf(host.Conflict, "the authorization of %s is revoked already", p.authorization.AccountLabel).
			WithHint("delete it: connhost authorization delete %s", p.authorization.ID)
	}
	return b.revoke(ctx, sub, "", p)
}

// DeleteAuthorization revokes one that no connection uses, and removes it.
func (b *Broker) DeleteAuthorization(ctx context.Context, sub host.Subject, named string) (Revoked, error) {
	p, err := b.placeOf(ctx, sub, named)
	if err != nil {
		return Revoked{}, err
	}
	if len(p.others) > 0 {
		return Revoked{}, host.Errorf(host.Conflict, "the authorization of %s is used by: %s", p.authorization.AccountLabel, join(p.others)).
			WithHint("switch them to another: connhost connection switch %s --to AUTHORIZATION; or revoke it: connhost authorization revoke %s", p.others[0], p.authorization.ID)
	}
	out := Revoked{Authorization: p.authorization}
	if p.authorization.State != host.RevokedState {
		if out, err = b.revoke(ctx, sub, "", p); err != nil {
			return out, err
		}
	}
	return out, b.Store.Update(ctx, func(tx host.Tx) error { return b.deleteAuthorization(ctx, tx, sub, p.authorization.ID) })
}

// deleteAuthorization removes one that no binding points to; one that is gone
// already is nothing to tell.
func (b *Broker) deleteAuthorization(ctx context.Context, tx host.Tx, sub host.Subject, id host.AuthorizationID) error {
	err := tx.Authorizations().Delete(ctx, id)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Audit().Append(ctx, b.record(sub, host.ActAuthorizationDelete, string(id)))
}

// placeOf is an authorization by itself, as one that is to be revoked.
func (b *Broker) placeOf(ctx context.Context, sub host.Subject, named string) (place, error) {
	return view(ctx, b, func(tx host.Tx) (place, error) {
		a, err := findAuthorization(ctx, tx, sub, named)
		if err != nil {
			return place{}, err
		}
		return loosePlace(ctx, tx, a)
	})
}

// loosePlace is the place of an authorization that is looked at by itself:
// whatever it serves is "others".
func loosePlace(ctx context.Context, tx host.Tx, a host.Authorization) (p place, err error) {
	p = place{authorization: a, binding: host.Binding{Authorization: a.ID}}
	if p.connector, err = madeWith(ctx, tx, a.ConnectorHash); absent(err) {
		p.connector, err = host.Connector{ID: a.Connector}, nil
	}
	if err == nil {
		p.others, err = otherUses(ctx, tx, p.binding)
	}
	return p, err
}

// madeFor says why a connection may not use an authorization, or nothing: it
// was made for another connector, client credential, host or version.
func madeFor(ctx context.Context, tx host.Tx, a host.Authorization, c host.Connection, connector host.Connector) (string, error) {
	switch {
	case a.State == host.RevokedState:
		return "it was revoked", nil
	case a.Connector != c.Connector:
		return fmt.Sprintf("it is one of connector %q", a.Connector), nil
	case a.Credential != c.Credential:
		return "it was made with another client credential", nil
	case !sameParams(a.HostParams, c.Params):
		return "it was made for another host", nil
	}
	fit, err := fits(ctx, tx, a.ConnectorHash, connector)
	if err == nil && !fit {
		return "it was made with a version of the connector that talks to other places", nil
	}
	return "", err
}

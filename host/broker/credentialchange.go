package broker

import (
	"context"
	"fmt"
	"slices"

	"github.com/connhost/connhost/host"
)

// A CredentialView is a client credential with what uses it.
type CredentialView struct {
	Credential     host.ClientCredential
	Connector      string // its name
	Connections    []host.Connection
	Authorizations []host.Authorization // revoked ones not
}

// A CredentialChange says what to change of a client credential. What is empty
// stays as it is.
type CredentialChange struct {
	Name     string
	ClientID string
	Secret   *host.Secret // an empty one is none
	Mode     host.Mode    // Quick: the host's own for its connector
}

// CredentialChanged says what came of it.
type CredentialChanged struct {
	Credential  host.ClientCredential
	Changed     []string             // what, in words
	Reauth      []host.Authorization // that need authorizing again
	Revived     []host.Authorization // that the old secret was refused for, and that can be used again
	Connections []string             // link names of those whose mode followed
}

// otherClient is the reason of an authorization whose client id was changed: the
// service gave its tokens to another client.
const otherClient = "the client id of its client credential was changed"

// refusedClient is the reason of one whose refresh the service refused because
// of the client and not of the token.
const refusedClient = "the service refused the refresh: invalid_client" // RFC 6749 section 5.2

// stays reports whether a refresh that ends well leaves the mark of an
// authorization: it was marked while that was under way.
func stays(a host.Authorization) bool {
	return a.State == host.NeedsReauth && (a.Reason == otherPlaces || a.Reason == otherClient)
}

// findCredential finds one by name or id.
func findCredential(ctx context.Context, tx host.Tx, named string) (host.ClientCredential, error) {
	list, err := tx.Credentials().List(ctx, "")
	if err != nil {
		return host.ClientCredential{}, err
	}
	var found []host.ClientCredential
	var ids []string
	for _, c := range list {
		if string(c.ID) == named {
			return c, nil
		}
		if c.Name == named {
			found, ids = append(found, c), append(ids, fmt.Sprintf("%s (%s)", c.ID, c.Connector))
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return host.ClientCredential{}, host.Errorf(host.NotFound, "no client credential named %q", named).
			WithHint("see which there are: connhost credential list")
	}
	return host.ClientCredential{}, host.Errorf(host.Conflict, "%d client credentials are named %q", len(found), named).
		WithHint("name one by its id: %s", join(ids))
}

// Credential shows a client credential, by name or id, with what uses it.
func (b *Broker) Credential(ctx context.Context, sub host.Subject, named string) (CredentialView, error) {
	if err := sub.Require(host.ManageCredentials); err != nil {
		return CredentialView{}, err
	}
	return view(ctx, b, func(tx host.Tx) (CredentialView, error) {
		c, err := findCredential(ctx, tx, named)
		if err != nil {
			return CredentialView{}, err
		}
		return viewCredential(ctx, tx, sub, c)
	})
}

func viewCredential(ctx context.Context, tx host.Tx, sub host.Subject, c host.ClientCredential) (v CredentialView, err error) {
	v = CredentialView{Credential: c, Connector: c.Connector}
	if connector, err := findConnector(ctx, tx, sub, c.Connector); err == nil {
		v.Connector = connector.Manifest.Name
	} else if !absent(err) {
		return v, err
	}
	if v.Connections, err = connectionsOf(ctx, tx, func(o host.Connection) bool { return o.Credential == c.ID }); err != nil {
		return v, err
	}
	list, err := tx.Authorizations().List(ctx, c.Connector)
	v.Authorizations = slices.DeleteFunc(list, func(a host.Authorization) bool { return a.Credential != c.ID || a.State == host.RevokedState })
	return v, err
}

// UpdateCredential changes a client credential. Another client id marks what was
// authorized with the old one; another secret alone does not (design rule 8).
// Where the service had refused the old secret, a new one brings back what was
// marked for that: the refresh token was not looked at.
func (b *Broker) UpdateCredential(ctx context.Context, sub host.Subject, named string, ch CredentialChange) (CredentialChanged, error) {
	if err := sub.Require(host.ManageCredentials); err != nil {
		return CredentialChanged{}, err
	}
	if ch.Secret != nil {
		b.Redactor.LearnSecret(*ch.Secret)
	}
	return update(ctx, b, func(tx host.Tx) (CredentialChanged, error) {
		was, err := findCredential(ctx, tx, named)
		if err != nil {
			return CredentialChanged{}, err
		}
		connector, err := findConnector(ctx, tx, sub, was.Connector)
		if err != nil {
			return CredentialChanged{}, err
		}
		out := CredentialChanged{Credential: was}
		secret, err := tx.Credentials().Secret(ctx, was.ID)
		if err != nil {
			return out, err
		}
		newSecret := ch.Secret != nil && ch.Secret.Reveal() != secret.Reveal()
		if newSecret {
			secret = *ch.Secret
			if err := checkClientSecret(connector, secret, b.Now()); err != nil {
				return out, err
			}
			out.Changed = append(out.Changed, "client secret")
		}
		detail, err := changeCredential(connector, ch, &out)
		if err != nil || len(out.Changed) == 0 {
			return out, err
		}
		others, err := tx.Credentials().List(ctx, was.Connector)
		if err != nil {
			return out, err
		}
		others = slices.DeleteFunc(others, func(o host.ClientCredential) bool { return o.ID == was.ID })
		if err := refuseDuplicate(ctx, tx, others, out.Credential, secret); err != nil {
			return out, err
		}
		if err := tx.Credentials().Save(ctx, out.Credential); err != nil {
			return out, err
		}
		r := b.record(sub, host.ActCredentialUpdate, string(was.ID), detail...)
		if newSecret {
			r.Detail["client_secret"] = "changed"
			err = tx.Credentials().Seal(ctx, was.ID, secret, r)
		} else {
			err = tx.Audit().Append(ctx, r)
		}
		if err != nil {
			return out, err
		}
		return out, b.followCredential(ctx, tx, sub, was, newSecret, &out)
	})
}

// changeCredential changes the row and tells the record's detail.
func changeCredential(connector host.Connector, ch CredentialChange, out *CredentialChanged) ([]string, error) {
	c := &out.Credential
	var detail []string
	changed := func(what, from, to string) {
		out.Changed = append(out.Changed, fmt.Sprintf("%s: %s -> %s", what, from, to))
		detail = append(detail, what, from+" -> "+to)
	}
	if ch.Name != "" && ch.Name != c.Name {
		if err := host.CheckName(ch.Name); err != nil {
			return nil, err
		}
		changed("name", c.Name, ch.Name)
		c.Name = ch.Name
	}
	if ch.ClientID != "" && ch.ClientID != c.ClientID {
		if err := host.CheckClientID(ch.ClientID, connector.Manifest.Auth.ClientIDPattern); err != nil {
			return nil, err
		}
		changed("client id", c.ClientID, ch.ClientID)
		c.ClientID = ch.ClientID
	}
	if ch.Mode != "" && ch.Mode != modeOf(*c) {
		changed("mode", string(modeOf(*c)), string(ch.Mode))
		c.Quick = ch.Mode == host.Quick
	}
	return detail, nil
}

func modeOf(c host.ClientCredential) host.Mode {
	if c.Quick {
		return host.Quick
	}
	return host.Custom
}

// followCredential takes along what uses a client credential.
func (b *Broker) followCredential(ctx context.Context, tx host.Tx, sub host.Subject, was host.ClientCredential, newSecret bool, out *CredentialChanged) error {
	v, err := viewCredential(ctx, tx, sub, out.Credential)
	if err != nil {
		return err
	}
	if was.Quick != out.Credential.Quick {
		for _, c := range v.Connections {
			c.Mode = modeOf(out.Credential)
			if err := tx.Connections().Save(ctx, c); err != nil {
				return err
			}
			if err := tx.Audit().Append(ctx, b.record(sub, host.ActConnectionUpdate, string(c.ID), "link_name", c.LinkName, "mode", string(c.Mode))); err != nil {
				return err
			}
			out.Connections = append(out.Connections, c.LinkName)
		}
	}
	for _, a := range v.Authorizations {
		act := host.ActAuthorizationMark
		switch {
		case was.ClientID != out.Credential.ClientID && !(a.State == host.NeedsReauth && a.Reason != refusedClient):
			a.State, a.Reason = host.NeedsReauth, otherClient
			out.Reauth = append(out.Reauth, a)
		case newSecret && a.State == host.NeedsReauth && a.Reason == refusedClient:
			act, a.State, a.Reason = host.ActAuthorizationRevive, host.Connected, ""
			if !a.TokenExpires.IsZero() && !a.Renewable {
				a.State, a.Reason = host.Expiring, noRefreshToken
			}
			out.Revived = append(out.Revived, a)
		default:
			continue
		}
		a.UpdatedAt = b.Now()
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return err
		}
		if err := tx.Audit().Append(ctx, b.record(sub, act, string(a.ID), "reason", a.Reason, "credential", string(was.ID))); err != nil {
			return err
		}
	}
	return nil
}

// DeleteCredential removes a client credential that no connection uses. What was
// authorized with it and serves nothing is revoked and removed.
func (b *Broker) DeleteCredential(ctx context.Context, sub host.Subject, named string) ([]Revoked, error) {
	v, err := b.Credential(ctx, sub, named)
	if err != nil {
		return nil, err
	}
	if err := unused(v.Credential, v.Connections); err != nil {
		return nil, err
	}
	var out []Revoked
	for _, a := range v.Authorizations {
		p, err := view(ctx, b, func(tx host.Tx) (place, error) { return loosePlace(ctx, tx, a) })
		if err != nil {
			return out, err
		}
		r, err := b.revoke(ctx, sub, "", p)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	return out, b.Store.Update(ctx, func(tx host.Tx) error {
		id := v.Credential.ID
		now, err := connectionsOf(ctx, tx, func(o host.Connection) bool { return o.Credential == id })
		if err != nil {
			return err
		}
		if err := unused(v.Credential, now); err != nil {
			return err
		}
		list, err := tx.Authorizations().List(ctx, v.Credential.Connector)
		if err != nil {
			return err
		}
		for _, a := range list {
			if a.Credential == id {
				if err := b.unbind(ctx, tx, sub, a.ID); err != nil {
					return err
				}
			}
		}
		if err := tx.Credentials().Delete(ctx, id); err != nil {
			return err
		}
		if err := forget(ctx, tx, host.StopCredential, string(id)); err != nil {
			return err
		}
		return tx.Audit().Append(ctx, b.record(sub, host.ActCredentialDelete, string(id), "connector", v.Credential.Connector, "name", v.Credential.Name))
	})
}

func unused(c host.ClientCredential, users []host.Connection) error {
	if len(users) == 0 {
		return nil
	}
	return host.Errorf(host.Conflict, "the client credential %q is used by: %s", c.Name, join(links(users))).
		WithHint("give them another: connhost connection update %s --credential NAME; or delete them", users[0].LinkName)
}

// unbind removes an authorization with every binding that points to it.
func (b *Broker) unbind(ctx context.Context, tx host.Tx, sub host.Subject, id host.AuthorizationID) error {
	binds, err := tx.Bindings().OfAuthorization(ctx, id)
	if err != nil {
		return err
	}
	for _, bind := range binds {
		if err := tx.Bindings().Delete(ctx, bind.ID); err != nil {
			return err
		}
	}
	return b.deleteAuthorization(ctx, tx, sub, id)
}

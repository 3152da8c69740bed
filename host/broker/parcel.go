package broker

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
)

// A parcel takes authorizations with their secrets to another store. It is
// encrypted by who writes it.
type parcel struct {
	Format         int        `json:"connhost_authorizations"`
	Authorizations []parceled `json:"authorizations"`
}

const parcelFormat = 1

// parceled is one authorization. Bytes stand for secrets, which need not be
// UTF-8.
type parceled struct {
	Authorization host.Authorization `json:"authorization"`
	Owner         string             `json:"owner"` // the login
	ClientID      string             `json:"client_id,omitempty"`
	Params        map[string][]byte  `json:"secret_params,omitempty"`
	Access        []byte             `json:"access_token,omitempty"`
	Refresh       []byte             `json:"refresh_token,omitempty"`
	Bindings      []parceledBinding  `json:"bindings"`
}

type parceledBinding struct {
	Link        string           `json:"link_name"`
	Environment host.Environment `json:"environment"`
	User        string           `json:"user,omitempty"` // the login; empty: an admin connection
	Disabled    bool             `json:"disabled,omitempty"`
}

// A ParcelRequest says which authorizations to take along.
type ParcelRequest struct {
	Links []string // those of these connections; none: all
	Copy  bool     // leave them alive here, where nothing rotates
}

// A Parceled is an authorization that was written or read.
type Parceled struct {
	Account string
	Links   []string
}

// elsewhere is the reason of an authorization that was taken to another store.
const elsewhere = "it was moved to another store"

// ExportAuthorizations gives authorizations with their secrets to write, which
// makes them durable, and ends them here in the same transaction: a refresh
// token that is used in two stores is dead in both. What is being refreshed is
// not taken along, because its next token would be lost.
func (b *Broker) ExportAuthorizations(ctx context.Context, sub host.Subject, req ParcelRequest, write func(plain []byte) error) ([]Parceled, error) {
	if err := sub.Require(host.MoveAuthorizations); err != nil {
		return nil, err
	}
	return update(ctx, b, func(tx host.Tx) ([]Parceled, error) {
		list, err := toParcel(ctx, tx, sub, req.Links)
		if err != nil {
			return nil, err
		}
		out, done := parcel{Format: parcelFormat}, []Parceled(nil)
		for _, a := range list {
			p, links, err := b.pack(ctx, tx, a)
			if err != nil {
				return nil, err
			}
			if req.Copy {
				err = b.mayCopy(ctx, tx, a, p, links[0])
			}
			if err == nil {
				err = b.leave(ctx, tx, sub, a, req.Copy)
			}
			if err != nil {
				return nil, err
			}
			out.Authorizations = append(out.Authorizations, p)
			done = append(done, Parceled{a.AccountLabel, links})
		}
		if len(done) == 0 {
			return nil, host.Errorf(host.NotFound, "there is no living authorization to take along").
				WithHint("see which connections are connected: connhost connection list")
		}
		plain, err := json.Marshal(out)
		if err != nil {
			return nil, err
		}
		return done, write(plain)
	})
}

// toParcel lists the living authorizations of connections, each once.
func toParcel(ctx context.Context, tx host.Tx, sub host.Subject, links []string) ([]host.Authorization, error) {
	all, err := tx.Connections().List(ctx)
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if _, _, err := findConnection(ctx, tx, sub, link); err != nil {
			return nil, err
		}
	}
	var out []host.Authorization
	for _, c := range all {
		if len(links) > 0 && !slices.Contains(links, c.LinkName) {
			continue
		}
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, bind := range binds {
			if slices.ContainsFunc(out, func(a host.Authorization) bool { return a.ID == bind.Authorization }) {
				continue
			}
			a, err := tx.Authorizations().Find(ctx, bind.Authorization)
			if err != nil {
				return nil, err
			}
			if a.State == host.Connected || a.State == host.Expiring {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// pack opens an authorization. The places are all that it serves.
func (b *Broker) pack(ctx context.Context, tx host.Tx, a host.Authorization) (p parceled, links []string, err error) {
	uses, err := tx.Bindings().OfAuthorization(ctx, a.ID)
	if err != nil {
		return p, nil, err
	}
	for _, use := range uses {
		c, err := tx.Connections().Find(ctx, use.Connection)
		if err != nil {
			return p, nil, err
		}
		pb := parceledBinding{Link: c.LinkName, Environment: use.Environment, Disabled: use.Disabled}
		if use.User != "" {
			u, err := tx.Users().Find(ctx, use.User)
			if err != nil {
				return p, nil, err
			}
			pb.User = u.Login
		}
		p.Bindings = append(p.Bindings, pb)
		if !slices.Contains(links, c.LinkName) {
			links = append(links, c.LinkName)
		}
	}
	if a.Lease.Owner != "" && b.Now().Before(a.Lease.Until) || !a.Lease.Intent.IsZero() {
		return p, nil, host.Errorf(host.Conflict, "connection %q is being refreshed, and the answer is not known yet", links[0]).
			WithHint("see when it is: connhost connection show %s", links[0])
	}
	owner, err := tx.Users().Find(ctx, a.Owner)
	if err != nil {
		return p, nil, err
	}
	s, err := tx.Authorizations().Open(ctx, a.ID)
	if err != nil {
		return p, nil, err
	}
	b.Redactor.LearnSecret(s.Access, s.Refresh)
	if a.Credential != "" {
		c, err := tx.Credentials().Find(ctx, a.Credential)
		if err != nil {
			return p, nil, err
		}
		p.ClientID = c.ClientID
	}
	p.Authorization, p.Owner, p.Params = a, owner.Login, map[string][]byte{}
	p.Authorization.Lease = host.Lease{}
	for key, secret := range s.Params {
		b.Redactor.LearnSecret(secret)
		p.Params[key] = []byte(secret.Reveal())
	}
	p.Access, p.Refresh = []byte(s.Access.Reveal()), []byte(s.Refresh.Reveal())
	return p, links, nil
}

// mayCopy refuses to copy what can live in one store only.
func (b *Broker) mayCopy(ctx context.Context, tx host.Tx, a host.Authorization, p parceled, link string) error {
	if len(p.Refresh) == 0 {
		return nil
	}
	c, err := madeWith(ctx, tx, a.ConnectorHash)
	if err != nil && !absent(err) {
		return err
	}
	if err == nil && !c.Manifest.Rotates() {
		return nil
	}
	return host.Errorf(host.Refused, "the authorization of connection %q has a refresh token that rotates: a copy would kill both", link).
		WithHint("move it instead: leave --copy out")
}

// leave ends an authorization here, unless it was copied.
func (b *Broker) leave(ctx context.Context, tx host.Tx, sub host.Subject, a host.Authorization, copied bool) error {
	r := b.record(sub, host.ActAuthorizationExport, string(a.ID), "outcome", "moved")
	if copied {
		r.Detail["outcome"] = "copied"
		return tx.Audit().Append(ctx, r)
	}
	a.State, a.Reason, a.Due, a.UpdatedAt = host.RevokedState, elsewhere, host.Authorization{}.Due, b.Now()
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return err
	}
	return tx.Authorizations().Seal(ctx, a.ID, host.Secrets{}, r)
}

// ImportAuthorizations takes the authorizations of a parcel, all or none. The
// connector's file, the client id, the connection and its hosts must be those
// that each was made with.
func (b *Broker) ImportAuthorizations(ctx context.Context, sub host.Subject, plain []byte) ([]Parceled, error) {
	if err := sub.Require(host.MoveAuthorizations); err != nil {
		return nil, err
	}
	var p parcel
	if err := json.Unmarshal(plain, &p); err != nil || p.Format != parcelFormat {
		return nil, host.Errorf(host.Failed, "the file holds no authorizations of this version of connhost").Because(errors.Join(err))
	}
	return update(ctx, b, func(tx host.Tx) ([]Parceled, error) {
		var done []Parceled
		for _, one := range p.Authorizations {
			links, err := b.unpack(ctx, tx, sub, one)
			if err != nil {
				return nil, err
			}
			done = append(done, Parceled{one.Authorization.AccountLabel, links})
		}
		return done, nil
	})
}

func (b *Broker) unpack(ctx context.Context, tx host.Tx, sub host.Subject, p parceled) ([]string, error) {
	a := p.Authorization
	s := host.Secrets{Params: map[string]host.Secret{}, Access: host.NewSecret(string(p.Access)), Refresh: host.NewSecret(string(p.Refresh))}
	for key, value := range p.Params {
		s.Params[key] = host.NewSecret(string(value))
		b.Redactor.LearnSecret(s.Params[key])
	}
	b.Redactor.LearnSecret(s.Access, s.Refresh)
	if _, err := tx.Connectors().FindHash(ctx, a.ConnectorHash); err != nil {
		if absent(err) {
			err = host.Errorf(host.NotFound, "the connector %q with the sha256 %s is not installed here", a.Connector, a.ConnectorHash).
				WithHint("bring over what it needs first: connhost export there, connhost apply FILE here")
		}
		return nil, err
	}
	owner, err := tx.Users().FindLogin(ctx, p.Owner)
	if absent(err) {
		err = host.Errorf(host.NotFound, "no user named %q, who owns the authorization of %s", p.Owner, a.AccountLabel).
			WithHint("add them: connhost user add %s", p.Owner)
	}
	if err != nil {
		return nil, err
	}
	a.Owner = owner.ID
	if a.Credential != "" {
		list, err := tx.Credentials().List(ctx, a.Connector)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(c host.ClientCredential) bool { return c.ClientID == p.ClientID })
		if i < 0 {
			return nil, host.Errorf(host.NotFound, "connector %q has no client credential here with the client id %q", a.Connector, p.ClientID).
				WithHint("add it: connhost credential add %s --client-id %s", a.Connector, p.ClientID)
		}
		a.Credential = list[i].ID
	}
	if err := b.arrive(ctx, tx, sub, a, s); err != nil {
		return nil, err
	}
	var links []string
	for _, bind := range p.Bindings {
		if err := rebind(ctx, tx, a, bind); err != nil {
			return nil, err
		}
		if !slices.Contains(links, bind.Link) {
			links = append(links, bind.Link)
		}
	}
	return links, nil
}

// arrive stores an authorization under the id that it has everywhere: one that
// comes back takes its old place, and one that is alive here is not overwritten.
func (b *Broker) arrive(ctx context.Context, tx host.Tx, sub host.Subject, a host.Authorization, s host.Secrets) error {
	r := b.record(sub, host.ActAuthorizationImport, string(a.ID))
	old, err := tx.Authorizations().Find(ctx, a.ID)
	if absent(err) {
		return tx.Authorizations().Insert(ctx, a, s, r)
	}
	if err != nil {
		return err
	}
	if old.State != host.RevokedState || old.Reason != elsewhere {
		return host.Errorf(host.Conflict, "the authorization of %s is in this store already, and is not overwritten", a.AccountLabel)
	}
	a.Version, a.SecretVersion = old.Version, old.SecretVersion
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return err
	}
	return tx.Authorizations().Seal(ctx, a.ID, s, r)
}

// rebind puts an authorization into a place, by the rule of every binding: the
// same connector, client credential and hosts.
func rebind(ctx context.Context, tx host.Tx, a host.Authorization, p parceledBinding) error {
	c, err := tx.Connections().FindLink(ctx, p.Link)
	if absent(err) {
		return host.Errorf(host.NotFound, "no connection named %q, which the authorization of %s serves", p.Link, a.AccountLabel).
			WithHint("bring it over first: connhost export there, connhost apply FILE here")
	}
	if err != nil {
		return err
	}
	connector, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
	if err != nil {
		return err
	}
	fit, err := fits(ctx, tx, a.ConnectorHash, connector)
	if err != nil {
		return err
	}
	if !fit || c.Connector != a.Connector || c.Credential != a.Credential || !maps.Equal(c.Params, a.HostParams) {
		return host.Errorf(host.Conflict, "connection %q has another connector, client credential or host here than the authorization of %s was made with", p.Link, a.AccountLabel).
			WithHint("compare: connhost connection show %s", p.Link)
	}
	if (c.Access == host.UserAccess) != (p.User != "") {
		return host.Errorf(host.Conflict, "connection %q has the access %s here and had another there", p.Link, c.Access)
	}
	var user host.UserID
	if p.User != "" {
		u, err := tx.Users().FindLogin(ctx, p.User)
		if absent(err) {
			err = host.Errorf(host.NotFound, "no user named %q, who uses connection %q", p.User, p.Link).WithHint("add them: connhost user add %s", p.User)
		}
		if err != nil {
			return err
		}
		user = u.ID
	}
	old, err := tx.Bindings().Find(ctx, c.ID, p.Environment, user)
	if err != nil && !absent(err) {
		return err
	}
	if err == nil && old.Authorization != a.ID {
		other, err := tx.Authorizations().Find(ctx, old.Authorization)
		if err != nil {
			return err
		}
		if other.State != host.RevokedState {
			return host.Errorf(host.Conflict, "connection %q is authorized here already, as %s", p.Link, other.AccountLabel).
				WithHint("revoke that first: connhost connection revoke %s", p.Link)
		}
	}
	return tx.Bindings().Put(ctx, host.Binding{ID: host.NewBindingID(), Connection: c.ID, Environment: p.Environment, User: user,
		Authorization: a.ID, Disabled: p.Disabled})
}

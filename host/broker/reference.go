package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// A ScriptUse says which script uses which connections.
type ScriptUse struct {
	Script      string // the file, or a command such as "connhost invoke"
	Function    string // that is run
	Environment host.Environment
	Connections []string // by link name
}

// Used records that a script of the subject's application uses connections
// (design rule 16). Connections that are not there, or that the application may
// not use, are passed over: the call says so. It writes only what is new.
func (b *Broker) Used(ctx context.Context, sub host.Subject, use ScriptUse) error {
	sub = ofApplication(sub)
	fresh, err := view(ctx, b, func(tx host.Tx) ([]host.Reference, error) { return b.newUses(ctx, tx, sub, use) })
	if err != nil || len(fresh) == 0 {
		return err
	}
	return b.Store.Update(ctx, func(tx host.Tx) error {
		fresh, err := b.newUses(ctx, tx, sub, use)
		if err != nil {
			return err
		}
		for _, r := range fresh {
			if err := tx.References().Put(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// newUses are the references that a use changes, changed.
func (b *Broker) newUses(ctx context.Context, tx host.Tx, sub host.Subject, use ScriptUse) ([]host.Reference, error) {
	a, err := findApplication(ctx, tx, sub.Application)
	if err != nil {
		return nil, err
	}
	var out []host.Reference
	for i, link := range use.Connections {
		if slices.Contains(use.Connections[:i], link) {
			continue
		}
		c, _, err := findConnection(ctx, tx, sub, link)
		if absent(err) || host.CodeOf(err) == host.Refused {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := tx.References().Find(ctx, a.ID, c.ID)
		if absent(err) {
			r, err = host.Reference{Application: a.ID, Connection: c.ID}, nil
		}
		if err != nil {
			return nil, err
		}
		if !r.Denied && r.Note(use.Script, use.Function, use.Environment, sub.Unattended, b.Now()) {
			out = append(out, r)
		}
	}
	return out, nil
}

// An ApplicationUse is what an application does with a connection.
type ApplicationUse struct {
	Application host.Application
	Reference   host.Reference
}

// usesOf lists what applications do with a connection.
func usesOf(ctx context.Context, tx host.Tx, c host.Connection) ([]ApplicationUse, error) {
	refs, err := tx.References().OfConnection(ctx, c.ID)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	all, err := tx.Applications().List(ctx)
	if err != nil {
		return nil, err
	}
	var out []ApplicationUse
	for _, r := range refs {
		if i := slices.IndexFunc(all, func(a host.Application) bool { return a.ID == r.Application }); i >= 0 {
			out = append(out, ApplicationUse{all[i], r})
		}
	}
	return out, nil
}

// References are what uses a connection.
type References struct {
	Connection   host.Connection
	Applications []ApplicationUse // those that used it, and those that may not
	Shared       []string         // link names of connections with an authorization of it
}

// Empty reports whether nothing is known to use the connection.
func (r References) Empty() bool {
	return len(r.Shared) == 0 && !slices.ContainsFunc(r.Applications, func(u ApplicationUse) bool { return u.Reference.Used() })
}

// References tells what uses a connection, for those who manage connections.
func (b *Broker) References(ctx context.Context, sub host.Subject, link string) (References, error) {
	return view(ctx, b, func(tx host.Tx) (References, error) {
		c, _, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return References{}, err
		}
		if err := sub.Require(host.ManageConnections); err != nil {
			return References{}, err
		}
		return referencesOf(ctx, tx, c)
	})
}

// ConnectorReferences tells what uses the connections of a version of a
// connector, or of all versions for "", for those who manage connectors.
func (b *Broker) ConnectorReferences(ctx context.Context, sub host.Subject, id, version string) ([]References, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]References, error) {
		list, err := chosen(ctx, tx, sub, id, version)
		if err != nil {
			return nil, err
		}
		hashes := map[string]bool{}
		for _, c := range list {
			hashes[c.Hash] = true
		}
		users, err := connectionsOf(ctx, tx, func(c host.Connection) bool { return hashes[c.ConnectorHash] })
		if err != nil {
			return nil, err
		}
		var out []References
		for _, c := range users {
			r, err := referencesOf(ctx, tx, c)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
		return out, nil
	})
}

func referencesOf(ctx context.Context, tx host.Tx, c host.Connection) (References, error) {
	out := References{Connection: c}
	var err error
	if out.Applications, err = usesOf(ctx, tx, c); err != nil {
		return out, err
	}
	binds, err := tx.Bindings().OfConnection(ctx, c.ID)
	if err != nil {
		return out, err
	}
	for _, bind := range binds {
		others, err := otherUses(ctx, tx, bind)
		if err != nil {
			return out, err
		}
		for _, link := range others {
			if !slices.Contains(out.Shared, link) {
				out.Shared = append(out.Shared, link)
			}
		}
	}
	slices.Sort(out.Shared)
	return out, nil
}

package broker

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// ReadConnector reads a connector's file without running it: its manifest and
// its identity.
func ReadConnector(file []byte) (host.Connector, error) {
	section, err := abi.Section(file)
	if err != nil {
		return host.Connector{}, notAConnector(err)
	}
	m, err := abi.Parse(section)
	if err != nil {
		return host.Connector{}, notAConnector(err)
	}
	return host.Connector{ID: m.ID, Hash: abi.Hash(file), Manifest: m}, nil
}

// notAConnector gives the sentence of a package abi error, which names what
// is wrong and quotes no more than the manifest.
func notAConnector(err error) error {
	if e, ok := errors.AsType[*host.Error](err); ok {
		return e
	}
	return host.Errorf(host.Failed, "%v", err).WithHint("see what the file holds: connhost connector inspect FILE")
}

// Installed says what became of an installation.
type Installed struct {
	Connector host.Connector
	Existed   bool                   // the same file was installed already
	Replaced  bool                   // it replaced a draft
	Reauth    []host.AuthorizationID // marked needs_reauthorization, because it talks to other places now
}

// Install stores a connector as a draft (design rule 17). Installing a draft
// again replaces it; a published one is fixed.
func (b *Broker) Install(ctx context.Context, sub host.Subject, file []byte) (Installed, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return Installed{}, err
	}
	c, err := ReadConnector(file)
	if err != nil {
		return Installed{}, err
	}
	if err := b.Admit(file); err != nil {
		return Installed{}, notAConnector(err)
	}
	c.Stage, c.InstalledBy, c.InstalledAt = host.Draft, sub.User.ID, b.Now()
	return update(ctx, b, func(tx host.Tx) (Installed, error) {
		out := Installed{Connector: c}
		old, err := tx.Connectors().Find(ctx, c.ID)
		switch {
		case absent(err):
		case err != nil:
			return out, err
		case old.Hash == c.Hash:
			return Installed{Connector: old, Existed: true}, nil
		case old.Stage != host.Draft:
			return out, host.Errorf(host.Conflict, "connector %q is %s with another file, and a published connector is fixed", c.ID, old.Stage).
				WithHint("give the new one another id in its connector.yaml")
		default:
			out.Replaced = true
			if out.Reauth, err = b.moveAuthorizations(ctx, tx, sub, old, c); err != nil {
				return out, err
			}
		}
		if err := tx.Connectors().Put(ctx, c, file); err != nil {
			return out, err
		}
		return out, tx.Audit().Append(ctx, b.record(sub, host.ActConnectorInstall, c.ID, "hash", c.Hash, "version", c.Manifest.Version))
	})
}

// moveAuthorizations takes the authorizations of a draft over to the file that
// replaces it. Where the new one talks to other places, they stay with the old
// hash and are marked: a credential never goes where its owner did not agree
// to.
func (b *Broker) moveAuthorizations(ctx context.Context, tx host.Tx, sub host.Subject, old, next host.Connector) ([]host.AuthorizationID, error) {
	list, err := tx.Authorizations().List(ctx, next.ID)
	if err != nil {
		return nil, err
	}
	same := samePlaces(old.Manifest, next.Manifest)
	var marked []host.AuthorizationID
	for _, a := range list {
		if a.ConnectorHash != old.Hash || a.State == host.RevokedState {
			continue
		}
		if same {
			a.ConnectorHash = next.Hash
		} else {
			a.State, a.Reason = host.NeedsReauth, "the connector was replaced by one that talks to other places"
			marked = append(marked, a.ID)
		}
		a.UpdatedAt = b.Now()
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return nil, err
		}
		if same {
			continue
		}
		if err := tx.Audit().Append(ctx, b.record(sub, host.ActAuthorizeRefused, string(a.ID), "reason", a.Reason)); err != nil {
			return nil, err
		}
	}
	return marked, nil
}

// samePlaces reports whether two manifests send credentials to the same
// places in the same way.
func samePlaces(a, b abi.Manifest) bool {
	return slices.Equal(sorted(a.DeclaredHosts()), sorted(b.DeclaredHosts())) &&
		slices.Equal(places(a), places(b)) && a.BaseURL == b.BaseURL && a.Auth.Type == b.Auth.Type
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// places lists the URLs and paths of every request that carries a secret.
func places(m abi.Manifest) []string {
	var list []string
	add := func(r *abi.Request) {
		if r != nil {
			list = append(list, r.Method+" "+r.URL+" "+r.Path)
		} else {
			list = append(list, "")
		}
	}
	add(m.Auth.Authorize)
	add(m.Auth.Token)
	add(m.Test)
	add(m.Identity)
	if m.Revoke != nil {
		add(&m.Revoke.Request)
	}
	if m.Refresh != nil {
		add(&m.Refresh.Request)
	}
	return append(list, m.Auth.In, m.Auth.Name)
}

// Publish makes a draft usable by everyone and fixes it by its hash.
func (b *Broker) Publish(ctx context.Context, sub host.Subject, id string) (host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return host.Connector{}, err
	}
	return update(ctx, b, func(tx host.Tx) (host.Connector, error) {
		c, err := findConnector(ctx, tx, sub, id)
		if err != nil || c.Stage == host.Published {
			return c, err
		}
		if err := tx.Connectors().SetStage(ctx, id, host.Published); err != nil {
			return c, err
		}
		c.Stage = host.Published
		return c, tx.Audit().Append(ctx, b.record(sub, host.ActConnectorPublish, c.ID, "hash", c.Hash))
	})
}

// Connectors lists the connectors that the subject may know of.
func (b *Broker) Connectors(ctx context.Context, sub host.Subject) ([]host.Connector, error) {
	return view(ctx, b, func(tx host.Tx) ([]host.Connector, error) {
		list, err := tx.Connectors().List(ctx)
		return slices.DeleteFunc(list, func(c host.Connector) bool { return hidden(sub, c) }), err
	})
}

// Connector gives one connector.
func (b *Broker) Connector(ctx context.Context, sub host.Subject, id string) (host.Connector, error) {
	return view(ctx, b, func(tx host.Tx) (host.Connector, error) { return findConnector(ctx, tx, sub, id) })
}

// hidden reports whether the subject may not know of a connector.
func hidden(sub host.Subject, c host.Connector) bool {
	return c.Stage == host.Draft && !sub.User.Role.May(host.UseDrafts)
}

func findConnector(ctx context.Context, tx host.Tx, sub host.Subject, id string) (host.Connector, error) {
	c, err := tx.Connectors().Find(ctx, id)
	if absent(err) || err == nil && hidden(sub, c) {
		return c, host.Errorf(host.NotFound, "no connector named %q", id).WithHint("see what is installed: connhost connector list")
	}
	return c, err
}

// oauth reports whether a connector's credential is got by a flow in the
// browser with a client credential.
func oauth(c host.Connector) bool { return c.Manifest.Auth.Type == abi.AuthOAuth2 }

// hostParams gives the values of the manifest's host parameters, checked.
// All are needed, because a declared host is known when a connection is made.
func hostParams(c host.Connector, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	rest := maps.Clone(given)
	var missing []string
	for _, p := range c.Manifest.Parameters {
		if p.Kind != abi.KindHost {
			continue
		}
		v, ok := given[p.Key]
		if delete(rest, p.Key); !ok {
			v = p.Default
		}
		if v == "" {
			missing = append(missing, "--param "+p.Key+"=HOST")
			continue
		}
		if err := host.CheckHost(v); err != nil {
			return nil, err
		}
		if err := checkValue(p, v); err != nil {
			return nil, err
		}
		out[p.Key] = v
	}
	if len(missing) > 0 {
		return nil, host.Errorf(host.Usage, "connector %q needs to know its host: %s", c.ID, join(missing)).
			WithHint("connhost connector show %s tells what each one is", c.ID)
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		return nil, host.Errorf(host.Usage, "the parameter %q of connector %q is not asked for when a connection is created", key, c.ID).
			WithHint("give it to: connhost connection authorize NAME --param %s=VALUE", key)
	}
	return out, nil
}

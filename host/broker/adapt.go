package broker

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// adapt holds a connection against the version that is to serve it. What was
// chosen for the connection is kept; what the version needs beyond that has to
// be chosen by a person, with a new connection.
func adapt(ctx context.Context, tx host.Tx, c *host.Connection, to host.Connector) error {
	cannot := func(why string, args ...any) error {
		return host.Errorf(host.Conflict, "connection %q cannot move to version %s of connector %q: %s", c.LinkName, to.Version(), to.ID, fmt.Sprintf(why, args...)).
			WithHint("create a new connection for it: connhost connection create %s --version %s", to.ID, to.Version())
	}
	from, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
	if err != nil {
		return err
	}
	// A client credential belongs to one of the flows.
	if (from.Manifest.NeedsClient() || to.Manifest.NeedsClient()) && from.Manifest.Auth.Type != to.Manifest.Auth.Type {
		return cannot("it is authorized by %s, and not by %s", to.Manifest.Auth.Type, from.Manifest.Auth.Type)
	}
	if c.Credential != "" {
		client, err := tx.Credentials().Find(ctx, c.Credential)
		if err != nil {
			return err
		}
		if host.CheckClientID(client.ClientID, to.Manifest.Auth.ClientIDPattern) != nil {
			return cannot("it takes client ids of another form than that of %q", client.Name)
		}
	}
	if err := adaptParams(c, to); err != nil {
		return cannot("%s", sentence(err))
	}
	if err := adaptScopes(c, from, to); err != nil {
		return cannot("%s", sentence(err))
	}
	return nil
}

// adaptParams checks the hosts of a connection. One that the version does not
// ask for is kept all the same: a rollback needs it again.
func adaptParams(c *host.Connection, to host.Connector) error {
	known, kept := map[string]string{}, map[string]string{}
	for key, v := range c.Params {
		switch p, declared := to.Manifest.Parameter(key); {
		case !declared:
			kept[key] = v
		case p.Kind == abi.KindHost:
			known[key] = v
		}
	}
	params, err := hostParams(to, known)
	if err != nil {
		return err
	}
	maps.Copy(kept, params)
	c.Params = kept
	return nil
}

// adaptScopes checks the scopes that a person chose. Those that only the
// version before required go with it.
func adaptScopes(c *host.Connection, from, to host.Connector) error {
	if c.ScopeChoice != host.SpecificScopes {
		return nil
	}
	named := func(m abi.Manifest, name string, required bool) bool {
		return slices.ContainsFunc(m.Scopes, func(s abi.Scope) bool { return s.Name == name && (s.Required || !required) })
	}
	c.Scopes = slices.DeleteFunc(slices.Clone(c.Scopes), func(name string) bool {
		return named(from.Manifest, name, true) && !named(to.Manifest, name, false)
	})
	return setScopes(c, to, c.Scopes)
}

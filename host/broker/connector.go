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

// Connectors lists the current versions of the connectors that the subject may
// know of.
func (b *Broker) Connectors(ctx context.Context, sub host.Subject) ([]host.Connector, error) {
	list, err := b.Versions(ctx, sub, "")
	return slices.DeleteFunc(list, func(c host.Connector) bool { return !c.Current }), err
}

// Versions lists the versions of a connector that the subject may know of, or
// of all for "", in the order of their installation.
func (b *Broker) Versions(ctx context.Context, sub host.Subject, id string) ([]host.Connector, error) {
	return view(ctx, b, func(tx host.Tx) ([]host.Connector, error) {
		list, err := tx.Connectors().List(ctx, id)
		return slices.DeleteFunc(list, func(c host.Connector) bool { return hidden(sub, c) }), err
	})
}

// Heads lists every version of every connector, with no more of the manifests
// than a list shows.
func (b *Broker) Heads(ctx context.Context, sub host.Subject) ([]host.Connector, error) {
	return view(ctx, b, func(tx host.Tx) ([]host.Connector, error) {
		list, err := tx.Connectors().Heads(ctx)
		return slices.DeleteFunc(list, func(c host.Connector) bool { return hidden(sub, c) }), err
	})
}

// Installation lists every installed version, for a lock file: what is built in
// needs no installing.
func (b *Broker) Installation(ctx context.Context, sub host.Subject) ([]host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	list, err := b.Versions(ctx, sub, "")
	return slices.DeleteFunc(list, func(c host.Connector) bool { return c.BuiltIn }), err
}

// Connector gives a version of a connector, the current one for "".
func (b *Broker) Connector(ctx context.Context, sub host.Subject, id, version string) (host.Connector, error) {
	return view(ctx, b, func(tx host.Tx) (host.Connector, error) { return findVersion(ctx, tx, sub, id, version) })
}

// hidden reports whether the subject may not know of a connector.
func hidden(sub host.Subject, c host.Connector) bool {
	return c.Stage == host.Draft && !sub.User.Role.May(host.UseDrafts)
}

// findConnector gives the current version of a connector.
func findConnector(ctx context.Context, tx host.Tx, sub host.Subject, id string) (host.Connector, error) {
	c, err := tx.Connectors().Find(ctx, id)
	if absent(err) || err == nil && hidden(sub, c) {
		return c, unknownConnector(id)
	}
	return c, err
}

func unknownConnector(id string) error {
	return host.Errorf(host.NotFound, "no connector named %q", id).WithHint("see which there are: connhost connector list")
}

// findVersion gives a version of a connector, the current one for "".
func findVersion(ctx context.Context, tx host.Tx, sub host.Subject, id, version string) (host.Connector, error) {
	if version == "" {
		return findConnector(ctx, tx, sub, id)
	}
	list, err := tx.Connectors().List(ctx, id)
	if err != nil {
		return host.Connector{}, err
	}
	list = slices.DeleteFunc(list, func(c host.Connector) bool { return hidden(sub, c) })
	if len(list) == 0 {
		return host.Connector{}, unknownConnector(id)
	}
	i := slices.IndexFunc(list, func(c host.Connector) bool { return c.Version() == version })
	if i < 0 {
		return host.Connector{}, host.Errorf(host.NotFound, "connector %q has no version %q", id, version).WithHint("its versions: %s", join(versionsOf(list)))
	}
	return list[i], nil
}

func versionsOf(list []host.Connector) []string {
	var versions []string
	for _, c := range list {
		versions = append(versions, c.Version())
	}
	return versions
}

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
			WithHint("connhost connector show %s tells what each one is", c.Typed())
	}
	for _, key := range slices.Sorted(maps.Keys(rest)) {
		return nil, notAtCreation(c, key)
	}
	return out, nil
}

// notAtCreation is the error of a parameter that was given too early, or that
// there is none of.
func notAtCreation(c host.Connector, key string) error {
	fields := c.Manifest.Fields()
	i := slices.IndexFunc(fields, func(p abi.Parameter) bool { return p.Key == key })
	if i < 0 {
		return host.Errorf(host.Usage, "connector %q asks for no parameter %q", c.ID, key).
			WithHint("connhost connector show %s lists its parameters", c.Typed())
	}
	e := host.Errorf(host.Usage, "the parameter %q of connector %q is not asked for when a connection is created", key, c.ID)
	if fields[i].Secret {
		return e.WithHint("give it to: connhost connection authorize NAME --secret-stdin %s", key)
	}
	return e.WithHint("give it to: connhost connection authorize NAME --param %s=VALUE", key)
}

package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// Published says what became of a publication.
type Published struct {
	Connector host.Connector
	Behind    []string // link names of connections that stay on other versions
}

// Publish makes a version usable by everyone and fixes it by its hash (design
// rule 17). Without a version it is the draft, or else the current one, which
// was disabled. It becomes the current version where it was a draft, and where
// the current one is disabled; connections stay where they are.
func (b *Broker) Publish(ctx context.Context, sub host.Subject, id, version string) (Published, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return Published{}, err
	}
	return b.publishFile(ctx, sub, id, version, "")
}

// PublishFile is Publish where the version must be the file of a hash: a draft
// may have been replaced since somebody looked at it.
func (b *Broker) PublishFile(ctx context.Context, sub host.Subject, id, version, hash string) (Published, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return Published{}, err
	}
	return b.publishFile(ctx, sub, id, version, hash)
}

func (b *Broker) publishFile(ctx context.Context, sub host.Subject, id, version, hash string) (Published, error) {
	return update(ctx, b, func(tx host.Tx) (Published, error) {
		c, err := toPublish(ctx, tx, sub, id, version)
		if err != nil {
			return Published{}, err
		}
		if hash != "" && c.Hash != hash {
			return Published{}, host.Errorf(host.Conflict, "version %s of connector %q is another file than the one meant: its sha256 is %s", c.Version(), id, c.Hash).
				WithHint("look at it again: connhost connector show %s --version %s", id, c.Version())
		}
		if c.Stage != host.Published {
			if c, err = b.publish(ctx, tx, sub, c); err != nil {
				return Published{}, err
			}
		}
		behind, err := connectionsOf(ctx, tx, func(o host.Connection) bool { return o.Connector == id && o.ConnectorHash != c.Hash })
		return Published{Connector: c, Behind: links(behind)}, err
	})
}

func toPublish(ctx context.Context, tx host.Tx, sub host.Subject, id, version string) (host.Connector, error) {
	if version != "" {
		return findVersion(ctx, tx, sub, id, version)
	}
	list, err := tx.Connectors().List(ctx, id)
	if err != nil {
		return host.Connector{}, err
	}
	if i := slices.IndexFunc(list, func(c host.Connector) bool { return c.Stage == host.Draft }); i >= 0 {
		return list[i], nil
	}
	return findConnector(ctx, tx, sub, id)
}

func (b *Broker) publish(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connector) (host.Connector, error) {
	if err := b.checkSigner(c); err != nil {
		return c, err
	}
	was := c.Stage
	current, err := tx.Connectors().Find(ctx, c.ID)
	if err != nil {
		return c, err
	}
	if err := tx.Connectors().SetStage(ctx, c.Hash, host.Published); err != nil {
		return c, err
	}
	c.Stage = host.Published
	if !c.Current && (was == host.Draft || current.Stage == host.DisabledConnector) {
		if err := tx.Connectors().SetCurrent(ctx, c.Hash); err != nil {
			return c, err
		}
		c.Current = true
	}
	return c, tx.Audit().Append(ctx, b.record(sub, host.ActConnectorPublish, c.ID, "hash", c.Hash, "version", c.Version(), "before", string(was)))
}

// checkSigner refuses to publish a draft that could not be installed today: it
// may have come before the trusted keys, or by one that is trusted no more.
func (b *Broker) checkSigner(c host.Connector) error {
	if c.Stage != host.Draft || len(b.TrustedKeys) == 0 {
		return nil
	}
	for _, key := range b.TrustedKeys {
		if key.ID() == c.SignerKey {
			return nil
		}
	}
	return host.Errorf(host.Refused, "the draft of connector %q is not signed by a key that is trusted now", c.ID).
		WithHint("remove it and install the signed file: connhost connector remove %s --version %s", c.ID, c.Version())
}

// Disable stops a version of a connector, or all of them for "": it takes no
// new connections and calls through it are refused, until it is published
// again. It gives the versions that were not disabled before.
func (b *Broker) Disable(ctx context.Context, sub host.Subject, id, version string) ([]host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	return update(ctx, b, func(tx host.Tx) ([]host.Connector, error) {
		list, err := chosen(ctx, tx, sub, id, version)
		if err != nil {
			return nil, err
		}
		list = slices.DeleteFunc(list, func(c host.Connector) bool { return c.Stage == host.DisabledConnector })
		for i, c := range list {
			if err := tx.Connectors().SetStage(ctx, c.Hash, host.DisabledConnector); err != nil {
				return nil, err
			}
			list[i].Stage = host.DisabledConnector
			r := b.record(sub, host.ActConnectorDisable, c.ID, "hash", c.Hash, "version", c.Version(), "before", string(c.Stage))
			if err := tx.Audit().Append(ctx, r); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
}

// chosen gives one version of a connector, or all of them for "".
func chosen(ctx context.Context, tx host.Tx, sub host.Subject, id, version string) ([]host.Connector, error) {
	if version != "" {
		c, err := findVersion(ctx, tx, sub, id, version)
		return []host.Connector{c}, err
	}
	list, err := tx.Connectors().List(ctx, id)
	if err == nil && len(list) == 0 {
		err = unknownConnector(id)
	}
	return list, err
}

// disabled is the refusal of a disabled version.
func disabled(c host.Connector, what string) *host.Error {
	return host.Errorf(host.Refused, "version %s of connector %q is disabled%s", c.Version(), c.ID, what).
		WithHint("an administrator enables it again: connhost connector publish %s --version %s", c.ID, c.Version())
}

// connectionsOf lists the connections for which a test holds.
func connectionsOf(ctx context.Context, tx host.Tx, holds func(host.Connection) bool) ([]host.Connection, error) {
	all, err := tx.Connections().List(ctx)
	return slices.DeleteFunc(all, func(c host.Connection) bool { return !holds(c) }), err
}

func links(list []host.Connection) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.LinkName)
	}
	return names
}

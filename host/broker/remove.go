package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// Removable gives what Remove would take away, or why it would not.
func (b *Broker) Removable(ctx context.Context, sub host.Subject, id, version string) ([]host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]host.Connector, error) { return removable(ctx, tx, sub, id, version) })
}

// Remove takes a version of a connector away with its file and its compiled
// code, or all versions for "". It is refused while a connection uses one of
// them. Client credentials of the connector stay.
func (b *Broker) Remove(ctx context.Context, sub host.Subject, id, version string) ([]host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	var files [][]byte
	removed, err := update(ctx, b, func(tx host.Tx) ([]host.Connector, error) {
		files = nil
		list, err := removable(ctx, tx, sub, id, version)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			file, err := tx.Connectors().File(ctx, c.Hash)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
			if err := b.remove(ctx, tx, sub, c); err != nil {
				return nil, err
			}
		}
		return list, nil
	})
	if err == nil && b.Forget != nil {
		for _, file := range files {
			b.Forget(file)
		}
	}
	return removed, err
}

// removable refuses to remove what is used, and the current version while
// others are there: somebody has to say which is the next.
func removable(ctx context.Context, tx host.Tx, sub host.Subject, id, version string) ([]host.Connector, error) {
	list, err := chosen(ctx, tx, sub, id, version)
	if err != nil {
		return nil, err
	}
	hashes := map[string]bool{}
	for _, c := range list {
		if c.BuiltIn {
			return nil, host.Errorf(host.Refused, "connector %q is built in and cannot be removed", id).
				WithHint("nobody uses it any more after: connhost connector disable %s", id)
		}
		hashes[c.Hash] = true
	}
	users, err := connectionsOf(ctx, tx, func(c host.Connection) bool { return hashes[c.ConnectorHash] })
	if err != nil {
		return nil, err
	}
	if len(users) > 0 {
		return nil, host.Errorf(host.Conflict, "connector %q %s is used by: %s", id, join(versionsOf(list)), join(links(users))).
			WithHint("move them: connhost connector move %s --to VERSION, or delete them: connhost connection delete %s", id, users[0].LinkName)
	}
	all, err := tx.Connectors().List(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(list) < len(all) && slices.ContainsFunc(list, func(c host.Connector) bool { return c.Current }) {
		return nil, host.Errorf(host.Conflict, "version %s of connector %q is the current one, and there are others", list[0].Version(), id).
			WithHint("make another the current one: connhost connector rollback %s --to VERSION", id)
	}
	return list, nil
}

// remove deletes one version. An authorization that was made with it, or moved
// to it, and now serves a connection of another version goes to that one.
func (b *Broker) remove(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connector) error {
	list, err := tx.Authorizations().List(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.ConnectorHash != c.Hash {
			continue
		}
		version, fit, err := fittingUse(ctx, tx, a)
		if err != nil {
			return err
		}
		if !fit {
			continue // its file stays, to know what it was made with
		}
		a.ConnectorHash, a.Due, a.UpdatedAt = version.Hash, a.NextDue(version.Manifest), b.Now()
		if err := tx.Authorizations().Save(ctx, a); err != nil {
			return err
		}
	}
	if err := tx.Connectors().Delete(ctx, c.Hash); err != nil {
		return err
	}
	return tx.Audit().Append(ctx, b.record(sub, host.ActConnectorRemove, c.ID, "hash", c.Hash, "version", c.Version()))
}

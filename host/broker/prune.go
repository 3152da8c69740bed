package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// surplus lists what is there and not named: connections, connectors of which no
// version is named and no other connection is left, and applications but for the
// default one. Users and client credentials are never deleted by a file.
func (a *applying) surplus(ctx context.Context, d Desired) error {
	all, err := a.tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, c := range all {
		if slices.ContainsFunc(d.Connections, func(w DesiredConnection) bool { return w.LinkName == c.LinkName }) {
			used[c.Connector] = true
			continue
		}
		a.note("-", "connection", c.LinkName)
		a.connections = append(a.connections, c.LinkName)
	}
	versions, err := a.tx.Connectors().List(ctx, "")
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, c := range versions {
		if c.BuiltIn || slices.ContainsFunc(d.Connectors, func(w DesiredConnector) bool { return w.Hash == c.Hash }) {
			named[c.ID] = true
		}
	}
	for _, c := range versions {
		if !named[c.ID] && !used[c.ID] && !slices.Contains(a.connectors, c.ID) {
			a.note("-", "connector", c.ID)
			a.connectors = append(a.connectors, c.ID)
		}
	}
	applications, err := a.tx.Applications().List(ctx)
	for _, app := range applications {
		named := slices.ContainsFunc(d.Applications, func(w DesiredApplication) bool { return w.Application == app.Name })
		if !named && app.ID != host.DefaultApplicationID {
			a.note("-", "application", app.Name)
			a.applications = append(a.applications, app.Name)
		}
	}
	return err
}

// prune deletes what is surplus, by the usual acts.
func (b *Broker) prune(ctx context.Context, sub host.Subject, a *applying) error {
	for _, link := range a.connections {
		if _, err := b.Delete(ctx, sub, link); err != nil {
			return err
		}
	}
	for _, id := range a.connectors {
		if _, err := b.Remove(ctx, sub, id, ""); err != nil {
			return err
		}
	}
	for _, name := range a.applications {
		if err := b.DeleteApplication(ctx, sub, name); err != nil {
			return err
		}
	}
	return nil
}

package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
)

// An Inventory is what a store holds, without secrets.
type Inventory struct {
	Users        []host.User
	Connectors   []host.Connector
	Credentials  []host.ClientCredential
	Public       map[host.CredentialID]bool // those without a secret
	Connections  []host.Connection
	Applications []ApplicationAccess
}

// An ApplicationAccess is an application with the link names of the connections
// that it may not use (design rule 16).
type ApplicationAccess struct {
	Application string
	Denied      []string
}

// Inventory gives everything that Apply can make.
func (b *Broker) Inventory(ctx context.Context, sub host.Subject) (Inventory, error) {
	for _, right := range []host.Right{host.ManageConnections, host.ManageConnectors, host.ManageCredentials, host.ManageApplications, host.SeeUsers} {
		if err := sub.Require(right); err != nil {
			return Inventory{}, err
		}
	}
	return view(ctx, b, func(tx host.Tx) (inv Inventory, err error) {
		inv.Public = map[host.CredentialID]bool{}
		if inv.Users, err = tx.Users().List(ctx); err != nil {
			return inv, err
		}
		if inv.Connectors, err = tx.Connectors().List(ctx, ""); err != nil {
			return inv, err
		}
		inv.Connectors = slices.DeleteFunc(inv.Connectors, func(c host.Connector) bool { return c.BuiltIn })
		if inv.Credentials, err = tx.Credentials().List(ctx, ""); err != nil {
			return inv, err
		}
		for _, c := range inv.Credentials {
			secret, err := tx.Credentials().Secret(ctx, c.ID)
			if err != nil {
				return inv, err
			}
			inv.Public[c.ID] = secret.Empty()
		}
		if inv.Connections, err = tx.Connections().List(ctx); err != nil {
			return inv, err
		}
		list, err := tx.Applications().List(ctx)
		for _, a := range list {
			denied, err := deniedBy(ctx, tx, a)
			if err != nil {
				return inv, err
			}
			inv.Applications = append(inv.Applications, ApplicationAccess{a.Name, denied})
		}
		return inv, err
	})
}

package broker

import (
	"context"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A CreateRequest says what connection to make. Only Connector is needed.
type CreateRequest struct {
	Connector    string
	Version      string // of the connector; its current one unless given
	Name         string // "<service> Connection", then with 1, 2, ... unless given
	LinkName     string // derived from the name unless given
	Access       host.Access
	Mode         host.Mode
	Credential   string            // name or id of a client credential
	Scopes       []string          // none: all
	Params       map[string]string // of kind host
	DataCentre   string            // of the manifest's; the first within the residency, or the first, unless given
	Environments []host.Environment
}

// Create makes a connection (design rules 1 to 11). It is authorized later.
func (b *Broker) Create(ctx context.Context, sub host.Subject, req CreateRequest) (host.Connection, error) {
	var none host.Connection
	c := host.Connection{
		ID: host.NewConnectionID(), Connector: req.Connector, Name: req.Name, LinkName: req.LinkName, Access: req.Access,
		ScopeChoice: host.AllScopes, Environments: req.Environments, CreatedBy: sub.User.ID, CreatedAt: b.Now(),
	}
	if c.Access == "" {
		c.Access = host.AdminAccess
	}
	if c.Access != host.AdminAccess && c.Access != host.UserAccess {
		return none, host.Errorf(host.Usage, "no access named %q", c.Access).WithHint("use admin or user")
	}
	return update(ctx, b, func(tx host.Tx) (host.Connection, error) {
		connector, err := findVersion(ctx, tx, sub, req.Connector, req.Version)
		if err != nil {
			return none, err
		}
		if err := sub.Require(host.ManageConnections); err != nil {
			return none, err
		}
		if connector.Stage == host.DisabledConnector {
			return none, disabled(connector, " and takes no new connections")
		}
		c.ConnectorHash = connector.Hash
		params, err := b.setCentre(&c, connector, req.DataCentre, req.Params)
		if err != nil {
			return none, err
		}
		if c.Params, err = hostParams(connector, params); err != nil {
			return none, err
		}
		if err := setScopes(&c, connector, req.Scopes); err != nil {
			return none, err
		}
		if connector.Manifest.NeedsClient() {
			if c.Mode, c.Credential, err = chooseCredential(ctx, tx, connector, req.Mode, req.Credential, "connhost connection create "+connector.ID+" --credential"); err != nil {
				return none, err
			}
		} else if req.Mode != "" || req.Credential != "" {
			return none, host.Errorf(host.Usage, "connector %q is authorized by %s and has no client credential", connector.ID, connector.Manifest.Auth.Type).
				WithHint("leave --mode and --credential out: connhost connection create %s", connector.ID)
		}
		if err := nameIt(ctx, tx, &c, connector); err != nil {
			return none, err
		}
		if err := tx.Connections().Insert(ctx, c); err != nil {
			return none, err
		}
		detail := append([]string{"link_name", c.LinkName, "connector", c.Connector, "hash", c.ConnectorHash}, b.crossing(c, connector)...)
		return c, tx.Audit().Append(ctx, b.record(sub, host.ActConnectionCreate, string(c.ID), detail...))
	})
}

// scopesHint names the scopes that there are.
func scopesHint(connector string, known []string) string {
	if len(known) == 0 {
		return "it declares none: connhost connection create " + connector
	}
	return "its scopes: " + join(known)
}

// setScopes checks the wanted scopes against the connector's (design rule 10).
// None and "all" alone leave the choice of all.
func setScopes(c *host.Connection, connector host.Connector, wanted []string) error {
	declared := slices.ContainsFunc(connector.Manifest.Scopes, func(s abi.Scope) bool { return s.Name == "all" })
	switch all := !declared && slices.Contains(wanted, "all"); {
	case len(wanted) == 0 || all && len(wanted) == 1:
		return nil
	case all:
		return host.Errorf(host.Usage, "all scopes are asked for, and no single ones beside them").WithHint("leave out all, or the others")
	}
	c.ScopeChoice = host.SpecificScopes
	var known []string
	for _, s := range connector.Manifest.Scopes {
		known = append(known, s.Name)
		if s.Required && !slices.Contains(wanted, s.Name) {
			wanted = append(wanted, s.Name)
		}
	}
	for _, w := range wanted {
		if !slices.Contains(known, w) {
			return host.Errorf(host.Usage, "connector %q has no scope %q", connector.ID, w).WithHint("%s", scopesHint(connector.ID, known))
		}
	}
	c.Scopes = wanted
	return nil
}

// nameIt fills and checks name and link name. Both are unique.
func nameIt(ctx context.Context, tx host.Tx, c *host.Connection, connector host.Connector) error {
	all, err := tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	names, links := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		names[o.Name], links[o.LinkName] = true, true
	}
	derived := c.Name == ""
	for n := 0; derived && (c.Name == "" || names[c.Name]); n++ {
		c.Name = host.DefaultName(connector.Manifest.Name, n)
	}
	if err := host.CheckName(c.Name); err != nil {
		return err
	}
	if names[c.Name] {
		return host.Errorf(host.Conflict, "a connection named %q exists", c.Name).WithHint("choose another --name")
	}
	if c.LinkName == "" {
		c.LinkName = freeLink(host.LinkName(c.Name), links)
	}
	if err := host.CheckLinkName(c.LinkName); err != nil {
		return err
	}
	if links[c.LinkName] {
		return host.Errorf(host.Conflict, "a connection with the link name %q exists", c.LinkName).WithHint("choose another --link-name")
	}
	return nil
}

// freeLink is the link name itself, or with the next free number.
func freeLink(link string, taken map[string]bool) string {
	for n := 1; ; n++ {
		try := link
		if n > 1 {
			tail := "_" + itoa(n)
			try = strings.TrimRight(link[:min(len(link), 50-len(tail))], "_") + tail
		}
		if !taken[try] {
			return try
		}
	}
}

// findConnection gives a connection that the subject may know of with the
// version of its connector that it is pinned to; anything else is the same
// NotFound.
func findConnection(ctx context.Context, tx host.Tx, sub host.Subject, link string) (host.Connection, host.Connector, error) {
	c, err := tx.Connections().FindLink(ctx, link)
	if err != nil && !absent(err) {
		return c, host.Connector{}, err
	}
	if err == nil {
		connector, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
		if err != nil && !absent(err) {
			return c, connector, err
		}
		if err == nil && sub.Unattended && hidden(sub, connector) {
			return c, connector, host.Errorf(host.Refused, "connection %q is made with a draft connector, which only administrators use, and nobody acts in this run", link).
				WithHint("connhost connector publish %s", connector.ID)
		}
		may := false
		if err == nil && !hidden(sub, connector) {
			if may, err = mayName(ctx, tx, sub, c); err != nil {
				return c, connector, err
			}
		}
		if may {
			return c, connector, nil
		}
	}
	return c, host.Connector{}, host.Errorf(host.NotFound, "no connection named %q", link).WithHint("see which there are: connhost connection list")
}

// Delete removes a connection. Authorizations that serve nothing else are
// revoked at the service, where it has that, and removed too.
func (b *Broker) Delete(ctx context.Context, sub host.Subject, link string) ([]Revoked, error) {
	c, places, err := b.placesOf(ctx, sub, link)
	if err != nil {
		return nil, err
	}
	if err := sub.Require(host.ManageConnections); err != nil {
		return nil, err
	}
	var out []Revoked
	for _, p := range once(places) {
		if len(p.others) > 0 || p.authorization.State == host.RevokedState {
			continue
		}
		r, err := b.revoke(ctx, sub, c.LinkName, p)
		if err != nil {
			return out, err
		}
		out = append(out, r)
	}
	_, err = update(ctx, b, func(tx host.Tx) (struct{}, error) {
		if err := tx.Connections().Delete(ctx, c.ID); err != nil {
			return struct{}{}, err
		}
		if err := forget(ctx, tx, host.StopConnection, string(c.ID)); err != nil {
			return struct{}{}, err
		}
		for _, p := range places {
			if len(p.others) > 0 {
				continue
			}
			if err := b.deleteAuthorization(ctx, tx, sub, p.authorization.ID); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, tx.Audit().Append(ctx, b.record(sub, host.ActConnectionDelete, string(c.ID), "link_name", c.LinkName))
	})
	return out, err
}

// once leaves every authorization of a list of places in it one time.
func once(places []place) []place {
	seen := map[host.AuthorizationID]bool{}
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool {
		was := seen[p.authorization.ID]
		seen[p.authorization.ID] = true
		return was
	})
}

// A PlaceUse is one place of a connection and what else its authorization serves.
type PlaceUse struct {
	Environment host.Environment
	User        string // the login whose calls it serves; empty: everyone's
	Account     string
	Revoked     bool
	Others      []string // link names of other connections
}

// Uses tells what a connection holds, of all users: what is to be known before
// it is deleted.
func (b *Broker) Uses(ctx context.Context, sub host.Subject, link string) ([]PlaceUse, error) {
	_, places, err := b.placesOf(ctx, sub, link)
	if err != nil {
		return nil, err
	}
	if err := sub.Require(host.ManageConnections); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]PlaceUse, error) {
		var out []PlaceUse
		for _, p := range places {
			u := PlaceUse{Environment: p.binding.Environment, Account: p.authorization.AccountLabel, Revoked: p.authorization.State == host.RevokedState, Others: p.others}
			var err error
			if u.User, err = loginOf(ctx, tx, p.binding.User); err != nil {
				return nil, err
			}
			out = append(out, u)
		}
		return out, nil
	})
}

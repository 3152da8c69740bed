package broker

import (
	"context"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// holder is the user under whose id the binding of a call stands. Nobody acts
// in an unattended run: over a user connection it uses the authorization of the
// primary account, and is refused without one (design rule 6).
func (r *route) holder(ctx context.Context, tx host.Tx) (host.UserID, error) {
	c := r.connection
	if !r.sub.Unattended || c.Access == host.AdminAccess || r.connector.Manifest.Auth.Type == abi.AuthNone {
		return c.Holder(r.sub.User.ID), nil
	}
	none := host.Errorf(host.Refused, "connection %q is authorized by each user, and an unattended run needs its primary account, which it has none of", c.LinkName).
		WithHint("choose whose authorization unattended runs use: connhost connection primary %s LOGIN", c.LinkName)
	if c.Primary == "" {
		return "", none
	}
	u, err := tx.Users().Find(ctx, c.Primary)
	if absent(err) {
		err = none
	}
	r.primary = u.Login
	return u.ID, err
}

// SetPrimary chooses the user whose authorization unattended runs over a user
// connection use, or nobody for "". The place is where that authorization
// stands, or does not yet, in the environment.
func (b *Broker) SetPrimary(ctx context.Context, sub host.Subject, env host.Environment, link, login string) (host.Status, error) {
	return update(ctx, b, func(tx host.Tx) (host.Status, error) {
		c, connector, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return "", err
		}
		if err := sub.Require(host.ManageConnections); err != nil {
			return "", err
		}
		if c.Access != host.UserAccess {
			return "", host.Errorf(host.Usage, "connection %q has one authorization for all, which unattended runs use too: it needs no primary account", link).
				WithHint("see it: connhost connection show %s", link)
		}
		var u host.User
		if login != "" {
			if u, err = tx.Users().FindLogin(ctx, login); absent(err) {
				err = host.Errorf(host.NotFound, "no user named %q", login).WithHint("see who there is: connhost user list")
			}
			if err != nil {
				return "", err
			}
		}
		if c.Primary != u.ID {
			c.Primary = u.ID
			if err := tx.Connections().Save(ctx, c); err != nil {
				return "", err
			}
			r := b.record(sub, host.ActConnectionPrimary, string(c.ID), "link_name", c.LinkName, "primary", login)
			if err := tx.Audit().Append(ctx, r); err != nil || login == "" {
				return "", err
			}
		}
		stops, err := tx.Stops().List(ctx)
		if err != nil {
			return "", err
		}
		v, err := b.viewOf(ctx, tx, host.Subject{User: u}, c, connector, stops)
		return v.Status(env), err
	})
}

// primaryOf is the login of a connection's primary account.
func primaryOf(ctx context.Context, tx host.Tx, c host.Connection) (string, error) {
	if c.Primary == "" {
		return "", nil
	}
	u, err := tx.Users().Find(ctx, c.Primary)
	if absent(err) {
		err = nil
	}
	return u.Login, err
}

package broker

import (
	"context"

	"github.com/connhost/connhost/host"
)

// ofApplication is the subject of a call: one that names no application counts
// as a script of the default one (design rule 4).
func ofApplication(sub host.Subject) host.Subject {
	if sub.Application == "" {
		sub.Application = host.DefaultApplication
	}
	return sub
}

// findApplication gives an application by its name.
func findApplication(ctx context.Context, tx host.Tx, name string) (host.Application, error) {
	a, err := tx.Applications().FindName(ctx, name)
	if absent(err) {
		err = host.Errorf(host.NotFound, "no application named %q", name).WithHint("see which there are: connhost application list")
	}
	return a, err
}

// admitted refuses the scripts of an application whose access to the connection
// is switched off (design rule 16). A subject without one manages the
// connection and calls nothing of its own.
func admitted(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection) error {
	if sub.Application == "" {
		return nil
	}
	a, err := findApplication(ctx, tx, sub.Application)
	if err != nil {
		return err
	}
	r, err := tx.References().Find(ctx, a.ID, c.ID)
	if absent(err) || err == nil && !r.Denied {
		return nil
	}
	if err != nil {
		return err
	}
	return deniedError(sub, a.Name, c.LinkName)
}

func deniedError(sub host.Subject, application, link string) error {
	hint := "connhost application allow " + application + " " + link
	if !sub.Unattended && !sub.User.Role.May(host.ManageApplications) {
		hint = "ask an administrator for: " + hint
	} else {
		hint = "switch it on: " + hint
	}
	return host.Errorf(host.Refused, "the application %q may not use connection %q", application, link).WithHint("%s", hint)
}

// mayName reports whether the subject may know of a connection by itself: who
// manages connections may, everyone may know of a user connection, and of an
// admin connection who can come at it from any application (design rule 4).
func mayName(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection) (bool, error) {
	if c.Access == host.UserAccess || sub.Unattended || sub.User.Role.May(host.ManageConnections) {
		return true, nil
	}
	refs, err := tx.References().OfConnection(ctx, c.ID)
	if err != nil {
		return false, err
	}
	denied := 0
	for _, r := range refs {
		if r.Denied {
			denied++
		}
	}
	if denied == 0 {
		return true, nil
	}
	all, err := tx.Applications().List(ctx)
	return denied < len(all), err
}

// deniedTo lists the applications whose access to the connection is switched
// off, for those who manage.
func deniedTo(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection) ([]string, error) {
	if !sub.User.Role.May(host.ManageApplications) {
		return nil, nil
	}
	uses, err := usesOf(ctx, tx, c)
	var names []string
	for _, u := range uses {
		if u.Reference.Denied {
			names = append(names, u.Application.Name)
		}
	}
	return names, err
}

// Applications lists all.
func (b *Broker) Applications(ctx context.Context, sub host.Subject) ([]host.Application, error) {
	if err := sub.Require(host.SeeApplications); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]host.Application, error) { return tx.Applications().List(ctx) })
}

// CreateApplication makes an application. It may use every connection until
// that is switched off.
func (b *Broker) CreateApplication(ctx context.Context, sub host.Subject, name string) (host.Application, error) {
	a := host.Application{ID: host.NewApplicationID(), Name: name, CreatedBy: sub.User.ID, CreatedAt: b.Now()}
	if err := sub.Require(host.ManageApplications); err != nil {
		return a, err
	}
	if err := host.CheckApplicationName(name); err != nil {
		return a, err
	}
	return update(ctx, b, func(tx host.Tx) (host.Application, error) {
		if err := tx.Applications().Insert(ctx, a); err != nil {
			if host.CodeOf(err) == host.Conflict {
				err = host.Errorf(host.Conflict, "an application named %q exists", name).WithHint("see it: connhost application show %s", name)
			}
			return a, err
		}
		return a, tx.Audit().Append(ctx, b.record(sub, host.ActApplicationCreate, string(a.ID), "application", name))
	})
}

// DeleteApplication removes an application with what is known of its scripts.
// The default one stays.
func (b *Broker) DeleteApplication(ctx context.Context, sub host.Subject, name string) error {
	if err := sub.Require(host.ManageApplications); err != nil {
		return err
	}
	return b.Store.Update(ctx, func(tx host.Tx) error {
		a, err := findApplication(ctx, tx, name)
		if err != nil {
			return err
		}
		if a.ID == host.DefaultApplicationID {
			return host.Errorf(host.Refused, "the application %q exists by itself and cannot be deleted", name).
				WithHint("take a connection from it: connhost application deny %s LINK_NAME", name)
		}
		if err := tx.Applications().Delete(ctx, a.ID); err != nil {
			return err
		}
		return tx.Audit().Append(ctx, b.record(sub, host.ActApplicationDelete, string(a.ID), "application", name))
	})
}

// SetAccess lets an application use a connection, or not, and reports whether
// that is a change.
func (b *Broker) SetAccess(ctx context.Context, sub host.Subject, application, link string, allowed bool) (bool, error) {
	return update(ctx, b, func(tx host.Tx) (bool, error) {
		c, _, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return false, err
		}
		if err := sub.Require(host.ManageApplications); err != nil {
			return false, err
		}
		a, err := findApplication(ctx, tx, application)
		if err != nil {
			return false, err
		}
		r, err := tx.References().Find(ctx, a.ID, c.ID)
		if absent(err) {
			r, err = host.Reference{Application: a.ID, Connection: c.ID}, nil
		}
		if err != nil || r.Denied == !allowed {
			return false, err
		}
		r.Denied = !allowed
		if err := tx.References().Put(ctx, r); err != nil {
			return false, err
		}
		act := host.ActApplicationDeny
		if allowed {
			act = host.ActApplicationAllow
		}
		return true, tx.Audit().Append(ctx, b.record(sub, act, string(c.ID), "application", a.Name, "link_name", c.LinkName))
	})
}

// An ApplicationView is an application as a subject sees it: administrative
// roles in edit mode, with the whole set-up; anyone else in live mode, where
// only the user connections are, to be authorized (design rule 16).
type ApplicationView struct {
	Application host.Application
	Live        bool
	Connections []UsedConnection
}

// A UsedConnection is a connection that an application uses or may not use.
type UsedConnection struct {
	View      View // in live mode name, link name and status may be shown
	Reference host.Reference
}

// Application shows one application.
func (b *Broker) Application(ctx context.Context, sub host.Subject, name string) (ApplicationView, error) {
	if err := sub.Require(host.SeeApplications); err != nil {
		return ApplicationView{}, err
	}
	return view(ctx, b, func(tx host.Tx) (ApplicationView, error) {
		out := ApplicationView{Live: !sub.User.Role.May(host.ManageApplications)}
		var err error
		if out.Application, err = findApplication(ctx, tx, name); err != nil {
			return out, err
		}
		refs, err := tx.References().OfApplication(ctx, out.Application.ID)
		if err != nil {
			return out, err
		}
		stops, err := tx.Stops().List(ctx)
		if err != nil {
			return out, err
		}
		for _, r := range refs {
			c, err := tx.Connections().Find(ctx, r.Connection)
			if err != nil {
				return out, err
			}
			if out.Live && (c.Access != host.UserAccess || r.Denied) {
				continue
			}
			connector, err := tx.Connectors().FindHash(ctx, c.ConnectorHash)
			if absent(err) || err == nil && hidden(sub, connector) {
				continue
			}
			if err != nil {
				return out, err
			}
			v, err := b.viewOf(ctx, tx, sub, c, connector, stops)
			if err != nil {
				return out, err
			}
			out.Connections = append(out.Connections, UsedConnection{v, r})
		}
		return out, nil
	})
}

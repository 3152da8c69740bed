package broker

import (
	"context"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// ailing tells of the authorizations that notices are about, told already or
// not.
func (d *diagnosis) ailing(ctx context.Context, check string, tx host.Tx) error {
	l := look{b: d.b, tx: tx, now: d.b.Now(), told: true}
	if err := l.ailing(ctx); err != nil {
		return err
	}
	if err := l.failing(ctx); err != nil {
		return err
	}
	return d.noticed(check, l.found, "no authorization needs a person, or will within a week")
}

// disabled tells of versions that are disabled and have connections.
func (d *diagnosis) disabled(ctx context.Context, check string, tx host.Tx) error {
	l := look{b: d.b, tx: tx, now: d.b.Now(), told: true}
	if err := l.disabled(ctx); err != nil {
		return err
	}
	return d.noticed(check, l.found, "no connection uses a disabled version")
}

// noticed adds what a notice would tell. What does not work is a problem, what
// will not, or was meant, a warning.
func (d *diagnosis) noticed(check string, found []host.Notice, none string) error {
	return some(d, check, found, none, func(n host.Notice) error {
		if n.Kind == host.NoticeEnding || n.Kind == host.NoticeDisabled {
			d.Warn(check, n.Content.Hint, "%s", n.Content.Message)
		} else {
			d.Bad(check, n.Content.Hint, "%s", n.Content.Message)
		}
		return nil
	})
}

// unfit tells of connections that were never authorized for everyone, or may not
// use what they have. What is wrong with the authorization itself is ailing's.
func (d *diagnosis) unfit(ctx context.Context, check string, tx host.Tx) error {
	var found []host.Finding
	err := eachConnection(ctx, tx, func(c host.Connection, v host.Connector) error {
		if v.Manifest.Auth.Type == abi.AuthNone {
			return nil
		}
		of, err := d.unfitPlaces(ctx, tx, c, v)
		found = append(found, of...)
		return err
	})
	if err != nil {
		return err
	}
	return some(d, check, found, "each has an authorization that it may use", func(f host.Finding) error {
		f.Check = check
		d.List = append(d.List, f)
		return nil
	})
}

func (d *diagnosis) unfitPlaces(ctx context.Context, tx host.Tx, c host.Connection, connector host.Connector) ([]host.Finding, error) {
	binds, err := tx.Bindings().OfConnection(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	missing := neededPlaces(c)
	var found []host.Finding
	add := func(state host.FindingState, env host.Environment, login, reason string) {
		hint := "connhost connection authorize " + c.LinkName + envFlag(env)
		if login != "" {
			hint += " --as " + login
		}
		found = append(found, host.Finding{State: state, Text: "connection " + c.LinkName + ": " + reason, Hint: hint})
	}
	for _, bind := range binds {
		a, err := tx.Authorizations().Find(ctx, bind.Authorization)
		if err != nil {
			return nil, err
		}
		if a.State == host.RevokedState && bind.User == "" {
			continue // as good as none
		}
		missing = slices.DeleteFunc(missing, func(env host.Environment) bool { return env == bind.Environment })
		was := a.State
		p := PlaceView{Environment: bind.Environment, Binding: &bind, Authorization: &a}
		if err := d.b.judge(ctx, tx, c, connector, &p); err != nil {
			return nil, err
		}
		if p.Status != host.Status(host.NeedsReauth) || was == host.NeedsReauth {
			continue
		}
		login, err := loginOf(ctx, tx, bind.User)
		if err != nil {
			return nil, err
		}
		add(host.Problem, bind.Environment, login, "needs authorizing: "+p.Reason)
	}
	for _, env := range missing {
		add(host.Warning, env, "", "it is not authorized"+in(env))
	}
	return found, nil
}

// neededPlaces are those that need an authorization for everyone: each that a
// run can meet.
func neededPlaces(c host.Connection) (list []host.Environment) {
	if c.Access != host.AdminAccess {
		return nil
	}
	for _, env := range host.Environments() {
		if slot := c.Slot(env); !slices.Contains(list, slot) {
			list = append(list, slot)
		}
	}
	return list
}

// overdue asks whether anything renews ahead of time.
func (d *diagnosis) overdue(ctx context.Context, check string, tx host.Tx) error {
	list, err := tx.Authorizations().Due(ctx, d.b.Now().Add(-unrenewed), mostNotices)
	if err != nil {
		return err
	}
	used := 0
	for _, a := range list {
		binds, err := tx.Bindings().OfAuthorization(ctx, a.ID)
		if err != nil {
			return err
		}
		if len(binds) > 0 {
			used++
		}
	}
	if used == 0 {
		d.Well(check, "none is overdue")
		return nil
	}
	d.Warn(check, "let cron run every few minutes: connhost refresh --due", "%d authorizations should have been renewed more than an hour ago", used)
	return nil
}

// unused tells of authorizations that serve no connection.
func (d *diagnosis) unused(ctx context.Context, check string, tx host.Tx) error {
	list, err := tx.Authorizations().List(ctx, "")
	if err != nil {
		return err
	}
	var loose []host.Authorization
	for _, a := range list {
		binds, err := tx.Bindings().OfAuthorization(ctx, a.ID)
		if err != nil {
			return err
		}
		if len(binds) == 0 {
			loose = append(loose, a)
		}
	}
	return some(d, check, loose, "each serves a connection", func(a host.Authorization) error {
		d.Warn(check, "to end it: connhost authorization delete "+string(a.ID), "nothing uses the one of %s (connector %s)", a.AccountLabel, a.Connector)
		return nil
	})
}

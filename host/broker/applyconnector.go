package broker

import (
	"context"

	"github.com/connhost/connhost/host"
)

func (a *applying) connector(ctx context.Context, d DesiredConnector) error {
	if err := a.sub.Require(host.ManageConnectors); err != nil {
		return err
	}
	c, err := a.tx.Connectors().FindHash(ctx, d.Hash)
	if err != nil && !absent(err) {
		return err
	}
	sign, changes := "~", []string(nil)
	if err != nil {
		if sign, c, err = a.install(ctx, d); err != nil {
			return err
		}
		changes = append(changes, "sha256 "+c.Hash[:12])
	}
	was := c
	switch {
	case d.Stage == "" || d.Stage == c.Stage:
	case d.Stage == host.Published:
		if c, err = a.published(ctx, c); err != nil {
			return err
		}
	case d.Stage == host.DisabledConnector:
		if _, err := a.b.Disable(ctx, a.sub, c.ID, c.Version()); err != nil {
			return err
		}
		c.Stage = host.DisabledConnector
	default:
		return host.Errorf(host.Conflict, "version %s of connector %q is %s and becomes no draft again", c.Version(), c.ID, c.Stage).
			WithHint("write stage: %s, or give the connector another version in its connector.yaml", c.Stage)
	}
	changes = append(changes, diff("stage", string(was.Stage), string(c.Stage))...)
	if d.Actions != nil && *d.Actions != c.Actions {
		if err := a.actions(ctx, c, *d.Actions); err != nil {
			return err
		}
		changes = append(changes, diff("actions", yesNo(c.Actions), yesNo(*d.Actions))...)
	}
	if len(changes) > 0 {
		a.note(sign, "connector", c.ID+" "+c.Version(), changes...)
	}
	return nil
}

// current chooses the version for new connections, after all of them are there:
// publishing one makes it the current one.
func (a *applying) current(ctx context.Context, d DesiredConnector) error {
	c, err := a.tx.Connectors().FindHash(ctx, d.Hash)
	if err != nil || !d.Current || c.Current {
		return err
	}
	if err := a.tx.Connectors().SetCurrent(ctx, c.Hash); err != nil {
		return err
	}
	a.note("~", "connector", c.ID+" "+c.Version(), "current")
	return a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActConnectorCurrent, c.ID, "hash", c.Hash, "version", c.Version()))
}

func yesNo(b bool) string {
	if b {
		return "allowed"
	}
	return "refused"
}

func (a *applying) install(ctx context.Context, d DesiredConnector) (sign string, c host.Connector, err error) {
	if d.File == nil {
		return "", c, host.Errorf(host.NotFound, "the connector with the sha256 %s is not installed, and its source was not read", d.Hash)
	}
	req := d.InstallRequest
	req.Stage, req.Current = host.Draft, false // what is wanted of it comes by the acts for it
	plan, err := a.b.Plan(ctx, a.sub, req)
	if err != nil {
		return "", c, err
	}
	req.Agreed, req.Before = a.opts.Agreed, plan.Compared()
	in, err := a.b.Install(ctx, a.sub, req)
	if in.Replaces {
		return "~", in.Connector, err
	}
	return "+", in.Connector, err
}

func (a *applying) published(ctx context.Context, c host.Connector) (host.Connector, error) {
	done, err := a.b.PublishFile(ctx, a.sub, c.ID, c.Version(), c.Hash)
	return done.Connector, err
}

func (a *applying) actions(ctx context.Context, c host.Connector, allow bool) error {
	if allow {
		_, err := a.b.AllowActions(ctx, a.sub, c.Hash)
		return err
	}
	if err := a.sub.Require(host.AllowActions); err != nil {
		return err
	}
	if err := a.tx.Connectors().SetActions(ctx, c.Hash, false); err != nil {
		return err
	}
	return a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActConnectorPublish, c.ID, "hash", c.Hash, "actions", "refused"))
}

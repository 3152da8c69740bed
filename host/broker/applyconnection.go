package broker

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

func (a *applying) connection(ctx context.Context, d CreateRequest) error {
	was, err := a.tx.Connections().FindLink(ctx, d.LinkName)
	if absent(err) {
		a.note("+", "connection", d.LinkName, "of "+d.Connector)
		_, err = a.b.Create(ctx, a.sub, d)
		return err
	}
	if err != nil {
		return err
	}
	if was.Connector != d.Connector {
		return host.Errorf(host.Conflict, "connection %q is one of connector %q, not %q", d.LinkName, was.Connector, d.Connector).
			WithHint("choose another link_name, or delete it first: connhost connection delete %s", d.LinkName)
	}
	var changes []string
	pinned, err := a.tx.Connectors().FindHash(ctx, was.ConnectorHash)
	if err != nil {
		return err
	}
	if d.Version != "" && d.Version != pinned.Version() {
		changes = diff("version", pinned.Version(), d.Version)
		moved, err := a.b.Move(ctx, a.sub, MoveRequest{Connector: d.Connector, To: d.Version, Connection: d.LinkName})
		if err != nil {
			return err
		}
		pinned = moved.To
		if was, err = a.tx.Connections().FindLink(ctx, d.LinkName); err != nil {
			return err
		}
	}
	next, fixed, err := a.wanted(ctx, was, pinned, d)
	if err != nil {
		return err
	}
	open := diff("name", was.Name, next.Name)
	open = append(open, diff("scopes", scopesText(was), scopesText(next))...)
	open = append(open, diff("environments", environmentsText(was), environmentsText(next))...)
	if len(fixed) > 0 {
		binds, err := a.tx.Bindings().OfConnection(ctx, was.ID)
		if err != nil {
			return err
		}
		if len(binds) > 0 {
			return host.Errorf(host.Conflict, "connection %q is authorized, and a file does not change what it was authorized for: %s", d.LinkName, join(fixed)).
				WithHint("delete it first: connhost connection delete %s", d.LinkName)
		}
	}
	if own := append(open, fixed...); len(own) > 0 {
		changes = append(changes, own...)
		if err := a.tx.Connections().Save(ctx, next); err != nil {
			return err
		}
		if err := a.record(ctx, string(was.ID), own); err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		a.note("~", "connection", d.LinkName, changes...)
	}
	return nil
}

// wanted is the connection as it should be, and what of it may change only as
// long as nobody has authorized it.
func (a *applying) wanted(ctx context.Context, was host.Connection, connector host.Connector, d CreateRequest) (next host.Connection, fixed []string, err error) {
	next = was
	next.ScopeChoice, next.Scopes, next.Environments = host.AllScopes, nil, d.Environments
	if next.Access = d.Access; next.Access == "" {
		next.Access = host.AdminAccess
	}
	if next.Access != host.AdminAccess && next.Access != host.UserAccess {
		return next, nil, host.Errorf(host.Usage, "no access named %q", d.Access).WithHint("use admin or user")
	}
	if d.Name != "" {
		next.Name = d.Name
	}
	if err := host.CheckName(next.Name); err != nil {
		return next, nil, err
	}
	if next.Params, err = hostParams(connector, d.Params); err != nil {
		return next, nil, err
	}
	if err := setScopes(&next, connector, d.Scopes); err != nil {
		return next, nil, err
	}
	if d.Mode != "" || d.Credential != "" {
		if !connector.Manifest.NeedsClient() {
			return next, nil, host.Errorf(host.Usage, "connector %q is authorized by %s and has no client credential", connector.ID, connector.Manifest.Auth.Type).
				WithHint("leave mode and credential out")
		}
		if next.Mode, next.Credential, err = chooseCredential(ctx, a.tx, connector, d.Mode, d.Credential, "credential:"); err != nil {
			return next, nil, err
		}
	}
	fixed = append(diff("access", string(was.Access), string(next.Access)), diff("mode", string(was.Mode), string(next.Mode))...)
	if was.Credential != next.Credential {
		fixed = append(fixed, "another client credential")
	}
	if !maps.Equal(was.Params, next.Params) {
		fixed = append(fixed, diff("parameters", paramsText(was.Params), paramsText(next.Params))...)
	}
	for _, env := range was.Environments {
		if !slices.Contains(next.Environments, env) {
			fixed = append(fixed, "no authorization of its own for "+string(env))
		}
	}
	return next, fixed, nil
}

func scopesText(c host.Connection) string {
	if c.ScopeChoice == host.AllScopes {
		return "all"
	}
	return strings.Join(slices.Sorted(slices.Values(c.Scopes)), " ")
}

func environmentsText(c host.Connection) string {
	var names []string
	for _, env := range c.Environments {
		names = append(names, string(env))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func paramsText(params map[string]string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, key+"="+params[key])
	}
	return strings.Join(pairs, " ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/scripting"
	"github.com/connhost/connhost/scripting/syntax"
)

// obstacleCodes are the codes of what is found about connections. They are the
// command's own: the language does not know which connections there are.
var obstacleCodes = map[broker.Obstacle]syntax.Code{
	broker.Unknown: "W101", broker.NotAdmitted: "W102", broker.NotUsable: "W103",
	broker.MissingScopes: "W104", broker.Ending: "W105", broker.NoAction: "W106", broker.BadParameters: "W107",
}

// A lookup holds scripts against the connections that there are. The zero one
// looks nothing up.
type lookup struct {
	p       *program
	session *session
	flags   checkFlags
	service func(name string) bool
	seen    map[string]broker.Examined
}

// lookup opens the store as the run of a script would.
func (p *program) lookup(ctx context.Context, f checkFlags) (lookup, error) {
	if f.alone && p.flags.as != "" {
		return lookup{}, aloneAndAs()
	}
	s, err := p.open(ctx)
	if err != nil {
		return lookup{}, err
	}
	s.subject.Application = f.app
	if f.alone {
		s.subject = host.Unattended(f.app)
	}
	known := services(func() []string { return s.services(ctx) })
	l := lookup{p, s, f, known, map[string]broker.Examined{}}
	if err := s.broker.Used(ctx, s.subject, broker.ScriptUse{}); err != nil { // it names no connection: the application is looked up
		l.close()
		return lookup{}, err
	}
	return l, nil
}

func (l lookup) close() {
	if l.session != nil {
		_ = l.session.close()
	}
}

// script adds what is found about the connections of a script, and records that
// it uses them.
func (l lookup) script(ctx context.Context, d *checkData, actions []scripting.ActionUse) error {
	if l.session == nil || !d.OK {
		return nil
	}
	for _, a := range actions {
		if a.Misused {
			d.add(a.Range, []broker.Finding{{Obstacle: broker.NoAction, Message: a.Service + "." + a.Action + " " + scripting.ActionWants,
				Hint: fmt.Sprintf(`write for example: %s.%s({"name": "value"}, "link_name")`, a.Service, a.Action)}})
			continue
		}
		look := l.action
		if a.Task != "" {
			look = l.task
		}
		if err := look(ctx, d, a); err != nil {
			return err
		}
	}
	var links []string
	for _, use := range d.Connections {
		e, err := l.examine(ctx, use.Name)
		if err != nil {
			return err
		}
		d.add(use.Range, e.Findings)
		links = append(links, use.Name)
	}
	if l.flags.record && len(links) > 0 {
		l.p.recorded(l.session.broker.Used(ctx, l.session.subject, broker.ScriptUse{Script: scriptName(d.File), Environment: l.session.settings.env, Connections: links}))
	}
	syntax.SortDiagnostics(d.Diagnostics)
	return nil
}

// action holds a call against the actions of the connection's connector. What
// is one is no function of another file, and its connection is one of the
// script's.
func (l lookup) action(ctx context.Context, d *checkData, a scripting.ActionUse) error {
	e, err := l.examine(ctx, a.Connection.Name)
	if err != nil {
		return err
	}
	found, other := e.Action(a.Service, a.Action, l.service(a.Service))
	if other {
		return nil
	}
	d.Diagnostics = slices.DeleteFunc(d.Diagnostics, func(one syntax.Diagnostic) bool {
		return one.Code == syntax.OtherFile && one.Range == a.Range
	})
	d.add(a.Range, found)
	if a.Literal {
		d.add(a.Range, e.Parameters(a.Action, a.Given))
	}
	d.Connections = append(d.Connections, a.Connection)
	return nil
}

// task holds a task of a service against the connection that it names, or that
// is meant where it names none.
func (l lookup) task(ctx context.Context, d *checkData, a scripting.ActionUse) error {
	if a.Connection.Name == "" {
		link, err := l.session.broker.Implied(ctx, l.session.subject, a.Service, a.Task)
		if e, ok := errors.AsType[*host.Error](err); ok {
			d.add(a.Range, []broker.Finding{{Obstacle: broker.Unknown, Message: e.Msg, Hint: e.Hint}})
			return nil
		}
		if err != nil {
			return err
		}
		a.Connection.Name = link
	}
	e, err := l.examine(ctx, a.Connection.Name)
	if err != nil {
		return err
	}
	d.add(a.Range, e.Task(a.Service, a.Action))
	d.Connections = append(d.Connections, a.Connection)
	return nil
}

// examine looks a connection up once.
func (l lookup) examine(ctx context.Context, link string) (broker.Examined, error) {
	if e, ok := l.seen[link]; ok {
		return e, nil
	}
	e, err := l.session.broker.Examine(ctx, l.session.subject, l.session.settings.env, link, l.flags.ahead)
	l.seen[link] = e
	return e, err
}

func (d *checkData) add(at syntax.Range, found []broker.Finding) {
	for _, f := range found {
		d.Diagnostics = append(d.Diagnostics, syntax.Diagnostic{
			Code: obstacleCodes[f.Obstacle], Severity: syntax.Warning, File: d.File, Range: at, Message: f.Message, Hint: f.Hint,
		})
	}
}

package broker

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// An ActionRequest asks for a named action of a connection's connector.
type ActionRequest struct {
	Connection string
	Service    string // the connector, as a script writes it; empty for whichever the connection has
	Kin        bool   // another connector for that service will do too
	Action     string
	Parameters json.RawMessage // an object; empty for none
	All        bool            // every page
	Most       int             // of the pages; 0 for all
}

// A Page is one answer of an action: of the service, or what the connector's
// own code made.
type Page struct {
	Number      int             // from 1 on
	Response    *http.Response  // masked and limited; nil with Result
	Result      json.RawMessage // of the hook "action", masked
	Environment host.Environment
	Refreshed   bool
}

// maxPages bounds a service, or a hook, that always knows a next page.
const maxPages = 10_000

// Act does a named action and gives its pages to f, one after the other; f
// closes the response's body. It ends after the last page, an answer from 400
// on, or an error.
func (b *Broker) Act(ctx context.Context, sub host.Subject, env host.Environment, req ActionRequest, f func(Page) error) error {
	r, err := b.route(ctx, ofApplication(sub), env, req.Connection)
	if err != nil {
		return err
	}
	if req.Service != "" && !isOf(r.connector, req.Service, req.Kin) {
		return r.otherService(req.Service, req.Action)
	}
	a, err := ActionOf(r.connector, req.Action)
	if err != nil {
		return err
	}
	if err := mayAct(r.connector); err != nil {
		return err
	}
	given, err := actionParameters(a, req.Parameters)
	if err != nil {
		return parametersTold(err, r.connector, a)
	}
	if a.ByHook() {
		return b.actByHook(ctx, r, a, given, f)
	}
	g, err := b.prepared(ctx, r, a, given)
	if err != nil {
		return err
	}
	if req.All && !r.connector.HasHook(abi.HookPage) {
		return b.actPages(ctx, r, a, g, req.Most, f)
	}
	for n := 1; n <= maxPages; n++ {
		next, err := b.page(ctx, r, a, g, n, req.All, f)
		if err != nil || next == nil || n == req.Most {
			return err
		}
		g = *next
	}
	return host.Errorf(host.Refused, "the action %q has more than %d pages", a.Name, maxPages)
}

// isOf says whether an action of a service is one of the connector.
func isOf(c host.Connector, service string, kin bool) bool {
	return c.ScriptName() == service || kin && c.Serves(service)
}

// otherService is the refusal of an action that belongs to another connector
// than the connection's.
func (r *route) otherService(service, action string) *host.Error {
	return host.Errorf(host.NotFound, "connection %q is one of connector %q, which has no action %s.%s", r.connection.LinkName, r.connector.ID, service, action).
		WithHint("name a connection of that service; see: connhost connection list")
}

// notFor is the refusal of a call that belongs to another service than the
// connection's.
func (r *route) notFor(service string) *host.Error {
	return host.Errorf(host.NotFound, "connection %q is one of connector %q, which is not for %s", r.connection.LinkName, r.connector.ID, service).
		WithHint("name a connection of that service; see: connhost connection list")
}

// ActionOf is the connector's action of that name.
func ActionOf(c host.Connector, name string) (abi.Action, error) {
	a, ok := c.Manifest.Action(name)
	if !ok {
		return a, host.Errorf(host.NotFound, "connector %q has no action named %q", c.ID, name).
			WithHint("see which it has: connhost connector show %s", c.Typed())
	}
	return a, nil
}

// mayAct is design rule 17. The hint names the version: without that a draft
// beside it would be published.
func mayAct(c host.Connector) error {
	if c.Acts() {
		return nil
	}
	return host.Errorf(host.Refused, "the named actions of connector %q may not be done: it is a custom one", c.ID).
		WithHint("a super admin can allow them: connhost connector publish %s --version %s --actions", c.ID, c.Version())
}

// parametersTold gives an error about parameters the place where they are told,
// the same for scripts and for the command line.
func parametersTold(err error, c host.Connector, a abi.Action) error {
	e, ok := errors.AsType[*host.Error](err)
	if !ok || e.Hint != "" {
		return err
	}
	return e.WithHint("see its parameters: connhost connector show %s --action %s", c.Typed(), a.Name)
}

// AllowActions lets the named actions of a published version be done.
func (b *Broker) AllowActions(ctx context.Context, sub host.Subject, hash string) (host.Connector, error) {
	if err := sub.Require(host.AllowActions); err != nil {
		return host.Connector{}, err
	}
	return update(ctx, b, func(tx host.Tx) (host.Connector, error) {
		c, err := tx.Connectors().FindHash(ctx, hash)
		if err != nil || c.Actions {
			return c, err
		}
		if c.Stage != host.Published {
			return c, host.Errorf(host.Conflict, "version %s of connector %q is not published", c.Version(), c.ID)
		}
		c.Actions = true
		if err := tx.Connectors().SetActions(ctx, hash, true); err != nil {
			return c, err
		}
		return c, tx.Audit().Append(ctx, b.record(sub, host.ActConnectorPublish, c.ID, "hash", c.Hash, "actions", "allowed"))
	})
}

// prepared is the request of an action: what the manifest makes of it, changed
// by the connector's code where it has a hook for that.
func (b *Broker) prepared(ctx context.Context, r *route, a abi.Action, given actionValues) (abi.GuestRequest, error) {
	g, err := r.guestRequest(a, given)
	if err != nil || !r.connector.HasHook(abi.HookPrepare) {
		return g, err
	}
	var out abi.PrepareOutput
	in := abi.PrepareInput{Action: a.Name, Parameters: given.document(), Request: g, Fields: fields(r.values)}
	err = b.callFor(ctx, r, r.guest(r.secrets), abi.HookPrepare, in, &out)
	return out.Request, err
}

// page sends the request of one page, gives its answer to f and says which
// request follows, or nil.
func (b *Broker) page(ctx context.Context, r *route, a abi.Action, g abi.GuestRequest, n int, all bool, f func(Page) error) (*abi.GuestRequest, error) {
	got, err := b.sendGuest(ctx, r, abi.HookPrepare, g)
	if err != nil {
		return nil, err
	}
	p := Page{Number: n, Environment: r.environment, Refreshed: got.refreshed}
	if p.Response, err = b.judged(ctx, r, got, a.Answer); err != nil {
		return nil, err
	}
	if !all || !r.connector.HasHook(abi.HookPage) || p.Response.StatusCode >= 400 {
		return nil, f(p)
	}
	shown, body, err := guestResponse(p.Response)
	if err != nil {
		return nil, err
	}
	reopen(p.Response, body)
	if err := f(p); err != nil {
		return nil, err
	}
	var out abi.PageOutput
	shown, body = spoiled(shown, body)
	code := r.guest(got.secrets)
	code.bodies = [][]byte{body}
	err = b.callFor(ctx, r, code, abi.HookPage, abi.PageInput{Action: a.Name, Request: g, Response: shown, Page: n}, &out)
	return out.Next, err
}

// actByHook lets the connector's code do an action by requests of its own.
func (b *Broker) actByHook(ctx context.Context, r *route, a abi.Action, given actionValues, f func(Page) error) error {
	g := r.guest(r.secrets)
	g.fetch = b.guestFetch(r)
	var out abi.ActionOutput
	err := b.callFor(ctx, r, g, abi.HookAction, abi.ActionInput{Action: a.Name, Parameters: given.document(), Fields: fields(r.values)}, &out)
	if err != nil {
		return err
	}
	if len(out.Result) == 0 {
		out.Result = json.RawMessage("null")
	}
	return f(Page{Number: 1, Result: json.RawMessage(r.redactor.Text(string(out.Result))), Environment: r.environment})
}

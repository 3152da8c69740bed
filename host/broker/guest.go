package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A guest is a connector's code with what one call of it may know.
type guest struct {
	connector  host.Connector
	connection host.Connection
	vault      host.Vault
	redactor   *host.Redactor
	bodies     [][]byte
	fetch      func(context.Context, abi.GuestRequest) (abi.Response, []byte, error)
}

// guest is the code of a route's connector, with the secrets of a call.
func (r *route) guest(s host.Secrets) guest {
	return guest{connector: r.connector, connection: r.connection, vault: r.vault(s), redactor: r.redactor}
}

// guest is the code of the connector that is being authorized.
func (t target) guest(mask *host.Redactor) guest {
	v := host.Vault{Keys: t.connector.Shared(t.sealed, t.secret), Revealed: t.connector.Revealed()}
	return guest{connector: t.connector, connection: t.connection, vault: v, redactor: mask}
}

// Names of secrets that belong to no parameter.
const (
	accessToken  = "access_token"
	clientSecret = "client_secret"
)

// tokenName is what templates and hooks call the token of a call.
func tokenName(c host.Connector) string {
	if c.Manifest.Auth.Type == abi.AuthSession {
		return abi.SessionName
	}
	return accessToken
}

// vault holds what a hook may name of a connection.
func (r *route) vault(s host.Secrets) host.Vault {
	keys := r.connector.Shared(r.asked(s), r.clientSecret)
	return host.Vault{Keys: host.WithKey(keys, tokenName(r.connector), s.Access), Revealed: r.connector.Revealed()}
}

// fields are a connection's parameters as a hook sees them.
func fields(v host.Values) abi.Fields {
	f := abi.Fields{}
	for name, text := range v.Params {
		f[name], _ = json.Marshal(text)
	}
	for name := range v.Secret {
		f[name], _ = json.Marshal(abi.Handle{Secret: name})
	}
	return f
}

// fields of a place that is being authorized.
func (t target) fields() abi.Fields {
	params := maps.Clone(t.params)
	if params == nil {
		params = map[string]string{}
	}
	maps.Copy(params, t.connection.Params)
	return fields(t.connector.Values(params, t.connector.Shared(t.sealed, host.Secret{})))
}

// call calls a hook with JSON and reads its JSON. Its error is a
// *host.GuestError for whatever the guest did.
func (b *Broker) call(ctx context.Context, g guest, hook string, in, out any) error {
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	pushed, _, err := b.Hooks.Call(ctx, host.GuestCall{
		Hash: g.connector.Hash, Hook: hook, Input: input, Bodies: g.bodies,
		Budget: g.connector.Budget(), Vault: g.vault, Fetch: g.fetch, Reuse: string(g.connection.ID),
	})
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(pushed))
	dec.DisallowUnknownFields()
	if err := dec.Decode(out); err != nil {
		return &host.GuestError{Kind: host.Violation, Hook: hook, Msg: "answered with something else than its agreed JSON"}
	}
	return nil
}

// callFor is call for a route: an error that says that the authorization is
// dead marks it.
func (b *Broker) callFor(ctx context.Context, r *route, g guest, hook string, in, out any) error {
	err := b.call(ctx, g, hook, in, out)
	if e, ok := errors.AsType[*host.GuestError](err); ok && e.Kind == host.Declared && e.Reauth {
		b.markReauth(ctx, r, "the service said: "+e.Code)
		return r.unauthorized("needs authorizing again: " + r.redactor.Text(e.Code+": "+e.Msg)).Because(e)
	}
	return g.told(err)
}

// told turns each of the three kinds of a guest's error into the host's, with
// the connector's name. Other errors stay as they are.
func (g guest) told(err error) error {
	e, ok := errors.AsType[*host.GuestError](err)
	if !ok {
		return err
	}
	id := g.connector.ID
	switch {
	case e.Kind == host.Declared:
		return host.Errorf(host.Failed, "%s answered: %s", g.connector.Manifest.Name, g.redactor.Text(e.Code+": "+e.Msg)).Because(e)
	case e.Kind == host.Violation:
		return broke(g.connector, e.Hook, e.Msg).Because(e)
	}
	switch e.Code {
	case "time", "memory", "output", "fuel":
		return host.Errorf(host.Refused, "connector %q was stopped in its hook %s: %s (limit hook_%s)", id, e.Hook, e.Msg, e.Code).
			WithHint("if it is meant to use so much: --limit hook_%s=VALUE", e.Code).Because(e)
	case "stack":
		return host.Errorf(host.Refused, "connector %q was stopped in its hook %s: %s", id, e.Hook, e.Msg).Because(e)
	}
	return host.Errorf(host.Failed, "connector %q was stopped in its hook %s: %s", id, e.Hook, e.Msg).Because(e).
		WithHint("see what its code does with: connhost connector call %s %s", id, e.Hook)
}

// broke is the error for a hook whose answer cannot be used.
func broke(c host.Connector, hook, what string) *host.Error {
	return host.Errorf(host.Failed, "connector %q broke the agreement in its hook %s: %s", c.ID, hook, what).
		WithHint("tell its author; what it declares: connhost connector show %s", c.ID)
}

// prepare compiles a connector's code.
func (b *Broker) prepare(ctx context.Context, c host.Connector) error {
	err := b.Hooks.Prepare(ctx, c.Hash)
	if g, ok := errors.AsType[*host.GuestError](err); ok {
		return host.Errorf(host.Failed, "connector %q cannot be loaded: %s", c.ID, g.Msg).Because(g)
	}
	return err
}

// markReauth notes, as well as it can, that the service does not take an
// authorization any more.
func (b *Broker) markReauth(ctx context.Context, r *route, reason string) {
	if r.authorization.ID == "" {
		return
	}
	_ = b.Store.Update(ctx, func(tx host.Tx) error {
		a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
		if err != nil || a.SecretVersion != r.authorization.SecretVersion || a.State == host.RevokedState {
			return err
		}
		return b.die(ctx, tx, a, reason)
	})
}

package broker

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// WindowLife is how long a person has to consent (design rule 13).
const WindowLife = 90 * time.Second

// An AuthorizeRequest says which place of a connection to authorize, with the
// values of the connector's fields.
type AuthorizeRequest struct {
	Connection  string
	Environment host.Environment
	Values      map[string]string
	Secrets     map[string]host.Secret
	// OtherAccount accepts that the service answers for another account than
	// before (design rule 14).
	OtherAccount bool
}

// Authorized says what came of it.
type Authorized struct {
	Connection    host.Connection
	Authorization host.Authorization
	Environment   host.Environment
	Disabled      bool // the place is switched off, and stays so
	// Unused is the authorization that stood there before, where nothing uses it
	// any more; nil for none.
	Unused *host.Authorization
	// Choices are what it could be used with, where nothing decides: one has to
	// be chosen before it can be used.
	Choices []abi.Choice
	What    string // they are, such as site
	// Warning is a sentence when the credential is stored and the service's
	// answer to a first call was not what it should be.
	Warning string
	// Crosses is a sentence when data leave the operator's residency.
	Crosses string
}

// A target is a place to authorize: found, allowed and filled.
type target struct {
	connection host.Connection
	connector  host.Connector
	slot       host.Environment
	client     host.ClientCredential
	secret     host.Secret
	params     map[string]string
	sealed     map[string]host.Secret
	endpoints  host.Endpoints // that the service's metadata told
}

// target finds the place, checks the right to authorize it and the fields.
func (b *Broker) target(ctx context.Context, sub host.Subject, req AuthorizeRequest) (target, error) {
	return view(ctx, b, func(tx host.Tx) (target, error) {
		c, connector, err := findConnection(ctx, tx, sub, req.Connection)
		if err != nil {
			return target{}, err
		}
		if err := mayAuthorize(sub, c, connector); err != nil {
			return target{}, err
		}
		if err := mayBegin(ctx, tx, sub, c); err != nil {
			return target{}, err
		}
		t := target{connection: c, connector: connector, slot: c.Slot(req.Environment)}
		values, err := centreValues(c, connector, req.Values)
		if err != nil {
			return t, err
		}
		if t.params, t.sealed, err = checkFields(connector, c.LinkName, values, req.Secrets); err != nil {
			return t, err
		}
		for _, s := range t.sealed {
			b.Redactor.LearnSecret(s)
		}
		if c.Credential == "" {
			return t, nil
		}
		if t.client, err = tx.Credentials().Find(ctx, c.Credential); err != nil {
			return t, err
		}
		t.secret, err = tx.Credentials().Secret(ctx, c.Credential)
		b.Redactor.LearnSecret(t.secret)
		return t, err
	})
}

// mayAuthorize is design rule 5, and rule 17 for the connector's stage.
func mayAuthorize(sub host.Subject, c host.Connection, connector host.Connector) error {
	if connector.Stage == host.DisabledConnector {
		return disabled(connector, "")
	}
	return mayHold(sub, c)
}

// mayBegin refuses to authorize what is stopped.
func mayBegin(ctx context.Context, tx host.Tx, sub host.Subject, c host.Connection) error {
	return notStopped(ctx, tx, sub.User.ID, c, host.Authorization{Owner: sub.User.ID, Credential: c.Credential})
}

// flowTarget is who the flow of a connector talks to. Its requests have the
// values that calls have.
func (t target) flowTarget(r *host.Redactor) host.FlowTarget {
	v := t.connector.Values(over(t.params, t.connection.Params), t.sealed)
	return host.FlowTarget{
		Connector: t.connector, ClientID: t.client.ClientID, ClientSecret: t.secret,
		Params: v.Params, Secret: v.Secret, Endpoints: t.endpoints, Redactor: r,
	}
}

// discover reads the metadata of the service, where the connector names an
// issuer.
func (b *Broker) discover(ctx context.Context, t *target) error {
	d, ok := b.flow(t.connector).(host.Discoverer)
	if !ok || t.connector.Manifest.Auth.Issuer == "" {
		return nil
	}
	var err error
	t.endpoints, err = d.Discover(ctx, t.flowTarget(b.Redactor))
	return err
}

// A Way is how a connection can be authorized.
type Way string

const (
	ByFields  Way = "fields"  // by Authorize
	ByBrowser Way = "browser" // by Begin and Finish
	ByDevice  Way = "device"  // by BeginDevice and FinishDevice
)

// Ways tells how a connection can be authorized, the usual way first.
func (b *Broker) Ways(ctx context.Context, sub host.Subject, link string) ([]Way, host.Connector, error) {
	connector, err := view(ctx, b, func(tx host.Tx) (host.Connector, error) {
		c, connector, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return connector, err
		}
		return settled(c, connector), mayAuthorize(sub, c, connector)
	})
	return WaysOf(connector.Manifest), connector, err
}

// WaysOf tells how connections of a connector can be authorized, the usual way
// first.
func WaysOf(m abi.Manifest) (ways []Way) {
	if m.ByBrowser() {
		ways = append(ways, ByBrowser)
	}
	if m.ByDevice() {
		ways = append(ways, ByDevice)
	}
	if ways == nil {
		ways = []Way{ByFields}
	}
	return ways
}

// Authorize stores a credential that a person gives by hand, such as a user
// name and password or an API key, and asks the service who it is for, where
// the connector says how.
func (b *Broker) Authorize(ctx context.Context, sub host.Subject, req AuthorizeRequest) (Authorized, error) {
	t, err := b.target(ctx, sub, req)
	if err != nil {
		return Authorized{}, err
	}
	m := t.connector.Manifest
	if m.ByBrowser() || m.ByDevice() {
		return Authorized{}, host.Errorf(host.Usage, "connection %q is authorized at the service, by a person", req.Connection)
	}
	if !m.Mints() {
		return b.grant(ctx, sub, t, host.Secrets{Params: t.sealed}, host.Tokens{}, nil, req.OtherAccount)
	}
	if err := b.discover(ctx, &t); err != nil {
		return Authorized{}, err
	}
	asked := askedScopes(t.connection, t.connector)
	ft := t.flowTarget(b.Redactor)
	ft.Scopes = asked
	tokens, err := b.flow(t.connector).Refresh(ctx, ft, host.Secret{})
	b.Redactor.LearnSecret(tokens.Access)
	if err != nil {
		e := exchangeError(t.connector, err)
		switch {
		case e.Hint != "":
		case e.Code == host.Unavailable && len(t.sealed) > 0:
			e = e.WithHint("try again, or give other values: connhost connection authorize %s; if it stays so, does the connector ask at the right URL?", req.Connection)
		case e.Code == host.Unavailable:
			e = e.WithHint("try again; if it stays so, does the connector ask at the right URL, and for what the service knows?")
		case m.NeedsClient():
			e = e.WithHint("see the client credential: connhost credential list")
		default:
			e = e.WithHint("give other values: connhost connection authorize %s; what each one is: connhost connector show %s", req.Connection, t.connector.ID)
		}
		return Authorized{}, e
	}
	s := host.Secrets{Params: withParams(t.sealed, tokens.Params), Access: tokens.Access}
	return b.grant(ctx, sub, t, s, tokens, asked, req.OtherAccount)
}

// withParams adds the secrets that a flow keeps to those that a person gave.
func withParams(sealed, more map[string]host.Secret) map[string]host.Secret {
	for name, secret := range more {
		sealed = host.WithKey(sealed, name, secret)
	}
	return sealed
}

// grant stores a new authorization, or the place's present one renewed, after
// asking the service for the account.
func (b *Broker) grant(ctx context.Context, sub host.Subject, t target, s host.Secrets, tokens host.Tokens, asked []string, otherAccount bool) (Authorized, error) {
	now := b.Now()
	a := host.Authorization{
		Connector: t.connector.ID, ConnectorHash: t.connector.Hash, Credential: t.connection.Credential, Owner: sub.User.ID,
		HostParams: t.connection.Params, Params: t.params, Asked: asked, Granted: tokens.Scopes,
		State: host.Connected, TokenExpires: tokens.Expires, Renewable: !s.Refresh.Empty() || t.connector.Manifest.Mints(), UpdatedAt: now,
		Endpoints: t.endpoints, ForAll: t.connection.Access == host.AdminAccess,
	}
	if a.Granted == nil {
		a.Granted = asked
	}
	a.Consented(t.connector.Manifest, tokens.RefreshExpires, now)
	for name, text := range tokens.Capture {
		if host.HasPlace(text) {
			return Authorized{}, foreignPlace("what the service gave for \"" + name + "\"")
		}
	}
	if len(tokens.Capture) > 0 {
		a.Params = map[string]string{}
		maps.Copy(a.Params, t.params)
		maps.Copy(a.Params, tokens.Capture)
	}
	if !a.TokenExpires.IsZero() && !a.Renewable {
		a.State, a.Reason = host.Expiring, noRefreshToken
	}
	out := Authorized{Connection: t.connection, Environment: t.slot, Crosses: b.crosses(t.connection, t.connector)}
	var unasked string
	if c := t.connector.Manifest.Choose; c != nil {
		out.What = c.What
	}
	out.Choices, unasked = b.preset(ctx, sub, t, &a, s)
	account, warning, refused := b.whoIs(ctx, t, a, s)
	if refused && !otherAccount && slices.Equal(WaysOf(t.connector.Manifest), []Way{ByFields}) {
		// A person may have mistyped, and a good credential may stand there.
		return out, host.Errorf(host.Failed, "%s does not take what was given: %s", t.connector.Manifest.Name, warning).
			WithHint("nothing was stored; give it anew, or store it all the same: connhost connection authorize %s --yes", t.connection.LinkName)
	}
	a.AccountKey, a.AccountLabel, out.Warning = account.Key, account.Label, cmp.Or(warning, unasked)
	var err error
	out.Authorization, err = update(ctx, b, func(tx host.Tx) (host.Authorization, error) {
		place := func() (host.Binding, error) {
			return tx.Bindings().Find(ctx, t.connection.ID, t.slot, t.connection.Holder(sub.User.ID))
		}
		before, err := place()
		if err != nil && !absent(err) {
			return a, err
		}
		a, err := b.bind(ctx, tx, sub, t, a, s, otherAccount)
		if err != nil {
			return a, err
		}
		now, err := place()
		if err != nil {
			return a, err
		}
		out.Disabled = now.Disabled
		out.Unused, err = leftOver(ctx, tx, before.Authorization, a.ID)
		return a, err
	})
	return out, err
}

// leftOver gives an authorization that another took the place of, where it lives
// on and nothing uses it.
func leftOver(ctx context.Context, tx host.Tx, before, now host.AuthorizationID) (*host.Authorization, error) {
	if before == "" || before == now {
		return nil, nil
	}
	a, err := tx.Authorizations().Find(ctx, before)
	if err != nil || a.State == host.RevokedState {
		return nil, err
	}
	left, err := tx.Bindings().OfAuthorization(ctx, before)
	if err != nil || len(left) > 0 {
		return nil, err
	}
	return &a, nil
}

// bind writes an authorization and its binding. A place that has one of the
// same owner, client credential and hosts is renewed in place, so that all
// connections that share it are.
func (b *Broker) bind(ctx context.Context, tx host.Tx, sub host.Subject, t target, a host.Authorization, s host.Secrets, otherAccount bool) (host.Authorization, error) {
	sub, err := asNow(ctx, tx, sub)
	if err != nil {
		return a, err
	}
	if err := mayHold(sub, t.connection); err != nil {
		return a, err
	}
	if err := mayBegin(ctx, tx, sub, t.connection); err != nil {
		return a, err
	}
	if now, err := tx.Connections().Find(ctx, t.connection.ID); err != nil || now.Version != t.connection.Version {
		return a, host.Errorf(host.Conflict, "connection %q was changed or deleted meanwhile", t.connection.LinkName).
			WithHint("see it: connhost connection show %s", t.connection.LinkName)
	}
	off := false
	detail := append([]string{"connection", string(t.connection.ID), "environment", string(t.slot)}, b.crossing(t.connection, t.connector)...)
	record := b.record(sub, host.ActAuthorize, "", detail...)
	bind, err := tx.Bindings().Find(ctx, t.connection.ID, t.slot, t.connection.Holder(sub.User.ID))
	if err != nil && !absent(err) {
		return a, err
	}
	if err == nil {
		old, err := tx.Authorizations().Find(ctx, bind.Authorization)
		if err != nil {
			return a, err
		}
		other := old.AccountKey != "" && a.AccountKey != "" && old.AccountKey != a.AccountKey
		if other && !otherAccount {
			return a, host.Errorf(host.Conflict, "the service answers for %s, and connection %q belongs to %s", cmp.Or(a.AccountLabel, a.AccountKey), t.connection.LinkName, old.AccountLabel).
				WithHint("accept the other account: connhost connection authorize %s --yes", t.connection.LinkName)
		}
		keep, err := sharedElsewhere(ctx, tx, old, bind, t.connector, other)
		if err != nil {
			return a, err
		}
		if renewable(old, a) && !keep {
			return b.renew(ctx, tx, old, a, s, record)
		}
		record.Detail["before"] = string(old.ID) // its history goes on there
		off = bind.Disabled
	}
	if a.AccountLabel == "" {
		list, err := tx.Authorizations().List(ctx, a.Connector)
		if err != nil {
			return a, err
		}
		a.AccountLabel = t.connector.Manifest.Name + " Account " + itoa(len(list)+1)
	}
	a.ID, a.CreatedAt = host.NewAuthorizationID(), a.UpdatedAt
	record.Object = string(a.ID)
	if err := tx.Authorizations().Insert(ctx, a, s, record); err != nil {
		return a, err
	}
	return a, tx.Bindings().Put(ctx, host.Binding{
		ID: host.NewBindingID(), Connection: t.connection.ID, Environment: t.slot,
		User: t.connection.Holder(sub.User.ID), Authorization: a.ID, Disabled: off,
	})
}

// noRefreshToken is the reason of an authorization that is Expiring.
const noRefreshToken = "the service gave no refresh token"

// sharedElsewhere reports whether an authorization must stay as it is for
// another connection, which did not ask for another account, or uses it with a
// version of the connector that talks to other places than the one that
// authorizes now.
func sharedElsewhere(ctx context.Context, tx host.Tx, a host.Authorization, bind host.Binding, c host.Connector, otherAccount bool) (bool, error) {
	others, err := otherUses(ctx, tx, bind)
	if err != nil || len(others) == 0 {
		return false, err
	}
	if otherAccount {
		return true, nil
	}
	fit, err := fits(ctx, tx, a.ConnectorHash, c)
	return !fit, err
}

func renewable(old, next host.Authorization) bool {
	return old.Owner == next.Owner && old.Credential == next.Credential && maps.Equal(old.HostParams, next.HostParams)
}

// renew overwrites an authorization with a new grant. A refresh that is under
// way finds another secret version and leaves it alone.
func (b *Broker) renew(ctx context.Context, tx host.Tx, old, a host.Authorization, s host.Secrets, r host.Record) (host.Authorization, error) {
	a.ID, a.CreatedAt, a.Version = old.ID, old.CreatedAt, old.Version
	a.ForAll = a.ForAll || old.ForAll
	same := a.AccountKey == "" || a.AccountKey == old.AccountKey
	if a.AccountLabel == "" || old.LabelSet && same {
		a.AccountLabel, a.LabelSet = old.AccountLabel, old.LabelSet
	}
	if a.AccountKey == "" {
		a.AccountKey = old.AccountKey
	}
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return a, err
	}
	r.Object = string(a.ID)
	return a, tx.Authorizations().Seal(ctx, a.ID, s, r)
}

// askedScopes lists the scopes that a connection asks for.
func askedScopes(c host.Connection, connector host.Connector) []string {
	if c.ScopeChoice == host.SpecificScopes {
		return slices.Clone(c.Scopes)
	}
	var all []string
	for _, s := range connector.Manifest.Scopes {
		all = append(all, s.Name)
	}
	return all
}

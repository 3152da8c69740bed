package broker

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

// A Desired is what a store should hold, as somebody wrote it down. Where of
// each thing says where it stands, for errors.
type Desired struct {
	Users       []DesiredUser
	Connectors  []DesiredConnector
	Credentials []DesiredCredential
	Connections []DesiredConnection
}

// A DesiredUser is known by its login. An empty name or email stays as it is.
type DesiredUser struct {
	Where string
	host.User
}

// A DesiredConnector is known by the hash of its file. The file is needed where
// it is not installed.
type DesiredConnector struct {
	Where string
	Hash  string
	InstallRequest
	Actions *bool // nil: as it is
}

// A DesiredCredential is known by its connector and name.
type DesiredCredential struct {
	Where string
	host.ClientCredential
	Secret host.Secret
	Given  bool // the secret; without it that of an existing one stays
}

// A DesiredConnection is known by its link name. Access, scopes, parameters and
// environments that are not given are the usual ones; a name, version, mode and
// client credential that are not given stay as they are.
type DesiredConnection struct {
	Where string
	CreateRequest
}

// ApplyOptions say how Apply works.
type ApplyOptions struct {
	DryRun bool // change nothing
	Prune  bool // delete connections, and connectors, that are not named
	Agreed bool // to what connectors may do
}

// An Applied is one thing that was changed.
type Applied struct {
	Sign string // "+", "~" or "-"
	Kind string
	Name string
	What []string
}

// errDryRun undoes the transaction of a trial.
var errDryRun = errors.New("a trial")

// Apply makes the store hold what is desired. Everything happens in one
// transaction and by the rules that each act has: if one of them is refused,
// nothing was changed; a trial is the same, undone. What is to be deleted goes
// afterwards, because services are told.
func (b *Broker) Apply(ctx context.Context, sub host.Subject, d Desired, opts ApplyOptions) ([]Applied, error) {
	if err := sub.Require(host.ManageConnections); err != nil {
		return nil, err
	}
	for _, c := range d.Credentials {
		b.Redactor.LearnSecret(c.Secret)
	}
	var a *applying
	err := b.Store.Update(ctx, func(tx host.Tx) error {
		parts := b.Parts
		parts.Store = joined{b.Store, tx}
		a = &applying{b: New(parts), tx: tx, sub: sub, opts: opts}
		if err := a.all(ctx, d); err != nil {
			return err
		}
		if opts.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return nil, err
	}
	if !opts.DryRun {
		err = b.prune(ctx, sub, a)
		return a.out, err
	}
	return a.out, nil
}

// A joined store runs everything in a transaction that is under way.
type joined struct {
	host.Store
	tx host.Tx
}

func (j joined) View(_ context.Context, f func(host.Tx) error) error   { return f(j.tx) }
func (j joined) Update(_ context.Context, f func(host.Tx) error) error { return f(j.tx) }

// An applying is one Apply under way. Its broker works in its transaction.
type applying struct {
	b           *Broker
	tx          host.Tx
	sub         host.Subject
	opts        ApplyOptions
	out         []Applied
	connections []string // to be deleted
	connectors  []string
}

func (a *applying) note(sign, kind, name string, what ...string) {
	a.out = append(a.out, Applied{sign, kind, name, what})
}

// diff gives what changes, or nothing.
func diff(what, from, to string) []string {
	if from == to {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s -> %s", what, orNone(from), orNone(to))}
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// at says where an error comes from.
func at(where string, err error) error {
	e, ok := errors.AsType[*host.Error](err)
	if !ok || where == "" {
		return err
	}
	placed := *e
	placed.Msg = where + ": " + e.Msg
	return &placed
}

func (a *applying) all(ctx context.Context, d Desired) error {
	for _, u := range d.Users {
		if err := a.user(ctx, u.User); err != nil {
			return at(u.Where, err)
		}
	}
	for _, c := range d.Connectors {
		if err := a.connector(ctx, c); err != nil {
			return at(c.Where, err)
		}
	}
	for _, c := range d.Connectors {
		if err := a.current(ctx, c); err != nil {
			return at(c.Where, err)
		}
	}
	for _, c := range d.Credentials {
		if err := a.credential(ctx, c); err != nil {
			return at(c.Where, err)
		}
	}
	for _, c := range d.Connections {
		if err := a.connection(ctx, c.CreateRequest); err != nil {
			return at(c.Where, err)
		}
	}
	if a.opts.Prune {
		return a.surplus(ctx, d)
	}
	return nil
}

func (a *applying) user(ctx context.Context, u host.User) error {
	was, err := a.tx.Users().FindLogin(ctx, u.Login)
	if absent(err) {
		a.note("+", "user", u.Login, string(u.Role))
		_, err = a.b.AddUser(ctx, a.sub, u)
		return err
	}
	if err != nil {
		return err
	}
	changes := diff("role", string(was.Role), string(u.Role))
	if len(changes) > 0 {
		if was, err = a.b.SetRole(ctx, a.sub, u.Login, u.Role); err != nil {
			return err
		}
	}
	next := was
	if u.Name != "" {
		next.Name = u.Name
	}
	if u.Email != "" {
		next.Email = u.Email
	}
	if next != was {
		if err := mayGrant(a.sub, was.Role); err != nil {
			return err
		}
		changes = append(changes, append(diff("name", was.Name, next.Name), diff("email", was.Email, next.Email)...)...)
		if err := a.tx.Users().Save(ctx, next); err != nil {
			return err
		}
		if err := a.record(ctx, string(was.ID), changes); err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		a.note("~", "user", u.Login, changes...)
	}
	return nil
}

func (a *applying) record(ctx context.Context, object string, changes []string) error {
	return a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActApply, object, "changes", strings.Join(changes, "; ")))
}

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

func (a *applying) credential(ctx context.Context, d DesiredCredential) error {
	if err := a.sub.Require(host.ManageCredentials); err != nil {
		return err
	}
	list, err := a.tx.Credentials().List(ctx, d.Connector)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(c host.ClientCredential) bool { return c.Name == d.Name })
	if i < 0 {
		a.note("+", "credential", d.Name, "of "+d.Connector)
		_, err := a.b.AddCredential(ctx, a.sub, d.ClientCredential, d.Secret)
		return err
	}
	was := list[i]
	others := slices.Delete(slices.Clone(list), i, i+1)
	secret, err := a.tx.Credentials().Secret(ctx, was.ID)
	if err != nil {
		return err
	}
	if !d.Given {
		d.Secret = secret
	}
	next := was
	next.ClientID, next.Quick = d.ClientID, d.Quick
	changes := append(diff("client id", was.ClientID, next.ClientID), diff("quick", fmt.Sprint(was.Quick), fmt.Sprint(next.Quick))...)
	newSecret := subtle.ConstantTimeCompare([]byte(d.Secret.Reveal()), []byte(secret.Reveal())) == 0
	if newSecret {
		changes = append(changes, "another secret")
	}
	if len(changes) == 0 {
		return nil
	}
	connector, err := findConnector(ctx, a.tx, a.sub, d.Connector)
	if err != nil {
		return err
	}
	for _, err := range []error{
		host.CheckClientID(next.ClientID, connector.Manifest.Auth.ClientIDPattern), checkClientSecret(connector, d.Secret, a.b.Now()),
		refuseDuplicate(ctx, a.tx, others, next, d.Secret),
	} {
		if err != nil {
			return err
		}
	}
	a.note("~", "credential", d.Name, changes...)
	if err := a.tx.Credentials().Save(ctx, next); err != nil {
		return err
	}
	if next.ClientID != was.ClientID {
		if err := a.otherClient(ctx, next); err != nil {
			return err
		}
	}
	if newSecret {
		r := a.b.record(a.sub, host.ActApply, string(was.ID), "changes", strings.Join(changes, "; "))
		return a.tx.Credentials().Seal(ctx, was.ID, d.Secret, r)
	}
	return a.record(ctx, string(was.ID), changes)
}

// otherClient marks what was authorized with the client id before (design rule
// 8).
func (a *applying) otherClient(ctx context.Context, c host.ClientCredential) error {
	list, err := a.tx.Authorizations().List(ctx, c.Connector)
	if err != nil {
		return err
	}
	for _, auth := range list {
		if auth.Credential != c.ID || auth.State == host.RevokedState {
			continue
		}
		auth.State, auth.Reason, auth.UpdatedAt = host.NeedsReauth, "the client id was changed", a.b.Now()
		if err := a.tx.Authorizations().Save(ctx, auth); err != nil {
			return err
		}
		if err := a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActAuthorizeRefused, string(auth.ID), "reason", auth.Reason)); err != nil {
			return err
		}
	}
	return nil
}

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
		if next.Mode, next.Credential, err = chooseCredential(ctx, a.tx, connector, d.Mode, d.Credential); err != nil {
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

// surplus lists what is there and not named: connections, and connectors of
// which no version is named and no other connection is left. Users and client
// credentials are never deleted by a file.
func (a *applying) surplus(ctx context.Context, d Desired) error {
	all, err := a.tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, c := range all {
		if slices.ContainsFunc(d.Connections, func(w DesiredConnection) bool { return w.LinkName == c.LinkName }) {
			used[c.Connector] = true
			continue
		}
		a.note("-", "connection", c.LinkName)
		a.connections = append(a.connections, c.LinkName)
	}
	versions, err := a.tx.Connectors().List(ctx, "")
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, c := range versions {
		if c.BuiltIn || slices.ContainsFunc(d.Connectors, func(w DesiredConnector) bool { return w.Hash == c.Hash }) {
			named[c.ID] = true
		}
	}
	for _, c := range versions {
		if !named[c.ID] && !used[c.ID] && !slices.Contains(a.connectors, c.ID) {
			a.note("-", "connector", c.ID)
			a.connectors = append(a.connectors, c.ID)
		}
	}
	return nil
}

// prune deletes what is surplus, by the usual acts.
func (b *Broker) prune(ctx context.Context, sub host.Subject, a *applying) error {
	for _, link := range a.connections {
		if _, err := b.Delete(ctx, sub, link); err != nil {
			return err
		}
	}
	for _, id := range a.connectors {
		if _, err := b.Remove(ctx, sub, id, ""); err != nil {
			return err
		}
	}
	return nil
}

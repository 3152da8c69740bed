package broker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

// An UpdateRequest says what to change of a connection. What is nil or empty
// stays as it is.
type UpdateRequest struct {
	Connection   string
	Name         string
	Scopes       *[]string           // none in it: all
	Environments *[]host.Environment // with an authorization of their own; none in it: one for all
	// Keep is the place whose authorization becomes the shared one, where
	// environments lose their own: Shared or one of them.
	Keep       host.Environment
	Access     host.Access
	Mode       host.Mode
	Credential string // name or id, for Custom
	// AccountLabel is another name for the account of the place that a run in
	// Environment would use.
	AccountLabel string
	Environment  host.Environment
}

// Updated says what came of it.
type Updated struct {
	Connection host.Connection
	Changed    []string             // what, in words
	Unused     []host.Authorization // that nothing uses any more
}

// Update changes a connection. The link name never changes (design rule 2).
func (b *Broker) Update(ctx context.Context, sub host.Subject, req UpdateRequest) (Updated, error) {
	return update(ctx, b, func(tx host.Tx) (Updated, error) {
		c, connector, err := findConnection(ctx, tx, sub, req.Connection)
		if err != nil {
			return Updated{}, err
		}
		u := updating{b: b, tx: tx, sub: sub, connector: connector, was: c, now: c, req: req}
		if req.AccountLabel != "" {
			if err := u.account(ctx); err != nil {
				return Updated{}, err
			}
		}
		if req.onlyLabel() {
			return u.out, err
		}
		if err := sub.Require(host.ManageConnections); err != nil {
			return Updated{}, err
		}
		for _, step := range []func(context.Context) error{u.name, u.scopes, u.credential, u.access, u.environments} {
			if err := step(ctx); err != nil {
				return Updated{}, err
			}
		}
		return u.out, u.save(ctx)
	})
}

func (r UpdateRequest) onlyLabel() bool {
	r.AccountLabel, r.Environment = "", ""
	return r == UpdateRequest{Connection: r.Connection}
}

// An updating is one Update under way.
type updating struct {
	b         *Broker
	tx        host.Tx
	sub       host.Subject
	connector host.Connector
	req       UpdateRequest
	was, now  host.Connection
	out       Updated
	detail    []string // of the audit record
	freed     []host.AuthorizationID
}

// changed notes a change for people and for the record.
func (u *updating) changed(what, from, to string) {
	u.out.Changed = append(u.out.Changed, fmt.Sprintf("%s: %s -> %s", what, from, to))
	u.detail = append(u.detail, what, from+" -> "+to)
}

func (u *updating) name(context.Context) error {
	if u.req.Name == "" || u.req.Name == u.was.Name {
		return nil
	}
	if err := host.CheckName(u.req.Name); err != nil {
		return err
	}
	u.now.Name = u.req.Name
	u.changed("name", u.was.Name, u.now.Name)
	return nil
}

func (u *updating) scopes(context.Context) error {
	if u.req.Scopes == nil {
		return nil
	}
	u.now.ScopeChoice, u.now.Scopes = host.AllScopes, nil
	if err := setScopes(&u.now, u.connector, *u.req.Scopes); err != nil {
		return err
	}
	if from, to := scopeWords(u.was), scopeWords(u.now); from != to {
		u.changed("scopes", from, to)
	}
	return nil
}

func scopeWords(c host.Connection) string {
	if c.ScopeChoice == host.AllScopes {
		return "all"
	}
	return strings.Join(c.Scopes, " ")
}

// credential is design rules 7 and 8. What was authorized with another client
// credential stays bound, is shown with that reason, and calls nothing.
func (u *updating) credential(ctx context.Context) error {
	if u.req.Mode == "" && u.req.Credential == "" {
		return nil
	}
	if !u.connector.Manifest.NeedsClient() {
		return host.Errorf(host.Usage, "connector %q is authorized by %s and has no client credential", u.connector.ID, u.connector.Manifest.Auth.Type).
			WithHint("leave --mode and --credential out")
	}
	mode, id, err := chooseCredential(ctx, u.tx, u.connector, u.req.Mode, u.req.Credential, "connhost connection update "+u.was.LinkName+" --credential")
	if err != nil || mode == u.was.Mode && id == u.was.Credential {
		return err
	}
	from, err := u.credentialName(ctx, u.was.Credential)
	if err != nil {
		return err
	}
	to, err := u.credentialName(ctx, id)
	if err != nil {
		return err
	}
	u.now.Mode, u.now.Credential = mode, id
	u.changed("client credential", string(u.was.Mode)+" "+from, string(mode)+" "+to)
	return nil
}

func (u *updating) credentialName(ctx context.Context, id host.CredentialID) (string, error) {
	if id == "" {
		return "none", nil
	}
	c, err := u.tx.Credentials().Find(ctx, id)
	return c.Name, err
}

// access changes who authorizes. An authorization never begins to serve calls
// that its owner did not give it for: from admin to user it goes to its owner,
// from user to admin it must be the subject's own, and the only one.
func (u *updating) access(ctx context.Context) error {
	to := u.req.Access
	switch {
	case to == "" || to == u.was.Access:
		return nil
	case to != host.AdminAccess && to != host.UserAccess:
		return host.Errorf(host.Usage, "no access named %q", to).WithHint("use admin or user")
	}
	binds, err := u.tx.Bindings().OfConnection(ctx, u.was.ID)
	if err != nil {
		return err
	}
	move := u.toOwner
	if to == host.AdminAccess {
		others := map[host.UserID]bool{}
		for _, bind := range binds {
			if bind.User != u.sub.User.ID {
				others[bind.User] = true
			}
		}
		if len(others) > 0 {
			return host.Errorf(host.Refused, "connection %q cannot become an admin connection: %s authorized it for themselves alone", u.was.LinkName, people(len(others))).
				WithHint("create one beside it: connhost connection create %s --access admin", u.was.Connector)
		}
		move = u.toAll
	}
	for _, bind := range binds {
		if err := move(ctx, bind); err != nil {
			return err
		}
	}
	u.now.Access = to
	u.changed("access", string(u.was.Access), string(to))
	return nil
}

func people(n int) string {
	if n == 1 {
		return "1 user has"
	}
	return itoa(n) + " users have"
}

// toOwner makes the binding of all that of its authorization's owner.
func (u *updating) toOwner(ctx context.Context, bind host.Binding) error {
	a, err := u.tx.Authorizations().Find(ctx, bind.Authorization)
	if err != nil {
		return err
	}
	if err := u.tx.Bindings().Delete(ctx, bind.ID); err != nil {
		return err
	}
	if _, err := u.tx.Users().Find(ctx, a.Owner); err != nil {
		u.freed = append(u.freed, a.ID) // nobody's calls could use it
		if absent(err) {
			err = nil
		}
		return err
	}
	bind.ID, bind.User = host.NewBindingID(), a.Owner
	return u.tx.Bindings().Put(ctx, bind)
}

// toAll makes the subject's binding that of all.
func (u *updating) toAll(ctx context.Context, bind host.Binding) error {
	a, err := u.tx.Authorizations().Find(ctx, bind.Authorization)
	if err != nil {
		return err
	}
	if !a.ForAll {
		a.ForAll = true
		if err := u.tx.Authorizations().Save(ctx, a); err != nil {
			return err
		}
	}
	if err := u.tx.Bindings().Delete(ctx, bind.ID); err != nil {
		return err
	}
	bind.ID, bind.User = host.NewBindingID(), ""
	return u.tx.Bindings().Put(ctx, bind)
}

// environments is design rule 11. One that gets its own is not_connected until
// it is authorized. Of those that lose theirs, and the shared one, one becomes
// the shared one: the only one that there is, or that of Keep.
func (u *updating) environments(ctx context.Context) error {
	if u.req.Environments == nil {
		if u.req.Keep != "" {
			return host.Errorf(host.Usage, "there is nothing to keep: no environment loses its own authorization").
				WithHint("give --keep together with --environments")
		}
		return nil
	}
	var next []host.Environment
	for _, env := range host.Environments() { // in their order, once each
		if slices.Contains(*u.req.Environments, env) {
			next = append(next, env)
		}
	}
	if slices.Equal(next, u.was.Environments) {
		return nil
	}
	gone := []host.Environment{host.Shared}
	for _, env := range u.was.Environments {
		if !slices.Contains(next, env) {
			gone = append(gone, env)
		}
	}
	if u.req.Keep != "" && !slices.Contains(gone, u.req.Keep) {
		return host.Errorf(host.Usage, "the authorization of %s cannot become the shared one: it does not lose its own", u.req.Keep).
			WithHint("keep one of: %s", join(texts(gone)))
	}
	if err := u.merge(ctx, gone); err != nil {
		return err
	}
	u.now.Environments = next
	u.changed("environments", environmentWords(u.was.Environments), environmentWords(next))
	return nil
}

func texts(list []host.Environment) []string {
	var out []string
	for _, e := range list {
		out = append(out, string(e))
	}
	return out
}

func environmentWords(list []host.Environment) string {
	if len(list) == 0 {
		return "none"
	}
	return join(texts(list))
}

// merge leaves, for each user, one of the bindings of some places, as the
// shared one.
func (u *updating) merge(ctx context.Context, gone []host.Environment) error {
	binds, err := u.tx.Bindings().OfConnection(ctx, u.was.ID)
	if err != nil || len(gone) == 1 {
		return err
	}
	of := map[host.UserID][]host.Binding{}
	var users []host.UserID
	for _, bind := range binds {
		if slices.Contains(gone, bind.Environment) {
			if of[bind.User] == nil {
				users = append(users, bind.User)
			}
			of[bind.User] = append(of[bind.User], bind)
		}
	}
	for _, user := range users {
		kept, err := u.choose(ctx, of[user])
		if err != nil {
			return err
		}
		for _, bind := range of[user] {
			if err := u.tx.Bindings().Delete(ctx, bind.ID); err != nil {
				return err
			}
			u.freed = append(u.freed, bind.Authorization)
		}
		kept.ID, kept.Environment = host.NewBindingID(), host.Shared
		if err := u.tx.Bindings().Put(ctx, kept); err != nil {
			return err
		}
	}
	return nil
}

// choose gives the binding that becomes the shared one: that of Keep, where a
// user has it, else the only account that they have.
func (u *updating) choose(ctx context.Context, binds []host.Binding) (host.Binding, error) {
	distinct := map[host.AuthorizationID]bool{}
	var accounts []string
	for _, bind := range binds {
		if bind.Environment == u.req.Keep {
			return bind, nil
		}
		distinct[bind.Authorization] = true
		a, err := u.tx.Authorizations().Find(ctx, bind.Authorization)
		if err != nil {
			return bind, err
		}
		accounts = append(accounts, fmt.Sprintf("%s: %s", bind.Environment, a.AccountLabel))
	}
	if len(distinct) == 1 || u.req.Keep != "" {
		return binds[0], nil
	}
	return binds[0], host.Errorf(host.Usage, "connection %q has %d authorizations that one must take the place of: %s", u.was.LinkName, len(distinct), join(accounts)).
		WithHint("say which becomes the shared one: --keep %s", binds[0].Environment)
}

// account names the account of the subject's place.
func (u *updating) account(ctx context.Context) error {
	if err := mayHold(u.sub, u.was); err != nil {
		return err
	}
	if err := host.CheckName(u.req.AccountLabel); err != nil {
		return err
	}
	bind, err := u.tx.Bindings().Find(ctx, u.was.ID, u.was.Slot(u.req.Environment), u.was.Holder(u.sub.User.ID))
	if absent(err) {
		return host.Errorf(host.NeedsAuth, "connection %q is not authorized%s, so it has no account to name", u.was.LinkName, in(u.was.Slot(u.req.Environment))).
			WithHint("connhost connection authorize %s", u.was.LinkName)
	}
	if err != nil {
		return err
	}
	a, err := u.tx.Authorizations().Find(ctx, bind.Authorization)
	if err != nil {
		return err
	}
	if _, err := u.b.nameAccount(ctx, u.tx, u.sub, a, u.req.AccountLabel); err != nil {
		return err
	}
	u.out.Connection = u.was
	u.out.Changed = append(u.out.Changed, fmt.Sprintf("account: %s -> %s", a.AccountLabel, u.req.AccountLabel))
	return nil
}

// save writes the row and its record, and tells what is not used any more. A
// consent that is under way was for what the connection was, so it is dropped
// where more than the name has changed.
func (u *updating) save(ctx context.Context) error {
	u.out.Connection = u.now
	if len(u.detail) == 0 {
		return nil
	}
	if err := u.tx.Connections().Save(ctx, u.now); err != nil {
		if host.CodeOf(err) == host.Conflict && u.now.Name != u.was.Name {
			return hinted(err, "choose another name")
		}
		return err
	}
	u.out.Connection.Version++
	if u.now.Name == u.was.Name || len(u.detail) > 2 {
		if err := u.tx.Windows().DeleteFor(ctx, u.now.ID, ""); err != nil {
			return err
		}
	}
	slices.Sort(u.freed)
	for _, id := range slices.Compact(u.freed) {
		left, err := u.tx.Bindings().OfAuthorization(ctx, id)
		if err != nil {
			return err
		}
		a, err := u.tx.Authorizations().Find(ctx, id)
		if err != nil {
			return err
		}
		if len(left) == 0 && a.State != host.RevokedState {
			u.out.Unused = append(u.out.Unused, a)
		}
	}
	return u.tx.Audit().Append(ctx, u.b.record(u.sub, host.ActConnectionUpdate, string(u.now.ID), append(u.detail, "link_name", u.now.LinkName)...))
}

package broker

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Choices are what a connection's authorization may be used with, as the
// service tells now.
type Choices struct {
	Connection  host.Connection
	Environment host.Environment // the place: one, or shared
	What        string           // such as site
	List        []abi.Choice
	Chosen      host.Chosen
}

// Choices asks the service what a connection could be used with.
func (b *Broker) Choices(ctx context.Context, sub host.Subject, env host.Environment, link string) (Choices, error) {
	r, err := b.choosing(ctx, sub, env, link)
	if err != nil {
		return Choices{}, err
	}
	return b.choices(ctx, r)
}

// Choose makes one of them what the connection is used with from now on, and so
// every connection that shares its authorization. Nobody has to consent anew.
func (b *Broker) Choose(ctx context.Context, sub host.Subject, env host.Environment, link, key string) (Choices, error) {
	r, err := b.choosing(ctx, sub, env, link)
	if err != nil {
		return Choices{}, err
	}
	c, err := b.choices(ctx, r)
	if err != nil {
		return c, err
	}
	i := slices.IndexFunc(c.List, func(one abi.Choice) bool { return one.Key == key })
	if i < 0 {
		return c, host.Errorf(host.NotFound, "connection %q has no %s %q to be used with", link, c.What, key).
			WithHint("there is: %s", keysOf(c.List))
	}
	if err := r.choose(c.List[i]); err != nil {
		return c, err
	}
	c.Chosen = r.authorization.Chosen
	if err := b.fill(r); err != nil {
		return c, err
	}
	account, _, _ := b.account(ctx, r)
	return c, b.Store.Update(ctx, func(tx host.Tx) error { return b.keepChoice(ctx, tx, sub, r, account) })
}

// choosing finds the way of a connection whose subject may choose for it.
func (b *Broker) choosing(ctx context.Context, sub host.Subject, env host.Environment, link string) (*route, error) {
	r, err := view(ctx, b, func(tx host.Tx) (*route, error) {
		c, connector, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return nil, err
		}
		if err := mayAuthorize(sub, c, connector); err != nil {
			return nil, err
		}
		if connector.Manifest.Choose == nil {
			return nil, host.Errorf(host.Usage, "there is nothing to choose for connections of connector %q", connector.ID)
		}
		return readRoute(ctx, tx, sub, env, link)
	})
	if err != nil {
		return nil, err
	}
	return r, b.fill(r)
}

// choices sends the request that the manifest has for it.
func (b *Broker) choices(ctx context.Context, r *route) (Choices, error) {
	rule := *r.connector.Manifest.Choose
	c := Choices{Connection: r.connection, Environment: r.connection.Slot(r.environment), What: rule.What, Chosen: r.authorization.Chosen}
	got, err := b.ask(ctx, r, rule.Request)
	if err != nil {
		return c, err
	}
	_, body, err := guestResponse(got.response)
	if err != nil {
		return c, err
	}
	failed := func(why string) (Choices, error) {
		return c, host.Errorf(host.Failed, "%s does not tell what connection %q could be used with: %s", r.connector.Manifest.Name, r.connection.LinkName, why)
	}
	if got.response.StatusCode >= 400 {
		return failed("it answered " + strconv.Itoa(got.response.StatusCode))
	}
	list, ok := rule.Choices(body)
	if !ok {
		return failed("its answer is another than connector \"" + r.connector.ID + "\" says")
	}
	c.List = list
	return c, nil
}

// preset chooses for a new authorization what its place had before, else the
// only one that there is, else the service's default. Where none of these
// decides it gives all; a sentence tells why the service could not be asked.
func (b *Broker) preset(ctx context.Context, sub host.Subject, t target, a *host.Authorization, s host.Secrets) (list []abi.Choice, warning string) {
	if t.connector.Manifest.Choose == nil {
		return nil, ""
	}
	r, err := b.unstored(t, *a, s)
	if err != nil {
		return nil, sentence(err)
	}
	c, err := b.choices(ctx, r)
	if err != nil {
		return nil, sentence(err)
	}
	before, err := b.chosenBefore(ctx, sub, t)
	if err != nil {
		return nil, sentence(err)
	}
	decides := []func(abi.Choice) bool{
		func(one abi.Choice) bool { return one.Key == before },
		func(abi.Choice) bool { return len(c.List) == 1 },
		func(one abi.Choice) bool { return one.Default },
	}
	for _, is := range decides {
		if i := slices.IndexFunc(c.List, is); i >= 0 {
			if err := r.choose(c.List[i]); err != nil {
				return nil, sentence(err)
			}
			a.Params, a.Chosen = r.authorization.Params, r.authorization.Chosen
			return nil, ""
		}
	}
	if len(c.List) == 0 {
		return nil, "the account has no " + c.What + " that the connection could be used with"
	}
	return c.List, ""
}

// chosenBefore is the key of what the present authorization of a place is used
// with.
func (b *Broker) chosenBefore(ctx context.Context, sub host.Subject, t target) (string, error) {
	return view(ctx, b, func(tx host.Tx) (string, error) {
		bind, err := tx.Bindings().Find(ctx, t.connection.ID, t.slot, t.connection.Holder(sub.User.ID))
		if absent(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		a, err := tx.Authorizations().Find(ctx, bind.Authorization)
		return a.Chosen.Key, err
	})
}

// choose lays the values of a choice over those of the authorization. The
// service gives them, and nothing of it may stand for a secret or be one.
func (r *route) choose(c abi.Choice) error {
	for name, text := range c.Values {
		if host.HasPlace(text) {
			return foreignPlace("what the service gave for \"" + name + "\"")
		}
		if strings.Contains(r.redactor.Text(text), host.Mask) { // answers are masked already
			return host.Errorf(host.Failed, "what the service gave for %q holds a secret", name)
		}
	}
	r.authorization.Params = over(r.authorization.Params, c.Values)
	r.authorization.Chosen = host.Chosen{Key: oneLine(c.Key), Label: oneLine(r.redactor.Text(c.Label))}
	return nil
}

// keepChoice writes a choice into the authorization as it is now: it may have
// been renewed meanwhile.
func (b *Broker) keepChoice(ctx context.Context, tx host.Tx, sub host.Subject, r *route, account abi.Account) error {
	sub, err := asNow(ctx, tx, sub)
	if err != nil {
		return err
	}
	if err := mayHold(sub, r.connection); err != nil {
		return err
	}
	a, err := tx.Authorizations().Find(ctx, r.authorization.ID)
	if err != nil {
		return err
	}
	if a.State == host.RevokedState {
		return r.unauthorized(howEnded(a))
	}
	values := map[string]string{}
	for name := range r.connector.Manifest.Choose.Values {
		values[name] = r.authorization.Params[name]
	}
	a.Params, a.Chosen, a.UpdatedAt = over(a.Params, values), r.authorization.Chosen, b.Now()
	if a.AccountKey == "" && account.Key != "" {
		a.AccountKey = account.Key
		if !a.LabelSet && account.Label != "" {
			a.AccountLabel = account.Label
		}
	}
	if err := tx.Authorizations().Save(ctx, a); err != nil {
		return err
	}
	return tx.Audit().Append(ctx, b.record(sub, host.ActChoose, string(a.ID), "connection", string(r.connection.ID), "key", a.Chosen.Key, "label", a.Chosen.Label))
}

// waits says whether something has to be chosen before a call.
func (r *route) waits() bool {
	return len(r.connector.Manifest.Unchosen(r.authorization.Params)) > 0
}

// unchosen is the error of a call for which something has to be chosen first.
func (r *route) unchosen() *host.Error {
	return r.unauthorizedHint(host.Errorf(host.NeedsAuth, "nobody has chosen the %s that connection %q is used with%s", r.connector.Manifest.Choose.What, r.connection.LinkName, r.where()), "choose")
}

func keysOf(list []abi.Choice) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Key
		if c.Label != c.Key {
			names[i] += " (" + oneLine(c.Label) + ")"
		}
	}
	return strings.Join(names, ", ")
}

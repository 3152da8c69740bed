package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/connhost/connhost/host"
)

// ApplyOptions say how Apply works.
type ApplyOptions struct {
	DryRun bool // change nothing
	Prune  bool // delete connections, connectors and applications that are not named
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
	b    *Broker
	tx   host.Tx
	sub  host.Subject
	opts ApplyOptions
	out  []Applied
	// To be deleted.
	connections, connectors, applications []string
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
	for _, app := range d.Applications {
		if err := a.application(ctx, app, d.Connections); err != nil {
			return at(app.Where, err)
		}
	}
	if a.opts.Prune {
		return a.surplus(ctx, d)
	}
	return nil
}

func (a *applying) record(ctx context.Context, object string, changes []string) error {
	return a.tx.Audit().Append(ctx, a.b.record(a.sub, host.ActApply, object, "changes", strings.Join(changes, "; ")))
}

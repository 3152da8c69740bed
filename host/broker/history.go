package broker

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/connhost/connhost/host"
)

// An Event is one act in the life of a connection or of an authorization of it.
type Event struct {
	host.Record
	Who     string // the login; HostItself for the host
	Account string // of the authorization that it is about; empty: about the connection
}

// HostItself is who acts when no person does.
const HostItself = "connhost"

// History tells what became of a connection and of its authorizations, oldest
// first: the last events of it, or all for 0. Administrative roles see all of
// it, others what became of their own authorizations. It reads the records of
// these alone, however long the audit chain is.
func (b *Broker) History(ctx context.Context, sub host.Subject, link string, last int) ([]Event, error) {
	return view(ctx, b, func(tx host.Tx) ([]Event, error) {
		c, _, err := findConnection(ctx, tx, sub, link)
		if err != nil {
			return nil, err
		}
		if c.Access == host.AdminAccess {
			if err := sub.Require(host.SeeHistory); err != nil {
				return nil, err
			}
		}
		t := timeline{tx: tx, last: last, seen: map[string]bool{}, names: map[host.UserID]string{}}
		if sub.User.Role.May(host.SeeHistory) {
			if _, err := t.add(ctx, string(c.ID), "", math.MaxInt64); err != nil {
				return nil, err
			}
		} else {
			t.owner = sub.User.ID
		}
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, bind := range binds {
			if err := t.follow(ctx, bind.Authorization); err != nil {
				return nil, err
			}
		}
		return t.list(), nil
	})
}

// A timeline gathers the events of several objects.
type timeline struct {
	tx     host.Tx
	last   int
	owner  host.UserID // whose authorizations alone; empty: everyone's
	seen   map[string]bool
	names  map[host.UserID]string
	events []Event
}

// follow adds an authorization, and those that stood in its place before.
func (t *timeline) follow(ctx context.Context, id host.AuthorizationID) error {
	for until := int64(math.MaxInt64); id != "" && !t.seen[string(id)]; {
		a, err := t.tx.Authorizations().Find(ctx, id)
		if err != nil && !absent(err) {
			return err
		}
		if t.owner != "" && a.Owner != t.owner {
			return nil
		}
		first, err := t.add(ctx, string(id), cmp.Or(a.AccountLabel, "a deleted account"), until)
		if err != nil {
			return err
		}
		id, until = host.AuthorizationID(first.Detail["before"]), first.Seq
	}
	return nil
}

// add adds the records about an object until a number, and gives the oldest
// that it read. An intent whose outcome is known is told by that.
func (t *timeline) add(ctx context.Context, object, account string, until int64) (first host.Record, err error) {
	t.seen[object] = true
	list, err := t.records(ctx, object)
	if err != nil || len(list) == 0 {
		return first, err
	}
	for i, r := range list {
		if r.Seq > until {
			break
		}
		if r.Act == host.ActRefreshIntent && i+1 < len(list) && (list[i+1].Act == host.ActRefresh || list[i+1].Act == host.ActRefreshFailed) {
			continue
		}
		who, err := t.who(ctx, r.By)
		if err != nil {
			return first, err
		}
		t.events = append(t.events, Event{Record: r, Who: who, Account: account})
	}
	return list[0], nil
}

// records are twice as many as are wanted: every second may be an intent.
func (t *timeline) records(ctx context.Context, object string) ([]host.Record, error) {
	if t.last <= 0 {
		return t.tx.Audit().List(ctx, object)
	}
	return t.tx.Audit().Last(ctx, object, 2*t.last)
}

func (t *timeline) who(ctx context.Context, id host.UserID) (string, error) {
	if id == "" {
		return HostItself, nil
	}
	if name, ok := t.names[id]; ok {
		return name, nil
	}
	u, err := t.tx.Users().Find(ctx, id)
	if err != nil && !absent(err) {
		return "", err
	}
	if err != nil { // deleted: their first record has the login
		records, err := t.tx.Audit().List(ctx, string(id))
		if err != nil {
			return "", err
		}
		for _, r := range records {
			u.Login = cmp.Or(u.Login, r.Detail["login"])
		}
	}
	t.names[id] = cmp.Or(u.Login, string(id))
	return t.names[id], nil
}

func (t *timeline) list() []Event {
	slices.SortFunc(t.events, func(a, b Event) int { return cmp.Compare(a.Seq, b.Seq) })
	if t.last > 0 && len(t.events) > t.last {
		return t.events[len(t.events)-t.last:]
	}
	return t.events
}

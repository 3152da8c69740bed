package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
)

// A StopRequest says what to hold back, or to let go on.
type StopRequest struct {
	Level  host.StopLevel
	Kind   host.StopKind
	Target string // a connector's id, a credential's name or id, a login, a link name; empty for all
	Reason string // why, for those who meet it; may be empty
}

// A StopView is a stop with what it holds back.
type StopView struct {
	Stop           host.Stop
	What           string // its target in words: "connector acme"
	By             string // login
	Changed        bool   // by this call; else it was so already
	Connections    []string
	Authorizations []host.Authorization // that are not refreshed
}

// Stop holds back everything of a target at once: the next call through any of
// it is refused, and so is a refresh, in every process. It changes nothing else,
// so that Restore brings back exactly what was there. A connection that is made
// later of a stopped connector is stopped too. Revoking works all the same.
func (b *Broker) Stop(ctx context.Context, sub host.Subject, req StopRequest) (StopView, error) {
	return update(ctx, b, func(tx host.Tx) (StopView, error) {
		s, err := b.stopTarget(ctx, tx, sub, req)
		if err != nil {
			return StopView{}, err
		}
		if there, err := standing(ctx, tx, s); err != nil || there != nil {
			if err != nil {
				return StopView{}, err
			}
			return viewStop(ctx, tx, *there)
		}
		if err := tx.Stops().Insert(ctx, s); err != nil {
			return StopView{}, err
		}
		v, err := viewStop(ctx, tx, s)
		if err != nil {
			return v, err
		}
		v.Changed = true
		act := host.ActStop
		if s.Level == host.StopWrites {
			act = host.ActReadOnly
		}
		return v, tx.Audit().Append(ctx, b.record(sub, act, cmp.Or(s.Target, string(s.Kind)), "kind", string(s.Kind), "what", v.What, "reason", s.Reason))
	})
}

// Restore takes a stop back. What another stop holds back stays so, and whom
// somebody else stopped does not take that back.
func (b *Broker) Restore(ctx context.Context, sub host.Subject, req StopRequest) (StopView, error) {
	return update(ctx, b, func(tx host.Tx) (StopView, error) {
		s, err := b.stopTarget(ctx, tx, sub, req)
		if err != nil {
			return StopView{}, err
		}
		there, err := standing(ctx, tx, s)
		if err != nil {
			return StopView{}, err
		}
		if there == nil {
			what, err := stopWhat(ctx, tx, s)
			if err != nil {
				return StopView{}, err
			}
			return StopView{}, host.Errorf(host.NotFound, "%s is not %s", what, s.Level.Words()).WithHint("see what is: connhost stop --list")
		}
		if there.Kind == host.StopUser && there.Target == string(sub.User.ID) && there.By != sub.User.ID {
			return StopView{}, host.Errorf(host.NotAllowed, "%s was stopped and does not take that back", sub.User.Login).
				WithHint("let another do it, with --as LOGIN")
		}
		if err := tx.Stops().Delete(ctx, there.ID); err != nil {
			return StopView{}, err
		}
		v, err := viewStop(ctx, tx, *there)
		if err != nil {
			return v, err
		}
		v.Changed = true
		act := host.ActRestore
		if s.Level == host.StopWrites {
			act = host.ActReadOnlyEnd
		}
		return v, tx.Audit().Append(ctx, b.record(sub, act, cmp.Or(s.Target, string(s.Kind)), "kind", string(s.Kind), "what", v.What))
	})
}

// Stops lists what is held back now, oldest first.
func (b *Broker) Stops(ctx context.Context, sub host.Subject) ([]StopView, error) {
	if err := sub.Require(host.StopConnections); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]StopView, error) {
		list, err := tx.Stops().List(ctx)
		if err != nil {
			return nil, err
		}
		var out []StopView
		for _, s := range list {
			v, err := viewStop(ctx, tx, s)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
}

// stopTarget checks the right to a stop and finds its target.
func (b *Broker) stopTarget(ctx context.Context, tx host.Tx, sub host.Subject, req StopRequest) (host.Stop, error) {
	s := host.Stop{ID: host.NewStopID(), Level: req.Level, Kind: req.Kind, Reason: req.Reason, By: sub.User.ID, At: b.Now()}
	if err := sub.Require(host.StopConnections); err != nil {
		return s, err
	}
	if req.Reason != "" {
		if err := host.CheckReason(req.Reason); err != nil {
			return s, err
		}
	}
	switch req.Kind {
	case host.StopAll:
	case host.StopConnector:
		c, err := findConnector(ctx, tx, sub, req.Target)
		if err != nil {
			return s, err
		}
		s.Target = c.ID
	case host.StopCredential:
		c, err := findCredential(ctx, tx, req.Target)
		if err != nil {
			return s, err
		}
		s.Target = string(c.ID)
	case host.StopConnection:
		c, _, err := findConnection(ctx, tx, sub, req.Target)
		if err != nil {
			return s, err
		}
		s.Target = string(c.ID)
	case host.StopUser:
		if err := sub.Require(host.ManageUsers); err != nil {
			return s, err
		}
		u, err := findUser(ctx, tx, req.Target)
		if err != nil {
			return s, err
		}
		if err := mayGrant(sub, u.Role); err != nil {
			return s, err
		}
		s.Target = string(u.ID)
	default:
		return s, host.Errorf(host.Usage, "nothing of the kind %q can be stopped", req.Kind)
	}
	return s, nil
}

// standing gives the stop of the same level, kind and target, or nil.
func standing(ctx context.Context, tx host.Tx, s host.Stop) (*host.Stop, error) {
	list, err := tx.Stops().List(ctx)
	for _, o := range list {
		if o.Level == s.Level && o.Kind == s.Kind && o.Target == s.Target {
			return &o, err
		}
	}
	return nil, err
}

// forget drops the stops of something that is deleted.
func forget(ctx context.Context, tx host.Tx, kind host.StopKind, target string) error {
	list, err := tx.Stops().List(ctx)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Kind != kind || s.Target != target {
			continue
		}
		if err := tx.Stops().Delete(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}

func viewStop(ctx context.Context, tx host.Tx, s host.Stop) (v StopView, err error) {
	v.Stop = s
	if v.What, err = stopWhat(ctx, tx, s); err != nil {
		return v, err
	}
	if v.By, err = loginOf(ctx, tx, s.By); err != nil {
		return v, err
	}
	connections, err := tx.Connections().List(ctx)
	if err != nil {
		return v, err
	}
	seen := map[host.AuthorizationID]bool{}
	for _, c := range connections {
		hit := s.Hits("", &c, &host.Authorization{})
		binds, err := tx.Bindings().OfConnection(ctx, c.ID)
		if err != nil {
			return v, err
		}
		for _, bind := range binds {
			a, err := tx.Authorizations().Find(ctx, bind.Authorization)
			if err != nil {
				return v, err
			}
			if a.State == host.RevokedState || !s.Hits("", &c, &a) {
				continue
			}
			if hit = true; !seen[a.ID] {
				seen[a.ID] = true
				v.Authorizations = append(v.Authorizations, a)
			}
		}
		if hit {
			v.Connections = append(v.Connections, c.LinkName)
		}
	}
	return v, nil
}

// stopWhat is the target of a stop in words.
func stopWhat(ctx context.Context, tx host.Tx, s host.Stop) (string, error) {
	var err error
	name := s.Target
	switch s.Kind {
	case host.StopAll:
		return "everything", nil
	case host.StopConnector:
		return "connector " + name, nil
	case host.StopCredential:
		var c host.ClientCredential
		c, err = tx.Credentials().Find(ctx, host.CredentialID(s.Target))
		name = "client credential " + cmp.Or(c.Name, name)
	case host.StopUser:
		name, err = loginOf(ctx, tx, host.UserID(s.Target))
		name = "user " + name
	case host.StopConnection:
		var c host.Connection
		c, err = tx.Connections().Find(ctx, host.ConnectionID(s.Target))
		name = "connection " + cmp.Or(c.LinkName, name)
	}
	if absent(err) {
		err = nil
	}
	return name, err
}

// A holding says what holds a call back, in sentences; empty for nothing.
type holding struct {
	stopped, readOnly string
	since             time.Time // of the stop
}

// heldBy finds what holds back what a user does through a connection.
func heldBy(ctx context.Context, tx host.Tx, user host.UserID, c host.Connection, a host.Authorization) (h holding, err error) {
	list, err := tx.Stops().List(ctx)
	if err != nil {
		return h, err
	}
	return heldByThese(ctx, tx, list, user, c, a)
}

func heldByThese(ctx context.Context, tx host.Tx, list []host.Stop, user host.UserID, c host.Connection, a host.Authorization) (h holding, err error) {
	for _, s := range list {
		into := &h.stopped
		if s.Level == host.StopWrites {
			into = &h.readOnly
		}
		if *into != "" || !s.Hits(user, &c, &a) {
			continue
		}
		if *into, err = stopSentence(ctx, tx, s); err != nil {
			return h, err
		}
		if s.Level == host.StopCalls {
			h.since = s.At
		}
	}
	return h, nil
}

// stopSentence is a stop as who meets it is told.
func stopSentence(ctx context.Context, tx host.Tx, s host.Stop) (string, error) {
	what, err := stopWhat(ctx, tx, s)
	if err != nil {
		return "", err
	}
	by, err := loginOf(ctx, tx, s.By)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s was made %s by %s", what, s.Level.Words(), by)
	if s.Level == host.StopCalls {
		text = fmt.Sprintf("%s was stopped by %s", what, by)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text, nil
}

// opStopped marks the error of what a stop refuses, so that no living token is
// used instead.
const opStopped = "stopped"

// refusal is the error of a stop, or nil.
func (h holding) refusal(link string) error {
	if h.stopped == "" {
		return nil
	}
	e := host.Errorf(host.Refused, "connection %q is stopped: %s", link, h.stopped).
		WithHint("ask an administrator, who sees what is stopped: connhost stop --list")
	e.Op = opStopped
	return e
}

func isStopped(err error) bool {
	e, ok := errors.AsType[*host.Error](err)
	return ok && e.Op == opStopped
}

// notStopped is the check of everything that talks to a service.
func notStopped(ctx context.Context, tx host.Tx, user host.UserID, c host.Connection, a host.Authorization) error {
	h, err := heldBy(ctx, tx, user, c, a)
	if err != nil {
		return err
	}
	return h.refusal(c.LinkName)
}

// overrides are headers by which a service may take a GET for something else.
var overrides = []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}

// mayWrite refuses what does not only read through a read-only connection: by
// its method, or by a header that names another one. RFC 9110 section 9.2.1.
func (r *route) mayWrite(call host.Call) error {
	if r.held.readOnly == "" {
		return nil
	}
	method := cmp.Or(call.Method, http.MethodGet)
	other := slices.ContainsFunc(overrides, func(name string) bool { return call.Header.Get(name) != "" })
	if !other && (method == http.MethodGet || method == http.MethodHead) {
		return nil
	}
	if other {
		method += " with another method in its header"
	}
	return host.Errorf(host.Refused, "connection %q is read-only, and %s is refused: %s", r.connection.LinkName, method, r.held.readOnly).
		WithHint("call it with GET or HEAD, or ask an administrator, who sees what is read-only: connhost stop --list")
}

// again is the route of a call that is one of several, as it is now: a stop
// holds between two pages too. One that is not of the store stays.
func (b *Broker) again(ctx context.Context, r *route) (*route, error) {
	if r.generation == 0 {
		return r, nil
	}
	return b.route(ctx, r.sub, r.environment, r.connection.LinkName)
}

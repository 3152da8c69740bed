package broker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// An Obstacle is the kind of a Finding about a connection that a script names.
type Obstacle string

// The obstacles.
const (
	Unknown       Obstacle = "unknown"        // there is none, or the subject may not know of it
	NotAdmitted   Obstacle = "not_admitted"   // the application may not use it
	NotUsable     Obstacle = "not_usable"     // it is not authorized, or disabled
	MissingScopes Obstacle = "missing_scopes" // a named action needs more than was granted
	Ending        Obstacle = "ending"         // its authorization ends soon
	NoAction      Obstacle = "no_action"      // a named action is none, or may not be done
	BadParameters Obstacle = "bad_parameters" // a named action is called with parameters that it refuses
)

// A Finding says what stands in the way of a script, or soon will.
type Finding struct {
	Obstacle Obstacle
	Message  string
	Hint     string
}

// Examined is what a call through a connection would meet. Nothing is called
// and no secret is opened.
type Examined struct {
	Findings []Finding
	route    *route // nil where a call would be refused
}

// Examine looks at a connection as a call of the subject's application in env
// would, and ahead in time: an authorization that ends within that is a finding
// too.
func (b *Broker) Examine(ctx context.Context, sub host.Subject, env host.Environment, link string, ahead time.Duration) (Examined, error) {
	sub = ofApplication(sub)
	return view(ctx, b, func(tx host.Tx) (Examined, error) {
		r, err := findRoute(ctx, tx, sub, env, link)
		if err == nil {
			err = r.ended(b.Now())
		}
		if err == nil && r.waits() {
			err = r.unchosen()
		}
		if err != nil {
			f, err := refusalOf(ctx, tx, sub, link, err)
			return Examined{Findings: []Finding{f}}, err
		}
		out := Examined{route: r}
		if f, found := r.ending(b.Now(), ahead); found {
			out.Findings = append(out.Findings, f)
		}
		return out, nil
	})
}

// refusalOf is the finding of a call that would be refused; an error that is no
// refusal stays one.
func refusalOf(ctx context.Context, tx host.Tx, sub host.Subject, link string, refusal error) (Finding, error) {
	e, ok := refusal.(*host.Error)
	if !ok {
		return Finding{}, refusal
	}
	f := Finding{Obstacle: NotUsable, Message: e.Msg, Hint: e.Hint}
	switch e.Code {
	case host.NeedsAuth:
	case host.NotFound:
		if _, err := findApplication(ctx, tx, sub.Application); err != nil {
			return f, err
		}
		f.Obstacle = Unknown
	case host.Refused:
		if c, _, err := findConnection(ctx, tx, sub, link); err == nil && admitted(ctx, tx, sub, c) != nil {
			f.Obstacle = NotAdmitted
		}
	default:
		return f, refusal
	}
	return f, nil
}

// ending is the finding of an authorization that has to be made anew, or that
// ends soon.
func (r *route) ending(now time.Time, ahead time.Duration) (Finding, bool) {
	a := r.authorization
	if a.ID == "" {
		return Finding{}, false
	}
	f := a.Forecast(r.connector.Manifest, now)
	out := Finding{Obstacle: Ending, Message: fmt.Sprintf("the authorization of connection %q ends soon: %s", r.connection.LinkName, f.Text), Hint: r.nextStep("authorize")}
	if a.State == host.NeedsReauth {
		out.Obstacle, out.Message = NotUsable, fmt.Sprintf("connection %q needs authorizing again: %s", r.connection.LinkName, f.Text)
		return out, true
	}
	if f.Cause == host.EndIdle {
		out.Hint = "a call renews it, and so does: connhost refresh " + r.connection.LinkName
	}
	return out, !f.Ends.IsZero() && f.Ends.Before(now.Add(ahead))
}

// Action tells what stands in the way of a named action of a service over the
// connection. Other reports that the call is no named action: the service is
// not this connection's, and nobody is sure that it is one.
func (e Examined) Action(service, action string, sure bool) (findings []Finding, other bool) {
	return e.action(service, action, sure, false)
}

// Task is Action for one that a task of the service means, which any connector
// for that service may have; one without an action is a call of that service.
func (e Examined) Task(service, action string) []Finding {
	if action == "" && e.route != nil {
		if e.route.connector.Serves(service) {
			return nil
		}
		refused := e.route.notFor(service)
		return []Finding{{NoAction, refused.Msg, refused.Hint}}
	}
	findings, _ := e.action(service, action, true, true)
	return findings
}

func (e Examined) action(service, action string, sure, kin bool) (findings []Finding, other bool) {
	if e.route == nil {
		return nil, !sure
	}
	r := e.route
	if !isOf(r.connector, service, kin) {
		if !sure {
			return nil, true
		}
		refused := r.otherService(service, action)
		return []Finding{{NoAction, refused.Msg, refused.Hint}}, false
	}
	a, err := ActionOf(r.connector, action)
	if none, ok := err.(*host.Error); ok {
		return []Finding{{NoAction, none.Msg, none.Hint}}, false
	}
	if refused, ok := mayAct(r.connector).(*host.Error); ok && refused != nil {
		findings = append(findings, Finding{NoAction, refused.Msg, refused.Hint})
	}
	missing := a.Lacks(r.authorization.Granted)
	if len(missing) == 0 {
		return findings, false
	}
	hint := r.nextStep("authorize")
	if len(a.Lacks(askedScopes(r.connection, r.connector))) > 0 {
		hint = "the connection asks for other scopes: connhost connection show " + r.connection.LinkName
	}
	return append(findings, Finding{MissingScopes, fmt.Sprintf("the action %q needs the scope %s, which connection %q was not granted", action, abi.AllOf(missing), r.connection.LinkName), hint}), false
}

// Parameters tells what a named action would refuse of the parameters with those
// names, when they are all that it is called with.
func (e Examined) Parameters(action string, given []string) (findings []Finding) {
	if e.route == nil {
		return nil
	}
	a, err := ActionOf(e.route.connector, action)
	if err != nil {
		return nil
	}
	hint := "see them: connhost connector show " + e.route.connector.ID + " --action " + action
	for _, name := range given {
		if !slices.ContainsFunc(a.Parameters, func(p abi.Parameter) bool { return p.Key == name }) {
			findings = append(findings, Finding{BadParameters, fmt.Sprintf("the action %q has no parameter %q", action, name), hint})
		}
	}
	inPath := placesOf(a.URL + a.Path)
	var missing []string
	for _, p := range a.Parameters {
		needed := (p.Required || slices.Contains(inPath, p.Key)) && p.Default == "" && p.VisibleWhen == nil
		if needed && !slices.Contains(given, p.Key) {
			missing = append(missing, p.Key)
		}
	}
	if len(missing) > 0 {
		findings = append(findings, Finding{BadParameters, fmt.Sprintf("the action %q needs %s", action, join(missing)), hint})
	}
	return findings
}

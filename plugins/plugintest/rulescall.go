package plugintest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// The rules of calls that do not go well.
var callRules = []Rule{
	{
		Name: "retry", Asks: "A limit is obeyed where the manifest says that it is told: the call is repeated after the pause where it may arrive twice, and not where it may not.",
		spared: noCalls, check: waits,
	},
	{
		Name: "hostile-token", Asks: "Garbage instead of a token is an error with a sentence, and an authorization that lives stays alive.",
		spared: noTokens, check: survivesTokens,
	},
	{
		Name: "hostile-test", Asks: "Garbage instead of the test's answer is an error with a sentence, and the connection stays connected.",
		spared: noTest, check: survivesTests,
	},
	{
		Name: "hostile-action", Asks: "Garbage instead of an action's answer is an error with a sentence or handed on, and the connection stays connected.",
		spared: noActions, check: survivesActions,
	},
}

func waits(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	const pause = 300 * time.Millisecond
	rules := r.Manifest.RetryOr()
	again := rules.Attempts > 1 && slices.Contains(rules.Statuses, http.StatusTooManyRequests)
	for _, c := range []struct {
		method string
		after  time.Duration
		twice  bool
	}{
		{http.MethodGet, pause, again},
		{http.MethodPost, pause, again && rules.IdempotencyHeader != ""},
		{http.MethodGet, time.Hour, false}, // more than a call has
	} {
		if err := r.Fault(lab.Fault{Fault: "limit", On: "call", Form: "text", After: c.after.String()}); err != nil {
			return err
		}
		seen := r.seenSoFar()
		_, _, err := r.probe(ctx, c.method)
		if wrong := typed(err); wrong != nil {
			return wrong
		}
		list := r.unchallenged(r.since(seen))
		want := 1
		if c.twice {
			want = 2
		}
		if len(list) != want {
			return fmt.Errorf("%s with a limit of %s: the service saw %d calls, want %d", c.method, c.after, len(list), want)
		}
		if c.twice && list[1].Time.Sub(list[0].Time) < c.after {
			return fmt.Errorf("%s came again after %s, within the limit of %s", c.method, list[1].Time.Sub(list[0].Time), c.after)
		}
	}
	return nil
}

// unchallenged leaves out the calls of Digest that ask what to answer (RFC 7616
// section 3.3): they are no attempts of their own.
func (r *Rehearsal) unchallenged(list []lab.Entry) []lab.Entry {
	return slices.DeleteFunc(list, func(e lab.Entry) bool {
		return r.Manifest.Auth.Type == abi.AuthDigest && e.Fault == "" && e.Outcome != "ok"
	})
}

// garbage are answers that no manifest tells of.
func garbage(on string) []lab.Fault {
	answer := func(status int, kind string, body any) lab.Fault {
		return lab.Fault{Fault: "answer", On: on, Status: status, Header: map[string]string{"Content-Type": kind}, Body: body}
	}
	return []lab.Fault{
		answer(200, "application/json", ""),
		answer(200, "application/json", "null"),
		answer(200, "application/json", `[[]]`),
		answer(200, "application/json", "\x00\xff\xfe{\""+strings.Repeat(`{"a":`, 2000)),
		answer(200, "application/json", `{"numbers":[`+strings.Repeat("0,", 6000)+`0]}`),
		answer(200, "text/plain", strings.Repeat("not what you think ", 640)),
		answer(500, "text/html", "<h1>Oops</h1>"),
		{Fault: "truncated", On: on}, {Fault: "types", On: on}, {Fault: "nested", On: on},
		{Fault: "error", On: on, Code: namedError}, {Fault: "html", On: on}, {Fault: "huge", On: on},
	}
}

// nameOf is a fault in words.
func nameOf(f lab.Fault) string {
	text, _ := f.Body.(string)
	if text = fmt.Sprintf("%.20q", text); f.Fault != "answer" {
		return "the fault " + f.Fault
	}
	return fmt.Sprintf("an answer %d of %s", f.Status, text)
}

// against lets f meet each kind of garbage, and says where an error is none for
// people or code was stopped.
func (r *Rehearsal) against(on string, f func() error) error {
	for _, fault := range garbage(on) {
		if err := r.Fault(fault); err != nil {
			return err
		}
		hooked := len(r.seen.hooked())
		err := f()
		if stopped, ok := errors.AsType[state](err); ok {
			return fmt.Errorf("after %s: %w", nameOf(fault), stopped)
		}
		if err = typed(err); err == nil {
			err = r.trapped(hooked)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", nameOf(fault), err)
		}
	}
	return r.Fault()
}

// A state is what became of a connection that should have stayed as it was.
type state string

func (s state) Error() string { return string(s) }

// stays says where the connection is not as it should be.
func (r *Rehearsal) stays(ctx context.Context) error {
	place, err := r.Place(ctx)
	if err != nil {
		return err
	}
	switch host.State(place.Status) {
	case host.Connected, host.Expiring:
		return nil
	}
	return state(fmt.Sprintf("the connection is %s: %s", place.Status, place.Reason))
}

func noTokens(m abi.Manifest) string {
	if !m.Renews() && (m.Auth.Type != abi.AuthOAuth1 || m.Auth.Token == nil) {
		return "it asks for no tokens"
	}
	return ""
}

// survivesTokens authorizes anew with garbage, beside an authorization that
// lives, and then renews with it.
func survivesTokens(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	endpoint := "token"
	if r.Manifest.Auth.Type == abi.AuthSession {
		endpoint = "login"
	}
	err := r.against(endpoint, func() error {
		_, err := r.Connect(ctx)
		return errors.Join(r.stays(ctx), err)
	})
	if err != nil || !r.Manifest.Renews() || noCalls(r.Manifest) != "" {
		return err
	}
	for _, fault := range garbage(renewalOf(r.Manifest)) {
		if err := r.survivesRenewal(ctx, fault); err != nil {
			return fmt.Errorf("a renewal with %s: %w", nameOf(fault), err)
		}
	}
	return nil
}

// survivesRenewal renews with garbage. A connection that cannot go on says so,
// and can be authorized anew.
func (r *Rehearsal) survivesRenewal(ctx context.Context, fault lab.Fault) error {
	if err := r.Fault(); err != nil {
		return err
	}
	r.Advance(10 * time.Minute) // the host rests after a refresh that was not answered
	if _, err := r.Connect(ctx); err != nil {
		return fmt.Errorf("it cannot be authorized anew: %w", err)
	}
	if err := r.Fault(fault); err != nil {
		return err
	}
	hooked := len(r.seen.hooked())
	r.Lab.Expire()
	err := typed(r.works(ctx))
	if err == nil {
		err = r.trapped(hooked)
	}
	if err != nil {
		return err
	}
	if place, err := r.Place(ctx); err != nil || place.Reason != "" || place.Status == host.Status(host.Connected) {
		return err
	}
	return errors.New("the connection does not say what it needs")
}

func survivesTests(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	return r.against("test", func() error {
		_, err := r.Test(ctx, r.Subject, host.Development, r.Link)
		return errors.Join(r.stays(ctx), err)
	})
}

// survivesActions needs one action of a connector without code: the host treats
// the answers of all alike.
func survivesActions(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	done := 0
	for _, a := range r.Manifest.Actions {
		given, ok := r.madeUp(a, false)
		if !ok {
			continue
		}
		if done++; done > 1 && noHooks(r.Manifest) != "" {
			break
		}
		on := "action:" + a.Name
		if a.ByHook() {
			on = "call"
		}
		err := r.against(on, func() error {
			err := r.act(ctx, a.Name, given)
			if _, refused := errors.AsType[answered](err); refused {
				err = nil
			}
			return errors.Join(r.stays(ctx), err)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	if done == 0 {
		return spared("what its actions need cannot be made up")
	}
	return nil
}

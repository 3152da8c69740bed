package plugintest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// The rules of secrets, hosts and limits.
var safetyRules = []Rule{
	{
		Name: "secrets", Asks: "No secret stands in a log line, an error, the audit, an answer, or a URL that is printed.",
		check: keepsSecrets,
	},
	{
		Name: "hosts", Asks: "Nothing goes to a host that is not declared: no redirect, and no request of the connector's code.",
		check: keepsHosts,
	},
	{
		Name: "limits", Asks: "The code stays within its limits of time, memory, output and fuel, also with an answer of 2 MiB.",
		spared: noHooks, check: keepsLimits,
	},
}

// A heap is what somebody could have read, by where it stood.
type heap map[string][]string

func (h heap) add(where string, texts ...string) { h[where] = append(h[where], texts...) }

func (h heap) error(err error) {
	if e, ok := errors.AsType[*host.Error](err); ok {
		h.add("an error", e.Msg, e.Hint)
	} else if err != nil {
		h.add("an error", err.Error())
	}
}

// keepsSecrets lives a whole life, also with a service that sends back what it
// knows, and looks at all that is left of it.
func keepsSecrets(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	left := heap{}
	sent := append(slices.Sorted(maps.Values(r.given.Secrets)), r.given.ClientSecret)
	echo := lab.Fault{Fault: "answer", Times: -1, Body: map[string]any{"you_sent": sent}}
	for _, faults := range [][]lab.Fault{nil, {echo}, {{Fault: "status", Status: http.StatusUnauthorized, Times: -1}}} {
		for i := range faults {
			faults[i].On = "call"
		}
		if err := r.Fault(faults...); err != nil {
			return err
		}
		r.leave(ctx, left)
	}
	if err := r.Fault(); err != nil {
		return err
	}
	if r.Manifest.Renews() {
		_, err := r.Refresh(ctx, r.Subject, host.Development, r.Link)
		left.error(err)
	}
	_, err := r.Revoke(ctx, r.Subject, host.Development, r.Link)
	left.error(err)
	if err := r.gather(ctx, left); err != nil {
		return err
	}
	for _, where := range slices.Sorted(maps.Keys(left)) {
		for _, text := range left[where] {
			if masked := r.Mask.Text(text); masked != text {
				return fmt.Errorf("a secret stands in %s: %.120s", where, masked)
			}
		}
	}
	return nil
}

// leave does all that a connection can do and keeps what comes of it.
func (r *Rehearsal) leave(ctx context.Context, left heap) {
	if r.Manifest.Test != nil {
		got, err := r.Test(ctx, r.Subject, host.Development, r.Link)
		left.error(err)
		left.add("the test", got.Message, got.Account.Key, got.Account.Label)
	}
	if callable(r.Manifest) != "" {
		_, body, err := r.probe(ctx, http.MethodGet)
		left.error(err)
		left.add("an answer", body)
		shown, err := r.Explain(ctx, r.Subject, host.Development, broker.InvokeRequest{Connection: r.Link, Method: http.MethodGet, URL: callable(r.Manifest)})
		left.error(err)
		left.add("a URL", shown.URL)
	}
	for _, a := range r.Manifest.Actions {
		given, ok := r.madeUp(a, false)
		if !ok {
			continue
		}
		parameters, _ := json.Marshal(given)
		left.error(r.Act(ctx, r.Subject, host.Development, broker.ActionRequest{Connection: r.Link, Action: a.Name, Parameters: parameters}, func(p broker.Page) error {
			text, err := textOf(p)
			left.add("an answer", text)
			return err
		}))
	}
}

// gather adds what was written: by code, into the audit and into the lab's log.
func (r *Rehearsal) gather(ctx context.Context, left heap) error {
	left.add("a log line", r.seen.logged()...)
	for _, e := range r.Lab.Log() {
		left.add("a URL", e.Path)
	}
	return r.Audit(ctx, r.Subject, broker.AuditRequest{}, func(e broker.Event) error {
		left.add("the audit", slices.Collect(maps.Values(e.Detail))...)
		return nil
	})
}

// elsewhere is a host that no manifest declares.
const elsewhere = "elsewhere.connhost-rehearsal.example"

func keepsHosts(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	if callable(r.Manifest) != "" {
		away := lab.Fault{Fault: "answer", On: "call", Status: http.StatusFound, Header: map[string]string{"Location": "https://" + elsewhere + "/"}}
		if err := r.Fault(away); err != nil {
			return err
		}
		status, _, err := r.probe(ctx, http.MethodGet)
		if err == nil && status < http.StatusMultipleChoices {
			return errors.New("a redirect to another host is followed")
		}
		if err := errors.Join(typed(err), r.Fault()); err != nil {
			return err
		}
	}
	r.leave(ctx, heap{})
	for _, c := range r.seen.called() {
		if !c.kept {
			return fmt.Errorf("it asks for %s of %s, which is no host of the manifest", strings.ToUpper(c.method), c.at)
		}
	}
	return nil
}

func noHooks(m abi.Manifest) string {
	if len(m.Hooks) == 0 {
		return "it has no code"
	}
	return ""
}

func keepsLimits(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return errors.Join(r.trapped(0), err)
	}
	for _, faults := range [][]lab.Fault{nil, {{Fault: "huge", On: "call", Times: -1}}} {
		if err := r.Fault(faults...); err != nil {
			return err
		}
		r.leave(ctx, heap{})
	}
	if r.Manifest.Renews() {
		_, _ = r.Refresh(ctx, r.Subject, host.Development, r.Link)
	}
	for _, c := range r.seen.hooked() {
		if c.err != nil && c.err.Kind == host.Stopped {
			return fmt.Errorf("the hook %s: %s", c.hook, Stopped(c.err))
		}
	}
	return nil
}

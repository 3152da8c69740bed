package plugintest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// The rules of authorizing, testing and acting.
var accountRules = []Rule{
	{
		Name: "connect", Asks: "It is authorized the way that its manifest says.",
		check: connects,
	},
	{
		Name: "test", Asks: "The test call says that a connection that works works, and of an error that the answer names that it does not.",
		spared: noTest, check: tests,
	},
	{
		Name: "account", Asks: "The account's key and name are found where the connector says.",
		spared: noAccount, check: findsAccount,
	},
	{
		Name: "actions", Asks: "Every action sends the request that the manifest describes, with parameters made up by their kinds, and its answer comes back, or the error that the answer names.",
		spared: noActions, check: acts,
	},
}

func connects(ctx context.Context, r *Rehearsal) error {
	got, err := r.Connect(ctx)
	if err != nil {
		return err
	}
	if got.Warning != "" {
		return errors.New(got.Warning)
	}
	if r.Manifest.Renews() && !r.Manifest.Mints() && !got.Authorization.Renewable {
		return errors.New("the service gave a refresh token and none was kept")
	}
	return nil
}

func noTest(m abi.Manifest) string {
	if m.Test == nil {
		return "it declares no test call"
	}
	return ""
}

func tests(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	got, err := r.Test(ctx, r.Subject, host.Development, r.Link)
	if err == nil && !got.OK {
		err = errors.New(got.Message)
	}
	if err != nil || !namesError(r.Manifest.Test.Answer) {
		return err
	}
	if err := r.Fault(lab.Fault{Fault: "error", On: "test", Code: namedError}); err != nil {
		return err
	}
	got, err = r.Test(ctx, r.Subject, host.Development, r.Link)
	if err == nil && got.OK {
		err = errors.New("an error that the answer names is not seen")
	}
	return err
}

// namedError is what the service names where the manifest looks for an error.
const namedError = "connhost_rehearsal"

func namesError(a *abi.Answer) bool { return a != nil && a.Error != "" }

func noAccount(m abi.Manifest) string {
	for _, req := range []*abi.Request{m.Identity, m.Test} {
		if req != nil && req.Answer != nil {
			return ""
		}
	}
	if slices.Contains(m.Hooks, abi.HookTest) {
		return ""
	}
	return "it does not say where the account stands"
}

func findsAccount(ctx context.Context, r *Rehearsal) error {
	got, err := r.Connect(ctx)
	switch {
	case err != nil:
		return spared("it cannot be authorized: " + err.Error())
	case got.Authorization.AccountKey != "":
		return nil
	case onlyLabel(r.Manifest) && !strings.HasPrefix(got.Authorization.AccountLabel, r.Manifest.Name+" Account "): // what the host calls one without a name
		return nil
	case r.Manifest.Identity == nil && slices.Contains(r.Manifest.Hooks, abi.HookTest):
		tested, err := r.Test(ctx, r.Subject, host.Development, r.Link)
		if err == nil && tested.OK && tested.Account == (abi.Account{}) {
			return spared("the hook test tells no account")
		}
	}
	return errors.New("the account is not found")
}

// onlyLabel says whether the connector says where the account's name stands, and
// of no key: the service has none, or told it before.
func onlyLabel(m abi.Manifest) bool {
	asked := m.Identity
	if asked == nil {
		asked = m.Test
	}
	return asked != nil && asked.Answer != nil && asked.Answer.Key == "" && asked.Answer.Label != ""
}

func noActions(m abi.Manifest) string {
	if len(m.Actions) == 0 {
		return "it declares no actions"
	}
	return ""
}

// acts does every action twice: with what it needs, and with all that it takes.
func acts(ctx context.Context, r *Rehearsal) error {
	if err := r.authorized(ctx); err != nil {
		return err
	}
	done := 0
	for _, a := range r.Manifest.Actions {
		given, ok := r.madeUp(a, false)
		if !ok {
			continue
		}
		done++
		if err := r.sends(ctx, a, given); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		if err := r.refuses(ctx, a, given); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		all, ok := r.madeUp(a, true)
		if !ok || len(all) == len(given) {
			continue
		}
		if err := r.sends(ctx, a, all); err != nil {
			return fmt.Errorf("%s, with every parameter: %w", a.Name, err)
		}
	}
	if done == 0 {
		return spared("what its actions need cannot be made up")
	}
	return nil
}

// madeUp are parameters of an action: those that it needs, or all that are
// visible with them; false where one of them cannot be made up.
func (r *Rehearsal) madeUp(a abi.Action, all bool) (map[string]json.RawMessage, bool) {
	texts := map[string]string{}
	for _, p := range a.Parameters {
		needed := p.Required || names(a.URL+a.Path, p.Key)
		p.Required = needed || all
		text, err := r.Lab.MakeUp(p)
		if err != nil && needed {
			return nil, false
		}
		if err == nil && text != "" && (needed || all) {
			texts[p.Key] = text
		}
	}
	for key := range a.Invisible(texts) {
		delete(texts, key)
	}
	given := map[string]json.RawMessage{}
	for _, p := range a.Parameters {
		if text, ok := texts[p.Key]; ok {
			if given[p.Key] = json.RawMessage(text); !p.Typed() {
				given[p.Key], _ = json.Marshal(text)
			}
		}
	}
	return given, true
}

// names says whether a place of a template has no value but that of a name.
func names(template, name string) bool {
	places, _ := abi.Places(template)
	return slices.ContainsFunc(places, func(p abi.Place) bool { return p.Name == name && !p.HasFall })
}

// sends does an action and says what is wrong with its request or its answer.
func (r *Rehearsal) sends(ctx context.Context, a abi.Action, given map[string]json.RawMessage) error {
	seen := r.seenSoFar()
	if err := r.act(ctx, a.Name, given); err != nil {
		return err
	}
	if a.ByHook() {
		return nil
	}
	for _, e := range r.since(seen) {
		if e.Endpoint == "action:"+a.Name || slices.Contains(e.Also, "action:"+a.Name) {
			return nil
		}
	}
	return errors.New("the service saw another request than the manifest describes")
}

// refuses does an action whose answer names an error, where the manifest says
// that one may stand there.
func (r *Rehearsal) refuses(ctx context.Context, a abi.Action, given map[string]json.RawMessage) error {
	if !namesError(a.Answer) || a.ByHook() {
		return nil
	}
	if err := r.Fault(lab.Fault{Fault: "error", On: "action:" + a.Name, Code: namedError}); err != nil {
		return err
	}
	if err := r.act(ctx, a.Name, given); host.CodeOf(err) != host.Failed {
		return fmt.Errorf("an error that the answer names is not seen: %v", err)
	}
	return nil
}

// act does an action and reads its answer.
func (r *Rehearsal) act(ctx context.Context, name string, given map[string]json.RawMessage) error {
	parameters, err := json.Marshal(given)
	if err != nil {
		return err
	}
	return r.Act(ctx, r.Subject, host.Development, broker.ActionRequest{Connection: r.Link, Action: name, Parameters: parameters}, func(p broker.Page) error {
		_, err := textOf(p)
		if err == nil && p.Response != nil && p.Response.StatusCode >= 400 {
			err = answered(p.Response.Status)
		}
		return err
	})
}

// answered is the status of a service that refuses an action.
type answered string

func (a answered) Error() string { return "the service answered " + string(a) }

// textOf is the answer of an action.
func textOf(p broker.Page) (string, error) {
	if p.Response == nil {
		return string(p.Result), nil
	}
	defer p.Response.Body.Close()
	text, err := io.ReadAll(p.Response.Body)
	return string(text), err
}

package plugintest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/plugintest"
)

// What the wrong connectors below begin with.
const (
	key    = "auth: {type: api_key, name: X-Key}\nbase_url: https://api.acme.example/v1\n"
	person = `
auth:
  type: oauth2
  authorize: {url: "https://acme.example/authorize"}
  token: {url: "https://acme.example/token"}
base_url: https://api.acme.example/v1
`
	items = "actions: [{name: items, path: /items}]\n"
	me    = "test: {path: /me, answer: {key: /id, label: /name}}\n"
)

// A wrong connector breaks a rule. Where the host keeps every connector from
// that, the way out is tampered with instead.
type wrong struct {
	manifest string
	code     guest
	setting  plugintest.Setting
	tamper   func(host.Egress) host.Egress
	why      string // a part of the verdict
}

var wrongs = map[string]wrong{
	"connect": {
		manifest: person + "hooks: [token]\n", code: guest{"token": {answers(`{"access":{"$secret":"answer:/token"}}`)}},
		why: "the token hook failed, the tokens were read without it",
	},
	"test": {
		manifest: key + "test: {path: /me}\nhooks: [test]\n", code: guest{"test": {answers(`{"ok":false,"message":"I do not like it"}`)}},
		why: "I do not like it",
	},
	"account": {
		manifest: key + "test: {path: /me, answer: {label: /name}}\n", why: "the account is not found",
		setting: plugintest.Setting{Faults: []lab.Fault{{Fault: "shape", On: "test", Times: -1, Body: map[string]any{"user": "{account_name}"}}}},
	},
	"actions": {
		manifest: key + items + "hooks: [prepare]\n", code: guest{"prepare": {answers(`{"request":{"method":"GET","url":"/itmes"}}`)}},
		why: "items: the service saw another request",
	},
	"refresh": {
		manifest: person, why: "after the token's end: ",
		setting: plugintest.Setting{Faults: []lab.Fault{{Fault: "shape", On: "refresh", Times: -1, Body: map[string]any{"token": "{access_token}"}}}},
	},
	"rotation": {
		manifest: person, why: "refresh 2: ",
		setting: plugintest.Setting{Faults: []lab.Fault{{Fault: "shape", On: "refresh", Times: -1, Body: map[string]any{
			"access_token": "{access_token}", "expires_in": "{expires_in}", "token_type": "Bearer", "next_refresh_token": "{refresh_token}",
		}}}},
	},
	// The host presents no token twice, whatever a connector says of a service
	// that rotates.
	"lost": {manifest: person, tamper: twice("grant_type=refresh_token"), why: "the refresh token was presented 2 times"},
	// A refused call is repeated by the host alone, once.
	"unauthorized": {manifest: person, tamper: twice(""), why: "want 1 and 2"},
	"ended": {
		manifest: person + "refresh: {answer: {error: /fault}}\n", why: "the end is told as something else",
		setting: plugintest.Setting{Faults: []lab.Fault{{Fault: "answer", On: "refresh", Times: -1, Body: map[string]any{"error": "invalid_grant"}}}},
	},
	"revoke": {
		manifest: person + "revoke: {url: \"https://acme.example/revoke\", form: {token: \"{client_id}\"}}\n",
		why:      "a token that it does not know",
	},
	// The pause is the host's, and so is whether a call may arrive twice.
	"retry": {manifest: key, tamper: twice(""), why: "want 2"},
	"hostile-token": {
		manifest: person + "hooks: [token]\n", why: "the hook token: ",
		code: guest{"token": {trapsOver(8000), answers(`{"access":{"$secret":"answer:/access_token"},"refresh":{"$secret":"answer:/refresh_token"}}`)}},
	},
	"hostile-test": {
		manifest: key + "test: {path: /me}\nhooks: [test]\n", why: "the hook test: ",
		code: guest{"test": {trapsOver(8000), answers(`{"ok":true}`)}},
	},
	"hostile-action": {
		manifest: key + items + "hooks: [respond]\n", why: "the hook respond: ",
		code: guest{"respond": {trapsOver(8000), answers(`{}`)}},
	},
	"secrets": {
		manifest: key + "test: {path: /me}\nhooks: [test]\nreveal_secrets: [key]\n", why: "a secret stands in a log line: [redacted]",
		code: guest{"test": {logs("key"), answers(`{"ok":true}`)}},
	},
	// The request is refused by the host; that it is asked for at all is wrong.
	"hosts": {
		manifest: key + items + "hooks: [prepare]\n", why: "it asks for GET of other.example",
		code: guest{"prepare": {answers(`{"request":{"method":"GET","url":"https://other.example/items"}}`)}},
	},
	"limits": {
		manifest: key + "test: {path: /me}\nhooks: [test]\nlimits: {fuel: 10000}\n", why: "the hook test: ",
		code: guest{"test": {loops}},
	},
}

// twice sends what has a text in its body twice, or with "" what has no body, as
// a library does that means well.
func twice(text string) func(host.Egress) host.Egress {
	return func(way host.Egress) host.Egress { return doubled{way, text} }
}

type doubled struct {
	host.Egress
	text string
}

func (d doubled) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	if !d.meant(call) {
		return d.Egress.Do(ctx, call)
	}
	again := call
	again.URL, again.Header = new(url.URL), call.Header.Clone()
	*again.URL = *call.URL
	if first, err := d.Egress.Do(ctx, call); err == nil {
		_ = first.Body.Close()
	}
	return d.Egress.Do(ctx, again)
}

func (d doubled) meant(call host.Call) bool {
	if call.Body == nil || d.text == "" {
		return call.Body == nil && d.text == ""
	}
	in, err := call.Body()
	if err != nil {
		return false
	}
	defer in.Close()
	text, _ := io.ReadAll(in)
	return strings.Contains(string(text), d.text)
}

// naive follows a redirect wherever it leads.
type naive struct{ host.Egress }

func (n naive) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	call.NoRedirect = true
	res, err := n.Egress.Do(ctx, call)
	if err == nil && res.StatusCode == http.StatusFound {
		res.StatusCode = http.StatusOK
	}
	return res, err
}

// No connector follows redirects, so the other half of the rule is proven by
// tampering.
func TestRedirectIsCaught(t *testing.T) {
	r, err := plugintest.Rehearse(t.Context(), connector(t, key, nil), plugintest.Staging{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Tamper(func(way host.Egress) host.Egress { return naive{way} })
	rules := plugintest.Rules()
	i := slices.IndexFunc(rules, func(rule plugintest.Rule) bool { return rule.Name == "hosts" })
	if v := rules[i].Judge(t.Context(), r); v.Ruling != plugintest.Failed || v.Why != "a redirect to another host is followed" {
		t.Errorf("%s: %s", v.Ruling, v.Why)
	}
}

// A connector that cannot be authorized has broken one rule. The others wait,
// and say for what.
func TestSuiteWithoutAuthorizing(t *testing.T) {
	refused := plugintest.Staging{Faults: []lab.Fault{{Fault: "error", On: "token", Times: -1}}}
	list, err := plugintest.Suite{File: connector(t, person, nil), Staging: refused}.Run(t.Context())
	if err != nil || len(list) != len(plugintest.Rules()) {
		t.Fatalf("%d verdicts, %v", len(list), err)
	}
	for _, v := range list[1:] {
		if v.Ruling != plugintest.Spared {
			t.Errorf("%s: %s: %s", v.Rule.Name, v.Ruling, v.Why)
		}
	}
	if got := plugintest.ScoreOf(list); got.Passed != 0 || got.Applies != 1 {
		t.Errorf("got %+v", got)
	}
}

// Connectors that a suite could take for wrong: a rate that nobody can wait for,
// proofs that are good for a minute by a clock that was set, and a parameter that
// only its place in the path needs.
func TestRightConnectors(t *testing.T) {
	oauth := func(more string) string {
		return "auth:\n  type: oauth2\n  token: {url: \"https://acme.example/token\"}\n" + more + "base_url: https://api.acme.example/v1\n" + me
	}
	consent := "  authorize: {url: \"https://acme.example/authorize\"}\n"
	for name, manifest := range map[string]string{
		"rate":      key + me + items + "rate: {calls: 1, seconds: 3600}\n",
		"assertion": oauth(consent + "  client_auth: private_key_jwt\n"),
		"dpop":      oauth(consent + "  proof: dpop\n"),
		"path":      key + me + "actions: [{name: item, path: \"/items/{item}\", parameters: [{key: item}]}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := plugintest.Suite{File: connector(t, manifest, nil)}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				if v.Ruling == plugintest.Failed {
					t.Errorf("%s: %s, %v", v.Rule.Name, v.Why, v.Saw)
				}
			}
		})
	}
}

// Every rule has a connector that breaks it, and is caught.
func TestEveryRuleCatches(t *testing.T) {
	for _, rule := range plugintest.Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			t.Parallel()
			w, ok := wrongs[rule.Name]
			if !ok {
				t.Fatal("no connector breaks the rule")
			}
			r, err := plugintest.Rehearse(t.Context(), connector(t, w.manifest, w.code), plugintest.Staging{Values: w.setting.Values, Faults: w.setting.Faults})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if w.tamper != nil {
				r.Tamper(w.tamper)
			}
			if v := rule.Judge(t.Context(), r); v.Ruling != plugintest.Failed || !strings.Contains(v.Why, w.why) {
				t.Errorf("%s: %s", v.Ruling, v.Why)
				for _, e := range r.Lab.Log() {
					t.Log(plugintest.Seen(e))
				}
			}
		})
	}
	if len(wrongs) != len(plugintest.Rules()) {
		t.Errorf("%d wrong connectors for %d rules", len(wrongs), len(plugintest.Rules()))
	}
}

package broker_test

import (
	"encoding/json"
	"io"
	"maps"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

type when = map[string]abi.OneOf

// planned is an API key connector of which a plan decides what it asks for. Its
// action says what the service was sent.
func (w *world) planned() abi.Manifest {
	m := w.keyed()
	m.ID, m.Name = "planned", "Planned"
	m.Parameters = []abi.Parameter{
		{Key: "plan", Enum: []string{"free", "pro", "enterprise"}, Required: true},
		{Key: "seats", Default: "10", VisibleWhen: when{"plan": {"pro", "enterprise"}}},
		{Key: "tenant", Required: true, VisibleWhen: when{"plan": {"enterprise"}}},
		{Key: "pin", Secret: true, Required: true, VisibleWhen: when{"plan": {"enterprise"}}},
		{Key: "unit", VisibleWhen: when{"tenant": {"north"}}},
	}
	m.Auth.Also = []abi.Placement{{Name: "X-Pin", Value: "{pin|}"}}
	m.Actions = []abi.Action{{
		Name: "say", Request: abi.Request{Path: "/echo", Query: map[string]string{
			"seats": "{seats|none}", "tenant": "{tenant}", "unit": "{unit}", "kind": "{kind}", "depth": "{depth|flat}"}},
		Parameters: []abi.Parameter{
			{Key: "kind", Enum: []string{"list", "tree"}, Default: "list"},
			{Key: "depth", Default: "3", VisibleWhen: when{"kind": {"tree"}}},
			{Key: "root", Required: true, VisibleWhen: when{"kind": {"tree"}}},
		},
	}}
	return m
}

// A saying is what reached the service.
type saying struct {
	Result struct {
		Query   map[string][]string
		Headers map[string][]string
	}
}

func (s saying) query(name string) string {
	if got := s.Result.Query[name]; len(got) > 0 {
		return got[0]
	}
	return ""
}

func (w *world) say(link, params string) (said saying, err error) {
	err = w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{Connection: link, Action: "say", Parameters: json.RawMessage(params)}, func(p broker.Page) error {
		defer p.Response.Body.Close()
		body, err := io.ReadAll(p.Response.Body)
		w.must(err)
		return json.Unmarshal(body, &said)
	})
	return said, err
}

// plan authorizes a connection; what is called pin is a secret.
func (w *world) plan(link string, values map[string]string) (broker.Authorized, error) {
	secrets := map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}
	values = maps.Clone(values)
	if pin, ok := values["pin"]; ok {
		secrets["pin"] = host.NewSecret(pin)
		delete(values, "pin")
	}
	return w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Values: values, Secrets: secrets})
}

// Rule 12: "Parameters are declared by the connector and asked as fields, at
// authorization: type, label, help, required, default, pattern, enum, secret,
// visible_when." One that is invisible is not missing, has no default and no
// value, and a value for it is refused with its condition.
func TestRule12VisibleWhen(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.planned(), broker.CreateRequest{Connector: "planned"})
	_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
	w.must(err)
	link := c.LinkName
	type values = map[string]string

	for _, c := range []struct {
		name   string
		values values
		want   string
	}{
		{"nothing", nil, "needs --param plan=VALUE to be authorized"},
		{"what became visible is missing", values{"plan": "enterprise"}, "needs --param tenant=VALUE, --secret-stdin pin to be authorized"},
		{"another plan", values{"plan": "free", "seats": "3"}, `the parameter "seats" is asked for only where "plan" is pro or enterprise`},
		{"a secret of another plan", values{"plan": "pro", "pin": "1815-1852"}, `the parameter "pin" is asked for only where "plan" is enterprise`},
		{"no plan", values{"tenant": "north"}, `the parameter "tenant" is asked for only where "plan" is enterprise`},
		{"in turn", values{"plan": "pro", "unit": "a"}, `the parameter "unit" is asked for only where "tenant" is north`},
		{"no such plan", values{"plan": "gold"}, `the value of "plan" must be one of: free, pro, enterprise`},
	} {
		_, err := w.plan(link, c.values)
		wantCode(t, err, host.Usage, c.want)
	}

	got, err := w.plan(link, values{"plan": "enterprise", "tenant": "north", "pin": "1815-1852", "unit": "a"})
	if err != nil || got.Authorization.Params["unit"] != "a" {
		t.Fatalf("%+v, %v", got.Authorization.Params, err)
	}
	said, err := w.say(link, "")
	if err != nil || said.query("seats") != "10" || said.query("tenant") != "north" || said.query("unit") != "a" || len(said.Result.Headers["X-Pin"]) != 1 {
		t.Errorf("enterprise: %+v, %v", said, err)
	}

	// Authorized anew for another plan: what became invisible is gone.
	if got, err = w.plan(link, values{"plan": "free", "tenant": ""}); err != nil || !maps.Equal(got.Authorization.Params, values{"plan": "free"}) {
		t.Fatalf("%+v, %v", got.Authorization.Params, err)
	}
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		s, err := tx.Authorizations().Open(w.ctx, got.Authorization.ID)
		if _, kept := s.Params["pin"]; kept {
			t.Error("the secret of another plan is kept")
		}
		return err
	}))
	said, err = w.say(link, "")
	if err != nil || said.query("seats") != "none" || said.Result.Query["tenant"] != nil || said.Result.Query["unit"] != nil || said.Result.Headers["X-Pin"] != nil {
		t.Errorf("free: %+v, %v", said, err)
	}
}

// Rule 12 for what the caller of an action gives.
func TestRule12VisibleWhenOfActions(t *testing.T) {
	w := newWorld(t, t.TempDir())
	c := w.create(w.planned(), broker.CreateRequest{Connector: "planned"})
	_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
	w.must(err)
	_, err = w.plan(c.LinkName, map[string]string{"plan": "free"})
	w.must(err)
	for _, c := range []struct{ params, depth, wrong string }{
		{``, "flat", ""},
		{`{"depth": null}`, "flat", ""},
		{`{"kind": "tree", "root": "a"}`, "3", ""},
		{`{"kind": "tree", "root": "a", "depth": 5}`, "5", ""},
		{`{"kind": "tree"}`, "", `the action "say" needs root`},
		{`{"depth": 5}`, "", `the parameter "depth" is asked for only where "kind" is tree`},
		{`{"kind": "list", "root": "a"}`, "", `the parameter "root" is asked for only where "kind" is tree`},
	} {
		said, err := w.say("planned_connection", c.params)
		if c.wrong != "" {
			wantCode(t, err, host.Usage, c.wrong)
		} else if err != nil || said.query("depth") != c.depth {
			t.Errorf("%s: %+v, %v", c.params, said, err)
		}
	}
}

// Rules 12 and 18: the values of a data centre decide too, and one that nobody is
// asked for is not filled by it.
func TestRule12DataCentresDecide(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.planned()
	m.DataCentres = []abi.DataCentre{
		{Name: "own", Values: map[string]string{"tenant": "north"}},
		{Name: "all", Values: map[string]string{"plan": "enterprise", "tenant": "north"}},
	}
	own := w.create(m, broker.CreateRequest{Connector: "planned"})
	all, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "planned", DataCentre: "all"})
	w.must(err)
	for _, c := range []struct {
		link          string
		values, wants map[string]string
		wrong         string
	}{
		{own.LinkName, map[string]string{"plan": "free"}, map[string]string{"plan": "free"}, ""},
		{own.LinkName, map[string]string{"plan": "free", "tenant": "north"}, nil, `the parameter "tenant" is asked for only where "plan" is enterprise`},
		{own.LinkName, map[string]string{"plan": "enterprise", "pin": "1815-1852"}, map[string]string{"plan": "enterprise", "tenant": "north"}, ""},
		{all.LinkName, nil, nil, "needs --secret-stdin pin to be authorized"},
		{all.LinkName, map[string]string{"pin": "1815-1852", "unit": "a"}, map[string]string{"plan": "enterprise", "tenant": "north", "unit": "a"}, ""},
	} {
		got, err := w.plan(c.link, c.values)
		if c.wrong != "" {
			wantCode(t, err, host.Usage, c.wrong)
		} else if err != nil || !maps.Equal(got.Authorization.Params, c.wants) {
			t.Errorf("%s %v: %v, %v", c.link, c.values, got.Authorization.Params, err)
		}
	}
}

// Rule 12 over a move: what was given to a version without the condition is not
// seen by one that has it, and comes back with the former.
func TestRule12VisibleWhenAfterAMove(t *testing.T) {
	w := newWorld(t, t.TempDir())
	before, after := w.planned(), w.planned()
	for i := range before.Parameters {
		before.Parameters[i].VisibleWhen, before.Parameters[i].Required = nil, false
	}
	after.Version = "1.1.0"
	c := w.create(before, broker.CreateRequest{Connector: "planned"})
	_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
	w.must(err)
	_, err = w.plan(c.LinkName, map[string]string{"plan": "free", "tenant": "north", "pin": "1815-1852", "unit": "a"})
	w.must(err)
	done := w.publish(after)
	_, err = w.AllowActions(w.ctx, w.admin, done.Connector.Hash)
	w.must(err)
	for version, sees := range map[string]bool{"1.0.0": true, "1.1.0": false} {
		_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "planned", To: version})
		w.must(err)
		said, err := w.say(c.LinkName, "")
		if err != nil || (said.query("tenant") == "north") != sees || (said.query("unit") == "a") != sees || (said.query("seats") == "10") != sees || (len(said.Result.Headers["X-Pin"]) == 1) != sees {
			t.Errorf("%s: %+v, %v", version, said, err)
		}
	}
}

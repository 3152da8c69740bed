package broker_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// desire gives the part of a file that is about applications.
func desire(list ...broker.ApplicationAccess) (d []broker.DesiredApplication) {
	for n, a := range list {
		d = append(d, broker.DesiredApplication{Where: fmt.Sprintf("x.yaml:%d", n+1), ApplicationAccess: a})
	}
	return d
}

// Rule 16: "Access of an application to a connection can be switched off", by a
// file too. What the trial tells is what is done, a second time nothing is, and
// the application default is neither made nor deleted.
func TestRule16ApplicationsByAFile(t *testing.T) {
	w := newWorld(t, t.TempDir())
	one := w.connect()
	two, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
	w.must(err)
	_, err = w.CreateApplication(w.ctx, w.admin, "old")
	w.must(err)
	connector, err := w.Connector(w.ctx, w.admin, "acme", "")
	w.must(err)
	type access = broker.ApplicationAccess
	whole := broker.Desired{
		Connectors:  []broker.DesiredConnector{{Hash: connector.Hash}},
		Connections: []broker.DesiredConnection{{CreateRequest: broker.CreateRequest{Connector: "acme", LinkName: one.LinkName}}, {CreateRequest: broker.CreateRequest{Connector: "acme", LinkName: two.LinkName}}},
	}
	denied := "denied: none -> " + one.LinkName
	for _, step := range []struct {
		name  string
		file  []broker.DesiredApplication
		prune bool
		want  string
	}{
		{"made and denied", desire(access{"billing", []string{one.LinkName}}, access{"default", nil}), false, "[{+ application billing [" + denied + "]}]"},
		{"the same", desire(access{"billing", []string{one.LinkName, one.LinkName}}), false, "[]"},
		{"another", desire(access{"billing", []string{two.LinkName}}), false, "[{~ application billing [denied: " + one.LinkName + " -> " + two.LinkName + "]}]"},
		{"the default one", desire(access{"default", []string{one.LinkName}}), false, "[{~ application default [" + denied + "]}]"},
		{"nothing is named", nil, false, "[]"},
		{"what is not named is deleted", desire(access{"billing", nil}), true, "[{~ application billing [denied: " + two.LinkName + " -> none]} {- application old []}]"},
		{"all but the default one", nil, true, "[{- application billing []}]"},
		{"a second time", nil, true, "[]"},
	} {
		d := whole
		d.Applications = step.file
		for _, trial := range []bool{true, false} {
			got, err := w.Apply(w.ctx, w.admin, d, broker.ApplyOptions{Prune: step.prune, DryRun: trial})
			if text := fmt.Sprint(append([]broker.Applied{}, got...)); err != nil || text != step.want {
				t.Errorf("%s, trial %t: %s, %v\nwant %s", step.name, trial, text, err, step.want)
			}
		}
	}
	_, _, err = w.get(w.admin, one.LinkName, "/me")
	wantCode(t, err, host.Refused, `the application "default" may not use connection`)
	inv, err := w.Inventory(w.ctx, w.admin)
	if err != nil || !reflect.DeepEqual(inv.Applications, []access{{"default", []string{one.LinkName}}}) {
		t.Errorf("%+v, %v", inv.Applications, err)
	}
}

// All or nothing, with the place of what is wrong.
func TestApplicationsByAFileAreRefused(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	type access = broker.ApplicationAccess
	for _, c := range []struct {
		name  string
		file  access
		prune bool
		code  host.Code
		want  string
	}{
		{"no such connection", access{"billing", []string{"nowhere"}}, false, host.NotFound, `x.yaml:2: no connection named "nowhere"`},
		{"no name", access{"Billing", nil}, false, host.Usage, `x.yaml:2: the name "Billing" of an application must start with a-z`},
		{"one that would be deleted", access{"billing", []string{link}}, true, host.Conflict, `named nowhere else, so it would be deleted`},
	} {
		_, err := w.Apply(w.ctx, w.admin, broker.Desired{Applications: desire(access{"first", nil}, c.file)}, broker.ApplyOptions{Prune: c.prune})
		wantCode(t, err, c.code, c.want)
		if list, err := w.Applications(w.ctx, w.admin); err != nil || len(list) != 1 {
			t.Errorf("%s: %+v, %v", c.name, list, err)
		}
	}
}

// The inventory of a store, desired of an empty one, makes the same there.
func TestApplicationsMoveByTheInventory(t *testing.T) {
	w, other := newWorld(t, t.TempDir()), newWorld(t, t.TempDir())
	link := w.connect().LinkName
	other.connect()
	for _, name := range []string{"billing", "reports"} {
		_, err := w.CreateApplication(w.ctx, w.admin, name)
		w.must(err)
	}
	for _, name := range []string{"billing", "default"} {
		_, err := w.SetAccess(w.ctx, w.admin, name, link, false)
		w.must(err)
	}
	inv, err := w.Inventory(w.ctx, w.admin)
	w.must(err)
	_, err = other.Apply(other.ctx, other.admin, broker.Desired{Applications: desire(inv.Applications...)}, broker.ApplyOptions{})
	w.must(err)
	if got, err := other.Inventory(other.ctx, other.admin); err != nil || !reflect.DeepEqual(got.Applications, inv.Applications) {
		t.Errorf("got %+v, want %+v, %v", got.Applications, inv.Applications, err)
	}
}

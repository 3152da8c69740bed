package broker_test

import (
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// sited is an API key connector with two data centres. Only the first is there.
func (w *world) sited() abi.Manifest {
	m := w.keyed()
	m.ID, m.Name = "sited", "Sited"
	m.BaseURL = "http://{server}/key"
	m.Parameters = append(m.Parameters, abi.Parameter{Key: "server", Kind: abi.KindHost, Required: true}, abi.Parameter{Key: "area", Required: true})
	m.Test.Query = map[string]string{"area": "{area}"}
	m.DataCentres = []abi.DataCentre{
		{Name: "us-1", Region: "US", Label: "Ohio", Values: map[string]string{"server": w.server.Addr, "area": "us"}},
		{Name: "eu-1", Region: "EU", Values: map[string]string{"server": "eu.acme.test", "area": "eu"}},
	}
	return m
}

// Rule 18: a connection is made for a data centre, whose values fill its
// parameters; crossing from the operator's residency is a warning, and is
// recorded.
func TestRule18DataCentres(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.Residency = "eu"
	usual := w.create(w.sited(), broker.CreateRequest{Connector: "sited"})
	if usual.DataCentre != "eu-1" || usual.Params["server"] != "eu.acme.test" {
		t.Errorf("the one within the residency is %+v", usual)
	}
	v, err := w.Connection(w.ctx, w.admin, usual.LinkName)
	if err != nil || v.Crosses != "" {
		t.Errorf("within: %q, %v", v.Crosses, err)
	}

	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "sited", DataCentre: "us-1"})
	w.must(err)
	const want = `connection "sited_connection_1" goes to the data centre Ohio (region US), outside of the residency eu`
	if v, err = w.Connection(w.ctx, w.admin, c.LinkName); err != nil || v.Crosses != want {
		t.Errorf("crossing: %q, %v", v.Crosses, err)
	}
	_, connector, err := w.Ways(w.ctx, w.admin, c.LinkName)
	w.must(err)
	for _, f := range broker.Fields(connector) {
		if f.Key == "area" && f.Default != "us" {
			t.Errorf("area is asked for: %+v", f)
		}
	}
	key := map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: key, Values: map[string]string{"area": "eu"}})
	wantCode(t, err, host.Usage, `the data centre "us-1" decides what "area" is`)
	got, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: key})
	if err != nil || got.Crosses != want || got.Authorization.Params["area"] != "us" {
		t.Errorf("authorized: %+v, %v", got, err)
	}
	if status, _, err := w.get(w.admin, c.LinkName, "/me"); status != 200 || err != nil {
		t.Errorf("a call: %d %v", status, err)
	}
	list, err := w.History(w.ctx, w.admin, c.LinkName, 0)
	w.must(err)
	n := 0
	for _, e := range list {
		if e.Detail["data_centre"] == "us-1" && e.Detail["residency"] == "eu" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d records of the crossing in %+v", n, list)
	}
}

// Rule 18: which data centre is taken, and what is refused.
func TestRule18ChoosingADataCentre(t *testing.T) {
	w := newWorld(t, t.TempDir())
	if c := w.create(w.sited(), broker.CreateRequest{Connector: "sited"}); c.DataCentre != "us-1" {
		t.Errorf("without a residency: %q", c.DataCentre)
	}
	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "sited", Params: map[string]string{"server": "eu.acme.test"}})
	if err != nil || c.DataCentre != "eu-1" {
		t.Errorf("by its host: %+v, %v", c, err)
	}
	c, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "sited", Params: map[string]string{"server": "own.acme.test"}})
	if err != nil || c.DataCentre != "" || c.Params["server"] != "own.acme.test" {
		t.Errorf("an own host: %+v, %v", c, err)
	}
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "sited", DataCentre: "us-1", Params: map[string]string{"server": "own.acme.test"}})
	wantCode(t, err, host.Usage, `the data centre "us-1" decides what "server" is`)
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "sited", DataCentre: "asia"})
	wantCode(t, err, host.Usage, `connector "sited" has no data centre "asia"`)
	if hosts := host.CapabilitiesOf(w.sited()).Hosts; len(hosts) != 3 {
		t.Errorf("an administrator is shown the hosts %v", hosts)
	}
}

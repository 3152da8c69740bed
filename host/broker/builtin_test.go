package broker_test

import (
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

// A catalogue has connectors of manifests built in.
type catalogue struct {
	t    testing.TB
	list []abi.Manifest
}

// brings is a world of a program that has connectors built in.
func brings(list ...abi.Manifest) func(*world) {
	return func(w *world) { w.builtIn = catalogue{w.t, list} }
}

func (c catalogue) IDs() (ids []string) {
	for _, m := range c.list {
		ids = append(ids, m.ID)
	}
	return ids
}

func (c catalogue) Find(id string) (host.Connector, []byte, bool) {
	for _, m := range c.list {
		if m.ID == id {
			data := file(c.t, m)
			return host.Connector{ID: id, Hash: abi.Hash(data), Stage: host.Published, Current: true, BuiltIn: true, Manifest: m}, data, true
		}
	}
	return host.Connector{}, nil, false
}

func (c catalogue) Head(id string) (host.Connector, bool) {
	one, _, ok := c.Find(id)
	return one, ok
}

func (c catalogue) IDOf(hash string) (string, bool) {
	for _, m := range c.list {
		if abi.Hash(file(c.t, m)) == hash {
			return m.ID, true
		}
	}
	return "", false
}

// versioned is the API key connector in a version.
func (w *world) versioned(version string) abi.Manifest {
	m := w.keyed()
	m.Version = version
	return m
}

// Rule 17: nobody installs under the id of a built-in connector, needed or not,
// and its own file stays what it is.
func TestRule17BuiltInIsNotReplaced(t *testing.T) {
	base := newWorld(t, t.TempDir())
	one := base.versioned("1.0.0")
	w := base.another(t.TempDir(), brings(one))
	own := base.versioned("9.0.0")
	own.BaseURL = "https://stranger.example"
	refuse := func() {
		t.Helper()
		_, err := w.install(own)
		wantCode(t, err, host.Conflict, `connector "keyed" is built in`)
		same, err := w.install(one)
		if err != nil || !same.Existed || !same.Connector.BuiltIn || same.Connector.Stage != host.Published {
			t.Errorf("its own file: %+v, %v", same, err)
		}
	}
	refuse()
	c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
	w.must(err)
	refuse()
	_, err = w.Disable(w.ctx, w.admin, "keyed", "")
	w.must(err)
	same, err := w.install(one)
	if err != nil || same.Connector.Stage != host.DisabledConnector {
		t.Errorf("a disabled one was enabled by its file: %+v, %v", same, err)
	}
	// A program that has it no longer knows it by its row.
	without := w.another(w.dir)
	_, err = without.install(own)
	wantCode(t, err, host.Conflict, `connector "keyed" is built in`)
	_, err = without.Remove(w.ctx, w.admin, "keyed", "")
	wantCode(t, err, host.Refused, "is built in and cannot be removed")
	if got, err := without.Connection(w.ctx, w.admin, c.LinkName); err != nil || !got.Connector.BuiltIn {
		t.Errorf("%+v, %v", got, err)
	}
}

// What an authorization was made with in another store is known here after the
// program brings a later version, although no connection used it.
func TestParcelOfWhatIsBuiltIn(t *testing.T) {
	base := newWorld(t, t.TempDir())
	one, two, three := base.versioned("1.0.0"), base.versioned("2.0.0"), base.versioned("3.0.0")
	there, here := base.another(t.TempDir(), brings(two)), base.another(t.TempDir(), brings(one))
	for _, w := range []*world{there, here} {
		_, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed"})
		w.must(err)
	}
	key := map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}
	_, err := there.Authorize(there.ctx, there.admin, broker.AuthorizeRequest{Connection: "keyed_connection", Secrets: key})
	there.must(err)
	var parcel []byte
	_, err = there.ExportAuthorizations(there.ctx, there.admin, broker.ParcelRequest{}, func(plain []byte) error { parcel = plain; return nil })
	there.must(err)
	here = here.another(here.dir, brings(two))
	_, err = here.ImportAuthorizations(here.ctx, here.admin, parcel)
	here.must(err)
	for _, w := range []*world{here, here.another(here.dir, brings(three)), here.another(here.dir)} {
		if status, _, err := w.get(w.admin, "keyed_connection", "/me"); status != 200 {
			t.Errorf("got %d, %v", status, err)
		}
	}
}

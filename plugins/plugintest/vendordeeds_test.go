package plugintest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest/described"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/plugintest"
)

// deedsOf are the requests of a connector, as they leave the host: the test call,
// the question whose an authorization is, and each action twice, with all that
// may be given and with what must. All words of a list are given in turn.
func deedsOf(t *testing.T, v vendor, d *described.Description, id string) (list []deed) {
	t.Helper()
	dir := filepath.Join("../../connectors", id)
	setting, err := plugintest.SettingOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := plugintest.Rehearse(t.Context(), fileOf(t, dir), plugintest.Staging{Values: setting.Values, Faults: setting.Faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	m, seen := r.Manifest, &watched{}
	r.Tamper(func(way host.Egress) host.Egress { seen.Egress = way; return seen })
	note := func(name string, scopes []string, wanted *abi.Request) {
		for _, s := range seen.taken() {
			if wanted != nil && !strings.HasSuffix(s.request.URL.Path, last(wanted)) {
				continue
			}
			list = append(list, deed{connector: id, name: name, scopes: scopes, offered: m.Scopes, request: s.request, body: s.body})
		}
	}
	if _, err := r.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.Identity != nil {
		note("identity", nil, m.Identity)
	}
	seen.taken()
	if _, err := r.Test(t.Context(), r.Subject, host.Development, r.Link); err != nil {
		t.Errorf("%s, test: %v", id, err)
	}
	note("test", nil, m.Test)
	for _, a := range m.Actions {
		for n := range 1 + mostWords(a) { // with all, in each of the words that there are; and with what must
			values, err := json.Marshal(values{v, d, m, a}.of(n))
			if err != nil {
				t.Fatal(err)
			}
			deed := plugintest.Deed{Action: a.Name, Parameters: plugintest.Document(values)}
			if _, err := deed.Do(t.Context(), r.Broker, r.Subject, host.Development, r.Link); err != nil {
				t.Errorf("%s, %s with %s: %v", id, a.Name, values, err)
			}
			note(a.Name, needed(m, a), nil)
		}
	}
	return list
}

// mostWords is how many words a parameter of an action may have at most; 1 for
// none.
func mostWords(a abi.Action) int {
	most := 1
	for _, p := range a.Parameters {
		most = max(most, len(p.Enum))
	}
	return most
}

// last is the end of a request's path that has no place in it.
func last(r *abi.Request) string {
	path := r.Path + r.URL
	return path[strings.LastIndexAny(path, "/}")+1:]
}

// needed are the scopes of an action with those that are always asked for; none
// where the action does not tell.
func needed(m abi.Manifest, a abi.Action) []string {
	if len(a.Scopes) == 0 {
		return nil
	}
	var list []string
	for _, one := range a.Scopes {
		list = append(list, one[0])
	}
	for _, s := range m.Scopes {
		if s.Required {
			list = append(list, s.Name)
		}
	}
	return list
}

// A watched way out shows what leaves by it.
type watched struct {
	host.Egress
	mu   sync.Mutex
	seen []leaving
}

// A leaving is a request as it is about to leave, with its credential.
type leaving struct {
	request *http.Request
	body    []byte
}

func (w *watched) Do(ctx context.Context, call host.Call) (*http.Response, error) {
	if p, ok := w.Egress.(host.Preparer); ok {
		if err := w.see(ctx, p, call); err != nil {
			return nil, err
		}
	}
	return w.Egress.Do(ctx, call)
}

func (w *watched) see(ctx context.Context, p host.Preparer, call host.Call) error {
	req, err := p.Prepare(ctx, call)
	if err != nil {
		return err
	}
	one := leaving{request: req}
	if req.Body != nil {
		if one.body, err = io.ReadAll(req.Body); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, one)
	return nil
}

// taken are those since it was last asked for.
func (w *watched) taken() []leaving {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.seen
	w.seen = nil
	return list
}

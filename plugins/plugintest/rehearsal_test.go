package plugintest_test

import (
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/plugintest"
)

// The built-in connectors, as they are, are authorized, called and renewed by
// services that their manifests describe.
func TestRehearse(t *testing.T) {
	for _, id := range []string{"dropbox", "trello", "atlassian", "openweather"} {
		t.Run(id, func(t *testing.T) {
			r := rehearse(t, "../../connectors/"+id+"/"+id+".wasm", plugintest.Staging{})
			if _, err := r.Connect(t.Context()); err != nil {
				t.Fatalf("%v; the lab saw %+v", err, r.Lab.Log())
			}
			if got, err := r.Test(t.Context(), r.Subject, host.Development, r.Link); err != nil || !got.OK {
				t.Errorf("got %+v, %v", got, err)
			}
			r.Advance(2 * time.Hour)
			tape := cassette.NewTape(r.Mask.Text)
			call := func() error { return invoke(t, r, r.Manifest.Test.Path) }
			if err := r.Record(tape, call); err != nil {
				t.Fatal(err)
			}
			seen := len(r.Lab.Log())
			if err := r.Play(cassette.Load(tape.Cassette(), nil), call); err != nil {
				t.Error(err)
			}
			if got := len(r.Lab.Log()); got != seen {
				t.Errorf("%d calls left the cassette", got-seen)
			}
		})
	}
}

func rehearse(t *testing.T, file string, s plugintest.Staging) *plugintest.Rehearsal {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := plugintest.Rehearse(t.Context(), data, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func invoke(t *testing.T, r *plugintest.Rehearsal, path string) error {
	method := r.Manifest.Test.Method
	if method == "" {
		method = http.MethodGet
	}
	got, err := r.Invoke(t.Context(), r.Subject, host.Development, broker.InvokeRequest{Connection: r.Link, Method: method, URL: path})
	if err != nil {
		return err
	}
	defer got.Response.Body.Close()
	_, err = io.Copy(io.Discard, got.Response.Body)
	return err
}

// A connector that talks to nobody but the lab meets what the lab does wrong,
// and leaves nothing behind.
func TestRehearseFaults(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	r := rehearse(t, "../../connectors/openweather/openweather.wasm", plugintest.Staging{Faults: []lab.Fault{{Fault: "status", On: "test", Status: 401, Times: -1}}})
	if got, err := r.Connect(t.Context()); err == nil {
		t.Errorf("a refused key is taken: %+v", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

package broker_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// 50 goroutines on an expired token: one refresh, 50 answers.
func TestOneRefreshForFifty(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.clock.advance(2 * time.Hour)
	var wg sync.WaitGroup
	var failed atomic.Int32
	for range 50 {
		wg.Go(func() {
			if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
				failed.Add(1)
				t.Errorf("%d %v", status, err)
			}
		})
	}
	wg.Wait()
	if got := w.lab.Refreshes(); got != 1 || failed.Load() != 0 {
		t.Errorf("%d refreshes, %d failed calls", got, failed.Load())
	}
}

// A 401 leads to one refresh and one repeat, also with a body.
func TestRefreshAfter401(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	m.Refresh = &abi.Refresh{Margin: 1}
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	w.lab.Expire() // the service has forgotten the token; the store does not know
	body := `{"item":"itm_1","quantity":2}`
	got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{
		Connection: link, Method: "POST", URL: "/orders", Header: http.Header{"Content-Type": {"application/json"}},
		Body: text(body), ContentLength: int64(len(body)),
	})
	w.must(err)
	defer got.Response.Body.Close()
	if got.Response.StatusCode >= 300 || !got.Refreshed || w.lab.Refreshes() != 1 {
		t.Errorf("status %d, refreshed %t, %d refreshes", got.Response.StatusCode, got.Refreshed, w.lab.Refreshes())
	}
}

// A caller leaves by its own context; the refresh finishes and is stored.
func TestRefreshOutlivesItsCaller(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.clock.advance(2 * time.Hour)
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	_, err := w.Invoke(ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me"})
	if err == nil {
		t.Fatal("a cancelled call succeeded")
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
}

// tokenFault makes the token endpoint misbehave once the switch is on.
type tokenFault struct {
	next http.Handler
	mode atomic.Value // string
	seen atomic.Int32 // presentations while a fault is on
}

func (f *tokenFault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mode, _ := f.mode.Load().(string)
	if mode == "" || !strings.HasSuffix(r.URL.Path, "/token") {
		f.next.ServeHTTP(w, r)
		return
	}
	f.seen.Add(1)
	switch mode {
	case "lost answer": // the service has rotated, and nobody hears it
		f.next.ServeHTTP(httptest.NewRecorder(), r)
		drop(w)
	case "server error":
		http.Error(w, `{"error":"oops","refresh_token":"secret-in-an-error"}`, http.StatusInternalServerError)
	case "busy":
		w.Header().Set("Retry-After", "7")
		http.Error(w, "slow down", http.StatusTooManyRequests)
	case "garbage":
		fmt.Fprint(w, "<html>not a token</html>")
	case "invalid_grant":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"the token lab-refresh is gone"}`)
	}
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// faulty is a world whose token endpoint is behind a fault.
func faulty(t *testing.T) (*world, *tokenFault, string) {
	w := newWorld(t, t.TempDir())
	f := &tokenFault{next: w.lab}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL = srv.URL + "/oauth2/token"
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	return w, f, link
}

// An unknown outcome is never replayed while the access token lives; it is
// used until it dies, then one last try is made, and its failure is final.
func TestLostAnswerIsNotReplayed(t *testing.T) {
	w, f, link := faulty(t)
	f.mode.Store("lost answer")
	w.clock.advance(time.Hour - 10*time.Second) // due, and alive
	for range 3 {
		if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
			t.Errorf("the living token is not used: %d %v", status, err)
		}
		w.clock.advance(time.Second)
	}
	if got := f.seen.Load(); got != 1 {
		t.Fatalf("the refresh token was presented %d times while the access token lived", got)
	}
	w.clock.advance(20 * time.Second) // dead, and the answer may still come
	_, _, err := w.get(w.admin, link, "/me")
	wantCode(t, err, host.Unavailable, "may still be on its way")
	if got := f.seen.Load(); got != 1 {
		t.Fatalf("presented %d times", got)
	}
	w.clock.advance(5 * time.Minute)
	f.mode.Store("") // the service is strict: it knows that the token was used
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.NeedsAuth, "needs authorizing")
	v, err := w.Connection(w.ctx, w.admin, link)
	if err != nil || v.Places[0].Status != host.Status(host.NeedsReauth) {
		t.Errorf("%+v, %v", v.Places[0], err)
	}
	w.authorize(w.admin, link)
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("after authorizing anew: %d %v", status, err)
	}
}

func TestRefreshClasses(t *testing.T) {
	for _, c := range []struct {
		mode    string
		code    host.Code
		text    string
		recover bool // the connection works once the service does
	}{
		{"busy", host.Unavailable, "could not be refreshed", true},
		{"server error", host.Unavailable, "could not be refreshed", false},
		{"garbage", host.Unavailable, "could not be refreshed", false},
		{"invalid_grant", host.NeedsAuth, "needs authorizing", false},
	} {
		t.Run(c.mode, func(t *testing.T) {
			w, f, link := faulty(t)
			f.mode.Store(c.mode)
			w.clock.advance(2 * time.Hour)
			_, _, err := w.get(w.admin, link, "/me")
			wantCode(t, err, c.code, c.text)
			for _, leak := range []string{"secret-in-an-error", "lab-refresh", "oops"} {
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), leak) {
					t.Errorf("%q stands in %v", leak, err)
				}
			}
			_, _, _ = w.get(w.admin, link, "/me") // at once: held back
			if got := f.seen.Load(); got != 1 {
				t.Errorf("presented %d times", got)
			}
			f.mode.Store("")
			w.clock.advance(time.Minute)
			status, _, err := w.get(w.admin, link, "/me")
			if ok := status == 200 && err == nil; ok != c.recover {
				t.Errorf("later: %d %v", status, err)
			}
		})
	}
}

// A service that gives the same refresh token again may be asked once more.
func TestUnknownOutcomeWithoutRotation(t *testing.T) {
	w := newWorld(t, t.TempDir())
	f := &tokenFault{next: w.lab}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL = srv.URL + "/oauth2/token"
	m.Refresh = &abi.Refresh{Rotation: abi.RotationNone}
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	f.mode.Store("server error")
	w.clock.advance(2 * time.Hour)
	_, _, err := w.get(w.admin, link, "/me")
	wantCode(t, err, host.Unavailable, "could not be refreshed")
	f.mode.Store("")
	w.clock.advance(time.Minute)
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
}

// A revocation or deletion while a refresh is under way wins, and the new tokens
// are given back.
func TestChangesDuringRefresh(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, link string) error
		code   host.Code
		want   string // of the next call
	}{
		"revoke": {func(w *world, link string) error {
			_, err := w.Revoke(w.ctx, w.admin, host.Development, link)
			return err
		}, host.NeedsAuth, "was revoked"},
		"delete": {func(w *world, link string) error {
			_, err := w.Delete(w.ctx, w.admin, link)
			return err
		}, host.NotFound, "no connection named"},
	} {
		t.Run(name, func(t *testing.T) { changeDuringRefresh(t, c.change, c.code, c.want) })
	}
}

func changeDuringRefresh(t *testing.T, change func(*world, string) error, code host.Code, want string) {
	w := newWorld(t, t.TempDir())
	entered, release := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil && r.Form.Get("grant_type") == "refresh_token" {
			close(entered)
			<-release
		}
		w.lab.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL = srv.URL + "/oauth2/token"
	link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	w.clock.advance(2 * time.Hour)
	done := make(chan error, 1)
	go func() { _, _, err := w.get(w.admin, link, "/me"); done <- err }()
	<-entered
	w.must(change(w, link))
	close(release)
	if err := <-done; host.CodeOf(err) != code {
		t.Errorf("the call that waited got %v", err)
	}
	_, _, err := w.get(w.admin, link, "/me")
	wantCode(t, err, code, want)
}

// childEnv tells a re-executed test binary what to do as a process of its own.
const childEnv = "CONNHOST_BROKER_CHILD"

// child calls through the connection of a store that another process made.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if dir, keeps := strings.CutPrefix(dir, keepsIn); keeps {
			os.Exit(childKeeps(dir))
		}
		os.Exit(childCalls(dir))
	}
	dir, err := os.MkdirTemp("", "code")
	if err != nil {
		panic(err)
	}
	compiled = dir
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

func childCalls(dir string) int {
	w := &world{t: inChild{}, ctx: context.Background(), clock: &clock{}, mask: host.NewRedactor(nil)}
	w.open(dir)
	if status, _, err := w.get(w.admin, "acme_connection", "/me"); status != 200 || err != nil {
		fmt.Println(status, err)
		return 1
	}
	return 0
}

// inChild stands for the test in a process of its own.
type inChild struct{ testing.TB }

func (inChild) Helper()           {}
func (inChild) Cleanup(func())    {}
func (inChild) Fatal(args ...any) { fmt.Println(args...); os.Exit(1) }

// Four processes, one SQLite file, an expired token: every command succeeds
// and there is one refresh per expiry.
func TestFourProcesses(t *testing.T) {
	rounds := 3
	if os.Getenv("CONNHOST_PEERS") == "1" {
		rounds = 15
	}
	dir := t.TempDir()
	w := newWorld(t, dir)
	w.connect()
	for round := range rounds {
		w.expireStored()
		before := w.lab.Refreshes()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), childEnv+"="+dir)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("round %d: %v\n%s", round, err, out)
				}
			})
		}
		wg.Wait()
		if got := w.lab.Refreshes() - before; got != 1 {
			t.Fatalf("round %d: %d refreshes", round, got)
		}
	}
}

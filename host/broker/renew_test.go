package broker_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

// more makes and authorizes n connections of acme, which is installed.
func (w *world) more(n int) []string {
	w.t.Helper()
	var links []string
	for range n {
		c, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme"})
		w.must(err)
		w.authorize(w.admin, c.LinkName)
		links = append(links, c.LinkName)
	}
	return links
}

// authorization is the one that a connection uses.
func (w *world) authorization(link string) host.Authorization {
	w.t.Helper()
	v, err := w.Connection(w.ctx, w.admin, link)
	w.must(err)
	if v.Places[0].Authorization == nil {
		w.t.Fatalf("%s is not authorized", link)
	}
	return *v.Places[0].Authorization
}

// outcomes are what became of each connection.
func outcomes(list []broker.Renewal) map[string]broker.RenewalOutcome {
	out := map[string]broker.RenewalOutcome{}
	for _, r := range list {
		out[strings.Join(r.Links, "+")] = r.Outcome
	}
	return out
}

// What is due is renewed, once, and nothing else.
func TestRefreshDue(t *testing.T) {
	w := newWorld(t, t.TempDir())
	first := w.connect().LinkName
	w.clock.advance(30 * time.Minute)
	w.more(1)
	got, err := w.RefreshDue(w.ctx, w.admin, 10*time.Minute)
	if len(got) != 0 || err != nil {
		t.Fatalf("early: %v, %v", got, err)
	}
	got, err = w.RefreshDue(w.ctx, w.admin, 30*time.Minute)
	if want := (map[string]broker.RenewalOutcome{first: broker.Renewed}); !maps.Equal(outcomes(got), want) || err != nil {
		t.Fatalf("got %v, %v", outcomes(got), err)
	}
	if a := got[0].Authorization; a.Due.Sub(w.clock.now()) < 58*time.Minute || a.AccountLabel != "Ada Lovelace" || w.lab.Refreshes() != 1 {
		t.Errorf("%+v, %d refreshes", a, w.lab.Refreshes())
	}
	if status, _, err := w.get(w.admin, first, "/me"); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
	for name, sub := range map[string]host.Subject{"plain": w.user("plain")} {
		_, err := w.RefreshDue(w.ctx, sub, time.Hour)
		wantCode(t, err, host.NotAllowed, name)
		wantCode(t, w.Keep(w.ctx, sub, broker.Keeping{}), host.NotAllowed, name)
	}
}

// Many are renewed at most eight at a time, each once, also by two processes at
// once; one that serves several connections names them all.
func TestRefreshDueAtOnce(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	var now, most, sent atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if r.ParseForm() == nil && r.Form.Get("grant_type") == "refresh_token" {
			sent.Add(1)
		}
		time.Sleep(20 * time.Millisecond)
		w.lab.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	m := w.acme()
	m.Auth.Token.URL = srv.URL + "/oauth2/token"
	w.authorize(w.admin, w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName)
	w.more(19)
	second := w.more(1)[0]
	shared, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "acme", LinkName: "shared"})
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		return tx.Bindings().Put(w.ctx, host.Binding{ID: host.NewBindingID(), Connection: shared.ID, Environment: host.Shared, Authorization: w.authorization(second).ID})
	}))
	w.clock.advance(2 * time.Hour)
	other := &world{t: t, ctx: w.ctx, clock: w.clock, mask: host.NewRedactor(nil)}
	other.open(dir)
	var wg sync.WaitGroup
	lists := make([][]broker.Renewal, 2)
	for i, x := range []*world{w, other} {
		wg.Go(func() {
			var err error
			if lists[i], err = x.RefreshDue(x.ctx, x.admin, 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	renewed := 0
	for _, list := range lists {
		seen := map[host.AuthorizationID]bool{}
		for _, r := range list {
			if r.Outcome == broker.RenewalFailed || seen[r.Authorization.ID] {
				t.Errorf("%v: %s, %v", r.Links, r.Outcome, r.Err)
			}
			seen[r.Authorization.ID] = true
			if r.Outcome == broker.Renewed {
				renewed++
			}
			if slices.Contains(r.Links, "shared") && !slices.Contains(r.Links, second) {
				t.Errorf("it serves %v", r.Links)
			}
		}
	}
	if renewed != 21 || sent.Load() != 21 {
		t.Errorf("%d renewed, %d sent", renewed, sent.Load())
	}
	if n := most.Load(); n < 2 || n > 16 { // eight of each process
		t.Errorf("%d at a time", n)
	}
}

// The failure of one stops no other; what serves no connection is left alone.
func TestRefreshDueFailures(t *testing.T) {
	w, f, broken := faulty(t)
	good := w.acme()
	good.ID, good.Name = "other", "Other"
	link := w.create(good, broker.CreateRequest{Connector: "other"}).LinkName
	w.authorize(w.admin, link)
	lonely := hosttest.AnAuthorization(1)
	lonely.Due = w.clock.now()
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		return tx.Authorizations().Insert(w.ctx, lonely, hosttest.SomeSecrets("lonely"), host.Record{Act: host.ActAuthorize})
	}))
	w.clock.advance(2 * time.Hour)
	f.mode.Store("busy")
	got, err := w.RefreshDue(w.ctx, w.admin, 0)
	if want := (map[string]broker.RenewalOutcome{broken: broker.RenewalFailed, link: broker.Renewed}); !maps.Equal(outcomes(got), want) || err != nil {
		t.Fatalf("got %v, %v", outcomes(got), err)
	}
	i := slices.IndexFunc(got, func(r broker.Renewal) bool { return r.Outcome == broker.RenewalFailed })
	wantCode(t, got[i].Err, host.Unavailable, "could not be refreshed")
	f.mode.Store("invalid_grant")
	w.clock.advance(time.Minute)
	got, err = w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || err != nil {
		t.Fatalf("%v, %v", outcomes(got), err)
	}
	wantCode(t, got[0].Err, host.NeedsAuth, "needs authorizing")
	if got, err := w.RefreshDue(w.ctx, w.admin, 0); len(got) != 0 || err != nil {
		t.Errorf("asked again for what needs a person: %v, %v", outcomes(got), err)
	}
	_, err = w.Disable(w.ctx, w.admin, "other", "")
	w.must(err)
	w.clock.advance(2 * time.Hour)
	if got, err := w.RefreshDue(w.ctx, w.admin, 0); len(got) != 0 || err != nil {
		t.Errorf("a disabled connector sends: %v, %v", outcomes(got), err)
	}
}

// A lost answer is not asked for again before the one last try.
func TestRefreshDueAfterLostAnswer(t *testing.T) {
	w, f, link := faulty(t)
	f.mode.Store("lost answer")
	w.clock.advance(50 * time.Minute)
	got, err := w.RefreshDue(w.ctx, w.admin, 10*time.Minute)
	if len(got) != 1 || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
	wantCode(t, got[0].Err, host.Unavailable, "could not be refreshed")
	v, err := w.Connection(w.ctx, w.admin, link)
	w.must(err)
	if text := v.Places[0].Forecast.Text; !strings.Contains(text, "was lost; the access token lives until") || !strings.Contains(text, "then one last try is made") {
		t.Errorf("the forecast: %s", text)
	}
	w.clock.advance(2 * time.Minute)
	for range 3 {
		if got, err := w.RefreshDue(w.ctx, w.admin, 0); len(got) != 0 || err != nil {
			t.Errorf("asked again: %v, %v", got, err)
		}
	}
	_, err = w.Refresh(w.ctx, w.admin, host.Development, link)
	wantCode(t, err, host.Unavailable, "then one last try is made")
	if f.seen.Load() != 1 {
		t.Fatalf("presented %d times while the access token lived", f.seen.Load())
	}
	f.mode.Store("")
	w.clock.advance(time.Hour)
	got, err = w.RefreshDue(w.ctx, w.admin, 0) // the last try; the lab is strict
	if len(got) != 1 || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
	wantCode(t, got[0].Err, host.NeedsAuth, "needs authorizing")
	if got, err := w.RefreshDue(w.ctx, w.admin, 0); len(got) != 0 || err != nil {
		t.Errorf("a try after the last: %v, %v", got, err)
	}
}

// A process that was killed leaves its intent behind: what is due because of
// that is asked for when the last try may be made, and not at every pass.
func TestDueAfterAnOpenIntent(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.clock.advance(50 * time.Minute)
	w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
		a := w.authorization(link)
		a.Lease = host.Lease{Owner: "dead", Intent: w.clock.now().Add(-2 * time.Minute), Until: w.clock.now().Add(-time.Minute)}
		a.Due = w.clock.now()
		return tx.Authorizations().Save(w.ctx, a)
	}))
	got, err := w.RefreshDue(w.ctx, w.admin, 0)
	if len(got) != 1 || err != nil {
		t.Fatalf("%v, %v", got, err)
	}
	wantCode(t, got[0].Err, host.Unavailable, "then one last try is made")
	if a := w.authorization(link); !a.Due.Equal(a.TokenExpires) || w.lab.Refreshes() != 0 {
		t.Errorf("due at %v, the token ends at %v, %d refreshes", a.Due, a.TokenExpires, w.lab.Refreshes())
	}
}

// telling adds members to every token answer.
func (w *world) telling(members func() map[string]any) string {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		w.lab.ServeHTTP(rec, r)
		answer := map[string]any{}
		if json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&answer) == nil {
			maps.Copy(answer, members())
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(rec.Code)
		_ = json.NewEncoder(rw).Encode(answer)
	}))
	w.t.Cleanup(srv.Close)
	return srv.URL + "/oauth2/token"
}

// What the manifest and the answers say of a refresh token's life.
func TestLivesOfRefreshTokens(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		rules     abi.Refresh
		says      time.Duration // 0: nothing
		due, ends time.Duration // after consent
		cause     host.EndCause
		next      time.Duration // the end after a refresh half a day later
	}{
		"idle":             {abi.Refresh{Idle: 4 * 86400}, 0, 3 * day, 4 * day, host.EndIdle, 4*day + day/2},
		"life":             {abi.Refresh{Life: 10 * 86400}, 0, 1000*time.Hour - 30*time.Second, 10 * day, host.EndRefresh, 10 * day},
		"the answer":       {abi.Refresh{}, 4 * day, 3 * day, 4 * day, host.EndIdle, 4*day + day/2},
		"the answer first": {abi.Refresh{Life: 86400}, 4 * day, 3 * day, 4 * day, host.EndIdle, 4*day + day/2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			if _, err := httpPost(w.server.URL+"/control", `{"token_life":"1000h"}`); err != nil {
				t.Fatal(err)
			}
			m := w.acme()
			m.Refresh = &c.rules
			m.Auth.Token.URL = w.telling(func() map[string]any {
				if c.says == 0 {
					return nil
				}
				return map[string]any{"refresh_expires_in": c.says.Seconds()}
			})
			link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
			began := w.clock.now()
			w.authorize(w.admin, link)
			near := func(what string, at time.Time, want time.Duration) {
				t.Helper()
				if d := at.Sub(began) - want; d < -time.Minute || d > time.Minute {
					t.Errorf("%s: %s after consent, want %s", what, at.Sub(began), want)
				}
			}
			a := w.authorization(link)
			near("due", a.Due, c.due)
			v, err := w.Connection(w.ctx, w.admin, link)
			w.must(err)
			near("ends", v.Places[0].Forecast.Ends, c.ends)
			if v.Places[0].Forecast.Cause != c.cause {
				t.Errorf("%+v", v.Places[0].Forecast)
			}
			w.clock.advance(day / 2)
			r, err := w.Refresh(w.ctx, w.admin, host.Development, link)
			if r.Outcome != broker.Renewed || err != nil {
				t.Fatalf("%+v, %v", r, err)
			}
			near("ends after a refresh", r.Authorization.Forecast(m, w.clock.now()).Ends, c.next)
		})
	}
}

func TestRefreshOne(t *testing.T) {
	w, f, link := faulty(t)
	r, err := w.Refresh(w.ctx, w.admin, host.Development, link) // not due, and asked for
	if r.Outcome != broker.Renewed || err != nil || w.lab.Refreshes() != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	plain := w.user("plain")
	_, err = w.Refresh(w.ctx, plain, host.Development, link)
	wantCode(t, err, host.NotAllowed, "plain")
	_, err = w.Refresh(w.ctx, w.admin, host.Development, "nowhere")
	wantCode(t, err, host.NotFound, "nowhere")
	f.mode.Store("busy")
	for range 2 { // the second is held back
		_, err = w.Refresh(w.ctx, w.admin, host.Development, link)
		wantCode(t, err, host.Unavailable, "could not be refreshed")
	}
	if f.seen.Load() != 1 {
		t.Errorf("asked %d times", f.seen.Load())
	}
	key := w.acme()
	key.ID, key.Name, key.Scopes, key.Revoke = "key", "Key", nil, nil
	key.Auth = abi.Auth{Type: abi.AuthAPIKey, Name: "X-Lab-Key"}
	key.Parameters = []abi.Parameter{{Key: "key", Secret: true}}
	c := w.create(key, broker.CreateRequest{Connector: "key", Access: host.UserAccess})
	_, err = w.Refresh(w.ctx, plain, host.Development, c.LinkName)
	wantCode(t, err, host.NeedsAuth, "is not authorized")
	_, err = w.Authorize(w.ctx, plain, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: map[string]host.Secret{"key": host.NewSecret("a-key-of-the-lab")}, OtherAccount: true})
	w.must(err)
	_, err = w.Refresh(w.ctx, plain, host.Development, c.LinkName)
	wantCode(t, err, host.Usage, "no tokens that could be renewed")
}

// An unsteady store answers every third question with an error.
type unsteady struct {
	host.Store
	asked atomic.Int32
}

func (s *unsteady) View(ctx context.Context, f func(host.Tx) error) error {
	if s.asked.Add(1)%3 == 1 {
		return host.Errorf(host.Unavailable, "the disk is on fire")
	}
	return s.Store.View(ctx, f)
}

// Keep renews tokens of seconds as they come due, and no oftener, whatever it
// looks ahead; a store that fails for a while does not end it.
func TestKeep(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	if _, err := httpPost(w.server.URL+"/control", `{"token_life":"1s"}`); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Hour)
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	store := &unsteady{Store: w.store}
	w.Parts.Store = store
	var told []broker.Renewal
	var trouble int
	start := time.Now()
	err := w.Keep(ctx, w.admin, broker.Keeping{Every: 300 * time.Millisecond, Ahead: time.Hour,
		Told: func(r broker.Renewal) {
			if told = append(told, r); len(told) == 4 {
				cancel()
			}
		},
		Trouble: func(err error) {
			trouble++
			wantCode(t, err, host.Unavailable, "on fire")
		}})
	wantCode(t, err, host.Interrupted, "interrupted")
	if took := time.Since(start); took < 1500*time.Millisecond {
		t.Errorf("four renewals of a token that lives for a second within %s", took)
	}
	if trouble == 0 || w.lab.Refreshes() < 3 {
		t.Errorf("%d errors of the store, %d refreshes", trouble, w.lab.Refreshes())
	}
	w.Parts.Store = w.store
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
}

// What has begun when Keep is interrupted is finished and stored.
func TestKeepFinishes(t *testing.T) {
	w := newWorld(t, t.TempDir())
	entered := make(chan struct{}, 1)
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.ParseForm() == nil && r.Form.Get("grant_type") == "refresh_token" {
			entered <- struct{}{}
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
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	var told []broker.Renewal
	go func() {
		done <- w.Keep(ctx, w.admin, broker.Keeping{Told: func(r broker.Renewal) { told = append(told, r) }})
	}()
	<-entered
	cancel()
	select {
	case err := <-done:
		t.Fatalf("it left a request behind: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	wantCode(t, <-done, host.Interrupted, "")
	if len(told) != 1 || told[0].Outcome != broker.Renewed || w.authorization(link).Lease.Owner != "" {
		t.Errorf("%+v", told)
	}
}

// BenchmarkRefreshDue is a pass with nothing due: it costs the same however
// many are stored.
func BenchmarkRefreshDue(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("stored=%d", n), func(b *testing.B) {
			w := newWorld(b, b.TempDir())
			w.must(w.store.Update(w.ctx, func(tx host.Tx) error {
				var errs []error
				for i := range n {
					a := hosttest.AnAuthorization(i)
					a.Due = w.clock.now().Add(time.Hour)
					errs = append(errs, tx.Authorizations().Insert(w.ctx, a, host.Secrets{}, host.Record{Act: host.ActAuthorize}))
				}
				return errors.Join(errs...)
			}))
			b.ResetTimer()
			for b.Loop() {
				if got, err := w.RefreshDue(w.ctx, w.admin, time.Minute); len(got) != 0 || err != nil {
					b.Fatal(got, err)
				}
			}
		})
	}
}

package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// An introspector tells whether a token is active, or does something else.
type introspector struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // tokens
	answer http.HandlerFunc
}

func newIntrospector(t testing.TB) *introspector {
	s := &introspector{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		s.mu.Lock()
		s.asked = append(s.asked, r.PostForm.Get("token"))
		answer := s.answer
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *introspector) answers(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = h
}

func (s *introspector) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// first is the token that was asked about first.
func (s *introspector) first() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[0]
}

// tokens are the refresh tokens that were presented, in order.
func (s *strict) tokens() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.shown {
		list = append(list, p.token)
	}
	return list
}

// says is an answer of the service.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

var (
	saysActive    = says(200, `{"active":true}`)
	saysNotActive = says(200, `{"active":false}`)
)

// A loss is one of the two ways to lose a refresh: before the service has acted,
// and after.
type loss struct {
	meet meeting
	used bool
}

var (
	lostRequest = loss{func(w http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) { drop(w) }, false}
	lostReply   = loss{func(w http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) { act(); drop(w) }, true}
)

// An unsettled world has a connection whose last refresh has no known outcome,
// whose access token lives for ten minutes more, and whose earlier request can
// neither arrive nor be answered any more.
type unsettled struct {
	*world
	service *strict
	tells   *introspector
	link    string
	dir     string
}

func unsettle(t *testing.T, how loss, tells http.HandlerFunc, change func(*abi.Manifest)) *unsettled {
	t.Helper()
	u := &unsettled{dir: t.TempDir()}
	u.world = newWorld(t, u.dir, func(w *world) {
		w.aroundEgress = func(next host.Egress) host.Egress {
			return bentEgress{next, func(c *host.Call) {
				if c.URL.Path == "/introspect" {
					c.Timeout = 200 * time.Millisecond
				}
			}}
		}
	})
	u.service, u.tells = newStrict(u.world), newIntrospector(t)
	u.tells.answers(tells)
	m := u.service.connector(u.world)
	m.Introspect = &abi.Request{URL: u.tells.URL + "/introspect"}
	if change != nil {
		change(&m)
	}
	u.link = u.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	u.authorize(u.admin, u.link)
	u.clock.advance(46 * time.Minute)
	u.service.meets(how.meet)
	u.wantCall(u.link, "while the refresh is lost")
	u.wantCall(u.link, "at once afterwards")
	if n := len(u.service.tokens()); n != 1 || u.tells.count() != 0 {
		t.Fatalf("%d presentations, asked %d times before anything is settled", n, u.tells.count())
	}
	if !how.used {
		u.service.refuse(u.service.tokens()[0])
	}
	u.service.meets(nil)
	u.clock.advance(3 * time.Minute)
	return u
}

func (u *unsettled) wantPresented(n, asked int, when string) {
	u.t.Helper()
	if got := u.service.presented(u.t); got != n || u.tells.count() != asked {
		u.t.Errorf("%s: %d presentations, asked %d times, want %d and %d", when, got, u.tells.count(), n, asked)
	}
}

// The request was lost: the service says so, one more is made, and the connection
// lives.
func TestToldActive(t *testing.T) {
	u := unsettle(t, lostRequest, saysActive, nil)
	u.crowd(u.link, 50)
	u.wantPresented(2, 1, "told active")
	if u.tells.first() != u.service.tokens()[0] {
		t.Error("asked for another token")
	}
	u.wantStored(u.service)
	u.clock.advance(50 * time.Minute)
	u.wantCall(u.link, "at the next refresh")
	u.wantPresented(3, 1, "afterwards")
}

// Told active, and the second request is lost as well: it is asked again, once
// that is settled, and not before.
func TestToldActiveAndLostAgain(t *testing.T) {
	u := unsettle(t, lostRequest, saysActive, nil)
	u.service.meets(lostRequest.meet)
	u.wantCall(u.link, "while the second is lost")
	u.service.refuse(u.service.tokens()[1])
	for range 5 {
		u.clock.advance(10 * time.Second)
		u.wantCall(u.link, "before it is settled")
	}
	u.wantPresented(2, 1, "lost again")
	u.service.meets(nil)
	u.clock.advance(2 * time.Minute)
	u.wantCall(u.link, "once it is settled")
	u.wantPresented(3, 2, "told again")
	u.wantStored(u.service)
}

// The answer was lost: the service says so, the token is never presented again,
// the connection says what became of it, and its access token serves until it
// ends.
func TestToldNotActive(t *testing.T) {
	u := unsettle(t, lostReply, saysNotActive, nil)
	u.crowd(u.link, 50)
	u.wantPresented(1, 1, "told not active")
	if a, _ := u.stored(); a.State != host.NeedsReauth || a.Reason != "the answer to a refresh was lost" {
		t.Errorf("%s %q", a.State, a.Reason)
	}
	u.clock.advance(5 * time.Minute)
	u.wantCall(u.link, "with the access token that lives")
	u.clock.advance(10 * time.Minute)
	_, _, err := u.get(u.admin, u.link, "/me")
	wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
	u.wantPresented(1, 1, "when it has ended")
	u.service.mu.Lock()
	u.service.shown = nil
	u.service.mu.Unlock()
	u.authorize(u.admin, u.link)
	u.wantCall(u.link, "authorized anew")
}

// A service that does not tell is asked a few times and not by each call; the
// access token serves, and when it has ended one last try is made.
func TestNotTold(t *testing.T) {
	for name, tells := range map[string]http.HandlerFunc{
		"403": says(403, `{"active":true}`), "401": says(401, ``), "500": says(500, `{"active":false}`), "garbage": says(200, `<html>`), "a text": says(200, `{"active":"true"}`),
		"nothing": says(204, ``), "both": says(200, `{"active":true,"active":false}`), "silent": func(w http.ResponseWriter, _ *http.Request) { drop(w) },
		"slow": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
	} {
		for way, how := range map[string]loss{"the request": lostRequest, "the answer": lostReply} {
			t.Run(name+", "+way, func(t *testing.T) {
				u := unsettle(t, how, tells, nil)
				u.crowd(u.link, 50)
				u.wantPresented(1, 1, "not told")
				for range 8 { // the pause between two questions grows
					u.clock.advance(time.Second)
					u.wantCall(u.link, "not told")
				}
				if n := u.tells.count(); n > 6 {
					t.Errorf("asked %d times in 8 s", n)
				}
				if n := u.service.presented(t); n != 1 {
					t.Errorf("%d presentations while the access token lives", n)
				}
				u.clock.advance(15 * time.Minute)
				_, _, err := u.get(u.admin, u.link, "/me")
				if way == "the request" && err != nil {
					t.Errorf("the last try: %v", err)
				}
				if way == "the answer" {
					wantCode(t, err, host.NeedsAuth, "the answer to a refresh was lost")
				}
				if n := u.service.presented(t); n != 2 {
					t.Errorf("%d presentations, want one last", n)
				}
			})
		}
	}
}

// What a service tells is of the attempt that was asked about: when another
// process has made one since, it means nothing.
func TestToldOfAnotherAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*host.Authorization, time.Time)
		tells  http.HandlerFunc
	}{
		"another unknown one, active":     {func(a *host.Authorization, now time.Time) { a.Lease = host.Lease{Intent: now} }, saysActive},
		"another unknown one, not active": {func(a *host.Authorization, now time.Time) { a.Lease = host.Lease{Intent: now} }, saysNotActive},
		"one under way, active": {func(a *host.Authorization, now time.Time) {
			a.Lease = host.Lease{Owner: host.NewLeaseOwner(), Intent: now, Until: now.Add(time.Minute)}
		}, saysActive},
		"one under way, not active": {func(a *host.Authorization, now time.Time) {
			a.Lease = host.Lease{Owner: host.NewLeaseOwner(), Intent: now, Until: now.Add(time.Minute)}
		}, saysNotActive},
	} {
		t.Run(name, func(t *testing.T) {
			u := unsettle(t, lostReply, nil, nil)
			u.tells.answers(func(w http.ResponseWriter, r *http.Request) {
				u.must(u.store.Update(u.ctx, func(tx host.Tx) error {
					list, err := tx.Authorizations().List(u.ctx, "acme")
					if err != nil {
						return err
					}
					c.change(&list[0], u.clock.now())
					return tx.Authorizations().Save(u.ctx, list[0])
				}))
				c.tells(w, r)
			})
			u.wantCall(u.link, "with the living token")
			u.wantPresented(1, 1, name)
			if a, _ := u.stored(); a.State != host.Connected {
				t.Errorf("%s %q", a.State, a.Reason)
			}
		})
	}
}

// Two processes ask at once: at most one question each, and one more request.
func TestToldTwoProcesses(t *testing.T) {
	u := unsettle(t, lostRequest, saysActive, nil)
	other := u.another(u.dir)
	var two sync.WaitGroup
	two.Go(func() { u.crowd(u.link, 25) })
	two.Go(func() { other.crowd(u.link, 25) })
	two.Wait()
	if n := u.service.presented(t); n != 2 || u.tells.count() > 2 {
		t.Errorf("%d presentations, asked %d times", n, u.tells.count())
	}
	u.wantStored(u.service)
}

// A service that names a grace window is not asked while that is open, nor one
// that gives the same token again.
func TestNotAskedWhereNothingIsLost(t *testing.T) {
	for name, refresh := range map[string]abi.Refresh{
		"an open window": {Grace: 3600, Margin: 900}, "no rotation": {Rotation: abi.RotationNone, Margin: 900},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir())
			s, tells := newStrict(w), newIntrospector(t)
			tells.answers(saysNotActive)
			m := s.connector(w)
			m.Introspect, m.Refresh = &abi.Request{URL: tells.URL}, &refresh
			link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
			w.authorize(w.admin, link)
			w.clock.advance(46 * time.Minute)
			s.meets(lostRequest.meet)
			w.wantCall(link, "while the refresh is lost")
			s.refuse(s.tokens()[0])
			s.meets(nil)
			w.clock.advance(10 * time.Second)
			w.wantCall(link, "once more")
			if s.presented(t) != 2 || tells.count() != 0 {
				t.Errorf("%d presentations, asked %d times", len(s.tokens()), tells.count())
			}
			w.wantStored(s)
		})
	}
}

// A window that is over is as none: the service is asked.
func TestAskedAfterTheWindow(t *testing.T) {
	u := unsettle(t, lostReply, saysNotActive, func(m *abi.Manifest) { m.Refresh.Grace = 1 })
	u.wantCall(u.link, "with the living token")
	u.wantPresented(1, 1, "after the window")
}

// The endpoint may be one that the issuer's metadata named when the connection
// was authorized.
func TestToldWhereTheMetadataSays(t *testing.T) {
	u := unsettle(t, lostReply, saysNotActive, func(m *abi.Manifest) { m.Introspect = nil })
	u.must(u.store.Update(u.ctx, func(tx host.Tx) error {
		list, err := tx.Authorizations().List(u.ctx, "acme")
		if err != nil {
			return err
		}
		list[0].Endpoints.Introspect = u.tells.URL
		return tx.Authorizations().Save(u.ctx, list[0])
	}))
	u.wantCall(u.link, "with the living token")
	u.wantPresented(1, 1, "by the metadata")
	if a, _ := u.stored(); a.State != host.NeedsReauth {
		t.Errorf("%s %q", a.State, a.Reason)
	}
}

// The history tells that the service was asked and what it said, and no token.
func TestHistoryOfATelling(t *testing.T) {
	u := unsettle(t, lostRequest, saysActive, nil)
	u.wantCall(u.link, "told active")
	u.must(u.store.View(u.ctx, func(tx host.Tx) error {
		records, err := tx.Audit().List(u.ctx, "")
		told := fmt.Sprintf("%+v", records)
		if !strings.Contains(told, string(host.ActRefreshAsked)) || strings.Contains(told, u.service.tokens()[0]) {
			t.Errorf("history: %s", told)
		}
		return err
	}))
}

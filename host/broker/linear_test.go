package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// An authorization is a register of tokens, numbered in the order in which the
// service gives them. Several processes read it, renew it, authorize it anew
// and revoke it; whatever they see must be what one process after the other
// could have seen.

// An op is an operation on the register.
type op struct {
	kind string // read, renew, authorize, revoke
	bad  int    // of renew: the token that was not good enough
}

// A result is what an operation gave.
type result struct {
	token  int    // 0: none
	failed string // "": it did not; "later": nothing was changed; "revoked": there is none
}

// A register is the state of the model.
type register struct {
	token   int
	revoked bool
}

// registers is the sequential specification.
var registers = porcupine.Model{
	Init: func() any { return register{token: 1} },
	Step: func(state, in, out any) (bool, any) {
		r, o, got := state.(register), in.(op), out.(result)
		switch {
		case got.failed == "later" && o.kind == "renew":
			return !r.revoked, r
		case got.failed == "revoked":
			return r.revoked, r
		case got.failed != "":
			return false, r
		}
		switch o.kind {
		case "read":
			return !r.revoked && got.token == r.token, r
		case "renew": // by this or by another before
			if r.token == o.bad {
				return !r.revoked && got.token > o.bad, register{token: got.token}
			}
			return !r.revoked && got.token == r.token, r
		case "authorize":
			return got.token > 0 && got.token != r.token, register{token: got.token}
		case "revoke":
			return true, register{revoked: true}
		}
		return false, r
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
	DescribeState:     func(s any) string { return fmt.Sprintf("%+v", s) },
}

// A history records operations.
type history struct {
	start time.Time
	mu    sync.Mutex
	list  []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.start)) }

func (h *history) add(client int, in op, call int64, out result, end int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: end})
}

// check reports whether the history is linearizable.
func (h *history) check(t *testing.T) porcupine.CheckResult {
	t.Helper()
	result, info := porcupine.CheckOperationsVerbose(registers, h.list, time.Minute)
	if path := os.Getenv("CONNHOST_HISTORY"); result == porcupine.Illegal && path != "" {
		if err := porcupine.VisualizePath(registers, info, path); err != nil {
			t.Error(err)
		}
	}
	return result
}

// A meter is an API that says which token a call used, and refuses tokens that
// do not work or that it does not like.
type meter struct {
	service *strict
	history *history

	mu     sync.Mutex
	random *rand.Rand
	number map[string]int // of access tokens
	visits map[string][]visit
}

// A visit is one request of a call.
type visit struct {
	token       int
	at, refused int64
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := m.history.now()
	access := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	call := r.Header.Get("X-Call")
	works := m.service.works(access)
	m.mu.Lock()
	token := m.number[access]
	first := len(m.visits[call]) == 0
	v := visit{token: token, at: at}
	refuse := !works || call != "" && first && m.random.IntN(2) == 0
	if refuse {
		v.refused = m.history.now()
	}
	if call != "" {
		m.visits[call] = append(m.visits[call], v)
	}
	m.mu.Unlock()
	if refuse {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"result": map[string]string{"id": "acc_1", "name": "Ada"}})
}

// learn numbers the tokens in the order of their issue.
func (m *meter) learn(access string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number[access] = len(m.number) + 1
}

// A race is several processes that share one store, one service and one API.
type race struct {
	t       *testing.T
	history *history
	meter   *meter
	service *strict
	members []*world
	link    string
	calls   atomic.Int64
}

func newRace(t *testing.T, seed uint64, processes int, change ...func(*world)) *race {
	dir := t.TempDir()
	change = append(change, func(w *world) { w.timeout = 10 * time.Minute }) // the clock is moved below
	w := newWorld(t, dir, change...)
	r := &race{t: t, history: &history{start: time.Now()}, service: newStrict(w), members: []*world{w}}
	r.meter = &meter{
		service: r.service, history: r.history, random: rand.New(rand.NewPCG(seed, 0)),
		number: map[string]int{}, visits: map[string][]visit{},
	}
	r.service.issued = r.meter.learn
	api := httptest.NewServer(r.meter)
	t.Cleanup(api.Close)
	m := r.service.connector(w)
	m.BaseURL = api.URL
	r.link = w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, r.link)
	for len(r.members) < processes {
		r.members = append(r.members, w.another(dir, change...))
	}
	delays := rand.New(rand.NewPCG(seed, 1))
	var mu sync.Mutex
	r.service.meets(func(rw http.ResponseWriter, req *http.Request, act func() *httptest.ResponseRecorder) {
		mu.Lock()
		before, after, mood := delays.IntN(4000), delays.IntN(4000), delays.IntN(6)
		mu.Unlock()
		time.Sleep(time.Duration(before) * time.Microsecond)
		switch mood {
		case 0:
			r.service.refuse(req.Form.Get("refresh_token"))
			busy(rw, req, act)
			return
		case 1:
			r.service.refuse(req.Form.Get("refresh_token"))
			rw.WriteHeader(http.StatusServiceUnavailable)
			_, _ = rw.Write([]byte(`{"error":"temporarily_unavailable"}`))
			return
		}
		rec := act()
		time.Sleep(time.Duration(after) * time.Microsecond)
		write(rw, rec)
	})
	return r
}

// invoke is one call: a read, and after a refusal a renewal.
func (r *race) invoke(client int, w *world) {
	call := strconv.FormatInt(r.calls.Add(1), 10)
	begin := r.history.now()
	got, err := w.Invoke(w.ctx, w.admin, host.Development, broker.InvokeRequest{
		Connection: r.link, Method: "GET", URL: "/me", Header: http.Header{"X-Call": {call}},
	})
	end := r.history.now()
	status := 0
	if err == nil {
		status = got.Response.StatusCode
		_ = got.Response.Body.Close()
	}
	r.meter.mu.Lock()
	visits := r.meter.visits[call]
	r.meter.mu.Unlock()
	fail := outcomeOf(err)
	if fail == "later" { // the pause that follows is over
		w.clock.advance(time.Second)
	}
	if len(visits) == 0 { // nothing was sent
		r.history.add(client, op{kind: "read"}, begin, result{failed: fail}, end)
		return
	}
	first := visits[0]
	r.history.add(client, op{kind: "read"}, begin, result{token: first.token}, first.at)
	if first.refused == 0 {
		return
	}
	renew := op{kind: "renew", bad: first.token}
	switch {
	case len(visits) > 1:
		r.history.add(client, renew, first.refused, result{token: visits[1].token}, visits[1].at)
	case fail != "":
		r.history.add(client, renew, first.refused, result{failed: fail}, end)
	case status == http.StatusUnauthorized: // there is nothing to repeat it with
		r.history.add(client, renew, first.refused, result{failed: "revoked"}, end)
	}
}

// outcomeOf names what an error of a call means.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return ""
	case host.CodeOf(err) == host.Unavailable:
		return "later"
	case host.CodeOf(err) == host.NeedsAuth && strings.Contains(err.Error(), "revoked"):
		return "revoked"
	}
	return err.Error()
}

// anew authorizes again. The token that comes of it is the newest that it is
// given: nobody else is by the browser.
func (r *race) anew(client int, w *world) {
	begin := r.history.now()
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: r.link, Environment: host.Development}, redirect)
	w.must(err)
	_, err = w.Finish(w.ctx, w.admin, r.link, p.Process, w.consent(p), false)
	w.must(err)
	end := r.history.now()
	r.service.mu.Lock()
	access := r.service.exchanged
	r.service.mu.Unlock()
	r.meter.mu.Lock()
	token := r.meter.number[access]
	r.meter.mu.Unlock()
	r.history.add(client, op{kind: "authorize"}, begin, result{token: token}, end)
}

func (r *race) revoke(client int, w *world) {
	begin := r.history.now()
	_, err := w.Revoke(w.ctx, w.admin, host.Development, r.link)
	w.must(err)
	r.history.add(client, op{kind: "revoke"}, begin, result{}, r.history.now())
}

// run lets every process make calls with some goroutines, while one more
// authorizes anew and revokes.
func (r *race) run(goroutines, calls, changes int) {
	var wg sync.WaitGroup
	client := 0
	for _, w := range r.members {
		for range goroutines {
			client++
			me := client
			wg.Go(func() {
				for range calls {
					r.invoke(me, w)
				}
			})
		}
	}
	wg.Go(func() {
		for i := range changes {
			time.Sleep(20 * time.Millisecond)
			w := r.members[i%len(r.members)]
			if i%3 == 2 {
				r.revoke(0, w)
			}
			r.anew(0, w)
		}
	})
	wg.Wait()
}

// Three processes, each with several goroutines, against a strict service that
// is slow and says 429 and temporarily_unavailable: what they see is what one
// after the other could have seen.
func TestLinearizable(t *testing.T) {
	histories := 3
	if os.Getenv("CONNHOST_PEERS") == "1" {
		histories = 100
	}
	for range histories {
		seed := rand.Uint64()
		r := newRace(t, seed, 3)
		r.run(3, 12, 6)
		if got := r.history.check(t); got != porcupine.Ok {
			for _, o := range r.history.list {
				t.Logf("%4d %8d %8d %+v -> %+v", o.ClientId, o.Call/1000, o.Return/1000, o.Input, o.Output)
			}
			t.Fatalf("seed %d: %s", seed, got)
		}
		n := r.service.presented(t)
		count := map[string]int{}
		for _, o := range r.history.list {
			count[o.Input.(op).kind+" "+o.Output.(result).failed]++
		}
		t.Logf("%d operations, %d presentations: %v", len(r.history.list), n, count)
		if count["renew "] < 5 || count["authorize "] != 6 || count["revoke "] != 2 {
			t.Errorf("too little happened")
		}
	}
}

// What the check finds: histories that are wrong, made by hand.
func TestLinearizableFinds(t *testing.T) {
	type event struct {
		in        op
		out       result
		call, end int64
	}
	read := func(v int, call, end int64) event { return event{op{kind: "read"}, result{token: v}, call, end} }
	renew := func(bad, v int, call, end int64) event {
		return event{op{kind: "renew", bad: bad}, result{token: v}, call, end}
	}
	for name, c := range map[string]struct {
		list []event
		want bool
	}{
		"one renewal for two":          {[]event{renew(1, 2, 0, 10), renew(1, 2, 1, 9), read(2, 11, 12)}, true},
		"two renewals for one":         {[]event{renew(1, 2, 0, 10), renew(1, 3, 1, 9)}, false},
		"a stale read":                 {[]event{renew(1, 2, 0, 10), read(1, 11, 12)}, false},
		"a read of either":             {[]event{renew(1, 2, 0, 10), read(1, 5, 6)}, true},
		"a lost update":                {[]event{renew(1, 2, 0, 1), renew(2, 3, 2, 3), read(2, 4, 5)}, false},
		"a token after the revocation": {[]event{{op{kind: "revoke"}, result{}, 0, 1}, renew(1, 2, 2, 3)}, false},
		"authorized anew": {[]event{
			{op{kind: "authorize"}, result{token: 2}, 0, 1}, renew(1, 2, 2, 3), read(2, 4, 5)}, true},
		"a refusal that nothing explains": {[]event{renew(1, 2, 0, 1), {op{kind: "read"}, result{failed: "needs_auth"}, 2, 3}}, false},
	} {
		h := &history{}
		for i, e := range c.list {
			h.add(i, e.in, e.call, e.out, e.end)
		}
		if got := h.check(t) == porcupine.Ok; got != c.want {
			t.Errorf("%s: linearizable is %t", name, got)
		}
	}
}

// A store that hides the leases of others: the check has to find what that
// breaks.
type leaseless struct{ host.Store }

func (s leaseless) Update(ctx context.Context, f func(host.Tx) error) error {
	return s.Store.Update(ctx, func(tx host.Tx) error { return f(leaselessTx{tx}) })
}

type leaselessTx struct{ host.Tx }

func (t leaselessTx) Authorizations() host.Authorizations {
	return leaselessRows{t.Tx.Authorizations()}
}

type leaselessRows struct{ host.Authorizations }

func (r leaselessRows) Find(ctx context.Context, id host.AuthorizationID) (host.Authorization, error) {
	a, err := r.Authorizations.Find(ctx, id)
	a.Lease = host.Lease{}
	return a, err
}

func TestLinearizableFindsAMissingLease(t *testing.T) {
	for range 5 {
		r := newRace(t, rand.Uint64(), 3, func(w *world) {
			w.aroundStore = func(next host.Store) host.Store { return leaseless{next} }
		})
		r.run(3, 12, 0)
		if r.history.check(t) == porcupine.Illegal {
			return
		}
	}
	t.Error(errors.New("five histories without leases pass the check"))
}

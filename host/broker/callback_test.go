package broker_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// grants counts the token requests that a lab has seen.
func (w *world) grants() int {
	n := 0
	for _, e := range w.lab.Log() {
		if strings.HasSuffix(e.Path, "/token") {
			n++
		}
	}
	return n
}

// A browser that sends the callback many times at once, to two processes, gets
// one exchange: the code is never presented a second time, which would end the
// grant (RFC 6749 section 4.1.2).
func TestCallbacksAtOnceMakeOneExchange(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme"}).LinkName
	p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
	w.must(err)
	q := w.consent(p)
	other := &world{t: t, ctx: w.ctx, clock: w.clock, lab: w.lab, server: w.server, mask: host.NewRedactor(nil)}
	other.open(dir)
	var wg sync.WaitGroup
	var done atomic.Int32
	for i := range 20 {
		at := w
		if i%2 == 1 {
			at = other
		}
		wg.Go(func() {
			_, err := at.Finish(w.ctx, w.admin, link, p.Process, q, false)
			if err == nil {
				done.Add(1)
			} else {
				wantCode(t, err, host.Refused, "used already")
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 || w.grants() != 1 {
		t.Errorf("%d of 20 callbacks were taken, %d token requests", done.Load(), w.grants())
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("the authorization does not work: %d %v", status, err)
	}
}

// The state of one session is no good in another, nor in its own any more, and
// a second window of a person ends the first.
func TestStatesOfTwoSessions(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme", Access: host.UserAccess}).LinkName
	grace := w.user("grace")
	begin := func(sub host.Subject) (broker.Pending, url.Values) {
		p, err := w.Begin(w.ctx, sub, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
		w.must(err)
		return p, w.consent(p)
	}
	mine, myCallback := begin(w.admin)
	hers, herCallback := begin(grace)
	_, err := w.Finish(w.ctx, w.admin, link, mine.Process, herCallback, false)
	wantCode(t, err, host.Refused, "somebody else began")
	_, err = w.Finish(w.ctx, grace, link, hers.Process, myCallback, false)
	wantCode(t, err, host.Refused, "somebody else began")
	for _, again := range []struct {
		sub host.Subject
		p   broker.Pending
		q   url.Values
	}{{w.admin, mine, myCallback}, {grace, hers, herCallback}} { // a state is good for one callback, whosever it was
		_, err = w.Finish(w.ctx, again.sub, link, again.p.Process, again.q, false)
		wantCode(t, err, host.Refused, "used already")
	}
	if w.grants() != 0 {
		t.Errorf("%d token requests", w.grants())
	}
	first, firstCallback := begin(w.admin)
	second, secondCallback := begin(w.admin)
	_, err = w.Finish(w.ctx, w.admin, link, first.Process, firstCallback, false)
	wantCode(t, err, host.Refused, "is not one that was given out")
	if w.grants() != 0 {
		t.Errorf("%d token requests", w.grants())
	}
	_, err = w.Finish(w.ctx, w.admin, link, second.Process, secondCallback, false)
	w.must(err)
}

// FuzzCallback gives callbacks that nobody sent: whatever stands in the query,
// it is refused in a sentence and no token request is made.
func FuzzCallback(f *testing.F) {
	w := newWorld(f, f.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme"}).LinkName
	for _, seed := range []string{
		"", "state=", "state=x&code=y", "error=access_denied&state=x", "code=a&code=b&state=s&state=t", "state=%00", "%zz", "state=;code", "iss=x&state=%ff&code=",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil && len(q) == 0 {
			return
		}
		_, err = w.Finish(w.ctx, w.admin, link, host.NewSecret("process"), q, false)
		wantCode(t, err, host.Refused, "is not one that was given out")
		if w.grants() != 0 {
			t.Fatal("a token request was made")
		}
	})
}

// FuzzCallbackOfAWindow is FuzzCallback with the state that was given out: the
// rest of the query is a service's. What cannot be a code asks for nothing, and
// no text of the service is quoted but a code of the RFCs.
func FuzzCallbackOfAWindow(f *testing.F) {
	w := newWorld(f, f.TempDir())
	link := w.create(w.acme(), broker.CreateRequest{Connector: "acme"}).LinkName
	for _, seed := range []string{"", "code=", "code=lab-code-none", "error=access_denied", "error=%3Cb%3E&error_description=c4n4ry", "code=a&error=b", "code=%00", "code=a&code=b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		q, _ := url.ParseQuery(query)
		q.Set("state", u.Query().Get("state"))
		before := w.grants()
		_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
		e, ok := err.(*host.Error)
		if !ok || strings.Contains(e.Msg, "c4n4ry") {
			t.Fatalf("got %#v", err)
		}
		if code := q.Get("code"); (code == "" || q.Has("error")) && w.grants() != before {
			t.Errorf("a token request was made for %q", query)
		}
	})
}

// A redirect of the token or revoke endpoint would carry the code, the refresh
// token and the client's secret elsewhere: 307 and 308 with the body.
func TestTokenEndpointsAreNotRedirected(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, there := range map[string]string{"another port": "127.0.0.1", "another host": "localhost"} {
			t.Run(fmt.Sprintf("%d to %s", status, name), func(t *testing.T) {
				w := newWorld(t, t.TempDir())
				var arrived atomic.Int32
				elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
				t.Cleanup(elsewhere.Close)
				to := strings.Replace(elsewhere.URL, "127.0.0.1", there, 1)
				redirecting := false
				here := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					if redirecting {
						http.Redirect(rw, r, to+r.URL.Path, status)
						return
					}
					w.lab.ServeHTTP(rw, r)
				}))
				t.Cleanup(here.Close)
				m := w.acme()
				m.Auth.Token.URL, m.Revoke.URL = here.URL+"/oauth2/token", here.URL+"/oauth2/revoke"
				link := w.create(m, broker.CreateRequest{Connector: "acme"}).LinkName
				begin := func() (broker.Pending, url.Values) {
					p, err := w.Begin(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development}, redirect)
					w.must(err)
					return p, w.consent(p)
				}
				redirecting = true
				p, q := begin()
				_, err := w.Finish(w.ctx, w.admin, link, p.Process, q, false)
				wantCode(t, err, host.Unavailable, fmt.Sprintf("with status %d", status))
				redirecting = false
				p, q = begin()
				_, err = w.Finish(w.ctx, w.admin, link, p.Process, q, false)
				w.must(err)
				redirecting = true
				w.expireStored()
				_, _, _ = w.get(w.admin, link, "/me") // a refresh
				r, err := w.Revoke(w.ctx, w.admin, host.Development, link)
				if err != nil || r.Upstream == broker.UpstreamRevoked {
					t.Errorf("revoked through a redirect: %+v, %v", r, err)
				}
				if arrived.Load() != 0 {
					t.Errorf("%d requests were redirected", arrived.Load())
				}
			})
		}
	}
}

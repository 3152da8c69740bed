package broker_test

import (
	"fmt"
	"io"
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

// A forum knows one session at a time, in a cookie, and sends browsers on after a
// log-in.
type forum struct {
	*httptest.Server
	mu       sync.Mutex
	password string
	status   int // of the next log-ins; 0: as it should be
	page     string
	asked    int // log-ins
	session  string
	outs     []string // cookies of log-outs
}

func (f *forum) set(change func(*forum)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *forum) logins() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

func newForum(t *testing.T) *forum {
	f := &forum{password: "swordfish-of-ann"}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked++
		_ = r.ParseForm()
		switch {
		case f.page != "":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, f.page)
		case f.status != 0:
			http.Error(w, "you said "+r.PostForm.Get("pass"), f.status)
		case r.PostForm.Get("pass") != f.password:
			http.Redirect(w, r, "/login?error", http.StatusFound)
		default:
			f.session = fmt.Sprintf("session-number-%d", f.asked)
			w.Header().Add("Set-Cookie", "SID=deleted; Path=/; Max-Age=0")
			w.Header().Add("Set-Cookie", "SID="+f.session+"; Path=/; HttpOnly; Max-Age=3600")
			http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusFound)
		}
	})
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.session == "" || r.Header.Get("Cookie") != "SID="+f.session {
			http.Error(w, "log in first", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `{"id":"ann","session":%q}`, f.session)
	})
	mux.HandleFunc("GET /admin", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "not for you", http.StatusForbidden) })
	mux.HandleFunc("POST /logout", func(w http.ResponseWriter, r *http.Request) {
		f.set(func(f *forum) { f.outs, f.session = append(f.outs, r.Header.Get("Cookie")), "" })
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

const forumLink = "forum_connection"

func forumWorld(t *testing.T, dir string) (*world, *forum) {
	w, f := newWorld(t, dir), newForum(t)
	w.create(abi.Manifest{
		Connhost: 1, ID: "forum", Name: "Forum", Version: "1.0.0", BaseURL: f.URL,
		Auth: abi.Auth{Type: abi.AuthSession, Name: "Cookie", Value: "SID={session}",
			Login: &abi.Request{Path: "/login", Form: map[string]string{"user": "{username}", "pass": "{password}"}, Answer: &abi.Answer{Access: "cookie:/SID"}}},
		Refresh: &abi.Refresh{Status: 403},
		Revoke:  &abi.Revoke{Request: abi.Request{Path: "/logout", Headers: map[string]string{"Cookie": "SID={session}"}}},
		Test:    &abi.Request{Path: "/me", Answer: &abi.Answer{Key: "/id"}},
	}, broker.CreateRequest{Connector: "forum"})
	w.must(w.logIn("swordfish-of-ann"))
	return w, f
}

func (w *world) logIn(password string) error {
	_, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: forumLink, Environment: host.Development,
		Values: map[string]string{"username": "ann"}, Secrets: map[string]host.Secret{"password": host.NewSecret(password)}})
	return err
}

// A session that ended is made anew once, however many calls of however many
// processes find out; each of them succeeds.
func TestOneLogInForAll(t *testing.T) {
	dir := t.TempDir()
	w, f := forumWorld(t, dir)
	other := w.another(dir)
	w.wantCall(forumLink, "at first")
	other.wantCall(forumLink, "in another process")
	if n := f.logins(); n != 1 {
		t.Fatalf("%d log-ins", n)
	}
	f.set(func(f *forum) { f.session = "" })
	var two sync.WaitGroup
	two.Go(func() { w.crowd(forumLink, 50) })
	two.Go(func() { other.crowd(forumLink, 50) })
	two.Wait()
	if n := f.logins(); n != 2 {
		t.Errorf("%d log-ins, want one more", n-1)
	}
	_, body, err := w.get(w.admin, forumLink, "/me")
	if err != nil || !strings.Contains(body, `"session":"`+host.Mask+`"`) {
		t.Errorf("%s, %v", body, err)
	}
}

// What is forbidden for good costs one log-in a call and is told as it is.
func TestForbiddenIsNoEndlessLogIn(t *testing.T) {
	w, f := forumWorld(t, t.TempDir())
	status, body, err := w.get(w.admin, forumLink, "/admin")
	if status != 403 || !strings.Contains(body, "not for you") || err != nil || f.logins() != 2 {
		t.Errorf("%d %s %v, %d log-ins", status, body, err, f.logins())
	}
}

// A refused log-in is not repeated, because the next may lock the account: the
// connection needs authorizing and says why. A service that is not well is asked
// again, after a while.
func TestRefusedLogIn(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*forum)
		final  bool
		reason string
	}{
		"sent back":   {func(f *forum) { f.password = "another-one" }, true, "gave no session: it refused the log-in"},
		"401":         {func(f *forum) { f.status = 401 }, true, "Forum refused the log-in"},
		"403":         {func(f *forum) { f.status = 403 }, true, "Forum refused the log-in"},
		"503":         {func(f *forum) { f.status = 503 }, false, ""},
		"429":         {func(f *forum) { f.status = 429 }, false, ""},
		"maintenance": {func(f *forum) { f.page = "<h1>back soon</h1>" }, false, ""},
	} {
		w, f := forumWorld(t, t.TempDir())
		f.set(c.change)
		f.set(func(f *forum) { f.session = "" })
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, _, err := w.get(w.admin, forumLink, "/me")
				if c.final && host.CodeOf(err) != host.NeedsAuth || !c.final && host.CodeOf(err) != host.Unavailable {
					t.Errorf("%s: %v", name, err)
				}
				if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), "swordfish") {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		all.Wait()
		if n := f.logins(); n != 2 {
			t.Errorf("%s: %d log-ins, want 2", name, n)
		}
		a := w.authorization(forumLink)
		if (a.State == host.NeedsReauth) != c.final || !strings.Contains(a.Reason, c.reason) {
			t.Errorf("%s: %s, %q", name, a.State, a.Reason)
		}
		f.set(func(f *forum) { f.status, f.page, f.password = 0, "", "swordfish-of-ann" })
		w.clock.advance(5 * time.Minute)
		_, _, err := w.get(w.admin, forumLink, "/me")
		if (err == nil) == c.final {
			t.Errorf("%s, later: %v", name, err)
		}
		if c.final {
			w.must(w.logIn("swordfish-of-ann"))
			w.wantCall(forumLink, "authorized anew")
		}
	}
}

// A wrong password at the beginning is told, once, and stores nothing.
func TestWrongPassword(t *testing.T) {
	w, f := forumWorld(t, t.TempDir())
	err := w.logIn("swordfish-of-nobody")
	wantCode(t, err, host.Failed, "the log-in at Forum did not succeed: Forum gave no session")
	if strings.Contains(fmt.Sprintf("%v %+v", err, err), "nobody") || f.logins() != 2 {
		t.Errorf("%v after %d log-ins", err, f.logins())
	}
	w.wantCall(forumLink, "with the session from before")
}

func TestLogOut(t *testing.T) {
	w, f := forumWorld(t, t.TempDir())
	out, err := w.Revoke(w.ctx, w.admin, host.Development, forumLink)
	if err != nil || len(f.outs) != 1 || f.outs[0] != "SID=session-number-1" {
		t.Errorf("%+v, %v, shown %q", out, err, f.outs)
	}
	_, _, err = w.get(w.admin, forumLink, "/me")
	wantCode(t, err, host.NeedsAuth, "was revoked")
}

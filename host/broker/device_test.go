package broker_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// hasty is a device flow whose service wants to be asked every few
// milliseconds, and whose codes live as long as a test says.
type hasty struct {
	*oauth.Client
	interval, life time.Duration
}

func (h hasty) Device(ctx context.Context, t host.FlowTarget, scopes []string) (host.DeviceCode, error) {
	code, err := h.Client.Device(ctx, t, scopes)
	code.Interval = h.interval
	if h.life > 0 {
		code.Expires = code.Expires.Add(h.life - 10*time.Minute)
	}
	return code, err
}

// deviceWorld has a connection that is authorized by a code on any device.
func deviceWorld(t *testing.T, dir string, h hasty) (*world, *issuer, string) {
	w := newWorld(t, dir, func(w *world) {
		w.aroundFlow = func(c *oauth.Client) host.Refresher { h.Client = c; return h }
	})
	s := newIssuer(t)
	return w, s, w.issued(s.manifest("acme"))
}

func (w *world) enter(link string) (broker.Authorized, error) {
	w.t.Helper()
	p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	w.must(err)
	return w.FinishDevice(w.ctx, w.admin, p, false)
}

// "device ... dropped poll" (security.md) and the rest of RFC 8628 section 3.5:
// what a question comes to, and how many are asked.
func TestDeviceAnswers(t *testing.T) {
	pending := refuses(400, "authorization_pending")
	raw := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		code    host.Code
		text    string
		asked   int
	}{
		"at once":                    {nil, "", "", 1},
		"pending":                    {[]http.HandlerFunc{pending, pending, pending}, "", "", 4},
		"pending with 200":           {[]http.HandlerFunc{refuses(200, "authorization_pending")}, "", "", 2},
		"refused":                    {[]http.HandlerFunc{pending, refuses(400, "access_denied")}, host.Failed, "access_denied", 2},
		"over":                       {[]http.HandlerFunc{pending, refuses(400, "expired_token")}, host.Refused, "while it was good", 2},
		"no such code":               {[]http.HandlerFunc{refuses(400, "invalid_grant")}, host.Failed, "invalid_grant", 1},
		"no such client":             {[]http.HandlerFunc{refuses(401, "invalid_client")}, host.Failed, "invalid_client", 1},
		"no such grant":              {[]http.HandlerFunc{refuses(400, "unsupported_grant_type")}, host.Failed, "unsupported_grant_type", 1},
		"an error of its own":        {[]http.HandlerFunc{refuses(400, "c4n4ry")}, "", "", 2},
		"later":                      {[]http.HandlerFunc{refuses(503, "temporarily_unavailable")}, "", "", 2},
		"too many":                   {[]http.HandlerFunc{raw(429, "")}, "", "", 2},
		"garbage":                    {[]http.HandlerFunc{raw(200, "<html>c4n4ry"), raw(200, "[]"), raw(200, "")}, "", "", 4},
		"5xx":                        {[]http.HandlerFunc{raw(500, "c4n4ry"), raw(502, ""), raw(504, "{}")}, "", "", 4},
		"a redirect":                 {[]http.HandlerFunc{raw(307, "", "Location", "https://evil.test/")}, "", "", 2},
		"dropped":                    {[]http.HandlerFunc{pending, cut, cut}, "", "", 4},
		"dropped with the tokens":    {[]http.HandlerFunc{cut, refuses(400, "invalid_grant")}, host.Failed, "was lost", 2},
		"tokens that cannot be used": {[]http.HandlerFunc{raw(200, `{"access_token":"a-mac-token","token_type":"mac"}`), refuses(400, "invalid_grant")}, host.Failed, "token type", 2},
	} {
		t.Run(name, func(t *testing.T) {
			w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
			s.answers = c.answers
			got, err := w.enter(link)
			if len(s.questions()) != c.asked {
				t.Errorf("asked %d times, want %d", len(s.questions()), c.asked)
			}
			if c.code != "" {
				wantCode(t, err, c.code, c.text)
				if e, ok := err.(*host.Error); !ok || !strings.HasSuffix(e.Hint, "connection authorize "+link+" --device") && !strings.Contains(e.Hint, "credential") || strings.Contains(e.Msg, "c4n4ry") {
					t.Errorf("got %#v", err)
				}
				_, _, err = w.get(w.admin, link, "/me")
				wantCode(t, err, host.NeedsAuth, "is not authorized")
				return
			}
			if err != nil || got.Authorization.AccountKey != "acc_1" {
				t.Fatalf("got %+v, %v", got, err)
			}
			if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
				t.Errorf("%d %v", status, err)
			}
		})
	}
}

// No more questions than the interval allows, and none before Retry-After.
func TestDeviceIsNotAskedTooOften(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 150 * time.Millisecond})
	pending := refuses(400, "authorization_pending")
	s.answers = []http.HandlerFunc{pending, cut, pending, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "1")
		pending(w, r)
	}}
	begun := time.Now()
	_, err := w.enter(link)
	w.must(err)
	last := begun
	for i, q := range s.questions() {
		least := 150 * time.Millisecond
		switch i {
		case 2:
			least = 300 * time.Millisecond // twice as long after a loss
		case 4:
			least = time.Second
		}
		if gap := q.at.Sub(last); gap < least {
			t.Errorf("question %d came after %s, want %s", i, gap, least)
		}
		last = q.at
	}
}

// An answer that cannot be used and holds a refresh token is kept, and used.
func TestDeviceKeepsARefreshToken(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	s.answers = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"access_token": "a-mac-token", "token_type": "mac", "refresh_token": "the-one-that-is-kept"})
	}}
	got, err := w.enter(link)
	if err != nil || !strings.Contains(got.Warning, "token type") || got.Authorization.State != host.Connected {
		t.Fatalf("got %+v, %v", got, err)
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("%d %v", status, err)
	}
	if asked := s.questions(); len(asked) != 2 || asked[1].form.Get("refresh_token") != "the-one-that-is-kept" {
		t.Errorf("asked %v", asked)
	}
}

// "cancel within 100 ms" (security.md): between two questions and while one is
// under way.
func TestDeviceIsCancelled(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"between two": refuses(400, "authorization_pending"),
		"in one":      func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		interval := 20 * time.Millisecond
		w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: interval})
		if name == "between two" {
			w, s, link = deviceWorld(t, t.TempDir(), hasty{interval: time.Minute})
		}
		s.answers = []http.HandlerFunc{answer}
		p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
		w.must(err)
		ctx, cancel := context.WithCancel(w.ctx)
		var stopped time.Time
		go func() {
			for name == "in one" && len(s.questions()) == 0 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond)
			stopped = time.Now()
			cancel()
		}()
		_, err = w.FinishDevice(ctx, w.admin, p, false)
		late := time.Since(stopped)
		wantCode(t, err, host.Interrupted, "interrupted while waiting")
		if late > 100*time.Millisecond {
			t.Errorf("%s: it took %s", name, late)
		}
	}
}

// A code that is over was not entered, or nobody can tell.
func TestDeviceCodeIsOver(t *testing.T) {
	h := hasty{interval: 20 * time.Millisecond, life: 300 * time.Millisecond}
	w, s, link := deviceWorld(t, t.TempDir(), h)
	for range 100 {
		s.answers = append(s.answers, refuses(400, "authorization_pending"))
	}
	_, err := w.enter(link)
	wantCode(t, err, host.Refused, "nobody entered the code")
	w, s, link = deviceWorld(t, t.TempDir(), h)
	p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	w.must(err)
	s.Close()
	_, err = w.FinishDevice(w.ctx, w.admin, p, false)
	wantCode(t, err, host.Unavailable, "nobody told whether it was entered")
}

// What happens to the connection while the person is away ends the wait, and
// nothing is asked for or kept.
func TestDeviceOfAConnectionThatChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, m abi.Manifest, link string)
		code   host.Code
		text   string
	}{
		"deleted": {func(w *world, _ abi.Manifest, link string) {
			_, err := w.Delete(w.ctx, w.admin, link)
			w.must(err)
		}, host.Conflict, "deleted"},
		"moved to other places": {func(w *world, m abi.Manifest, link string) {
			m.Version, m.Hosts = "2.0.0", []string{"evil.test"}
			_, err := w.install(m)
			w.must(err)
			_, err = w.Publish(w.ctx, w.admin, "acme", "2.0.0")
			w.must(err)
			_, err = w.Move(w.ctx, w.admin, broker.MoveRequest{Connector: "acme", To: "2.0.0"})
			w.must(err)
		}, host.Conflict, "talks to other places"},
		"disabled": {func(w *world, _ abi.Manifest, _ string) {
			_, err := w.Disable(w.ctx, w.admin, "acme", "")
			w.must(err)
		}, host.Refused, "disabled"},
	} {
		// before a question, and during the one that gives the tokens
		for _, asked := range []int{0, 1} {
			w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
			p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
			w.must(err)
			if asked == 0 {
				c.change(w, s.manifest("acme"), link)
			} else {
				s.answers = []http.HandlerFunc{func(rw http.ResponseWriter, r *http.Request) {
					c.change(w, s.manifest("acme"), link)
					s.tokens(rw, r)
				}}
			}
			_, err = w.FinishDevice(w.ctx, w.admin, p, false)
			if len(s.questions()) != asked {
				t.Errorf("%s: asked %d times", name, len(s.questions()))
			}
			if asked == 0 {
				wantCode(t, err, c.code, c.text)
				continue
			}
			if name == "disabled" {
				continue // kept, and not called
			}
			wantCode(t, err, host.Conflict, "was changed or deleted meanwhile")
			if got := s.ended(); len(got) != 1 || got[0] != "refresh-token-1" {
				t.Errorf("%s: given back: %q", name, got)
			}
		}
	}
}

// Another account than before is noticed, its tokens are given back, and the
// authorization stays.
func TestDeviceOfAnotherAccount(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	_, err := w.enter(link)
	w.must(err)
	s.belongsTo("acc_2")
	_, err = w.enter(link)
	wantCode(t, err, host.Conflict, "belongs to Account acc_1")
	if got := s.ended(); len(got) != 1 || got[0] != "refresh-token-2" {
		t.Errorf("given back: %q", got)
	}
	if a := w.authorization(link); a.AccountKey != "acc_1" {
		t.Errorf("got %+v", a)
	}
	p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	w.must(err)
	got, err := w.FinishDevice(w.ctx, w.admin, p, true)
	if err != nil || got.Authorization.AccountKey != "acc_2" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// What a service calls an account is shown to people: nothing that a terminal
// obeys, also where it is refused.
func TestAccountThatATerminalObeys(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	s.belongsTo("\x1b]0;one\a\u009b31m\u202e")
	got, err := w.enter(link)
	if err != nil || got.Authorization.AccountLabel != "Account ?]0;one??31m?" {
		t.Errorf("got %q, %v", got.Authorization.AccountLabel, err)
	}
	s.belongsTo("\x1b]0;two\a")
	_, err = w.enter(link)
	wantCode(t, err, host.Conflict, "answers for Account ?]0;two?, and connection")
}

// A code is the process's and the person's who asked for it.
func TestDeviceCodeOfAnother(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	p, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	w.must(err)
	_, err = w.FinishDevice(w.ctx, w.user("grace"), p, false)
	wantCode(t, err, host.Refused, "somebody else began")
	if len(s.questions()) != 0 {
		t.Errorf("asked %v", s.questions())
	}
}

// The device code is in the memory of the process only.
func TestDeviceCodeIsNotStored(t *testing.T) {
	dir := t.TempDir()
	w, s, link := deviceWorld(t, dir, hasty{interval: 20 * time.Millisecond})
	s.answers = []http.HandlerFunc{func(rw http.ResponseWriter, r *http.Request) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		w.must(err)
		for _, name := range files {
			data, err := os.ReadFile(name)
			w.must(err)
			if bytes.Contains(data, []byte(deviceCode)) {
				t.Errorf("%s holds the device code", name)
			}
		}
		s.tokens(rw, r)
	}}
	_, err := w.enter(link)
	w.must(err)
	if got := w.mask.Text("c=" + deviceCode); got != "c="+host.Mask {
		t.Errorf("the device code is not masked: %s", got)
	}
}

// A connector whose issuer turns out to have no device endpoint, one that cannot
// have it, and one whose token endpoint no question may be sent to.
func TestDeviceWithoutAWay(t *testing.T) {
	w, s, link := deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	s.says("device_authorization_endpoint", nil)
	_, err := w.BeginDevice(w.ctx, w.admin, w.asks(link))
	wantCode(t, err, host.Usage, "has no way to authorize on another device: its service names none")
	if e := err.(*host.Error); e.Hint != "connhost connection authorize "+link {
		t.Errorf("hint: %s", e.Hint)
	}
	only := s.manifest("only")
	only.Auth.Grant, only.Auth.LoopbackAnyPort = abi.GrantDevice, false
	_, err = w.BeginDevice(w.ctx, w.admin, w.asks(w.issued(only)))
	wantCode(t, err, host.Usage, "its service names none")
	if e := err.(*host.Error); e.Hint == "" || strings.Contains(e.Hint, "authorize") {
		t.Errorf("hint: %s", e.Hint)
	}
	plain := w.acme()
	plain.ID = "plain"
	_, err = w.BeginDevice(w.ctx, w.admin, w.asks(w.issued(plain)))
	wantCode(t, err, host.Usage, "has no way to authorize on another device")

	w, s, _ = deviceWorld(t, t.TempDir(), hasty{interval: 20 * time.Millisecond})
	private := s.manifest("private")
	private.Auth.Token = &abi.Request{URL: "https://10.0.0.1/token"}
	begun := time.Now()
	_, err = w.enter(w.issued(private))
	wantCode(t, err, host.Refused, "private or special address")
	if time.Since(begun) > 5*time.Second {
		t.Errorf("it took %s", time.Since(begun))
	}
}

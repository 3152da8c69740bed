package broker_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// An alarm is a webhook that answers as told.
type alarm struct {
	broker.Webhook
	mu     sync.Mutex
	status int
	before func() // the answer; nil for nothing
	bodies []string
	ids    []string
}

func newAlarm(t *testing.T) *alarm {
	a := &alarm{status: http.StatusNoContent}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.bodies, a.ids = append(a.bodies, string(body)), append(a.ids, r.Header.Get("webhook-id"))
		if a.before != nil {
			a.before()
			<-r.Context().Done()
			return
		}
		w.WriteHeader(a.status)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL + "/notices")
	if err != nil {
		t.Fatal(err)
	}
	a.URL, a.Secret = u, host.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	return a
}

func kinds(list []host.Notice) []host.NoticeKind {
	var out []host.NoticeKind
	for _, n := range list {
		out = append(out, n.Kind)
	}
	return out
}

// notices looks, and gives what is new.
func (w *world) notices(want ...host.NoticeKind) []host.Notice {
	w.t.Helper()
	list, err := w.Notice(w.ctx, w.admin, true)
	w.must(err)
	if !slices.Equal(kinds(list), want) {
		w.t.Errorf("got %v, want %v", kinds(list), want)
	}
	return list
}

// Design rule 15: each event is noticed once, whichever process looks, and
// again when it comes again.
func TestRule15EachEventIsNoticedOnce(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	link := w.connect().LinkName
	w.notices()
	w.lab.EndAll()
	if _, err := w.Refresh(w.ctx, w.admin, host.Development, link); host.CodeOf(err) != host.NeedsAuth {
		t.Fatal(err)
	}
	other := w.another(dir)
	var wg sync.WaitGroup
	var lists [4][]host.Notice
	for i := range lists {
		wg.Go(func() {
			var err error
			if lists[i], err = []*world{w, other}[i%2].Notice(w.ctx, w.admin, true); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all := slices.Concat(lists[:]...)
	if len(all) != 1 || all[0].Kind != host.NoticeReauth || !slices.Equal(all[0].Content.Connections, []string{link}) || all[0].Content.Account != "Ada Lovelace" {
		t.Fatalf("got %+v", all)
	}
	w.clock.advance(48 * time.Hour)
	w.notices()
	w.authorize(w.admin, link)
	w.notices()
	w.lab.EndAll()
	_, _ = w.Refresh(w.ctx, w.admin, host.Development, link)
	w.notices(host.NoticeReauth)

	_, err := w.Disable(w.ctx, w.admin, "acme", "")
	w.must(err)
	w.notices(host.NoticeDisabled)
	other.notices()
	_, err = w.Publish(w.ctx, w.admin, "acme", "")
	w.must(err)
	w.notices()
	_, err = w.Disable(w.ctx, w.admin, "acme", "")
	w.must(err)
	w.notices(host.NoticeDisabled)
}

// Renewals that fail one after the other are told of, one that fails is not.
func TestRule15RepeatedFailuresAreNoticed(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.clock.advance(3 * time.Hour) // overdue
	_ = w.server.Close()
	for n := range 4 {
		_, err := w.Refresh(w.ctx, w.admin, host.Development, link)
		if host.CodeOf(err) != host.Unavailable {
			t.Fatal(err)
		}
		if n < 2 {
			w.notices()
		} else if n == 2 {
			list := w.notices(host.NoticeFailing)
			if !strings.Contains(list[0].Content.Message, "could not be renewed 3 times") {
				t.Errorf("got %q", list[0].Content.Message)
			}
		}
		w.clock.advance(20 * time.Minute)
	}
	w.notices()
}

// A notice is sent again until it is taken, with the same id, by one process at
// a time; 410 ends it, and so does the last wait.
func TestNoticesAreSentUntilTheyAreTaken(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	w.lab.EndAll()
	_, _ = w.Refresh(w.ctx, w.admin, host.Development, link)
	w.notices(host.NoticeReauth)
	hook := newAlarm(t)
	send := func(state host.NoticeState, attempts int) {
		t.Helper()
		sent, err := w.SendNotices(w.ctx, w.admin, hook.Webhook)
		w.must(err)
		if len(sent) != 1 || sent[0].Notice.State != state || sent[0].Notice.Attempts != attempts || (sent[0].Err == nil) != (state == host.NoticeSent) {
			t.Fatalf("got %+v", sent)
		}
	}
	nothing := func() {
		t.Helper()
		if sent, err := w.SendNotices(w.ctx, w.admin, hook.Webhook); len(sent) != 0 || err != nil {
			t.Fatalf("got %+v, %v", sent, err)
		}
	}
	stopped, stop := context.WithCancel(w.ctx)
	hook.before = stop // interrupted while it is sent: no attempt, and due again
	if sent, err := w.SendNotices(stopped, w.admin, hook.Webhook); len(sent) != 0 || err != nil {
		t.Fatalf("interrupted: got %+v, %v", sent, err)
	}
	hook.before, hook.bodies, hook.ids = nil, nil, nil
	hook.status = http.StatusServiceUnavailable
	send(host.NoticePending, 1)
	nothing()
	w.clock.advance(time.Minute)
	hook.status = http.StatusFound // no redirect is followed
	send(host.NoticePending, 2)
	w.clock.advance(5 * time.Minute)
	hook.status = http.StatusNoContent
	send(host.NoticeSent, 3)
	w.clock.advance(100 * time.Hour)
	nothing()
	if len(hook.bodies) != 3 || hook.ids[0] != hook.ids[2] || !strings.HasPrefix(hook.ids[0], "ntc_") {
		t.Errorf("got %v", hook.ids)
	}
	for _, body := range hook.bodies {
		if !strings.Contains(body, `"type":"authorization.needs_reauthorization"`) || strings.Contains(body, "lab-") {
			t.Errorf("got %s", body)
		}
	}

	w.authorize(w.admin, link)
	w.lab.EndAll()
	_, _ = w.Refresh(w.ctx, w.admin, host.Development, link)
	w.notices(host.NoticeReauth)
	hook.status = http.StatusInternalServerError
	for n := 1; n <= 7; n++ {
		send(host.NoticePending, n)
		w.clock.advance(27 * time.Hour)
	}
	send(host.NoticeGivenUp, 8)
	w.clock.advance(100 * time.Hour)
	nothing()
	if _, err := w.TestWebhook(w.ctx, w.user("grace"), hook.Webhook); host.CodeOf(err) != host.NotAllowed {
		t.Errorf("a plain user: %v", err)
	}
}

// A notice goes when it is old and its event is over. While the event stands it
// stays: it is the marker that it was told.
func TestOldNoticesGo(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	kept := func() []host.Notice {
		t.Helper()
		list, err := w.Notices(w.ctx, w.admin, 10)
		w.must(err)
		return list
	}
	w.lab.EndAll()
	_, _ = w.Refresh(w.ctx, w.admin, host.Development, link)
	w.notices(host.NoticeReauth)
	hook := newAlarm(t)
	_, err := w.SendNotices(w.ctx, w.admin, hook.Webhook)
	w.must(err)
	w.clock.advance(91 * 24 * time.Hour)
	w.notices()
	if len(kept()) != 1 {
		t.Errorf("its event stands: got %+v", kept())
	}
	w.authorize(w.admin, link)
	w.notices()
	if len(kept()) != 0 {
		t.Errorf("its event is over: got %+v", kept())
	}
}

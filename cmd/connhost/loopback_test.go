package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
)

// A callback that came within the window is waited for, however long the service
// takes over its code; without one the window ends.
func TestCallbackAtTheEndOfTheWindow(t *testing.T) {
	const window, exchange = 300 * time.Millisecond, 600 * time.Millisecond
	ln, err := listen(0)
	if err != nil {
		t.Fatal(err)
	}
	finish := func(url.Values) (broker.Authorized, error) {
		time.Sleep(exchange)
		return broker.Authorized{Warning: "late"}, nil
	}
	go func() {
		resp, err := http.Get("http://" + ln.Addr().String() + "/callback/acme?code=x")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	got, err := awaitCallback(t.Context(), ln, "/callback/acme", window, finish)
	if err != nil || got.Warning != "late" {
		t.Errorf("got %+v, %v", got, err)
	}
	if ln, err = listen(0); err != nil {
		t.Fatal(err)
	}
	if _, err = awaitCallback(t.Context(), ln, "/callback/acme", time.Millisecond, finish); host.CodeOf(err) != host.Refused {
		t.Errorf("got %v", err)
	}
}

// What is not pasted within the window comes too late; what is may take longer
// to be finished, so its context is not that of the wait.
func TestPasteHasTheWindowOnly(t *testing.T) {
	silent, line := make(chan struct{}), "http://127.0.0.1/callback/acme?code=x"
	t.Cleanup(func() { close(silent) })
	p := &program{system: &system{in: blocked(silent)}}
	if _, err := p.pasted(t.Context(), time.Now().Add(20*time.Millisecond)); host.CodeOf(err) != host.Refused || !strings.Contains(err.Error(), "within the window") {
		t.Errorf("got %v", err)
	}
	p.in = strings.NewReader(line + "\r\n")
	if text, err := p.pasted(t.Context(), time.Now().Add(time.Minute)); err != nil || text != line {
		t.Errorf("got %q, %v", text, err)
	}
}

type blocked chan struct{}

func (b blocked) Read([]byte) (int, error) { <-b; return 0, context.Canceled }

// A screen is what a command prints while it runs.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// At a terminal the page is opened, unless --no-browser says that it is only
// printed.
func TestNoBrowser(t *testing.T) {
	server, err := lab.New(lab.Options{}).Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	dir := t.TempDir()
	if err := writeLabConnector(filepath.Join(dir, "lab")); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (status int, printed, opened string) {
		var shown screen
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		pages := make(chan string, 1)
		sys := &system{
			in: strings.NewReader(""), out: &outlet{w: &shown}, err: &shown, userName: "ada", dataDir: dir, configDir: dir,
			getenv: func(name string) string {
				return map[string]string{"CONNHOST_ALLOW_CIDR": "127.0.0.1/32", "LAB_SECRET": lab.ClientSecret}[name]
			},
			browse: func(page string) { pages <- page; cancel() },
		}
		if strings.Contains(strings.Join(args, " "), "--no-browser") {
			go func() {
				for !strings.Contains(shown.String(), "open this in a browser") && ctx.Err() == nil {
					time.Sleep(5 * time.Millisecond)
				}
				time.Sleep(100 * time.Millisecond)
				cancel()
			}()
		}
		status = execute(ctx, sys, args)
		select {
		case opened = <-pages:
		default:
		}
		return status, shown.String(), opened
	}
	for _, args := range [][]string{
		{"connector", "install", filepath.Join(dir, "lab"), "--yes"},
		{"credential", "add", "lab", "--quick", "--client-id", lab.ClientID, "--secret-env", "client_secret=LAB_SECRET"},
		{"connection", "create", "lab", "--param", "server=" + server.Addr},
	} {
		if status, printed, _ := run(args...); status != 0 {
			t.Fatalf("%v: %s", args, printed)
		}
	}
	status, printed, opened := run("connection", "authorize", "lab_connection")
	if status != 130 || opened == "" || !strings.Contains(printed, "\n"+opened+"\n") {
		t.Errorf("status %d, opened %q, printed:\n%s", status, opened, printed)
	}
	status, printed, opened = run("connection", "authorize", "lab_connection", "--no-browser")
	if status != 130 || opened != "" || !strings.Contains(printed, "open this in a browser") {
		t.Errorf("status %d, opened %q, printed:\n%s", status, opened, printed)
	}
}

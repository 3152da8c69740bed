package peers_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/connhost/connhost/host/hosttest/peers"
)

func TestToxiproxy(t *testing.T) {
	var seen atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		fmt.Fprint(w, strings.Repeat("x", 1000))
	}))
	defer server.Close()
	proxy := peers.Toxiproxy(t, server.URL)
	// get tells whether the server saw a request that may be sent once only.
	get := func() (body string, arrived bool, err error) {
		before := seen.Load()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
		resp, err := client.Post("http://"+proxy.Addr, "text/plain", strings.NewReader("hello"))
		if err == nil {
			var data []byte
			data, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			body = string(data)
		}
		return body, seen.Load() > before, err
	}
	whole := func() {
		t.Helper()
		if body, arrived, err := get(); len(body) != 1000 || !arrived || err != nil {
			t.Fatalf("without a toxic: %d bytes, %v", len(body), err)
		}
	}
	whole()
	for _, test := range []struct {
		name    string
		toxic   peers.Toxic
		arrives bool
		wanted  string // in the error
	}{
		{"lost request", peers.LostRequest(100 * time.Millisecond), false, "EOF"},
		{"lost answer", peers.LostAnswer(100 * time.Millisecond), true, "EOF"},
		{"reset before", peers.ResetBefore(), false, "connection reset by peer"},
		{"reset after", peers.ResetAfter(), true, "connection reset by peer"},
		{"truncated header", peers.Truncated(len("HTTP/1.1 200 OK\r\n")), true, "EOF"},
		{"truncated body", peers.Truncated(500), true, "unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy.Add(t, test.toxic)
			_, arrived, err := get()
			if err == nil || !strings.Contains(err.Error(), test.wanted) || arrived != test.arrives {
				t.Errorf("the request arrived: %t, and the client got %v", arrived, err)
			}
			proxy.Remove(t, test.toxic)
			whole()
		})
	}

	for name, toxic := range map[string]peers.Toxic{
		"latency": peers.Latency(300 * time.Millisecond), "slow close": peers.SlowClose(300 * time.Millisecond),
	} {
		t.Run(name, func(t *testing.T) {
			proxy.Add(t, toxic)
			begin := time.Now()
			conn, err := net.Dial("tcp", proxy.Addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprint(conn, "GET / HTTP/1.0\r\n\r\n")
			data, err := io.ReadAll(conn)
			if took := time.Since(begin); len(data) < 1000 || err != nil || took < 300*time.Millisecond {
				t.Errorf("%d bytes and %v after %s", len(data), err, took)
			}
			proxy.Clear(t)
		})
	}

	proxy.Down(t)
	if _, arrived, err := get(); err == nil || arrived {
		t.Errorf("while down, the request arrived: %t, and the client got %v", arrived, err)
	}
	proxy.Up(t)
	whole()
}

// What the server saw tells a lost request from a lost answer.
func TestToxiproxyBeforeOIDC(t *testing.T) {
	o := peers.OIDC(t, peers.OIDCOptions{})
	proxy := peers.Toxiproxy(t, o.URL)
	c := newClient(t, o, peers.PublicClient, nil)
	c.base = "http://" + proxy.Addr
	old := tokens(t, o, c).text("refresh_token")

	lost := func(toxic peers.Toxic) {
		t.Helper()
		proxy.Add(t, toxic)
		defer proxy.Clear(t)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.PostForm(c.base+"/token", map[string][]string{
			"client_id": {c.id}, "grant_type": {"refresh_token"}, "refresh_token": {old},
		})
		if err == nil {
			_ = resp.Body.Close()
			t.Errorf("an answer of %d came through", resp.StatusCode)
		}
	}
	lost(peers.LostRequest(200 * time.Millisecond))
	if requests, _ := o.Log(t); len(requests) != 1 {
		t.Errorf("after a lost request, the log has %v", requests)
	}
	lost(peers.LostAnswer(500 * time.Millisecond))
	if requests, _ := o.Log(t); len(requests) != 2 || !requests[1].OK {
		t.Errorf("after a lost answer, the log has %v", requests)
	}
	if again := c.refresh(old); again.text("error") != "invalid_grant" {
		t.Errorf("after a lost answer, the old token was answered %d: %v", again.status, again.body)
	}
}

package peers

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A Proxy stands between a client and a server, and does harm on demand. What it
// is told counts for connections that are open already, too.
type Proxy struct {
	Addr string // where the client connects, such as 127.0.0.1:41234

	api string // the URL of this proxy in toxiproxy's API
}

// Toxiproxy starts toxiproxy with one harmless proxy in front of a server, which
// is named by host:port or by a URL.
func Toxiproxy(t testing.TB, upstream string) *Proxy {
	t.Helper()
	wanted(t)
	program := goTool(t, "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0", "server")
	addr := freeAddr(t)
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(program, "-host", name, "-port", port))
	api := "http://" + addr
	awaitHTTP(t, api+"/version")

	if _, rest, isURL := strings.Cut(upstream, "://"); isURL {
		upstream, _, _ = strings.Cut(rest, "/")
	}
	p := &Proxy{}
	var made struct{ Listen string }
	p.call(t, http.MethodPost, api+"/proxies", map[string]any{
		"name": "proxy", "listen": "127.0.0.1:0", "upstream": upstream, "enabled": true,
	}, &made)
	p.Addr, p.api = made.Listen, api+"/proxies/proxy"
	return p
}

// A Toxic is one way to do harm. A second of the same kind and direction has to
// wait until the first is removed.
type Toxic struct {
	kind, stream string
	attributes   map[string]any
}

// LostRequest swallows what the client sends: the server gets a connection, and
// nothing on it. It is closed after a time of silence, or with the toxic if that
// is zero.
func LostRequest(after time.Duration) Toxic {
	return Toxic{"timeout", "upstream", map[string]any{"timeout": after.Milliseconds()}}
}

// LostAnswer swallows what the server sends: the request has arrived and been
// worked on. The connection is closed after a time of silence, or when the server
// closes it, or with the toxic.
func LostAnswer(after time.Duration) Toxic {
	return Toxic{"timeout", "downstream", map[string]any{"timeout": after.Milliseconds()}}
}

// Latency holds up each answer.
func Latency(by time.Duration) Toxic {
	return Toxic{"latency", "downstream", map[string]any{"latency": by.Milliseconds()}}
}

// ResetBefore resets the connection as soon as the client sends, so that the
// server gets no request.
func ResetBefore() Toxic {
	return Toxic{"reset_peer", "upstream", map[string]any{"timeout": 0}}
}

// ResetAfter resets the connection instead of answering. The server got the
// request.
func ResetAfter() Toxic {
	return Toxic{"reset_peer", "downstream", map[string]any{"timeout": 0}}
}

// Truncated closes the connection after so many bytes of the answer, its header
// included.
func Truncated(bytes int) Toxic {
	return Toxic{"limit_data", "downstream", map[string]any{"bytes": bytes}}
}

// SlowClose holds up the end of a connection.
func SlowClose(by time.Duration) Toxic {
	return Toxic{"slow_close", "downstream", map[string]any{"delay": by.Milliseconds()}}
}

func (x Toxic) name() string { return x.kind + "_" + x.stream }

// Add begins to do harm, until Remove or Clear.
func (p *Proxy) Add(t Fataler, x Toxic) {
	p.call(t, http.MethodPost, p.api+"/toxics", map[string]any{
		"name": x.name(), "type": x.kind, "stream": x.stream, "toxicity": 1.0, "attributes": x.attributes,
	}, nil)
}

// Remove ends what Add began.
func (p *Proxy) Remove(t Fataler, x Toxic) {
	p.call(t, http.MethodDelete, p.api+"/toxics/"+x.name(), nil, nil)
}

// Clear removes all toxics and takes connections again.
func (p *Proxy) Clear(t Fataler) {
	p.call(t, http.MethodPost, strings.TrimSuffix(p.api, "/proxies/proxy")+"/reset", nil, nil)
}

// Down closes all connections and refuses new ones, until Up or Clear.
func (p *Proxy) Down(t Fataler) {
	p.call(t, http.MethodPost, p.api, map[string]any{"enabled": false}, nil)
}

// Up takes connections again.
func (p *Proxy) Up(t Fataler) {
	p.call(t, http.MethodPost, p.api, map[string]any{"enabled": true}, nil)
}

// call asks toxiproxy for something and reads the answer, if one is wanted.
func (p *Proxy) call(t Fataler, method, url string, body, answer any) {
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("toxiproxy: %v", err)
	}
	req, err := http.NewRequest(method, url, bytes.NewReader(data))
	if err != nil {
		t.Fatalf("toxiproxy: %v", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("toxiproxy: %v", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode > 299 {
		t.Fatalf("toxiproxy: %s %s answered %d: %s %v", method, url, resp.StatusCode, text, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("toxiproxy: %s: %v", text, err)
	}
}

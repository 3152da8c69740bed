package broker_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/plugins/abi"
)

// Code that a test writes: it stands for what a connector's file holds.
type written struct {
	mu    sync.Mutex
	calls []host.GuestCall
	run   func(host.GuestCall) any
}

func (*written) Prepare(context.Context, string) error { return nil }

func (c *written) Call(_ context.Context, call host.GuestCall) ([]byte, host.Used, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call)
	out, err := json.Marshal(c.run(call))
	return out, host.Used{}, err
}

// A connector's code gets neither the key of the proofs nor the client's private
// key, by no name, and cannot have the host send them; what it may have sent, it
// may. Nothing of them is told anywhere.
func TestKeysAreNobodyElses(t *testing.T) {
	key := hosttest.NewKey(t)
	text := privateKey(t, key)
	line := strings.Split(text, "\n")[1]
	var mu sync.Mutex
	var seen []string
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		seen = append(seen, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header, " ", string(body)))
		mu.Unlock()
		rw.Header().Set("Content-Type", "application/json")
		// A service that quotes what it may not know quotes a line of it.
		fmt.Fprintf(rw, `{"access_token":"access-token-one","token_type":"DPoP","expires_in":3600,"debug":%q,"team":"blue"}`, "bad key: "+line)
	}))
	t.Cleanup(srv.Close)

	leak := ""
	code := &written{}
	code.run = func(call host.GuestCall) any {
		switch call.Hook {
		case abi.HookSign:
			return abi.SignOutput{Header: map[string]string{"X-Leak": leak}}
		case abi.HookToken:
			return map[string]any{"capture": map[string]string{"team": "red"}}
		}
		return map[string]any{}
	}
	w := newWorld(t, t.TempDir(), func(w *world) { w.hooks = code })
	m := abi.Manifest{
		Connhost: 1, ID: "strong", Name: "Strong", Version: "1.0.0", BaseURL: srv.URL,
		Hooks: []string{abi.HookSign, abi.HookToken}, Capture: map[string]string{"team": "/team"},
		Parameters: []abi.Parameter{{Key: "pin", Secret: true, Required: true}},
		Auth: abi.Auth{
			Type: abi.AuthOAuth2, Grant: abi.GrantClient, Proof: abi.ProofDPoP, ClientAuth: abi.ClientAuthPrivateKey,
			ClientAssertion: &abi.Assertion{Algorithm: "ES256"}, Token: &abi.Request{Path: "/token"},
		},
	}
	p := w.publish(m)
	if changes := fmt.Sprint(host.Capabilities{}.Diff(host.CapabilitiesOf(m))); strings.Contains(changes, "sent") || p.Connector.ID != "strong" {
		t.Errorf("the screen says %s", changes)
	}
	_, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "strong", ClientID: "c1", Quick: true}, host.NewSecret(text))
	w.must(err)
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "strong"})
	w.must(err)
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: "strong_connection", Environment: host.Development,
		Secrets: map[string]host.Secret{"pin": host.NewSecret("pin-4711-of-ann")}})
	w.must(err)

	for _, name := range []string{"dpop_key", "client_secret", "token_secret", "session", "private_key", "refresh_token", "DPOP_KEY", "answer:/access_token"} {
		leak = "{{secret:" + name + "}}"
		_, _, err := w.get(w.admin, "strong_connection", "/me")
		wantCode(t, err, host.Failed, "names no secret of the connection")
	}
	before := len(seen)
	leak = "{{secret:pin}} {{secret:access_token}}"
	status, body, err := w.get(w.admin, "strong_connection", "/me")
	if status != 200 || err != nil || len(seen) != before+1 || !strings.Contains(seen[before], "pin-4711-of-ann access-token-one") {
		t.Errorf("what may be sent: %d %v", status, err)
	}
	if strings.Contains(body, line) || !strings.Contains(body, "bad key: "+host.Mask) {
		t.Errorf("a quoted line of the key comes through: %s", body)
	}
	for _, call := range code.calls {
		for name := range call.Vault.Keys {
			if !slices.Contains([]string{"pin", "access_token"}, name) {
				t.Errorf("the hook %s may name %s", call.Hook, name)
			}
		}
		if in := string(call.Input); strings.Contains(in, line) || strings.Contains(in, "dpop_key") || strings.Contains(in, "pin-4711") {
			t.Errorf("the hook %s reads %s", call.Hook, in)
		}
	}
	for _, request := range seen {
		if strings.Contains(request, "PRIVATE KEY") || strings.Contains(request, line) {
			t.Errorf("a key is sent: %s", request)
		}
	}
	w.must(w.store.View(w.ctx, func(tx host.Tx) error {
		records, err := tx.Audit().List(w.ctx, "")
		if told := fmt.Sprintf("%+v", records); strings.Contains(told, line) || strings.Contains(told, "PRIVATE") {
			t.Error("a key stands in the history")
		}
		return err
	}))
	v, err := w.Connection(w.ctx, w.admin, "strong_connection")
	w.must(err)
	shown, _ := json.Marshal(v)
	if strings.Contains(string(shown), line) || strings.Contains(string(shown), "PRIVATE") {
		t.Errorf("shown: %s", shown)
	}
}

// An answer that spells a place otherwise, which the connector's code decodes on
// its way into the next request, has no secret sent either.
func TestAnswersPlaceNoSecrets(t *testing.T) {
	const pin = "pin-4711-of-ann"
	for name, answer := range map[string]string{
		"plain":          `{"next":"{{secret:pin}}"}`,
		"JSON":           `{"next":"\u007b\u007Bsecret\u003apin}}"}`,
		"JSON, a letter": `{"next":"{{\u0073ecret:pin}}"}`,
		"XML":            `{"next":"&#123;&#x7B;secret&#58;pin}}"}`,
		"a query":        `{"next":"%7B%7bsecret%3Apin%7D%7D"}`,
		"a query, mixed": `{"next":"%7b{secret%3apin}}"}`,
	} {
		var seen []string
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.URL.Query().Get("cursor"))
			_, _ = io.WriteString(rw, answer)
		}))
		code := &written{}
		w := newWorld(t, t.TempDir(), func(w *world) { w.hooks = code })
		m := w.keyed()
		m.BaseURL, m.Test, m.Hooks, m.Actions = srv.URL, nil, []string{abi.HookAction}, []abi.Action{{Name: "list", Text: "Lists."}}
		m.Parameters = []abi.Parameter{{Key: "pin", Secret: true, Required: true}}
		c := w.create(m, broker.CreateRequest{Connector: "keyed"})
		_, err := w.AllowActions(w.ctx, w.admin, c.ConnectorHash)
		w.must(err)
		_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName, Secrets: map[string]host.Secret{
			"key": host.NewSecret("key-4711-of-ann"), "pin": host.NewSecret(pin)}})
		w.must(err)
		code.run = func(call host.GuestCall) any {
			got, body, err := call.Fetch(w.ctx, abi.GuestRequest{URL: srv.URL})
			var page struct{ Next string }
			w.must(errors.Join(err, json.Unmarshal(body, &page)))
			if got.BodySize != len(body) {
				t.Errorf("%s: the size is %d of %d", name, got.BodySize, len(body))
			}
			next, err := url.QueryUnescape(html.UnescapeString(page.Next))
			w.must(err)
			_, _, err = call.Fetch(w.ctx, abi.GuestRequest{URL: srv.URL, Query: map[string]string{"cursor": next}})
			w.must(err)
			return map[string]any{"result": 1}
		}
		w.must(w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{Connection: c.LinkName, Action: "list"}, func(broker.Page) error { return nil }))
		if len(seen) != 2 || strings.Contains(seen[1], pin) {
			t.Errorf("%s: the service got %q", name, seen)
		}
		srv.Close()
	}
}

package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Tested is what came of a connection's test call.
type Tested struct {
	Connection host.Connection
	OK         bool
	Status     int
	Account    abi.Account // as far as the connector tells
	Message    string      // why it is not ok
	Refreshed  bool

	told string // what the service said where the manifest looks for an error
}

// Test makes the connector's test call with the connection's authorization.
func (b *Broker) Test(ctx context.Context, sub host.Subject, env host.Environment, link string) (Tested, error) {
	r, err := b.route(ctx, sub, env, link)
	if err != nil {
		return Tested{}, err
	}
	if r.connector.Manifest.Test == nil {
		return Tested{Connection: r.connection}, host.Errorf(host.Failed, "connector %q declares no test call", r.connector.ID).
			WithHint("call something yourself: connhost invoke URL -c %s", link)
	}
	return b.test(ctx, r)
}

// test sends the test request and lets the test hook judge, where there is
// one; otherwise a status below 400 is success, unless an error stands where the
// manifest looks for one.
func (b *Broker) test(ctx context.Context, r *route) (Tested, error) {
	out := Tested{Connection: r.connection}
	s, err := b.ask(ctx, r, *r.connector.Manifest.Test)
	if err != nil {
		return out, err
	}
	shown, body, err := guestResponse(s.response)
	if err != nil {
		return out, err
	}
	out.Status, out.Refreshed, out.OK = shown.Status, s.refreshed, shown.Status < 400
	if r.connector.HasHook(abi.HookTest) {
		var judged abi.TestOutput
		g := r.guest(s.secrets)
		g.bodies = [][]byte{body}
		if err := b.callFor(ctx, r, g, abi.HookTest, abi.TestInput{Response: shown}, &judged); err != nil {
			return out, err
		}
		out.OK, out.Message, out.Account = judged.OK, oneLine(r.redactor.Text(judged.Message)), judged.Account
		out.Account.Key, out.Account.Label = r.redactor.Text(out.Account.Key), oneLine(r.redactor.Text(out.Account.Label))
	} else if out.OK {
		out.Account = accountOf(r.connector.Manifest.Test.Answer, body)
	}
	if out.told = r.refusal(r.connector.Manifest.Test.Answer, body); out.told != "" {
		out.OK, out.Account = false, abi.Account{}
	}
	if !out.OK && out.Message == "" {
		out.Message = answered(out.Status, out.told)
	}
	return out, nil
}

// answered is what a service said of a request that it refused.
func answered(status int, told string) string {
	switch {
	case told == "":
		return "the service answered " + strconv.Itoa(status)
	case status < 400:
		return "the service answered: " + told
	}
	return "the service answered " + strconv.Itoa(status) + ": " + told
}

// refuses says whether an answer may mean that the credential is none. A status
// of another kind than 401 tells that it is one, which may not do this.
func refuses(status int, told string) bool {
	return status == http.StatusUnauthorized || status < 400 && told != ""
}

// ask sends one of the manifest's own requests with the credential.
func (b *Broker) ask(ctx context.Context, r *route, req abi.Request) (sent, error) {
	call, err := r.values.Call(req, r.connector.Manifest.BaseURL)
	if err != nil {
		return sent{}, err
	}
	return b.send(ctx, r, call, r.conceals(req))
}

// whoIs asks the service who a credential that is about to be stored belongs
// to: by the identity request, or by the test call. Not learning it is no
// failure; the warning tells when the service did not take the credential, and
// Refused that it said so by 401, or by an error in an answer that says 200.
func (b *Broker) whoIs(ctx context.Context, t target, a host.Authorization, s host.Secrets) (account abi.Account, warning string, refused bool) {
	r, err := b.unstored(t, a, s)
	if err != nil {
		return abi.Account{}, sentence(err), false
	}
	return b.account(ctx, r)
}

// unstored is the way of a call with a credential that is not stored yet.
func (b *Broker) unstored(t target, a host.Authorization, s host.Secrets) (*route, error) {
	r := &route{connection: t.connection, connector: t.connector, authorization: a, secrets: s, client: t.client, clientSecret: t.secret}
	return r, b.fill(r)
}

// account asks who a credential belongs to, unless something has to be chosen
// before.
func (b *Broker) account(ctx context.Context, r *route) (account abi.Account, warning string, refused bool) {
	m := r.connector.Manifest
	ask := m.Test
	if m.Identity != nil {
		ask = m.Identity
	}
	if ask != nil && m.NeedsChoice(*ask, r.authorization.Params) {
		return abi.Account{}, "", false
	}
	if m.Identity != nil {
		got, err := b.ask(ctx, r, *m.Identity)
		if err != nil {
			return abi.Account{}, "the account could not be asked for: " + sentence(err), false
		}
		status := got.response.StatusCode
		_, body, err := guestResponse(got.response)
		if told := r.refusal(m.Identity.Answer, body); err != nil || status >= 400 || told != "" {
			return abi.Account{}, answered(status, told) + ", when asked for the account", refuses(status, told)
		}
		return accountOf(m.Identity.Answer, body), "", false
	}
	if m.Test == nil {
		return abi.Account{}, "", false
	}
	tested, err := b.test(ctx, r)
	switch {
	case err != nil:
		return abi.Account{}, "the test call did not succeed: " + sentence(err), false
	case !tested.OK:
		return abi.Account{}, "the test call did not succeed: " + tested.Message, refuses(tested.Status, tested.told)
	}
	return tested.Account, "", false
}

// accountOf reads key and label by their pointers.
func accountOf(a *abi.Answer, body []byte) abi.Account {
	var doc any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // an id of 18 digits is no float
	if a == nil || dec.Decode(&doc) != nil {
		return abi.Account{}
	}
	out := abi.Account{Key: pointer(doc, a.Key), Label: pointer(doc, a.Label)}
	if out.Label == "" {
		out.Label = out.Key
	}
	out.Label = oneLine(out.Label)
	return out
}

// oneLine is a text of a service as people are shown it: nothing that a terminal
// obeys.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// pointer is the text or number at a JSON pointer, or "".
func pointer(doc any, path string) string {
	if path == "" {
		return ""
	}
	at, _ := abi.At(doc, path)
	switch v := at.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

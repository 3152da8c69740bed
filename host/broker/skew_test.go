package broker_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// lateService has a clock of its own, and refuses a time that is more than five
// minutes off, as AWS and others do; a token that is not issued yet or has run
// out, too. It echoes what signed the request.
func lateService(t *testing.T, off time.Duration) *url.URL {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().Add(off)
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "text/plain")
		if from, until := signedTimes(r); now.Before(from) || now.After(until) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPost {
			w.Header().Set("Content-Type", "application/x-www-form-urlencoded")
			fmt.Fprint(w, "oauth_token=temporary&oauth_token_secret=its-secret&oauth_callback_confirmed=true")
			return
		}
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}))
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var timestamp1 = regexp.MustCompile(`oauth_timestamp="(\d+)"`)

// signedTimes are those between which a request is good.
func signedTimes(r *http.Request) (from, until time.Time) {
	const tolerance = 5 * time.Minute
	text := r.Header.Get("Authorization")
	if at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")); err == nil {
		return at.Add(-tolerance), at.Add(tolerance)
	}
	if m := timestamp1.FindStringSubmatch(text); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		return time.Unix(n, 0).Add(-tolerance), time.Unix(n, 0).Add(tolerance)
	}
	if parts := strings.Split(strings.TrimPrefix(text, "Bearer "), "."); len(parts) == 3 {
		var claims struct{ Iat, Exp int64 }
		b, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(b, &claims)
		return time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0)
	}
	return time.Now().Add(time.Hour), time.Time{}
}

// The first call to a service whose clock is wrong is refused and tells by how
// much; the next is signed with its time. Nobody else's time moves.
func TestClockOfAService(t *testing.T) {
	opening, err := egress.ParseOpening("127.0.0.1/32")
	if err != nil {
		t.Fatal(err)
	}
	secret := func(name, text string) map[string]host.Secret {
		return map[string]host.Secret{name: host.NewSecret(text)}
	}
	credentials := map[string]host.Credential{
		abi.AuthSigV4: {Auth: abi.Auth{Type: abi.AuthSigV4, Service: "s3", Region: "eu-central-1"},
			Params: map[string]string{"access_key_id": "AKID", "session_token": ""}, Secret: secret("secret_access_key", "sk-123456")},
		abi.AuthOAuth1: {Auth: abi.Auth{Type: abi.AuthOAuth1}, Params: map[string]string{"client_id": "id"}, Secret: secret("client_secret", "cs-123456")},
		abi.AuthJWT:    {Auth: abi.Auth{Type: abi.AuthJWT, Algorithm: "HS256", Key: "{secret}"}, Secret: secret("secret", "a secret of thirty-two characters")},
	}
	for kind, credential := range credentials {
		for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
			clock := host.Clock{Now: time.Now, Skews: &host.Skews{}}
			out := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, Skews: clock.Skews})
			t.Cleanup(func() { _ = out.Close() })
			signers := auth.Signers(clock)
			signers[abi.AuthOAuth1] = oauth.NewSigner1(clock)
			call := func(u *url.URL) int {
				res, err := out.Do(context.Background(), host.Call{URL: u, Bound: true, Hosts: []string{u.Host},
					Sign: func(r *http.Request) error { return signers[kind].Sign(r, credential) }})
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				return res.StatusCode
			}
			wrong, right := lateService(t, off), lateService(t, 0)
			got := []int{call(right), call(wrong), call(wrong), call(right), call(wrong), call(right)}
			if want := "[200 401 200 200 200 200]"; fmt.Sprint(got) != want {
				t.Errorf("%s, off by %s: got %v, want %s", kind, off, got, want)
			}
		}
	}
}

// So is the request for a temporary token.
func TestClockOfAServiceAtBegin(t *testing.T) {
	opening, err := egress.ParseOpening("127.0.0.1/32")
	if err != nil {
		t.Fatal(err)
	}
	clock := host.Clock{Now: time.Now, Skews: &host.Skews{}}
	out := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, Skews: clock.Skews})
	t.Cleanup(func() { _ = out.Close() })
	base := lateService(t, -10*time.Minute).String()
	target := host.FlowTarget{
		ClientID: "id", ClientSecret: host.NewSecret("cs-123456"), Redactor: host.NewRedactor(nil),
		Connector: host.Connector{ID: "late", Manifest: abi.Manifest{ID: "late", Name: "Late", BaseURL: base, Auth: abi.Auth{
			Type:    abi.AuthOAuth1,
			Request: &abi.Request{Path: "/request", Method: "POST"}, Authorize: &abi.Request{Path: "/authorize"}, Token: &abi.Request{Path: "/token", Method: "POST"},
		}}},
	}
	flow := oauth.NewClient1(out, clock)
	if _, err := flow.Begin(t.Context(), target, redirect, nil); err == nil {
		t.Error("the service took a wrong time")
	}
	if begun, err := flow.Begin(t.Context(), target, redirect, nil); err != nil || !strings.Contains(begun.URL, "oauth_token=temporary") {
		t.Errorf("got %+v, %v", begun, err)
	}
}

// The token that is made for another clock is masked like any other.
func TestTokenForAnotherClockIsMasked(t *testing.T) {
	w := newWorld(t, t.TempDir())
	clock := host.Clock{Now: time.Now, Skews: &host.Skews{}}
	opening, err := egress.ParseOpening("127.0.0.1/32")
	w.must(err)
	out := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, Skews: clock.Skews})
	t.Cleanup(func() { _ = out.Close() })
	w.Broker.Egress, w.Broker.Signers = out, auth.Signers(clock)
	c := w.create(abi.Manifest{
		Connhost: 1, ID: "late", Name: "Late", Version: "1.0.0", BaseURL: lateService(t, -10*time.Minute).String(),
		Parameters: []abi.Parameter{{Key: "secret", Label: "Secret", Secret: true, Required: true}},
		Auth:       abi.Auth{Type: abi.AuthJWT, Algorithm: "HS256", Key: "{secret}"},
	}, broker.CreateRequest{Connector: "late"})
	_, err = w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: c.LinkName,
		Secrets: map[string]host.Secret{"secret": host.NewSecret("a secret of thirty-two characters")}})
	w.must(err)
	for _, want := range []string{"401 ", "200 " + host.Mask} {
		status, text, err := w.get(w.admin, c.LinkName, "/")
		if got := fmt.Sprint(status, " ", text); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

package egress_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// seen is what a server was asked.
type seen struct {
	method, path, body string
	header             http.Header
}

// recorder answers with status and location once, then with 200, and keeps
// what it was asked.
type recorder struct {
	status   int
	location string
	seen     []seen
}

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	s.seen = append(s.seen, seen{r.Method, r.URL.RequestURI(), string(b), r.Header})
	if s.status != 0 && r.URL.Path == "/start" {
		w.Header().Set("Location", s.location)
		w.WriteHeader(s.status)
		return
	}
	fmt.Fprint(w, "arrived")
}

// signed is a call with everything that must not leave the origin.
func signed(u *url.URL, method string) host.Call {
	call := bearer(u)
	call.Method = method
	call.Header = http.Header{
		"Cookie": {"c=1"}, "Referer": {"https://from.test/"}, "X-Api-Key": {"k"}, "Authorization": {"of the script"},
		"Accept": {"text/csv"}, "User-Agent": {"script/1"}, "Content-Type": {"text/plain"},
	}
	if method == "POST" || method == "PUT" {
		call.SetBody([]byte("data"))
	}
	return call
}

var statuses = []int{301, 302, 303, 307, 308}

func TestRedirectToAnotherOriginCarriesNothing(t *testing.T) {
	for _, status := range statuses {
		for _, method := range []string{"GET", "HEAD"} {
			there := &recorder{}
			port := pair(t, there.ServeHTTP, there.ServeHTTP)
			for _, to := range []string{"http://127.0.0.1:" + port, "http://127.0.0.2:" + port} {
				here := &recorder{status: status, location: to + "/there?q=1#frag"}
				u := serve(t, here.ServeHTTP).JoinPath("start")
				there.seen = nil
				res, _, err := fetch(t, client(t, egress.Limits{}), signed(u, method))
				if err != nil || len(there.seen) != 1 {
					t.Fatalf("%d %s to %s: %v, %d arrived", status, method, to, err, len(there.seen))
				}
				got := there.seen[0]
				if got.method != method || got.path != "/there?q=1" || res.Request.URL.String() != to+"/there?q=1" {
					t.Errorf("%d %s: arrived as %s %s", status, method, got.method, got.path)
				}
				for name, values := range got.header {
					if v := values[0]; !(name == "Accept-Encoding" && v == "gzip" || name == "User-Agent" && v == "connhost/dev") {
						t.Errorf("%d %s: %s: %s arrived", status, method, name, v)
					}
				}
				if here.seen[0].header.Get("Authorization") != "Bearer "+canary {
					t.Error("the first hop was not signed")
				}
			}
		}
	}
}

func TestRedirectOfOtherMethodsToAnotherOriginIsRefused(t *testing.T) {
	there := &recorder{}
	port := pair(t, there.ServeHTTP, there.ServeHTTP)
	for _, to := range []string{"127.0.0.1:" + port, "127.0.0.2:" + port} { // another port, another host
		for _, status := range statuses {
			for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
				here := &recorder{status: status, location: "http://" + to}
				_, _, err := fetch(t, client(t, egress.Limits{}), signed(serve(t, here.ServeHTTP).JoinPath("start"), method))
				want(t, err, host.Refused, "to another origin, "+to)
			}
			here := &recorder{status: status, location: "http://" + to}
			call := signed(serve(t, here.ServeHTTP).JoinPath("start"), "GET")
			call.SetBody([]byte("a GET with a body"))
			_, _, err := fetch(t, client(t, egress.Limits{}), call)
			want(t, err, host.Refused, "to another origin")
		}
	}
	if len(there.seen) > 0 {
		t.Errorf("%d arrived", len(there.seen))
	}
}

// RFC 9110 section 15.4: what is sent to the same origin.
func TestRedirectOnTheSameOrigin(t *testing.T) {
	for _, c := range []struct {
		status       int
		method, want string
		body         string
	}{
		{301, "GET", "GET", ""}, {302, "HEAD", "HEAD", ""}, {303, "HEAD", "HEAD", ""}, {308, "GET", "GET", ""},
		{301, "POST", "GET", ""}, {302, "POST", "GET", ""}, {303, "POST", "GET", ""},
		{307, "POST", "POST", "data"}, {308, "POST", "POST", "data"},
		{301, "PUT", "PUT", "data"}, {302, "PUT", "PUT", "data"}, {303, "PUT", "GET", ""}, {307, "PUT", "PUT", "data"},
		{303, "DELETE", "GET", ""}, {302, "DELETE", "DELETE", ""},
	} {
		here := &recorder{status: c.status, location: "../start/../there?q=1"}
		u := serve(t, here.ServeHTTP).JoinPath("start")
		call := signed(u, c.method)
		call.NoRedirect = true
		res, _, err := fetch(t, client(t, egress.Limits{}), call)
		if err != nil || res.StatusCode != c.status || res.Header.Get("Location") == "" {
			t.Errorf("%d %s not followed: got %v, %v", c.status, c.method, res, err)
		}
		call.NoRedirect, here.seen = false, nil
		if _, _, err := fetch(t, client(t, egress.Limits{}), call); err != nil || len(here.seen) != 2 {
			t.Fatalf("%d %s: %v, %d arrived", c.status, c.method, err, len(here.seen))
		}
		got := here.seen[1]
		if got.method != c.want || got.body != c.body || got.path != "/there?q=1" {
			t.Errorf("%d %s: arrived as %s %s %q", c.status, c.method, got.method, got.path, got.body)
		}
		if got.header.Get("Authorization") != "Bearer "+canary || got.header.Get("Cookie") != "c=1" || got.header.Get("X-Api-Key") != "k" {
			t.Errorf("%d %s: arrived with %v", c.status, c.method, got.header)
		}
		if has := got.header.Get("Content-Type") != ""; has != (c.want == c.method) {
			t.Errorf("%d %s: Content-Type arrived: %v", c.status, c.method, has)
		}
	}
}

// The other side chose the URL, so the credential does not come back for it.
func TestRedirectHomeIsNotSigned(t *testing.T) {
	there := &recorder{status: 302}
	away := serve(t, there.ServeHTTP)
	here := &recorder{status: 302, location: away.JoinPath("start").String()}
	u := serve(t, here.ServeHTTP).JoinPath("start")
	there.location = "http://" + u.Host + "/delete-everything"
	if _, _, err := fetch(t, client(t, egress.Limits{}), signed(u, "GET")); err != nil || len(here.seen) != 2 {
		t.Fatal(err, len(here.seen))
	}
	if h := here.seen[1].header; h.Get("Authorization") != "" || h.Get("Cookie") != "" {
		t.Errorf("came home with %v", h)
	}
}

func TestRedirectWithTheSecretInItsURLIsRefused(t *testing.T) {
	there := &recorder{}
	to := serve(t, there.ServeHTTP)
	here := &recorder{status: 302, location: to.String() + "/?api_key=" + url.QueryEscape(canary)}
	call := signed(serve(t, here.ServeHTTP).JoinPath("start"), "GET")
	call.Redactor = redactor()
	_, _, err := fetch(t, client(t, egress.Limits{}), call)
	want(t, err, host.Refused, "with a secret of the connection")
	if len(there.seen) > 0 || strings.Contains(fmt.Sprintf("%v %+v", err, err), canary) {
		t.Errorf("%d arrived, %+v", len(there.seen), err)
	}
}

func TestRedirectLimit(t *testing.T) {
	count := 0
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		count++
		http.Redirect(w, r, fmt.Sprintf("/%d", count), http.StatusFound)
	})
	for limit, n := range map[int]int{0: 11, 3: 4, -1: 1} {
		count = 0
		_, err := client(t, egress.Limits{Redirects: limit}).Do(context.Background(), host.Call{URL: u})
		want(t, err, host.Refused, "limit redirects (")
		if count != n {
			t.Errorf("limit %d: %d requests, want %d", limit, count, n)
		}
	}
}

func TestRedirectWithoutLocationIsTheAnswer(t *testing.T) {
	for _, location := range []string{"", "http://["} {
		here := &recorder{status: 302, location: location}
		res, _, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: serve(t, here.ServeHTTP).JoinPath("start")})
		if location == "" && (err != nil || res.StatusCode != 302) {
			t.Errorf("got %v, %v", res, err)
		}
		if location != "" {
			want(t, err, host.Unavailable, "not a URL")
		}
	}
}

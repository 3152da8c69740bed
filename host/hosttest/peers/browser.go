package peers

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// A Fataler ends a test: a testing.TB, or a *testscript.TestScript.
type Fataler interface {
	Fatalf(format string, args ...any)
}

// Password is what each user types.
const Password = "swordfish-91"

// An Answer is what a person does with the pages of a server. Zero, they log in
// as ada and consent.
type Answer struct {
	User string // the subject of the tokens; the name of ada is Ada
	Deny bool   // log in, but refuse
}

// Consent opens the URL of an authorization request as a new browser, answers
// the pages that come, and gives the callback that they lead to, without opening
// that. The page may be behind a Toxiproxy.
func (o *OIDCServer) Consent(t Fataler, page string, answer Answer) *url.URL {
	callback, last, err := o.browser(t, page).walk(page, answer)
	if err != nil {
		t.Fatalf("consent: %v", err)
	}
	if callback == nil {
		t.Fatalf("consent: %s leads to no callback, but to:\n%s", page, last)
	}
	return callback
}

// ApproveDevice opens the verification_uri_complete of a device request as a new
// browser, and answers the pages that come.
func (o *OIDCServer) ApproveDevice(t Fataler, page string, answer Answer) {
	_, last, err := o.browser(t, page).walk(page, answer)
	if err != nil {
		t.Fatalf("approve the device: %v", err)
	}
	want := "Sign-in Success"
	if answer.Deny {
		want = "The Sign-in request was interrupted"
	}
	if !strings.Contains(last, want) {
		t.Fatalf("approve the device: %s leads to no %q, but to:\n%s", page, want, last)
	}
}

func (o *OIDCServer) browser(t Fataler, page string) *browser {
	return newBrowser(o.HTTP(t).Transport, page, o.URL, o.TLSURL)
}

// A browser keeps cookies and fills in forms.
type browser struct {
	client *http.Client
	hosts  map[string]bool // where it goes; anything else is a callback
}

func newBrowser(transport http.RoundTripper, sites ...string) *browser {
	jar, _ := cookiejar.New(nil) // never fails
	b := &browser{
		client: &http.Client{Transport: transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		hosts: map[string]bool{},
	}
	for _, site := range sites {
		if u, err := url.Parse(site); err == nil {
			b.hosts[u.Host] = true
		}
	}
	return b
}

// walk follows redirects and answers forms until there is a callback, or a page
// with nothing more to do.
func (b *browser) walk(page string, answer Answer) (callback *url.URL, last string, err error) {
	req, err := http.NewRequest(http.MethodGet, page, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "text/html")
	for range 20 {
		resp, err := b.client.Do(req)
		if err != nil {
			return nil, "", err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return nil, "", err
		}
		if next, err := resp.Location(); err == nil {
			if !b.hosts[next.Host] {
				return next, "", nil
			}
			if req, err = http.NewRequest(http.MethodGet, next.String(), nil); err != nil {
				return nil, "", err
			}
			req.Header.Set("Accept", "text/html")
			continue
		}
		next, err := answered(string(body), resp.Request.URL, answer)
		if next == nil || err != nil {
			return nil, string(body), err
		}
		req = next
	}
	return nil, "", fmt.Errorf("%s leads nowhere in 20 steps", page)
}

var (
	form  = regexp.MustCompile(`(?s)<form([^>]*)>(.*)</form>`)
	input = regexp.MustCompile(`(?s)<(?:input|button)([^>]*)>`)
	attr  = regexp.MustCompile(`(?s)([a-z]+)="([^"]*)"`)
	abort = regexp.MustCompile(`href="([^"]*/abort)"`)
)

// answered is the request that sends a page's form, or nil if it has none.
func answered(page string, at *url.URL, answer Answer) (*http.Request, error) {
	found := form.FindStringSubmatch(page)
	if found == nil {
		return nil, nil
	}
	values, user := url.Values{}, answer.User
	if user == "" {
		user = "ada"
	}
	for _, tag := range input.FindAllStringSubmatch(found[2], -1) {
		a := attributes(tag[1])
		switch a["name"] {
		case "":
		case "login", "username":
			values.Set(a["name"], user)
		case "password":
			values.Set(a["name"], Password)
		default:
			values.Set(a["name"], a["value"])
		}
	}
	if code, asked := values["user_code"]; asked && code[0] == "" {
		return nil, nil // a form for another device
	}
	refuse := abort.FindStringSubmatch(page)
	method, target, body := http.MethodPost, attributes(found[1])["action"], values.Encode()
	switch {
	case answer.Deny && values.Get("prompt") == "consent" && refuse != nil:
		method, target, body = http.MethodGet, html.UnescapeString(refuse[1]), ""
	case target == "":
		target = at.String()
	}
	u, err := at.Parse(target)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "text/html")
	return req, nil
}

func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, a := range attr.FindAllStringSubmatch(tag, -1) {
		all[a[1]] = html.UnescapeString(a[2])
	}
	return all
}

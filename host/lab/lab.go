// Package lab is a fake service on loopback, for the demo, the tests and authors
// of connectors in place of a vendor. It knows no connection, stores nothing, and
// its secrets are public. There are two shapes of it. The one is its own: a strict
// OAuth 2 authorization server and a small API behind it.
//
//	/oauth/authorize   PKCE S256, exact redirect; consents by itself, or asks
//	/oauth/token       codes and refresh tokens; answers {"data":{...}}
//	/oauth/revoke      RFC 7009
//	/oauth2/...        the same three, token answers as in RFC 6749
//
//	/api/...           me, items, orders, echo: with a bearer token
//	/key/...           the same, with an API key
//	/basic/...         the same, with a user name and a password
//
// The other is whatever a manifest describes (Shaped). It stands for the
// manifest's own hosts, over TLS (Stage), or at an address of this machine for a
// manifest that was Rewritten to lead there.
//
//	/log               what was seen: time, method, path, endpoint, grant, outcome
//	/control           POST: change the life of tokens, the account, consent, faults
//
// Both are strict where vendors are: a refresh token is good for one use, and
// presenting it again ends the whole grant, its living access token included
// (RFC 9700 section 4.14.2). A code that is used twice does the same (RFC 6749
// section 4.1.2). Time comes from Options and every secret but keys from its
// seed, so that a run can be repeated.
package lab

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What the lab knows its clients by. They are no secrets: the lab is a fake.
const (
	ClientID     = "lab-client"
	ClientSecret = "lab-secret-ada-1815"
	APIKey       = "lab-key-babbage-1822"
	BasicUser    = "ada"
	BasicSecret  = "lab-password-engine-1843"
)

// DefaultTokenLife is how long an access token lives unless Options say more.
// It is short, so that a demo sees a refresh.
const DefaultTokenLife = 5 * time.Second

// Options make a Lab. The zero value works.
type Options struct {
	TokenLife time.Duration // of an access token; DefaultTokenLife unless given
	Seed      uint64        // of every code, token and id
	Now       func() time.Time
	// AskConsent shows a page with a choice. Otherwise the lab consents by
	// itself, as a browser with a session and an earlier consent would.
	AskConsent bool
	// Redirects are exact redirect URIs beside the loopback ones.
	Redirects []string
	// Values fill the parameters of a manifest, and what it captures; those that
	// are not given are made up.
	Values map[string]string
	// Always are faults of a shaped lab that stay in force behind those that are
	// set, such as the shapes of its answers.
	Always []Fault
	// Addr is where a manifest was Rewritten to lead; empty for one as it is.
	Addr string
}

// A Lab is the service. It is safe for concurrent use.
type Lab struct {
	mux       http.Handler
	now       func() time.Time
	redirects []string
	rules     rules
	service   *service // nil for the lab's own
	always    []Fault
	warnings  []string
	// find says which endpoints a request is for, as faults name them, and who
	// answers it.
	find func(http.ResponseWriter, *http.Request) (kinds []string, serve http.HandlerFunc)

	mu        sync.Mutex // guards all below
	seed      uint64
	made      uint64 // secrets and ids so far
	life      time.Duration
	ask       bool
	account   account // who consents by itself
	grants    []*grant
	codes     map[string]*code
	tokens    map[string]*token
	orders    []order
	log       []Entry
	refreshes int
	faults    []*Fault
}

var _ http.Handler = (*Lab)(nil)

// New makes a Lab.
func New(o Options) *Lab {
	l := &Lab{
		now: o.Now, redirects: o.Redirects, seed: o.Seed, life: o.TokenLife, ask: o.AskConsent,
		account: accounts[0], rules: rules{renews: true, rotates: true}, codes: map[string]*code{}, tokens: map[string]*token{},
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.life <= 0 {
		l.life = DefaultTokenLife
	}
	l.mux, l.find = l.routes(), l.findOwn
	return l
}

// ServeHTTP answers one request and logs it.
func (l *Lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	seen := &Entry{Time: l.now(), Method: r.Method, Path: short(r.URL.Path), Outcome: outcomeOK}
	defer func() { l.record(*seen) }() // also where the answer is lost
	r = r.WithContext(withEntry(r.Context(), seen))
	// Its clock may be another than the machine's, and callers learn it here.
	w.Header().Set("Date", seen.Time.UTC().Format(http.TimeFormat))
	kinds, serve := l.find(w, r)
	l.played(kinds, r, serve)(w, r)
}

// findOwn names the endpoints of the lab's own service.
func (l *Lab) findOwn(_ http.ResponseWriter, r *http.Request) ([]string, http.HandlerFunc) {
	own := r.URL.Path == "/" || r.URL.Path == "/log" || r.URL.Path == "/control"
	switch kind := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]; {
	case own:
		return nil, l.mux.ServeHTTP
	case !strings.HasPrefix(r.URL.Path, "/oauth"):
		return []string{"call"}, l.mux.ServeHTTP
	case kind == "token" && l.faulty() && r.ParseForm() == nil && r.PostForm.Get("grant_type") == "refresh_token":
		return []string{"refresh"}, l.mux.ServeHTTP
	default:
		return []string{kind}, l.mux.ServeHTTP
	}
}

func (l *Lab) routes() http.Handler {
	mux := http.NewServeMux()
	for _, p := range []struct {
		prefix string
		nested bool
	}{{"/oauth", true}, {"/oauth2", false}} {
		mux.HandleFunc("GET "+p.prefix+"/authorize", l.authorize)
		mux.HandleFunc("POST "+p.prefix+"/authorize", l.consented)
		mux.HandleFunc("POST "+p.prefix+"/token", func(w http.ResponseWriter, r *http.Request) { l.token(w, r, p.nested) })
		mux.HandleFunc("POST "+p.prefix+"/revoke", l.revoke)
	}
	for prefix, admit := range map[string]guard{"/api": l.bearer, "/key": l.key, "/basic": l.basic} {
		l.api(mux, prefix, admit)
	}
	mux.HandleFunc("GET /log", l.showLog)
	mux.HandleFunc("POST /control", l.control)
	mux.HandleFunc("GET /{$}", l.front)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, http.StatusNotFound, "not_found")
	})
	return mux
}

// secret makes a new value of 192 bits that nothing but the seed and the
// number of those before it decides. The caller holds the lock.
func (l *Lab) secret(kind string) string {
	l.made++
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], l.seed)
	binary.BigEndian.PutUint64(b[8:], l.made)
	sum := sha256.Sum256(append(b[:], kind...))
	return "lab-" + kind + "-" + base64.RawURLEncoding.EncodeToString(sum[:24])
}

// front says what there is, to whoever opens the lab in a browser.
func (l *Lab) front(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(strings.Join([]string{
		"The connhost lab: a fake service. Nothing here is real and nothing is secret.", "",
		"authorize  /oauth/authorize",
		"token      /oauth/token (nested answers), /oauth2/token (RFC 6749)",
		"revoke     /oauth/revoke",
		"client     " + ClientID + ", secret " + ClientSecret,
		"bearer     /api/me /api/items /api/orders /api/echo",
		"API key    /key/me ... with X-Lab-Key: " + APIKey,
		"basic      /basic/me ... with " + BasicUser + ":" + BasicSecret,
		"log        /log",
		`control    POST /control {"token_life":"2s","account":"acc_2","ask_consent":true}`, "",
	}, "\n")))
}

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/host/store"
)

// bird stands in every secret of the vendor, between characters that each
// encoder writes in its own way: where a form of a secret is, there is a form
// of the bird.
const bird = "c4n4ryB1rd"

var vendorSecrets = map[string]string{
	"CLIENT_SECRET": `cl/` + bird + `+="&é 1`,
	"PASSWORD":      `pw/` + bird + `+="&é\2`,
	"API_KEY":       `key/` + bird + `+="&<3>`,
}

// A vendor is a service that tells all it knows to whoever asks: it echoes
// what it was sent in every form, with its errors too.
type vendor struct {
	*httptest.Server
	mu     sync.Mutex
	mode   string // of the token and revoke endpoints: "", "500", "html", "garbage"
	pairs  int    // tokens given out
	dead   int    // of those, how many access tokens are expired
	learnt map[string]bool
}

type vendorKey struct{}

// startVendor serves a vendor at $VENDOR and sets its secrets: "vendor", later
// "vendor MODE" or "vendor expire".
func startVendor(ts *testscript.TestScript, _ bool, args []string) {
	if v, ok := ts.Value(vendorKey{}).(**vendor); ok && *v != nil {
		(*v).set(args[0])
		return
	}
	v := &vendor{learnt: map[string]bool{}}
	v.Server = httptest.NewServer(v)
	ts.Defer(v.Close)
	*ts.Value(vendorKey{}).(**vendor) = v
	for name, value := range vendorSecrets {
		ts.Setenv(name, value)
	}
	addr := strings.TrimPrefix(v.URL, "http://")
	ts.Setenv("VENDOR", addr)
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+",127.0.0.1/32:"+portOf(addr))
}

func (v *vendor) set(mode string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if mode == "expire" {
		v.dead = v.pairs
		return
	}
	v.mode = strings.TrimPrefix(mode, "ok")
}

func (v *vendor) access(n int) string { return fmt.Sprintf(`acc/%s+="&x%d`, bird, n) }

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case r.URL.Path == "/authorize":
		q := r.URL.Query()
		back, _ := url.Parse(q.Get("redirect_uri"))
		back.RawQuery = url.Values{"state": {q.Get("state")}, "code": {`code/` + bird + `+="&c`}}.Encode()
		http.Redirect(w, r, back.String(), http.StatusFound)
	case r.URL.Path == "/token" || r.URL.Path == "/revoke":
		v.answerToken(w, r, body)
	case r.Header.Get("Authorization") == "Bearer "+v.access(v.dead):
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write(told(r, body))
	default:
		v.answerCall(w, r, body)
	}
}

// answerToken gives a pair or, by its mode, its heart away.
func (v *vendor) answerToken(w http.ResponseWriter, r *http.Request, body []byte) {
	form, _ := url.ParseQuery(string(body))
	for name := range form {
		v.learnt[name+" "+form.Get(name)] = true
	}
	switch {
	case v.mode == "garbage":
		hijack(w, "SSH-2.0 "+string(told(r, body)))
	case v.mode == "html":
		_, _ = w.Write(append([]byte("<html>"), told(r, body)...))
	case v.mode == "500":
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write(told(r, body))
	case r.URL.Path == "/token":
		v.pairs++
		_ = json.NewEncoder(w).Encode(map[string]any{
			"access_token": v.access(v.pairs), "refresh_token": fmt.Sprintf(`ref/%s+="&r%d`, bird, v.pairs), "token_type": "Bearer", "expires_in": 3600,
			"echo": string(told(r, body)),
		})
	}
}

// answerCall is the vendor's API.
func (v *vendor) answerCall(w http.ResponseWriter, r *http.Request, body []byte) {
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	auth := strings.NewReplacer("\r", "", "\n", "").Replace(r.Header.Get("Authorization") + query)
	switch all := told(r, body); strings.TrimPrefix(r.URL.Path, "/api") {
	case "/fail":
		w.Header().Set("X-Echo", auth)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write(all)
	case "/status":
		hijack(w, "HTTP/1.1 400 Bad "+auth+"\r\nX-Echo: "+auth+"\r\nTransfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n0\r\nX-Late: "+auth+"\r\n\r\n")
	case "/garbage":
		hijack(w, "SSH-2.0 "+auth+"\r\n")
	case "/cut":
		hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"+string(all))
	case "/hop":
		http.Redirect(w, r, "/api/echo?t="+url.QueryEscape(auth), http.StatusFound)
	case "/away":
		_, port, _ := strings.Cut(r.Host, ":")
		http.Redirect(w, r, "http://localhost:"+port+"/api/echo?t="+url.QueryEscape(auth), http.StatusFound)
	case "/gone":
		w.Header().Set("Location", "http://["+auth)
		w.WriteHeader(http.StatusFound)
	default:
		w.Header().Set("X-Echo", auth)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(all)
	}
}

// told is a request in every form that services echo: as it is, in base64 at
// three alignments, encoded for a URL, a JSON text, a page and source code, and
// the Basic pair taken apart.
func told(r *http.Request, body []byte) []byte {
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	form, _ := url.QueryUnescape(string(body))
	_, password, _ := r.BasicAuth()
	plain := strings.Join([]string{r.Header.Get("Authorization"), query, form, password}, " ")
	out := map[string]string{"plain": plain}
	for shift := range 3 {
		out[fmt.Sprint("base64 ", shift)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + plain))
		out[fmt.Sprint("base64 url ", shift)] = base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + plain))
	}
	all, _ := json.Marshal(out)
	for _, line := range []string{r.URL.RawQuery, string(body), plain, url.QueryEscape(plain), url.PathEscape(plain), html.EscapeString(plain), strconv.QuoteToASCII(plain)} {
		all = append(append(all, '\n'), line...)
	}
	return all
}

func hijack(w http.ResponseWriter, answer string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, answer)
	_ = conn.Close()
}

// sing runs the program and keeps what it prints for "silent"; its status may
// be any but that of a bug.
func sing(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("connhost", args...)
	if err != nil && strings.HasSuffix(err.Error(), " 10") {
		ts.Fatalf("connhost %q is a bug", args)
	}
	said := fmt.Sprintf("$ %q\n%s%s", args, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	f, err := os.OpenFile(ts.MkAbs("sung"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = f.WriteString(said)
	ts.Check(err)
	ts.Check(f.Close())
}

// hold keeps the store open, so that its write-ahead log stays.
func hold(ts *testscript.TestScript, _ bool, _ []string) {
	s, err := store.Open(context.Background(), ts.MkAbs("home/data/connhost/connhost.db"), store.Options{})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() })
	_, err = s.KeyID(context.Background())
	ts.Check(err)
}

// silent says that no file below the script's folder, the database, its log
// and all that was printed among them, holds a form of the words or of a
// secret that the vendor has got, and that much was masked.
func silent(ts *testscript.TestScript, _ bool, words []string) {
	v := *ts.Value(vendorKey{}).(**vendor)
	words = append(words, bird)
	for got := range v.learnt {
		if verifier, ok := strings.CutPrefix(got, "code_verifier "); ok {
			words = append(words, verifier)
		}
	}
	for _, name := range []string{"code", "refresh_token", "token"} {
		if !strings.Contains(fmt.Sprint(v.learnt), name+" ") {
			ts.Fatalf("the vendor never got a %s", name)
		}
	}
	files := map[string]int{}
	ts.Check(filepath.WalkDir(ts.MkAbs("."), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[filepath.Base(path)] = bytes.Count(content, []byte("[redacted]"))
		for _, word := range words {
			for _, form := range formsOf(word) {
				if i := bytes.Index(content, []byte(form)); i >= 0 {
					ts.Fatalf("%s holds %q as %q: ...%q...", path, word, form, content[max(0, i-200):min(len(content), i+100)])
				}
			}
		}
		return nil
	}))
	for _, name := range []string{"connhost.db", "connhost.db-wal", "sung"} {
		if _, ok := files[name]; !ok {
			ts.Fatalf("%s was not looked into: %v", name, files)
		}
	}
	if files["sung"] < 100 {
		ts.Fatalf("only %d masks were printed", files["sung"])
	}
}

// formsOf are the ways in which a word of letters and digits stands within a
// longer text, whatever encoded that: plain, in hexadecimal, and in base64 at
// three alignments.
func formsOf(word string) []string {
	all := []string{word, hex.EncodeToString([]byte(word)), strings.ToUpper(hex.EncodeToString([]byte(word)))}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			text := enc.EncodeToString([]byte(strings.Repeat("x", shift) + word))
			all = append(all, text[(shift*8+5)/6:len(text)-1]) // without the characters that neighbours share
		}
	}
	return all
}

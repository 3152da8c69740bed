package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

func TestTextIsMaskedAndBinaryIsNot(t *testing.T) {
	text := `{"you sent":"` + canary + `"}`
	binary := "\x89PNG\r\n\x1a\n\x00" + canary
	for _, c := range []struct {
		kind, body string
		masked     bool
	}{
		{"text/plain", text, true}, {"text/html; charset=utf-8", text, true}, {"TEXT/CSV", text, true},
		{"application/json", text, true}, {"application/json;charset=ascii", text, true}, {"application/problem+json", text, true},
		{"application/xml", text, true}, {"image/svg+xml", text, true}, {"application/x-www-form-urlencoded", text, true},
		{"application/javascript", text, true}, {"application/yaml", text, true}, {"text/event-stream", text, true},
		{"", text, true}, {"application/octet-stream", text, true}, {"image/png", text, true}, {"nonsense", text, true},
		{"text/plain", binary, true},
		{"", binary, false}, {"application/octet-stream", binary, false}, {"image/png", binary, false}, {"application/zip", binary, false},
		{"application/json", "", true}, {"", "", true},
	} {
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = []string{c.kind}
			if c.kind == "" {
				w.Header()["Content-Type"] = nil
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(c.body)))
			w.Header().Set("X-Echo", "got "+canary)
			for _, part := range strings.SplitAfter(c.body, "3") { // across the edges of chunks
				fmt.Fprint(w, part)
				w.(http.Flusher).Flush()
			}
		})
		call := bearer(u)
		call.Redactor = redactor()
		res, got, err := fetch(t, client(t, egress.Limits{}), call)
		want := c.body
		if c.masked {
			want = strings.ReplaceAll(want, canary, host.Mask)
		}
		if err != nil || got != want || res.Header.Get("X-Echo") != "got "+host.Mask {
			t.Errorf("%q: got %q, %v, %v", c.kind, got, res.Header, err)
		}
		if length := res.Header.Get("Content-Length") != ""; length == (c.masked && c.body != "") {
			t.Errorf("%q: Content-Length is there: %v", c.kind, length)
		}
		if res.ContentLength >= 0 && res.ContentLength != int64(len(got)) {
			t.Errorf("%q: ContentLength is %d", c.kind, res.ContentLength)
		}
	}
}

func TestGzipIsDecodedAndMasked(t *testing.T) {
	var asked http.Header
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		fmt.Fprintf(z, `{"a":%q}`, canary)
		_ = z.Close()
		w.Header().Set("Content-Length", fmt.Sprint(b.Len()))
		_, _ = w.Write(b.Bytes())
	})
	call := bearer(u)
	call.Redactor = redactor()
	res, got, err := fetch(t, client(t, egress.Limits{}), call)
	if err != nil || got != `{"a":"[redacted]"}` || len(res.Header["Content-Encoding"])+len(res.Header["Content-Length"]) > 0 ||
		res.ContentLength != -1 || !res.Uncompressed || asked.Get("Accept-Encoding") != "gzip" {
		t.Errorf("got %q, %+v, %v", got, res, err)
	}
	call.Header = http.Header{"Range": {"bytes=0-3"}}
	if _, _, err := fetch(t, client(t, egress.Limits{}), call); err != nil || asked.Get("Accept-Encoding") != "" {
		t.Errorf("with Range: asked for %v, %v", asked, err)
	}
}

func TestOtherEncodingsStay(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		fmt.Fprint(w, "\x00\x01brotli")
	})
	res, got, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: u})
	if err != nil || got != "\x00\x01brotli" || res.Header.Get("Content-Encoding") != "br" {
		t.Errorf("got %q %v %v", got, res.Header, err)
	}
}

func TestTrailersAndStatusAreMasked(t *testing.T) {
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-End")
		fmt.Fprint(w, "text")
		w.Header().Set("X-End", canary)
		w.Header().Set(http.TrailerPrefix+"X-More", canary)
	})
	res, _, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: u, Redactor: redactor()})
	if err != nil || res.Trailer.Get("X-End") != host.Mask || res.Trailer.Get("X-More") != host.Mask {
		t.Errorf("got %v, %v", res.Trailer, err)
	}
	odd := raw(t, reply("HTTP/1.1 200 "+canary+"\r\nContent-Length: 0\r\n\r\n"))
	res, _, err = fetch(t, client(t, egress.Limits{}), host.Call{URL: parse(t, odd), Redactor: redactor()})
	if err != nil || res.Status != "200 "+host.Mask {
		t.Errorf("got %v, %v", res, err)
	}
}

// A refresh during the call adds secrets that the second answer is searched for.
func TestChallengeRepeatsTheCall(t *testing.T) {
	var bodies, tokens []string
	u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies, tokens = append(bodies, string(b)), append(tokens, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "Bearer old" {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(401)
		}
		fmt.Fprint(w, tokens[len(tokens)-1])
	})
	token, asked := "old", 0
	r := redactor()
	call := host.Call{URL: u, Method: "POST", Bound: true, Hosts: []string{u.Host}, Redactor: r}
	call.SetBody([]byte("once more"))
	call.Sign = func(req *http.Request) error {
		req.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	call.Challenge = func(_ context.Context, res *http.Response) (bool, error) {
		asked++
		if b, _ := io.ReadAll(res.Body); len(b) > 0 || res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "Bearer" ||
			res.Request.Header.Get("Authorization") != "" {
			t.Errorf("challenged with %+v", res)
		}
		token = "new-token-of-the-refresh"
		r.Learn(token)
		return true, nil
	}
	res, text, err := fetch(t, client(t, egress.Limits{}), call)
	if err != nil || res.StatusCode != 200 || text != "Bearer "+host.Mask || asked != 1 {
		t.Errorf("got %v %q %v, asked %d times", res, text, err, asked)
	}
	if fmt.Sprint(bodies) != "[once more once more]" || fmt.Sprint(tokens) != "[Bearer old Bearer new-token-of-the-refresh]" {
		t.Errorf("the server saw %v %v", bodies, tokens)
	}
}

func TestChallengeIsAskedTwiceAndOnlyAtHome(t *testing.T) {
	denied := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(401)
		fmt.Fprint(w, "denied")
	})
	away := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, denied.String(), 302) })
	hop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/401" {
			http.Redirect(w, r, "/401", 302)
			return
		}
		w.WriteHeader(401)
		fmt.Fprint(w, "denied")
	})
	for _, c := range []struct {
		name  string
		u     string
		again bool
		asked int
	}{
		{"no", denied.String(), false, 1}, {"yes, in vain", denied.String(), true, 2},
		{"another origin", away.String(), true, 0}, {"after a redirect at home", hop.String(), true, 2},
	} {
		asked := 0
		call := bearer(parse(t, c.u))
		call.Challenge = func(context.Context, *http.Response) (bool, error) { asked++; return c.again, nil }
		res, text, err := fetch(t, client(t, egress.Limits{}), call)
		if err != nil || res.StatusCode != 401 || text != "denied" || asked != c.asked {
			t.Errorf("%s: got %v %q %v, asked %d times", c.name, res, text, err, asked)
		}
	}
	call := bearer(denied)
	call.Challenge = func(context.Context, *http.Response) (bool, error) {
		return true, host.Errorf(host.NeedsAuth, "dead")
	}
	_, _, err := fetch(t, client(t, egress.Limits{}), call)
	want(t, err, host.NeedsAuth, "dead")
}

func TestUTF16IsMasked(t *testing.T) {
	text := "größer 😀 " + canary + " end"
	encode := func(order binary.AppendByteOrder, mark bool) string {
		var b []byte
		if mark {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return string(b)
	}
	masked := strings.ReplaceAll(text, canary, host.Mask)
	for _, c := range []struct{ kind, body, want, become string }{
		{"text/csv; charset=UTF-16", encode(binary.BigEndian, false), masked, "text/csv; charset=utf-8"},
		{"text/csv; charset=UTF-16", encode(binary.LittleEndian, true), masked, "text/csv; charset=utf-8"},
		{`text/xml; charset="utf-16le"`, encode(binary.LittleEndian, false), masked, "text/xml; charset=utf-8"},
		{"text/plain", encode(binary.LittleEndian, true), masked, "text/plain"},
		{"text/plain", encode(binary.BigEndian, true), masked, "text/plain"},
		{"text/plain; charset=utf-16be", "\x00a\xd8\x3d\x00b\x00", "a\ufffdb\ufffd", "text/plain; charset=utf-8"},
		{"text/plain", "a", "a", "text/plain"},
		{"text/plain", "\xff\xfe", "", "text/plain"},
		{"text/plain", "\xff", "\xff", "text/plain"}, // half a mark is none
		{"text/plain", "\xfeb", "\xfeb", "text/plain"},
	} {
		u := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			for i := range len(c.body) {
				fmt.Fprint(w, c.body[i:i+1])
				if i%7 == 0 {
					w.(http.Flusher).Flush()
				}
			}
		})
		res, got, err := fetch(t, client(t, egress.Limits{}), host.Call{URL: u, Redactor: redactor()})
		if err != nil || got != c.want || res.Header.Get("Content-Type") != c.become {
			t.Errorf("%s: got %q, %q, %v", c.kind, got, res.Header.Get("Content-Type"), err)
		}
	}
}

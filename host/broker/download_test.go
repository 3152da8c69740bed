package broker_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/plugins/abi"
)

// A shop serves connectors, over https.
type shop struct {
	*httptest.Server
	seen []*http.Request
}

func newShop(w *world, files map[string]http.HandlerFunc) *shop {
	s := &shop{}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s.seen = append(s.seen, r)
		if serve, ok := files[r.URL.Path]; ok {
			serve(rw, r)
			return
		}
		http.NotFound(rw, r)
	}))
	w.t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	opening, err := egress.ParseOpening("127.0.0.1/32")
	w.must(err)
	out := egress.New(egress.Options{AllowCIDR: []egress.Opening{opening}, RootCAs: pool})
	w.t.Cleanup(func() { _ = out.Close() })
	w.Egress = out
	return s
}

func serve(data []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/wasm")
		_, _ = rw.Write(data)
	}
}

func sendTo(location string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", location)
		rw.WriteHeader(http.StatusFound)
	}
}

func TestDownload(t *testing.T) {
	w := newWorld(t, t.TempDir())
	good := file(t, w.keyed())
	plain := httptest.NewServer(serve(good))
	t.Cleanup(plain.Close)
	s := newShop(w, map[string]http.HandlerFunc{
		"/good.wasm": serve(good),
		"/moved":     sendTo("/good.wasm"),
		"/to-http":   sendTo(plain.URL + "/good.wasm"),
		"/to-user":   sendTo("https://ada:secret@evil.test/"),
		"/loop":      sendTo("/loop"),
		"/nowhere":   sendTo("http://[::bad"),
		"/page": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprint(rw, "<!doctype html><p>sign in")
		},
		"/typeless": serve([]byte("\n <html>")),
		"/large":    serve(append(bytes.Clone(good), make([]byte, abi.MaxFile)...)),
		"/endless": func(rw http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"/broken": func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) },
	})
	for _, path := range []string{"/good.wasm", "/moved", "/good.wasm?token=hunter2#part"} {
		got, err := w.Download(w.ctx, w.admin, s.URL+path)
		if err != nil || !bytes.Equal(got.File, good) || got.Signature != nil || strings.Contains(got.Source, "hunter2") {
			t.Errorf("%s: %q, %d bytes, %v", path, got.Source, len(got.File), err)
		}
	}
	if got, err := w.Download(w.ctx, w.admin, plain.URL+"/x"); err != nil || !bytes.Equal(got.File, good) {
		t.Errorf("http to what is opened: %v", err)
	}
	for path, c := range map[string]struct {
		code host.Code
		want string
	}{
		"/none":     {host.NotFound, "there is no file at " + s.URL + "/none"},
		"/to-http":  {host.Refused, "sends on from https to http"},
		"/to-user":  {host.Unavailable, "not a URL"},
		"/loop":     {host.Unavailable, "sends every request on"},
		"/nowhere":  {host.Unavailable, "not a URL"},
		"/page":     {host.Unavailable, "a web page and not"},
		"/typeless": {host.Unavailable, "a web page and not"},
		"/large":    {host.Refused, "larger than 8 MB"},
		"/endless":  {host.Refused, "larger than 8 MB"},
		"/broken":   {host.Unavailable, "answered 502"},
	} {
		_, err := w.Download(w.ctx, w.admin, s.URL+path)
		wantCode(t, err, c.code, c.want)
	}
	for _, r := range s.seen {
		if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || r.Method != http.MethodGet {
			t.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
		}
	}
	_, err := w.Download(w.ctx, w.user("grace"), s.URL+"/good.wasm")
	wantCode(t, err, host.NotAllowed, "may not manage connectors")
}

func TestDownloadAddresses(t *testing.T) {
	w := newWorld(t, t.TempDir())
	closed := egress.New(egress.Options{})
	t.Cleanup(func() { _ = closed.Close() })
	w.Egress = closed
	for address, c := range map[string]struct {
		code host.Code
		want string
	}{
		"http://93.184.215.14/x.wasm":       {host.Refused, "not fetched from 93.184.215.14 over plain http"},
		"http://127.0.0.1/x.wasm":           {host.Refused, "over plain http"},
		"https://127.0.0.1/x.wasm":          {host.Refused, "private or special address"},
		"https://169.254.169.254/x":         {host.Refused, "private or special address"},
		"https://ada:secret@acme.test/x":    {host.Usage, "not a URL"},
		"https:///x.wasm":                   {host.Usage, "not a URL"},
		"ftp://acme.test/x.wasm":            {host.Refused, "only http and https"},
		"https://acme.test:99999999/x.wasm": {host.Refused, "is not a port"},
	} {
		_, err := w.Download(w.ctx, w.admin, address)
		wantCode(t, err, c.code, c.want)
		if err != nil && strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: the error quotes the password: %v", address, err)
		}
	}
}

// With trusted keys the signature is fetched from beside the file.
func TestDownloadedSignature(t *testing.T) {
	w := newWorld(t, t.TempDir())
	k, err := abi.NewPrivateKey(strings.NewReader(strings.Repeat("k", 32)))
	w.must(err)
	good := file(t, w.keyed())
	s := newShop(w, map[string]http.HandlerFunc{
		"/signed.wasm": serve(good), "/signed.wasm.sig": serve(k.Sign(good).Encode()),
		"/bare.wasm": serve(good),
		"/odd.wasm":  serve(good), "/odd.wasm.sig": serve(make([]byte, abi.MaxSignature+1)),
	})
	w.TrustedKeys = map[string]abi.PublicKey{"ours": k.Public()}
	got, err := w.Download(w.ctx, w.admin, s.URL+"/signed.wasm?v=1")
	if err != nil || !bytes.Equal(got.Signature, k.Sign(good).Encode()) {
		t.Errorf("signed: %q, %v", got.Signature, err)
	}
	if last := s.seen[len(s.seen)-1]; last.URL.String() != "/signed.wasm.sig?v=1" {
		t.Errorf("the signature was asked for at %s", last.URL)
	}
	got, err = w.Download(w.ctx, w.admin, s.URL+"/bare.wasm")
	if err != nil || got.Signature != nil {
		t.Errorf("unsigned: %q, %v", got.Signature, err)
	}
	_, err = w.Download(w.ctx, w.admin, s.URL+"/odd.wasm")
	wantCode(t, err, host.Refused, "larger than 4 KB")
}

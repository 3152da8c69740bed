package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/connhost/connhost/plugins/abi"
)

// serve serves a folder at $SITE, which $CONNHOST_ALLOW_CIDR opens too. It has
// more than is in the folder: /page is a web page, /large has no end that a
// plugin could have, /moved/X sends on to X.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	files := http.FileServer(http.Dir(ts.MkAbs(args[0])))
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch to, moved := strings.CutPrefix(r.URL.Path, "/moved"); {
		case r.URL.Path == "/page":
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprint(w, "<!doctype html><title>Sign in</title>")
		case r.URL.Path == "/large":
			_, _ = w.Write(make([]byte, abi.MaxFile+1))
		case moved:
			http.Redirect(w, r, to, http.StatusFound)
		default:
			files.ServeHTTP(w, r)
		}
	}))
	ts.Defer(site.Close)
	addr := strings.TrimPrefix(site.URL, "http://")
	ts.Setenv("SITE", site.URL)
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+",127.0.0.1/32:"+portOf(addr))
}

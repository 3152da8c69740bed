package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// receive is a webhook at $HOOK, which $CONNHOST_ALLOW_CIDR opens too: it writes
// every request into a file and answers with the statuses given, the last for
// ever.
func receive(ts *testscript.TestScript, _ bool, args []string) {
	path, statuses := ts.MkAbs(args[0]), args[1:]
	ts.Check(os.WriteFile(path, nil, 0o600))
	var one sync.Mutex
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one.Lock()
		defer one.Unlock()
		body, _ := io.ReadAll(r.Body)
		if f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0); err == nil {
			fmt.Fprintf(f, "%s %s\nid: %s\nat: %s\nsignature: %s\n%s\n\n", r.Method, r.URL.Path, r.Header.Get("webhook-id"),
				r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature"), body)
			_ = f.Close()
		}
		status, _ := strconv.Atoi(statuses[0])
		if len(statuses) > 1 {
			statuses = statuses[1:]
		}
		w.WriteHeader(status)
	}))
	ts.Defer(hook.Close)
	ts.Setenv("HOOK", hook.URL)
	ts.Setenv("CONNHOST_ALLOW_CIDR", ts.Getenv("CONNHOST_ALLOW_CIDR")+",127.0.0.1/32:"+portOf(strings.TrimPrefix(hook.URL, "http://")))
}

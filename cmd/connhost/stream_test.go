package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A gigabyte goes up from a file, from standard input and in a form, and comes
// down into a file, and the process does not grow with it.
func TestGigabyteAtFlatMemory(t *testing.T) {
	size := int64(64 << 20)
	if os.Getenv("CONNHOST_PEERS") == "1" {
		size = 1 << 30
	}
	chunk := bytes.Repeat([]byte("tea and cake, "), 1<<20/14)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost {
			fmt.Fprintf(w, "%d bytes, %v", n, err)
			return
		}
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		for left := size; left > 0; left -= int64(len(chunk)) {
			_, _ = w.Write(chunk[:min(left, int64(len(chunk)))])
		}
	}))
	defer srv.Close()
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	f, err := os.Create(big)
	if err == nil {
		err = f.Truncate(size)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	connect := streamHome(t, dir, srv.Listener.Addr().String())
	for name, c := range map[string]struct {
		in   io.Reader
		args []string
		want string
		file string
	}{
		"a file":         {nil, []string{"/up", "-d", "@" + big}, fmt.Sprintf("%d bytes, <nil>", size), ""},
		"standard input": {io.LimitReader(zeros{}, size), []string{"/up", "-d", "@-"}, fmt.Sprintf("%d bytes, <nil>", size), ""},
		"a form":         {nil, []string{"/up", "-F", "x=@" + big}, " bytes, <nil>", ""},
		"a download":     {nil, []string{"/down?type=application/zip", "-o", filepath.Join(dir, "got")}, "", filepath.Join(dir, "got")},
		"a text":         {nil, []string{"/down?type=text/plain", "-o", filepath.Join(dir, "text")}, "", filepath.Join(dir, "text")},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			out := connect(c.in, append([]string{"invoke", "-c", "header_connection", "--limit", "download=2GB", "--limit", "response_time=5m"}, c.args...)...)
			runtime.ReadMemStats(&after)
			if grown := int64(after.Sys) - int64(before.Sys); grown > 32<<20 {
				t.Errorf("memory grew by %d", grown)
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("got %q, want %s", out, c.want)
			}
			if c.file != "" {
				if info, err := os.Stat(c.file); err != nil || info.Size() != size {
					t.Errorf("%v, %v", info, err)
				}
				_ = os.Remove(c.file)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// streamHome makes a home with a connection to a server, and gives what runs a
// command in it, in this process.
func streamHome(t *testing.T, dir, server string) func(in io.Reader, args ...string) string {
	t.Helper()
	command := func(in io.Reader, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if in == nil {
			in = strings.NewReader("")
		}
		sys := &system{
			in: in, out: &outlet{w: &out}, err: &errs, userName: "Root", dataDir: filepath.Join(dir, "data"), configDir: filepath.Join(dir, "config"),
			getenv: func(name string) string {
				return map[string]string{"CONNHOST_ALLOW_CIDR": "127.0.0.1/32", "SECRET": "correct-horse-battery"}[name]
			},
		}
		if code := execute(t.Context(), sys, args); code != 0 {
			t.Fatalf("%v: exit status %d: %s%s", args, code, out.String(), errs.String())
		}
		return out.String()
	}
	manifest := fmt.Sprintf("connhost: 1\nid: header\nname: Header\nversion: 1.0.0\nauth: {type: api_key, name: X-Api-Key}\nbase_url: http://%s\n", server)
	if err := os.WriteFile(filepath.Join(dir, "connector.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	command(nil, "connector", "install", dir)
	command(nil, "connection", "create", "header")
	command(nil, "connection", "authorize", "header_connection", "--secret-env", "key=SECRET")
	return command
}

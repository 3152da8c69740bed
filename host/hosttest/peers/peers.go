// Package peers starts real servers that nobody here wrote, on 127.0.0.1, for
// tests. With CONNHOST_PEERS=1, as .ci/run sets it, a peer that cannot be had
// fails the test; without it the test is skipped and says why.
package peers

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// HTTPBin starts go-httpbin and gives its URL, such as http://127.0.0.1:41234.
func HTTPBin(t testing.TB) string {
	t.Helper()
	wanted(t)
	program := goTool(t, "github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@v2.26.0", "go-httpbin")
	addr := freeAddr(t)
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(program, "-host", name, "-port", port))
	url := "http://" + addr
	awaitHTTP(t, url+"/status/200")
	return url
}

// OAuth1 starts an OAuth 1.0a service on Debian's python3-oauthlib and gives its
// URL. testdata/oauth1.py tells its clients and paths.
func OAuth1(t testing.TB) string {
	t.Helper()
	wanted(t)
	_, here, _, _ := runtime.Caller(0)
	addr := freeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("/usr/bin/python3", "-c", "import oauthlib").CombinedOutput(); err != nil {
		t.Fatalf("the peer oauthlib cannot be had: %v\n%s", err, out)
	}
	start(t, exec.Command("/usr/bin/python3", filepath.Join(filepath.Dir(here), "testdata", "oauth1.py"), port))
	awaitHTTP(t, "http://"+addr+"/log")
	return "http://" + addr
}

// Mailpit starts mailpit, a mail server that keeps what it gets, and gives the
// address for SMTP and the URL of its API. Only this
// user may log in.
func Mailpit(t testing.TB, user, password string) (smtp, api string) {
	t.Helper()
	wanted(t)
	program := goTool(t, "github.com/axllent/mailpit@v1.33.1", "mailpit")
	smtp, web := freeAddr(t), freeAddr(t)
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte(user+":"+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(program, "--smtp", smtp, "--listen", web, "--quiet", "--disable-version-check",
		"--database", filepath.Join(t.TempDir(), "mails.db"), "--smtp-auth-file", file, "--smtp-auth-allow-insecure"))
	awaitHTTP(t, "http://"+web+"/readyz")
	return smtp, "http://" + web + "/api/v1"
}

// wanted skips the test unless peers are to be used.
func wanted(t testing.TB) {
	t.Helper()
	if os.Getenv("CONNHOST_PEERS") != "1" {
		t.Skip("needs a real server: set CONNHOST_PEERS=1 to start it")
	}
}

// goTool installs a Go program at an exact version into a folder of the test's
// own; the build cache makes the second time quick.
func goTool(t testing.TB, pkg, name string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "install", pkg)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=-buildvcs=false")
	cmd.Dir = dir // outside this module
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the peer %s cannot be had: %v\n%s", pkg, err, out)
	}
	return filepath.Join(dir, name)
}

// start runs a server until the test ends.
func start(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// freeAddr is an address that nobody listens at.
func freeAddr(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// awaitHTTP waits until a URL answers.
func awaitHTTP(t testing.TB, url string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("%s does not answer", url)
}

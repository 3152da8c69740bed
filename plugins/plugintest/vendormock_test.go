package plugintest_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/hosttest/described"
	"github.com/connhost/connhost/host/hosttest/peers"
)

// mock sends deeds to a server that is made of their operations.
func (v vendor) mock(t *testing.T, d *described.Description, list []deed, used map[pardon]bool) {
	var ops []described.Operation
	for _, one := range list {
		ops = append(ops, one.op)
	}
	text, err := d.Cut(ops, cmp.Or(v.Deep, 4))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cut.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	server := peers.Prism(t, file)
	for _, one := range list {
		v.tell(t, one, refusals(t, server, one), used)
	}
}

// refusals are what a mock server says against a deed; none where it takes it.
func refusals(t *testing.T, server string, one deed) (faults []string) {
	t.Helper()
	target := server + one.below + "?" + one.request.URL.RawQuery
	req, err := http.NewRequestWithContext(t.Context(), one.request.Method, target, bytes.NewReader(one.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = one.request.Header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusMultipleChoices {
		return nil
	}
	var problem struct {
		Detail     string
		Validation []struct {
			Location []string
			Message  string
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil {
		t.Fatalf("%s: the mock server answered %d: %v", one, resp.StatusCode, err)
	}
	for _, f := range problem.Validation {
		faults = append(faults, strings.Join(f.Location, "/")+": "+f.Message)
	}
	if faults == nil {
		faults = []string{fmt.Sprint(resp.StatusCode, " ", problem.Detail)}
	}
	return faults
}

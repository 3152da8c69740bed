package broker_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// What a service tells to choose from goes into URLs and headers, so nothing of
// it may be a secret or stand for one; and a choice leads nowhere that was not
// agreed to.
func TestChoiceOfAHostileService(t *testing.T) {
	sites := ""
	var asked []string
	addr := service(t, func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path == "/v1/sites" {
			_, _ = io.WriteString(rw, sites)
		}
	})
	w := newWorld(t, t.TempDir())
	link := w.create(abi.Manifest{
		Connhost: 1, ID: "sites", Name: "Sites", Version: "1.0.0", BaseURL: "http://" + addr + "/v1", Auth: abi.Auth{Type: abi.AuthAPIKey, Name: "X-Key"},
		Choose: &abi.Choose{Request: abi.Request{Path: "/sites"}, What: "site", Key: "/id", Values: map[string]string{"site": "/site"}},
		Test:   &abi.Request{Path: "/{site}/me"},
	}, broker.CreateRequest{Connector: "sites", Name: "sites"}).LinkName
	authorize := func(answer string) broker.Authorized {
		t.Helper()
		sites, asked = answer, nil
		got, err := w.Authorize(w.ctx, w.admin, broker.AuthorizeRequest{Connection: link, Environment: host.Development, Secrets: map[string]host.Secret{"key": host.NewSecret(servedKey)}})
		w.must(err)
		return got
	}
	for answer, warning := range map[string]string{
		`[{"id":"a","site":"` + servedKey + `"}]`: `what the service gave for "site" holds a secret`,
		`[{"id":"a","site":"{{secret:key}}"}]`:    `what the service gave for "site" holds {{secret:`,
		`{"sites":[]}`:                            "its answer is another than connector",
		`[]`:                                      "the account has no site",
		`[{"id":"a"}]`:                            "the account has no site",
		strings.Repeat("[", 20000):                "its answer is another than connector",
		`[{"id":"a","site":"x"},{"id":"b","site":"` + servedKey + `"}]`: "",
	} {
		got := authorize(answer)
		if !strings.Contains(got.Warning, warning) || warning == "" && got.Warning != "" || got.Authorization.Chosen.Key != "" {
			t.Errorf("%.60s: warning %q, chosen %v", answer, got.Warning, got.Authorization.Chosen)
		}
		if strings.Contains(got.Warning, servedKey) {
			t.Errorf("%.60s: the warning tells the secret", answer)
		}
		_, err := w.Test(w.ctx, w.admin, host.Development, link)
		wantCode(t, err, host.NeedsAuth, `nobody has chosen the site that connection "sites" is used with`)
	}
	authorize(`[{"id":"a","site":"x"},{"id":"b","site":"` + servedKey + `"}]`)
	_, err := w.Choose(w.ctx, w.admin, host.Development, link, "b")
	wantCode(t, err, host.Failed, "holds a secret")
	if _, err := w.Choose(w.ctx, w.admin, host.Development, link, "a"); err != nil {
		t.Fatal(err)
	}
	tested, err := w.Test(w.ctx, w.admin, host.Development, link)
	if err != nil || !tested.OK {
		t.Fatal(tested, err)
	}

	// what stands in a path climbs nowhere, and the rest is escaped
	for value, want := range map[string]string{"..": "", "x/../../admin": "/v1/x/../../admin/me", "a?b#c": "/v1/a?b#c/me"} {
		authorize(`[{"id":"` + value + `","site":"` + value + `"}]`)
		asked = nil
		_, err := w.Test(w.ctx, w.admin, host.Development, link)
		if got := strings.Join(asked, " "); got != want || (want == "") != (err != nil) {
			t.Errorf("%s: asked %q, %v", value, got, err)
		}
	}
}

package broker_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// Each part of a call is told with where it comes from, no secret is shown, and
// nothing is sent.
func TestExplain(t *testing.T) {
	w := newWorld(t, t.TempDir())
	asked := 0
	srv := service(t, func(http.ResponseWriter, *http.Request) { asked++ })
	link := w.served(srv, func(m *abi.Manifest) {
		m.Auth.Also = []abi.Placement{{In: abi.InQuery, Name: "app", Value: "pin"}, {In: abi.InForm, Name: "again", Value: "{key}"}}
	})
	got, err := w.Explain(w.ctx, w.admin, host.Development, broker.InvokeRequest{
		Connection: link, Method: "POST", URL: "/items?q=1", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Body: text("a=1"), ContentLength: 3,
	})
	w.must(err)
	shown := fmt.Sprintf("%+v", got)
	for _, want := range []string{
		"{Kind:url Name: Value:http://" + srv + "/v1/items From:command below base_url of the manifest}",
		"{Kind:query Name:app Value:[redacted] From:credential (api_key)}", "{Kind:query Name:q Value:1 From:command}",
		"{Kind:header Name:X-Key Value:[redacted] From:credential (api_key)}", "{Kind:header Name:User-Agent Value:connhost/dev From:host}",
		"{Kind:header Name:Content-Type Value:application/x-www-form-urlencoded From:command}",
		"{Kind:form Name:a Value:1 From:command}", "{Kind:form Name:again Value:[redacted] From:credential (api_key)}",
		"URL:http://" + srv + "/v1/items?app=[redacted]&q=1",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is missing in %s", want, shown)
		}
	}
	if strings.Contains(shown, servedKey) || strings.Contains(shown, "pin") || asked > 0 {
		t.Errorf("%d requests, %s", asked, shown)
	}
	_, err = w.Explain(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, URL: "https://stranger.test/"})
	wantCode(t, err, host.Refused, "is not a host of this connector")
	got, err = w.Explain(w.ctx, w.admin, host.Development, broker.InvokeRequest{URL: "https://stranger.test/x"})
	if err != nil || got.URL != "https://stranger.test/x" {
		t.Errorf("%+v, %v", got, err)
	}
}

package lab_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// Every way to the next page leads through all of them, with a credential in the
// query as well.
func TestPages(t *testing.T) {
	for name, page := range map[string]string{
		"link header":  "{next: \"header:/Link\", items: /items}",
		"next":         "{next: /links/next, items: /data}",
		"next header":  "{next: \"header:/X-Next\"}",
		"cursor":       "{cursor: /meta/next, parameter: after, items: /data/list, more: /meta/more}",
		"cursor there": "{cursor: \"header:/X-Cursor\", parameter: after}",
		"offset":       "{offset: skip, limit: take, size: 3, items: /data}",
		"last":         "{last: /id, parameter: after, items: /data, more: /has_more}",
		"last inside":  "{last: /meta/key, parameter: after, size: 3, limit: take}",
		"from 0":       "{number: page, first: 0, size: 3, items: /data}",
		"whole list":   "{offset: skip, size: 3}",
		"number":       "{number: page, size: 3, items: /data, more: /more}",
		"from 2":       "{number: page, first: 2, size: 3, items: /data}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := authorized(t, `auth: {type: api_key, in: query, name: key}
base_url: https://api.acme.example/v1
test: {path: /me}
page: `+page+`
actions:
  - {name: list, path: /items, query: {shelf: "{shelf}"}, parameters: [{key: shelf}], page: `+page+`}
`)
			pages, err := r.act("list", true, `{"shelf":"a b"}`)
			if err != nil || len(pages) != 3 || strings.Count(strings.Join(pages, ""), `"id":"itm_`) < 5 {
				t.Errorf("%d pages: %q, %v", len(pages), pages, err)
			}
			if text := strings.Join(pages, ""); strings.Contains(text, "lab-key-") {
				t.Errorf("the credential stands in the answer: %s", text)
			}
			n := 0
			err = r.InvokeAll(r.ctx, r.admin, host.Development, broker.InvokeRequest{Connection: r.link, URL: "/others"}, 0, func(p broker.Page) error {
				n++
				return p.Response.Body.Close()
			})
			if err != nil || n != 3 {
				t.Errorf("%d pages of a call, %v%s", n, err, r.seen())
			}
		})
	}
}

// A page that was never told of is none.
func TestUnknownPage(t *testing.T) {
	r := authorized(t, "auth: {type: bearer}\nbase_url: https://api.acme.example/v1\npage: {cursor: /next, parameter: after}\n")
	status, body, err := r.get("/items?after=made-up")
	if status != 400 || !strings.Contains(body, "unknown_page") || err != nil {
		t.Errorf("%d %s, %v", status, body, err)
	}
}

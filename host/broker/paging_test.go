package broker_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// pagesOf is a service that has the items 1 to 7, three on a page, in every way
// in which services page.
func pagesOf(t *testing.T, asked *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != servedKey {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		q := r.URL.Query()
		var sent map[string]any
		if r.Method == http.MethodPost {
			_ = json.NewDecoder(r.Body).Decode(&sent)
			for name, v := range sent {
				if _, text := v.(string); text == slices.Contains([]string{"limit", "offset", "page", "number", "after"}, name) {
					t.Errorf("%s is %#v", name, v) // numbers are numbers, and texts are texts
				}
				q.Set(name, fmt.Sprint(v))
			}
		}
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI())
		size, from := 3, 0
		_, _ = fmt.Sscan(q.Get("limit"), &size)
		number := 0
		switch {
		case q.Has("page"):
			_, _ = fmt.Sscan(q.Get("page"), &number)
			from = (number - 1) * size
		case q.Has("offset"):
			_, _ = fmt.Sscan(q.Get("offset"), &from)
		case q.Has("from0"):
			_, _ = fmt.Sscan(q.Get("from0"), &number)
			from = number * size
		case q.Has("after"):
			_, _ = fmt.Sscan(q.Get("after"), &from)
		case q.Has("number"):
			_, _ = fmt.Sscan(q.Get("number"), &from)
		case q.Has("cursor"):
			_, _ = fmt.Sscan(strings.TrimPrefix(q.Get("cursor"), "c+&"), &from)
		}
		items, rows := []int{}, []map[string]int{}
		for i := from; i < min(from+size, 7); i++ {
			items, rows = append(items, i+1), append(rows, map[string]int{"id": i + 1})
		}
		doc := map[string]any{"items": items, "rows": rows, "more": from+size < 7}
		if to := from + size; to < 7 {
			doc["cursor"], doc["number"] = fmt.Sprintf("c+&%d", to), to
			doc["next"] = fmt.Sprintf("http://%s/v1/x?a={b}&offset=%d", r.Host, to)
			doc["relative"] = fmt.Sprintf("?offset=%d", to)
			w.Header().Add("Link", `<http://other.test/>; rel="prev"`)
			w.Header().Add("Link", fmt.Sprintf(`<x?offset=0>; rel=first, <x?offset=%d>; title="next, please"; rel="last next"`, to))
			w.Header().Set("X-Next", fmt.Sprint("c+&", to))
		}
		switch q.Get("evil") {
		case "stranger":
			doc["next"] = "https://stranger.test/x"
		case "secret":
			doc["cursor"] = "{{secret:key}}"
		case "same":
			doc["cursor"], doc["next"] = "c+&0", "http://"+r.Host+"/v1/x?evil=same"
		case "endless":
			doc["next"] = fmt.Sprintf("http://%s/v1/x?evil=endless&offset=%d", r.Host, from+size)
		case "garbage":
			doc["next"] = "http://%zz"
		}
		_ = json.NewEncoder(w).Encode(doc)
	}
}

func itemsOf(t *testing.T, p broker.Page) []int {
	t.Helper()
	defer p.Response.Body.Close()
	var doc struct{ Items []int }
	data, err := io.ReadAll(p.Response.Body)
	if err == nil {
		err = json.Unmarshal(data, &doc)
	}
	if err != nil {
		t.Errorf("%s: %v", data, err)
	}
	return doc.Items
}

func TestPaging(t *testing.T) {
	w := newWorld(t, t.TempDir())
	var asked []string
	addr := service(t, pagesOf(t, &asked))
	const all = "[1 2 3 4 5 6 7]"
	for i, c := range []struct {
		name, path string
		rule       *abi.Paging
		json       bool // the action has JSON
		most       int
		items      string
		asked      int
		fails      string
	}{
		{"a URL", "/x", &abi.Paging{Next: "/next"}, false, 0, all, 3, ""},
		{"a relative URL", "/x", &abi.Paging{Next: "/relative"}, false, 0, all, 3, ""},
		{"Link", "/x", &abi.Paging{Next: "header:/Link"}, false, 0, all, 3, ""},
		{"nothing declared", "/x", nil, false, 0, all, 3, ""},
		{"a cursor", "/x?limit=2", &abi.Paging{Cursor: "/cursor", Parameter: "cursor"}, false, 0, all, 4, ""},
		{"a cursor in a header", "/x", &abi.Paging{Cursor: "header:/X-Next", Parameter: "cursor"}, false, 0, all, 3, ""},
		{"an offset", "/x", &abi.Paging{Offset: "offset", Limit: "limit", Size: 4, Items: "/items"}, false, 0, all, 2, ""},
		{"an offset until nothing comes", "/x", &abi.Paging{Offset: "offset", Items: "/items"}, false, 0, all, 4, ""},
		{"an offset with more", "/x", &abi.Paging{Offset: "offset", Items: "/items", More: "/more"}, false, 0, all, 3, ""},
		{"a number", "/x", &abi.Paging{Number: "page", Items: "/items", Size: 3}, false, 0, all, 3, ""},
		{"a number from 0", "/x", &abi.Paging{Number: "from0", First: new(int), Items: "/items", Size: 3}, false, 0, all, 3, ""},
		{"from a number on", "/x?page=2", &abi.Paging{Number: "page", Items: "/items", Size: 3}, false, 0, "[4 5 6 7]", 2, ""},
		{"after the last item", "/x", &abi.Paging{Last: "/id", Parameter: "after", Items: "/rows", More: "/more"}, false, 0, all, 3, ""},
		{"after the last item until nothing comes", "/x?limit=4", &abi.Paging{Last: "/id", Parameter: "after", Items: "/rows"}, false, 0, all, 3, ""},
		{"after the last of a full page", "/x", &abi.Paging{Last: "/id", Parameter: "after", Items: "/rows", Limit: "limit", Size: 4}, true, 0, all, 2, ""},
		{"after an item without an id", "/x", &abi.Paging{Last: "/key", Parameter: "after", Items: "/rows"}, false, 0, "[1 2 3]", 1, "the last item of page 1 has no text"},
		{"in JSON", "/x", &abi.Paging{Cursor: "/cursor", Parameter: "cursor", Limit: "limit", Size: 5}, true, 0, all, 2, ""},
		{"a number in JSON", "/x", &abi.Paging{Number: "page", Items: "/items", Size: 3}, true, 0, all, 3, ""},
		{"an offset in JSON", "/x", &abi.Paging{Offset: "offset", Items: "/items", Limit: "limit", Size: 3}, true, 0, all, 3, ""},
		{"a cursor that is a number", "/x", &abi.Paging{Cursor: "/number", Parameter: "number"}, true, 0, all, 3, ""},
		{"two pages", "/x", &abi.Paging{Next: "/next"}, false, 2, "[1 2 3 4 5 6]", 2, ""},
		{"more than declared", "/x", &abi.Paging{Next: "/next", Max: 2}, false, 0, "[1 2 3 4 5 6]", 2, "has more than 2 pages"},
		{"to a stranger", "/x?evil=stranger", &abi.Paging{Next: "/next"}, false, 0, "[1 2 3]", 1, "is not a host of this connector"},
		{"to a secret", "/x?evil=secret", &abi.Paging{Cursor: "/cursor", Parameter: "cursor"}, false, 0, "[1 2 3]", 1, "stands for a secret"},
		{"in a circle", "/x?evil=same", &abi.Paging{Next: "/next"}, false, 0, "[1 2 3 1 2 3]", 2, "leads to itself"},
		{"always a next one, until it is empty", "/x?evil=endless", &abi.Paging{Next: "/next", Items: "/items"}, false, 0, all, 4, ""},
		{"nowhere", "/x?evil=garbage", &abi.Paging{Next: "/next"}, false, 0, "[1 2 3]", 1, "not a URL"},
		{"no list", "/x", &abi.Paging{Offset: "offset"}, false, 0, "[1 2 3]", 1, "has no list of items"},
	} {
		path, query, _ := strings.Cut(c.path, "?")
		a := abi.Action{Name: "list", Request: abi.Request{Path: path, Query: map[string]string{}}}
		if name, value, ok := strings.Cut(query, "="); ok {
			a.Query[name] = value
		}
		if c.json {
			a.Method, a.JSON = "POST", abi.BodyOf(map[string]string{"q": "x"})
		}
		link := w.served(addr, func(m *abi.Manifest) { m.ID, m.Page, m.Actions = fmt.Sprint("p", i), c.rule, []abi.Action{a} })
		_, err := w.Publish(w.ctx, w.admin, fmt.Sprint("p", i), "")
		w.must(err)
		allow(w, fmt.Sprint("p", i))
		hold := func(how string, each func(func(broker.Page) error) error) {
			t.Helper()
			asked = nil
			items := []int{}
			err := each(func(p broker.Page) error { items = append(items, itemsOf(t, p)...); return nil })
			if fmt.Sprint(items) != c.items || len(asked) != c.asked || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s, %s: %v of %v, %v", c.name, how, items, asked, err)
			}
		}
		hold("action", func(f func(broker.Page) error) error {
			return w.Act(w.ctx, w.admin, host.Development, broker.ActionRequest{Connection: link, Action: "list", All: true, Most: c.most}, f)
		})
		if !c.json {
			hold("invoke", func(f func(broker.Page) error) error {
				return w.InvokeAll(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: link, URL: c.path}, c.most, f)
			})
		}
	}
	err := w.InvokeAll(w.ctx, w.admin, host.Development, broker.InvokeRequest{Connection: "p0", Method: "POST", URL: "/x"}, 0, nil)
	wantCode(t, err, host.Usage, "only the pages of a GET")
	err = w.InvokeAll(w.ctx, w.admin, host.Development, broker.InvokeRequest{URL: "https://a.test/"}, 0, nil)
	wantCode(t, err, host.Usage, "through a connection")
}

// allow lets the actions of a connector be done.
func allow(w *world, id string) {
	w.t.Helper()
	list, err := w.Connectors(w.ctx, w.admin)
	w.must(err)
	for _, c := range list {
		if c.ID == id {
			_, err = w.AllowActions(w.ctx, w.admin, c.Hash)
			w.must(err)
		}
	}
}

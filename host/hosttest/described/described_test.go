package described_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/connhost/connhost/host/hosttest/described"
)

const shop = `
openapi: 3.0.0
info: {title: Shop, version: "1"}
servers: [{url: "https://{region}.shop.test/v1"}]
paths:
  /orders:
    get:
      security: [{people: [orders.read]}]
      parameters:
        - {in: query, name: shelf, required: true, schema: {type: string, enum: [tea, coffee]}}
        - {$ref: "#/paths/~1orders~1{id}/get/parameters/0"}
    post:
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Order"}}
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Order"}}
  /orders/{id}:
    parameters: [{in: path, name: id, required: true, schema: {type: string, example: ord_7}}]
    get:
      parameters: [{in: query, name: "expand[]", schema: {type: array, items: {type: string}}}]
components:
  securitySchemes:
    people: {type: oauth2, flows: {authorizationCode: {scopes: {orders.read: See orders}}}}
    key: {type: apiKey, in: query, name: api_key}
  schemas:
    Order:
      allOf:
        - {type: object, required: [name], properties: {name: {type: string, minLength: 8}, parent: {$ref: "#/components/schemas/Order"}}}
        - {type: object, properties: {items: {type: array, items: {type: object, properties: {sku: {type: string}}}}}}
    Unused: {type: object}
`

func read(t *testing.T) *described.Description {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, []byte(shop), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := described.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFaults(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	d := read(t)
	for _, c := range []struct{ method, url, kind, body, want string }{
		{"GET", "/v1/orders?shelf=tea&expand[]=items&api_key=k", "", "", ""},
		{"GET", "/v1/orders", "", "", `the query needs "shelf"`},
		{"GET", "/v1/orders?shelf=tea&self=1", "", "", `the query has no "self"`},
		{"GET", "/v1/orders/7", "", "", ""},
		{"GET", "/v1/order", "", "", "there is no operation"},
		{"PUT", "/v1/orders/7", "", "", "there is no operation"},
		{"POST", "/v1/orders", "application/json", `{"name":"Teapot","items":[{"sku":"t1"}],"parent":{"name":"Set"}}`, ""},
		{"POST", "/v1/orders", "application/json", `{"parent":{}}`, `the body needs "name"; the body/parent needs "name"`},
		{"POST", "/v1/orders", "application/json", `{"name":"Teapot","items":[{"sku":"t1"},{"skew":"t1"}]}`, `the body/items/1 has no "skew"`},
		{"POST", "/v1/orders", form, "name=Teapot&items[0][sku]=t1", ""},
		{"POST", "/v1/orders", form, "nam=Teapot", `the body has no "nam"; the body needs "name"`},
		{"POST", "/v1/orders", "text/plain", "Teapot", "it takes no body of text/plain"},
		{"POST", "/v1/orders", "", "", "it needs a body"},
	} {
		u, err := url.Parse("https://eu.shop.test" + c.url)
		if err != nil {
			t.Fatal(err)
		}
		got := "there is no operation"
		if op, _, ok := d.Find(c.method, u); ok {
			faults := op.Faults(&http.Request{URL: u, Header: http.Header{"Content-Type": {c.kind}}}, []byte(c.body))
			slices.Sort(faults)
			got = strings.Join(faults, "; ")
		}
		if got != c.want {
			t.Errorf("%s %s %s: got %q, want %q", c.method, c.url, c.body, got, c.want)
		}
	}
}

func TestWhatIsTold(t *testing.T) {
	d := read(t)
	list, below, _ := d.Find(http.MethodGet, &url.URL{Path: "/v1/orders"})
	if got := list.Scopes(); below != "/orders" || len(got) != 1 || got[0][0] != "orders.read" || !d.ScopeNames()["orders.read"] {
		t.Errorf("below %s, scopes %v", below, got)
	}
	if got := list.Sample("query", "shelf"); got != "tea" {
		t.Errorf("a shelf is %v", got)
	}
	one, _, _ := d.Find(http.MethodGet, &url.URL{Path: "/v1/orders/1"})
	if got := one.SampleOf(0); got != "ord_7" {
		t.Errorf("an id is %v", got)
	}
	post, _, _ := d.Find(http.MethodPost, &url.URL{Path: "/v1/orders"})
	if got := post.SampleMember("application/json", "parent", "name"); got != "sampless" {
		t.Errorf("a name is %v", got)
	}
	if got := d.Methods("/orders/7"); len(got) != 1 || got[0] != "GET /orders/{id}" {
		t.Errorf("got %q", got)
	}
}

// What is cut has what requests refer to, and refers to nothing that was cut away.
func TestCut(t *testing.T) {
	d := read(t)
	list, _, _ := d.Find(http.MethodGet, &url.URL{Path: "/v1/orders"})
	post, _, _ := d.Find(http.MethodPost, &url.URL{Path: "/v1/orders"})
	for _, c := range []struct {
		op         described.Operation
		has, lacks []string
	}{
		{list, []string{`"expand[]"`, `"people"`, `"enum"`}, []string{"Order", "Unused", "{id}", "region"}},
		{post, []string{`"Order"`, `"minLength"`}, []string{"Unused", "shelf"}},
	} {
		text, err := d.Cut([]described.Operation{c.op}, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s has no %s", text, want)
			}
		}
		for _, not := range c.lacks {
			if strings.Contains(string(text), not) {
				t.Errorf("%s has %s", text, not)
			}
		}
	}
}

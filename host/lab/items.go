package lab

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
)

// An item is something in stock. A price is a decimal number in JSON, which a
// reader must not turn into a binary float.
type item struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Quantity int         `json:"quantity"`
	Price    json.Number `json:"price"`
	cents    int
}

var items = []item{
	{"itm_1", "Teapot", 12, "18.50", 1850},
	{"itm_2", "Cup", 48, "4.25", 425},
	{"itm_3", "Saucer", 0, "2.10", 210},
	{"itm_4", "Kettle", 3, "64.00", 6400},
}

func findItem(id string) (item, bool) {
	for _, i := range items {
		if i.ID == id {
			return i, true
		}
	}
	return item{}, false
}

// listItems gives all items, or with limit and offset some of them and a link
// to the next (RFC 8288).
func listItems(w http.ResponseWriter, r *http.Request, _ account) {
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit < 1 {
		limit = len(items)
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	offset = min(max(offset, 0), len(items))
	end := offset + min(limit, len(items)-offset)
	if end < len(items) {
		w.Header().Set("Link", fmt.Sprintf(`<?limit=%d&offset=%d>; rel="next"`, limit, end))
	}
	succeed(w, items[offset:end])
}

// showItem says "not found" with status 200, as some services do: a respond
// hook makes an error of it.
func showItem(w http.ResponseWriter, r *http.Request, _ account) {
	if i, ok := findItem(r.PathValue("id")); ok {
		succeed(w, i)
		return
	}
	fail(w, r, http.StatusOK, "not_found")
}

// An order is what POST /orders makes. The lab keeps it while it runs and
// takes nothing from the stock, so that a script can run twice.
type order struct {
	ID       string      `json:"id"`
	Item     string      `json:"item"`
	Quantity int         `json:"quantity"`
	Total    json.Number `json:"total"`
	Account  string      `json:"account"`
}

// placeOrder takes {"item":"itm_1","quantity":2}.
func (l *Lab) placeOrder(w http.ResponseWriter, r *http.Request, a account) {
	var ask struct {
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&ask); err != nil {
		invalid(w, r, "", `the body must be JSON like {"item":"itm_1","quantity":2}`)
		return
	}
	i, ok := findItem(ask.Item)
	switch {
	case !ok:
		invalid(w, r, "item", "there is no such item")
	case ask.Quantity < 1:
		invalid(w, r, "quantity", "it must be at least 1")
	case ask.Quantity > i.Quantity:
		invalid(w, r, "quantity", fmt.Sprintf("there are only %d", i.Quantity))
	default:
		l.mu.Lock()
		o := order{fmt.Sprintf("ord_%d", len(l.orders)+1), i.ID, ask.Quantity, money(i.cents * ask.Quantity), a.ID}
		l.orders = append(l.orders, o)
		l.mu.Unlock()
		succeed(w, o)
	}
}

func (l *Lab) showOrder(w http.ResponseWriter, r *http.Request, a account) {
	l.mu.Lock()
	i := slices.IndexFunc(l.orders, func(o order) bool { return o.ID == r.PathValue("id") && o.Account == a.ID })
	var found order
	if i >= 0 {
		found = l.orders[i]
	}
	l.mu.Unlock()
	if i < 0 {
		fail(w, r, http.StatusOK, "not_found")
		return
	}
	succeed(w, found)
}

func money(cents int) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
}

func invalid(w http.ResponseWriter, r *http.Request, field, why string) {
	outcome(r, "invalid")
	writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"ok": false, "error": "invalid", "field": field, "message": why})
}

// echo gives back what it was sent, credential included: a caller who sees it
// in clear text has found a leak.
func echo(w http.ResponseWriter, r *http.Request, _ account) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, r, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	succeed(w, map[string]any{
		"method": r.Method, "headers": r.Header, "query": r.URL.Query(), "body": string(body),
	})
}

package lab

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/connhost/connhost/plugins/abi"
)

// pageOf is the parameter by which the lab's own links name a page.
const pageOf = "lab_page"

// A sheet is one page of a list.
type sheet struct {
	from, to, all int // of the items
	number        int // from 0 on
}

func (s sheet) last() bool { return s.to >= s.all }

// page answers with one page of a list, in the way in which the manifest finds
// the next one; without one there is no list.
func (s *service) page(v *visit, doc any, p *abi.Paging) {
	if p == nil {
		writeJSON(v.w, http.StatusOK, doc)
		return
	}
	at, ok := s.sheet(v, *p)
	if !ok {
		fail(v.w, v.r, http.StatusBadRequest, "unknown_page")
		return
	}
	list := []any{}
	for i := at.from; i < at.to; i++ {
		item := any(map[string]any{"id": itemID(i)})
		if p.Last != "" {
			item = set(item, p.Last, itemID(i))
		}
		list = append(list, item)
	}
	if shown, _ := abi.At(doc, p.Items); p.Items != "" { // the account may be one of them
		known, _ := shown.([]any)
		copy(list, known)
	}
	switch {
	case p.Items != "":
		doc = set(doc, p.Items, list)
	case p.Offset != "" || p.Number != "" || p.Last != "":
		doc = onto(list, doc) // the whole answer is what has to be a list
	default:
		doc = set(doc, "/items", list)
	}
	if p.More != "" {
		doc = set(doc, p.More, !at.last())
	}
	doc = s.lead(v, *p, at, doc)
	writeJSON(v.w, http.StatusOK, doc)
}

// onto puts what stands in a document that is a list, such as an account, onto
// the items of a page.
func onto(list []any, doc any) []any {
	there, _ := doc.([]any)
	for i := range min(len(there), len(list)) {
		item, isItem := list[i].(map[string]any)
		if more, ok := there[i].(map[string]any); ok && isItem {
			maps.Copy(item, more)
		}
	}
	return list
}

// sheet is the page that a request asks for. There are three pages of every
// list, the last one short.
func (s *service) sheet(v *visit, p abi.Paging) (sheet, bool) {
	size := cmp.Or(p.Size, 2)
	if text := v.parameter(p.Limit); p.Limit != "" && text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return sheet{}, false
		}
		size = min(n, 1000)
	}
	at := sheet{all: 2*size + 1}
	name, first, number := pageOf, 0, true
	switch {
	case p.Cursor != "":
		name = p.Parameter
	case p.Last != "":
		name, number = p.Parameter, false
	case p.Offset != "":
		name, number = p.Offset, false
	case p.Number != "":
		name, first = p.Number, p.FirstNumber()
	}
	if text := v.parameter(name); text != "" {
		switch {
		case p.Cursor != "":
			text = cmp.Or(numberIn("lab-cursor-%d", text), "x")
		case p.Last != "":
			text = cmp.Or(numberIn("itm_%d", text), "0") // an id that a person may know from elsewhere
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < first {
			return at, false
		}
		at.number, at.from = n-first, (n-first)*size
		if !number {
			at.number, at.from = n/size, n
		}
	}
	at.from = min(at.from, at.all)
	at.to = min(at.from+size, at.all)
	return at, true
}

// cursor is a text that says nothing but to the lab.
func cursor(number int) string { return fmt.Sprintf("lab-cursor-%d", number) }

// itemID is the id of the item that stands at a place of the list, from 0 on.
// It is the number of items before the one that follows it.
func itemID(at int) string { return fmt.Sprintf("itm_%d", at+1) }

// numberIn is the number in a text of the lab's own; "" where it is none.
func numberIn(form, text string) string {
	var n int
	if _, err := fmt.Sscanf(text, form, &n); err != nil {
		return ""
	}
	return strconv.Itoa(n)
}

// parameter is a parameter of a request, wherever it stands.
func (v *visit) parameter(name string) string {
	if text := v.member(name); len(text) > 0 {
		return text[0]
	}
	return cmp.Or(v.form.Get(name), v.query.Get(name))
}

// lead says where the next page is.
func (s *service) lead(v *visit, p abi.Paging, at sheet, doc any) any {
	place, text := p.Next, ""
	switch {
	case p.Cursor != "":
		if place = p.Cursor; !at.last() {
			text = cursor(at.number + 1)
		}
	case p.Next != "":
		if !at.last() {
			text = s.link(v, at.number+1)
		}
	default:
		return doc
	}
	name, header := abi.HeaderPointer(place)
	switch {
	case !header && text == "":
		return set(doc, place, nil)
	case !header:
		return set(doc, place, text)
	case text == "":
	case http.CanonicalHeaderKey(name) == "Link":
		v.w.Header().Set("Link", "<"+text+`>; rel="next"`)
	default:
		v.w.Header().Set(name, text)
	}
	return doc
}

// link is the URL of another page of the same call, without the credential.
func (s *service) link(v *visit, number int) string {
	q := maps.Clone(v.query)
	q.Set(pageOf, strconv.Itoa(number))
	if s.m.Auth.Place() == abi.InQuery {
		q.Del(s.m.Auth.PlaceName())
	}
	for _, p := range s.m.Auth.Also {
		if p.Place() == abi.InQuery {
			q.Del(p.Name)
		}
	}
	return v.origin + v.path + "?" + q.Encode()
}

package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A pager finds the requests of the pages of one answer, as the manifest says
// (abi.Paging).
type pager struct {
	rule  abi.Paging
	most  int // pages; 0 for what the rule says
	first int // the number of the first page
	seen  int // items so far, for an offset
	last  string
}

// A step leads to the next page: a whole URL, or parameters to be set, which
// are numbers where JSON can tell.
type step struct {
	url    *url.URL
	set    map[string]string
	number bool
}

// begin is what the first request sets, unless the caller has.
func (p *pager) begin(given func(name string) (string, bool)) map[string]string {
	set := map[string]string{}
	if text, ok := given(p.rule.Offset); ok && p.rule.Offset != "" {
		p.seen, _ = strconv.Atoi(text)
	}
	p.first = p.rule.FirstNumber()
	if text, ok := given(p.rule.Number); ok && p.rule.Number != "" {
		if n, err := strconv.Atoi(text); err == nil {
			p.first = n
		}
	}
	if _, ok := given(p.rule.Limit); p.rule.Limit != "" && !ok {
		set[p.rule.Limit] = strconv.Itoa(p.rule.Size)
	}
	return set
}

// next is the step from page n to the one after it, or nil. What a service says
// is held against what it said before: a page never leads to itself.
func (p *pager) next(at *url.URL, n int, header http.Header, body []byte) (*step, error) {
	doc := documentOf(body)
	if more, ok := simple(doc, p.rule.More); ok && (more == "false" || more == "") || p.rule.More != "" && !ok {
		return nil, nil
	}
	s, err := p.step(at, n, header, doc)
	if err != nil || s == nil {
		return nil, err
	}
	now := fmt.Sprint(s.url, s.set)
	if host.HasPlace(now) || s.url != nil && host.HasPlace(s.url.Path) {
		return nil, foreignPlace("what leads to the next page")
	}
	if now == p.last {
		return nil, host.Errorf(host.Unavailable, "page %d of the answer leads to itself", n).
			WithHint("fewer pages: --pages %d", n)
	}
	p.last = now
	if p.most > 0 && n >= p.most {
		return nil, nil
	}
	if n >= p.rule.Most() {
		return nil, host.Errorf(host.Refused, "the answer has more than %d pages", p.rule.Most()).
			WithHint("fewer of them: --pages N; the manifest's page.max bounds them")
	}
	return s, nil
}

func (p *pager) step(at *url.URL, n int, header http.Header, doc any) (*step, error) {
	switch {
	case p.bare(doc):
		return nil, nil
	case p.rule.Next != "":
		text := pointed(doc, header, p.rule.Next)
		if name, ok := abi.HeaderPointer(p.rule.Next); ok && strings.EqualFold(name, "Link") {
			text = nextLink(header.Values("Link"))
		}
		if text == "" {
			return nil, nil
		}
		ref, err := url.Parse(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(strings.TrimSpace(text)))
		if err != nil {
			return nil, host.Errorf(host.Unavailable, "page %d of the answer leads to something that is not a URL", n)
		}
		return &step{url: at.ResolveReference(ref)}, nil
	case p.rule.Cursor != "":
		text := pointed(doc, header, p.rule.Cursor)
		if text == "" || text == "false" {
			return nil, nil
		}
		v, _ := abi.At(doc, p.rule.Cursor)
		_, number := v.(json.Number)
		return &step{set: map[string]string{p.rule.Parameter: text}, number: number}, nil
	}
	items, err := p.items(n, doc)
	if err != nil || len(items) == 0 || len(items) < p.rule.Size {
		return nil, err
	}
	if p.rule.Last != "" {
		return p.after(n, items[len(items)-1])
	}
	p.seen += len(items)
	if p.rule.Offset != "" {
		return &step{set: map[string]string{p.rule.Offset: strconv.Itoa(p.seen)}, number: true}, nil
	}
	return &step{set: map[string]string{p.rule.Number: strconv.Itoa(p.first + n)}, number: true}, nil
}

// bare reports whether a page is the last because it has no items where the
// manifest says that they stand: there are services that always know a next page.
func (p *pager) bare(doc any) bool {
	if p.rule.Items == "" {
		return false
	}
	v, _ := abi.At(doc, p.rule.Items)
	list, ok := v.([]any)
	return ok && len(list) == 0
}

// after is the step to the page that follows an item.
func (p *pager) after(n int, item any) (*step, error) {
	text, _ := simple(item, p.rule.Last)
	if text == "" {
		return nil, host.Errorf(host.Unavailable, "the last item of page %d has no text where the manifest says", n).
			WithHint("see page.last in the connector's manifest")
	}
	v, _ := abi.At(item, p.rule.Last)
	_, number := v.(json.Number)
	return &step{set: map[string]string{p.rule.Parameter: text}, number: number}, nil
}

// items are those of a page.
func (p *pager) items(n int, doc any) ([]any, error) {
	v, _ := abi.At(doc, p.rule.Items)
	list, ok := v.([]any)
	switch {
	case ok:
		return list, nil
	case v == nil && p.rule.Items != "":
		return nil, nil
	}
	return nil, host.Errorf(host.Unavailable, "page %d of the answer has no list of items where the manifest says", n).
		WithHint("see page.items in the connector's manifest")
}

func documentOf(body []byte) (doc any) {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if dec.Decode(&doc) != nil {
		return nil
	}
	return doc
}

// simple is a simple value as text: "" for null, and nothing for what is none.
func simple(doc any, pointer string) (string, bool) {
	if pointer == "" {
		return "", false
	}
	v, ok := abi.At(doc, pointer)
	switch v := v.(type) {
	case string:
		return v, ok
	case bool, json.Number:
		return fmt.Sprint(v), ok
	case nil:
		return "", ok
	}
	return "", false
}

// pointed is what a pointer into an answer, or to its header, names.
func pointed(doc any, header http.Header, pointer string) string {
	if name, ok := abi.HeaderPointer(pointer); ok {
		return header.Get(name)
	}
	text, _ := simple(doc, pointer)
	return text
}

// nextLink is the target of the link with the relation next (RFC 8288 section
// 3).
func nextLink(values []string) string {
	for _, rest := range values {
		for {
			_, after, ok := strings.Cut(rest, "<")
			target, after, closed := strings.Cut(after, ">")
			if !ok || !closed {
				break
			}
			params := after
			if i := strings.IndexByte(after, '<'); i >= 0 {
				params = after[:i]
			}
			rest = after
			for param := range strings.SplitSeq(params, ";") {
				name, value, _ := strings.Cut(param, "=")
				value = strings.Trim(strings.TrimSpace(strings.TrimRight(strings.TrimSpace(value), ",")), `"`)
				if !strings.EqualFold(strings.TrimSpace(name), "rel") {
					continue
				}
				for rel := range strings.FieldsSeq(value) {
					if strings.EqualFold(rel, "next") {
						return target
					}
				}
			}
		}
	}
	return ""
}

// InvokeAll makes a call and those of the pages that follow it, and gives each
// answer to f, which closes its body. It ends like Act.
func (b *Broker) InvokeAll(ctx context.Context, sub host.Subject, env host.Environment, req InvokeRequest, most int, f func(Page) error) error {
	if req.Method != "" && req.Method != http.MethodGet {
		return host.Errorf(host.Usage, "only the pages of a GET can be followed, not those of a %s", req.Method).
			WithHint("name the call as an action of the connector: connhost action CONNECTION NAME --all")
	}
	if req.Connection == "" {
		return host.Errorf(host.Usage, "the pages of a call are followed through a connection").WithHint("name it: -c CONNECTION")
	}
	r, err := b.route(ctx, sub, env, req.Connection)
	if err != nil {
		return err
	}
	p := &pager{rule: r.connector.Manifest.Paging(abi.Action{}), most: most}
	call, err := r.call(req)
	if err != nil {
		return err
	}
	for name, text := range p.begin(func(name string) (string, bool) { q := call.URL.Query(); return q.Get(name), q.Has(name) }) {
		host.SetQuery(call.URL, name, text)
	}
	for n := 1; ; n++ {
		got, err := b.send(ctx, r, call, concealed{})
		if err != nil {
			return err
		}
		next, err := b.give(ctx, r, got, nil, p, n, f)
		if err != nil || next == nil {
			return err
		}
		u := next.url
		if u == nil {
			copied := *call.URL
			u = &copied
			for name, text := range next.set {
				host.SetQuery(u, name, text)
			}
		}
		call.URL = tidy(u)
	}
}

// give gives one page to f and finds the step to the next. Where an error may
// stand in the page, where says.
func (b *Broker) give(ctx context.Context, r *route, got sent, where *abi.Answer, p *pager, n int, f func(Page) error) (*step, error) {
	page := Page{Number: n, Environment: r.environment, Refreshed: got.refreshed}
	var err error
	if page.Response, err = b.judged(ctx, r, got, where); err != nil {
		return nil, err
	}
	if page.Response.StatusCode >= 400 {
		return nil, f(page)
	}
	_, body, err := guestResponse(page.Response)
	if err != nil {
		return nil, err
	}
	header := page.Response.Header
	reopen(page.Response, body)
	if err := f(page); err != nil {
		return nil, err
	}
	return p.next(got.call.URL, n, header, body)
}

// actPages sends the requests of an action page by page, as its manifest says.
func (b *Broker) actPages(ctx context.Context, r *route, a abi.Action, g abi.GuestRequest, most int, f func(Page) error) error {
	p := &pager{rule: r.connector.Manifest.Paging(a), most: most}
	err := setParameters(&g, p.begin(func(name string) (string, bool) { text, ok := g.Query[name]; return text, ok }), true)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		got, err := b.sendGuest(ctx, r, abi.HookPrepare, g)
		if err != nil {
			return err
		}
		next, err := b.give(ctx, r, got, a.Answer, p, n, f)
		if err != nil || next == nil {
			return err
		}
		if next.url != nil {
			g = abi.GuestRequest{Method: http.MethodGet, URL: next.url.String(), Header: g.Header}
			continue
		}
		if err := setParameters(&g, next.set, next.number); err != nil {
			return err
		}
	}
}

// setParameters sets parameters where a request has its own, as numbers in JSON
// if they are that.
func setParameters(g *abi.GuestRequest, set map[string]string, number bool) error {
	switch {
	case len(set) == 0:
	case bytes.HasPrefix(g.JSON, []byte("{")):
		doc := map[string]json.RawMessage{}
		if err := json.Unmarshal(g.JSON, &doc); err != nil {
			return err
		}
		for name, text := range set {
			if doc[name], _ = json.Marshal(text); number {
				doc[name] = json.RawMessage(text)
			}
		}
		text, err := json.Marshal(doc)
		g.JSON = text
		return err
	case g.Form != nil:
		g.Form = maps.Clone(g.Form)
		maps.Copy(g.Form, set)
	default:
		if g.Query = maps.Clone(g.Query); g.Query == nil {
			g.Query = map[string]string{}
		}
		maps.Copy(g.Query, set)
	}
	return nil
}

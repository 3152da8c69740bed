package scripting

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// invokeURL makes the call of one invokeurl block. What a script may catch is
// thrown.
func (m *machine) invokeURL(names []string, values []any) any {
	attrs := map[string]any{}
	for i, name := range names {
		attrs[name] = value.Resolve(values[i])
	}
	want := wanted{format: textAttr(attrs, attrFormat), decoding: textAttr(attrs, attrDecoding)}
	if v := attrs[attrDetailed]; v != nil {
		want.detailed = value.Truth(v)
	}
	return m.send(m.request(attrs), want)
}

// wanted is what a script wants to get of an answer.
type wanted struct {
	format   string // TEXT, JSON, FILE, ...; "" to look at the answer
	decoding string // charset; "" to look
	detailed bool   // with status and headers
}

// send makes one call and gives its typed answer.
func (m *machine) send(req Request, want wanted) any {
	return m.received(m.invoked(req), req.URL, want)
}

// invoked makes one call and gives its answer.
func (m *machine) invoked(req Request) *http.Response {
	m.countCall()
	if m.Invoker == nil {
		value.Throw("this run cannot call services")
	}
	resp, err := m.Invoker.Invoke(m.budget.Context(), req)
	m.budget.Check() // a cancelled run is not a failed call
	if err != nil {
		panic(&callFailed{err})
	}
	return resp
}

// received reads an answer and types it as the script wants it. The target
// names a file that it becomes.
func (m *machine) received(resp *http.Response, target string, want wanted) any {
	body := m.body(resp)
	if m.httpErrors && resp.StatusCode >= http.StatusBadRequest && !want.detailed {
		panic(&callFailed{m.refused(resp, body)})
	}
	typed := m.answer(body, resp.Header, target, want)
	if want.detailed {
		return m.detailed(typed, resp)
	}
	return typed
}

// body reads the body of an answer, and closes it.
func (m *machine) body(resp *http.Response) []byte {
	defer resp.Body.Close()
	body, err := m.read(resp.Body)
	m.budget.Check()
	if err != nil {
		panic(&callFailed{err})
	}
	return body
}

// refused is the error of an answer with a status of 400 or more, where the
// dialect throws it.
func (m *machine) refused(resp *http.Response, body []byte) error {
	text := strings.TrimSpace(strings.ToValidUTF8(string(body[:min(len(body), 200)]), "\uFFFD"))
	status := strings.TrimSpace(fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)))
	if text == "" {
		return fmt.Errorf("the service answered %s", status)
	}
	return fmt.Errorf("the service answered %s: %s", status, text)
}

// textAttr is an attribute as text, "" when it is missing or null.
func textAttr(attrs map[string]any, name string) string {
	s, _ := attrs[name].(string)
	return strings.TrimSpace(s)
}

// request builds the call that leaves the engine.
func (m *machine) request(attrs map[string]any) Request {
	target, ok := attrs[attrURL].(string)
	if !ok {
		value.Throw("the url of invokeurl is %s and must be text", article(value.TypeName(attrs[attrURL])))
	}
	req := Request{URL: strings.TrimSpace(target), Method: m.method(attrs)}
	if c := attrs[attrConnection]; c != nil {
		if req.Connection, ok = c.(string); !ok {
			value.Throw("the connection of invokeurl is %s and must be text", article(value.TypeName(c)))
		}
	}
	req.Header = m.header(attrs[attrHeaders])
	parameters, body := attrs[attrParameters], attrs[attrBody]
	if attrs[attrBody] != nil || queryMethod(req.Method) && attrs[attrFiles] == nil && !isFile(parameters) {
		req.URL = addQuery(req.URL, m.query(parameters))
		parameters = nil
	}
	req.URL = escapeQuery(req.URL)
	payload := m.payload(cmp.Or[any](body, parameters), attrs[attrFiles])
	if payload == nil {
		return req
	}
	if req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", cmp.Or(textAttr(attrs, attrContent), payload.kind))
	} else if strings.HasPrefix(payload.kind, "multipart/") {
		req.Header.Set("Content-Type", payload.kind) // it carries the boundary
	}
	req.Body, req.ContentLength = payload.open, payload.size()
	return req
}

// method is the type attribute: one of the methods, in any letter case.
func (m *machine) method(attrs map[string]any) string {
	name := cmp.Or(strings.ToUpper(textAttr(attrs, attrType)), http.MethodGet)
	if !slices.Contains(methods, name) {
		value.Throw("%s is not a method: one of %s", value.Clip(name), strings.Join(methods, ", "))
	}
	return name
}

func article(noun string) string {
	if noun == "null" {
		return noun
	}
	return "a " + noun
}

// queryMethod reports whether parameters go into the URL.
func queryMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodDelete || method == http.MethodHead
}

func isFile(v any) bool {
	_, ok := v.(*value.File)
	return ok
}

// header reads the headers attribute. A map as a value is sent as its JSON.
func (m *machine) header(v any) http.Header {
	h := http.Header{}
	switch x := v.(type) {
	case nil, *value.Empty:
	case *value.Map:
		for k, v := range x.All() {
			if v = value.Resolve(v); v != nil {
				h.Set(value.Text(m.budget, k), m.scalar(v))
			}
		}
	default:
		value.Throw("the headers of invokeurl are %s and must be a map", article(value.TypeName(v)))
	}
	return h
}

// scalar is a value inside a header, query or form: maps and lists as JSON.
func (m *machine) scalar(v any) string {
	switch x := value.Resolve(v).(type) {
	case *value.Map, *value.List:
		return value.JSON(m.budget, x)
	case nil:
		return ""
	default:
		return value.Text(m.budget, x)
	}
}

// query is what parameters add to a URL: a map key by key, a text as it is.
func (m *machine) query(v any) string {
	switch x := v.(type) {
	case nil, *value.Empty:
		return ""
	case *value.Map:
		return m.form(x)
	default:
		return m.scalar(x)
	}
}

// form is a map as application/x-www-form-urlencoded, in the map's order.
func (m *machine) form(x *value.Map) string {
	var parts []string
	for k, v := range x.All() {
		parts = append(parts, url.QueryEscape(value.Text(m.budget, k))+"="+url.QueryEscape(m.scalar(v)))
	}
	return strings.Join(parts, "&")
}

// escapeQuery escapes what scripts write into a query and no URL may hold:
// blanks, quotes, letters outside ASCII (RFC 3986 section 3.4). The braces of
// {name} stay, and so do control characters, which the host refuses.
func escapeQuery(target string) string {
	at := strings.IndexByte(target, '?')
	if at < 0 {
		return target
	}
	var b strings.Builder
	b.WriteString(target[:at])
	for _, c := range []byte(target[at:]) {
		if c == ' ' || c >= 0x80 || strings.IndexByte("\"<>\\^`|", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func addQuery(target, query string) string {
	if query == "" {
		return target
	}
	base, fragment, has := strings.Cut(target, "#")
	sep := "?"
	if strings.Contains(base, "?") {
		sep = "&"
		if strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&") {
			sep = ""
		}
	}
	if has {
		fragment = "#" + fragment
	}
	return base + sep + query + fragment
}

// read reads an answer on the budget of the run.
func (m *machine) read(r io.Reader) ([]byte, error) {
	var body []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		m.budget.Alloc(n)
		body = append(body, buf[:n]...)
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// detailed is the answer with its status and headers, whose names are in
// lower case.
func (m *machine) detailed(typed any, resp *http.Response) any {
	headers := value.NewMap()
	for _, name := range sortedNames(resp.Header) {
		headers.Put(m.budget, strings.ToLower(name), strings.Join(resp.Header[name], ", "))
	}
	out := value.NewMap()
	out.Put(m.budget, "responseText", typed)
	out.Put(m.budget, "responseCode", int64(resp.StatusCode))
	out.Put(m.budget, "responseHeader", headers)
	return out
}

// fileName is the last part of a URL's path, for a file that came from it.
func fileName(target string) string {
	if u, err := url.Parse(target); err == nil {
		target = u.Path
	}
	name := target[strings.LastIndexByte(target, '/')+1:]
	return cmp.Or(name, "download")
}

package broker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Where a part of a request comes from.
const (
	FromCaller     = "command"
	FromManifest   = "manifest"
	FromHost       = "host"
	FromCredential = "credential"
	FromHook       = "hook sign"
)

// A Part is one part of a request, without secrets, and where it comes from.
type Part struct {
	Kind  string `json:"part"` // method, url, query, header, form or body
	Name  string `json:"name,omitempty"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// An Explained call is what would be sent.
type Explained struct {
	Method string   `json:"method"`
	URL    string   `json:"url"`
	Parts  []Part   `json:"parts"`
	Notes  []string `json:"notes"`
}

// Explain tells what Invoke would send first, and sends nothing: no token is
// renewed, and no name is looked up. What Invoke refuses before it dials is
// refused here too. What a credential or a hook puts on is masked by place.
func (b *Broker) Explain(ctx context.Context, sub host.Subject, env host.Environment, req InvokeRequest) (Explained, error) {
	out, ok := b.Egress.(host.Preparer)
	if !ok {
		return Explained{}, host.Errorf(host.Internal, "this way out cannot show a call")
	}
	e := &explainer{given: req, mask: b.Redactor}
	var call host.Call
	if req.Connection == "" {
		u, err := parseURL(req.URL)
		if err != nil {
			return Explained{}, err
		}
		call = host.Call{Method: req.Method, URL: u, Header: req.Header, Body: req.Body, ContentLength: req.ContentLength}
	} else {
		r, err := b.route(ctx, sub, env, req.Connection)
		if err != nil {
			return Explained{}, err
		}
		if call, err = b.explained(r, e); err != nil {
			return Explained{}, err
		}
	}
	e.at(FromCaller, &http.Request{URL: call.URL, Header: req.Header, GetBody: call.Body})
	e.at(FromManifest, &http.Request{URL: call.URL, Header: call.Header, GetBody: call.Body})
	sent, err := out.Prepare(ctx, b.limited(call))
	if err != nil {
		return Explained{}, err
	}
	if sent.Body != nil {
		_ = sent.Body.Close()
	}
	e.at(FromHost, sent)
	return e.explain(sent), nil
}

// explained is the call of a route, whose signing is watched.
func (b *Broker) explained(r *route, e *explainer) (host.Call, error) {
	call, err := r.call(e.given)
	if err != nil {
		return call, err
	}
	e.route, e.mask = r, r.redactor
	r.dress(&call)
	call.Bound, call.Hosts, call.Redactor, call.Certificate = true, r.hosts, r.redactor, r.certificate
	sign, err := b.signing(r, concealed{}, r.pen)
	if err != nil {
		return call, err
	}
	b.retrying(r, &call)
	if sign.needed() {
		sign.seen = e.at
		call.Sign = func(req *http.Request) error {
			e.at(FromHost, req)
			return sign.sign(req)
		}
	}
	if !r.renew.IsZero() && !b.Now().Before(r.renew) && r.authorization.Renewable {
		e.notes = append(e.notes, "the token has expired or soon will, and the call renews it first")
	}
	if call.Certificate != nil {
		e.notes = append(e.notes, "the client's certificate is presented")
	}
	if r.connector.Manifest.Auth.Type == abi.AuthDigest {
		e.notes = append(e.notes, "the service asks for a digest, which the second request brings")
	}
	return call, nil
}

// An explainer keeps how a request looked after each that had a part in it.
type explainer struct {
	given  InvokeRequest
	route  *route // nil without a connection
	mask   *host.Redactor
	stages []stage
	notes  []string
}

type stage struct {
	by     string
	url    *url.URL
	header http.Header
	query  url.Values
	form   url.Values
}

// maxShownBody is the size in bytes up to which a body is shown.
const maxShownBody = 4 << 10

func (e *explainer) at(by string, req *http.Request) {
	u := *req.URL
	e.stages = append(e.stages, stage{by: by, url: &u, header: req.Header.Clone(), query: u.Query(), form: formOf(req)})
}

// formOf reads a short form; nil for another body.
func formOf(req *http.Request) url.Values {
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" || req.GetBody == nil {
		return nil
	}
	text, _ := beginning(req.GetBody, maxShownBody+1)
	form, err := url.ParseQuery(text)
	if err != nil || len(text) > maxShownBody {
		return nil
	}
	return form
}

// beginning reads the first bytes of a body.
func beginning(open func() (io.ReadCloser, error), most int64) (string, error) {
	in, err := open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	var b bytes.Buffer
	_, err = io.CopyN(&b, in, most)
	if err == io.EOF {
		err = nil
	}
	return b.String(), err
}

// from is who gave a part its value.
func (e *explainer) from(value func(stage) []string) string {
	by := FromCaller
	for i := 1; i < len(e.stages); i++ {
		if !slices.Equal(value(e.stages[i-1]), value(e.stages[i])) {
			by = e.stages[i].by
		}
	}
	return by
}

// part adds a part, masked: wholly where the credential or a hook gave it.
func (e *explainer) part(out *Explained, kind, name, value, by string) {
	shown := e.mask.Text(value)
	if by == FromCredential || by == FromHook {
		shown = host.Mask
		for _, scheme := range []string{"Basic ", "Bearer ", "Digest ", "DPoP ", "OAuth ", "AWS4-HMAC-SHA256 "} {
			if strings.HasPrefix(value, scheme) {
				shown = scheme + host.Mask
			}
		}
	}
	if by == FromCredential {
		by += " (" + e.route.connector.Manifest.Auth.Type + ")"
	}
	out.Parts = append(out.Parts, Part{Kind: kind, Name: name, Value: shown, From: by})
}

func (e *explainer) explain(req *http.Request) Explained {
	out := Explained{Method: req.Method, Notes: slices.Clip(append([]string{}, e.notes...))}
	e.part(&out, "method", "", req.Method, FromCaller)
	e.url(&out, req)
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		by := e.from(func(s stage) []string { return s.header[name] })
		e.part(&out, "header", name, strings.Join(req.Header[name], ", "), by)
	}
	e.body(&out, req)
	return out
}

// url shows where the call goes: what the credential put into path or query is
// masked.
func (e *explainer) url(out *Explained, req *http.Request) {
	shown := *e.stages[0].url
	last := e.stages[len(e.stages)-1].url
	shown.Scheme, shown.Host, shown.RawQuery = last.Scheme, last.Host, ""
	text := e.mask.Text(shown.String())
	if first := e.stages[0].url.EscapedPath(); last.EscapedPath() != first && strings.HasSuffix(last.EscapedPath(), first) && first != "" {
		text = last.Scheme + "://" + last.Host + "/" + host.Mask + e.mask.Text(first)
	}
	by := FromCaller
	if e.route != nil && strings.HasPrefix(e.given.URL, "/") {
		by += " below base_url of the " + FromManifest
	}
	if e.route != nil {
		for _, m := range urlPlace.FindAllStringSubmatch(e.given.URL, -1) {
			if _, known := e.route.values.Params[m[1]]; known {
				by += ", {" + m[1] + "} of the connection"
			}
		}
	}
	out.Parts = append(out.Parts, Part{Kind: "url", Value: text, From: by})
	var query []string
	for _, name := range slices.Sorted(maps.Keys(last.Query())) {
		by := e.from(func(s stage) []string { return s.query[name] })
		for _, v := range last.Query()[name] {
			e.part(out, "query", e.mask.Text(name), v, by)
			query = append(query, e.mask.Text(name)+"="+out.Parts[len(out.Parts)-1].Value)
		}
	}
	if out.URL = text; query != nil {
		out.URL += "?" + strings.Join(query, "&")
	}
}

// body shows a form by its parameters, other text as it is, and of everything
// else the size.
func (e *explainer) body(out *Explained, req *http.Request) {
	if req.GetBody == nil {
		return
	}
	if form := formOf(req); form != nil {
		for _, name := range slices.Sorted(maps.Keys(form)) {
			by := e.from(func(s stage) []string {
				if s.form == nil {
					return e.stages[0].form[name]
				}
				return s.form[name]
			})
			for _, v := range form[name] {
				e.part(out, "form", e.mask.Text(name), v, by)
			}
		}
		return
	}
	length := "a body of unknown size"
	if req.ContentLength >= 0 {
		length = fmt.Sprintf("%d bytes", req.ContentLength)
	}
	if e.given.Once || req.ContentLength > maxShownBody {
		e.part(out, "body", "", length, FromCaller)
		return
	}
	text, err := beginning(req.GetBody, maxShownBody)
	if err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		text = length
	}
	e.part(out, "body", "", text, FromCaller)
}

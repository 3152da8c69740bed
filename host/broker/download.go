package broker

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A Download is a connector's file that came from a URL.
type Download struct {
	File      []byte
	Signature []byte // nil where there is none, or where none is asked for
	Source    string // the URL without its query, which may hold a secret
}

// maxMoves is how often a download is sent on to another URL.
const maxMoves = 5

// Download fetches a connector, over https or from what the operator opened,
// without any credential. With trusted keys it fetches the signature too: it
// stands at the same URL with .sig behind the path.
func (b *Broker) Download(ctx context.Context, sub host.Subject, address string) (Download, error) {
	u, err := fetchable(sub, address)
	if err != nil {
		return Download{}, err
	}
	out := Download{Source: withoutQuery(u)}
	if out.File, err = b.fetch(ctx, u, abi.MaxFile); err != nil {
		return out, err
	}
	if len(b.TrustedKeys) == 0 {
		return out, nil
	}
	beside := *u
	beside.Path += abi.SignatureSuffix
	beside.RawPath = ""
	out.Signature, err = b.fetch(ctx, &beside, abi.MaxSignature)
	if absent(err) {
		err = nil
	}
	return out, err
}

// FetchDocument reads what a connector is drafted from, at most so many bytes, as
// Download reads a connector. It says where it came from.
func (b *Broker) FetchDocument(ctx context.Context, sub host.Subject, address string, most int64) (data []byte, source string, err error) {
	u, err := fetchable(sub, address)
	if err != nil {
		return nil, "", err
	}
	data, err = b.fetch(ctx, u, most)
	return data, withoutQuery(u), err
}

// fetchable is an address from which a connector, or what makes one, may be
// read.
func fetchable(sub host.Subject, address string) (*url.URL, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, host.Errorf(host.Usage, "the address of the connector is not a URL that can be fetched").
			WithHint("write https://HOST/PATH, without a user or password")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func withoutQuery(u *url.URL) string {
	short := *u
	short.RawQuery, short.ForceQuery = "", false
	return short.String()
}

// fetch follows redirects itself, because each hop is held to the rules of the
// first: never from https to http.
func (b *Broker) fetch(ctx context.Context, u *url.URL, most int64) ([]byte, error) {
	for range maxMoves + 1 {
		resp, err := b.knock(ctx, u, most)
		if err != nil {
			return nil, err
		}
		next, err := moved(u, resp)
		if err != nil {
			_ = resp.Body.Close()
			return nil, err
		}
		if next == nil {
			return body(u, resp)
		}
		_ = resp.Body.Close()
		u = next
	}
	return nil, host.Errorf(host.Unavailable, "%s sends every request on to another address", u.Host)
}

// knock sends one GET. The call is bound to the one host and has a signer that
// adds nothing: that is the class of calls for which plain http leads only to
// what the operator opened.
func (b *Broker) knock(ctx context.Context, u *url.URL, most int64) (*http.Response, error) {
	wrote := false
	resp, err := b.Egress.Do(ctx, host.Call{
		Method: http.MethodGet, URL: u, Header: http.Header{"Accept": {"*/*"}},
		Hosts: []string{u.Host}, Bound: true, Sign: func(*http.Request) error { return nil },
		NoRedirect: true, MaxBytes: most, Wrote: &wrote,
	})
	if e, ok := err.(*host.Error); ok && e.Code == host.Refused && !wrote && u.Scheme == "http" {
		return nil, host.Errorf(host.Refused, "a connector is not fetched from %s over plain http", u.Host).Because(err).WithHint("%s", e.Hint)
	}
	return resp, err
}

// moved is the address that an answer sends on to, or nil.
func moved(from *url.URL, resp *http.Response) (*url.URL, error) {
	location := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode > 399 || location == "" {
		return nil, nil
	}
	to, err := from.Parse(location)
	if err != nil || to.Host == "" || to.User != nil {
		return nil, host.Errorf(host.Unavailable, "%s sends on to something that is not a URL", from.Host)
	}
	if from.Scheme == "https" && to.Scheme != "https" {
		return nil, host.Errorf(host.Refused, "%s sends on from https to %s, where anybody on the way could change the connector", from.Host, to.Scheme)
	}
	return to, nil
}

// body is what an answer holds. A page is what a wrong address usually gives.
func body(u *url.URL, resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	switch s := resp.StatusCode; {
	case s == http.StatusNotFound, s == http.StatusGone:
		return nil, host.Errorf(host.NotFound, "there is no file at %s", withoutQuery(u))
	case s != http.StatusOK:
		return nil, host.Errorf(host.Unavailable, "%s answered %d", withoutQuery(u), s)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if strings.EqualFold(strings.TrimSpace(kind), "text/html") || bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return nil, host.Errorf(host.Unavailable, "%s answered with a web page and not with a file", withoutQuery(u)).
			WithHint("give the address of the file itself, such as its raw form")
	}
	return data, nil
}

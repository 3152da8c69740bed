package auth

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// put sets one text of a credential at its place. What a script put there goes.
func put(req *http.Request, place, name, text string) error {
	switch place {
	case abi.InQuery:
		host.SetQuery(req.URL, name, text)
	case abi.InForm:
		return setForm(req, name, text)
	case abi.InPath:
		return setPath(req.URL, text)
	default:
		setHeader(req, name, text)
	}
	return nil
}

// texts are the texts of a credential that stand beside the main one, in order,
// without those that come out empty.
func texts(cred host.Credential) ([]string, error) {
	list := make([]string, len(cred.Auth.Also))
	for i, p := range cred.Auth.Also {
		var err error
		if list[i], err = fill(cred, p.Value, mayBeEmpty); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// putAll sets the texts beside the main one.
func putAll(req *http.Request, cred host.Credential, list []string) error {
	for i, p := range cred.Auth.Also {
		if list[i] == "" {
			continue
		}
		if err := put(req, p.Place(), p.Name, list[i]); err != nil {
			return err
		}
	}
	return nil
}

// setPath puts a credential before the path: it begins with a slash and is
// escaped segment by segment.
func setPath(u *url.URL, text string) error {
	var escaped strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(text, "/"), "/") {
		if segment == "." || segment == ".." || segment == "" {
			return host.Errorf(host.Refused, "the credential cannot stand in the path of a URL")
		}
		escaped.WriteString("/" + url.PathEscape(segment))
	}
	rest := u.EscapedPath()
	if !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	raw := escaped.String() + rest
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return host.Errorf(host.Refused, "the path of the URL cannot be read")
	}
	u.Path, u.RawPath = plain, raw
	return nil
}

// maxForm is the size in bytes up to which a form is read to put a credential
// into it.
const maxForm = 10 << 20

// setForm replaces a parameter of the request's form.
func setForm(req *http.Request, name, text string) error {
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if req.GetBody == nil || kind != "application/x-www-form-urlencoded" {
		return host.Errorf(host.Refused, "the connection's credential goes into a form, and the request has none").
			WithHint("send parameters as a form: POST, application/x-www-form-urlencoded")
	}
	in, err := req.GetBody()
	if err != nil {
		return err
	}
	defer in.Close()
	form, err := io.ReadAll(io.LimitReader(in, maxForm+1))
	switch {
	case err != nil:
		return err
	case len(form) > maxForm:
		return host.Errorf(host.Refused, "the request's form is longer than 10 MB, and the credential cannot be added to it")
	}
	form = []byte(host.WithParameter(string(form), name, text))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(form)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(form))
	return nil
}

package scripting

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/connhost/connhost/scripting/value"
)

// upload is the request of an integration task that sends a file: as invokeurl
// does with files, to a path below the base URL of the connection's connector.
func (m *machine) upload(t *integration, args []any, connection string) Request {
	req := Request{Connection: connection, Service: t.service, Task: t.name, Method: http.MethodPost, URL: t.action, Header: http.Header{}}
	var file *value.File
	for i, v := range args {
		if f, ok := v.(*value.File); ok {
			file = f
			continue
		}
		req.URL = strings.ReplaceAll(req.URL, "{"+t.takes[i].name+"}", pathPart(value.Text(m.budget, v)))
	}
	body := m.multipart(nil, file)
	req.Header.Set("Content-Type", body.kind)
	req.Body, req.ContentLength = body.open, body.size()
	return req
}

// pathPart is a text as one part of a path. Dots alone would lead elsewhere (RFC
// 3986 section 5.2.4), and are refused.
func pathPart(text string) string {
	if text == "" || text == "." || text == ".." {
		value.Throw("%q cannot stand in the address of a record", text)
	}
	return url.PathEscape(text)
}

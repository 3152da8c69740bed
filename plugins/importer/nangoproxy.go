package importer

import (
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// proxy is where the service is called, how its pages follow each other, and
// what shows that a credential works.
func (p *provider) proxy() {
	m, proxy := &p.manifest, p.entry.get("proxy")
	if text := proxy.get("base_url").text(); text != "" {
		m.BaseURL = strings.TrimSuffix(p.url(text), "/")
	} else {
		m.BaseURL = serverBase("", node{}).url
		m.Parameters = append(m.Parameters, abi.Parameter{Key: serverKey, Kind: abi.KindHost, Label: "Server", Required: true})
		p.review.check("the entry does not say where the service is called, so whoever makes a connection names the host")
	}
	if at := proxy.get("retry").get("at").texts(); len(at) > 0 && headerName.MatchString(at[0]) {
		m.Retry = &abi.Retry{After: "header:/" + at[0]}
	}
	m.Page = pages(proxy.get("paginate"))
	test := proxy.get("verification")
	if paths := test.get("endpoints").texts(); len(paths) > 0 && first(test.get("method").text(), "GET") == "GET" && strings.HasPrefix(paths[0], "/") {
		path, query, _ := strings.Cut(paths[0], "?")
		m.Test = &abi.Request{Path: p.template(path, nil)}
		for pair := range strings.SplitSeq(query, "&") {
			if name, value, _ := strings.Cut(pair, "="); name != "" {
				if m.Test.Query == nil {
					m.Test.Query = map[string]string{}
				}
				m.Test.Query[name] = p.template(value, nil)
			}
		}
	}
}

func pages(n node) *abi.Paging {
	limit := abi.Paging{Items: pointerOf(n.get("response_path").text())}
	switch n.get("type").text() {
	case "link":
		if limit.Next = pointerOf(n.get("link_path_in_response_body").text()); limit.Next != "" {
			return &limit
		}
	case "cursor":
		limit.Cursor, limit.Parameter = pointerOf(n.get("cursor_path_in_response").text()), clean(n.get("cursor_name_in_request").text())
		if limit.Cursor != "" && limit.Parameter != "" {
			return &limit
		}
	case "offset":
		if limit.Offset = clean(n.get("offset_name_in_request").text()); limit.Offset != "" {
			return &limit
		}
	}
	return nil
}

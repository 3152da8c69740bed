package scripting

import (
	"strings"

	"github.com/connhost/connhost/scripting/lib"
	"github.com/connhost/connhost/scripting/value"
)

var _ lib.Outside = (*machine)(nil)

// CallOutside does the functions of the table that reach beyond the process.
func (m *machine) CallOutside(_ *lib.Runtime, name string, args []any) (any, error) {
	switch name {
	case "getUrl":
		return m.webCall(name, args, attrURL, attrHeaders), nil
	case "postUrl":
		return m.webCall(name, args, attrURL, attrParameters, attrHeaders), nil
	case "invokeUrl":
		return m.webCall(name, args, attrURL, attrType, attrParameters, attrHeaders), nil
	case "openUrl":
		m.tellClient(name, nil, args)
		return nil, nil
	}
	return nil, value.Faultf("%s cannot be used here: nothing does it for this run", name)
}

// The web calls in the form of functions. Their last argument, simple, says
// whether the script wants the body alone (true, the default) or a map with
// status and headers too.

// webCall makes a call of arguments that stand for attributes, in that order,
// with simple behind them. A boolean ends them early: getUrl(url, false).
func (m *machine) webCall(fn string, args []any, names ...string) any {
	attrs := map[string]any{}
	if fn == "postUrl" {
		attrs[attrType] = "POST"
	}
	simple := true
	for i, v := range args {
		v = value.Resolve(v)
		flag, isFlag := v.(bool)
		switch {
		case isFlag && i == len(args)-1:
			simple = flag
		case i < len(names):
			attrs[names[i]] = v
		default:
			value.Throw("the last argument of %s is %s and must be true or false", fn, article(value.TypeName(v)))
		}
	}
	want := wanted{detailed: !simple}
	if fn != "invokeUrl" && simple {
		want.format = "TEXT"
	}
	return m.send(m.request(attrs), want)
}

// zohoHosts are where the services of invokeapi answer when no connection says
// so: the connection's connector knows its own address and data centre.
var zohoHosts = map[string]string{
	"zohobilling":   "https://www.zohoapis.com",
	"zohobooks":     "https://www.zohoapis.com",
	"zohobookings":  "https://www.zohoapis.com",
	"zohocrm":       "https://www.zohoapis.com",
	"zohoinventory": "https://www.zohoapis.com",
}

// invokeAPI makes the call of one invokeapi block: invokeurl at a path of a
// service. With a connection the path lies below its connector's base URL.
func (m *machine) invokeAPI(names []string, values []any) any {
	attrs := map[string]any{}
	for i, name := range names {
		attrs[name] = value.Resolve(values[i])
	}
	path := textAttr(attrs, attrPath)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if attrs[attrConnection] == nil {
		service := textAttr(attrs, attrService)
		base, ok := zohoHosts[strings.ToLower(service)]
		if !ok {
			value.Throw("invokeapi does not know where %s answers: name a connection", value.Clip(service))
		}
		path = base + path
	}
	attrs[attrURL] = path
	if parts, ok := attrs[attrBody].(*value.List); ok {
		if fields := m.apiParts(parts); fields != nil {
			attrs[attrBody], attrs[attrFiles] = value.NewMap(), fields
		}
	}
	want := wanted{format: textAttr(attrs, attrFormat), decoding: textAttr(attrs, attrDecoding)}
	if v := attrs[attrDetailed]; v != nil {
		want.detailed = value.Truth(v)
	}
	return m.send(m.request(attrs), want)
}

// apiParts gives a list of {"param-name": ..., "param-value": ...} as parts of
// a form; nil when the list holds anything else.
func (m *machine) apiParts(list *value.List) *value.List {
	out := value.MakeList(m.budget, list.Len())
	for _, item := range list.Items() {
		fields, ok := value.Resolve(item).(*value.Map)
		if !ok {
			return nil
		}
		if _, ok := fields.Get("param-name"); !ok {
			return nil
		}
		out.Add(m.budget, fields)
	}
	if out.Len() == 0 {
		return nil
	}
	return out
}

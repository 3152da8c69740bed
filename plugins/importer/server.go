package importer

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A base is where a service is: the template of a URL and the parameters that
// stand in it.
type base struct {
	url        string
	parameters []abi.Parameter
	notes      []string
}

// serverKey is the parameter for a host that the document does not know.
const serverKey = "server"

// baseOf makes a base of the servers of a document: the first that is reached
// over https, else the first.
func baseOf(servers []node) base {
	var urls []string
	best := node{}
	for _, s := range servers {
		u := strings.TrimSpace(s.get("url").text())
		urls = append(urls, u)
		if !best.given() || !strings.HasPrefix(best.get("url").text(), "https://") && strings.HasPrefix(u, "https://") && !placeholderHost(hostOf(u)) {
			best = s
		}
	}
	b := serverBase(best.get("url").text(), best.get("variables"))
	if others := slices.DeleteFunc(urls, func(u string) bool { return u == best.get("url").text() }); len(others) > 0 {
		b.notes = append(b.notes, "base_url is one of several servers; the others: "+few(others, 8))
	}
	return b
}

// few lists some of many, each in a form that can be printed.
func few(list []string, most int) string {
	var shown []string
	for _, text := range list[:min(len(list), most)] {
		shown = append(shown, clip(clean(text), 80))
	}
	text := strings.Join(shown, ", ")
	if n := len(list) - most; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	return text
}

func hostOf(u string) string {
	_, rest, ok := strings.Cut(u, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

var place = regexp.MustCompile(`\{([^{}]*)\}`)

// serverBase reads the URL of a server with its variables.
func serverBase(text string, variables node) base {
	b := base{}
	text = strings.TrimSpace(clean(text))
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i]
	}
	text = b.unfold(text, variables)
	scheme, rest, absolute := strings.Cut(text, "://")
	if !absolute {
		scheme, rest = "https", strings.TrimPrefix(text, "//")
		if !strings.HasPrefix(text, "//") && !strings.HasPrefix(text, "{") && !looksLikeHost(text) {
			rest = "{" + serverKey + "}/" + strings.TrimLeft(strings.TrimPrefix(text, "."), "/")
		}
	}
	scheme = strings.ToLower(place.ReplaceAllString(scheme, "https"))
	if scheme != "http" && scheme != "https" {
		scheme = "https"
	}
	hostname, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(hostname, '@'); i >= 0 {
		hostname = hostname[i+1:]
	}
	b.url = scheme + "://" + b.hostname(hostname, variables)
	if path = strings.Trim(b.path(path, variables), "/"); path != "" {
		b.url += "/" + path
	}
	return b
}

// looksLikeHost takes api.acme.com/v1, where only the scheme was forgotten.
func looksLikeHost(text string) bool {
	name, _, _ := strings.Cut(text, "/")
	name, _, _ = strings.Cut(name, ":")
	return strings.Contains(strings.Trim(name, "."), ".") && abi.CheckHostTemplate(name) == nil
}

// unfold puts in what is more than a part of a host or of a path: a scheme, a
// whole URL, or a path of several segments.
func (b *base) unfold(text string, variables node) string {
	return place.ReplaceAllStringFunc(text, func(p string) string {
		v := variables.get(p[1 : len(p)-1])
		standard := clean(v.get("default").text())
		switch i := strings.Index(text, p); {
		case strings.Contains(standard, "://") && i == 0:
			return standard
		case strings.HasPrefix(text[i+len(p):], "://"):
			return first(standard, "https")
		case strings.Contains(standard, "/") && !strings.Contains(standard, "{"):
			return strings.Trim(standard, "/")
		}
		return p
	})
}

// hostname is the host and port of a server. What stands for all of it, or for
// nobody's, is a parameter of kind host.
func (b *base) hostname(text string, variables node) string {
	name, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasSuffix(text, "]") {
		name, port = text[:i], text[i+1:]
		if m := place.FindStringSubmatch(port); m != nil {
			port = variables.get(m[1]).get("default").text()
		}
		if port != "" && abi.CheckHostTemplate("a.b:"+port) != nil {
			port = ""
		}
		if port != "" {
			port = ":" + port
		}
	}
	m := place.FindStringSubmatch(name)
	switch {
	case name == "" || name == "{"+serverKey+"}" || m != nil && m[0] == name:
		return b.wholeHost(name, variables) + port
	case m == nil && placeholderHost(name):
		return b.nobodysHost(name, port)
	case m == nil:
		name = strings.ToLower(strings.TrimRight(name, "."))
	default:
		name = b.labels(name, variables)
	}
	if abi.CheckHostTemplate(name+port) != nil {
		b.notes = append(b.notes, "the host of the server is none, so whoever makes a connection names it: "+clip(text, 80))
		return b.host(abi.Parameter{Key: serverKey, Required: true})
	}
	return name + port
}

func (b *base) host(p abi.Parameter) string {
	p.Kind, p.Label = abi.KindHost, first(p.Label, label(p.Key))
	p.Help = first(p.Help, "The service's host, such as api.your-company.com.")
	if !slices.ContainsFunc(b.parameters, func(q abi.Parameter) bool { return q.Key == p.Key }) {
		b.parameters = append(b.parameters, p)
	}
	return "{" + p.Key + "}"
}

// wholeHost is a variable that stands for the whole host.
func (b *base) wholeHost(name string, variables node) string {
	v := variables.get(strings.Trim(name, "{}"))
	p := abi.Parameter{Key: fieldKey(strings.Trim(name, "{}")), Help: phrase(v.get("description").text(), maxHelp)}
	if name == "" {
		p.Key = serverKey
	}
	standard := clean(v.get("default").text())
	switch {
	case standard != "" && abi.CheckHostTemplate(literal(standard)) == nil && !placeholderHost(standard):
		p.Default = strings.ToLower(standard)
	default:
		p.Required = true
	}
	if list := enumOf(v); len(list) > 1 {
		p.Help = clip("One of: "+strings.Join(list, ", "), maxHelp)
	}
	if !v.given() {
		b.notes = append(b.notes, "the document does not say which host the service has, so whoever makes a connection names it")
	}
	return b.host(p)
}

// nobodysHost is one that stands for the reader's own.
func (b *base) nobodysHost(name, port string) string {
	b.notes = append(b.notes, clip(name, 80)+" is a placeholder, so whoever makes a connection names the host; where there is only one, write it into base_url")
	p := abi.Parameter{Key: serverKey, Required: true, Help: "The service's host, such as " + clip(name, 80) + "."}
	if loopback(name) && abi.CheckHostTemplate(name+port) == nil {
		p.Required, p.Default = false, name+port
		return b.host(p)
	}
	return b.host(p) + port
}

var nobody = regexp.MustCompile(`(?i)(^|\.)example(\.(com|org|net))?$|(^|\.)(localhost|invalid|local)$|\b(your|my)[-_ ]?(domain|host|company|server|instance|site|org|api|app|subdomain|account|tenant)|<|>|\[|^(host|hostname|domain|server)$`)

// placeholderHost says whether a host is written for the reader to replace (RFC
// 2606 and what people make up), or is the author's own machine.
func placeholderHost(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	return loopback(name) || nobody.MatchString(name)
}

func loopback(host string) bool {
	name, _, _ := strings.Cut(host, ":")
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// labels are the variables within a host: each is one label, or has a default
// that is more and is written out.
func (b *base) labels(name string, variables node) string {
	return place.ReplaceAllStringFunc(name, func(found string) string {
		key := found[1 : len(found)-1]
		v := variables.get(key)
		standard, values := clean(v.get("default").text()), enumOf(v)
		if !oneLabel(standard) && standard != "" || slices.ContainsFunc(values, func(s string) bool { return !oneLabel(s) }) {
			if len(values) > 1 {
				b.notes = append(b.notes, "the host in base_url is that of the document's default; it may be another: "+few(values, 8))
			}
			return first(append([]string{standard}, values...)...)
		}
		return b.value(key, v)
	})
}

func oneLabel(text string) bool {
	return !strings.Contains(text, ".") && abi.CheckHostTemplate(literal(text)) == nil
}

var placeholder = regexp.MustCompile(`(?i)^(your|my|example|demo|sample|test|acme|foo|xxx|customer|company|subdomain|domain|tenant|account|site|org)|[<>{}\[\] ]`)

// value is the place of a variable, which becomes a parameter of the
// connection.
func (b *base) value(key string, v node) string {
	p := abi.Parameter{Key: fieldKey(key), Label: label(key), Help: phrase(v.get("description").text(), maxHelp), Enum: enumOf(v)}
	if len(p.Enum) == 1 {
		return p.Enum[0]
	}
	p.Default = clean(v.get("default").text())
	if len(p.Enum) == 0 && placeholder.MatchString(p.Default) {
		p.Help, p.Default = followed(p.Help, "Such as "+clip(p.Default, 60)+"."), ""
	}
	if p.Default != "" && p.Check(p.Default) != nil {
		p.Default = ""
	}
	p.Required = p.Default == ""
	if !slices.ContainsFunc(b.parameters, func(q abi.Parameter) bool { return q.Key == p.Key }) {
		b.parameters = append(b.parameters, p)
	}
	return "{" + p.Key + "}"
}

var versionWord = regexp.MustCompile(`(?i)version|base_?path|prefix|^v$`)

// path is what follows the host. A version has its default, for the operations
// are those of this one.
func (b *base) path(text string, variables node) string {
	var out strings.Builder
	last := 0
	for _, at := range place.FindAllStringSubmatchIndex(text, -1) {
		out.WriteString(pathText(text[last:at[0]]))
		key := text[at[2]:at[3]]
		v := variables.get(key)
		if standard := clean(v.get("default").text()); standard != "" && versionWord.MatchString(key) {
			out.WriteString(pathText(standard))
		} else {
			out.WriteString(b.value(key, v))
		}
		last = at[1]
	}
	out.WriteString(pathText(text[last:]))
	return out.String()
}

// pathText is a part of a path that holds nothing to be filled in.
func pathText(text string) string {
	u := url.URL{Path: percentDecoded(text)}
	if strings.Contains(text, "%") {
		if _, err := url.Parse("https://a/" + text); err == nil {
			return literal(strings.ReplaceAll(text, " ", "%20"))
		}
	}
	return strings.TrimPrefix(literal(strings.NewReplacer("%7B", "{", "%7D", "}").Replace(u.EscapedPath())), "./")
}

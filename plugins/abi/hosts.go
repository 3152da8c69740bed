package abi

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DeclaredHosts are the templates of the hosts to which a credential may go:
// Hosts, the base URL's own host with its port, and every parameter of kind
// host that always has a value. A base URL that begins with a captured URL
// ({instance_url}/v1) adds nothing here: its host is known only after the
// capture, and whoever fills BaseURL adds that.
//
// What fills them uses MatchHost to compare.
func (m Manifest) DeclaredHosts() []string {
	hosts := slices.Clone(m.Hosts)
	if h := URLHost(m.BaseURL); h != "" {
		hosts = append(hosts, h)
	}
	for _, p := range m.Fields() {
		place := "{" + p.Key
		in := func(h string) bool { return strings.HasPrefix(h, place+"}") || strings.HasPrefix(h, place+"|") }
		if p.Kind == KindHost && (p.Required || p.Default != "") && !slices.ContainsFunc(hosts, in) {
			hosts = append(hosts, place+"}")
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(hosts, func(h string) bool {
		was := seen[h]
		seen[h] = true
		return was
	})
}

// TokenHosts are the templates of hosts that get secrets in requests of the
// host's own and are no declared hosts: those of the URLs of auth, refresh,
// revoke and introspect, and the issuer, whose metadata names more of its own.
func (m Manifest) TokenHosts() []string {
	a := m.Auth
	requests := []*Request{a.Request, a.Authorize, a.Token, a.Device, a.PAR, a.Login, m.Introspect}
	if m.Refresh != nil {
		requests = append(requests, &m.Refresh.Request)
	}
	if m.Revoke != nil {
		requests = append(requests, &m.Revoke.Request)
	}
	urls := []string{a.Issuer}
	for _, r := range requests {
		if r != nil {
			urls = append(urls, r.URL)
		}
	}
	declared := m.DeclaredHosts()
	var hosts []string
	for _, u := range urls {
		if h := URLHost(u); h != "" && !slices.Contains(declared, h) && !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	slices.Sort(hosts)
	return hosts
}

// MatchHost says whether a URL lies at a declared host, a filled template of
// DeclaredHosts. A host without a port stands for the default port of the
// scheme: 443 for https, 80 for http.
func MatchHost(declared string, u *url.URL) bool {
	d, err := url.Parse("//" + declared)
	if err != nil || d.Host == "" || u.Host == "" {
		return false
	}
	standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	want, got := d.Port(), u.Port()
	if want == "" {
		want = standard
	}
	if got == "" {
		got = standard
	}
	return want != "" && want == got && sameHost(d.Hostname(), u.Hostname())
}

func sameHost(a, b string) bool {
	if x, y := net.ParseIP(a), net.ParseIP(b); x != nil && y != nil {
		return x.Equal(y)
	}
	return a != "" && strings.EqualFold(a, b)
}

// URLHost is the host of the template of an absolute URL; "" where the URL
// begins with a place.
func URLHost(template string) string {
	scheme, rest, ok := strings.Cut(template, "://")
	if !ok || strings.ContainsAny(scheme, "{}") {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

var hostLabel = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// CheckHostTemplate says why a template is no host or host:port, or nil. A
// place may stand for a whole label, a part of one, the whole host or the
// port.
func CheckHostTemplate(template string) error {
	// One digit is a label, a part of a label, a host and a port.
	short, err := Expand(template, func(Place) (string, error) { return "1", nil })
	if err != nil {
		return err
	}
	if err := checkHost(short); err != nil {
		return err
	}
	long, err := Expand(template, func(p Place) (string, error) {
		if p.Fallback != "" {
			return p.Fallback, nil
		}
		return "1", nil
	})
	if err != nil {
		return err
	}
	return checkHost(long)
}

func checkHost(s string) error {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && (!strings.Contains(s[:i], ":") || s[i-1] == ']') {
		host, port = s[:i], s[i+1:]
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || port[0] == '+' {
			return fmt.Errorf("%q is not a port", port)
		}
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		if ip := net.ParseIP(inner); !closed || ip == nil || !strings.Contains(inner, ":") {
			return fmt.Errorf("%q is not an IPv6 address in brackets", host)
		}
		return nil
	}
	return checkLabels(host)
}

func checkLabels(host string) error {
	switch {
	case host == "":
		return errors.New("a host name is missing")
	case len(host) > 253:
		return errors.New("a host name has at most 253 characters")
	}
	for label := range strings.SplitSeq(host, ".") {
		if !hostLabel.MatchString(label) {
			return fmt.Errorf("%q is not a host name", host)
		}
	}
	return nil
}

// hostHint says what is commonly meant by a text that is no host.
func hostHint(s string) string {
	switch {
	case strings.Contains(s, "://"):
		return "leave out the scheme, such as https://"
	case strings.ContainsAny(s, "/?#"):
		return "leave out the path"
	case strings.Contains(s, "*"):
		return "there are no wildcards; name each host, or use a parameter: {region}.example.com"
	case strings.Contains(s, "@"):
		return "leave out the user"
	case strings.Count(s, ":") > 1 && !strings.Contains(s, "["):
		return "an IPv6 address stands in brackets: [::1]:8080"
	}
	for _, r := range s {
		if r > 126 {
			return "write the name as it stands in DNS: xn--..."
		}
	}
	return ""
}

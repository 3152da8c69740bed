package lab

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// A service is what a manifest describes, from the other side: the endpoints that
// it names, the credential that it wants, and answers in which its pointers find
// something. What a connector's code would add is not known here, so a request
// that hooks make is held against less.
//
//	request -> endpoint (origin, path, method, parameters) -> its handler
//	                 |                                           |
//	                 +-- none: any path of a declared host ------+-- door -> answer
type service struct {
	*Lab
	m          abi.Manifest
	values     map[string]string // of the templates: fields and captured values
	credential Credential
	endpoints  []*endpoint
	hosts      []string // declared, filled

	// Guarded by the lab's lock.
	pushed  map[string]*ask    // by the reference that PAR gave
	swapped map[string]string  // the refresh token of an access token that is swapped itself
	devices map[string]*device // by the code that a person enters
	tokens1 map[string]*token1 // of OAuth 1.0a
	once    map[string]bool    // ids of tokens and nonces that were used
	nonces  map[string]int     // of Digest -> the count that was seen last
}

// Shaped makes the lab behave as the service that a manifest describes. The
// manifest is one that abi.Check has found no fault in. Values of Options fill
// its parameters; what they do not give is made up.
func Shaped(m abi.Manifest, o Options) (*Lab, error) {
	l := New(o)
	if o.TokenLife <= 0 && m.Lifetime() > 0 {
		l.life = m.Lifetime()
	}
	c, err := l.credential(m, o.Values)
	if err != nil {
		return nil, err
	}
	s := &service{
		Lab: l, m: m, credential: c, values: c.known(m, o.Addr),
		pushed: map[string]*ask{}, swapped: map[string]string{}, devices: map[string]*device{}, tokens1: map[string]*token1{}, once: map[string]bool{}, nonces: map[string]int{},
	}
	for _, name := range m.CapturedNames() {
		if text, ok := o.Values[name]; ok {
			s.values[name] = text
		}
	}
	l.rules = rules{
		renews: m.Auth.Type == abi.AuthOAuth2 && !m.Mints(), rotates: m.Rotates(), grace: m.Grace(),
		idle: m.Idle(), life: m.Life(), open: !m.PKCE(),
	}
	for _, template := range append(m.DeclaredHosts(), abi.URLHost(m.BaseURL)) {
		s.hosts = append(s.hosts, strings.ToLower(s.fill(template)))
	}
	s.endpoints = s.describe()
	l.warnings = warningsOf(m)
	l.service, l.find, l.always = s, s.find, o.Always
	return l, l.SetFaults(nil)
}

// warningsOf tells what the code of a connector knows alone.
func warningsOf(m abi.Manifest) (list []string) {
	if m.Auth.Type == abi.AuthCustom {
		list = append(list, "the connector's code signs, and the lab does not know how: every call is let in")
	}
	for _, hook := range []string{abi.HookCallback, abi.HookToken, abi.HookRespond, abi.HookPage, abi.HookTest} {
		if slices.Contains(m.Hooks, hook) {
			list = append(list, `the hook "`+hook+`" reads answers whose shape only the code knows: give it with the fault "shape"`)
		}
	}
	return list
}

// Credential is what a shaped lab takes.
func (l *Lab) Credential() Credential {
	if l.service == nil {
		return Credential{ClientID: ClientID, ClientSecret: ClientSecret}
	}
	return l.service.credential
}

// Warnings are sentences on what a shaped lab cannot know.
func (l *Lab) Warnings() []string { return slices.Clone(l.warnings) }

// Hosts are the hosts, as host:port, that a shaped lab stands for.
func (l *Lab) Hosts() []string {
	if l.service == nil {
		return nil
	}
	s := l.service
	seen := map[string]bool{}
	for _, e := range s.endpoints {
		seen[hostPort(e.origin)] = true
	}
	for _, name := range append(s.m.CentreHosts(), s.hosts...) {
		if name != "" {
			seen[hostPort("https://"+strings.ToLower(name))] = true
		}
	}
	if origin, _ := s.locate(s.m.BaseURL); origin != "" {
		seen[hostPort(origin)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// hostPort is an origin's host with its port, given or not.
func hostPort(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname() + ":" + cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}

// locate takes the template of a URL apart: its origin, filled, and the template
// of its path and query.
func (s *service) locate(template string) (origin, tail string) {
	if name, rest, ok := strings.Cut(strings.TrimPrefix(template, "{"), "}"); ok && strings.HasPrefix(template, "{") {
		name, fallback, _ := strings.Cut(name, "|")
		base := strings.TrimSuffix(cmp.Or(s.values[name], fallback), "/")
		template = strings.NewReplacer("{", "{{", "}", "}}").Replace(base) + rest
	}
	scheme, _, ok := strings.Cut(template, "://")
	if !ok {
		return "", ""
	}
	authority := abi.URLHost(template)
	u := &url.URL{Scheme: scheme, Host: strings.ToLower(s.fill(authority))}
	if u.Port() == map[string]string{"http": "80", "https": "443"}[scheme] {
		u.Host = u.Hostname()
	}
	return u.String(), template[len(scheme)+3+len(authority):]
}

// now is the service's clock for one request, which a fault may have moved.
func (s *service) at(r *http.Request) time.Time { return s.now().Add(entry(r).skew) }

// account is whose credential the service knows.
func (s *service) owner() account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

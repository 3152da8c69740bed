package egress

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// admit is the URL policy for one hop: it gives the class under which the hop
// is dialled, or refuses it. A declared host of a bound call is decided here;
// an address is decided here where the URL has one, and by the guard's dialer
// in any case.
//
// A hop that left the first origin is a public call, also of a bound one: it
// carries nothing of the connection, so it may go where anyone may.
func (x *exchange) admit(h *hop) (class, error) {
	k := public
	if x.call.Bound && !h.foreign {
		if !declared(x.call.Hosts, h.target) {
			return 0, undeclared(h.target, x.call.Hosts)
		}
		k = bound
		if x.call.Sign != nil && h.target.url.Scheme == "http" {
			k = plain
		}
	}
	var err error
	if h.target.addr.IsValid() {
		err = x.client.guard.check(k, netip.AddrPortFrom(h.target.addr, h.target.port))
	} else {
		err = x.client.guard.checkPort(k, h.target.port)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return 0, r.explain(h.target)
	}
	return k, err
}

// declared looks a target up among the declared hosts. A host without a port
// stands for the default port of the scheme, host:port for exactly that.
func declared(hosts []string, t target) bool {
	return slices.ContainsFunc(hosts, func(s string) bool {
		if s == t.url.Host { // the usual case: both are normal
			return true
		}
		u, err := url.Parse(t.url.Scheme + "://" + s)
		if err != nil {
			return false
		}
		d, err := parseTarget(u)
		return err == nil && d.url.Path == "" && d.sameOrigin(t)
	})
}

func undeclared(t target, hosts []string) *host.Error {
	e := host.Errorf(host.Refused, "%s is not a host of this connector", t)
	if len(hosts) == 0 {
		return e
	}
	return e.WithHint("it declares %s", strings.Join(hosts, ", "))
}

// explain makes the sentence of a refusal. The address behind a name is told
// only where it is no news: to a script, other names of a private network are
// none of its business.
func (r *refusal) explain(t target) *host.Error {
	opening := "ADDRESS:" + strconv.Itoa(int(t.port))
	if r.to.IsValid() && (t.addr.IsValid() || r.to.Addr().IsLoopback()) {
		one := netip.PrefixFrom(r.to.Addr(), r.to.Addr().BitLen())
		opening = Opening{one, r.to.Port()}.String()
	}
	var e *host.Error
	switch r.why {
	case plainCredential:
		e = host.Errorf(host.Refused, "a credential is not sent to %s over plain http", t).
			WithHint("use https, or let the operator open it: --allow-cidr %s", opening)
	case otherPort:
		e = host.Errorf(host.Refused, "without a connection only the ports 80 and 443 can be called, not %s", t).
			WithHint("use a connection whose connector declares it, or let the operator open it: --allow-cidr %s", opening)
	default:
		e = host.Errorf(host.Refused, "%s leads to a private or special address", t).
			WithHint("if that is meant, let the operator open it: --allow-cidr %s", opening)
	}
	return e.Because(r)
}

// checkMethod refuses what is not a token (RFC 9110 section 9.1), and the two
// methods that are not for a service behind a connection.
func checkMethod(m string) error {
	if !token(m) {
		return host.Errorf(host.Refused, "%q is not an HTTP method", m)
	}
	if m == http.MethodConnect || m == http.MethodTrace {
		return host.Errorf(host.Refused, "the method %s cannot be used", m)
	}
	return nil
}

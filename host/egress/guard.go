package egress

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// A class is the rule under which connections are dialled. It is chosen for
// each hop before its credential is put on, and checked when the address is
// known: nothing has been written then.
type class int

const (
	// public: a call without a connector, and every hop to another origin.
	// Public addresses on ports 80 and 443, and what is opened.
	public class = iota
	// bound: a declared host of a connector. Public addresses on the declared
	// port, and what is opened.
	bound
	// plain: a credential over http. Only what is opened.
	plain
	classes
)

// A guard decides which addresses may be dialled.
type guard struct {
	special *ssrf.Guardian
	open    []Opening
}

func newGuard(open []Opening) guard {
	return guard{
		special: ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(more...)),
		open:    slices.Clone(open),
	}
}

// more are refused beyond what the library knows: 168.63.129.16 is a public
// address at which every machine of one cloud finds its host.
var more = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}

// control is the hook of a dialer: it sees the address that is about to be
// dialled, whatever the name was and whoever answered for it.
func (g guard) control(k class) func(network, address string, _ syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || network != "tcp4" && network != "tcp6" {
			return fmt.Errorf("cannot judge %s %s", network, address)
		}
		return g.check(k, to)
	}
}

// check gives nil or a *refusal.
func (g guard) check(k class, to netip.AddrPort) error {
	to = netip.AddrPortFrom(to.Addr().Unmap().WithZone(""), to.Port())
	switch {
	case slices.ContainsFunc(g.open, func(o Opening) bool { return o.Covers(to) }):
		return nil
	case k == plain:
		return &refusal{to: to, why: plainCredential}
	case isatap(to.Addr()) || g.special.SafeAddr(to.Addr()) != nil:
		return &refusal{to: to, why: specialAddress}
	case k == public && !webPort(to.Port()):
		return &refusal{to: to, why: otherPort}
	}
	return nil
}

// checkPort refuses, before a name is looked up, what no address behind it
// could make allowed.
func (g guard) checkPort(k class, port uint16) error {
	if k == bound || k == public && webPort(port) ||
		slices.ContainsFunc(g.open, func(o Opening) bool { return o.Port == 0 || o.Port == port }) {
		return nil
	}
	if k == plain {
		return &refusal{why: plainCredential}
	}
	return &refusal{why: otherPort}
}

func webPort(port uint16) bool { return port == 80 || port == 443 }

// isatap finds an IPv4 address that is embedded as RFC 5214 section 6.1 says;
// unlike the other embeddings it may stand below any public prefix.
func isatap(a netip.Addr) bool {
	if !a.Is6() {
		return false
	}
	b := a.As16()
	return b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// A refusal is the guard's no. The sentence for people is made where the name
// of the host is known.
type refusal struct {
	to  netip.AddrPort // zero: refused before the look-up
	why reason
}

type reason int

const (
	specialAddress reason = iota
	plainCredential
	otherPort
)

// Error is for the log.
func (r *refusal) Error() string {
	return fmt.Sprintf("the guard refused %s (%s)", r.to,
		[]string{"private or special address", "credential over http", "port"}[r.why])
}

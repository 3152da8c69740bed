package egress

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// An Opening is a range of addresses that the operator has opened, although
// the guard would refuse it. Port 0 opens every port.
type Opening struct {
	Prefix netip.Prefix
	Port   uint16
}

// ParseOpening reads "10.0.0.0/8", "127.0.0.1/32:9100", "::1/128" or
// "[::1]/128:9100". An address without a length is that one address.
func ParseOpening(s string) (Opening, error) {
	text, port, err := cutPort(s)
	if err != nil {
		return Opening{}, err
	}
	prefix, err := parsePrefix(text)
	switch {
	case err != nil:
		return Opening{}, openingError(s, "write an address or a CIDR, with a port if only that is meant, such as 127.0.0.1/32:9100 or [::1]/128:9100")
	case prefix.Addr().Is4In6():
		return Opening{}, openingError(s, "write the IPv4 address itself, such as %s", prefix.Addr().Unmap())
	case prefix.Masked() != prefix:
		return Opening{}, openingError(s, "it has bits behind its length: write %s for the range, or %s for the one address",
			prefix.Masked(), netip.PrefixFrom(prefix.Addr(), prefix.Addr().BitLen()))
	}
	return Opening{prefix, port}, nil
}

// cutPort takes the port off. A colon separates one behind a length, behind
// brackets, and behind an IPv4 address; a bare IPv6 address has none.
func cutPort(s string) (string, uint16, error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || !strings.ContainsAny(s[:i], "/]") && strings.Contains(s[:i], ":") || strings.ContainsAny(s[i:], "/]") {
		return s, 0, nil
	}
	port, err := strconv.ParseUint(s[i+1:], 10, 16)
	if err != nil || port == 0 {
		return "", 0, openingError(s, "a port is a number from 1 to 65535")
	}
	return s[:i], uint16(port), nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		addr, length, found := strings.Cut(inner, "]")
		if !found || !strings.Contains(addr, ":") {
			return netip.Prefix{}, fmt.Errorf("brackets are for an IPv6 address")
		}
		text = addr + length
	}
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("not an address")
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

func openingError(s, hint string, args ...any) *host.Error {
	return host.Errorf(host.Usage, "%q is not a range of addresses that can be opened", s).WithHint(hint, args...)
}

// String is the form that ParseOpening reads.
func (o Opening) String() string {
	if o.Port == 0 {
		return o.Prefix.String()
	}
	if o.Prefix.Addr().Is6() {
		return fmt.Sprintf("[%s]/%d:%d", o.Prefix.Addr(), o.Prefix.Bits(), o.Port)
	}
	return fmt.Sprintf("%s:%d", o.Prefix, o.Port)
}

// Wide says how an opening lets more through than the service that it is meant
// for, in words; empty for one that does not.
func (o Opening) Wide() string {
	const network = 8 // bits of a small network's addresses
	bits := o.Prefix.Addr().BitLen() - o.Prefix.Bits()
	switch {
	case o.Prefix.Contains(metadata):
		return "the address at which clouds give their machines credentials is among them"
	case bits > network && o.Port == 0:
		return fmt.Sprintf("every port of 2^%d addresses", bits)
	case bits > network:
		return fmt.Sprintf("2^%d addresses", bits)
	case bits > 0 && o.Port == 0:
		return fmt.Sprintf("every port of %d addresses", 1<<bits)
	}
	return ""
}

// metadata is where machines of clouds ask for their own credentials.
var metadata = netip.AddrFrom4([4]byte{169, 254, 169, 254})

// Covers reports whether an address and port are opened.
func (o Opening) Covers(to netip.AddrPort) bool {
	return (o.Port == 0 || o.Port == to.Port()) && o.Prefix.Contains(to.Addr().Unmap().WithZone(""))
}

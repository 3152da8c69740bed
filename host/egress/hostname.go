package egress

import (
	"net/netip"
	"strings"
	"unicode"

	"github.com/connhost/connhost/host"
)

// hostname brings a host into the one spelling that is compared, looked up and
// sent: lower case, ASCII, no final dot, addresses in their canonical form.
// Other spellings of an IPv4 address (127.1, 0x7f.1, 2130706433) are refused
// and not guessed at, since resolvers disagree about them.
func hostname(s string) (string, netip.Addr, error) {
	if strings.Contains(s, ":") {
		return address6(s)
	}
	name, err := asciiName(strings.TrimSuffix(s, "."))
	if err != nil {
		return "", netip.Addr{}, err
	}
	if !endsInNumber(name) {
		return name, netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return "", netip.Addr{}, host.Errorf(host.Refused, "%q is not an address in its usual form", name).
			WithHint("write four numbers from 0 to 255, such as 192.0.2.1")
	}
	var room [16]byte
	if string(addr.AppendTo(room[:0])) == name { // as it nearly always is
		return name, addr, nil
	}
	return addr.String(), addr, nil
}

func address6(s string) (string, netip.Addr, error) {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return "", netip.Addr{}, host.Errorf(host.Refused, "%q is not an address that can be called", s)
	}
	return addr.String(), addr, nil
}

// asciiName lower-cases and checks every label, and encodes those beyond ASCII
// (RFC 5891 section 4.4, without the mappings of UTS 46: a name that needs
// them does not compare equal to a declared host and is not found).
func asciiName(s string) (string, error) {
	if normal(s) {
		return s, nil
	}
	labels := strings.Split(strings.ToLower(s), ".")
	for i, label := range labels {
		ascii := true
		for _, r := range label {
			if !labelRune(r) {
				return "", host.Errorf(host.Refused, "%q is not a host name", s)
			}
			ascii = ascii && r < 0x80
		}
		if !ascii {
			label = "xn--" + punycode(label)
		}
		if label == "" || len(label) > 63 {
			return "", host.Errorf(host.Refused, "%q is not a host name", s)
		}
		labels[i] = label
	}
	return strings.Join(labels, "."), nil
}

// normal reports whether a name is spelled as asciiName would: it is the usual
// case, and costs no copy.
func normal(s string) bool {
	begin := 0
	for i := range len(s) + 1 {
		switch {
		case i == len(s) || s[i] == '.':
			if i == begin || i-begin > 63 {
				return false
			}
			begin = i + 1
		case s[i] >= 0x80 || !labelRune(rune(s[i])):
			return false
		}
	}
	return true
}

func labelRune(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_'
	}
	// Full-width forms and digits beyond ASCII spell other names and addresses.
	return (unicode.IsLetter(r) || unicode.IsMark(r)) && (r < 0xff00 || r > 0xffef)
}

// endsInNumber reports whether a resolver may take the name for an IPv4
// address: its last label is a number, decimal or hexadecimal.
func endsInNumber(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

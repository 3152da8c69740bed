package egress

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
)

// A target is a URL that can be called: http or https, a host in one spelling,
// a port, nothing that could end a line. Whether it may be called is the
// policy's question.
type target struct {
	url  *url.URL // own copy, without fragment
	host string   // lower case, ASCII, without brackets and final dot
	port uint16
	addr netip.Addr // where the host is written as an address
}

// parseTarget normalises a URL and refuses what cannot be sent safely.
func parseTarget(u *url.URL) (target, error) {
	if u == nil {
		return target{}, host.Errorf(host.Usage, "a call needs a URL")
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" {
		return target{}, host.Errorf(host.Refused, "only http and https URLs can be called, not %q", u.Scheme)
	}
	if u.User != nil {
		return target{}, host.Errorf(host.Refused, "a URL must not hold a user or password").
			WithHint("let a connection hold them")
	}
	if u.Opaque != "" || u.Host == "" {
		return target{}, host.Errorf(host.Refused, "a URL needs a host")
	}
	name, addr, err := hostname(u.Hostname())
	if err != nil {
		return target{}, err
	}
	port, err := portOf(scheme, u.Port())
	if err != nil {
		return target{}, err
	}
	query, err := cleanQuery(u.RawQuery)
	if err != nil {
		return target{}, err
	}
	t := target{host: name, port: port, addr: addr}
	t.url = &url.URL{Scheme: scheme, Host: t.authority(scheme, u.Host), Path: u.Path, RawPath: u.RawPath, RawQuery: query}
	if u.Path != "" && u.Path[0] != '/' { // as URLs made by hand may be
		t.url.Path, t.url.RawPath = "/"+u.Path, ""
	}
	return t, nil
}

func portOf(scheme, text string) (uint16, error) {
	if text == "" {
		return defaultPort(scheme), nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, host.Errorf(host.Refused, "%q is not a port", text)
	}
	return uint16(port), nil
}

func defaultPort(scheme string) uint16 {
	if scheme == "http" {
		return 80
	}
	return 443
}

// cleanQuery escapes what people write bare, space and letters beyond ASCII,
// and refuses control characters.
func cleanQuery(q string) (string, error) {
	for i := range len(q) {
		if q[i] <= ' ' || q[i] >= 0x7f {
			return escapeQuery(q)
		}
	}
	return q, nil
}

func escapeQuery(q string) (string, error) {
	var b strings.Builder
	for i := range len(q) {
		switch ch := q[i]; {
		case ch < ' ' || ch == 0x7f:
			return "", host.Errorf(host.Refused, "the URL's query holds a line break or another control character")
		case ch == ' ' || ch > 0x7f:
			fmt.Fprintf(&b, "%%%02X", ch)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String(), nil
}

// authority is host or host:port as it stands in a URL of that scheme. As it was
// written is what it usually is, and costs no copy then.
func (t target) authority(scheme, written string) string {
	var room [80]byte
	text := room[:0]
	if strings.Contains(t.host, ":") {
		text = append(append(append(text, '['), t.host...), ']')
	} else {
		text = append(text, t.host...)
	}
	if t.port != defaultPort(scheme) {
		text = strconv.AppendUint(append(text, ':'), uint64(t.port), 10)
	}
	if string(text) == written {
		return written
	}
	return string(text)
}

// sameOrigin compares scheme, host and port (RFC 6454 section 5).
func (t target) sameOrigin(o target) bool {
	return t.url.Scheme == o.url.Scheme && t.host == o.host && t.port == o.port
}

// String is the origin, for messages: no path, no query.
func (t target) String() string { return t.url.Host }

package broker

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/connhost/connhost/host"
)

var urlPlace = regexp.MustCompile(`\{([A-Za-z][A-Za-z0-9_]*)\}`)

// url reads the URL of a call through a connection. A path is below the
// connector's base URL; {name} is filled where the connection has such a
// parameter, escaped for its place, and left alone where not. A secret never
// goes into a URL this way.
func (r *route) url(raw string) (*url.URL, error) {
	if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") {
		return r.absolute("", raw)
	}
	base := strings.TrimSuffix(r.connector.Manifest.BaseURL, "/")
	u, err := r.absolute(base, raw)
	if err != nil || !strings.Contains(u.Path, "..") && !strings.Contains(u.Path, "%") {
		return u, err
	}
	below, err := r.values.URL(base)
	if err != nil {
		return nil, err
	}
	if climbs(strings.TrimPrefix(u.Path, below.Path)) {
		return nil, host.Errorf(host.Refused, "the path of the call leaves the base URL of connector %q", r.connector.ID).
			WithHint("write the whole URL if that is meant: https://...")
	}
	return u, nil
}

// climbs reports whether a path leads above where it begins, for any server that
// may read it: one that decodes it again, takes a backslash for a slash, cuts
// parameters off ("..;x") or joins slashes.
func climbs(path string) bool {
	for range 4 {
		depth := 0
		for segment := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
			segment, _, _ = strings.Cut(segment, ";")
			switch strings.TrimSpace(segment) {
			case "", ".":
			case "..":
				depth--
			default:
				depth++
			}
			if depth < 0 {
				return true
			}
		}
		next, err := url.PathUnescape(path)
		if err != nil || next == path {
			break
		}
		path = next
	}
	return false
}

// absolute reads a URL of a caller below a template of the manifest, whose
// places are all filled, with their fallbacks; base may be empty.
func (r *route) absolute(base, given string) (*url.URL, error) {
	raw := base + given
	if scheme, _, ok := strings.Cut(raw, "://"); !strings.HasPrefix(raw, "{") && (!ok || strings.ContainsAny(scheme, "/?#")) {
		return nil, badURL()
	}
	if !strings.ContainsAny(raw, "{}") {
		u, err := url.Parse(raw) // nothing to fill
		if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
			return nil, host.Errorf(host.Usage, "the URL of the call cannot be read").Because(err).
				WithHint("it needs a host and no user, and what it may not hold is escaped: a %% is %%25, a line break %%0A")
		}
		return tidy(u), nil
	}
	for _, m := range urlPlace.FindAllStringSubmatch(raw, -1) {
		if _, secret := r.values.Secret[m[1]]; secret {
			return nil, host.Errorf(host.Refused, "{%s} is a secret of connection %q and may not stand in a URL", m[1], r.connection.LinkName)
		}
	}
	u, err := r.values.URL(base + r.keepUnknown(given))
	if err != nil {
		if host.CodeOf(err) == host.Internal {
			return nil, badURL().Because(err)
		}
		return nil, err
	}
	return tidy(u), nil
}

// keepUnknown doubles the braces of everything that is not a place of a known
// parameter, so that it stays as it was written.
func (r *route) keepUnknown(raw string) string {
	var b strings.Builder
	for raw != "" {
		loc := urlPlace.FindStringSubmatchIndex(raw)
		if loc == nil {
			break
		}
		name := raw[loc[2]:loc[3]]
		b.WriteString(escapeBraces(raw[:loc[0]]))
		if _, known := r.values.Params[name]; known {
			b.WriteString(raw[loc[0]:loc[1]])
		} else {
			b.WriteString(escapeBraces(raw[loc[0]:loc[1]]))
		}
		raw = raw[loc[1]:]
	}
	b.WriteString(escapeBraces(raw))
	return b.String()
}

var doubleBraces = strings.NewReplacer("{", "{{", "}", "}}")

func escapeBraces(s string) string { return doubleBraces.Replace(s) }

// parseURL reads the URL of a public call.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, badURL().Because(err)
	}
	return tidy(u), nil
}

func badURL() *host.Error {
	return host.Errorf(host.Usage, "the URL of the call is not absolute").
		WithHint("begin it with https://, or with / for a path below the connection's base URL")
}

// tidy escapes what people write into a query and a URL may not hold.
func tidy(u *url.URL) *url.URL {
	u.RawQuery = escapeQuery(u.RawQuery)
	u.Fragment, u.RawFragment = "", ""
	return u
}

func escapeQuery(q string) string {
	if q == "" {
		return ""
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(q) {
		c := q[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

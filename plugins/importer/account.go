package importer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

var (
	whoami    = regexp.MustCompile(`(?i)^(me|self|whoami|who_am_i|myself|current_?user|authenticated_?user|user_?info|@me|~|current|viewer|token_?info|identity)$`)
	accountOf = regexp.MustCompile(`(?i)^(user|account|profile|session|tokens?/verify|company|organization|organisation|tenant|workspace|team|merchant|shop|store)$`)
	noProof   = regexp.MustCompile(`(?i)^(ping|health|healthz?|status|version|ready|readyz|livez?|time|\.well-known|openapi|swagger|docs|metrics|robots\.txt|info|heartbeat|test|echo)$`)
)

// account finds the call that shows whether a credential works, and whose it
// is: the one that a service has for that, else a harmless list.
func (s *service) account() {
	if s.manifest.Auth.Type == abi.AuthNone && s.anyClosed() {
		return
	}
	best, most := operation{}, 0
	for _, o := range s.operations {
		if n := s.shows(o); n > most || n == most && n > 0 && len(o.Path) < len(best.Path) {
			best, most = o, n
		}
	}
	if most == 0 {
		s.review.check("no call was found that shows whether a connection works: add test: {path: ...}")
		return
	}
	test := best.Request
	test.Query = fixedOnly(test.Query)
	test.Headers = fixedOnly(test.Headers)
	if key := keyAt(best.answer()); key != "" && most >= 60 {
		test.Answer = &abi.Answer{Key: key, Label: labelAt(best.answer())}
	}
	s.manifest.Test = &test
	s.review.check("test is a guess: " + best.place + " should work with a good credential only" + map[bool]string{true: ", and say whose it is"}[test.Answer != nil])
	if test.Answer == nil && s.manifest.Auth.Type != abi.AuthNone {
		s.review.check("nothing says whose an authorization is: add answer: {key: ..., label: ...} to a test or an identity")
	}
}

func (s *service) anyClosed() bool {
	return slices.ContainsFunc(s.operations, func(o operation) bool { return !o.open })
}

// fixedOnly keeps what needs nothing of a caller.
func fixedOnly(texts map[string]string) map[string]string {
	kept := map[string]string{}
	for name, template := range texts {
		if places, err := abi.Places(template); err == nil && len(places) == 0 {
			kept[name] = template
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// shows says how well an operation shows that a credential works; 0 is not at
// all.
func (s *service) shows(o operation) int {
	if o.Method != "" || o.URL != "" || slices.ContainsFunc(o.Parameters, func(p abi.Parameter) bool { return p.Required }) {
		return 0
	}
	segments := strings.Split(strings.Trim(o.Path, "/"), "/")
	end := segments[len(segments)-1]
	points := 0
	switch deep := len(segments); {
	case slices.ContainsFunc(segments, noProof.MatchString):
		return 0
	case whoami.MatchString(end):
		points = 100 - deep
	case accountOf.MatchString(end) && o.answer().kind == "object":
		points = 80 - 2*deep
	case isAboutMe(o):
		points = 78 - 2*deep
	default:
		points = max(30-5*deep, 1)
	}
	if o.open && s.manifest.Auth.Type != abi.AuthNone {
		points /= 4
	}
	if points >= 60 && keyAt(o.answer()) == "" {
		points -= 15
	}
	return max(points, 1)
}

var aboutMe = regexp.MustCompile(`(?i)\b(current|authenticated|logged[- ]in|own) (user|account|profile|member)\b|\b(your|my) (account|profile|user)\b|about (me|yourself|the (current|authenticated) user)`)

func isAboutMe(o operation) bool { return aboutMe.MatchString(o.Text) && o.answer().kind == "object" }

var (
	keyNames   = []string{"id", "user_id", "userId", "account_id", "accountId", "uuid", "uid", "guid", "gid", "sub", "Id", "ID", "login", "username", "email"}
	labelNames = []string{"email", "mail", "emailAddress", "email_address", "primary_email", "userPrincipalName", "name", "display_name", "displayName", "full_name", "fullName", "login", "username", "userName", "user_name", "title", "company", "accountName", "account_name", "Name", "Email"}
)

func keyAt(s shape) string   { return named(s, keyNames) }
func labelAt(s shape) string { return named(s, labelNames) }

// named points at the first of some names that an answer has, at the top or
// within an object such as user or data.
func named(s shape, names []string) string {
	list := lookup(s, 2, func(name string, inner shape) bool {
		return slices.Contains(names, name) && (inner.kind == "string" || inner.kind == "number" || inner.kind == "")
	})
	if len(list) == 0 {
		return ""
	}
	order := func(f found) int {
		return strings.Count(f.pointer, "/")*100 + slices.Index(names, lastName(f.pointer))
	}
	return slices.MinFunc(list, func(a, b found) int { return cmp.Compare(order(a), order(b)) }).pointer
}

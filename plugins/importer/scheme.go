package importer

import (
	"regexp"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// A scheme is one way to authorize that a document knows by a name.
type scheme struct {
	name   string
	auth   abi.Auth
	extra  scheming
	rank   int    // the higher the better; 0 is none that a connector can have
	why    string // it cannot be had
	scopes []abi.Scope
}

// What a scheme brings beside auth.
type scheming struct {
	parameters []abi.Parameter
	refresh    *abi.Refresh
	notes      []string
	unverified []string
	docs       string
}

// Ranks: what lets a person decide and be asked again comes first, what is
// shown in a URL last.
const (
	rankNone = iota
	rankImplicit
	rankCookie
	rankQuery
	rankPassword
	rankBasic
	rankKey
	rankBearer
	rankClient
	rankIssuer
	rankCode
)

// readScheme reads one security scheme of OpenAPI 3 or Swagger 2.
func readScheme(name string, n node, b base) scheme {
	s := scheme{name: name}
	n, err := n.follow()
	if err != nil {
		s.why = err.Error()
		return s
	}
	s.extra.docs = docsIn(n.get("description").text())
	switch kind := strings.ToLower(n.get("type").text()); kind {
	case "apikey":
		s.apiKey(n)
	case "basic":
		s.auth, s.rank = abi.Auth{Type: abi.AuthBasic}, rankBasic
	case "http":
		s.http(n)
	case "oauth2":
		s.oauth2(n, b)
	case "openidconnect":
		s.openID(n, b)
	case "mutualtls":
		s.why = "a client certificate is no credential of its own"
	default:
		s.why = "its type " + quoted(kind) + " is not known"
	}
	return s
}

// help is what a person should know to give the credential.
func schemeHelp(n node) string { return phrase(n.get("description").text(), maxHelp) }

// spoken finds the word that a description puts before a credential:
// "Authorization: Token abc".
var spoken = regexp.MustCompile(`(?i)["'` + "`" + `:\s](Bearer|Token|Basic|ApiKey|Api-Key|Key|OAuth|SSWS|GenieKey|Bot|Klaviyo-API-Key|apikey|DeepL-Auth-Key|Zoho-oauthtoken)\s+["'` + "`" + `]?[<{\[$]?[A-Za-z_-]*[ _-]?(key|token|api|secret|access|xxx|your|my|abc|123)`)

func (s *scheme) apiKey(n node) {
	name := n.get("name").text()
	key := abi.Parameter{Key: "key", Label: label(first(s.name, "key")), Help: schemeHelp(n), Secret: true}
	switch in := strings.ToLower(n.get("in").text()); {
	case strings.EqualFold(first(n.get("x-amazon-apigateway-authtype").text()), "awssigv4"):
		s.sigV4(n)
		return
	case name == "" || clean(name) != name:
		s.why = "it does not say which header or parameter the key stands in"
		return
	case in == "cookie":
		s.auth, s.rank = abi.Auth{Type: abi.AuthAPIKey, Name: "Cookie", Value: literal(name) + "={key}"}, rankCookie
	case in == "query":
		s.auth, s.rank = abi.Auth{Type: abi.AuthAPIKey, In: abi.InQuery, Name: name}, rankQuery
	case strings.EqualFold(name, "Authorization"):
		s.authorization(n, &key)
	default:
		s.auth, s.rank = abi.Auth{Type: abi.AuthAPIKey, Name: name}, rankKey
	}
	s.extra.parameters = []abi.Parameter{key}
}

// authorization is a key in the header Authorization, which mostly has a word
// before it that only the description tells.
func (s *scheme) authorization(n node, key *abi.Parameter) {
	about := " " + n.get("description").text() + " " + s.name
	if m := spoken.FindStringSubmatch(about); m != nil && !strings.EqualFold(m[1], "basic") {
		s.auth, s.rank = abi.Auth{Type: abi.AuthBearer, Value: m[1] + " {token}"}, rankBearer
		if m[1] == "Bearer" {
			s.auth.Value = ""
		}
		key.Key = "token"
		s.extra.unverified = append(s.extra.unverified, "auth.value")
		s.extra.notes = append(s.extra.notes, "that the word "+m[1]+" stands before the credential is read from a description")
		if s.auth.Value == "" {
			s.extra.unverified = nil
		}
		return
	}
	s.auth, s.rank = abi.Auth{Type: abi.AuthAPIKey, Name: "Authorization"}, rankKey
	s.extra.notes = append(s.extra.notes, "the credential is sent in the header Authorization as it is given; if a word such as Bearer belongs before it, write it into auth.value")
}

// sigV4 is how Amazon's API Gateway marks its own signature.
func (s *scheme) sigV4(n node) {
	info := n.doc.root().get("info")
	service := strings.ToLower(notWord.ReplaceAllString(first(info.get("x-serviceName").text(), "execute-api"), "-"))
	s.auth, s.rank = abi.Auth{Type: abi.AuthSigV4, Service: strings.Trim(service, "-")}, rankKey
	s.extra.notes = append(s.extra.notes, "auth.service is what AWS calls the service in a signature; read it in the vendor's documentation")
	s.extra.unverified = append(s.extra.unverified, "auth.service")
}

func (s *scheme) http(n node) {
	token := abi.Parameter{Key: "token", Label: label(first(s.name, "token")), Help: schemeHelp(n), Secret: true}
	switch word := n.get("scheme").text(); strings.ToLower(word) {
	case "basic":
		s.auth, s.rank = abi.Auth{Type: abi.AuthBasic}, rankBasic
	case "digest":
		s.auth, s.rank = abi.Auth{Type: abi.AuthDigest}, rankBasic
	case "bearer", "":
		s.auth, s.rank = abi.Auth{Type: abi.AuthBearer}, rankBearer
		s.extra.parameters = []abi.Parameter{token}
	case "hoba", "mutual", "negotiate", "vapid", "scram-sha-1", "scram-sha-256", "privatetoken", "ntlm", "gnap", "dpop", "concealed", "hmac", "oauth", "signature":
		s.why = "the HTTP scheme " + quoted(word) + " is not one that a manifest can say"
	default:
		if notWord.MatchString(strings.ReplaceAll(word, "-", "")) {
			s.why = "the HTTP scheme " + quoted(word) + " is none"
			return
		}
		s.auth, s.rank = abi.Auth{Type: abi.AuthBearer, Value: word + " {token}"}, rankBearer
		s.extra.parameters = []abi.Parameter{token}
	}
}

var pageURL = regexp.MustCompile(`https://[A-Za-z0-9.-]+\.[a-z]{2,}[^\s"'<>()\[\]{}*` + "`" + `,]*`)

// docsIn is the page that a description leads to, if there is one.
func docsIn(text string) string {
	if len(text) > longest {
		text = text[:longest]
	}
	return strings.TrimRight(pageURL.FindString(text), ".,;:!")
}

package lab

import (
	"net/http"
	"slices"
	"strings"

	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// admit lets a call in that shows the credential as the manifest says. The grant
// is nil where there is none. False means that the door has answered.
func (s *service) admit(v *visit) (account, *grant, bool) {
	g, why := s.known(v)
	if why == "" {
		if g != nil {
			entry(v.r).Grant = g.id
			return g.account, g, true
		}
		return s.owner(), nil, true
	}
	s.challenge(v, why)
	return account{}, nil, false
}

// known says why a call is not let in, or nothing.
func (s *service) known(v *visit) (*grant, string) {
	switch a := s.m.Auth; a.Type {
	case abi.AuthNone, abi.AuthCustom:
		return nil, ""
	case abi.AuthBasic:
		user, password, _ := v.r.BasicAuth()
		if user != s.fill(a.UsernameTemplate()) || !same(password, s.fill(a.PasswordTemplate())) {
			return nil, "wrong user name or password"
		}
		return nil, s.also(v, bound{})
	case abi.AuthDigest:
		return nil, s.digest(v)
	case abi.AuthSigV4:
		return nil, s.sigv4(v)
	case abi.AuthOAuth1:
		return s.signed1(v)
	}
	got, why := s.shown(v)
	if why == "" {
		why = s.also(v, got)
	}
	if why != "" {
		return nil, why
	}
	return s.vouched(v, got)
}

// vouched judges what a credential holds that is new each time.
func (s *service) vouched(v *visit, got bound) (*grant, string) {
	switch s.m.Auth.Type {
	case abi.AuthOAuth2, abi.AuthSession:
		token := got["access_token"] + got[abi.SessionName]
		g, ok := s.living(token)
		if !ok {
			return nil, "the token is unknown or has ended"
		}
		return g, s.possessed(v, g, token)
	case abi.AuthJWT:
		rules := s.m.Auth.JWT()
		key, err := jwt.DecodeKey(s.m.Auth.KeyCode, s.fill(rules.Key))
		if err != nil {
			return nil, "the service's own key is none"
		}
		token, err := jwt.Verify(rules.Algorithm, key, got["jwt"], s.at(v.r))
		if err != nil {
			return nil, "the token is not taken: " + err.Error()
		}
		if why := s.says(token, rules.Header, rules.Claims); why != "" {
			return nil, "the token is not taken: " + why
		}
		if rules.Random() && !s.fresh("jwt "+got["jwt"]) {
			return nil, "the token was used before"
		}
	}
	return nil, ""
}

// possessed asks for the proof that a token is the caller's own.
func (s *service) possessed(v *visit, g *grant, token string) string {
	switch s.m.Auth.Proof {
	case abi.ProofDPoP:
		key, why := s.proof(v, token)
		if why == "" && key != g.key {
			why = "the proof is of another key"
		}
		return why
	case abi.ProofMTLS:
		if !s.certified(v.r) {
			return "the client does not show its certificate"
		}
	}
	return ""
}

// shown is the credential's one text, taken apart by its template.
func (s *service) shown(v *visit) (bound, string) {
	a := s.m.Auth
	if a.Place() == abi.InPath {
		if v.before == nil {
			return nil, "the credential does not stand before the path"
		}
		return v.before, ""
	}
	got := bound{}
	texts := v.at(a.Place(), a.PlaceName())
	switch {
	case len(texts) != 1:
		return nil, "the " + a.Place() + " " + a.PlaceName() + " does not stand once"
	case !s.match(a.ValueTemplate(), texts[0], got):
		return nil, "the " + a.Place() + " " + a.PlaceName() + " is no credential of this service"
	}
	return got, ""
}

// also holds the texts that stand beside the credential; one that comes out
// empty is not sent.
func (s *service) also(v *visit, got bound) string {
	for _, p := range s.m.Auth.Also {
		texts := v.at(p.Place(), p.Name)
		switch {
		case len(texts) == 0 && s.absent(p.Value) && s.fill(p.Value) == "":
		case len(texts) == 0 && v.beforeChoice() && abi.NamesAny(p.Value, s.m.Unchosen(nil)):
		case len(texts) != 1 || !s.match(p.Value, texts[0], got) || got["client_id"] != "" && got["client_id"] != s.credential.ClientID:
			return "the " + p.Place() + " " + p.Name + " is another than the manifest says"
		}
	}
	return ""
}

// beforeChoice says whether a request is made before anything is chosen.
func (v *visit) beforeChoice() bool {
	return slices.ContainsFunc(v.all, func(e *endpoint) bool { return e.api != nil && e.api.choose != nil })
}

// at are the texts at a place of a request.
func (v *visit) at(place, name string) []string {
	switch place {
	case abi.InQuery:
		return v.query[name]
	case abi.InForm:
		return v.form[name]
	}
	return v.r.Header.Values(name)
}

// challenge refuses a call as services of the type do.
func (s *service) challenge(v *visit, why string) {
	h, code := v.w.Header(), "invalid_credential"
	switch a := s.m.Auth; a.Type {
	case abi.AuthBasic:
		h.Set("WWW-Authenticate", `Basic realm="lab", charset="UTF-8"`)
	case abi.AuthDigest:
		s.askDigest(v)
	case abi.AuthOAuth2, abi.AuthBearer, abi.AuthJWT:
		scheme, _, _ := strings.Cut(a.ValueTemplate(), " ")
		if a.Place() == abi.InHeader && scheme != "" && !strings.Contains(scheme, "{") {
			h.Set("WWW-Authenticate", scheme+` realm="lab", error="invalid_token"`)
		}
		code = "invalid_token"
	case abi.AuthOAuth1:
		h.Set("WWW-Authenticate", `OAuth realm="lab"`)
	}
	status := http.StatusUnauthorized
	if s.m.Refresh != nil && s.m.Refresh.Status != 0 {
		status = s.m.Refresh.Status
	}
	outcome(v.r, why)
	writeJSON(v.w, status, map[string]any{"error": code, "error_description": why})
}

// parameters reads a header such as Digest a="b", c=d.
func parameters(header, scheme string) map[string]string {
	name, rest, _ := strings.Cut(header, " ")
	if !strings.EqualFold(name, scheme) {
		return nil
	}
	out := map[string]string{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimLeft(rest, ", ") {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			return nil
		}
		var text string
		if strings.HasPrefix(after, `"`) {
			end := 1
			for end < len(after) && after[end] != '"' {
				if after[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(after) {
				return nil
			}
			text, rest = strings.ReplaceAll(after[1:end], `\`, ""), after[end+1:]
		} else {
			text, rest, _ = strings.Cut(after, ",")
		}
		out[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(text)
	}
	return out
}

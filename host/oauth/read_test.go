package oauth_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

const pair = `"access_token":"access-token-two","refresh_token":"refresh-token-two"`

// The answers of security.md, fact 2: with golang.org/x/oauth2 v0.37 each of
// them loses the refresh token, dies in 68 years or goes out under any scheme.
func TestNoExpiryLosesTokens(t *testing.T) {
	const tenYears = 10 * 365 * 24 * time.Hour
	for text, want := range map[string]time.Duration{
		`3600`: time.Hour, `"3600"`: time.Hour, `"3600.0"`: time.Hour, `" 3600 "`: time.Hour,
		`3600.5`: time.Hour + time.Second/2, `0.5`: time.Second / 2, `3.6e3`: time.Hour,
		`""`: 0, `null`: 0, `-1`: 0, `0`: 0, `-2147483649`: 0, `"soon"`: 0, `"NaN"`: 0, `"0x10"`: 0, `true`: 0, `[3600]`: 0, `{}`: 0,
		`1e99`: tenYears, `1e999`: tenYears, `"1e999"`: tenYears, `-1e999`: 0, `1e-999`: 0, `"Infinity"`: 0,
		`9223372036854775808`: tenYears, strings.Repeat("9", 5000): tenYears,
	} {
		tokens, err := refresh(t, manifest("https://acme.test"), 200, `{`+pair+`,"expires_in":`+text+`}`)
		if err != nil || tokens.Access.Reveal() != "access-token-two" || tokens.Refresh.Reveal() != "refresh-token-two" {
			t.Errorf("expires_in %.40s: tokens lost: %v", text, err)
			continue
		}
		if got := tokens.Expires; want == 0 && !got.IsZero() || want > 0 && !got.Equal(begin.Add(want)) {
			t.Errorf("expires_in %.40s: expires %v, want begin+%v", text, got, want)
		}
	}
}

func TestLifetimeIsAssumedWhereTheAnswerIsSilent(t *testing.T) {
	m := manifest("https://acme.test")
	m.Refresh = &abi.Refresh{Lifetime: 7200}
	for text, want := range map[string]time.Duration{`""`: 2 * time.Hour, `60`: time.Minute} {
		tokens, err := refresh(t, m, 200, `{`+pair+`,"expires_in":`+text+`}`)
		if err != nil || !tokens.Expires.Equal(begin.Add(want)) {
			t.Errorf("expires_in %s: expires %v, want begin+%v (%v)", text, tokens.Expires, want, err)
		}
	}
}

// The end of the refresh token is read where services write it, or where the
// manifest says; nothing there loses the tokens.
func TestRefreshTokenExpiry(t *testing.T) {
	for _, c := range []struct {
		pointer, body string
		want          time.Duration
	}{
		{"", `"refresh_token_expires_in":60`, time.Minute},
		{"", `"refresh_expires_in":"60"`, time.Minute},
		{"", `"x_refresh_token_expires_in":60`, time.Minute},
		{"", `"refresh_expires_in":120,"refresh_token_expires_in":60`, time.Minute},
		{"", `"refresh_expires_in":0`, 0}, {"", `"refresh_expires_in":"never"`, 0}, {"", `"refresh_expires_in":[1]`, 0}, {"", `"x":1`, 0},
		{"", `"refresh_expires_in":60,"refresh_expires_in":61`, 0},
		{"/rest/refresh", `"rest":{"refresh":60},"refresh_expires_in":120`, time.Minute},
		{"/rest/refresh", `"refresh_expires_in":120`, 0},
	} {
		m := manifest("https://acme.test")
		m.Refresh = &abi.Refresh{Life: 7200, Request: abi.Request{Answer: &abi.Answer{RefreshExpiresIn: c.pointer}}}
		tokens, err := refresh(t, m, 200, `{`+pair+`,`+c.body+`}`)
		if err != nil || tokens.Refresh.Reveal() != "refresh-token-two" {
			t.Errorf("%s: tokens lost: %v", c.body, err)
		}
		if got := tokens.RefreshExpires; c.want == 0 && !got.IsZero() || c.want > 0 && !got.Equal(begin.Add(c.want)) {
			t.Errorf("%s at %q: %v, want begin+%v", c.body, c.pointer, got, c.want)
		}
	}
}

func TestTokenTypeMustBeSendable(t *testing.T) {
	for text, c := range map[string]struct {
		value string
		ok    bool
	}{
		`"bearer"`: {"", true}, `"BEARER"`: {"", true}, `null`: {"", true}, `""`: {"", true},
		`"mac"`: {"", false}, `"DPoP"`: {"", false}, `1`: {"", false}, `["bearer"]`: {"", false},
		`"Bearer x\r\nHost: evil"`: {"", false},
		`"token"`:                  {"token {access_token}", true}, `"Key"`: {"Token {access_token}", false},
	} {
		m := manifest("https://acme.test")
		m.Auth.Value = c.value
		tokens, err := refresh(t, m, 200, `{`+pair+`,"token_type":`+text+`}`)
		if (err == nil) != c.ok {
			t.Errorf("%s with %q: %v", text, c.value, err)
		}
		if tokens.Refresh.Reveal() != "refresh-token-two" {
			t.Errorf("%s: the refresh token is lost", text)
		}
		if err != nil && (tokenError(t, err).Class != host.TokenUnknown || !tokens.Access.Empty()) {
			t.Errorf("%s: class %s, access %v", text, tokenError(t, err).Class, !tokens.Access.Empty())
		}
	}
}

func TestAnswersAreReadByContent(t *testing.T) {
	long := `{` + pair + `,"pad":"` + strings.Repeat("x", 2<<20) + `"}`
	deep := `{` + pair + `,"deep":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`
	for name, c := range map[string]struct {
		kind, body string
		ok         bool
	}{
		"JSON as text":          {"text/plain", `{` + pair + `}`, true},
		"JSON as HTML":          {"text/html", ` {` + pair + "}\n", true},
		"JSON with a mark":      {"", "\ufeff{" + pair + `}`, true},
		"deep JSON":             {"", deep, true},
		"a form":                {"application/x-www-form-urlencoded", "access_token=access-token-two&refresh_token=refresh-token-two&expires_in=60", true},
		"a form as text":        {"text/plain", "access_token=access-token-two&refresh_token=refresh-token-two\n", true},
		"a form with two":       {"", "access_token=a1&access_token=a2", false},
		"a page":                {"text/html", "<html>access_token=1</html>", false},
		"a page with a link":    {"", "<a href=?x=1&access_token=abc&y=1>", false},
		"two MiB":               {"", long, false},
		"nothing":               {"", "", false},
		"a text":                {"", `"access-token-two"`, false},
		"half":                  {"", `{` + pair, false},
		"no access token":       {"", `{"refresh_token":"refresh-token-two"}`, false},
		"a list as token":       {"", `{"access_token":["access-token-two"]}`, false},
		"an error with 200":     {"", `{` + pair + `,"error":"expired"}`, false},
		"an error object":       {"", `{` + pair + `,"error":{"code":1}}`, false},
		"no error":              {"", `{` + pair + `,"error":null}`, true},
		"a number as token":     {"", `{"access_token":1234567890123456789}`, true},
		"a break in the token":  {"", `{"access_token":"a\r\nb"}`, false},
		"a break in refresh":    {"", `{"access_token":"abcdefg","refresh_token":"a\u0000b"}`, false},
		"bytes not UTF-8":       {"", "{\"access_token\":\"abc\xff\"}", false},
		"access twice":          {"", `{` + pair + `,"access_token":"another"}`, false},
		"access twice the same": {"", `{` + pair + `,"access_token":"access-token-two"}`, true},
		"something else twice":  {"", `{` + pair + `,"x":1,"x":2}`, true},
		"the type twice":        {"", `{` + pair + `,"token_type":"bearer","token_type":"mac"}`, false},
		"refresh twice":         {"", `{` + pair + `,"refresh_token":"another"}`, false}, // else the old one would be presented again
		"a form, refresh twice": {"", "access_token=access-token-two&refresh_token=r1&refresh_token=r2", false},
		"refresh twice alike":   {"", `{` + pair + `,"refresh_token":"refresh-token-two"}`, true},
		"expiry twice":          {"", `{` + pair + `,"expires_in":60,"expires_in":"soon"}`, true},
	} {
		client := oauth.New(canned(200, http.Header{"Content-Type": {c.kind}}, c.body), nil, host.Clock{Now: clock})
		tokens, err := client.Refresh(t.Context(), target(manifest("https://acme.test")), host.NewSecret(oldRefresh))
		if (err == nil) != c.ok || (err == nil) == tokens.Access.Empty() {
			t.Errorf("%s: access %v, %v", name, !tokens.Access.Empty(), err)
		}
		if err != nil && tokenError(t, err).Class != host.TokenUnknown {
			t.Errorf("%s: class %s", name, tokenError(t, err).Class)
		}
	}
}

func TestPointersScopesAndCapture(t *testing.T) {
	m := manifest("https://acme.test")
	m.Auth.ScopeSeparator = ":"
	m.Auth.Token.Answer = &abi.Answer{Access: "/data/a~1b", Refresh: "/data/list/1", Scope: "/data/scope", Error: "/fault"}
	m.Capture = map[string]string{"instance_url": "/instance", "team": "/team/id", "missing": "/nope", "stolen": "/data/list/1"}
	tokens, err := refresh(t, m, 200, `{"error":"not this one","instance":"https://eu.acme.test","team":{"id":42},
		"data":{"a/b":"access-token-two","list":[0,"refresh-token-two"],"scope":"read:write, admin"}}`)
	if err != nil || tokens.Access.Reveal() != "access-token-two" || tokens.Refresh.Reveal() != "refresh-token-two" {
		t.Fatalf("%+v, %v", tokens, err)
	}
	if !slices.Equal(tokens.Scopes, []string{"read", "write", "admin"}) {
		t.Errorf("scopes %q", tokens.Scopes)
	}
	// A token is never captured: captured values are stored in the clear.
	if want := map[string]string{"instance_url": "https://eu.acme.test", "team": "42"}; !maps.Equal(tokens.Capture, want) {
		t.Errorf("captured %v", tokens.Capture)
	}
	for body, want := range map[string][]string{
		`{` + pair + `}`: nil, `{` + pair + `,"scope":""}`: nil, `{` + pair + `,"scope":["a b","c"]}`: {"a b", "c"}, `{` + pair + `,"scope":"a,b c"}`: {"a", "b", "c"},
	} {
		tokens, err := refresh(t, manifest("https://acme.test"), 200, body)
		if err != nil || !slices.Equal(tokens.Scopes, want) || (tokens.Scopes == nil) != (want == nil) {
			t.Errorf("%s: scopes %q, %v", body, tokens.Scopes, err)
		}
	}
}

// A refresh token in an object with a usable access token is never lost, and
// nothing in an answer panics or is quoted.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{` + pair + `,"expires_in":"3600.0","token_type":"bearer","scope":["a"]}`, `{` + pair + `,"x":{"y":[1,{"z":null}]},"expires_in":-2147483649}`,
		"access_token=a&refresh_token=b", `{"error":"invalid_grant"}`, `[[[`, `"text"`, `{"access_token":1,"refresh_token":2e5}`,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, body []byte, hook bool) {
		m := manifest("https://acme.test")
		if hook {
			m.Hooks = []string{abi.HookToken}
		}
		client := oauth.New(canned(200, nil, string(body)), answering(`{"access":{"$secret":"answer:/access_token"}}`), host.Clock{Now: clock})
		tokens, err := client.Refresh(t.Context(), target(m), host.NewSecret(oldRefresh))
		if err != nil {
			tokenError(t, err)
		} else if tokens.Access.Empty() || tokens.Expires.After(begin.AddDate(10, 0, 0)) {
			t.Errorf("access %v, expires %v", !tokens.Access.Empty(), tokens.Expires)
		}
		var object map[string]any
		if json.Unmarshal(body, &object) != nil || strings.Count(string(body), `"`+"refresh_token") > 1 || strings.Contains(string(body), `\`) || object["error"] != nil {
			return
		}
		access, _ := object["access_token"].(string)
		want, _ := object["refresh_token"].(string)
		clean := func(s string) bool {
			return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
		}
		if clean(access) && clean(want) && tokens.Refresh.Reveal() != want {
			t.Errorf("the refresh token %q of %q is lost: %v", want, body, err)
		}
	})
}

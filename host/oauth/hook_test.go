package oauth_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

// hookFunc is a plugin host of one hook.
type hookFunc func(host.GuestCall) ([]byte, error)

func (f hookFunc) Call(_ context.Context, call host.GuestCall) ([]byte, host.Used, error) {
	out, err := f(call)
	return out, host.Used{}, err
}

func answering(output string) hookFunc {
	return func(host.GuestCall) ([]byte, error) { return []byte(output), nil }
}

func hookManifest() abi.Manifest {
	m := manifest("https://acme.test")
	m.Hooks = []string{abi.HookToken}
	m.Public = []string{"/data/region", "/data/list"}
	m.Capture = map[string]string{"team": "/data/team", "stolen": "/access_token"}
	return m
}

const nested = `{"ok":true,"n":1,"token_type":"bearer","scope":["a","b"],"expires_in":"60","state":"st","error":"","error_uri":"u",
	"access_token":"not-this","data":{"token":"access-token-two","refresh":"refresh-token-two","ttl":"90","scope":"read",
	"region":"eu","list":["x"],"team":"t1","error":"deep","a/b~":{"$secret":"client_secret"}},"list":["s1",null,["s2"]]}`

func TestTheHookSeesHandlesOnly(t *testing.T) {
	const want = `{"phase":"refresh","status":200,"headers":{"content-type":"text/plain"},"answer":` +
		`{"access_token":{"$secret":"answer:/access_token"},` +
		`"data":{"a/b~":{"$secret":{"$secret":"answer:/data/a~1b~0/$secret"}},"error":{"$secret":"answer:/data/error"},"list":["x"],` +
		`"refresh":{"$secret":"answer:/data/refresh"},"region":"eu","scope":{"$secret":"answer:/data/scope"},"team":"t1",` +
		`"token":{"$secret":"answer:/data/token"},"ttl":{"$secret":"answer:/data/ttl"}},` +
		`"error":"","error_uri":"u","expires_in":"60","list":[{"$secret":"answer:/list/0"},null,[{"$secret":"answer:/list/2/0"}]],` +
		`"n":1,"ok":true,"scope":["a","b"],"state":"st","token_type":"bearer"}}`
	var got host.GuestCall
	hook := hookFunc(func(call host.GuestCall) ([]byte, error) {
		got = call
		return []byte(`{"access":{"$secret":"answer:/data/token"},"refresh":{"$secret":"answer:/data/refresh"},
			"expires_in":{"$secret":"answer:/data/ttl"},"scope":{"$secret":"answer:/data/scope"},"capture":{"team":"t1!"}}`), nil
	})
	header := http.Header{"Content-Type": {"text/plain"}, "Set-Cookie": {"session=1"}, "X-Subject-Token": {"access-token-two"}}
	tokens, err := oauth.New(canned(200, header, nested), hook, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Input) != want || got.Hash != "abc" || got.Hook != abi.HookToken {
		t.Errorf("got  %s\nwant %s", got.Input, want)
	}
	for name, want := range map[string]string{
		"answer:/data/token": "access-token-two", "answer:/list/2/0": "s2", "answer:/access_token": "not-this",
		// What it reads is no secret to sign with.
		"answer:/data/region": "", "answer:/data/list/0": "", "answer:/scope/1": "", "answer:/token_type": "", "answer:/n": "", "answer:/error_uri": "",
	} {
		if s, ok := got.Vault.Find(name); s.Reveal() != want && ok || ok != (want != "") {
			t.Errorf("%s: %q, %v", name, s.Reveal(), ok)
		}
	}
	if tokens.Access.Reveal() != "access-token-two" || tokens.Refresh.Reveal() != "refresh-token-two" ||
		tokens.Expires.Sub(begin).Seconds() != 90 || strings.Join(tokens.Scopes, " ") != "read" ||
		!maps.Equal(tokens.Capture, map[string]string{"team": "t1!"}) || tokens.Warning != "" {
		t.Errorf("got %+v", tokens)
	}
}

func TestAnUnreadableAnswerIsOneHandle(t *testing.T) {
	var input string
	hook := hookFunc(func(call host.GuestCall) ([]byte, error) {
		input = string(call.Input)
		return []byte(`{"access":{"$secret":"answer:"},"expires_in":60}`), nil
	})
	tokens, err := oauth.New(canned(200, nil, "the-whole-text-is-it\n"), hook, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
	if err != nil || tokens.Access.Reveal() != "the-whole-text-is-it" || !strings.HasSuffix(input, `"answer":{"$secret":"answer:"}}`) {
		t.Errorf("%v, input %s", err, input)
	}
}

// What the hook leaves out, the pointers find: a hook cannot lose a token.
func TestTheHookAddsToTheDefaults(t *testing.T) {
	client := oauth.New(canned(200, nil, `{`+pair+`,"expires_in":60}`), answering(`{"access":null,"scope":"x"}`), host.Clock{Now: clock})
	tokens, err := client.Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
	if err != nil || tokens.Refresh.Reveal() != "refresh-token-two" || tokens.Expires.IsZero() || len(tokens.Scopes) != 1 {
		t.Errorf("%+v, %v", tokens, err)
	}
}

// A token that also stands where something else is captured is not captured,
// whichever of the hook and the pointers finds the one or the other.
func TestNoTokenIsCaptured(t *testing.T) {
	body := `{"data":{"token":"access-token-two","team":"access-token-two"}}`
	for _, capture := range []string{``, `,"capture":{"team":"access-token-two"}`} {
		hook := answering(`{"access":{"$secret":"answer:/data/token"}` + capture + `}`)
		tokens, err := oauth.New(canned(200, nil, body), hook, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
		if err != nil || tokens.Access.Reveal() != "access-token-two" || len(tokens.Capture) != 0 {
			t.Errorf("captured %v, %v", len(tokens.Capture), err)
		}
	}
}

// A hook that says nothing does not turn a refusal into tokens.
func TestASilentHookLeavesTheJudgement(t *testing.T) {
	for _, more := range []string{`,"error":"expired"`, `,"token_type":"mac"`} {
		client := oauth.New(canned(200, nil, `{`+pair+more+`}`), answering(`{"access":null}`), host.Clock{Now: clock})
		if _, err := client.Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh)); err == nil {
			t.Errorf("%s: accepted", more)
		}
	}
}

func TestAFailingHookLosesNoToken(t *testing.T) {
	failing := func(e *host.GuestError) hookFunc {
		return func(host.GuestCall) ([]byte, error) { return nil, e }
	}
	for name, hook := range map[string]host.Hooks{
		"no plugin host":            nil,
		"a trap":                    failing(&host.GuestError{Kind: host.Stopped, Code: "trap", Msg: "unreachable"}),
		"an error of its own":       failing(&host.GuestError{Kind: host.Declared, Code: "odd", Msg: "quotes refresh-token-two"}),
		"a handle to nothing":       answering(`{"access":{"$secret":"answer:/nothing"}}`),
		"a handle to an object":     answering(`{"access":{"$secret":"answer:/data"}}`),
		"the client secret":         answering(`{"access":{"$secret":"client_secret"}}`),
		"a public text":             answering(`{"access":{"$secret":"answer:/data/region"}}`),
		"a doubtful handle":         answering(`{"access":{"$secret":"answer:/dup"}}`),
		"no handle":                 answering(`{"access":"mine"}`),
		"no JSON":                   answering(`{`),
		"an unknown key":            answering(`{"acess":null}`),
		"a capture not in the list": answering(`{"capture":{"server":"evil.test"}}`),
	} {
		for body, kept := range map[string]bool{`{` + pair + `,"dup":"a","dup":"b","data":{"region":"eu"}}`: true, `{"data":{"token":"x"}}`: false} {
			tokens, err := oauth.New(canned(200, nil, body), hook, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
			if kept && (err != nil || tokens.Refresh.Reveal() != "refresh-token-two" || tokens.Warning == "" || strings.Contains(tokens.Warning, "refresh-token-two")) {
				t.Errorf("%s: %v, warning %q", name, err, tokens.Warning)
			}
			if !kept && tokenError(t, err).Class != host.TokenUnknown {
				t.Errorf("%s: class %s", name, tokenError(t, err).Class)
			}
		}
	}
}

func TestAHookSaysThatTheAuthorizationIsDead(t *testing.T) {
	dead := hookFunc(func(host.GuestCall) ([]byte, error) {
		return nil, &host.GuestError{Kind: host.Declared, Code: "token_revoked", Msg: "gone: " + oldRefresh, Reauth: true}
	})
	for _, status := range []int{200, 400, 500} {
		_, err := oauth.New(canned(status, nil, `{"ok":false,"error":"token_revoked"}`), dead, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh))
		e := tokenError(t, err)
		if e.Class != host.TokenFatal || !strings.Contains(e.Msg, "token_revoked") || strings.Contains(e.Err.Error(), oldRefresh) {
			t.Errorf("%d: %s, %s, %v", status, e.Class, e.Msg, e.Err)
		}
		if g, ok := errors.AsType[*host.GuestError](err); !ok || g.Kind != host.Declared {
			t.Errorf("%d: the connector's error is not in %v", status, err)
		}
	}
}

// The RFC's own refusals are not put to a hook: none can turn them around.
func TestTheHookIsNotAskedAboutKnownRefusals(t *testing.T) {
	hook := hookFunc(func(host.GuestCall) ([]byte, error) {
		t.Error("asked")
		return nil, nil
	})
	for status, body := range map[int]string{400: `{"error":"invalid_grant"}`, 429: ``} {
		if _, err := oauth.New(canned(status, nil, body), hook, host.Clock{Now: clock}).Refresh(t.Context(), target(hookManifest()), host.NewSecret(oldRefresh)); err == nil {
			t.Errorf("%d: no error", status)
		}
	}
}

func (hookFunc) Prepare(context.Context, string) error { return nil }

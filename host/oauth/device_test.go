package oauth_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/plugins/abi"
)

const deviceCode = "device-code-that-nobody-sees"

// asked asks a service for a code that answers with a JSON of these members,
// over those of a good answer.
func asked(t *testing.T, base, members string) (host.DeviceCode, host.FlowTarget, error) {
	t.Helper()
	m := manifest(base)
	m.Auth.Authorize, m.Auth.Grant, m.Auth.Device = nil, abi.GrantDevice, &abi.Request{URL: base + "/device"}
	to := target(m)
	got, err := oauth.New(canned(200, nil, "{"+members+"}"), nil, host.Clock{Now: clock}).Device(t.Context(), to, []string{"read"})
	return got, to, err
}

// member is one of an answer.
func member(name, value string) string { return fmt.Sprintf("%q:%s", name, value) }

// "device interval -1, 0, 9e9" (security.md): one that cannot be meant is the
// 5 seconds of RFC 8628 section 3.2, and one that can is kept.
func TestDeviceIntervals(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"-1": 5 * time.Second, "0": 5 * time.Second, "9e9": 5 * time.Second, "-9e99": 5 * time.Second, "1e-9": 5 * time.Second,
		`"x"`: 5 * time.Second, "null": 5 * time.Second, "[]": 5 * time.Second, "600": 5 * time.Second, `""`: 5 * time.Second,
		"1": time.Second, "7": 7 * time.Second, `"7"`: 7 * time.Second, "7.5": 7500 * time.Millisecond, "120": 2 * time.Minute,
	} {
		got, _, err := asked(t, "https://acme.test", strings.Join([]string{
			member("device_code", `"`+deviceCode+`"`), member("user_code", `"WDJB-MJHT"`), member("verification_uri", `"https://acme.test/enter"`),
			member("expires_in", "600"), member("interval", said),
		}, ","))
		if err != nil || got.Interval != want || !got.Expires.Equal(begin.Add(10*time.Minute)) {
			t.Errorf("interval %s: got %s until %s, %v", said, got.Interval, got.Expires, err)
		}
	}
	for said, want := range map[string]time.Duration{"-1": 10 * time.Minute, "0": 10 * time.Minute, "9e9": time.Hour, `"x"`: 10 * time.Minute, "900": 15 * time.Minute} {
		got, _, err := asked(t, "https://acme.test", strings.Join([]string{
			member("device_code", `"`+deviceCode+`"`), member("user_code", `"WDJB-MJHT"`), member("verification_uri", `"https://acme.test/enter"`), member("expires_in", said),
		}, ","))
		if err != nil || !got.Expires.Equal(begin.Add(want)) {
			t.Errorf("expires_in %s: got %s, %v", said, got.Expires, err)
		}
	}
}

// A person is shown the code and the page: nothing that a terminal obeys, that
// is no page, or that tells the process's own code.
func TestDeviceShowsWhatCanBeShown(t *testing.T) {
	const enter = "https://acme.test/enter"
	for _, c := range []struct {
		name, code, page, whole string
		fine                    bool
		shown                   string // of the whole URL
	}{
		{"all", "WDJB-MJHT", enter, enter + "?user_code=WDJB-MJHT", true, enter + "?user_code=WDJB-MJHT"},
		{"another host", "1", "https://login.test/device", "", true, ""},
		{"letters", "ÄÖÜ-日本", enter, "", true, ""},
		{"a path beyond ASCII", "A", enter + "/ü", "", true, ""},
		{"a whole URL that is no page", "A", enter, "javascript:alert(1)", true, ""},
		{"a whole URL that a terminal obeys", "A", enter, enter + "?\u009b31m", true, ""},
		{"no code", "", enter, "", false, ""},
		{"an escape sequence", "\x1b]0;title\a", enter, "", false, ""},
		{"an 8-bit one", "A\u009b31m", enter, "", false, ""},
		{"a line", "A\nopen https://evil.test", enter, "", false, ""},
		{"the other direction", "A\u202eB", enter, "", false, ""},
		{"a long code", strings.Repeat("A", 65), enter, "", false, ""},
		{"no page", "A", "", "", false, ""},
		{"a script", "A", "javascript:alert(1)", "", false, ""},
		{"a file", "A", "file:///etc/passwd", "", false, ""},
		{"a user", "A", "https://acme.test@evil.test/", "", false, ""},
		{"a control character", "A", enter + "\x1b[31m", "", false, ""},
		{"an 8-bit one in the query", "A", enter + "?\u009b31m", "", false, ""},
		{"the other direction in the query", "A", enter + "?\u202ex", "", false, ""},
		{"a sentence in the query", "A", enter + "?x then enter your password", "", false, ""},
		{"100 KB", "A", enter + "/" + strings.Repeat("x", 100<<10), "", false, ""},
		{"not https", "A", "http://acme.test/enter", "", false, ""},
		{"its own code", deviceCode, enter, "", false, ""},
		{"its own code in the page", "A", enter + "?c=" + deviceCode, "", false, ""},
		{"its own code in the whole URL", "A", enter, enter + "?c=" + deviceCode, false, ""},
	} {
		got, to, err := asked(t, "https://acme.test", strings.Join([]string{
			member("device_code", quote(deviceCode)), member("user_code", quote(c.code)),
			member("verification_uri", quote(c.page)), member("verification_uri_complete", quote(c.whole)),
		}, ","))
		switch {
		case c.fine && (err != nil || got.WholeURL != c.shown || got.UserCode != c.code):
			t.Errorf("%s: got %q %q %q, %v", c.name, got.UserCode, got.URL, got.WholeURL, err)
		case !c.fine && (host.CodeOf(err) != host.Unavailable || strings.Contains(err.Error(), deviceCode)):
			t.Errorf("%s: got %q %q %q, %v", c.name, got.UserCode, got.URL, got.WholeURL, err)
		}
		if to.Redactor.Text(deviceCode) != host.Mask || strings.Contains(fmt.Sprintf("%+v", got), deviceCode) {
			t.Errorf("%s: the device code is not masked", c.name)
		}
	}
	if got, _, err := asked(t, "http://127.0.0.1:1", `"device_code":"`+deviceCode+`","user_code":"A","verification_url":"http://127.0.0.1:1/enter"`); err != nil || got.URL == "" {
		t.Errorf("of an http service: got %q, %v", got.URL, err) // that the operator opened
	}
}

// quote is a JSON text.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r < ' ' || r == '"' || r == '\\' {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String() + `"`
}

func TestDeviceRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		code   host.Code
		text   string
	}{
		"an error":         {400, `{"error":"invalid_scope"}`, host.Failed, "invalid_scope"},
		"an unknown error": {400, `{"error":"c4n4ry"}`, host.Failed, "status 400"},
		"a 5xx":            {502, "c4n4ry", host.Unavailable, "status 502"},
		"too many":         {429, "{}", host.Unavailable, "status 429"},
		"a page":           {200, "<html>c4n4ry", host.Unavailable, "that can be shown"},
		"a list":           {200, "[]", host.Unavailable, "that can be shown"},
		"two codes":        {200, `{"device_code":"a-device-code","device_code":"b-device-code","user_code":"A","verification_uri":"https://acme.test"}`, host.Unavailable, "that can be shown"},
	} {
		m := manifest("https://acme.test")
		m.Auth.Device = &abi.Request{URL: "https://acme.test/device"}
		_, err := oauth.New(canned(c.status, nil, c.body), nil, host.Clock{Now: clock}).Device(t.Context(), target(m), nil)
		if host.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "c4n4ry") {
			t.Errorf("%s: got %v (%s)", name, err, host.CodeOf(err))
		}
	}
}

// A question is what RFC 8628 section 3.4 says, with the client shown as the
// manifest has it.
func TestPollAsks(t *testing.T) {
	var sent url.Values
	e := egressFunc(func(call host.Call) (*http.Response, error) {
		b, _ := call.Body()
		text, _ := io.ReadAll(b)
		sent, _ = url.ParseQuery(string(text))
		return canned(200, nil, `{"access_token":"the-access-token","token_type":"Bearer"}`)(call)
	})
	m := manifest("https://acme.test")
	m.Auth.ClientAuth = abi.ClientAuthBody
	_, err := oauth.New(e, nil, host.Clock{Now: clock}).Poll(t.Context(), target(m), host.DeviceCode{Code: host.NewSecret(deviceCode)})
	want := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {deviceCode},
		"client_id": {"client id/1"}, "client_secret": {clientSecret},
	}
	if err != nil || sent.Encode() != want.Encode() {
		t.Errorf("sent %s, %v", sent.Encode(), err)
	}
}

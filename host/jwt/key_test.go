package jwt_test

import (
	"strings"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
)

func TestDecodeKey(t *testing.T) {
	for _, c := range []struct{ code, text, want string }{
		{"", "6b65", "6b65"}, {"text", "6b65", "6b65"}, {"hex", "6b65795F", "key_"}, {"base64", "a2V5Xw==", "key_"},
	} {
		if got, err := jwt.DecodeKey(c.code, c.text); err != nil || got != c.want {
			t.Errorf("%s %s: got %q, %v", c.code, c.text, got, err)
		}
	}
	for _, code := range []string{"hex", "base64"} {
		_, err := jwt.DecodeKey(code, "my-secret-key")
		if host.CodeOf(err) != host.NeedsAuth || strings.Contains(err.Error(), "my-secret") {
			t.Errorf("%s: %v", code, err)
		}
	}
}

package broker

import (
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// The vector of the libraries of Standard Webhooks.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/go/webhook_test.go
func TestWebhookSignatureVector(t *testing.T) {
	key, err := webhookKey(host.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	h := signWebhook(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got, want := h.Get("webhook-signature"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{"", "short", "whsec_???", "whsec_c2hvcnQ="} {
		if _, err := webhookKey(host.NewSecret(bad)); host.CodeOf(err) != host.Usage {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

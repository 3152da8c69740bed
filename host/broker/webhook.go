package broker

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

// A Webhook is where notices go.
type Webhook struct {
	URL    *url.URL
	Secret host.Secret // whsec_ and base64, or any text of at least 16 bytes
}

const (
	webhookTime   = 15 * time.Second
	webhookAnswer = 64 << 10
	// claim is how long a process that sends a notice keeps others from it.
	claim = 2 * time.Minute
)

// backOff are the waits after each attempt that failed; after the last the
// notice is given up.
var backOff = []time.Duration{
	30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour, 8 * time.Hour, 24 * time.Hour,
}

// Check says what is wrong with the secret, or nil.
func (h Webhook) Check() error {
	_, err := webhookKey(h.Secret)
	return err
}

// secretPrefix begins a secret as Standard Webhooks writes it.
const secretPrefix = "whsec_"

// webhookKey is the key that a secret holds.
func webhookKey(s host.Secret) ([]byte, error) {
	text := s.Reveal()
	key := []byte(text)
	if rest, ok := strings.CutPrefix(text, secretPrefix); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(rest); err != nil {
			return nil, host.Errorf(host.Usage, "the webhook's secret begins with whsec_ and is not base64 behind it")
		}
	}
	if len(key) < 16 {
		return nil, host.Errorf(host.Usage, "the webhook's secret is shorter than 16 bytes").
			WithHint("make one: echo whsec_$(head -c 32 /dev/urandom | base64)")
	}
	return key, nil
}

// signWebhook makes the headers of Standard Webhooks.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
func signWebhook(key []byte, id string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return h
}

// A message is the body that a webhook gets.
type message struct {
	Type      host.NoticeKind    `json:"type"`
	Timestamp string             `json:"timestamp"`
	Data      host.NoticeContent `json:"data"`
}

// A Sent is what became of one attempt to send a notice.
type Sent struct {
	Notice host.Notice // as it is now
	Err    error
}

// TestWebhook sends a notice of the kind "test", once, and gives the status of
// the answer.
func (b *Broker) TestWebhook(ctx context.Context, sub host.Subject, hook Webhook) (int, error) {
	if err := sub.Require(host.RenewForAll); err != nil {
		return 0, err
	}
	n := host.Notice{ID: host.NewNoticeID(), Kind: host.NoticeTest, At: b.Now(), Content: host.NoticeContent{
		Message: "a test: this is where notices of connhost come"}}
	return b.post(ctx, hook, n)
}

// SendNotices sends what is pending and due, oldest first, and tells what became
// of each. A notice is sent by one process at a time; one that dies between the
// answer and the writing sends it twice, under the same id.
func (b *Broker) SendNotices(ctx context.Context, sub host.Subject, hook Webhook) ([]Sent, error) {
	if err := sub.Require(host.RenewForAll); err != nil {
		return nil, err
	}
	claimed, err := update(ctx, b, func(tx host.Tx) ([]host.Notice, error) {
		list, err := tx.Notices().Pending(ctx, b.Now(), 20)
		for i := range list {
			list[i].NextTry = b.Now().Add(claim * time.Duration(i/4+1))
			if err := tx.Notices().Save(ctx, list[i]); err != nil {
				return nil, err
			}
		}
		return list, err
	})
	if err != nil {
		return nil, err
	}
	var out []Sent
	for i, n := range claimed {
		status, failed := b.post(ctx, hook, n)
		if failed != nil && ctx.Err() != nil { // it counts as no attempt
			return out, b.unclaim(context.WithoutCancel(ctx), claimed[i:])
		}
		n.Attempts++
		switch {
		case failed == nil:
			n.State = host.NoticeSent
		case status == http.StatusGone || n.Attempts > len(backOff):
			n.State = host.NoticeGivenUp
		default:
			wait := backOff[n.Attempts-1]
			n.NextTry = b.Now().Add(wait + rand.N(wait/10+1))
		}
		err = b.Store.Update(context.WithoutCancel(ctx), func(tx host.Tx) error { return tx.Notices().Save(ctx, n) })
		out = append(out, Sent{n, failed})
		if err != nil {
			return out, err
		}
	}
	return out, err
}

// unclaim lets others send what this process no longer does.
func (b *Broker) unclaim(ctx context.Context, list []host.Notice) error {
	return b.Store.Update(ctx, func(tx host.Tx) error {
		for _, n := range list {
			n.NextTry = b.Now()
			if err := tx.Notices().Save(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// post makes one request. Like a connector's download it goes over https, or to
// what the operator opened, and follows no redirect.
func (b *Broker) post(ctx context.Context, hook Webhook, n host.Notice) (int, error) {
	key, err := webhookKey(hook.Secret)
	if err != nil {
		return 0, err
	}
	b.Redactor.LearnSecret(hook.Secret)
	body, err := json.Marshal(message{n.Kind, moment(n.At), n.Content})
	if err != nil {
		return 0, err
	}
	resp, err := b.Egress.Do(ctx, host.Call{
		Method: http.MethodPost, URL: hook.URL, Header: signWebhook(key, string(n.ID), b.Now(), body),
		Body:          func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
		ContentLength: int64(len(body)),
		Hosts:         []string{hook.URL.Host}, Bound: true, Sign: func(*http.Request) error { return nil },
		NoRedirect: true, Timeout: webhookTime, MaxBytes: webhookAnswer,
	})
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp.StatusCode, host.Errorf(host.Unavailable, "the webhook at %s answered %d", hook.URL.Host, resp.StatusCode).
			WithHint("see what it expects; it is tried: connhost notices test")
	}
	return resp.StatusCode, nil
}

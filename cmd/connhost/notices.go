package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// webhookFile is the part webhook of the configuration file. It names where the
// secret is and never holds it.
type webhookFile struct {
	URL    string    `yaml:"url"`
	Secret secretRef `yaml:"secret"`
}

// check says what is wrong with the settings. The secret is not read yet.
func (f *webhookFile) check() error {
	if f == nil {
		return nil
	}
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return host.Errorf(host.Usage, "webhook.url of the configuration file is not a URL that can be called").
			WithHint("write https://HOST/PATH, without a user or password")
	}
	if (f.Secret.File == "") == (f.Secret.Env == "") {
		return host.Errorf(host.Usage, "webhook.secret of the configuration file takes one of {env: NAME} and {file: PATH}").
			WithHint("make one: echo whsec_$(head -c 32 /dev/urandom | base64)")
	}
	return nil
}

// hook reads the secret where the settings say.
func (f *webhookFile) hook(sys *system) (h broker.Webhook, err error) {
	if h.URL, err = url.Parse(f.URL); err != nil {
		return h, err
	}
	if f.Secret.Env != "" {
		if text := sys.getenv(f.Secret.Env); text != "" {
			h.Secret = host.NewSecret(text)
			return h, nil
		}
		return h, host.Errorf(host.Usage, "the environment variable %s of webhook.secret is not set", f.Secret.Env)
	}
	data, err := os.ReadFile(f.Secret.File)
	if err != nil {
		return h, host.Errorf(host.NotFound, "the file of webhook.secret cannot be read: %s", plainFileError(err)).Because(err)
	}
	h.Secret = trimmed(data)
	return h, nil
}

func (p *program) noticesCommand() *cobra.Command {
	return group("notices", "See and try what tells people that they are needed", `  connhost notices list
  connhost notices test`, p.noticesList(), p.noticesTest())
}

// noticeData is a notice as it is printed.
type noticeData struct {
	ID       host.NoticeID    `json:"id"`
	Time     string           `json:"time"`
	Type     host.NoticeKind  `json:"type"`
	State    host.NoticeState `json:"state"`
	Attempts int              `json:"attempts"`
	NextTry  string           `json:"next_try,omitempty"`
	host.NoticeContent
}

func newNoticeData(n host.Notice) noticeData {
	d := noticeData{ID: n.ID, Time: stamp(n.At), Type: n.Kind, State: n.State, Attempts: n.Attempts, NoticeContent: n.Content}
	if n.State == host.NoticePending {
		d.NextTry = stamp(n.NextTry)
	}
	return d
}

func (p *program) noticesList() *cobra.Command {
	last := 50
	cmd := &cobra.Command{
		Use: "list", Short: "List what needed a person, and whether the webhook took it", Args: exactly(),
		Example: "  connhost notices list --last 10 --output json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if last < 1 {
				return usage(cmd, "--last is below one")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Notices(ctx, s.subject, last)
				if err != nil {
					return err
				}
				data, rows := []noticeData{}, [][]string{}
				for _, n := range list {
					d := newNoticeData(n)
					data = append(data, d)
					rows = append(rows, []string{d.Time, string(d.State), string(d.Type), plain(d.Message)})
				}
				return p.show(data, func(w io.Writer) { table(w, "TIME STATE TYPE MESSAGE", rows) })
			})
		},
	}
	cmd.Flags().IntVar(&last, "last", last, "the `NUMBER` of notices, the latest")
	return cmd
}

// testedData is a test of the webhook as it is printed.
type testedData struct {
	URL    string `json:"url"`
	Status int    `json:"status"`
}

func (p *program) noticesTest() *cobra.Command {
	return &cobra.Command{
		Use: "test", Short: "Send a notice of the type test to the webhook", Args: exactly(),
		Long: `Send a notice of the type "test" to the webhook of the configuration file, once:

  webhook: {url: "https://alerts.example.com/connhost", secret: {env: CONNHOST_WEBHOOK_SECRET}}

A notice is a POST of JSON {type, timestamp, data}, signed as Standard Webhooks says:
webhook-signature is v1 and the HMAC-SHA256 of webhook-id, webhook-timestamp and the
body. The secret is whsec_ and base64, or any text of 16 bytes or more. It goes to a
public https address, or to what --allow-cidr opens, and is sent again for two days
until the answer is 2xx (410 ends it).`,
		Example: "  connhost notices test",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if s.settings.webhook == nil {
					return host.Errorf(host.Usage, "there is no webhook in the configuration file").
						WithHint(`write it into config.yaml: webhook: {url: "https://HOST/PATH", secret: {env: NAME}}`)
				}
				hook, err := s.settings.webhook.hook(p.system)
				if err != nil {
					return err
				}
				status, err := s.broker.TestWebhook(ctx, s.subject, hook)
				if err != nil {
					return err
				}
				d := testedData{shownURL(hook.URL), status}
				return p.show(d, func(w io.Writer) { fmt.Fprintf(w, "sent: %s answered %d\n", d.URL, d.Status) })
			})
		},
	}
}

// shownURL is a URL without what may be a secret in it.
func shownURL(u *url.URL) string { return u.Scheme + "://" + u.Host }

// watchNotices tells what needs a person until ctx ends: on standard error, and
// to the webhook where there is one.
func (p *program) watchNotices(ctx context.Context, s *session, every time.Duration) {
	trouble := ""
	for {
		_, err := p.notice(ctx, s)
		text := p.sentence(err)
		if text != "" && text != trouble && ctx.Err() == nil { // the same once
			fmt.Fprintf(p.err, "connhost: notices: %s; trying again\n", text)
		}
		trouble = text
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(every, time.Second)):
		}
	}
}

// noticeOnce is watchNotices for a command that ends, and gives the hints that
// were told. That a notice could not be told is told, and is no failure of what
// the command was asked for: the notice waits for the next one.
func (p *program) noticeOnce(ctx context.Context, s *session) map[string]bool {
	hints, err := p.notice(ctx, s)
	if text := p.sentence(err); text != "" && ctx.Err() == nil {
		fmt.Fprintf(p.err, "connhost: notices: %s\n", text)
	}
	return hints
}

// sentence is an error as people are told it on the way, empty for none.
func (p *program) sentence(err error) string {
	if e, ok := errors.AsType[*host.Error](err); ok {
		return p.mask.Text(e.Msg)
	}
	if err != nil {
		return "internal error"
	}
	return ""
}

// notice looks once, and sends what waits. It gives the hints that were told.
func (p *program) notice(ctx context.Context, s *session) (map[string]bool, error) {
	webhook, hints := s.settings.webhook, map[string]bool{}
	fresh, err := s.broker.Notice(ctx, s.subject, webhook != nil)
	if err != nil {
		return hints, err
	}
	for _, n := range fresh {
		line := fmt.Sprintf("notice: %s\n", plain(p.mask.Text(n.Content.Message)))
		if hint := plain(n.Content.Hint); hint != "" {
			line += "hint: " + hint + "\n"
			hints[hint] = true
		}
		fmt.Fprint(p.err, line)
	}
	if webhook == nil {
		return hints, nil
	}
	hook, err := webhook.hook(p.system)
	if err != nil {
		return hints, err
	}
	sent, err := s.broker.SendNotices(ctx, s.subject, hook)
	for _, one := range sent {
		if one.Err != nil {
			err = one.Err
		}
		if one.Notice.State == host.NoticeGivenUp {
			fmt.Fprintf(p.err, "connhost: notices: gave up sending %s after %s: %s\n", one.Notice.ID,
				plural(one.Notice.Attempts, "attempt"), strings.TrimSpace(p.mask.Text(one.Notice.Content.Message)))
		}
	}
	return hints, err
}

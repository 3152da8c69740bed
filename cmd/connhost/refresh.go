package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// refreshFlags are the options of refresh.
type refreshFlags struct {
	due, watch   bool
	ahead, every time.Duration
}

func (p *program) refreshCommand() *cobra.Command {
	var f refreshFlags
	cmd := &cobra.Command{
		Use: "refresh [LINK_NAME]", Short: "Renew authorizations ahead of time", Args: atMost("LINK_NAME"),
		Long: `Renew authorizations before their tokens end, so that no call has to wait for it
and no refresh token dies because nobody has used it.

With --due it renews what is due, prints a line for each and ends: for cron. With
--watch it does that until it is interrupted, says nothing while nothing is due,
and prints JSON as an object a line. With a LINK_NAME it renews that connection's
authorization now, due or not.

A renewal goes the way that every call's goes: a refresh token is never presented
twice while anything is left to lose. The exit status is 0 when all went well, 5
when a connection needs authorizing and 8 when a service could not be reached.

With --due and --watch, what needs a person is told once, on standard error and to
the webhook of the configuration file: see "connhost notices test --help".`,
		Example: `  connhost refresh --due
  connhost refresh --watch --ahead 5m
  connhost refresh acme_connection`,
		ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				switch {
				case f.due:
					return p.refreshDue(ctx, s, f)
				case f.watch:
					return p.refreshWatch(ctx, s, f)
				}
				return p.refreshOne(ctx, s, args[0])
			})
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.due, "due", false, "renew what is due, and end")
	fs.BoolVar(&f.watch, "watch", false, "renew what comes due, until interrupted")
	fs.DurationVar(&f.ahead, "ahead", 10*time.Minute, "count as due what is due within this `TIME`")
	fs.DurationVar(&f.every, "every", time.Minute, "with --watch: look again after this `TIME` at the latest")
	for _, name := range []string{"ahead", "every"} { // 10m, not 10m0s
		fs.Lookup(name).DefValue = strings.TrimSuffix(fs.Lookup(name).DefValue, "0s")
	}
	return cmd
}

// check wants one of the three forms, with the flags that mean something in it.
func (f refreshFlags) check(cmd *cobra.Command, args []string) error {
	forms := len(args)
	for _, on := range []bool{f.due, f.watch} {
		if on {
			forms++
		}
	}
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	switch {
	case forms != 1:
		return usage(cmd, "one of --due, --watch and LINK_NAME is needed, and one alone")
	case len(args) == 1 && (given("ahead") || given("every")):
		return usage(cmd, "--ahead and --every mean nothing with LINK_NAME, which is renewed now")
	case f.due && given("every"):
		return usage(cmd, "--every belongs to --watch")
	case f.ahead < 0:
		return usage(cmd, "--ahead is below zero")
	case f.every <= 0:
		return usage(cmd, "--every must be above zero")
	}
	return nil
}

// renewalData is what became of one authorization, as it is printed.
type renewalData struct {
	Connections  []string              `json:"connections"`
	Account      string                `json:"account"`
	Outcome      broker.RenewalOutcome `json:"outcome"`
	TokenExpires string                `json:"token_expires,omitempty"`
	Due          string                `json:"due,omitempty"`
	Error        *renewalError         `json:"error,omitempty"`
}

type renewalError struct {
	Code    host.Code `json:"code"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

func (p *program) newRenewalData(r broker.Renewal) renewalData {
	a := r.Authorization
	d := renewalData{Connections: r.Links, Account: a.AccountLabel, Outcome: r.Outcome, TokenExpires: stamp(a.TokenExpires), Due: stamp(a.Due)}
	if r.Err != nil {
		d.Error = &renewalError{Code: host.CodeOf(r.Err), Message: "internal error"}
		if e, ok := errors.AsType[*host.Error](r.Err); ok {
			d.Error.Message, d.Error.Hint = p.mask.Text(e.Msg), p.mask.Text(e.Hint)
		}
	}
	return d
}

// line is the renewal for people.
func (d renewalData) line() string {
	what := "not needed any more"
	switch {
	case d.Error != nil:
		what = "failed: " + d.Error.Message
	case d.Outcome == broker.Renewed && d.TokenExpires != "":
		what = "renewed until " + d.TokenExpires
	case d.Outcome == broker.Renewed:
		what = "renewed"
	}
	return fmt.Sprintf("%s (%s): %s", strings.Join(d.Connections, ", "), plain(d.Account), what)
}

func (p *program) refreshDue(ctx context.Context, s *session, f refreshFlags) error {
	list, failed := s.broker.RefreshDue(ctx, s.subject, f.ahead)
	if failed != nil && len(list) == 0 {
		return failed
	}
	data := []renewalData{}
	var codes []host.Code
	for _, r := range list {
		d := p.newRenewalData(r)
		data = append(data, d)
		if d.Error != nil {
			codes = append(codes, d.Error.Code)
		}
	}
	err := p.show(data, func(w io.Writer) {
		for _, d := range data {
			fmt.Fprintln(w, d.line())
		}
		if len(data) == 0 {
			fmt.Fprintf(w, "nothing is due within %s\n", shortTime(f.ahead))
		}
	})
	p.tellHints(data, p.noticeOnce(ctx, s))
	if failed != nil {
		return failed
	}
	if code := worst(codes); err == nil && code != "" {
		return quiet{code}
	}
	return err
}

// tellHints prints what can be done about failures, each once, without those
// that were told.
func (p *program) tellHints(data []renewalData, told map[string]bool) {
	for _, d := range data {
		if d.Error != nil && d.Error.Hint != "" && !told[d.Error.Hint] {
			told[d.Error.Hint] = true
			fmt.Fprintf(p.err, "hint: %s\n", d.Error.Hint)
		}
	}
}

// worst is the code that a list of failures ends with: what a person has to do
// something about comes before what passes by itself.
func worst(codes []host.Code) host.Code {
	var out host.Code
	for _, code := range codes {
		if out == "" || code == host.NeedsAuth || out == host.Unavailable {
			out = code
		}
		if out == host.NeedsAuth {
			return out
		}
	}
	return out
}

// shortTime is a duration without the zeros behind it: 10m, not 10m0s.
func shortTime(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (p *program) refreshOne(ctx context.Context, s *session, link string) error {
	r, err := s.broker.Refresh(ctx, s.subject, s.settings.env, link)
	if err != nil {
		return err
	}
	d := p.newRenewalData(r)
	return p.show(d, func(w io.Writer) { fmt.Fprintln(w, d.line()) })
}

// refreshWatch prints outcomes as they come: as JSON, one object a line.
func (p *program) refreshWatch(ctx context.Context, s *session, f refreshFlags) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if p.askable {
		fmt.Fprintln(p.err, "renewing what comes due; Ctrl-C ends it")
	}
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	var noticing sync.WaitGroup
	noticing.Go(func() { p.watchNotices(ctx, s, f.every) })
	defer func() { cancel(); noticing.Wait() }()
	err := s.broker.Keep(ctx, s.subject, broker.Keeping{
		Every: f.every, Ahead: f.ahead,
		Told: func(r broker.Renewal) {
			d := p.newRenewalData(r)
			if p.flags.output == "json" {
				_ = enc.Encode(d) // p.out remembers
			} else {
				fmt.Fprintln(p.out, d.line())
			}
			p.tellHints([]renewalData{d}, map[string]bool{})
			if p.out.err != nil { // nobody reads any more
				cancel()
			}
		},
		Trouble: func(err error) {
			fmt.Fprintf(p.err, "connhost: %s; trying again\n", p.sentence(err))
		},
	})
	if p.out.err != nil {
		return p.out.err
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// stopFlags say what is stopped.
type stopFlags struct {
	all                                     bool
	connector, credential, user, connection string
	reason                                  string
}

func (p *program) stopFlags(cmd *cobra.Command, f *stopFlags) {
	fs := cmd.Flags()
	fs.BoolVar(&f.all, "all", false, "everything")
	fs.StringVar(&f.connector, "connector", "", "every connection of a connector, by its `ID`")
	fs.StringVar(&f.credential, "credential", "", "what uses a client credential, by its `NAME` or id")
	fs.StringVar(&f.user, "user", "", "the calls of a user, and what they have authorized, by their `LOGIN`")
	fs.StringVar(&f.connection, "connection", "", "one connection, by its `LINK_NAME`")
	cmd.MarkFlagsMutuallyExclusive("all", "connector", "credential", "user", "connection")
	for flag, complete := range map[string]func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective){
		"connector": p.completeConnectors, "credential": p.completeCredentials, "user": p.completeUsers, "connection": p.completeConnections,
	} {
		// It fails only for a flag that does not exist.
		_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, to string) ([]string, cobra.ShellCompDirective) {
			return complete(cmd, nil, to)
		})
	}
}

// request is what the options mean. None of them means everything for read-only,
// which harms nobody, and nothing for a stop.
func (f stopFlags) request(level host.StopLevel) (broker.StopRequest, error) {
	req := broker.StopRequest{Level: level, Reason: f.reason}
	for kind, target := range map[host.StopKind]string{
		host.StopConnector: f.connector, host.StopCredential: f.credential, host.StopUser: f.user, host.StopConnection: f.connection,
	} {
		if target != "" {
			req.Kind, req.Target = kind, target
		}
	}
	switch {
	case req.Kind != "":
		return req, nil
	case f.all || level == host.StopWrites:
		req.Kind = host.StopAll
		return req, nil
	}
	return req, host.Errorf(host.Usage, "what is meant is missing").
		WithHint("say it with --connector ID, --credential NAME, --user LOGIN, --connection LINK_NAME or --all")
}

// stopData is a stop as it is printed.
type stopData struct {
	Level          host.StopLevel `json:"level"`
	Kind           host.StopKind  `json:"kind"`
	What           string         `json:"what"`
	Reason         string         `json:"reason,omitempty"`
	By             string         `json:"by"`
	At             string         `json:"at"`
	Changed        bool           `json:"changed"`
	Connections    []string       `json:"connections"`
	Authorizations []string       `json:"authorizations"`
}

func newStopData(v broker.StopView) stopData {
	d := stopData{v.Stop.Level, v.Stop.Kind, v.What, v.Stop.Reason, v.By, stamp(v.Stop.At), v.Changed, append([]string{}, v.Connections...), []string{}}
	for _, a := range v.Authorizations {
		d.Authorizations = append(d.Authorizations, string(a.ID))
	}
	return d
}

func (p *program) stopCommand() *cobra.Command {
	var f stopFlags
	var list bool
	cmd := &cobra.Command{
		Use: "stop", Short: "Stop every call and refresh of something at once", Args: exactly(),
		Long: `Stop every call, refresh and authorization of something at once, in every process: for
a leak, or a service that goes wild. Calls end with exit status 6 and the reason.
Nothing else is changed, and connhost restore brings back exactly what was there.
Revoking works while something is stopped.

Stopping a user stops the calls that they make and what they have authorized, for
everyone who uses it. What is made later of something that is stopped is stopped too.`,
		Example: `  connhost stop --connector acme --reason "a token leaked"
  connhost stop --user grace
  connhost stop --all
  connhost stop --list`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				return p.withSession(cmd, p.listStops)
			}
			return p.stop(cmd, f, host.StopCalls, "connhost restore")
		},
	}
	p.stopFlags(cmd, &f)
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for those who meet it")
	cmd.Flags().BoolVar(&list, "list", false, "list what is stopped or read-only now")
	return cmd
}

// stop makes the stop that the options name; undo is the command that takes it
// back.
func (p *program) stop(cmd *cobra.Command, f stopFlags, level host.StopLevel, undo string) error {
	req, err := f.request(level)
	if err != nil {
		return err
	}
	return p.withSession(cmd, func(ctx context.Context, s *session) error {
		v, err := s.broker.Stop(ctx, s.subject, req)
		if err != nil {
			return err
		}
		return p.showStop(v, undo+flagOf(req))
	})
}

func (p *program) listStops(ctx context.Context, s *session) error {
	list, err := s.broker.Stops(ctx, s.subject)
	if err != nil {
		return err
	}
	data, rows := []stopData{}, [][]string{}
	for _, v := range list {
		d := newStopData(v)
		data = append(data, d)
		rows = append(rows, []string{d.What, v.Stop.Level.Words(), d.By, d.At, plain(d.Reason)})
	}
	return p.show(data, func(w io.Writer) { table(w, "WHAT STATE BY SINCE REASON", rows) })
}

// flagOf is the option that names a target again.
func flagOf(req broker.StopRequest) string {
	if req.Kind == host.StopAll {
		return " --all"
	}
	target := req.Target
	if strings.ContainsAny(target, " '\"\\$`") {
		target = "'" + strings.ReplaceAll(target, "'", `'\''`) + "'"
	}
	return " --" + string(req.Kind) + " " + target
}

// showStop reports what is stopped.
func (p *program) showStop(v broker.StopView, back string) error {
	d := newStopData(v)
	return p.show(d, func(w io.Writer) {
		already := ""
		if !v.Changed {
			already = fmt.Sprintf(" already, by %s since %s", d.By, d.At)
		}
		fmt.Fprintf(w, "%s is %s%s\n", d.What, v.Stop.Level.Words(), already)
		fmt.Fprintf(w, "connections: %s\n", or(strings.Join(d.Connections, ", "), "none"))
		if v.Stop.Level == host.StopCalls {
			fmt.Fprintf(w, "not refreshed: %s\n", plural(len(d.Authorizations), "authorization"))
		}
		fmt.Fprintf(w, "to take it back: %s\n", back)
	})
}

func (p *program) restoreCommand() *cobra.Command {
	var f stopFlags
	cmd := &cobra.Command{
		Use: "restore", Short: "Take a stop back", Args: exactly(),
		Long: `Take a stop back. Everything is as it was before: what was switched off stays so, and
so does what another stop holds back, which is told.`,
		Example: "  connhost restore --connector acme\n  connhost restore --all",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.restore(cmd, f, host.StopCalls)
		},
	}
	p.stopFlags(cmd, &f)
	return cmd
}

// restoredData is a stop that was taken back as it is printed.
type restoredData struct {
	stopData
	Others []stopData `json:"others"`
}

// restore takes back the stop that the options name.
func (p *program) restore(cmd *cobra.Command, f stopFlags, level host.StopLevel) error {
	req, err := f.request(level)
	if err != nil {
		return err
	}
	return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.restoreStop(ctx, s, req) })
}

func (p *program) restoreStop(ctx context.Context, s *session, req broker.StopRequest) error {
	v, err := s.broker.Restore(ctx, s.subject, req)
	if err != nil {
		return err
	}
	left, err := s.broker.Stops(ctx, s.subject)
	if err != nil {
		return err
	}
	d := restoredData{newStopData(v), []stopData{}}
	for _, o := range left {
		d.Others = append(d.Others, newStopData(o))
	}
	return p.show(d, func(w io.Writer) {
		fmt.Fprintf(w, "%s is not %s any more\n", d.What, req.Level.Words())
		for _, o := range d.Others {
			fmt.Fprintf(w, "still %s: %s\n", o.Level.Words(), o.What)
		}
	})
}

func (p *program) readonlyCommand() *cobra.Command {
	return group("readonly", "Let connections only read: GET and HEAD", `  connhost readonly on
  connhost readonly on --connection acme_connection
  connhost readonly off`, p.readonlyOn(), p.readonlyOff())
}

func (p *program) readonlyOn() *cobra.Command {
	var f stopFlags
	cmd := &cobra.Command{
		Use: "on", Short: "Let only GET and HEAD through, of everything or something", Args: exactly(),
		Long: `Let only GET and HEAD through connections, at once and in every process: of everything,
or of what an option names. Other methods end with exit status 6, and so does a call
with a header that names another method. Tokens are refreshed as usual.`,
		Example: "  connhost readonly on\n  connhost readonly on --connection acme_connection --reason migration",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.stop(cmd, f, host.StopWrites, "connhost readonly off")
		},
	}
	p.stopFlags(cmd, &f)
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for those who meet it")
	return cmd
}

func (p *program) readonlyOff() *cobra.Command {
	var f stopFlags
	cmd := &cobra.Command{
		Use: "off", Short: "Let everything through again", Args: exactly(),
		Example: "  connhost readonly off\n  connhost readonly off --connection acme_connection",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.restore(cmd, f, host.StopWrites)
		},
	}
	p.stopFlags(cmd, &f)
	return cmd
}

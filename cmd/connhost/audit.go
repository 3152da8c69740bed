package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

func (p *program) auditCommand() *cobra.Command {
	return group("audit", "See what was done and prove that nothing was altered", `  connhost audit list --last 20
  connhost audit verify`, p.auditList(), p.auditVerify())
}

// auditFlags are the options of audit list.
type auditFlags struct {
	object, act, since string
	last               int
}

func (p *program) auditList() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use: "list", Short: "List audit records, oldest first", Args: exactly(),
		Long: `List audit records, oldest first: who did what to which object, and when. It is
for administrative roles. With --act store.state the records are shown by which
the open columns of rows are bound to the chain, too.`,
		Example: `  connhost audit list --last 20
  connhost audit list --object acme_connection --since 24h
  connhost audit list --act connector.install --last 0 --output json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			req, err := f.request(cmd, time.Now())
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				data, rows := []auditData{}, [][]string{}
				err := s.broker.Audit(ctx, s.subject, req, func(e broker.Event) error {
					d := newAuditData(e)
					data = append(data, d)
					rows = append(rows, []string{fmt.Sprint(d.Seq), d.Time, d.Who, string(d.Act), plain(d.Object), d.What + details(d.Detail)})
					return nil
				})
				if err != nil {
					return err
				}
				return p.show(data, func(w io.Writer) { table(w, "SEQ TIME WHO ACT OBJECT WHAT", rows) })
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.object, "object", "", "those about an `ID`, a connection's link name, a connector or a login")
	fs.StringVar(&f.act, "act", "", "those of an `ACT`, such as connection.create")
	fs.StringVar(&f.since, "since", "", "those since a `TIME`: 2026-03-15, 2026-03-15T12:30:00Z, or 24h for the last day")
	fs.IntVar(&f.last, "last", 50, "the `NUMBER` of records, the latest; 0 for all")
	return cmd
}

func (f auditFlags) request(cmd *cobra.Command, now time.Time) (req broker.AuditRequest, err error) {
	req.Object, req.Act, req.Last = f.object, host.Act(f.act), f.last
	if f.last < 0 {
		return req, usage(cmd, "--last is below zero")
	}
	if f.act != "" && req.Act.Words() == f.act {
		return req, host.Errorf(host.Usage, "there is no act %q", f.act).WithHint("see which there are: connhost audit list --last 0")
	}
	if f.since == "" {
		return req, nil
	}
	if ago, err := time.ParseDuration(f.since); err == nil && ago >= 0 {
		req.Since = now.Add(-ago)
		return req, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if req.Since, err = time.Parse(layout, f.since); err == nil {
			return req, nil
		}
	}
	return req, usage(cmd, "--since is "+quote(f.since)+" and must be a time such as 2026-03-15T12:30:00Z, a day or a duration such as 24h")
}

// auditData is a record as it is printed.
type auditData struct {
	Seq           int64             `json:"seq"`
	Time          string            `json:"time"`
	Who           string            `json:"who"`
	Act           host.Act          `json:"act"`
	What          string            `json:"what"`
	Object        string            `json:"object"`
	Detail        map[string]string `json:"detail,omitempty"`
	SecretVersion int64             `json:"secret_version,omitempty"`
	Hash          string            `json:"hash"`
}

func newAuditData(e broker.Event) auditData {
	return auditData{e.Seq, stamp(e.At), e.Who, e.Act, e.Act.Words(), e.Object, e.Detail, e.SecretVersion, e.Hash}
}

// verifyData is the outcome of audit verify as it is printed.
type verifyData struct {
	OK      bool        `json:"ok"`
	Records int64       `json:"good_records"`
	Rows    int64       `json:"rows"`
	Head    string      `json:"head"`
	Faults  []faultData `json:"faults"`
	Earlier []faultData `json:"altered_earlier"`
	More    int         `json:"more_faults,omitempty"`
}

type faultData struct {
	Seq    int64  `json:"seq,omitempty"`
	Object string `json:"object,omitempty"`
	What   string `json:"what"`
	Means  string `json:"means"`
	Do     string `json:"do"`
}

func (p *program) auditVerify() *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Prove that nothing was altered beside connhost", Args: exactly(),
		Long: `Walk the hash chain of the audit records, hold its end against the sealed one, open
every sealed row, and hold what stands open in users, connectors, client
credentials, connections, bindings and authorizations against the record of the
last act that changed it. It says how many records are good and names the first
that is not, with exit status 1. A row that an act has written over after it was
altered is a warning.

The last hash, kept in another place, proves the chain up to there even if the
whole store and its key are put back from a backup: the records then do not hold it.
Look for it in "connhost audit list --last 0 --output json" and in the same with
--act store.state.`,
		Example: `  connhost audit verify
  connhost audit verify --output json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				report, err := s.broker.VerifyAudit(ctx, s.subject)
				if err != nil {
					return err
				}
				d := verifyData{len(report.Faults) == 0, report.Records, report.Rows, report.Head, newFaultData(report.Faults), newFaultData(report.Earlier), report.More}
				if err := p.show(d, func(w io.Writer) { writeVerify(w, d) }); err != nil || d.OK {
					return err
				}
				first := d.Faults[0]
				return host.Errorf(host.Failed, "the store is not as it was recorded: %s", first.What).WithHint("%s", first.Do)
			})
		},
	}
}

func newFaultData(list []host.AuditFault) []faultData {
	data := []faultData{}
	for _, f := range list {
		data = append(data, faultData{f.Seq, plain(f.Object), plain(f.What), f.Means, f.Do})
	}
	return data
}

func writeVerify(w io.Writer, d verifyData) {
	fmt.Fprintf(w, "%d records are good, %d rows were looked at\n", d.Records, d.Rows)
	for _, f := range d.Earlier {
		fmt.Fprintf(w, "warning: record %d: %s\n", f.Seq, f.What)
	}
	if d.OK {
		fmt.Fprintf(w, "nothing is altered; the last hash is %s\n", d.Head)
		return
	}
	for _, f := range d.Faults {
		fmt.Fprintf(w, "\n%s\n  means: %s\n  do:    %s\n", f.What, f.Means, f.Do)
	}
	if d.More > 0 {
		fmt.Fprintf(w, "\nand %d more\n", d.More)
	}
}

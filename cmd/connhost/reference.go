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

func (p *program) connectionReferences() *cobra.Command {
	return &cobra.Command{
		Use: "references LINK_NAME", Short: "Tell what uses a connection", Args: exactly("LINK_NAME"),
		Long: `Tell what uses a connection: applications with their scripts, and the connections
that share an authorization with it. A run or "connhost check --app" records what
it uses; a script that was never run or checked is not known.`,
		Example: "  connhost connection references acme_connection", ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				r, err := s.broker.References(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				return p.show(newReferencesData(r), func(w io.Writer) {
					if r.Empty() {
						fmt.Fprintf(w, "nothing is known to use %s\n", args[0])
					}
					writeReferences(w, newReferencesData(r))
				})
			})
		},
	}
}

// referencesData is what uses a connection as it is printed.
type referencesData struct {
	LinkName     string               `json:"link_name"`
	Applications []applicationUseData `json:"applications"`
	Shared       []string             `json:"shares_authorizations_with"`
}

type applicationUseData struct {
	Application string `json:"application"`
	Allowed     bool   `json:"allowed"`
	useData
}

func newReferencesData(r broker.References) referencesData {
	d := referencesData{LinkName: r.Connection.LinkName, Applications: []applicationUseData{}, Shared: orEmpty(r.Shared)}
	for _, u := range r.Applications {
		d.Applications = append(d.Applications, applicationUseData{u.Application.Name, !u.Reference.Denied, newUseData(u.Reference)})
	}
	return d
}

// writeReferences prints what uses a connection, a line for each script.
func writeReferences(w io.Writer, d referencesData) {
	var rows [][]string
	for _, a := range d.Applications {
		name := a.Application
		if !a.Allowed {
			name += " (refused)"
		}
		for _, s := range a.Scripts {
			rows = append(rows, []string{name, s.name(), s.environments(), s.Last})
		}
		if len(a.Scripts) == 0 {
			rows = append(rows, []string{name, "-", "-", "never"})
		}
	}
	if len(rows) > 0 {
		table(w, "APPLICATION SCRIPT ENVIRONMENTS LAST-USED", rows)
	}
	if len(d.Shared) > 0 {
		fmt.Fprintf(w, "shares its authorization with: %s\n", strings.Join(d.Shared, ", "))
	}
}

// warnOfUses shows what uses a connection before something is done to it.
func (p *program) warnOfUses(ctx context.Context, s *session, link string) error {
	r, err := s.broker.References(ctx, s.subject, link)
	if err != nil || r.Empty() {
		return err
	}
	p.writeUses(r)
	return nil
}

func (p *program) writeUses(r broker.References) {
	fmt.Fprintf(p.err, "%s is used by:\n", r.Connection.LinkName)
	writeReferences(p.err, newReferencesData(r))
}

// warnOfConnections shows which connections of a connector there are, and what
// uses them, before something is done to it, and reports whether there are any.
func (p *program) warnOfConnections(ctx context.Context, s *session, id, version string) (bool, error) {
	list, err := s.broker.ConnectorReferences(ctx, s.subject, id, version)
	if err != nil || len(list) == 0 {
		return false, err
	}
	var links []string
	for _, r := range list {
		links = append(links, r.Connection.LinkName)
	}
	fmt.Fprintf(p.err, "connections of %s: %s\n", id, strings.Join(links, ", "))
	for _, r := range list {
		if !r.Empty() {
			p.writeUses(r)
		}
	}
	return true, nil
}

// confirmDisable asks a person who can be asked whether to stop the connections
// of a connector. A program is not stopped: nothing is deleted.
func (p *program) confirmDisable(ctx context.Context, s *session, id, version string, yes bool) error {
	used, err := p.warnOfConnections(ctx, s, id, version)
	if host.CodeOf(err) == host.NotFound {
		return nil // which the broker says better
	}
	if err != nil || !used || !p.askable {
		return err
	}
	return p.confirm(ctx, "refuse all calls through them?", yes)
}

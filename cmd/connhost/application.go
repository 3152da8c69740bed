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

func (p *program) applicationCommand() *cobra.Command {
	return group("application", "Manage the applications that use connections", `  connhost application create billing
  connhost application show billing
  connhost application deny billing acme_connection`,
		p.applicationList(), p.applicationShow(), p.applicationCreate(), p.applicationDelete(),
		p.applicationAccess("allow", true), p.applicationAccess("deny", false))
}

// applicationData is an application as it is printed.
type applicationData struct {
	Name        string     `json:"name"`
	Created     string     `json:"created,omitempty"`
	Mode        string     `json:"mode,omitempty"` // edit or live
	Connections []usedData `json:"connections,omitempty"`
}

// usedData is a connection of an application as it is printed.
type usedData struct {
	Connection connectionData `json:"connection"`
	Allowed    bool           `json:"allowed"`
	useData
}

// useData is what is known of uses of a connection by an application.
type useData struct {
	Scripts []scriptUseData `json:"scripts,omitempty"`
	First   string          `json:"first_used,omitempty"`
	Last    string          `json:"last_used,omitempty"`
}

// scriptUseData is a script that uses a connection as it is printed.
type scriptUseData struct {
	Script       string             `json:"script"`
	Function     string             `json:"function,omitempty"`
	Environments []host.Environment `json:"environments"`
	Unattended   bool               `json:"unattended"`
	Last         string             `json:"last_used"`
}

func newUseData(r host.Reference) useData {
	d := useData{First: stamp(r.First), Last: stamp(r.Last)}
	for _, s := range r.Scripts {
		d.Scripts = append(d.Scripts, scriptUseData{s.Script, s.Function, s.Environments, s.Unattended, stamp(s.Last)})
	}
	return d
}

// name is a script with the function that was run.
func (d scriptUseData) name() string {
	name := plain(d.Script)
	if d.Function != "" {
		name += " " + plain(d.Function) + "()"
	}
	return name
}

func (d scriptUseData) environments() string {
	var list []string
	for _, e := range d.Environments {
		list = append(list, string(e))
	}
	return strings.Join(list, ", ")
}

func (p *program) applicationList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List applications", Example: "  connhost application list", Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Applications(ctx, s.subject)
				if err != nil {
					return err
				}
				data, rows := []applicationData{}, [][]string{}
				for _, a := range list {
					data = append(data, applicationData{Name: a.Name, Created: stamp(a.CreatedAt)})
					rows = append(rows, []string{a.Name, or(stamp(a.CreatedAt), "by itself")})
				}
				return p.show(data, func(w io.Writer) { table(w, "NAME CREATED", rows) })
			})
		},
	}
}

func (p *program) applicationShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show which connections an application uses", Args: exactly("NAME"),
		Long: `Show which connections an application uses, and which it may not use. Those who
manage connections see it in edit mode, with the whole set-up. Any other user sees
it in live mode: the user connections, to be authorized.`,
		Example:           "  connhost application show default\n  connhost application show default --as grace",
		ValidArgsFunction: p.completeApplications,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				v, err := s.broker.Application(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				d := newApplicationData(v, s.settings.env)
				return p.show(d, func(w io.Writer) { writeApplication(w, d, s.subject.User.Login) })
			})
		},
	}
}

func newApplicationData(v broker.ApplicationView, env host.Environment) applicationData {
	d := applicationData{Name: v.Application.Name, Created: stamp(v.Application.CreatedAt), Mode: "edit"}
	if v.Live {
		d.Mode = "live"
	}
	for _, c := range v.Connections {
		used := usedData{Connection: newConnectionData(c.View, env), Allowed: !c.Reference.Denied}
		if v.Live {
			used.Connection = connectionData{LinkName: used.Connection.LinkName, Name: used.Connection.Name, Status: used.Connection.Status}
		} else {
			used.useData = newUseData(c.Reference)
		}
		d.Connections = append(d.Connections, used)
	}
	return d
}

func writeApplication(w io.Writer, d applicationData, login string) {
	facts(w, "name", d.Name, "created", or(d.Created, "by itself"), "mode", d.Mode)
	var rows [][]string
	for _, u := range d.Connections {
		c := u.Connection
		if d.Mode == "live" {
			next := "-"
			if c.Status != host.Status(host.Connected) {
				next = "connhost connection authorize " + c.LinkName + " --as " + login
			}
			rows = append(rows, []string{c.LinkName, string(c.Status), next, c.Name})
			continue
		}
		allowed := "allowed"
		if !u.Allowed {
			allowed = "denied"
		}
		var scripts []string
		for _, s := range u.Scripts {
			scripts = append(scripts, s.name())
		}
		rows = append(rows, []string{c.LinkName, string(c.Status), c.Connector, string(c.Access), allowed, or(u.Last, "never"), strings.Join(scripts, ", ")})
	}
	heading := "LINK-NAME STATUS CONNECTOR ACCESS USE LAST-USED SCRIPTS"
	if d.Mode == "live" {
		heading = "LINK-NAME STATUS NEXT NAME"
	}
	section(w, "connections", heading, rows)
}

func (p *program) applicationCreate() *cobra.Command {
	return &cobra.Command{
		Use: "create NAME", Short: "Create an application; it may use every connection until that is denied", Args: exactly("NAME"),
		Example: "  connhost application create billing",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				a, err := s.broker.CreateApplication(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				return p.show(applicationData{Name: a.Name, Created: stamp(a.CreatedAt)}, func(w io.Writer) {
					fmt.Fprintf(w, "created the application %s\nnext: connhost run FILE --app %s\n", a.Name, a.Name)
				})
			})
		},
	}
}

func (p *program) applicationDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete an application with what is known of its scripts", Args: exactly("NAME"),
		Example: "  connhost application delete billing --yes", ValidArgsFunction: p.completeApplications,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				v, err := s.broker.Application(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				var used []string
				for _, c := range v.Connections {
					used = append(used, c.View.Connection.LinkName)
				}
				if len(used) > 0 {
					fmt.Fprintf(p.err, "%s uses: %s\n", args[0], strings.Join(used, ", "))
				}
				if err := s.subject.Require(host.ManageApplications); err != nil {
					return err
				}
				if err := p.confirm(ctx, fmt.Sprintf("delete the application %s?", args[0]), yes); err != nil {
					return err
				}
				if err := s.broker.DeleteApplication(ctx, s.subject, args[0]); err != nil {
					return err
				}
				return p.show(applicationData{Name: args[0]}, func(w io.Writer) { fmt.Fprintf(w, "deleted the application %s\n", args[0]) })
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// accessData is the access of an application to a connection as it is printed.
type accessData struct {
	Application string `json:"application"`
	LinkName    string `json:"link_name"`
	Allowed     bool   `json:"allowed"`
	Changed     bool   `json:"changed"`
}

// applicationAccess is allow or deny.
func (p *program) applicationAccess(verb string, allowed bool) *cobra.Command {
	short, says := "Let an application use a connection again", "%s may use %s\n"
	if !allowed {
		short, says = "Refuse a connection to an application", "%s may not use %s\n"
	}
	return &cobra.Command{
		Use: verb + " NAME LINK_NAME", Short: short, Args: exactly("NAME", "LINK_NAME"),
		Example:           "  connhost application " + verb + " billing acme_connection",
		ValidArgsFunction: p.completeAccess,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				changed, err := s.broker.SetAccess(ctx, s.subject, args[0], args[1], allowed)
				if err != nil {
					return err
				}
				return p.show(accessData{args[0], args[1], allowed, changed}, func(w io.Writer) { fmt.Fprintf(w, says, args[0], args[1]) })
			})
		},
	}
}

// completeApplications completes names of applications.
func (p *program) completeApplications(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Applications(cmd.Context(), s.subject)
		for _, a := range list {
			names = append(names, a.Name)
		}
		return names, err
	})
}

// completeAccess completes an application and then a connection.
func (p *program) completeAccess(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 1 {
		return p.completeConnections(cmd, nil, text)
	}
	return p.completeApplications(cmd, args, text)
}

// applicationFlag adds --app, which names the application that a script belongs
// to.
func (p *program) applicationFlag(cmd *cobra.Command, to *string, help string) {
	cmd.Flags().StringVar(to, "app", host.DefaultApplication, help)
	_ = cmd.RegisterFlagCompletionFunc("app", func(cmd *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
		return p.completeApplications(cmd, nil, text)
	})
}

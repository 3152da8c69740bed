package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// connectorData is an installed connector as it is printed.
type connectorData struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Version     string              `json:"version"`
	Description string              `json:"description,omitempty"`
	Docs        string              `json:"docs,omitempty"`
	Stage       host.ConnectorStage `json:"stage"`
	Auth        string              `json:"auth"`
	BaseURL     string              `json:"base_url,omitempty"`
	Hosts       []string            `json:"hosts,omitempty"`
	Scopes      []abi.Scope         `json:"scopes,omitempty"`
	Parameters  []abi.Parameter     `json:"parameters,omitempty"`
	Actions     []abi.Action        `json:"actions,omitempty"`
	Hooks       []string            `json:"hooks,omitempty"`
	CallbackURL string              `json:"callback_url,omitempty"`
	Hash        string              `json:"hash"`
	Installed   string              `json:"installed"`
}

func newConnectorData(c host.Connector, port int) connectorData {
	m := c.Manifest
	d := connectorData{
		ID: c.ID, Name: m.Name, Version: m.Version, Description: m.Description, Docs: m.Docs, Stage: c.Stage, Auth: m.Auth.Type,
		BaseURL: m.BaseURL, Hosts: m.DeclaredHosts(), Scopes: m.Scopes, Parameters: m.Fields(), Actions: m.Actions, Hooks: m.Hooks, Hash: c.Hash, Installed: stamp(c.InstalledAt),
	}
	if m.Auth.Authorize != nil {
		d.CallbackURL = callbackURL(c, port)
	}
	return d
}

func (p *program) connectorList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List installed connectors", Example: "  connhost connector list", Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Connectors(ctx, s.subject)
				if err != nil {
					return err
				}
				data, rows := []connectorData{}, [][]string{}
				for _, c := range list {
					d := newConnectorData(c, s.settings.callbackPort)
					data = append(data, d)
					rows = append(rows, []string{d.ID, d.Version, string(d.Stage), d.Auth, d.Name})
				}
				return p.show(data, func(w io.Writer) { table(w, "ID VERSION STAGE AUTH NAME", rows) })
			})
		},
	}
}

func (p *program) connectorShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show what an installed connector declares", Example: "  connhost connector show acme",
		Args: exactly("ID"), ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				c, err := s.broker.Connector(ctx, s.subject, args[0], "")
				if err != nil {
					return err
				}
				d := newConnectorData(c, s.settings.callbackPort)
				return p.show(d, func(w io.Writer) { writeConnector(w, d) })
			})
		},
	}
}

func writeConnector(w io.Writer, d connectorData) {
	facts(w, "id", d.ID, "name", d.Name, "version", d.Version, "description", d.Description, "stage", string(d.Stage),
		"auth", d.Auth, "base URL", d.BaseURL, "may go to", strings.Join(d.Hosts, ", "), "hooks", strings.Join(d.Hooks, ", "),
		"callback URL", d.CallbackURL, "docs", d.Docs, "hash", d.Hash, "installed", d.Installed)
	var fields, scopes [][]string
	for _, f := range d.Parameters {
		meaning := f.Label
		if f.Help != "" {
			meaning = strings.TrimPrefix(meaning+": "+f.Help, ": ")
		}
		fields = append(fields, []string{f.Key, parameterKind(f), or(f.Default, "-"), meaning})
	}
	for _, s := range d.Scopes {
		scopes = append(scopes, []string{s.Name, s.Text})
	}
	section(w, "parameters", "KEY KIND DEFAULT MEANING", fields)
	section(w, "scopes", "NAME MEANING", scopes)
	section(w, "actions", "NAME PARAMETERS MEANING", actionRows(d.Actions))
}

// actionRows lists actions with their parameters; one that may be left out
// stands in brackets.
func actionRows(list []abi.Action) (rows [][]string) {
	for _, a := range list {
		var names []string
		for _, p := range a.Parameters {
			if p.Required && p.Default == "" {
				names = append(names, p.Key)
			} else {
				names = append(names, "["+p.Key+"]")
			}
		}
		rows = append(rows, []string{a.Name, or(strings.Join(names, " "), "-"), a.Text})
	}
	return rows
}

// parameterKind says when and how a parameter is given.
func parameterKind(f abi.Parameter) string {
	switch {
	case f.Kind == abi.KindHost:
		return "host, at creation"
	case f.Secret:
		return "secret"
	case f.Required:
		return "required"
	}
	return "optional"
}

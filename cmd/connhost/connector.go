package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
)

func (p *program) connectorCommand() *cobra.Command {
	return group("connector", "Build, inspect, install and publish connectors", `  connhost connector build ./acme
  connhost connector inspect acme/acme.wasm
  connhost connector install acme/acme.wasm`,
		p.connectorList(), p.connectorShow(), p.connectorInspect(), p.connectorBuild(), p.connectorInstall(), p.connectorPublish())
}

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
	Hooks       []string            `json:"hooks,omitempty"`
	CallbackURL string              `json:"callback_url,omitempty"`
	Hash        string              `json:"hash"`
	Installed   string              `json:"installed"`
}

func newConnectorData(c host.Connector, port int) connectorData {
	m := c.Manifest
	d := connectorData{
		ID: c.ID, Name: m.Name, Version: m.Version, Description: m.Description, Docs: m.Docs, Stage: c.Stage, Auth: m.Auth.Type,
		BaseURL: m.BaseURL, Hosts: m.DeclaredHosts(), Scopes: m.Scopes, Parameters: m.Fields(), Hooks: m.Hooks, Hash: c.Hash, Installed: stamp(c.InstalledAt),
	}
	if m.Auth.Type == abi.AuthOAuth2 {
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
				c, err := s.broker.Connector(ctx, s.subject, args[0])
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

func (p *program) connectorBuild() *cobra.Command {
	return &cobra.Command{
		Use: "build DIR", Short: "Build DIR/<id>.wasm from connector.yaml and its code", Args: exactly("DIR"),
		Example: "  connhost connector build ./acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			built, err := build.Build(cmd.Context(), args[0])
			if err != nil {
				return p.invalid(err)
			}
			p.warn(built.Warnings)
			d := map[string]any{"path": built.Path, "hash": built.Hash, "size": len(built.File), "code_size": built.CodeSize, "manifest_size": built.ManifestSize}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "built %s (%d bytes, sha256 %s)\n", built.Path, len(built.File), built.Hash)
			})
		},
	}
}

// invalid prints every mistake of a connector with its place, once.
func (p *program) invalid(err error) error {
	bad, ok := errors.AsType[*build.Invalid](err)
	if !ok {
		return err
	}
	fmt.Fprint(p.err, bad.Render())
	return quiet{host.Failed}
}

func (p *program) warn(list []build.Diagnostic) {
	for _, d := range list {
		fmt.Fprint(p.err, d.Render())
	}
}

func (p *program) connectorInspect() *cobra.Command {
	return &cobra.Command{
		Use: "inspect FILE|DIR", Short: "Show what a connector's file holds, without running it", Args: exactly("FILE or DIR"),
		Example: "  connhost connector inspect acme/acme.wasm",
		RunE: func(cmd *cobra.Command, args []string) error {
			opened, err := build.Open(cmd.Context(), args[0])
			if err != nil {
				return p.invalid(err)
			}
			p.warn(opened.Warnings)
			report, err := build.Inspect(opened.File)
			if err != nil {
				return err
			}
			if err := p.show(report, func(w io.Writer) { writeReport(w, report) }); err != nil {
				return err
			}
			return installable(args[0], report)
		},
	}
}

// installable gives the first problem that keeps a file from being installed.
func installable(path string, r build.Report) error {
	faults := abi.Faults(r.Problems)
	if r.Valid() || len(faults) == 0 {
		return nil
	}
	e := host.Errorf(host.Failed, "%s is not a connector that can be installed: %s", path, strings.TrimPrefix(faults[0].Path+": "+faults[0].Msg, ": "))
	if len(faults) > 1 {
		e = host.Errorf(host.Failed, "%s, and %s", e.Msg, plural(len(faults)-1, "more problem"))
	}
	return e.WithHint("%s", or(faults[0].Hint, "see all that it holds: connhost connector inspect "+path))
}

func (p *program) connectorInstall() *cobra.Command {
	return &cobra.Command{
		Use: "install FILE|DIR", Short: "Install a connector as a draft", Args: exactly("FILE or DIR"),
		Long: `Install a connector, as a draft that only administrators see and use. What it may
do is shown. Installing a draft again replaces it. Connectors of strangers are
not yet safe to install: see README.`,
		Example: "  connhost connector install acme/acme.wasm",
		RunE: func(cmd *cobra.Command, args []string) error {
			opened, err := build.Open(cmd.Context(), args[0])
			if err != nil {
				return p.invalid(err)
			}
			p.warn(opened.Warnings)
			report, err := build.Inspect(opened.File)
			if err == nil {
				err = installable(args[0], report)
			}
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.install(ctx, s, opened.File) })
		},
	}
}

// installedData is an installation as it is printed.
type installedData struct {
	connectorData
	Existed  bool `json:"existed"`
	Replaced bool `json:"replaced"`
	Reauth   int  `json:"authorizations_to_renew"`
}

func (p *program) install(ctx context.Context, s *session, file []byte) error {
	in, err := s.broker.Install(ctx, s.subject, file)
	if err != nil {
		return err
	}
	d := installedData{newConnectorData(in.Connector, s.settings.callbackPort), in.Existed, in.Replaced, len(in.Reauth)}
	return p.show(d, func(w io.Writer) { writeInstalled(w, in, d) })
}

func writeInstalled(w io.Writer, in broker.Installed, d installedData) {
	what := "installed"
	switch {
	case in.Existed:
		what = "was installed already:"
	case in.Replaced:
		what = "replaced the draft of"
	}
	fmt.Fprintf(w, "%s %s %s (%s)\n", what, d.ID, d.Version, d.Stage)
	facts(w, "  may go to", strings.Join(d.Hosts, ", "), "  hooks", strings.Join(d.Hooks, ", "), "  auth", d.Auth)
	if d.Reauth > 0 {
		fmt.Fprintf(w, "it talks to other places than before: %s to authorize anew\n", plural(d.Reauth, "authorization"))
	}
	if d.Stage == host.Draft {
		fmt.Fprintf(w, "next: connhost connection create %s\n", d.ID)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func (p *program) connectorPublish() *cobra.Command {
	return &cobra.Command{
		Use: "publish ID", Short: "Make a draft usable by everyone and fix it by its hash", Args: exactly("ID"),
		Example: "  connhost connector publish acme", ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				c, err := s.broker.Publish(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				return p.show(newConnectorData(c, s.settings.callbackPort), func(w io.Writer) {
					fmt.Fprintf(w, "published %s %s (sha256 %s)\n", c.ID, c.Manifest.Version, c.Hash)
				})
			})
		},
	}
}

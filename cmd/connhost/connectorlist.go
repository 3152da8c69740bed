package main

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// connectorData is an installed version of a connector as it is printed.
type connectorData struct {
	ID           string              `json:"id"`
	Name         string              `json:"name"`
	Version      string              `json:"version"`
	Stage        host.ConnectorStage `json:"stage"`
	Current      bool                `json:"current"`
	BuiltIn      bool                `json:"built_in"`
	Description  string              `json:"description,omitempty"`
	Category     string              `json:"category,omitempty"`
	Logo         abi.Logo            `json:"logo"`
	Docs         string              `json:"docs,omitempty"`
	Auth         string              `json:"auth"`
	Ways         []broker.Way        `json:"authorized_by"`
	ClientSecret string              `json:"client_secret,omitempty"`
	BaseURL      string              `json:"base_url,omitempty"`
	Capabilities capabilityData      `json:"capabilities"`
	Granted      []string            `json:"granted,omitempty"`
	Scopes       []abi.Scope         `json:"scopes,omitempty"`
	Parameters   []abi.Parameter     `json:"parameters,omitempty"`
	Actions      []abi.Action        `json:"actions,omitempty"`
	MayAct       bool                `json:"actions_allowed,omitempty"`
	DataCentres  []abi.DataCentre    `json:"data_centres,omitempty"`
	Unverified   []string            `json:"unverified,omitempty"`
	CallbackURL  string              `json:"callback_url,omitempty"`
	Hash         string              `json:"hash"`
	Source       string              `json:"source,omitempty"`
	Signer       string              `json:"signer,omitempty"`
	SignerKey    string              `json:"signer_key,omitempty"`
	Installed    string              `json:"installed,omitempty"`
}

func newConnectorData(c host.Connector, back callbackPlace) connectorData {
	m := c.Manifest
	d := connectorData{
		ID: c.ID, Name: m.Name, Version: m.Version, Stage: c.Stage, Current: c.Current, BuiltIn: c.BuiltIn, Description: m.Description, Category: m.Category, Docs: m.Docs, Unverified: m.Unverified, Logo: m.Mark(),
		Auth: m.Auth.Type, Ways: broker.WaysOf(m), ClientSecret: secretForm(m), BaseURL: m.BaseURL, Capabilities: newCapabilityData(host.CapabilitiesOf(m)), Granted: c.Granted,
		Scopes: m.Scopes, Parameters: m.Fields(), Actions: m.Actions, MayAct: len(m.Actions) > 0 && c.Acts(), DataCentres: m.DataCentres, Hash: c.Hash, Source: c.Source, Signer: c.Signer, SignerKey: c.SignerKey, Installed: stamp(c.InstalledAt),
	}
	if m.ByBrowser() {
		d.CallbackURL = back.of(c)
	}
	return d
}

func (p *program) connectorList() *cobra.Command {
	var custom bool
	cmd := &cobra.Command{
		Use: "list", Short: "List connectors, a line for each version", Args: exactly(),
		Example: "  connhost connector list\n  connhost connector list --custom",
		Long: `List the connectors that are built in and those that were installed, a line for
each version. New connections take the current version; those that exist stay
on theirs until they are moved.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				versions := s.broker.Heads
				if p.flags.output == "json" { // which tells all of each
					versions = func(ctx context.Context, sub host.Subject) ([]host.Connector, error) {
						return s.broker.Versions(ctx, sub, "")
					}
				}
				list, err := versions(ctx, s.subject)
				if err != nil {
					return err
				}
				return p.showConnectors(s, slices.DeleteFunc(list, func(c host.Connector) bool { return custom && c.BuiltIn }))
			})
		},
	}
	cmd.Flags().BoolVar(&custom, "custom", false, "only those that were installed here")
	return cmd
}

// showConnectors prints versions by the ids of their connectors.
func (p *program) showConnectors(s *session, list []host.Connector) error {
	slices.SortStableFunc(list, func(a, b host.Connector) int { return strings.Compare(a.ID, b.ID) })
	data := []connectorData{}
	if p.flags.output == "json" { // what all may do is worked out for this alone
		for _, c := range list {
			data = append(data, newConnectorData(c, s.settings.callback))
		}
	}
	return p.show(data, func(w io.Writer) {
		var rows [][]string
		for _, c := range list {
			rows = append(rows, []string{c.ID, c.Version(), stageText(c.Stage, c.BuiltIn), yesNo(c.Current), c.Manifest.Auth.Type, or(c.Signer, "-"), c.Manifest.Name})
		}
		table(w, "ID VERSION STAGE CURRENT AUTH SIGNER NAME", rows)
	})
}

// stageText is a stage for people: what is built in was published by nobody.
func stageText(stage host.ConnectorStage, builtIn bool) string {
	if builtIn && stage == host.Published {
		return "built in"
	}
	return string(stage)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// versionRow is one of a connector's versions, in a list of them.
type versionRow struct {
	Version     string              `json:"version"`
	Stage       host.ConnectorStage `json:"stage"`
	Current     bool                `json:"current"`
	Connections []string            `json:"connections"` // that the subject may know of
	Hash        string              `json:"hash"`
}

// shownData is a version with all the others of its connector.
type shownData struct {
	connectorData
	Versions []versionRow `json:"versions"`
}

func (p *program) connectorShow() *cobra.Command {
	var version, action string
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show what a connector declares, and its versions", Args: exactly("ID"),
		Long: `Show what a connector declares: what it asks for, where it may go, its scopes and
named actions, and which connections use each of its versions. With --action show
one named action: what it does, whether it may be done, and its parameters with
their kinds.`,
		Example: `  connhost connector show openweather
  connhost connector show openweather --action forecast`,
		ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if action != "" {
					return p.showAction(ctx, s, args[0], version, action)
				}
				d, err := showConnector(ctx, s, args[0], version)
				if err != nil {
					return err
				}
				return p.show(d, func(w io.Writer) { writeConnector(w, d) })
			})
		},
	}
	p.versionFlag(cmd, &version, "version", "show this `VERSION`; the current one unless given")
	p.actionFlag(cmd, &action)
	return cmd
}

func showConnector(ctx context.Context, s *session, id, version string) (shownData, error) {
	c, err := s.broker.Connector(ctx, s.subject, id, version)
	if err != nil {
		return shownData{}, err
	}
	d := shownData{connectorData: newConnectorData(c, s.settings.callback)}
	versions, err := s.broker.Versions(ctx, s.subject, id)
	if err != nil {
		return d, err
	}
	connections, err := s.broker.Connections(ctx, s.subject)
	if err != nil {
		return d, err
	}
	for _, v := range versions {
		row := versionRow{v.Version(), v.Stage, v.Current, []string{}, v.Hash}
		for _, c := range connections {
			if c.Connection.ConnectorHash == v.Hash {
				row.Connections = append(row.Connections, c.Connection.LinkName)
			}
		}
		d.Versions = append(d.Versions, row)
	}
	return d, nil
}

func writeConnector(w io.Writer, d shownData) {
	c := d.Capabilities
	var limits []string
	for _, name := range slices.Sorted(maps.Keys(c.Limits)) {
		limits = append(limits, name+" "+c.Limits[name])
	}
	signer := d.Signer
	if signer != "" {
		signer += " (key " + d.SignerKey + ")"
	}
	acts := ""
	if len(d.Actions) > 0 {
		acts = allowedText(d.MayAct)
	}
	facts(w, "id", d.ID, "name", d.Name, "version", d.Version, "description", d.Description, "category", d.Category, "stage", stageText(d.Stage, d.BuiltIn), "current", yesNo(d.Current),
		"auth", d.Auth, "authorized by", strings.Join(d.ways(), ", or "), "client secret", d.ClientSecret,
		"base URL", d.BaseURL, "may go to", strings.Join(c.Hosts, ", "), "gets tokens at", strings.Join(c.Tokens, ", "), "hooks", strings.Join(c.Hooks, ", "),
		"its code calls", strings.Join(c.Imports, ", "), "its code reads", strings.Join(d.Granted, ", "), "limits", strings.Join(limits, ", "),
		"named actions", acts, "callback URL", d.CallbackURL, "docs", d.Docs, "nobody has tried", strings.Join(d.Unverified, ", "), "hash", d.Hash, "source", d.Source, "signed by", signer, "installed", d.Installed)
	var scopes, versions [][]string
	for _, s := range d.Scopes {
		scopes = append(scopes, []string{s.Name, s.Text})
	}
	for _, v := range d.Versions {
		versions = append(versions, []string{v.Version, stageText(v.Stage, d.BuiltIn), yesNo(v.Current), strings.Join(v.Connections, ", ")})
	}
	section(w, "parameters", "KEY KIND DEFAULT MEANING", parameterRows(d.Parameters))
	section(w, "scopes", "NAME MEANING", scopes)
	section(w, "actions", "NAME PARAMETERS MEANING", actionRows(d.Actions))
	section(w, "data centres", "NAME REGION LABEL VALUES", centreRows(d.DataCentres))
	section(w, "versions", "VERSION STAGE CURRENT CONNECTIONS", versions)
}

// ways are the ways to authorize, for people.
func (d connectorData) ways() (list []string) {
	for _, way := range d.Ways {
		switch {
		case way == broker.ByBrowser:
			list = append(list, "a person in a browser")
		case way == broker.ByDevice:
			list = append(list, "a person on any device (--device)")
		case len(d.Parameters) > 0:
			list = append(list, "its parameters")
		case d.ClientSecret != "":
			list = append(list, "its client credential")
		}
	}
	return list
}

// secretForm says what the secret of a client credential is; empty where there
// is none.
func secretForm(m abi.Manifest) string {
	if !m.NeedsClient() {
		return ""
	}
	if m.Auth.Type == abi.AuthOAuth1 {
		if m.Auth.SignatureMethod == abi.RSASHA1 {
			return "a private key, as PEM"
		}
		return "a text"
	}
	switch m.ClientAuth() {
	case abi.ClientAuthNone:
		return "none"
	case abi.ClientAuthPrivateKey:
		return "a private key, as PEM"
	case abi.ClientAuthMTLS:
		return "a certificate with its private key, as PEM"
	}
	return "a text"
}

// parameterRows lists parameters with how each is given and what it means.
func parameterRows(list []abi.Parameter) (rows [][]string) {
	for _, f := range list {
		meaning := f.Label
		if f.Help != "" {
			meaning = strings.TrimPrefix(meaning+": "+f.Help, ": ")
		}
		if len(f.Enum) > 0 {
			meaning = strings.TrimSpace(meaning + " (" + strings.Join(f.Enum, ", ") + ")")
		}
		if only := f.Condition(); only != "" {
			meaning = strings.TrimPrefix(meaning+", only where "+only, ", ")
		}
		rows = append(rows, []string{f.Key, parameterKind(f), or(f.Default, "-"), meaning})
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
	}
	kind := "optional"
	if f.Required {
		kind = "required"
	}
	if f.Typed() || f.Kind == abi.KindPath {
		kind += ", " + f.Kind
	}
	return kind
}

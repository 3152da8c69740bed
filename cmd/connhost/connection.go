package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

func (p *program) connectionCommand() *cobra.Command {
	return group("connection", "Create, authorize and revoke connections", `  connhost connection create acme
  connhost connection authorize acme_connection
  connhost connection test acme_connection`,
		p.connectionList(), p.connectionShow(), p.connectionCreate(), p.connectionAuthorize(),
		p.connectionUpdate(), p.connectionRename(), p.connectionSwitch(), p.connectionChoose(), p.connectionDisable(), p.connectionEnable(),
		p.connectionTest(), p.connectionRevoke(), p.connectionDelete(), p.connectionHistory(),
		p.connectionReferences(), p.connectionPrimary())
}

// connectionData is a connection as it is printed.
type connectionData struct {
	LinkName      string            `json:"link_name"`
	Status        host.Status       `json:"status"`
	Reason        string            `json:"reason,omitempty"`
	Name          string            `json:"name,omitempty"`
	Connector     string            `json:"connector,omitempty"`
	Version       string            `json:"connector_version,omitempty"`
	Access        host.Access       `json:"access,omitempty"`
	Mode          host.Mode         `json:"mode,omitempty"`
	Credential    string            `json:"credential,omitempty"`
	Scopes        []string          `json:"scopes,omitempty"`
	Params        map[string]string `json:"params,omitempty"`
	Hosts         []string          `json:"hosts,omitempty"`
	BaseURL       string            `json:"base_url,omitempty"`
	Authorization []placeData       `json:"authorizations,omitempty"`
	Reusable      []string          `json:"reusable_authorizations,omitempty"`
	Created       string            `json:"created,omitempty"`
	Denied        []string          `json:"denied_applications,omitempty"`
	Primary       string            `json:"primary,omitempty"`
	DataCentre    *centreData       `json:"data_centre,omitempty"`
}

// placeData is one place of a connection as it is printed.
type placeData struct {
	Environment  host.Environment `json:"environment"`
	Status       host.Status      `json:"status"`
	Account      string           `json:"account,omitempty"`
	Authorizes   string           `json:"authorization,omitempty"`
	Reason       string           `json:"reason,omitempty"`
	Since        string           `json:"since,omitempty"`
	ReadOnly     string           `json:"read_only,omitempty"`
	Chosen       *choiceData      `json:"chosen,omitempty"`
	Asked        []string         `json:"scopes_asked,omitempty"`
	Granted      []string         `json:"scopes_granted,omitempty"`
	Missing      []string         `json:"scopes_missing,omitempty"`
	Extra        []string         `json:"scopes_extra,omitempty"`
	TokenExpires string           `json:"token_expires,omitempty"`
	Renewable    bool             `json:"renewable"`
	Due          string           `json:"renewal_due,omitempty"`
	RefreshEnds  string           `json:"refresh_expires,omitempty"`
	Ends         string           `json:"ends,omitempty"`
	EndsBecause  host.EndCause    `json:"ends_because,omitempty"`
	Forecast     string           `json:"forecast,omitempty"`
	Updated      string           `json:"updated,omitempty"`
}

// newConnectionData is what may be printed of a view. A brief one has link
// name and status only.
func newConnectionData(v broker.View, env host.Environment) connectionData {
	c := v.Connection
	d := connectionData{LinkName: c.LinkName, Status: v.Status(env)}
	if v.Brief {
		return d
	}
	m := v.Connector.Manifest
	d.Reason = v.Place(env).Reason
	d.Name, d.Connector, d.Version, d.Access, d.Mode, d.Credential = c.Name, c.Connector, m.Version, c.Access, c.Mode, v.Credential.Name
	d.Scopes, d.Params, d.Created, d.Denied, d.Primary = c.Scopes, c.Params, stamp(c.CreatedAt), v.Denied, v.Primary
	values := v.Connector.Values(paramsAt(v.Place(env), c), nil)
	for _, template := range m.DeclaredHosts() {
		if name, err := values.Host(template); err == nil {
			template = name
		}
		d.Hosts = append(d.Hosts, template)
	}
	d.BaseURL = m.BaseURL
	if u, err := values.URL(m.BaseURL); err == nil {
		d.BaseURL = u.String()
	}
	d.DataCentre = newCentreData(v)
	for _, place := range v.Places {
		pd := placeData{Environment: place.Environment, Status: place.Status, Reason: place.Reason, Since: stamp(place.Since), ReadOnly: place.ReadOnly}
		if a := place.Authorization; a != nil {
			pd.Account, pd.Authorizes, pd.Asked, pd.Granted = a.AccountLabel, string(a.ID), a.Asked, a.Granted
			pd.Missing, pd.Extra = place.Missing, place.Extra
			if m.Choose != nil && a.Chosen.Key != "" {
				pd.Chosen = &choiceData{What: m.Choose.What, Key: a.Chosen.Key, Label: a.Chosen.Label}
			}
			pd.TokenExpires, pd.Renewable, pd.Updated = stamp(a.TokenExpires), a.Renewable, stamp(a.UpdatedAt)
			pd.RefreshEnds = stamp(a.RefreshExpires)
			if place.Status == host.NotConnected { // revoked
				pd.TokenExpires = ""
			} else {
				pd.Due = stamp(a.Due)
			}
			pd.Ends, pd.EndsBecause, pd.Forecast = stamp(place.Forecast.Ends), place.Forecast.Cause, place.Forecast.Text
		}
		d.Authorization = append(d.Authorization, pd)
	}
	return d
}

// paramsAt are the parameters with which a place calls: those of the connection,
// and what was given when it was authorized.
func paramsAt(place broker.PlaceView, c host.Connection) map[string]string {
	params := map[string]string{}
	if place.Authorization != nil {
		maps.Copy(params, place.Authorization.Params)
	}
	maps.Copy(params, c.Params)
	return params
}

func (p *program) connectionList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List connections with their status", Example: "  connhost connection list --output json", Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.broker.Connections(ctx, s.subject)
				if err != nil {
					return err
				}
				data, rows := []connectionData{}, [][]string{}
				for _, v := range list {
					d := newConnectionData(v, s.settings.env)
					data = append(data, d)
					rows = append(rows, []string{d.LinkName, string(d.Status), or(d.Connector, "-"), or(string(d.Access), "-"), d.Name, d.Reason})
				}
				heading := "LINK-NAME STATUS CONNECTOR ACCESS NAME"
				if slices.ContainsFunc(data, func(d connectionData) bool { return d.Reason != "" }) {
					heading += " REASON"
				}
				return p.show(data, func(w io.Writer) { table(w, heading, rows) })
			})
		},
	}
}

func (p *program) connectionShow() *cobra.Command {
	return &cobra.Command{
		Use: "show LINK_NAME", Short: "Show one connection", Example: "  connhost connection show acme_connection",
		Args: exactly("LINK_NAME"), ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				v, err := s.broker.Connection(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				d := newConnectionData(v, s.settings.env)
				return p.show(d, func(w io.Writer) { writeConnection(w, d) })
			})
		},
	}
}

func writeConnection(w io.Writer, d connectionData) {
	var params []string
	for key, value := range d.Params {
		params = append(params, key+"="+value)
	}
	slices.Sort(params)
	scopes := strings.Join(d.Scopes, " ")
	if scopes == "" && d.Mode != "" {
		scopes = "all"
	}
	facts(w, "link name", d.LinkName, "status", string(d.Status), "name", d.Name, "connector", strings.TrimSpace(d.Connector+" "+d.Version),
		"access", string(d.Access), "primary account", d.Primary, "mode", string(d.Mode), "credential", d.Credential, "scopes", scopes,
		"parameters", strings.Join(params, " "), "may go to", strings.Join(d.Hosts, ", "), "base URL", d.BaseURL, "data centre", d.DataCentre.text(), "created", d.Created,
		"refused to", strings.Join(d.Denied, ", "))
	for _, a := range d.Authorization {
		fmt.Fprintf(w, "\n%s: %s\n", a.Environment, a.Status)
		since := ""
		if a.Reason != "" {
			since = a.Since
		}
		facts(w, "  account", a.Account, "  authorization", a.Authorizes, "  used with", a.Chosen.text(), "  reason", a.Reason, "  since", since, "  read-only", a.ReadOnly,
			"  scopes granted", plain(strings.Join(a.Granted, " ")),
			"  scopes lacking", plain(strings.Join(a.Missing, " ")), "  scopes beyond", plain(strings.Join(a.Extra, " ")),
			"  token expires", a.TokenExpires, "  renewal due", a.Due, "  forecast", a.Forecast, "  updated", a.Updated)
	}
}

func (p *program) connectionTest() *cobra.Command {
	return &cobra.Command{
		Use: "test LINK_NAME", Short: "Make the connector's test call through a connection", Example: "  connhost connection test acme_connection",
		Args: exactly("LINK_NAME"), ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.test(ctx, s, args[0]) })
		},
	}
}

// testData is the outcome of a test call as it is printed.
type testData struct {
	LinkName  string `json:"link_name"`
	OK        bool   `json:"ok"`
	Status    int    `json:"status"`
	Account   string `json:"account,omitempty"`
	Message   string `json:"message,omitempty"`
	Refreshed bool   `json:"refreshed"`
}

func (p *program) test(ctx context.Context, s *session, link string) error {
	t, err := s.broker.Test(ctx, s.subject, s.settings.env, link)
	if err != nil {
		return err
	}
	d := testData{link, t.OK, t.Status, t.Account.Label, t.Message, t.Refreshed}
	err = p.show(d, func(w io.Writer) {
		if t.OK {
			fmt.Fprintf(w, "ok: %s answered %d%s\n", link, t.Status, as(t.Account.Label))
		}
	})
	if err == nil && !t.OK {
		hint := "authorize it anew: connhost connection authorize %s"
		if t.Status >= 400 && t.Status != http.StatusUnauthorized && t.Status != http.StatusForbidden {
			hint = "is the connector's test request right? make a call of your own: connhost invoke URL -c %s"
		}
		err = host.Errorf(host.Failed, "the test call of connection %q did not succeed: %s", link, t.Message).WithHint(hint, link)
	}
	return err
}

func as(account string) string {
	if account == "" {
		return ""
	}
	return " as " + account
}

func (p *program) connectionRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke LINK_NAME", Short: "End an authorization, here and at the service", Args: exactly("LINK_NAME"),
		Example: "  connhost connection revoke acme_connection", ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				r, err := s.broker.Revoke(ctx, s.subject, s.settings.env, args[0])
				if err != nil {
					return err
				}
				d := newRevokedData(args[0], r)
				return p.show(d, func(w io.Writer) { writeRevoked(w, d) })
			})
		},
	}
}

// revokedData is a revocation as it is printed.
type revokedData struct {
	LinkName    string           `json:"link_name,omitempty"`
	Environment host.Environment `json:"environment,omitempty"`
	Account     string           `json:"account"`
	Upstream    string           `json:"upstream"`
	Others      []string         `json:"other_connections,omitempty"`
}

func newRevokedData(link string, r broker.Revoked) revokedData {
	return revokedData{link, r.Environment, r.Authorization.AccountLabel, r.Upstream, r.Others}
}

func writeRevoked(w io.Writer, d revokedData) {
	fmt.Fprintf(w, "revoked %s of %s here\n", or(d.LinkName, "the authorization"), or(d.Account, "its account"))
	switch d.Upstream {
	case broker.UpstreamRevoked:
		fmt.Fprintln(w, "revoked at the service too")
	case broker.UpstreamNotDeclared:
		fmt.Fprintln(w, "the connector knows no way to revoke at the service: do it on the service's own page")
	default:
		fmt.Fprintf(w, "at the service it may still be valid: %s\n", d.Upstream)
	}
	if len(d.Others) > 0 {
		fmt.Fprintf(w, "it also served: %s\n", strings.Join(d.Others, ", "))
	}
}

func (p *program) connectionDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete LINK_NAME", Short: "Delete a connection and the authorizations that only it uses", Args: exactly("LINK_NAME"),
		Example: "  connhost connection delete acme_connection --yes", ValidArgsFunction: p.completeConnections,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				uses, err := s.broker.Uses(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				if err := s.subject.Require(host.ManageConnections); err != nil {
					return err
				}
				writeUses(p.err, args[0], uses)
				if err := p.warnOfUses(ctx, s, args[0]); err != nil {
					return err
				}
				if err := p.confirm(ctx, fmt.Sprintf("delete %s and revoke what only it uses?", args[0]), yes); err != nil {
					return err
				}
				list, err := s.broker.Delete(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				data := []revokedData{}
				for _, r := range list {
					data = append(data, newRevokedData(args[0], r))
				}
				return p.show(data, func(w io.Writer) {
					for _, d := range data {
						writeRevoked(w, d)
					}
					fmt.Fprintf(w, "deleted %s\n", args[0])
				})
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// writeUses tells what a connection holds, and what stays when it goes.
func writeUses(w io.Writer, link string, uses []broker.PlaceUse) {
	for _, u := range uses {
		who := "everyone's calls"
		if u.User != "" {
			who = "the calls of " + u.User
		}
		fate := "revoked"
		switch {
		case len(u.Others) > 0:
			fate = "kept, because it serves " + strings.Join(u.Others, ", ") + " too"
		case u.Revoked:
			fate = "revoked already"
		}
		fmt.Fprintf(w, "%s: the authorization of %s serves %s (%s): %s\n", link, plain(u.Account), who, u.Environment, fate)
	}
}

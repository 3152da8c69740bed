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

// completeCredentials completes the names of client credentials.
func (p *program) completeCredentials(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Credentials(cmd.Context(), s.subject, "")
		for _, c := range list {
			names = append(names, c.Name+"\t"+c.Connector)
		}
		return names, err
	})
}

// credentialUses is a client credential with what uses it as it is printed.
type credentialUses struct {
	credentialData
	Callback       string              `json:"callback_url,omitempty"`
	Connections    []string            `json:"connections"`
	Authorizations []authorizationData `json:"authorizations"`
}

func (p *program) credentialShow() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a client credential and what uses it; never its secret", Args: exactly("NAME"),
		Long:    "Show a client credential and what uses it. It is named by its name or id.",
		Example: `  connhost credential show "Acme Credential"`, ValidArgsFunction: p.completeCredentials,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				v, err := s.broker.Credential(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				d := credentialUses{credentialData: newCredentialData(v.Credential), Connections: []string{}, Authorizations: []authorizationData{}}
				if c, err := s.broker.Connector(ctx, s.subject, v.Credential.Connector, ""); err == nil && c.Manifest.ByBrowser() {
					d.Callback = s.settings.callback.of(c)
				}
				var rows [][]string
				for _, c := range v.Connections {
					d.Connections = append(d.Connections, c.LinkName)
				}
				for _, a := range v.Authorizations {
					one := newAuthorizationData(broker.AuthorizationView{Authorization: a})
					d.Authorizations = append(d.Authorizations, one)
					rows = append(rows, []string{string(a.ID), string(a.State), plain(a.AccountLabel), a.Reason})
				}
				return p.show(d, func(w io.Writer) {
					facts(w, "name", d.Name, "id", string(d.ID), "connector", d.Connector, "client id", d.ClientID, "mode", string(d.Mode),
						"callback URL", d.Callback, "connections", or(strings.Join(d.Connections, ", "), "none"), "created", d.Created)
					section(w, "authorizations", "ID STATE ACCOUNT REASON", rows)
				})
			})
		},
	}
}

// credentialFlags are the options of credential update.
type credentialFlags struct {
	change  broker.CredentialChange
	secrets secretFlags
	quick   bool
	custom  bool
	public  bool
	yes     bool
}

func (p *program) credentialUpdate() *cobra.Command {
	var f credentialFlags
	cmd := &cobra.Command{
		Use: "update NAME", Short: "Change a client credential: its id, secret, name or mode", Args: exactly("NAME"),
		Long: `Change a client credential, named by its name or id. What was authorized with
another client id must be authorized again, which is told first; another secret alone
changes nothing for anyone. Where the service had refused the old secret, a new one
brings the authorizations back that were marked for that.`,
		Example: `  connhost credential update "Acme Credential" --secret-file client_secret=secret.txt
  connhost credential update "Acme Credential" --client-id other-app --secret-env client_secret=ACME_SECRET
  connhost credential update "Acme Credential" --quick`,
		ValidArgsFunction: p.completeCredentials,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.updateCredential(ctx, s, args[0], f) })
		},
	}
	cmd.Flags().StringVar(&f.change.ClientID, "client-id", "", "the new client id")
	cmd.Flags().StringVar(&f.change.Name, "name", "", "its new name")
	cmd.Flags().BoolVar(&f.quick, "quick", false, "make it the host's own for its connector; connections that use it follow")
	cmd.Flags().BoolVar(&f.custom, "custom", false, "make it one that connections name; connections that use it follow")
	cmd.Flags().BoolVar(&f.public, "public", false, "the service gives no secret to this client any more")
	cmd.MarkFlagsMutuallyExclusive("quick", "custom")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	f.secrets.register(cmd.Flags())
	return cmd
}

func (p *program) updateCredential(ctx context.Context, s *session, named string, f credentialFlags) error {
	v, err := s.broker.Credential(ctx, s.subject, named)
	if err != nil {
		return err
	}
	given, err := f.secrets.read(p.system)
	if err != nil {
		return err
	}
	for key := range given {
		if key != secretKey {
			return host.Errorf(host.Usage, "a client credential has the secret %q only, not %q", secretKey, key).
				WithHint("give it with --secret-stdin %[1]s, --secret-file %[1]s=PATH or --secret-env %[1]s=VAR", secretKey)
		}
	}
	secret, ok := given[secretKey]
	switch {
	case ok && f.public:
		return host.Errorf(host.Usage, "a public client has no secret").WithHint("leave --public out, or give no secret")
	case ok && secret.Empty():
		return host.Errorf(host.Usage, "the client secret is empty").WithHint("say --public if the service gives none")
	case ok || f.public:
		f.change.Secret = &secret
	}
	switch {
	case f.quick:
		f.change.Mode = host.Quick
	case f.custom:
		f.change.Mode = host.Custom
	}
	if f.change == (broker.CredentialChange{}) {
		return host.Errorf(host.Usage, "there is nothing to change").WithHint("give --client-id, --name, --quick, --custom or a secret")
	}
	if id := f.change.ClientID; id != "" && id != v.Credential.ClientID {
		if c, err := s.broker.Connector(ctx, s.subject, v.Credential.Connector, ""); err == nil && c.Manifest.ByBrowser() {
			fmt.Fprintf(p.err, "callback URL to register at %s: %s\n", c.Manifest.Name, s.settings.callback.of(c))
		}
		if n := len(v.Authorizations); n > 0 {
			question := fmt.Sprintf("change the client id? %s must be authorized again: %s", plural(n, "authorization"), accounts(v.Authorizations))
			if err := p.confirm(ctx, question, f.yes); err != nil {
				return err
			}
		}
	}
	got, err := s.broker.UpdateCredential(ctx, s.subject, string(v.Credential.ID), f.change)
	if err != nil {
		return err
	}
	return p.showCredentialChange(got)
}

// accounts names the accounts of authorizations.
func accounts(list []host.Authorization) string {
	var names []string
	for _, a := range list {
		names = append(names, plain(a.AccountLabel))
	}
	return strings.Join(names, ", ")
}

// changedCredential is a changed client credential as it is printed.
type changedCredential struct {
	credentialData
	Changed     []string `json:"changed"`
	Reauth      []string `json:"needs_reauthorization,omitempty"`
	Revived     []string `json:"usable_again,omitempty"`
	Connections []string `json:"connections_followed,omitempty"`
}

func (p *program) showCredentialChange(got broker.CredentialChanged) error {
	d := changedCredential{credentialData: newCredentialData(got.Credential), Changed: append([]string{}, got.Changed...), Connections: got.Connections}
	for _, a := range got.Reauth {
		d.Reauth = append(d.Reauth, string(a.ID))
	}
	for _, a := range got.Revived {
		d.Revived = append(d.Revived, string(a.ID))
	}
	return p.show(d, func(w io.Writer) {
		if len(got.Changed) == 0 {
			fmt.Fprintf(w, "nothing to change in client credential %q\n", d.Name)
			return
		}
		fmt.Fprintf(w, "updated client credential %q\n", d.Name)
		for _, change := range got.Changed {
			fmt.Fprintf(w, "  %s\n", change)
		}
		if len(got.Reauth) > 0 {
			fmt.Fprintf(w, "to be authorized again: %s\n", accounts(got.Reauth))
		}
		if len(got.Revived) > 0 {
			fmt.Fprintf(w, "usable again: %s\n", accounts(got.Revived))
		}
		if len(got.Connections) > 0 {
			fmt.Fprintf(w, "%s now: %s\n", d.Mode, strings.Join(got.Connections, ", "))
		}
	})
}

func (p *program) credentialDelete() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete a client credential that no connection uses", Args: exactly("NAME"),
		Long: `Delete a client credential, named by its name or id. It is refused while
connections use it. What was authorized with it and serves nothing is revoked.`,
		Example: `  connhost credential delete "Acme Credential" --yes`, ValidArgsFunction: p.completeCredentials,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				v, err := s.broker.Credential(ctx, s.subject, args[0])
				if err != nil {
					return err
				}
				question := fmt.Sprintf("delete the client credential %q of %s?", v.Credential.Name, v.Credential.Connector)
				if len(v.Authorizations) > 0 {
					question = fmt.Sprintf("delete the client credential %q of %s and revoke %s?", v.Credential.Name, v.Credential.Connector, accounts(v.Authorizations))
				}
				if err := p.confirm(ctx, question, yes || len(v.Connections) > 0); err != nil { // a used one is refused anyway
					return err
				}
				list, err := s.broker.DeleteCredential(ctx, s.subject, string(v.Credential.ID))
				if err != nil {
					return err
				}
				data := []revokedData{}
				for _, r := range list {
					data = append(data, newRevokedData("", r))
				}
				return p.show(data, func(w io.Writer) {
					for _, d := range data {
						writeRevoked(w, d)
					}
					fmt.Fprintf(w, "deleted client credential %q\n", v.Credential.Name)
				})
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

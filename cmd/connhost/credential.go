package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

func (p *program) credentialCommand() *cobra.Command {
	return group("credential", "Manage OAuth client credentials",
		`  connhost credential add acme --client-id my-app --secret-stdin client_secret < secret.txt
  connhost credential list`, p.credentialAdd(), p.credentialList(), p.credentialShow(), p.credentialUpdate(), p.credentialDelete())
}

// credentialData is a client credential as it is printed: without its secret.
type credentialData struct {
	ID        host.CredentialID `json:"id"`
	Name      string            `json:"name"`
	Connector string            `json:"connector"`
	ClientID  string            `json:"client_id"`
	Mode      host.Mode         `json:"mode"`
	Created   string            `json:"created"`
}

func newCredentialData(c host.ClientCredential) credentialData {
	mode := host.Custom
	if c.Quick {
		mode = host.Quick
	}
	return credentialData{c.ID, c.Name, c.Connector, c.ClientID, mode, stamp(c.CreatedAt)}
}

// secretKey is the key under which a client secret is given.
const secretKey = "client_secret"

func (p *program) credentialAdd() *cobra.Command {
	var c host.ClientCredential
	var secrets secretFlags
	var public bool
	cmd := &cobra.Command{
		Use: "add CONNECTOR", Short: "Add a client id and secret for a connector", Args: exactly("CONNECTOR"),
		Long: `Add a client id and secret that a service gave for an app of yours. Register
the callback URL, which this command prints first, at the service.`,
		Example: `  connhost credential add acme --client-id my-app --secret-file client_secret=secret.txt
  connhost credential add acme --quick --client-id our-app --secret-env client_secret=ACME_SECRET`,
		ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			c.Connector = args[0]
			if err := filled(cmd, "leave it out for a made one", "name"); err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				return p.addCredential(ctx, s, c, &secrets, public)
			})
		},
	}
	cmd.Flags().StringVar(&c.ClientID, "client-id", "", "the client id")
	cmd.Flags().StringVar(&c.Name, "name", "", "its name; made unless given")
	cmd.Flags().BoolVar(&c.Quick, "quick", false, "make it the host's own for this connector, which connections take by default")
	cmd.Flags().BoolVar(&public, "public", false, "the service gives no secret to this client")
	secrets.register(cmd.Flags())
	return cmd
}

func (p *program) addCredential(ctx context.Context, s *session, c host.ClientCredential, flags *secretFlags, public bool) error {
	connector, err := s.broker.Connector(ctx, s.subject, c.Connector, "")
	if err != nil {
		return err
	}
	if err := s.subject.Require(host.ManageCredentials); err != nil {
		return err
	}
	if connector.Manifest.ByBrowser() {
		fmt.Fprintf(p.err, "callback URL to register at %s: %s\n", connector.Manifest.Name, s.settings.callback.of(connector))
	}
	public = public || connector.Manifest.Auth.Type == abi.AuthOAuth2 && connector.Manifest.ClientAuth() == abi.ClientAuthNone
	given, err := flags.read(p.system)
	if err != nil {
		return err
	}
	for key := range given {
		if key != secretKey {
			return host.Errorf(host.Usage, "a client credential has the secret %q only, not %q", secretKey, key).
				WithHint("give it with --secret-stdin %[1]s, --secret-file %[1]s=PATH or --secret-env %[1]s=VAR", secretKey)
		}
	}
	if c.ClientID == "" && p.askable {
		if c.ClientID, err = p.ask(ctx, "Client id", false); err != nil {
			return err
		}
	}
	if c.ClientID == "" {
		return host.Errorf(host.Usage, "the client id is missing").WithHint("give it with --client-id ID")
	}
	secret := given[secretKey]
	if secret.Empty() && !public && p.askable {
		text, err := p.ask(ctx, "Client secret", true)
		if err != nil {
			return err
		}
		secret = host.NewSecret(text)
	}
	if secret.Empty() && !public {
		return host.Errorf(host.Usage, "the client secret is missing").
			WithHint("give it with --secret-stdin client_secret, --secret-file client_secret=PATH or --secret-env client_secret=VAR, or say --public")
	}
	added, err := s.broker.AddCredential(ctx, s.subject, c, secret)
	if err != nil {
		return err
	}
	return p.show(newCredentialData(added), func(w io.Writer) {
		fmt.Fprintf(w, "added client credential %q for connector %s\n", added.Name, added.Connector)
	})
}

func (p *program) credentialList() *cobra.Command {
	return &cobra.Command{
		Use: "list [CONNECTOR]", Short: "List client credentials, of all connectors or one", Example: "  connhost credential list acme",
		Args: atMost("CONNECTOR"), ValidArgsFunction: p.completeConnectors,
		RunE: func(cmd *cobra.Command, args []string) error {
			connector := ""
			if len(args) == 1 {
				connector = args[0]
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				if connector != "" { // a name that nothing has is no empty list
					if _, err := s.broker.Connector(ctx, s.subject, connector, ""); err != nil {
						return err
					}
				}
				list, err := s.broker.Credentials(ctx, s.subject, connector)
				if err != nil {
					return err
				}
				data, rows := []credentialData{}, [][]string{}
				for _, c := range list {
					d := newCredentialData(c)
					data = append(data, d)
					rows = append(rows, []string{d.Connector, d.ClientID, string(d.Mode), d.Created, d.Name})
				}
				return p.show(data, func(w io.Writer) { table(w, "CONNECTOR CLIENT-ID MODE CREATED NAME", rows) })
			})
		},
	}
}

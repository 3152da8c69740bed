package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/plugins/abi"
)

// applyFlags are the options of apply.
type applyFlags struct{ dryRun, prune, yes bool }

func (p *program) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use: "apply FILE", Short: "Make the store hold what a file says", Args: exactly("FILE"),
		Long: `Make the store hold what a file (- for standard input) says, and print what was
changed. Everything is done, or nothing. What the file does not name stays, unless
--prune says to delete such connections, connectors and applications; users, client
credentials and the application default are never deleted. A second time there is
nothing to do.

  connhost_apply: 1
  users:
    - {login: grace, role: developer, name: Grace Hopper}
  connectors:                     # a file, a folder, or a URL with its sha256
    - {source: ./acme, stage: published}
  credentials:                    # secrets by reference only
    - {name: Acme App, connector: acme, client_id: my-app, quick: true, client_secret: {env: ACME_SECRET}}
  connections:
    - {link_name: sales, connector: acme, access: user, scopes: [read]}
  applications:                   # may use every connection that is not denied
    - {name: billing, denied: [sales]}

What a connection was authorized for (access, client credential, parameters) is not
changed once somebody has authorized it.`,
		Example: `  connhost apply connhost.yaml --dry-run
  connhost apply connhost.yaml
  connhost export > connhost.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := p.readApply(args[0])
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.apply(ctx, s, file, f) })
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&f.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	fs.BoolVar(&f.prune, "prune", false, "delete connections, connectors and applications that the file does not name")
	fs.BoolVar(&f.yes, "yes", false, "agree to what connectors may do and to what is deleted, and do not ask")
	return cmd
}

// appliedData is what was changed as it is printed.
type appliedData struct {
	DryRun  bool         `json:"dry_run"`
	Changes []changeLine `json:"changes"`
}

type changeLine struct {
	Change string   `json:"change"` // create, update or delete
	Kind   string   `json:"kind"`
	Name   string   `json:"name"`
	What   []string `json:"what,omitempty"`
}

var changeWords = map[string]string{"+": "create", "~": "update", "-": "delete"}

func (p *program) apply(ctx context.Context, s *session, file applyFile, f applyFlags) error {
	desired, err := p.desired(ctx, s, file)
	if err != nil {
		return err
	}
	if f.prune && !f.dryRun {
		if err := p.confirmPrune(ctx, s, desired, f); err != nil {
			return err
		}
	}
	list, err := s.broker.Apply(ctx, s.subject, desired, broker.ApplyOptions{DryRun: f.dryRun, Prune: f.prune, Agreed: f.yes})
	if err != nil {
		return err
	}
	data := appliedData{f.dryRun, []changeLine{}}
	counts := map[string]int{}
	for _, c := range list {
		data.Changes = append(data.Changes, changeLine{changeWords[c.Sign], c.Kind, c.Name, c.What})
		counts[c.Sign]++
	}
	return p.show(data, func(w io.Writer) {
		for _, c := range list {
			writeApplied(w, c)
		}
		what := fmt.Sprintf("%d to create, %d to change, %d to delete", counts["+"], counts["~"], counts["-"])
		switch {
		case len(list) == 0:
			fmt.Fprintln(w, "nothing to do")
		case f.dryRun:
			fmt.Fprintln(w, what+"; nothing was changed")
		default:
			fmt.Fprintf(w, "%d created, %d changed, %d deleted\n", counts["+"], counts["~"], counts["-"])
		}
	})
}

func writeApplied(w io.Writer, c broker.Applied) {
	fmt.Fprintf(w, "%s %s %s", c.Sign, c.Kind, plain(c.Name))
	if len(c.What) > 0 {
		fmt.Fprintf(w, " (%s)", plain(strings.Join(c.What, ", ")))
	}
	fmt.Fprintln(w)
}

// confirmPrune shows what would be deleted, and asks.
func (p *program) confirmPrune(ctx context.Context, s *session, d broker.Desired, f applyFlags) error {
	list, err := s.broker.Apply(ctx, s.subject, d, broker.ApplyOptions{DryRun: true, Prune: true, Agreed: f.yes})
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(c broker.Applied) bool { return c.Sign != "-" })
	if len(list) == 0 || f.yes {
		return nil
	}
	for _, c := range list {
		writeApplied(p.err, c)
	}
	return p.confirm(ctx, "delete "+things(len(list))+" and revoke what only they use?", false)
}

func things(n int) string {
	if n == 1 {
		return "this"
	}
	return fmt.Sprintf("these %d", n)
}

// desired reads what the file names: connectors that are not installed, and
// secrets. Nothing is changed before all of it is there.
func (p *program) desired(ctx context.Context, s *session, f applyFile) (d broker.Desired, err error) {
	inv, err := s.broker.Inventory(ctx, s.subject)
	if err != nil {
		return d, err
	}
	for n, u := range f.Users {
		role := u.Role
		if role == "" {
			role = host.PlainUser
		}
		d.Users = append(d.Users, broker.DesiredUser{Where: f.where("users", n),
			User: host.User{Login: u.Login, Role: role, Name: u.Name, Email: u.Email}})
	}
	for n, c := range f.Connectors {
		want, err := p.desiredConnector(ctx, s, f, c, inv)
		if err != nil {
			return d, located(f.where("connectors", n), err)
		}
		want.Where = f.where("connectors", n)
		d.Connectors = append(d.Connectors, want)
	}
	for n, c := range f.Credentials {
		where := f.where("credentials", n)
		want := broker.DesiredCredential{Where: where, ClientCredential: host.ClientCredential{
			Name: c.Name, Connector: c.Connector, ClientID: c.ClientID, Quick: c.Quick}}
		if want.Secret, want.Given, err = f.secret(where, c.Secret); err != nil {
			return d, err
		}
		exists := slices.ContainsFunc(inv.Credentials, func(o host.ClientCredential) bool {
			return o.Connector == c.Connector && o.Name == c.Name
		})
		if !want.Given && !exists {
			return d, host.Errorf(host.NotFound, "%s: the client secret of %q is not there: %s is empty or missing", where, c.Name, c.Secret.name()).
				WithHint("set it in front of the command, or write another reference: client_secret: {file: PATH}")
		}
		if !want.Given {
			fmt.Fprintf(p.err, "%s: %s is empty or missing; the client secret of %q stays as it is\n", where, c.Secret.name(), c.Name)
		}
		d.Credentials = append(d.Credentials, want)
	}
	for n, c := range f.Connections {
		d.Connections = append(d.Connections, broker.DesiredConnection{Where: f.where("connections", n), CreateRequest: broker.CreateRequest{
			Connector: c.Connector, Version: c.Version, Name: c.Name, LinkName: c.LinkName, Access: c.Access, Mode: c.Mode,
			Credential: c.Credential, Scopes: c.Scopes, Params: c.Params, Environments: c.Environments}})
	}
	for n, a := range f.Applications {
		d.Applications = append(d.Applications, broker.DesiredApplication{Where: f.where("applications", n),
			ApplicationAccess: broker.ApplicationAccess{Application: a.Name, Denied: a.Denied}})
	}
	return d, nil
}

// desiredConnector reads the source of a connector, unless its hash says that it
// is installed.
func (p *program) desiredConnector(ctx context.Context, s *session, f applyFile, c applyConnector, inv broker.Inventory) (broker.DesiredConnector, error) {
	want := broker.DesiredConnector{Hash: c.SHA256, Actions: c.Actions}
	if c.SHA256 == "" || !slices.ContainsFunc(inv.Connectors, func(o host.Connector) bool { return o.Hash == c.SHA256 }) {
		arg := c.Source
		if !isURL(arg) && !filepath.IsAbs(arg) {
			arg = filepath.Join(f.dir, filepath.FromSlash(arg))
		}
		src, err := p.openSource(ctx, s, arg)
		if err == nil {
			err = src.check(c.SHA256)
		}
		if err != nil {
			return want, err
		}
		want.Hash, want.InstallRequest = abi.Hash(src.file), src.request()
	}
	want.Stage, want.Current = c.Stage, c.Current
	return want, nil
}

// located says at which line of a file something is wrong.
func located(where string, err error) error {
	if e, ok := err.(*host.Error); ok {
		placed := *e
		placed.Msg = where + ": " + e.Msg
		return &placed
	}
	return err
}

func (p *program) exportCommand() *cobra.Command {
	var path string
	var req broker.ParcelRequest
	var pass passphraseFlags
	cmd := &cobra.Command{
		Use: "export", Short: "Write down what the store holds, without secrets", Args: exactly(),
		Annotations: map[string]string{"output": "yaml"},
		Long: `Write down users, connectors, client credentials, connections and applications, as
"connhost apply" reads them: applied here it changes nothing. It holds no secret: each
client_secret is the name of an environment variable to be filled. Authorizations stay
behind.

With --authorizations those go into a file of their own with their tokens, encrypted
by a passphrase (in the format of age), for "connhost import" on another machine. They
end here: a refresh token that rotates cannot live in two stores. --copy leaves them
alive, where nothing rotates.`,
		Example: `  connhost export > connhost.yaml
  connhost export --authorizations tokens.age --passphrase-file pass.txt`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path != "" {
				secret, err := pass.read(cmd.Context(), p.system)
				if err != nil {
					return err
				}
				p.mask.LearnSecret(secret)
				return p.withSession(cmd, func(ctx context.Context, s *session) error {
					return p.exportAuthorizations(ctx, s, path, req, secret)
				})
			}
			if req.Copy || len(req.Links) > 0 || pass != (passphraseFlags{}) {
				return usage(cmd, "--copy, --connection and --passphrase-... belong to --authorizations FILE")
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				inv, err := s.broker.Inventory(ctx, s.subject)
				if err != nil {
					return err
				}
				text, err := newApplyFile(inv).encode()
				if err != nil {
					return err
				}
				if p.flags.output == "json" {
					return p.exportJSON(text)
				}
				_, err = p.out.Write(text)
				return err
			})
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&path, "authorizations", "", "write authorizations with their tokens into a `FILE`, and end them here")
	fs.StringSliceVar(&req.Links, "connection", nil, "only those of the connection `LINK_NAME`; repeats")
	fs.BoolVar(&req.Copy, "copy", false, "leave them alive here, where no refresh token rotates")
	pass.register(fs)
	_ = cmd.RegisterFlagCompletionFunc("connection", p.completeConnections)
	return cmd
}

// exportJSON prints the same file as JSON, with the keys that YAML has.
func (p *program) exportJSON(text []byte) error {
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return p.encode(json.RawMessage(raw))
}

package main

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"path"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host/lab"
)

func (p *program) labCommand() *cobra.Command {
	var f labFlags
	cmd := &cobra.Command{
		Use: "lab", Short: "Run the fake services on this machine until interrupted", Args: exactly(),
		Long: `Run the lab: an OAuth 2 authorization server that is as strict as they come, and
an API behind it, with bearer, API key and Basic doors. It listens on loopback
only, nothing in it is real, and it opens nothing by itself: the line that it
prints for CONNHOST_ALLOW_CIDR does.

With --manifest it is the service that a connector's manifest describes: its
log-in and tokens, its test and actions, with a credential that it makes up and
prints. --connector writes the same connector with every URL led to the lab.

With --faults things go wrong, as a list in YAML says. Each has "fault", and
perhaps "on" (an endpoint: token, refresh, test, action:NAME, or call, which is
every call with the credential, tests too), "method", "path" (below base_url),
"nth" (the first request that is hit) and "times" (-1 for all):
  - {fault: lost_answer, on: refresh}
  - {fault: limit, on: call, nth: 3, times: 2, after: 5s}
  - {fault: answer, on: "action:list_items", status: 404, body: {error: gone}}
A hook that reads answers of its own kind gets them by "shape", with what the
service has made in braces:
  - {fault: shape, on: token, times: -1, body: {data: {token: "{access_token}"}}}
  - {fault: shape, on: authorize, times: -1, body: {shop: tea, mac: "{hmac}"}}
With --manifest a file lab.yaml beside it is in force too, as in "connector test".
POST /control takes the same list as "faults" in JSON while the lab runs.`,
		Example: `  connhost lab
  connhost lab --addr 127.0.0.1:0 --token-life 30s --connector ./lab
  connhost lab --manifest acme/connector.yaml --faults faults.yaml --connector ./acme-lab`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.manifest == "" && len(f.params) > 0 {
				return usage(cmd, "--param is for a manifest: give --manifest too")
			}
			return p.lab(cmd.Context(), f)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", lab.DefaultAddr, "where to listen; port 0 takes a free one")
	fs.DurationVar(&f.lab.TokenLife, "token-life", 0, "how long an access token lives (default 5s, or what the manifest says)")
	fs.BoolVar(&f.lab.AskConsent, "ask-consent", false, "show a page that asks, instead of consenting at once")
	fs.StringVar(&f.folder, "connector", "", "write the lab's connector into this new `folder`, to build and install")
	fs.StringVar(&f.manifest, "manifest", "", "be the service that a connector describes: its connector.yaml, folder or `FILE`")
	fs.StringVar(&f.faults, "faults", "", "let things go wrong as a list in a YAML `FILE` says")
	fs.StringArrayVar(&f.params, "param", nil, "a value of the manifest, `KEY=VALUE`, instead of one that is made up; repeats")
	return cmd
}

// lab serves until interrupted.
func (p *program) lab(ctx context.Context, f labFlags) error {
	faults, err := readFaults(f.faults)
	if err != nil {
		return err
	}
	on, err := lab.Listen(f.addr)
	if err != nil {
		return err
	}
	defer on.Close()
	fake, say := lab.New(f.lab), writeLab
	files, err := connectorFiles(lab.Connector())
	if f.manifest != "" && err == nil {
		var made imagined
		if made, err = f.imagine(ctx, on.Addr().String()); err == nil {
			fake, say = made.lab, func(p *program, s *lab.Server, folder string) { made.write(p.out, s, folder) }
			files, err = made.files()
		}
	}
	if err == nil {
		err = fake.SetFaults(faults)
	}
	if err == nil && f.folder != "" {
		err = writeFolder(f.folder, files)
	}
	if err != nil {
		return p.invalid(err)
	}
	server := fake.Serve(on)
	defer server.Close()
	say(p, server, f.folder)
	<-ctx.Done()
	return nil
}

func writeLab(p *program, s *lab.Server, dir string) {
	fmt.Fprintf(p.out, "the lab listens at %s; Ctrl-C ends it\n\n", s.URL)
	fmt.Fprintf(p.out, "in another terminal:\n  export CONNHOST_ALLOW_CIDR=127.0.0.1/32:%s\n", portOf(s.Addr))
	if dir != "" {
		fmt.Fprintf(p.out, "  connhost connector install %s\n", dir)
		fmt.Fprintf(p.out, "  echo %s | connhost credential add lab --quick --client-id %s --secret-stdin client_secret\n", lab.ClientSecret, lab.ClientID)
		fmt.Fprintf(p.out, "  connhost connection create lab --param server=%s\n  connhost connection authorize lab_connection\n  connhost invoke /items -c lab_connection\n", s.Addr)
		return
	}
	fmt.Fprintf(p.out, "\nclient id %s, client secret %s\nAPI key   %s in X-Lab-Key\nBasic     %s with %s\nmore at %s/\n",
		lab.ClientID, lab.ClientSecret, lab.APIKey, lab.BasicUser, lab.BasicSecret, s.URL)
}

// portOf is the port of a host:port that was listened at.
func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// writeLabConnector writes the lab's connector into a folder that is not there
// yet, or empty.
func writeLabConnector(dir string) error {
	files, err := connectorFiles(lab.Connector())
	if err != nil {
		return err
	}
	return writeFolder(dir, files)
}

// connectorFiles reads the files of a connector's folder.
func connectorFiles(from fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path.Base(name)], err = fs.ReadFile(from, name)
		}
		return err
	})
	return files, err
}

package main

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
)

func (p *program) labCommand() *cobra.Command {
	var addr, dir string
	var opts lab.Options
	cmd := &cobra.Command{
		Use: "lab", Short: "Run the fake services on this machine until interrupted", Args: exactly(),
		Long: `Run the lab: an OAuth 2 authorization server that is as strict as they come, and
an API behind it, with bearer, API key and Basic doors. It listens on loopback
only, nothing in it is real, and it opens nothing by itself: the line that it
prints for CONNHOST_ALLOW_CIDR does.`,
		Example: `  connhost lab
  connhost lab --addr 127.0.0.1:0 --token-life 30s --connector ./lab`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir != "" {
				if err := writeLabConnector(dir); err != nil {
					return err
				}
			}
			server, err := lab.New(opts).Start(addr)
			if err != nil {
				return err
			}
			defer server.Close()
			writeLab(p, server, dir)
			<-cmd.Context().Done()
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&addr, "addr", lab.DefaultAddr, "where to listen; port 0 takes a free one")
	fs.DurationVar(&opts.TokenLife, "token-life", lab.DefaultTokenLife, "how long an access token lives")
	fs.BoolVar(&opts.AskConsent, "ask-consent", false, "show a page that asks, instead of consenting at once")
	fs.StringVar(&dir, "connector", "", "write the lab's connector into this new `folder`, to build and install")
	return cmd
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
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return host.Errorf(host.Conflict, "the folder %s is not empty", dir).WithHint("name a new folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return host.Errorf(host.Unavailable, "the folder %s cannot be made: %s", dir, plainFileError(err)).Because(err)
	}
	from := lab.Connector()
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), data, 0o644); err != nil {
			return host.Errorf(host.Unavailable, "%s cannot be written: %s", name, plainFileError(err)).Because(err)
		}
		return nil
	})
}

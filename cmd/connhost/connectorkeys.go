package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

func (p *program) connectorKeys() *cobra.Command {
	return group("keys", "Make keys that sign connectors, and list those that are trusted",
		`  connhost connector keys new acme-releases
  connhost connector keys list`, p.keysNew(), p.keysList())
}

// keyData is a public key as it is printed.
type keyData struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Public string `json:"public"`
	Path   string `json:"path,omitempty"` // of the private key
}

// keyName is a name that can be a file's too.
var keyName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,49}$`)

func (p *program) keysNew() *cobra.Command {
	return &cobra.Command{
		Use: "new NAME", Short: "Make a key pair: NAME.key in this folder, and the public key printed", Args: exactly("NAME"),
		Long: `Make a key pair for signing connectors. The private key is written to NAME.key,
for your eyes only; the public key is printed, for those who are to trust you.`,
		Example: "  connhost connector keys new acme-releases",
		RunE: func(_ *cobra.Command, args []string) error {
			if !keyName.MatchString(args[0]) {
				return host.Errorf(host.Usage, "the name %q of a key may hold only a-z, 0-9, '.', '_' and '-', at most 50", args[0])
			}
			key, err := abi.NewPrivateKey(rand.Reader)
			if err != nil {
				return err
			}
			d := keyData{args[0], key.Public().ID(), key.Public().String(), args[0] + ".key"}
			if err := writeKey(d.Path, key.Encode(args[0])); err != nil {
				return err
			}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "made %s: keep it secret, and a copy of it safe\n", d.Path)
				facts(w, "public key", d.Public, "key id", d.ID)
			})
		},
	}
}

// writeKey never replaces a file: what an old key has signed needs it.
func writeKey(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return host.Errorf(host.Conflict, "the file %s exists, and a key is never replaced", path).WithHint("choose another name")
	}
	if err == nil {
		_, err = f.Write(data)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return host.Errorf(host.Unavailable, "the key file %s cannot be written: %s", path, plainFileError(err)).Because(err)
	}
	return nil
}

func (p *program) keysList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the trusted keys of the configuration file", Args: exactly(), Example: "  connhost connector keys list",
		RunE: func(*cobra.Command, []string) error {
			set, err := p.settings(&p.flags)
			if err != nil {
				return err
			}
			data, rows := []keyData{}, [][]string{}
			for _, name := range slices.Sorted(maps.Keys(set.trusted)) {
				k := set.trusted[name]
				data = append(data, keyData{Name: name, ID: k.ID(), Public: k.String()})
				rows = append(rows, []string{k.ID(), k.String(), name})
			}
			return p.show(data, func(w io.Writer) {
				if len(rows) == 0 {
					fmt.Fprintln(w, "no key is trusted, so unsigned connectors can be installed")
					return
				}
				table(w, "ID PUBLIC-KEY NAME", rows)
			})
		},
	}
}

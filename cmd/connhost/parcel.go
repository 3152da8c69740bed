package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/seal"
)

// maxParcel bounds a file of authorizations, in bytes.
const maxParcel = 256 << 20

// passphraseFlags are the ways to give a passphrase: never as an argument.
type passphraseFlags struct {
	file, env string
	stdin     bool
}

func (f *passphraseFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&f.file, "passphrase-file", "", "read the passphrase from a `FILE`")
	fs.StringVar(&f.env, "passphrase-env", "", "read the passphrase from the environment variable `NAME`")
	fs.BoolVar(&f.stdin, "passphrase-stdin", false, "read the passphrase from standard input")
}

// read gets the passphrase, or asks for it at a terminal.
func (f passphraseFlags) read(ctx context.Context, sys *system) (host.Secret, error) {
	const key = "passphrase"
	var from secretFlags
	if f.file != "" {
		from.files = []string{key + "=" + f.file}
	}
	if f.env != "" {
		from.envs = []string{key + "=" + f.env}
	}
	if f.stdin {
		from.stdin = key
	}
	given, err := from.read(sys)
	if err != nil {
		return host.Secret{}, err
	}
	if s, ok := given[key]; ok {
		return s, nil
	}
	if !sys.askable {
		return host.Secret{}, host.Errorf(host.Usage, "the passphrase is missing").
			WithHint("give it with --passphrase-file FILE, --passphrase-env NAME or --passphrase-stdin")
	}
	text, err := sys.ask(ctx, "Passphrase", true)
	return host.NewSecret(text), err
}

// parceledData is an authorization that was taken along, as it is printed.
type parceledData struct {
	Account     string   `json:"account"`
	Connections []string `json:"connections"`
}

func newParceledData(list []broker.Parceled) []parceledData {
	data := []parceledData{}
	for _, p := range list {
		data = append(data, parceledData{p.Account, p.Links})
	}
	return data
}

// exportAuthorizations writes FILE.part, ends the authorizations here, and
// gives the file its name: one of the two always holds them.
func (p *program) exportAuthorizations(ctx context.Context, s *session, path string, req broker.ParcelRequest, pass host.Secret) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return host.Errorf(host.Conflict, "the file %s is there already, and is not overwritten", path).WithHint("name another")
	}
	part, wrote := path+".part", false
	list, err := s.broker.ExportAuthorizations(ctx, s.subject, req, func(plain []byte) error {
		sealed, err := seal.Wrap(plain, pass)
		if err != nil {
			return err
		}
		if err := writeSecretFile(part, sealed); err != nil {
			return host.Errorf(host.Unavailable, "the file %s cannot be written: %s", part, plainFileError(err)).Because(err)
		}
		wrote = true
		return nil
	})
	if err != nil && wrote {
		return host.Errorf(host.Unavailable, "the authorizations were written to %s, and the store did not say that they ended here", part).
			WithHint("see: connhost connection list; where they are still connected delete the file, else rename it").Because(err)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return host.Errorf(host.Unavailable, "the file %s could not be renamed: %s", part, plainFileError(err)).
			WithHint("it is whole: rename it yourself").Because(err)
	}
	data := newParceledData(list)
	return p.show(data, func(w io.Writer) {
		for _, d := range data {
			what := "moved"
			if req.Copy {
				what = "copied"
			}
			fmt.Fprintf(w, "%s %s (%s)\n", what, strings.Join(d.Connections, ", "), plain(d.Account))
		}
		fmt.Fprintf(w, "wrote %s\nnext: connhost import %s, in the other store\n", path, path)
	})
}

// writeSecretFile makes a file for its owner only, durably, and overwrites none.
func writeSecretFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func (p *program) importCommand() *cobra.Command {
	var pass passphraseFlags
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Take authorizations from a file that export has written", Args: exactly("FILE"),
		Long: `Take authorizations with their tokens from a file that "connhost export
--authorizations" has written in another store: all of them or none. The connectors
(by their hash), client credentials, connections and users must be here; "connhost
export" there and "connhost apply" here bring them over.`,
		Example: `  connhost import tokens.age --passphrase-file pass.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := readSmall(args[0], maxParcel)
			if err != nil {
				return host.Errorf(host.NotFound, "the file %s cannot be read: %s", args[0], plainFileError(err)).Because(err)
			}
			secret, err := pass.read(cmd.Context(), p.system)
			if err != nil {
				return err
			}
			p.mask.LearnSecret(secret)
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				plainText, err := seal.Unwrap(data, secret, maxParcel)
				if err != nil {
					return err
				}
				list, err := s.broker.ImportAuthorizations(ctx, s.subject, plainText)
				if err != nil {
					return err
				}
				data := newParceledData(list)
				return p.show(data, func(w io.Writer) {
					for _, d := range data {
						fmt.Fprintf(w, "took %s (%s)\n", strings.Join(d.Connections, ", "), plain(d.Account))
					}
					fmt.Fprintf(w, "delete %s now: it holds tokens\n", args[0])
				})
			})
		},
	}
	pass.register(cmd.Flags())
	return cmd
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/importer"
)

// importFlags are the options of connector import.
type importFlags struct {
	importer.Options
	dir string
}

// importedData is a drafted connector as it is printed.
type importedData struct {
	ID         string              `json:"id"`
	Dir        string              `json:"dir"`
	From       string              `json:"from"`
	Auth       string              `json:"auth"`
	Actions    int                 `json:"actions"`
	Operations int                 `json:"operations"`
	Check      []string            `json:"check"` // what a person should look at
	LeftOut    []importer.Omission `json:"left_out"`
	Next       []string            `json:"next"` // commands to type
}

// reviewFile stands beside the draft.
const reviewFile = "REVIEW.md"

func (p *program) connectorImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import FILE|URL|-", Short: "Draft a connector from an OpenAPI document, a Postman collection or a Nango provider", Args: exactly("FILE"),
		Long: `Draft a connector from what somebody wrote about a service: a document of OpenAPI 3
or Swagger 2, a Postman collection (v2.0, v2.1), or one entry of a Nango
providers.yaml. JSON and YAML are taken, and what a file is is told by its content.
A folder with connector.yaml, which lint accepts, and REVIEW.md, which lists what was
guessed and what was left out, is made in the current directory.

Of a document: security schemes are auth, servers base_url and parameters,
operations named actions with their parameters and bodies; a likely test call, and
paging where it can be recognized. Deprecated operations, uploads and what else a
manifest cannot say are left out and listed. So is what a manifest has no room for:
--tag and --operations choose others. A pattern is held against the name, the
operationId, the path and METHOD /path; * in it stands for anything.

Only the one file is read: references to other files or URLs are not followed, and
no secret of a Postman collection is copied. No store is opened, but by a URL, which
is fetched as connector install fetches.`,
		Example: `  connhost connector import openapi.yaml
  connhost connector import openapi.json --id acme --tag pets --operations 'GET /users*'
  connhost connector import swagger.json --auth api_key --dir drafts/acme
  connhost connector import providers.yaml --provider acme
  curl -s https://api.acme.example/openapi.json | connhost connector import -`,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.importConnector(cmd.Context(), args[0], f)
			if err != nil {
				return err
			}
			return p.show(d, func(w io.Writer) { writeImported(w, d) })
		},
	}
	cmd.Flags().StringVar(&f.ID, "id", "", "the connector's `ID` (default from the title)")
	cmd.Flags().StringVar(&f.dir, "dir", "", "the `FOLDER` that is made (default the id)")
	cmd.Flags().StringVar(&f.From, "from", "", "what the file is: "+strings.Join(importer.Formats(), ", ")+" (default by its content)")
	cmd.Flags().StringVar(&f.Auth, "auth", "", "the `NAME` of the security scheme that becomes auth (default the best)")
	cmd.Flags().StringArrayVar(&f.Tags, "tag", nil, "keep the operations of this `TAG`; repeats")
	cmd.Flags().StringArrayVar(&f.Operations, "operations", nil, "keep the operations that fit this `PATTERN`; repeats")
	cmd.Flags().StringVar(&f.Provider, "provider", "", "the `NAME` of the entry of a providers file")
	// It fails only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("from", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return importer.Formats(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (p *program) importConnector(ctx context.Context, arg string, f importFlags) (importedData, error) {
	if f.ID != "" && (!connectorID.MatchString(f.ID) || f.ID == "hook") {
		return importedData{}, host.Errorf(host.Usage, `%q cannot be a connector's id: that begins with a-z, holds only a-z, 0-9 and "-", and has at most 50 characters`, f.ID).
			WithHint("write: --id %s", properID(f.ID))
	}
	name, data, err := p.readForeign(ctx, arg)
	if err != nil {
		return importedData{}, err
	}
	draft, err := importer.Import(name, data, f.Options)
	if err != nil {
		return importedData{}, err
	}
	dir := or(f.dir, draft.Manifest.ID)
	if err := vacant(dir); err != nil {
		return importedData{}, err
	}
	actions := len(draft.Manifest.Actions)
	files := map[string][]byte{build.ManifestFile: draft.YAML, reviewFile: []byte(draft.Review.Markdown(draft.Manifest.ID, actions))}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, text, 0o644)); err != nil {
			return importedData{}, host.Errorf(host.Failed, "%s cannot be written: %s", path, plainFileError(err)).Because(err)
		}
	}
	return importedData{
		ID: draft.Manifest.ID, Dir: dir, From: draft.Review.From, Auth: draft.Manifest.Auth.Type, Actions: actions, Operations: draft.Review.Total,
		Check: append([]string{}, draft.Review.Check...), LeftOut: append([]importer.Omission{}, draft.Review.LeftOut...),
		Next: append(chooseOthers(draft), "connhost connector lint "+dir, "connhost connector test "+dir),
	}, nil
}

// chooseOthers is what to type where operations had no room.
func chooseOthers(d importer.Draft) []string { return nil }

// readForeign reads a file, standard input, or what stands at a URL.
func (p *program) readForeign(ctx context.Context, arg string) (name string, data []byte, err error) {
	switch {
	case arg == "-":
		data, err = io.ReadAll(io.LimitReader(p.in, importer.MaxDocument+1))
		return "standard input", data, err
	case isURL(arg):
		return p.fetchForeign(ctx, arg)
	}
	data, err = readSmall(arg, importer.MaxDocument+1)
	if err != nil {
		code := host.Failed
		if errors.Is(err, os.ErrNotExist) {
			code = host.NotFound
		}
		return arg, nil, host.Errorf(code, "%s cannot be read: %s", arg, plainFileError(err)).Because(err)
	}
	return arg, data, nil
}

func (p *program) fetchForeign(ctx context.Context, address string) (string, []byte, error) {
	return "", nil, host.Errorf(host.Usage, "not yet")
}

func writeImported(w io.Writer, d importedData) {
	fmt.Fprintf(w, "made %s from %s: %d of %s, auth %s\n", d.Dir, d.From, d.Actions, plural(d.Operations, "operation"), d.Auth)
}

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

	review importer.Review
}

// reviewFile stands beside the draft.
const reviewFile = "REVIEW.md"

func (p *program) connectorImport() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use: "import FILE|URL|-", Short: "Draft a connector from an OpenAPI document, a Postman collection or a Nango entry", Args: exactly("FILE"),
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
			if err := f.check(); err != nil {
				return err
			}
			name, data, err := p.readForeign(cmd, args[0])
			if err != nil {
				return err
			}
			d, err := drafted(name, data, f)
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

func (f importFlags) check() error {
	if f.ID != "" && (!connectorID.MatchString(f.ID) || f.ID == "hook") {
		return host.Errorf(host.Usage, `%q cannot be a connector's id: that begins with a-z, holds only a-z, 0-9 and "-", and has at most 50 characters`, f.ID).
			WithHint("write: --id %s", properID(f.ID))
	}
	return nil
}

// drafted makes the folder of a draft.
func drafted(name string, data []byte, f importFlags) (importedData, error) {
	draft, err := importer.Import(name, data, f.Options)
	if err != nil {
		return importedData{}, err
	}
	id, review, actions := draft.Manifest.ID, draft.Review, len(draft.Manifest.Actions)
	dir := or(f.dir, id)
	if err := vacant(dir); err != nil {
		return importedData{}, err
	}
	for name, text := range map[string][]byte{build.ManifestFile: draft.YAML, reviewFile: []byte(review.Markdown(id, actions))} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, text, 0o644)); err != nil {
			return importedData{}, host.Errorf(host.Failed, "%s cannot be written: %s", path, plainFileError(err)).Because(err)
		}
	}
	return importedData{
		ID: id, Dir: dir, From: review.From, Auth: draft.Manifest.Auth.Type, Actions: actions, Operations: review.Total,
		Check: append([]string{}, review.Check...), LeftOut: append([]importer.Omission{}, review.LeftOut...),
		Next: []string{"connhost connector lint " + dir, "connhost connector test " + dir}, review: review,
	}, nil
}

// readForeign reads a file, standard input, or what stands at a URL.
func (p *program) readForeign(cmd *cobra.Command, arg string) (name string, data []byte, err error) {
	switch {
	case arg == "-":
		name = "standard input"
		data, err = io.ReadAll(io.LimitReader(p.in, importer.MaxDocument+1))
	case isURL(arg):
		err = p.withSession(cmd, func(ctx context.Context, s *session) error {
			data, name, err = s.broker.FetchDocument(ctx, s.subject, arg, importer.MaxDocument)
			return err
		})
		return name, data, err
	default:
		name = arg
		data, err = readSmall(arg, importer.MaxDocument+1)
	}
	if errors.Is(err, os.ErrNotExist) {
		return name, nil, host.Errorf(host.NotFound, "there is no file %s", arg).WithHint("name a file, a URL, or - for standard input")
	}
	if err != nil {
		return name, nil, host.Errorf(host.Failed, "%s cannot be read: %s", name, plainFileError(err)).Because(err)
	}
	return name, data, nil
}

func writeImported(w io.Writer, d importedData) {
	what := fmt.Sprintf("%d of %s", d.Actions, plural(d.Operations, "operation"))
	if d.Operations == 0 {
		what = "no actions"
	}
	fmt.Fprintf(w, "made %s from %s: %s, auth %s\n", d.Dir, d.From, what, d.Auth)
	for i, why := range d.review.Reasons() {
		if i == 5 {
			fmt.Fprintln(w, "  left out   others, see the review")
			break
		}
		fmt.Fprintf(w, "  left out   %s\n", why)
	}
	if tags := d.review.BusyTags(8); d.review.Crowded() && len(tags) > 0 {
		fmt.Fprintf(w, "  choose     others by --operations PATTERN or --tag TAG: %s\n", strings.Join(tags, ", "))
	}
	fmt.Fprintf(w, "  to check   %s, in %s\n", plural(len(d.Check), "point"), filepath.Join(d.Dir, reviewFile))
	for i, next := range d.Next {
		fmt.Fprintf(w, "%-5s %s\n", map[bool]string{true: "next:"}[i == 0], next)
	}
}

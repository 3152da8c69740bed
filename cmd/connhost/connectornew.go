package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/template"
)

// newFlags are the options of connector new.
type newFlags struct{ auth, language string }

// newData is a new connector as it is printed.
type newData struct {
	ID    string   `json:"id"`
	Auth  string   `json:"auth"`
	Lang  string   `json:"lang"`
	Files []string `json:"files"`
	Next  []string `json:"next"` // commands to type
}

func (p *program) connectorNew() *cobra.Command {
	var f newFlags
	cmd := &cobra.Command{
		Use: "new NAME", Short: "Make the folder of a new connector", Args: exactly("NAME"),
		Long: `Make a folder NAME in the current directory with a connector that builds, lints
without a finding and passes its cases: connector.yaml, which explains itself, and
with --lang a hook, its cases and the kit of the language. No network is needed,
and no store is opened. The name becomes the connector's id. plugins/README.md is
the author's guide.

Most services need no code. What a language needs to build: go the Go toolchain;
rust rustc with the target wasm32-unknown-unknown; assemblyscript node 20 with npm;
c clang and lld.`,
		Example: `  connhost connector new acme --auth api_key
  connhost connector new acme --auth custom --lang go`,
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := newConnector(args[0], f)
			if err != nil {
				return err
			}
			return p.show(d, func(w io.Writer) {
				fmt.Fprintf(w, "made %s with %s\n", d.ID, plural(len(d.Files), "file"))
				for i, next := range d.Next {
					fmt.Fprintf(w, "%-5s %s\n", map[bool]string{true: "next:"}[i == 0], next)
				}
			})
		},
	}
	cmd.Flags().StringVar(&f.auth, "auth", "", "how the service is authorized: "+strings.Join(abi.AuthTypes(), ", ")+" (default none)")
	cmd.Flags().StringVar(&f.language, "lang", "", "the `LANGUAGE` of its code: "+strings.Join(template.Languages(), ", ")+" (default none; go with --auth custom)")
	words := func(list []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return list, cobra.ShellCompDirectiveNoFileComp
		}
	}
	// They fail only for a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc("auth", words(abi.AuthTypes()))
	_ = cmd.RegisterFlagCompletionFunc("lang", words(template.Languages()))
	return cmd
}

func newConnector(id string, f newFlags) (newData, error) {
	c, err := f.connector(id)
	if err != nil {
		return newData{}, err
	}
	files, err := c.Files()
	if err != nil {
		return newData{}, err
	}
	if err := vacant(id); err != nil {
		return newData{}, err
	}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		path := filepath.Join(id, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, files[name], 0o644)); err != nil {
			return newData{}, host.Errorf(host.Failed, "%s cannot be written: %s", path, plainFileError(err)).Because(err)
		}
	}
	return newData{id, c.Auth, c.Language, names, c.Next()}, nil
}

// connector is what is asked for, with the defaults.
func (f newFlags) connector(id string) (template.Connector, error) {
	c := template.Connector{ID: id, Auth: or(f.auth, abi.AuthNone), Language: f.language}
	if c.Language == "" {
		c.Language = map[bool]string{true: "go", false: template.None}[c.Auth == abi.AuthCustom]
	}
	switch {
	case !slices.Contains(abi.AuthTypes(), c.Auth):
		return c, host.Errorf(host.Usage, "there is no auth type %q", c.Auth).WithHint("one of: %s", strings.Join(abi.AuthTypes(), ", "))
	case !slices.Contains(template.Languages(), c.Language):
		return c, host.Errorf(host.Usage, "there is no scaffold for the language %q", c.Language).WithHint("one of: %s", strings.Join(template.Languages(), ", "))
	case !connectorID.MatchString(id) || id == "hook":
		return c, host.Errorf(host.Usage, `%q cannot be a connector's id: that begins with a-z, holds only a-z, 0-9 and "-", and has at most 50 characters`, id).
			WithHint("type: connhost connector new %s", properID(id))
	}
	return c, nil
}

var (
	connectorID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,49}$`)
	improper    = regexp.MustCompile(`[^a-z0-9]+`)
)

// properID is the id that a name was probably meant to be. The id hook is none:
// its file would be hook.wasm, which is code without a manifest.
func properID(name string) string {
	id := strings.Trim(improper.ReplaceAllString(strings.ToLower(filepath.Base(name)), "-"), "-")
	id = strings.TrimLeft(id, "0123456789-")
	if id == "" || id == "hook" {
		id = "acme"
	}
	return strings.TrimRight(id[:min(len(id), 50)], "-")
}

// vacant refuses a folder that holds something.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return host.Errorf(host.Conflict, "%s is there already and is no empty folder", dir).WithHint("choose another name, or another directory").Because(err)
	case len(entries) > 0:
		return host.Errorf(host.Conflict, "the folder %s is there already and holds something", dir).WithHint("choose another name, or another directory")
	}
	return nil
}

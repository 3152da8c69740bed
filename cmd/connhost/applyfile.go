package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

// An applyFile says what a store should hold. It has no secrets in it, but
// where to find them.
type applyFile struct {
	Format       int                 `yaml:"connhost_apply"` // 1
	Users        []applyUser         `yaml:"users,omitempty"`
	Connectors   []applyConnector    `yaml:"connectors,omitempty"`
	Credentials  []applyCredential   `yaml:"credentials,omitempty"`
	Connections  []applyConnection   `yaml:"connections,omitempty"`
	Applications []applyApplication  `yaml:"applications,omitempty"`
	lines        map[string][]int    // of the things of each list
	path         string              // as it was typed
	dir          string              // from which its paths are told
	env          func(string) string // reads the environment
}

type applyUser struct {
	Login string    `yaml:"login"`
	Role  host.Role `yaml:"role,omitempty"` // user unless given
	Name  string    `yaml:"name,omitempty"`
	Email string    `yaml:"email,omitempty"`
}

type applyConnector struct {
	Source  string              `yaml:"source"` // a file, a folder or a URL
	SHA256  string              `yaml:"sha256,omitempty"`
	Stage   host.ConnectorStage `yaml:"stage,omitempty"`
	Current bool                `yaml:"current,omitempty"`
	Actions *bool               `yaml:"actions,omitempty"`
}

type applyCredential struct {
	Name      string     `yaml:"name"`
	Connector string     `yaml:"connector"`
	ClientID  string     `yaml:"client_id"`
	Quick     bool       `yaml:"quick,omitempty"`
	Secret    *secretRef `yaml:"client_secret,omitempty"` // none: a public client
}

type applyConnection struct {
	LinkName     string             `yaml:"link_name"`
	Name         string             `yaml:"name,omitempty"`
	Connector    string             `yaml:"connector"`
	Version      string             `yaml:"version,omitempty"`
	Access       host.Access        `yaml:"access,omitempty"`
	Mode         host.Mode          `yaml:"mode,omitempty"`
	Credential   string             `yaml:"credential,omitempty"`
	Scopes       []string           `yaml:"scopes,omitempty"`
	Params       map[string]string  `yaml:"params,omitempty"`
	Environments []host.Environment `yaml:"environments,omitempty"`
}

type applyApplication struct {
	Name   string   `yaml:"name"`
	Denied []string `yaml:"denied,omitempty"` // link names of the connections that it may not use
}

// A secretRef says where a secret is.
type secretRef struct {
	File string `yaml:"file,omitempty"`
	Env  string `yaml:"env,omitempty"`
}

const (
	applyFormat = 1
	maxApply    = 4 << 20
)

// readApply reads a file, or standard input for "-".
func (p *program) readApply(path string) (f applyFile, err error) {
	var data []byte
	dir := "."
	if path == "-" {
		path = "standard input"
		data, err = io.ReadAll(io.LimitReader(p.in, maxApply))
	} else {
		dir = filepath.Dir(path)
		data, err = readSmall(path, maxApply)
	}
	if errors.Is(err, os.ErrNotExist) {
		return f, host.Errorf(host.NotFound, "there is no file %s", path).WithHint("write what there is now: connhost export > %s", path)
	}
	if err != nil {
		return f, host.Errorf(host.Failed, "the file %s cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	if f, err = parseApply(path, data); err != nil {
		return f, err
	}
	f.dir, f.env = dir, p.getenv
	return f, nil
}

func parseApply(path string, data []byte) (f applyFile, err error) {
	f.path = path
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f, badApply(path, yamlFault(err))
	}
	if f.Format != applyFormat {
		return f, badApply(path, "it must begin with connhost_apply: 1")
	}
	f.lines = listLines(data)
	return f, f.check()
}

func badApply(path, why string) error {
	return host.Errorf(host.Failed, "the file %s is not valid: %s", path, why).
		WithHint("see how it is written: connhost apply --help; a whole example: connhost export")
}

// listLines gives the lines at which the things of each list begin.
func listLines(data []byte) map[string][]int {
	var doc yaml.Node
	lines := map[string][]int{}
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return lines
	}
	root := doc.Content[0]
	for i := 0; i+1 < len(root.Content); i += 2 {
		for _, item := range root.Content[i+1].Content {
			lines[root.Content[i].Value] = append(lines[root.Content[i].Value], item.Line)
		}
	}
	return lines
}

// line is that of the n-th thing of a list; 0 where it is not known.
func (f applyFile) line(list string, n int) int {
	if n < len(f.lines[list]) {
		return f.lines[list][n]
	}
	return 0
}

// where is a place for errors: FILE:LINE.
func (f applyFile) where(list string, n int) string {
	return fmt.Sprintf("%s:%d", f.path, f.line(list, n))
}

// check refuses what no store could hold, with the line.
func (f applyFile) check() error {
	seen := map[string]int{}
	once := func(list string, n int, name string) error {
		key := list + "\x00" + name
		if before, ok := seen[key]; ok {
			return badApply(f.path, fmt.Sprintf("line %d: %q stands in line %d already", f.line(list, n), plain(name), before))
		}
		seen[key] = f.line(list, n)
		return nil
	}
	lacks := func(list string, n int, pairs ...string) error {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] == "" {
				return badApply(f.path, fmt.Sprintf("line %d: %s is missing", f.line(list, n), pairs[i]))
			}
		}
		return nil
	}
	var errs []error
	for n, u := range f.Users {
		errs = append(errs, lacks("users", n, "login", u.Login), once("users", n, u.Login))
		if u.Role != "" {
			if _, err := host.ParseRole(string(u.Role)); err != nil {
				errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: %v", f.line("users", n), err)))
			}
		}
	}
	for n, c := range f.Connectors {
		errs = append(errs, lacks("connectors", n, "source", c.Source), once("connectors", n, c.Source+c.SHA256))
		if hash, err := parseHash("sha256", c.SHA256); err != nil || hash != c.SHA256 || hash == "" && isURL(c.Source) {
			errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: a connector from a URL needs its sha256, which is 64 lower-case hexadecimal digits", f.line("connectors", n))))
		}
		if c.Stage != "" && c.Stage != host.Draft && c.Stage != host.Published && c.Stage != host.DisabledConnector {
			errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: the stage must be draft, published or disabled", f.line("connectors", n))))
		}
	}
	for n, c := range f.Credentials {
		errs = append(errs, lacks("credentials", n, "name", c.Name, "connector", c.Connector, "client_id", c.ClientID),
			once("credentials", n, c.Connector+"\x00"+c.Name))
		if c.Secret != nil && (c.Secret.File == "") == (c.Secret.Env == "") {
			errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: client_secret takes one of {file: PATH} and {env: NAME}", f.line("credentials", n))))
		}
	}
	for n, c := range f.Connections {
		errs = append(errs, lacks("connections", n, "link_name", c.LinkName, "connector", c.Connector), once("connections", n, c.LinkName))
		if err := host.CheckLinkName(c.LinkName); err != nil {
			errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: %v", f.line("connections", n), err)))
		}
		for _, env := range c.Environments {
			if _, err := host.ParseEnvironment(string(env)); err != nil {
				errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: %v", f.line("connections", n), err)))
			}
		}
	}
	for n, a := range f.Applications {
		errs = append(errs, lacks("applications", n, "name", a.Name), once("applications", n, a.Name))
		if err := host.CheckApplicationName(a.Name); err != nil {
			errs = append(errs, badApply(f.path, fmt.Sprintf("line %d: %v", f.line("applications", n), err)))
		}
	}
	for _, err := range errs { // the first is enough
		if err != nil {
			return err
		}
	}
	return nil
}

// secret reads what a reference names. Without a value it is not given.
func (f applyFile) secret(where string, ref *secretRef) (secret host.Secret, given bool, err error) {
	switch {
	case ref == nil:
		return host.Secret{}, true, nil // a public client
	case ref.Env != "":
		value := f.env(ref.Env)
		return host.NewSecret(value), value != "", nil
	}
	path := ref.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.dir, filepath.FromSlash(path))
	}
	data, err := readSmall(path, maxSecret)
	if errors.Is(err, os.ErrNotExist) {
		return host.Secret{}, false, nil
	}
	if err != nil {
		return host.Secret{}, false, host.Errorf(host.Failed, "%s: the secret file %s cannot be read: %s", where, path, plainFileError(err)).Because(err)
	}
	return trimmed(data), len(data) > 0, nil
}

// name says a reference for people.
func (r secretRef) name() string {
	if r.Env != "" {
		return "the environment variable " + r.Env
	}
	return "the file " + r.File
}

// newApplyFile writes an inventory down.
func newApplyFile(inv broker.Inventory) applyFile {
	f := applyFile{Format: applyFormat}
	for _, u := range inv.Users {
		f.Users = append(f.Users, applyUser{u.Login, u.Role, u.Name, u.Email})
	}
	versions, names := map[string]string{}, map[host.CredentialID]string{}
	for _, c := range inv.Connectors {
		a := applyConnector{Source: c.Source, SHA256: c.Hash, Stage: c.Stage, Current: c.Current}
		if c.Actions {
			a.Actions = new(bool)
			*a.Actions = true
		}
		f.Connectors = append(f.Connectors, a)
		versions[c.Hash] = c.Version()
	}
	for _, c := range inv.Credentials {
		a := applyCredential{Name: c.Name, Connector: c.Connector, ClientID: c.ClientID, Quick: c.Quick}
		if !inv.Public[c.ID] {
			a.Secret = &secretRef{Env: secretVariable(c)}
		}
		f.Credentials = append(f.Credentials, a)
		names[c.ID] = c.Name
	}
	for _, c := range inv.Connections {
		a := applyConnection{
			LinkName: c.LinkName, Name: c.Name, Connector: c.Connector, Version: versions[c.ConnectorHash], Access: c.Access,
			Mode: c.Mode, Params: c.Params, Environments: c.Environments,
		}
		if c.Mode == host.Custom {
			a.Credential = names[c.Credential]
		}
		if c.ScopeChoice == host.SpecificScopes {
			a.Scopes = c.Scopes
		}
		f.Connections = append(f.Connections, a)
	}
	for _, a := range inv.Applications {
		f.Applications = append(f.Applications, applyApplication{a.Application, a.Denied})
	}
	return f
}

// secretVariable is where an exported file looks for a client secret.
func secretVariable(c host.ClientCredential) string {
	return "CONNHOST_SECRET_" + strings.ToUpper(host.LinkName(c.Connector+" "+c.Name))
}

// encode is the text of a file.
func (f applyFile) encode() ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("# Made by: connhost export\n# It holds no secret: fill in where each client_secret is. Authorizations stay behind.\n")
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	err := errors.Join(enc.Encode(f), enc.Close())
	return text.Bytes(), err
}

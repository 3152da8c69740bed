package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
)

// labFlags are the options of the lab.
type labFlags struct {
	addr, folder     string
	manifest, faults string
	params           []string
	lab              lab.Options
}

// An imagined service is a lab that a manifest shapes, and the connector that
// leads to it.
type imagined struct {
	lab      *lab.Lab
	manifest abi.Manifest // rewritten
	code     []byte       // of its hooks; nil for none
}

// imagine shapes a lab by a manifest, which is rewritten to lead to an address.
func (f *labFlags) imagine(ctx context.Context, addr string) (imagined, error) {
	opened, err := build.Open(ctx, f.manifest)
	if err != nil {
		return imagined{}, err
	}
	section, err := abi.Section(opened.File)
	if err != nil {
		return imagined{}, host.Errorf(host.Failed, "%s: %v", f.manifest, err).Because(err)
	}
	m, err := abi.Parse(section)
	if err != nil {
		return imagined{}, host.Errorf(host.Failed, "%s: %v", f.manifest, err).Because(err)
	}
	if m.ClientAuth() == abi.ClientAuthMTLS || m.Auth.Proof == abi.ProofMTLS {
		return imagined{}, host.Errorf(host.Failed, "a client certificate is never shown over plain http, which is all that the lab speaks here").
			WithHint("leave client_auth and proof out to try the rest")
	}
	out := imagined{manifest: lab.Rewritten(m, addr)}
	if code, err := abi.Strip(opened.File); err == nil && !bytes.Equal(code, abi.Empty()) {
		out.code = code
	}
	f.lab.Addr = addr
	given, err := pairs("--param", f.params)
	if err != nil {
		return out, err
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if _, ok := m.Field(key); !ok && !m.Captured(key) {
			return out, host.Errorf(host.Usage, "the manifest has no parameter %q", key).
				WithHint("it has: %s", strings.Join(keysOf(m), ", "))
		}
	}
	setting, err := settingBeside(f.manifest)
	if err != nil {
		return out, err
	}
	if f.lab.Values = setting.Values; f.lab.Values == nil {
		f.lab.Values = map[string]string{}
	}
	maps.Copy(f.lab.Values, given)
	f.lab.Always = setting.Faults
	out.lab, err = lab.Shaped(out.manifest, f.lab)
	return out, err
}

// settingBeside is what the author of a connector, a folder or a file in one,
// says of its service.
func settingBeside(path string) (plugintest.Setting, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	return plugintest.SettingOf(path)
}

func keysOf(m abi.Manifest) []string {
	list := m.CapturedNames()
	for _, f := range m.Fields() {
		list = append(list, f.Key)
	}
	slices.Sort(list)
	return list
}

// files are the folder of the connector that leads to the lab.
func (i imagined) files() (map[string][]byte, error) {
	text, err := json.Marshal(i.manifest)
	if err != nil {
		return nil, err
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil { // which reads JSON, and numbers as numbers
		return nil, err
	}
	if text, err = yaml.Marshal(doc); err != nil {
		return nil, err
	}
	files := map[string][]byte{build.ManifestFile: append([]byte("# Written by connhost lab: this connector talks to a fake on this machine.\n"), text...)}
	if i.code != nil {
		files["hook.wasm"] = i.code
	}
	return files, nil
}

// readFaults reads a list of faults in YAML.
func readFaults(path string) ([]lab.Fault, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, host.Errorf(host.NotFound, "the file %s of --faults cannot be read: %s", path, plainFileError(err)).Because(err)
	}
	var list []lab.Fault
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&list); err != nil && !errors.Is(err, io.EOF) {
		return nil, host.Errorf(host.Failed, "the file %s is not valid: %s", path, yamlFault(err)).
			WithHint("write it as in: [{fault: lost_answer, on: refresh, nth: 2}]")
	}
	return list, nil
}

// write says what to type to use the service.
func (i imagined) write(w io.Writer, s *lab.Server, folder string) {
	m, c := i.manifest, i.lab.Credential()
	fmt.Fprintf(w, "%s, as its manifest describes it, listens at %s; Ctrl-C ends it\n", plain(m.Name), s.URL)
	for _, warning := range i.lab.Warnings() {
		fmt.Fprintf(w, "note: %s\n", warning)
	}
	fmt.Fprintf(w, "\nin another terminal:\n  export CONNHOST_ALLOW_CIDR=127.0.0.1/32:%s\n", portOf(s.Addr))
	if folder == "" {
		fmt.Fprintf(w, "and a connector that leads here: connhost lab --manifest ... --connector FOLDER\n")
	} else {
		fmt.Fprintf(w, "  connhost connector install %s\n", folder)
	}
	if m.NeedsClient() {
		client := "  connhost credential add " + m.ID + " --quick --client-id " + shellWord(c.ClientID)
		if c.ClientSecret != "" {
			client = secretLine(map[string]string{"client_secret": c.ClientSecret}, client)
		}
		fmt.Fprintln(w, client)
	}
	link := host.LinkName(host.DefaultName(m.Name, 0))
	fmt.Fprintf(w, "  connhost connection create %s%s\n", m.ID, i.paramsOf(c, true))
	authorize := "  connhost connection authorize " + link + i.paramsOf(c, false)
	if len(c.Secrets) > 0 {
		authorize = secretLine(c.Secrets, authorize)
	}
	fmt.Fprintln(w, authorize)
	if m.Test != nil {
		fmt.Fprintf(w, "  connhost connection test %s\n", link)
	}
	fmt.Fprintf(w, "\nwhat it saw: %s/log\nwhat goes wrong: POST %s/control {\"faults\":[{\"fault\":\"lost_answer\",\"on\":\"call\"}]}\n  faults: %s\n",
		s.URL, s.URL, strings.Join(lab.Faults(), ", "))
}

// paramsOf are the flags of the values that are no secrets: those of hosts, which
// belong to the connection, or the others.
func (i imagined) paramsOf(c lab.Credential, hosts bool) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(c.Values)) {
		if f, _ := i.manifest.Field(key); (f.Kind == abi.KindHost) == hosts {
			b.WriteString(" --param " + shellWord(key+"="+c.Values[key]))
		}
	}
	return b.String()
}

// secretLine gives secrets to a command on its standard input.
func secretLine(secrets map[string]string, command string) string {
	text, _ := json.Marshal(secrets)
	return "  printf %s " + shellWord(string(text)) + " | " + strings.TrimSpace(command) + " --secrets-json -"
}

// shellWord quotes a text for a shell where it has to be.
func shellWord(text string) string {
	bare := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.,:=@/+%", r)
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !bare(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// writeFolder writes files into a folder that is not there yet, or empty.
func writeFolder(dir string, files map[string][]byte) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return host.Errorf(host.Conflict, "the folder %s is not empty", dir).WithHint("name a new folder")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return host.Errorf(host.Unavailable, "the folder %s cannot be made: %s", dir, plainFileError(err)).Because(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o644); err != nil {
			return host.Errorf(host.Unavailable, "%s cannot be written: %s", name, plainFileError(err)).Because(err)
		}
	}
	return nil
}

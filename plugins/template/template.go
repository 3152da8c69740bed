// Package template makes the folder of a new connector: one that builds, lints
// without a finding and passes its cases before anything is changed. Its files
// are templates that read like what they make; [[ ]] stands for {{ }}, which the
// files use themselves.
package template

import (
	"bytes"
	"embed"
	"path"
	"strings"
	"text/template"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
	"github.com/connhost/connhost/plugins/build"
	"github.com/connhost/connhost/plugins/plugintest"
	"github.com/connhost/connhost/plugins/sdk"
)

// None is the language of a connector without code.
const None = "none"

// Languages are those of new connectors.
func Languages() []string { return []string{None, "go", "rust", "assemblyscript", "c"} }

// codeFiles are where a language's code stands.
var codeFiles = map[string]string{"go": "main.go", "rust": "hook.rs", "assemblyscript": "hook.ts", "c": "hook.c"}

//go:embed *.tmpl auth/*.tmpl cases/*.tmpl go/*.tmpl rust/*.tmpl assemblyscript/*.tmpl c/*.tmpl
var templates embed.FS

// A Connector is what is known of a new one.
type Connector struct {
	ID       string
	Auth     string // one of abi.AuthTypes
	Language string // one of Languages
}

// Title is the name for people: Tea Shop for tea-shop.
func (c Connector) Title() string {
	words := strings.FieldsFunc(c.ID, func(r rune) bool { return r == '-' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// Hook is the one that a connector's code begins with; "" without code.
func (c Connector) Hook() string {
	switch {
	case c.Language == None:
		return ""
	case c.Auth == abi.AuthCustom:
		return abi.HookSign
	}
	return abi.HookTest
}

// TestHook and SignHook say which hook that is, for the templates.
func (c Connector) TestHook() bool { return c.Hook() == abi.HookTest }
func (c Connector) SignHook() bool { return c.Hook() == abi.HookSign }

// Code is the file with the hook; "" without code.
func (c Connector) Code() string { return codeFiles[c.Language] }

// AuthKeys are the keys of the manifest that belong to the auth type.
func (c Connector) AuthKeys() (string, error) {
	text, err := c.fill("auth/" + c.Auth + ".yaml.tmpl")
	return string(text), err
}

// Next are the commands to type.
func (c Connector) Next() []string {
	list := []string{"connhost connector build " + c.ID}
	if c.Language == "assemblyscript" {
		list = append([]string{"npm ci --prefix " + c.ID}, list...)
	}
	list = append(list, "connhost connector test "+c.ID, "connhost connector install "+c.ID+"/"+c.ID+".wasm")
	if c.Language == None {
		list = append(list, "connhost connection create "+c.ID)
	}
	return list
}

// Files are the files of a new connector by their paths in its folder.
func (c Connector) Files() (map[string][]byte, error) {
	if c.Auth == abi.AuthCustom && c.Language == None {
		return nil, host.Errorf(host.Usage, "the auth type custom is done by the hook sign, which needs code").WithHint("choose a language: --lang go")
	}
	from := map[string]string{
		build.ManifestFile: "connector.yaml.tmpl", "README.md": "README.md.tmpl", plugintest.Folder + "/life.yaml": "cases/life.yaml.tmpl",
	}
	files := map[string][]byte{"manifest.schema.json": []byte(abi.Schema()), ".gitignore": []byte("/" + c.ID + ".wasm\nnode_modules/\n")}
	if c.Language != None {
		from[c.Code()] = c.Language + "/" + c.Hook() + ".tmpl"
		for name, kit := range sdk.Files(c.Language) {
			files["sdk/"+name] = kit
		}
	}
	if c.TestHook() {
		from[plugintest.SettingFile] = "lab.yaml.tmpl"
	}
	switch c.Language {
	case "go":
		from["go.mod"] = "go/go.mod.tmpl"
	case "assemblyscript":
		from["asconfig.json"], from["tsconfig.json"] = "assemblyscript/asconfig.json.tmpl", "assemblyscript/tsconfig.json.tmpl"
		files["package.json"], files["package-lock.json"] = sdk.AssemblyScriptLock()
	}
	for _, name := range map[string][]string{abi.HookTest: {"account", "nobody"}, abi.HookSign: {"sign"}}[c.Hook()] {
		from[plugintest.Folder+"/"+name+".yaml"] = "cases/" + name + ".yaml.tmpl"
	}
	for name, source := range from {
		text, err := c.fill(source)
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	return files, nil
}

func (c Connector) fill(name string) ([]byte, error) {
	t, err := template.New(path.Base(name)).Delims("[[", "]]").ParseFS(templates, name)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, c)
	return b.Bytes(), err
}

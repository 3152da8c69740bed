package plugintest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
)

// Folder is where the cases stand in a connector's folder.
const Folder = "cases"

// Cases are what a connector's folder says of what the connector does.
type Cases struct {
	Hooks   []Case
	Tapes   []TapeCase
	Flows   []Flow
	Setting Setting
}

// ReadCases reads the cases of a connector's folder, in the order of their
// files' names, and its setting; none where there is no folder of cases. The
// error tells the mistakes of all of them.
func ReadCases(dir string) (c Cases, err error) {
	var bad build.Invalid
	note := func(err error) error {
		if wrong, ok := errors.AsType[*build.Invalid](err); ok {
			bad.Diagnostics = append(bad.Diagnostics, wrong.Diagnostics...)
			return nil
		}
		return err
	}
	c.Setting, err = SettingOf(dir)
	if err = note(err); err != nil {
		return c, err
	}
	files, err := caseFiles(filepath.Join(dir, Folder))
	if err != nil {
		return c, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return c, host.Errorf(host.Failed, "the case %s cannot be read", file).Because(err)
		}
		if err := note(c.read(file, text)); err != nil {
			return c, err
		}
	}
	if len(bad.Diagnostics) > 0 {
		return Cases{}, &bad
	}
	return c, nil
}

// read adds a file as the kind of case that its keys tell; one that tells none is
// one of a hook.
func (c *Cases) read(file string, text []byte) error {
	var keys map[string]json.RawMessage
	_ = json.Unmarshal(build.ReadDocument("case", page, file, text).JSON, &keys)
	if _, ok := keys["flow"]; ok {
		f, err := ReadFlow(file, text)
		c.Flows = append(c.Flows, f)
		return err
	}
	if _, ok := keys["exchanges"]; ok {
		t, err := ReadTapeCase(file, text)
		c.Tapes = append(c.Tapes, t)
		return err
	}
	hook, err := ReadCase(file, text)
	c.Hooks = append(c.Hooks, hook)
	return err
}

// keysOf are the keys of a document that is an object.
func keysOf(doc *build.Document, hint, msg string) (keys map[string]json.RawMessage, err error) {
	if doc.JSON != nil && json.Unmarshal(doc.JSON, &keys) != nil {
		doc.Wrong("T101", "", hint, "%s", msg)
	}
	return keys, doc.Err()
}

// readInto reads keys into what is meant for them; has says which there are.
func readInto(doc *build.Document, keys map[string]json.RawMessage, targets map[string]any, has string) {
	for key, value := range keys {
		if target, ok := targets[key]; !ok {
			doc.Wrong("T102", key, has, "unknown key %q", key)
		} else if json.Unmarshal(value, target) != nil {
			doc.Wrong("T103", key, page+" says what it takes", "the key %q has a value of another kind", key)
		}
	}
}

// fileName is what a case is called that has no name.
func fileName(file string) string { return strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) }

// caseFiles are the files of a folder that hold cases, by their names.
func caseFiles(folder string) (list []string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, host.Errorf(host.Failed, "the folder %s cannot be read", folder).Because(err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			list = append(list, filepath.Join(folder, e.Name()))
		}
	}
	return list, nil
}

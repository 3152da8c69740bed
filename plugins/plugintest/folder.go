package plugintest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/build"
)

// Folder is where the cases stand in a connector's folder.
const Folder = "cases"

// Cases are those of a connector's folder: of each kind in the order of their
// files' names.
type Cases struct {
	Hooks []Case
	Tapes []TapeCase
}

// ReadCases reads the cases of a connector's folder; none where there is no
// folder of cases. The error tells the mistakes of all of them.
func ReadCases(dir string) (Cases, error) {
	var all Cases
	folder := filepath.Join(dir, Folder)
	entries, err := os.ReadDir(folder) // in the order of names
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return all, host.Errorf(host.Failed, "the folder %s cannot be read", folder).Because(err)
	}
	var bad build.Invalid
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		file := filepath.Join(folder, e.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			return all, host.Errorf(host.Failed, "the case %s cannot be read", file).Because(err)
		}
		err = all.add(file, text)
		if wrong, ok := errors.AsType[*build.Invalid](err); ok {
			bad.Diagnostics = append(bad.Diagnostics, wrong.Diagnostics...)
		}
	}
	if len(bad.Diagnostics) > 0 {
		return Cases{}, &bad
	}
	return all, nil
}

// add reads a file as the kind of case that its keys tell; one that tells none
// is one of a hook.
func (all *Cases) add(file string, text []byte) error {
	var keys map[string]json.RawMessage
	_ = json.Unmarshal(build.ReadDocument("case", page, file, text).JSON, &keys)
	if _, recorded := keys["exchanges"]; recorded {
		c, err := ReadTapeCase(file, text)
		all.Tapes = append(all.Tapes, c)
		return err
	}
	c, err := ReadCase(file, text)
	all.Hooks = append(all.Hooks, c)
	return err
}

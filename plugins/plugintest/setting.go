package plugintest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/build"
)

// SettingFile stands beside connector.yaml and may be left out.
const SettingFile = "lab.yaml"

// A Setting is what a connector's author knows of the service and the manifest
// does not say. It is in force in every rehearsal of the connector.
//
//	faults:
//	  - {fault: shape, on: test, times: -1, body: {user: {id: "{account_id}"}}}
type Setting struct {
	Values map[string]string `json:"values"` // of parameters and captured values
	Faults []lab.Fault       `json:"faults"`
}

// ReadSetting reads a file's text. The error is a *build.Invalid with a place
// for every mistake.
func ReadSetting(file string, text []byte) (s Setting, err error) {
	doc := build.ReadDocument("setting", page, file, text)
	keys, err := keysOf(doc, "write for example: faults: []", "the file is an object with faults and values")
	if err != nil {
		return s, err
	}
	if faults, ok := keys["faults"]; ok {
		s.Faults = readFaults(doc, "faults", faults)
	}
	readInto(doc, keys, map[string]any{"values": &s.Values, "faults": new(json.RawMessage)}, "the file has faults and values")
	return s, doc.Err()
}

// readFaults reads a list of faults. Whether they mean something to a service is
// known when there is one.
func readFaults(doc *build.Document, at string, text json.RawMessage) (list []lab.Fault) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		doc.Wrong("T131", at, "write for example: [{fault: lost_answer, on: refresh}]; connhost lab --help tells more", "this is no list of faults: %s", plainJSON(err))
	}
	return list
}

// plainJSON is an error of a decoder without the names of Go.
func plainJSON(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return cmp.Or(wrong.Field, "it") + " may not be of the kind " + wrong.Value
	}
	text := err.Error()
	if _, name, ok := bytes.Cut([]byte(text), []byte("unknown field ")); ok {
		return "it has no key " + string(name)
	}
	return text
}

// SettingOf reads the setting of a connector's folder; an empty one where there
// is none.
func SettingOf(dir string) (Setting, error) {
	file := filepath.Join(dir, SettingFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Setting{}, nil
	}
	if err != nil {
		return Setting{}, host.Errorf(host.Failed, "the file %s cannot be read", file).Because(err)
	}
	return ReadSetting(file, text)
}

// over lays values over others, and leaves both as they are.
func over(base, top map[string]string) map[string]string {
	all := maps.Clone(base)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, top)
	return all
}

// Package connectors is the catalogue: the connectors that are built into the
// program, a folder for each with its manifest and its finished file. It reads
// manifests and compiles nothing. A file is written anew with
//
//	connhost connector build connectors/ID
//
// and a test holds the file against its folder. README.md is a page of all of them
// and index.json their heads; go generate writes both.
package connectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/connhost/connhost/plugins/abi"
)

//go:generate go test . -run "Test(Page|Index)" -update

//go:embed */*.wasm
var files embed.FS

// A Connector is one of the catalogue.
type Connector struct {
	Manifest abi.Manifest
	File     []byte
	Hash     string // SHA-256 of File, lower-case hex
}

// IDs lists the ids of all, in order.
func IDs() []string { return ids() }

// ids are the names of the folders.
var ids = sync.OnceValue(func() (list []string) {
	names, _ := fs.Glob(files, "*/*.wasm") // the pattern is a good one
	for _, name := range names {
		list = append(list, path.Dir(name))
	}
	return list
})

// File gives the finished file of an id; false where there is none.
func File(id string) ([]byte, bool) {
	if strings.ContainsAny(id, "/.") { // not the name of a folder
		return nil, false
	}
	data, err := files.ReadFile(id + "/" + id + ".wasm")
	return data, err == nil
}

// Find gives the connector of an id; false where there is none. A test has
// validated every manifest, so it is only read here; one that cannot be read is
// a bug.
func Find(id string) (Connector, bool) {
	file, ok := File(id)
	if !ok {
		return Connector{}, false
	}
	c := Connector{File: file, Hash: abi.Hash(file)}
	section, err := abi.Section(file)
	if err == nil {
		err = json.Unmarshal(section, &c.Manifest)
	}
	if err != nil {
		panic(fmt.Sprintf("the built-in connector %s: %v", id, err))
	}
	return c, true
}

package connectors

import (
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/connhost/connhost/plugins/abi"
)

// The index holds what a list shows of each connector, so that listing the
// catalogue reads no manifest. A test holds it against the files.
//
//go:embed index.json
var indexFile []byte

// An Entry is one line of the index.
type Entry struct {
	ID          string `json:"id"`
	Hash        string `json:"hash"`
	Version     string `json:"version"`
	Auth        string `json:"auth"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Category    string `json:"category"`
}

// EntryOf is the line of a connector.
func EntryOf(c Connector) Entry {
	m := c.Manifest
	return Entry{m.ID, c.Hash, m.Version, m.Auth.Type, m.Name, m.Description, m.Category}
}

type index struct {
	heads map[string]Connector // by id
	ids   map[string]string    // by hash
}

var readIndex = sync.OnceValue(func() index {
	var entries []Entry
	if err := json.Unmarshal(indexFile, &entries); err != nil {
		panic("the index of the built-in connectors: " + err.Error())
	}
	all := index{map[string]Connector{}, map[string]string{}}
	for _, e := range entries {
		all.ids[e.Hash] = e.ID
		all.heads[e.ID] = Connector{Hash: e.Hash, Manifest: abi.Manifest{
			Connhost: abi.Version, ID: e.ID, Name: e.Name, Version: e.Version, Description: e.Description, Category: e.Category, Auth: abi.Auth{Type: e.Auth},
		}}
	}
	return all
})

// Head gives the connector of an id without its file and with no more of its
// manifest than an Entry tells; false where there is none.
func Head(id string) (Connector, bool) {
	c, ok := readIndex().heads[id]
	return c, ok
}

// IDOf gives the id of the file with that hash; false where there is none.
func IDOf(hash string) (string, bool) {
	id, ok := readIndex().ids[hash]
	return id, ok
}

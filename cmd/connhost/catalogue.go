package main

import (
	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/host"
)

// builtIn is the catalogue of the program as the host reads it.
type builtIn struct{}

var _ host.Catalogue = builtIn{}

func (builtIn) IDs() []string { return connectors.IDs() }

func (builtIn) IDOf(hash string) (string, bool) { return connectors.IDOf(hash) }

// services are the built-in connectors whose actions scripts may call, by the
// names that they write.
func services() (names []string) {
	for _, id := range connectors.IDs() {
		c := host.Connector{ID: id}
		names = append(names, c.ScriptName())
	}
	return names
}

// Find gives a connector whose code has what its manifest asks for: it is the
// program's own.
func (builtIn) Find(id string) (host.Connector, []byte, bool) {
	c, ok := connectors.Find(id)
	if !ok {
		return host.Connector{}, nil, false
	}
	return host.Connector{
		ID: id, Hash: c.Hash, Stage: host.Published, Current: true, BuiltIn: true, Manifest: c.Manifest, Granted: c.Manifest.RevealSecrets,
	}, c.File, true
}

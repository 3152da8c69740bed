package main

import (
	"context"
	"slices"

	"github.com/connhost/connhost/connectors"
	"github.com/connhost/connhost/host"
)

// builtIn is the catalogue of the program as the host reads it.
type builtIn struct{}

var _ host.Catalogue = builtIn{}

func (builtIn) IDs() []string { return connectors.IDs() }

func (builtIn) Head(id string) (host.Connector, bool) {
	c, ok := connectors.Head(id)
	return host.Connector{ID: id, Hash: c.Hash, Stage: host.Published, Current: true, BuiltIn: true, Manifest: c.Manifest}, ok
}

func (builtIn) IDOf(hash string) (string, bool) { return connectors.IDOf(hash) }

// services says which names are connectors as scripts write them. More are
// listed once, when a name is none that is built in: most scripts need no store
// for that.
func services(more func() []string) func(name string) bool {
	var names []string
	for _, id := range connectors.IDs() {
		c := host.Connector{ID: id}
		names = append(names, c.ScriptName())
	}
	return func(name string) bool {
		if !slices.Contains(names, name) && more != nil {
			names, more = append(names, more()...), nil
		}
		return slices.Contains(names, name)
	}
}

// services are the connectors of the store, as scripts write them; none where it
// cannot be read, which a call tells.
func (s *session) services(ctx context.Context) (names []string) {
	list, _ := s.broker.Versions(ctx, s.subject, "")
	for _, c := range list {
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

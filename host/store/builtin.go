package store

import (
	"context"
	"slices"
	"time"

	"golang.org/x/mod/semver"

	"github.com/connhost/connhost/host"
)

// An offer is a built-in connector that has no row: nobody has needed it yet.
// It stands last among the versions of its id and has no time of installation.

// noCatalogue is that of a program without built-in connectors.
type noCatalogue struct{}

func (noCatalogue) IDs() []string                              { return nil }
func (noCatalogue) Find(string) (host.Connector, []byte, bool) { return host.Connector{}, nil, false }
func (noCatalogue) Head(string) (host.Connector, bool)         { return host.Connector{}, false }
func (noCatalogue) IDOf(string) (string, bool)                 { return "", false }

// withOffers puts what the catalogue offers of some ids behind the rows; find
// reads it.
func withOffers(rows []host.Connector, find func(id string) (host.Connector, bool), ids ...string) []host.Connector {
	all := rows
	for _, id := range ids {
		if o, ok := offer(rows, find, id); ok {
			for i := range rows {
				all[i].Current = rows[i].Current && (rows[i].ID != id || !o.Current)
			}
			all = append(all, o)
		}
	}
	return all
}

// offer is what the catalogue offers of an id, beside the rows that there are. An
// older version than the current one, of an older program, does not take its
// place: the newer program would not take it back.
func offer(rows []host.Connector, find func(id string) (host.Connector, bool), id string) (host.Connector, bool) {
	o, ok := find(id)
	if !ok {
		return o, false
	}
	for _, c := range rows {
		switch {
		case c.ID != id:
		case !c.BuiltIn, c.Version() == o.Version():
			return o, false
		case c.Current:
			o.Current = semver.Compare("v"+c.Version(), "v"+o.Version()) < 0
			if c.Stage == host.DisabledConnector {
				o.Stage = c.Stage
			}
		}
	}
	return o, true
}

// offerOf gives the offer whose file has that hash.
func (cs connectors) offerOf(ctx context.Context, hash string) (host.Connector, error) {
	id, ok := cs.store.builtIn.IDOf(hash)
	if !ok {
		return host.Connector{}, errNotFound
	}
	versions, err := cs.List(ctx, id)
	if err != nil {
		return host.Connector{}, err
	}
	i := slices.IndexFunc(versions, func(c host.Connector) bool { return c.Hash == hash && isOffer(c) })
	if i < 0 {
		return host.Connector{}, errNotFound
	}
	return versions[i], nil
}

// builtInFile is the file of an offer.
func (cs connectors) builtInFile(hash string) ([]byte, error) {
	id, ok := cs.store.builtIn.IDOf(hash)
	if !ok {
		return nil, errNotFound
	}
	_, file, _ := cs.store.builtIn.Find(id)
	return file, nil
}

func isOffer(c host.Connector) bool { return c.BuiltIn && c.InstalledAt.IsZero() }

// adopt stores the built-in connector of a hash, if it has no row. The one that
// a connection uses, or that an authorization was made with, stays when the
// program brings a later one.
func (cs connectors) adopt(ctx context.Context, hash string) error {
	c, err := cs.offerOf(ctx, hash)
	if err == errNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	versions, err := cs.List(ctx, c.ID)
	if err != nil {
		return err
	}
	current := c.Current
	c.Current, c.InstalledAt = false, cs.store.now().Truncate(time.Millisecond)
	for _, v := range versions { // in the order of installation
		if !c.InstalledAt.After(v.InstalledAt) {
			c.InstalledAt = v.InstalledAt.Add(time.Millisecond)
		}
	}
	file, err := cs.builtInFile(hash)
	if err != nil {
		return err
	}
	if err := cs.Insert(ctx, c, file); err != nil || !current {
		return err
	}
	return cs.setCurrent(ctx, c.ID, hash)
}

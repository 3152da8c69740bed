package broker

import (
	"context"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

// Implied is the link name of the connection that is meant where a task of a
// service names none: the only one of its connector, or of several the one whose
// link name is the service's. A product has one for the whole organisation; here
// nobody is to find out later that it was another than they thought.
func (b *Broker) Implied(ctx context.Context, sub host.Subject, service, task string) (string, error) {
	return view(ctx, b, func(tx host.Tx) (string, error) {
		all, err := tx.Connections().List(ctx)
		if err != nil {
			return "", err
		}
		var links []string
		for _, c := range all {
			_, connector, err := findConnection(ctx, tx, sub, c.LinkName)
			if absent(err) || host.CodeOf(err) == host.Refused {
				continue
			}
			if err != nil {
				return "", err
			}
			if connector.Serves(service) {
				links = append(links, c.LinkName)
			}
		}
		return oneOf(links, service, task)
	})
}

// oneOf chooses the connection that can be meant.
func oneOf(links []string, service, task string) (string, error) {
	id := strings.ReplaceAll(service, "_", "-")
	switch {
	case len(links) == 1:
		return links[0], nil
	case slices.Contains(links, service):
		return service, nil
	case len(links) == 0:
		return "", host.Errorf(host.NotFound, "%s names no connection, and there is none of connector %q", task, id).
			WithHint("connhost connection create %s, or give its answer: --fixtures FILE", id)
	}
	return "", host.Errorf(host.Conflict, "%s names no connection, and there are %d of connector %q: %s", task, len(links), id, join(links)).
		WithHint("name one as the last argument; one that has the link name %s is meant where none is named", service)
}

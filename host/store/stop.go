package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type stops struct{ *tx }

var _ host.Stops = stops{}

const stopColumns = "id, level, kind, target, reason, by_user, at"

func readStop(scan scanner) (s host.Stop, err error) {
	err = scan(&s.ID, &s.Level, &s.Kind, &s.Target, &s.Reason, &s.By, moment{&s.At})
	return s, err
}

func (ss stops) Insert(ctx context.Context, s host.Stop) error {
	ss.touch("stops", string(s.ID))
	return ss.insert(ctx, clash{
		"stops.id":   fmt.Sprintf("a stop with the id %s exists", s.ID),
		"stops.kind": fmt.Sprintf("%s %q is %s already", s.Kind, s.Target, s.Level),
	}, "insert into stops ("+stopColumns+") values (?, ?, ?, ?, ?, ?, ?)",
		string(s.ID), string(s.Level), string(s.Kind), s.Target, s.Reason, string(s.By), millis(s.At))
}

func (ss stops) List(ctx context.Context) ([]host.Stop, error) {
	return list(ctx, ss.tx, readStop, "select "+stopColumns+" from stops order by at, id")
}

func (ss stops) Delete(ctx context.Context, id host.StopID) error {
	ss.touch("stops", string(id))
	return ss.change(ctx, nil, "delete from stops where id = ?", string(id))
}

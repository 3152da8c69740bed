package store

import (
	"context"
	"fmt"

	"github.com/connhost/connhost/host"
)

type applications struct{ *tx }

var _ host.Applications = applications{}

const applicationColumns = "id, name, created_by, created_at"

func readApplication(scan scanner) (a host.Application, err error) {
	err = scan(&a.ID, &a.Name, &a.CreatedBy, moment{&a.CreatedAt})
	return a, err
}

func (as applications) Insert(ctx context.Context, a host.Application) error {
	return as.insert(ctx, clash{
		"applications.id":   fmt.Sprintf("an application with the id %s exists", a.ID),
		"applications.name": fmt.Sprintf("an application named %q exists", a.Name),
	}, "insert into applications ("+applicationColumns+") values (?, ?, ?, ?)",
		string(a.ID), a.Name, string(a.CreatedBy), millis(a.CreatedAt))
}

func (as applications) FindName(ctx context.Context, name string) (host.Application, error) {
	return one(ctx, as.tx, readApplication, "select "+applicationColumns+" from applications where name = ?", name)
}

func (as applications) List(ctx context.Context) ([]host.Application, error) {
	return list(ctx, as.tx, readApplication, "select "+applicationColumns+" from applications order by created_at, id")
}

func (as applications) Delete(ctx context.Context, id host.ApplicationID) error {
	return as.change(ctx, nil, "delete from applications where id = ?", string(id))
}

type references struct{ *tx }

var _ host.References = references{}

const referenceColumns = "application_id, connection_id, denied, scripts, first_used, last_used"

// A storedScript is a host.ScriptUse as it stands in the column scripts.
type storedScript struct {
	Script       string             `json:"script"`
	Function     string             `json:"function,omitempty"`
	Environments []host.Environment `json:"environments"`
	Unattended   bool               `json:"unattended,omitempty"`
	Last         int64              `json:"last"`
}

func storedScripts(list []host.ScriptUse) (out []storedScript) {
	for _, s := range list {
		out = append(out, storedScript{s.Script, s.Function, s.Environments, s.Unattended, millis(s.Last)})
	}
	return out
}

func readReference(scan scanner) (r host.Reference, err error) {
	var scripts []storedScript
	err = scan(&r.Application, &r.Connection, &r.Denied, fromJSON{&scripts}, moment{&r.First}, moment{&r.Last})
	for _, s := range scripts {
		use := host.ScriptUse{Script: s.Script, Function: s.Function, Environments: s.Environments, Unattended: s.Unattended}
		if err == nil {
			err = moment{&use.Last}.Scan(s.Last)
		}
		r.Scripts = append(r.Scripts, use)
	}
	return r, err
}

// Put replaces the whole row of a pair.
func (rs references) Put(ctx context.Context, r host.Reference) error {
	return rs.insert(ctx, nil, "insert into application_connections ("+referenceColumns+`) values (?, ?, ?, ?, ?, ?)
		on conflict (application_id, connection_id) do update set
			denied = excluded.denied, scripts = excluded.scripts, first_used = excluded.first_used, last_used = excluded.last_used`,
		string(r.Application), string(r.Connection), r.Denied, toJSON(storedScripts(r.Scripts)), millis(r.First), millis(r.Last))
}

func (rs references) Find(ctx context.Context, a host.ApplicationID, c host.ConnectionID) (host.Reference, error) {
	return one(ctx, rs.tx, readReference, "select "+referenceColumns+
		" from application_connections where application_id = ? and connection_id = ?", string(a), string(c))
}

// OfApplication is in the order of the connections' age.
func (rs references) OfApplication(ctx context.Context, a host.ApplicationID) ([]host.Reference, error) {
	return list(ctx, rs.tx, readReference, "select "+referenceColumns+
		" from application_connections where application_id = ? order by connection_id", string(a))
}

// OfConnection is in the order of the applications' age.
func (rs references) OfConnection(ctx context.Context, c host.ConnectionID) ([]host.Reference, error) {
	return list(ctx, rs.tx, readReference, "select application_id, connection_id, denied, scripts, first_used, last_used"+
		" from application_connections join applications on id = application_id"+
		" where connection_id = ? order by created_at, application_id", string(c))
}

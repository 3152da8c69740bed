package store

import (
	"context"
	"fmt"
	"time"

	"github.com/connhost/connhost/host"
)

type windows struct{ *tx }

var _ host.Windows = windows{}

const windowColumns = `id, state_hash, process_hash, subject, connection_id, environment, connector_hash, params,
	endpoints, redirect_uri, asked, expires`

// A storedWindow is a row, its secrets still sealed.
type storedWindow struct {
	host.Window
	verifier, params []byte
}

func readWindow(scan scanner) (w storedWindow, err error) {
	err = scan(&w.ID, &w.StateHash, &w.ProcessHash, &w.Subject, &w.Connection, &w.Environment, &w.ConnectorHash, fromJSON{&w.Params},
		fromJSON{&w.Endpoints}, &w.RedirectURI, fromJSON{&w.Asked}, moment{&w.Expires}, &w.verifier, &w.params)
	return w, err
}

// windowField is bound to its row only: a window lives for seconds, is
// written once and has no audit record, so its secret version is always 1. A
// row that was taken and is put back opens again; its state has been seen,
// and the service has used up its code.
func windowField(id host.WindowID, field string) place {
	return place{"windows", string(id), field, 1}
}

func (ws windows) Insert(ctx context.Context, w host.Window, s host.WindowSecrets, now time.Time) error {
	verifier, err := ws.seal(windowField(w.ID, "verifier"), s.Verifier)
	if err != nil {
		return err
	}
	params, err := ws.sealParams(windowField(w.ID, "secret_params"), s.Params)
	if err != nil {
		return err
	}
	if _, err := ws.exec(ctx, "delete from windows where expires < ?", millis(now)); err != nil {
		return ws.store.fault("write", err)
	}
	return ws.insert(ctx, clash{
		"windows.id":         fmt.Sprintf("an authorization window with the id %s exists", w.ID),
		"windows.state_hash": "an authorization window with that state exists",
	}, "insert into windows ("+windowColumns+", verifier, secret_params) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		string(w.ID), w.StateHash, w.ProcessHash, string(w.Subject), string(w.Connection), string(w.Environment), w.ConnectorHash,
		toJSON(w.Params), toJSON(w.Endpoints), w.RedirectURI, toJSON(w.Asked), millis(w.Expires), verifier, params)
}

// Take does not look at the time: a late window is the caller's to refuse.
func (ws windows) Take(ctx context.Context, stateHash string) (host.Window, host.WindowSecrets, error) {
	var secrets host.WindowSecrets
	w, err := one(ctx, ws.tx, readWindow,
		"select "+windowColumns+", verifier, secret_params from windows where state_hash = ?", stateHash)
	if err != nil {
		return host.Window{}, secrets, err
	}
	if err := ws.change(ctx, nil, "delete from windows where id = ?", string(w.ID)); err != nil {
		return host.Window{}, secrets, err
	}
	if secrets.Verifier, err = ws.unseal(windowField(w.ID, "verifier"), w.verifier); err != nil {
		return host.Window{}, host.WindowSecrets{}, err
	}
	if secrets.Params, err = ws.unsealParams(windowField(w.ID, "secret_params"), w.params); err != nil {
		return host.Window{}, host.WindowSecrets{}, err
	}
	return w.Window, secrets, nil
}

func (ws windows) DeleteFor(ctx context.Context, c host.ConnectionID, user host.UserID) error {
	query, args := "delete from windows where connection_id = ?", []any{string(c)}
	if user != "" {
		query, args = query+" and subject = ?", append(args, string(user))
	}
	_, err := ws.exec(ctx, query, args...)
	return ws.store.fault("write", err)
}

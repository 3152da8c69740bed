package broker_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/plugins/abi"
)

func (w *world) credential(named string) broker.CredentialView {
	w.t.Helper()
	v, err := w.Credential(w.ctx, w.admin, named)
	w.must(err)
	return v
}

func secretOf(s string) *host.Secret { v := host.NewSecret(s); return &v }

// Rule 8: changing a client id marks its authorizations needs_reauthorization,
// and a living access token still calls; changing only the secret marks none.
func TestRule8ChangeOfClientID(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	const name = "Acme Credential"
	got, err := w.UpdateCredential(w.ctx, w.admin, name, broker.CredentialChange{Secret: secretOf("another-secret")})
	if err != nil || len(got.Reauth) != 0 || !slices.Equal(got.Changed, []string{"client secret"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.Status(host.Connected), "")
	got, err = w.UpdateCredential(w.ctx, w.admin, name, broker.CredentialChange{ClientID: "another", Secret: secretOf(lab.ClientSecret)})
	if err != nil || len(got.Reauth) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.Status(host.NeedsReauth), "the client id of its client credential was changed")
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("a living access token: %d %v", status, err)
	}
	before := w.lab.Refreshes()
	w.clock.advance(2 * time.Hour)
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.NeedsAuth, "the client id of its client credential was changed")
	if w.lab.Refreshes() != before {
		t.Error("a refresh token was presented by another client")
	}
	_, err = w.UpdateCredential(w.ctx, w.admin, name, broker.CredentialChange{ClientID: lab.ClientID})
	w.must(err)
	w.authorize(w.admin, link)
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("authorized again: %d %v", status, err)
	}
}

// Rule 8: a refresh that was under way when the client id was changed does not
// take the mark back.
func TestRule8ChangeDuringRefresh(t *testing.T) {
	w := newWorld(t, t.TempDir())
	s := newStrict(w)
	link := w.create(s.connector(w), broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	w.clock.advance(2 * time.Hour)
	s.meets(func(rw http.ResponseWriter, _ *http.Request, act func() *httptest.ResponseRecorder) {
		rec := act()
		_, err := w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{ClientID: "another"})
		if err != nil {
			t.Error(err)
		}
		write(rw, rec)
	})
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("the token that came: %d %v", status, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.Status(host.NeedsReauth), "the client id of its client credential was changed")
}

// Rule 8: where the service refused the old secret, the new one brings the
// authorizations back; and a refresh that met the change is not final.
func TestRule8NewSecretRevives(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	_, err := w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{Secret: secretOf("a-wrong-secret")})
	w.must(err)
	w.clock.advance(2 * time.Hour)
	_, _, err = w.get(w.admin, link, "/me")
	wantCode(t, err, host.NeedsAuth, "needs authorizing")
	const command = `connhost credential update "Acme Credential" --secret-file client_secret=PATH`
	_, _, again := w.get(w.admin, link, "/me")
	_, _, plain := w.get(w.user("plain"), link, "/me")
	for err, hint := range map[error]string{err: command, again: command, plain: "ask an administrator for: " + command} {
		if e, ok := errors.AsType[*host.Error](err); !ok || e.Hint != hint { // authorizing anew would meet the same refusal
			t.Errorf("%v: the hint is not %q", err, hint)
		}
	}
	list, err := w.Notice(w.ctx, w.admin, false)
	if err != nil || len(list) != 1 || list[0].Content.Hint != command {
		t.Errorf("noticed: %+v, %v", list, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.Status(host.NeedsReauth), "invalid_client")
	got, err := w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{Secret: secretOf(lab.ClientSecret)})
	if err != nil || len(got.Revived) != 1 || len(got.Reauth) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("with the right secret: %d %v", status, err)
	}
}

func TestRule8SecretChangedDuringRefresh(t *testing.T) {
	w := newWorld(t, t.TempDir())
	s := newStrict(w)
	link := w.create(s.connector(w), broker.CreateRequest{Connector: "acme"}).LinkName
	w.authorize(w.admin, link)
	w.clock.advance(2 * time.Hour)
	s.meets(func(rw http.ResponseWriter, _ *http.Request, _ func() *httptest.ResponseRecorder) {
		_, err := w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{Secret: secretOf("the-next-secret")})
		if err != nil {
			t.Error(err)
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusUnauthorized)
		_, _ = rw.Write([]byte(`{"error":"invalid_client"}`))
	})
	_, _, err := w.get(w.admin, link, "/me")
	wantCode(t, err, host.Unavailable, "its client secret was changed meanwhile")
	w.wantStatus(w.admin, link, host.Development, host.Status(host.Connected), "")
}

// Rules 8 and 9: duplicates are refused naming the existing one; the id and the
// name are checked; quick is there once, and what uses a credential follows.
func TestRule8Update(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	own, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: "another", Name: "Own"}, host.NewSecret("own-secret"))
	w.must(err)
	for _, c := range []struct {
		change broker.CredentialChange
		code   host.Code
		text   string
	}{
		{broker.CredentialChange{ClientID: lab.ClientID, Secret: secretOf(lab.ClientSecret)}, host.Conflict, `"Acme Credential" has the same id and secret`},
		{broker.CredentialChange{ClientID: "with space"}, host.Usage, "letters, digits"},
		{broker.CredentialChange{Name: " x"}, host.Usage, "space"},
		{broker.CredentialChange{Name: "Acme Credential"}, host.Conflict, `named "Acme Credential" exists`},
		{broker.CredentialChange{Mode: host.Quick}, host.Conflict, "has a quick client credential"},
	} {
		_, err := w.UpdateCredential(w.ctx, w.admin, "Own", c.change)
		wantCode(t, err, c.code, c.text)
	}
	got, err := w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{Mode: host.Custom, Name: "Sales"})
	if err != nil || !slices.Equal(got.Connections, []string{link}) || len(got.Reauth) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	v, err := w.Connection(w.ctx, w.admin, link)
	if err != nil || v.Connection.Mode != host.Custom || v.Credential.Name != "Sales" {
		t.Errorf("%+v, %v", v, err)
	}
	if status, _, err := w.get(w.admin, link, "/me"); status != 200 || err != nil {
		t.Errorf("the mode changed: %d %v", status, err)
	}
	_, err = w.UpdateCredential(w.ctx, w.admin, string(own.ID), broker.CredentialChange{Mode: host.Quick})
	w.must(err)
	_, err = w.UpdateCredential(w.ctx, w.user("grace"), "Own", broker.CredentialChange{Name: "Mine"})
	wantCode(t, err, host.NotAllowed, "may not manage client credentials")
	_, err = w.UpdateCredential(w.ctx, w.admin, "Nope", broker.CredentialChange{Name: "Mine"})
	wantCode(t, err, host.NotFound, `no client credential named "Nope"`)
}

// Rule 9: a secret is checked by how the client shows itself, as when it is added.
func TestRule9SecretIsChecked(t *testing.T) {
	w := newWorld(t, t.TempDir())
	m := w.acme()
	m.Auth.ClientAuth = abi.ClientAuthSecretKey
	_, err := w.install(m)
	w.must(err)
	_, err = w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: "id"}, host.NewSecret("a secret of thirty-two characters"))
	w.must(err)
	_, err = w.UpdateCredential(w.ctx, w.admin, "Acme Credential", broker.CredentialChange{Secret: &host.Secret{}})
	wantCode(t, err, host.Usage, "which needs a secret")
}

// Rule 8: one that connections use is not deleted, and they are named; what was
// authorized with one that is deleted is revoked.
func TestRule8Delete(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	_, err := w.DeleteCredential(w.ctx, w.admin, "Acme Credential")
	wantCode(t, err, host.Conflict, "is used by: "+link)
	own, err := w.AddCredential(w.ctx, w.admin, host.ClientCredential{Connector: "acme", ClientID: "another"}, host.NewSecret("own-secret"))
	w.must(err)
	w.update(broker.UpdateRequest{Connection: link, Credential: own.Name})
	if v := w.credential("Acme Credential"); len(v.Connections) != 0 || len(v.Authorizations) != 1 {
		t.Errorf("%+v", v)
	}
	list, err := w.DeleteCredential(w.ctx, w.admin, "Acme Credential")
	if err != nil || len(list) != 1 || list[0].Upstream != broker.UpstreamRevoked {
		t.Fatalf("%+v, %v", list, err)
	}
	w.wantStatus(w.admin, link, host.Development, host.NotConnected, "not authorized")
	all, err := w.Credentials(w.ctx, w.admin, "")
	if err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

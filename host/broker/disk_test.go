package broker_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/connhost/connhost/host"
)

// A trouble keeps a store from being written, until it is over.
type trouble struct {
	name string
	says string
	make func(w *world, dir string) (over func())
}

var troubles = []trouble{
	{"disk full", "no space left", func(w *world, _ string) func() { return w.fillDisk() }},
	{"locked database", "locked by another process", func(w *world, dir string) func() { return w.lockDatabase(dir) }},
}

// fillDisk lets SQLite's file grow no further and uses what is left in it.
func (w *world) fillDisk() (over func()) {
	// The limit belongs to a connection, and this is the one that writes.
	field := reflect.ValueOf(w.store).Elem().FieldByName("writes")
	db := *(**sql.DB)(unsafe.Pointer(field.UnsafeAddr()))
	limit := func(pages int) {
		_, err := db.Exec(fmt.Sprintf("pragma max_page_count = %d", pages))
		w.must(err)
	}
	var pages int
	w.must(db.QueryRow("pragma page_count").Scan(&pages))
	limit(pages)
	for {
		err := w.store.Update(w.ctx, func(tx host.Tx) error { return tx.Audit().Append(w.ctx, host.Record{Act: host.ActRefresh}) })
		if host.CodeOf(err) == host.Unavailable {
			break
		}
		w.must(err)
	}
	return func() { limit(1_000_000) }
}

// lockDatabase begins an update of another process.
func (w *world) lockDatabase(dir string) (over func()) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "connhost.db")+"?_txlock=immediate&_busy_timeout=5000")
	w.must(err)
	tx, err := db.Begin()
	w.must(err)
	return func() { _ = tx.Rollback(); _ = db.Close() }
}

func impatient(w *world) { w.wait = 100 * time.Millisecond }

// Where the intent cannot be written, no refresh is attempted.
func TestNoIntentNoRefresh(t *testing.T) {
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w, s, link := strictly(t, dir, impatient)
			over := c.make(w, dir)
			w.clock.advance(50 * time.Minute)
			w.wantCall(link, "with the living token")
			w.clock.advance(time.Hour)
			_, _, err := w.get(w.admin, link, "/me")
			wantCode(t, err, host.Unavailable, c.says)
			wantPresented(t, s, 0)
			over()
			w.wantCall(link, "afterwards")
			wantPresented(t, s, 1)
			w.wantStored(s)
			w.whole(dir)
		})
	}
}

// An answer that cannot be written is tried again until it can.
func TestAnswerIsWrittenWhenThereIsSpace(t *testing.T) {
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w, s, link := strictly(t, dir, impatient)
			s.meets(func(rw http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
				rec := act()
				over := c.make(w, dir)
				time.AfterFunc(500*time.Millisecond, over)
				write(rw, rec)
			})
			w.clock.advance(2 * time.Hour)
			w.wantCall(link, "after a while")
			s.meets(nil)
			wantPresented(t, s, 1)
			w.wantStored(s)
			w.wantCall(link, "again")
			wantPresented(t, s, 1)
			w.whole(dir)
		})
	}
}

// A refusal that cannot be written down is an unknown outcome: the token is
// kept back while its access token lives.
func TestRefusalThatCannotBeWritten(t *testing.T) {
	for _, c := range troubles {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w, s, link := strictly(t, dir, impatient)
			overs := make(chan func(), 1)
			s.meets(func(rw http.ResponseWriter, r *http.Request, act func() *httptest.ResponseRecorder) {
				overs <- c.make(w, dir)
				busy(rw, r, act)
			})
			w.clock.advance(50 * time.Minute)
			w.wantCall(link, "with the living token")
			(<-overs)()
			s.meets(nil)
			w.clock.advance(3 * time.Minute)
			w.wantCall(link, "with the living token, later")
			wantPresented(t, s, 1)
			w.clock.advance(time.Hour)
			if err := w.patiently(link); err != nil {
				t.Errorf("the last try: %v", err)
			}
			wantPresented(t, s, 2)
			w.wantStored(s)
		})
	}
}

package broker_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/seal"
)

// ills are the findings that are not well, a line each.
func (w *world) ills() string {
	w.t.Helper()
	var f host.Findings
	w.must(w.Diagnose(w.ctx, w.admin, &f))
	if len(f.List) < 10 {
		w.t.Errorf("only %d findings: %+v", len(f.List), f.List)
	}
	var lines []string
	for _, one := range f.List {
		if one.State != host.Well {
			lines = append(lines, strings.Join([]string{string(one.State), one.Check, one.Text, one.Hint}, " | "))
		}
	}
	return strings.Join(lines, "\n")
}

// ill holds that a line has all of the parts.
func (w *world) ill(parts ...string) {
	w.t.Helper()
	got := w.ills()
	for line := range strings.SplitSeq(got, "\n") {
		has := true
		for _, p := range parts {
			has = has && strings.Contains(line, p)
		}
		if has {
			return
		}
	}
	w.t.Errorf("nothing says %q:\n%s", parts, got)
}

// Design section 6: the doctor tells what is wrong with connections, whether or
// not a notice told it already.
func TestDiagnoseConnections(t *testing.T) {
	w := newWorld(t, t.TempDir())
	link := w.connect().LinkName
	if got := w.ills(); got != "" {
		t.Fatalf("a healthy store:\n%s", got)
	}
	other := w.more(1)[0]
	if got := w.ills(); got != "" {
		t.Fatalf("two connections:\n%s", got)
	}
	_, err := w.Revoke(w.ctx, w.admin, host.Development, other)
	w.must(err)
	w.ill("warning | connections | connection "+other+": it is not authorized", "connhost connection authorize "+other)
	w.authorize(w.admin, other)
	_, err = w.Delete(w.ctx, w.admin, other)
	w.must(err)
	w.stop(host.StopCalls, host.StopConnection, link)
	w.ill("warning | stops | connection "+link+" was stopped by ", "connhost stop --list")
	w.restore(host.StopCalls, host.StopConnection, link)

	w.clock.advance(3 * time.Hour)
	w.ill("warning | renewals | 1 authorizations should have been renewed", "connhost refresh --due")
	w.lab.EndAll()
	_, _ = w.Refresh(w.ctx, w.admin, host.Development, link)
	w.notices(host.NoticeReauth)
	w.ill("problem | authorizations | connection "+link+" (Ada Lovelace) needs authorizing: ", "connhost connection authorize "+link)
	w.clock.advance(2 * time.Hour)
	w.ill("warning | notices | 1 could not be sent yet", "connhost notices test")

	_, err = w.Disable(w.ctx, w.admin, "acme", "")
	w.must(err)
	w.ill("warning | connectors | version 1.0.0 of connector acme is disabled", "connhost connector publish acme --version 1.0.0")
}

// What is told of the store itself.
func TestDiagnoseStore(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	w.connect()
	w.clock.advance(-time.Hour)
	w.ill("problem | clock | the last record was written at ", "timedatectl")
	w.clock.advance(time.Hour)
	id, err := w.store.KeyID(w.ctx)
	w.must(err)
	key, err := seal.Open(filepath.Join(dir, "key.json"), id)
	w.must(err)
	_, err = key.Add()
	w.must(err)
	w.ill("warning | keys | 2 rows are sealed by the older key "+id, "connhost key rotate")
	_, err = w.RotateKey(w.ctx, w.admin, true)
	w.must(err)
	if got := w.ills(); got != "" {
		t.Errorf("after key rotate:\n%s", got)
	}
}

package host_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

// Rule 16: uses of a connection are noted in one bounded reference, and one
// that says nothing new is not.
func TestRule16ReferencesAreBounded(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var r host.Reference
	note := func(script string, env host.Environment, at time.Time) bool {
		return r.Note(script, "f", env, false, at)
	}
	if r.Used() || !note("a.dg", host.Production, now) || note("a.dg", host.Production, now.Add(59*time.Second)) {
		t.Error("the first use is new, and the same within a minute is not")
	}
	if !note("a.dg", host.Development, now) || !slices.Equal(r.Scripts[0].Environments, []host.Environment{host.Development, host.Production}) {
		t.Errorf("another environment: %+v", r)
	}
	if !note("a.dg", host.Production, now.Add(time.Minute)) || !r.First.Equal(now) || !r.Last.Equal(now.Add(time.Minute)) {
		t.Errorf("a minute later: %+v", r)
	}
	if !r.Note("a.dg", "f", host.Production, true, now.Add(time.Minute)) || !r.Scripts[0].Unattended {
		t.Errorf("unattended: %+v", r)
	}
	for i := range 2 * host.MaxScripts {
		note(fmt.Sprintf("%d.dg", i), host.Stage, now)
	}
	if len(r.Scripts) != host.MaxScripts || r.Scripts[0].Script != "99.dg" {
		t.Errorf("%d scripts, the first %+v", len(r.Scripts), r.Scripts[0])
	}
}

func TestApplicationNames(t *testing.T) {
	for name, ok := range map[string]bool{"default": true, "order-desk_2": true, "": false, "Orders": false, "2x": false, "a b": false} {
		if err := host.CheckApplicationName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

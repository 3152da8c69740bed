package main

import "testing"

// Every engine gives the same for every workload, so that what is compared is
// the same work.
func TestWorkloads(t *testing.T) {
	for _, w := range workloads() {
		for _, e := range engines() {
			if w.scripts[e.name] == "" {
				continue
			}
			if _, err := check(e, w); err != nil {
				t.Error(err)
			}
		}
		if w.scripts["connhost"] == "" || len(w.scripts) < 4 {
			t.Errorf("%s runs on %d engines", w.name, len(w.scripts))
		}
	}
}

package plugintest

import "github.com/connhost/connhost/host"

// Tamper changes the way out of a rehearsal, as no connector can.
func (r *Rehearsal) Tamper(change func(host.Egress) host.Egress) { r.out.way = change(r.out.way) }

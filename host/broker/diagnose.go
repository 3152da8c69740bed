package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/connhost/connhost/host"
)

// A diagnosis gathers what the store tells of what is wrong.
type diagnosis struct {
	*host.Findings
	b     *Broker
	sub   host.Subject
	noKey bool
}

const (
	mostOfACheck = 20               // findings; the rest is counted
	clockSlack   = time.Minute      // that two clocks may differ by
	unrenewed    = time.Hour        // after its due time somebody should have renewed
	recently     = endsSoon         // a notice that was given up is told of so long
	lastNotices  = 10 * mostNotices // are looked at
)

// Diagnose adds to out what the store tells of what is wrong, and what of it is
// well. It changes nothing. A check that cannot be done is a finding, and the
// others are done; so are those that need no key, where the store has none.
//
// It tells what Keys and VerifyAudit tell, and needs the rights of both.
func (b *Broker) Diagnose(ctx context.Context, sub host.Subject, out *host.Findings) error {
	for _, right := range []host.Right{host.ManageKeys, host.SeeAudit} {
		if err := sub.Require(right); err != nil {
			return err
		}
	}
	d := &diagnosis{Findings: out, b: b, sub: sub}
	for _, c := range []struct {
		name string
		look func(context.Context, string, host.Tx) error
	}{
		{"audit chain", d.recorded}, {"keys", d.keys}, {"clock", d.clock},
		{"connections", d.unfit}, {"authorizations", d.ailing}, {"authorizations", d.unused}, {"renewals", d.overdue},
		{"connectors", d.disabled}, {"signatures", d.unsigned},
		{"residency", d.crossing}, {"stops", d.stops}, {"notices", d.unsent},
	} {
		if err := b.Store.View(ctx, func(tx host.Tx) error { return c.look(ctx, c.name, tx) }); err != nil {
			if ctx.Err() != nil {
				return err
			}
			d.Fail(c.name, err)
		}
	}
	return nil
}

// recorded walks the audit chain and holds the rows against it.
func (d *diagnosis) recorded(ctx context.Context, check string, tx host.Tx) error {
	r, err := tx.Audit().Verify(ctx)
	d.noKey = r.NoKey
	if err != nil {
		return err
	}
	const verify = "see what each means and what to do: connhost audit verify"
	judge := func(kind host.FaultKind, check, bad, well string, args ...any) {
		n := r.Counts[kind]
		if n == 0 {
			d.Well(check, well, args...)
			return
		}
		text := fmt.Sprintf("%d %s", n, bad)
		for _, f := range r.Faults {
			if f.Kind == kind {
				text += ", the first: " + f.What
				break
			}
		}
		d.Bad(check, verify, "%s", text)
	}
	judge(host.FaultChain, check, "faults", "%d records are good", r.Records)
	if r.NoKey {
		d.Skip("sealed rows", "without the key nobody knows whether they open")
	} else {
		judge(host.FaultSealed, "sealed rows", "do not open", "%d open", r.Sealed)
	}
	judge(host.FaultRow, "stored rows", "are not what the records say", "%d are what the records say", r.Rows)
	judge(host.FaultFile, "connector files", "do not have their hash", "%d have their hash", r.Files)
	if n := len(r.Earlier); n > 0 {
		d.Warn("stored rows", verify, "%d had been altered beside connhost when an act wrote over them", n)
	}
	return nil
}

// keys looks for rows that another key than the present one has sealed.
func (d *diagnosis) keys(ctx context.Context, check string, _ host.Tx) error {
	if d.noKey {
		d.Skip(check, "without the key file nobody knows which keys open")
		return nil
	}
	uses, err := d.b.Keys(ctx, d.sub)
	if err != nil {
		return err
	}
	well := true
	for _, k := range uses {
		switch {
		case k.Primary || k.Rows == 0:
			continue
		case k.Present:
			d.Warn(check, "seal them with the present key: connhost key rotate", "%d rows are sealed by the older key %s", k.Rows, k.ID)
		case k.ID == "":
			d.Bad(check, "see which: connhost audit verify", "%d rows are sealed by no key that there is", k.Rows)
		default:
			d.Bad(check, "bring the key file that has it, or put the store back from a backup", "%d rows are sealed by the key %s, which the key file does not have", k.Rows, k.ID)
		}
		well = false
	}
	if well {
		d.Well(check, "every row is sealed by the present key, %s", uses[0].ID)
	}
	return nil
}

// clock holds this machine's clock against the last record.
func (d *diagnosis) clock(ctx context.Context, check string, tx host.Tx) error {
	now := d.b.Now()
	var last time.Time
	err := tx.Audit().Each(ctx, host.AuditQuery{Last: 1, States: true}, func(r host.Record) error { last = r.At; return nil })
	switch ahead := last.Sub(now); {
	case err != nil:
		return err
	case ahead > clockSlack:
		d.Bad(check, "see it and set it right: timedatectl", "the last record was written at %s, and the clock says %s: it was set back, or was wrong then",
			moment(last), moment(now))
	default:
		d.Well(check, "it is after the last record")
	}
	return nil
}

// stops tells what is held back.
func (d *diagnosis) stops(ctx context.Context, check string, tx host.Tx) error {
	list, err := tx.Stops().List(ctx)
	if err != nil {
		return err
	}
	return some(d, check, list, "nothing is stopped or read-only", func(s host.Stop) error {
		text, err := stopSentence(ctx, tx, s)
		if err == nil {
			d.Warn(check, "see what that holds back, and how to take it back: connhost stop --list", "%s", text)
		}
		return err
	})
}

// unsent tells of notices that the webhook did not take.
func (d *diagnosis) unsent(ctx context.Context, check string, tx host.Tx) error {
	list, err := tx.Notices().List(ctx, lastNotices)
	if err != nil {
		return err
	}
	failing, lost := 0, 0
	for _, n := range list {
		switch {
		case n.State == host.NoticePending && (n.Attempts > 0 || d.b.Now().Sub(n.At) > unrenewed):
			failing++
		case n.State == host.NoticeGivenUp && d.b.Now().Sub(n.At) < recently:
			lost++
		}
	}
	const try = "read them with connhost notices list, and try the webhook: connhost notices test"
	if failing > 0 {
		d.Warn(check, try, "%d could not be sent yet", failing)
	}
	if lost > 0 {
		d.Warn(check, try, "%d of the last days were given up", lost)
	}
	if failing+lost == 0 {
		d.Well(check, "none waits to be sent")
	}
	return nil
}

// some calls tell with the first of a list, counts the rest, and adds what is
// said of none.
func some[T any](d *diagnosis, check string, list []T, none string, tell func(T) error) error {
	if len(list) == 0 {
		d.Well(check, "%s", none)
	}
	for i, one := range list {
		if i == mostOfACheck {
			d.Warn(check, "", "and %d more", len(list)-i)
			break
		}
		if err := tell(one); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
)

const (
	doRestore  = "compare with a backup; put the store back if you do not know who did it, then: connhost audit verify"
	doRow      = "look at it and set it anew if it is wrong; who could write the store's file is who could do this"
	meansChain = "somebody has written the file beside connhost, or it is damaged: nothing behind this record is proven"
)

// Verify looks at one state of the store, and keeps a record and a row at a
// time. Of a store that was not unlocked it does what needs no key.
func (a audit) Verify(ctx context.Context) (host.AuditReport, error) {
	v := verifier{tx: a.tx}
	steps := []func(context.Context) error{v.chain, v.end, v.sealed, v.states, v.files}
	if v.report.NoKey = v.store.sealer.Load() == nil; v.report.NoKey {
		steps = []func(context.Context) error{v.chain, v.states, v.files}
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return v.report, err
		}
	}
	return v.report, nil
}

// A verifier gathers what is not as it was recorded.
type verifier struct {
	*tx
	report host.AuditReport
	broken bool
	last   int64 // the number of the last record, good or not
}

// chain follows the hashes. A record behind a broken one may be good and is not
// counted: nothing proves it.
func (v *verifier) chain(ctx context.Context) error {
	read := func(scan scanner) (stored, error) {
		r, err := readRecord(scan)
		if err != nil && r.Seq == 0 {
			return stored{}, err
		}
		return stored{r, err}, nil
	}
	return each(ctx, v.tx, read, func(s stored) error {
		r, before := s.Record, v.last
		v.last = r.Seq
		switch {
		case v.broken:
		case r.Seq != before+1:
			v.breaks(host.AuditFault{Kind: host.FaultChain, Seq: before + 1, Object: r.Object, Means: meansChain, Do: doRestore,
				What: fmt.Sprintf("record %d is missing: %d stands where it should", before+1, r.Seq)})
		case s.err != nil || chainHash(v.report.Head, r) != r.Hash:
			v.breaks(host.AuditFault{Kind: host.FaultChain, Seq: r.Seq, Object: r.Object, Means: meansChain, Do: doRestore,
				What: fmt.Sprintf("record %d was altered, or stands in another's place", r.Seq)})
		default:
			v.report.Records, v.report.Head = v.report.Records+1, r.Hash
			if r.Act == host.ActState && r.Detail["altered"] != "" {
				v.report.AddEarlier(host.AuditFault{Seq: r.Seq, Object: r.Object,
					What:  fmt.Sprintf("%s had been altered beside connhost when it was written at %s", r.Object, r.At.Format(time.RFC3339)),
					Means: "an act has written over the row since, and may have kept a part of what was altered", Do: doRow})
			}
		}
		return nil
	}, "select "+auditColumns+" from audit order by seq")
}

// A stored record may hold what cannot be read.
type stored struct {
	host.Record
	err error
}

func (v *verifier) breaks(f host.AuditFault) {
	v.broken = true
	v.report.Add(f)
}

// end holds the last record against the sealed head.
func (v *verifier) end(ctx context.Context) error {
	seq, hash, err := v.head(ctx)
	f := host.AuditFault{Kind: host.FaultChain, Do: doRestore, Means: "the end of the chain is sealed with the key: somebody without it has cut the chain or written on"}
	switch {
	case err != nil && host.CodeOf(err) != host.Unavailable:
		return err
	case err != nil:
		f.What = "the sealed end of the chain was altered"
	case seq == 0 && v.last > 0:
		f.What = "the sealed end of the chain is missing"
	case v.last < seq:
		f.Seq, f.What = v.last+1, fmt.Sprintf("the chain was cut: it ends with record %d and must end with %d", v.last, seq)
	case v.last > seq:
		f.Seq, f.What = seq+1, fmt.Sprintf("records were put in: the chain must end with record %d and ends with %d", seq, v.last)
	case !v.broken && seq > 0 && v.report.Head != hash:
		f.Seq, f.What = seq, "the chain was made anew: its last record is not the one that was sealed"
	}
	if f.What != "" {
		v.report.Add(f)
	}
	return nil
}

// many is how many rows are read at a time.
const many = 200

// ids gives the next keys of a table.
func (v *verifier) ids(ctx context.Context, table, key, after string) ([]string, error) {
	read := func(scan scanner) (id string, err error) { return id, scan(&id) }
	return list(ctx, v.tx, read, "select "+key+" from "+table+" where "+key+" > ? order by "+key+" limit ?", after, many)
}

// every calls f with each key of a table.
func (v *verifier) every(ctx context.Context, table, key string, f func(id string) error) error {
	for after := ""; ; {
		ids, err := v.ids(ctx, table, key, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := f(id); err != nil {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}

// sealed opens what is sealed, and drops it.
func (v *verifier) sealed(ctx context.Context) error {
	opens := func(object string, err error) error {
		e, ours := errors.AsType[*host.Error](err)
		switch {
		case err == nil:
			v.report.Sealed++
		case ours && e.Code == host.Unavailable:
			v.report.Add(host.AuditFault{Kind: host.FaultSealed, Object: object, What: "the sealed row of " + object + " does not open, or is of another time than the chain says",
				Means: "it was altered, swapped, or put back from an older copy; connhost does not use it",
				Do:    "put the store back from a backup, or authorize it anew"})
		default:
			return err
		}
		return nil
	}
	err := v.every(ctx, "authorizations", "id", func(id string) error {
		_, err := authorizations{v.tx}.Open(ctx, host.AuthorizationID(id))
		return opens(id, err)
	})
	if err != nil {
		return err
	}
	return v.every(ctx, "credentials", "id", func(id string) error {
		_, err := credentials{v.tx}.Secret(ctx, host.CredentialID(id))
		return opens(id, err)
	})
}

// states holds the open columns against the chain, both ways: rows that the
// chain does not know, and those that it knows and that are not there.
func (v *verifier) states(ctx context.Context) error {
	for table, b := range boundTables {
		err := v.every(ctx, table, b.key, func(id string) error {
			v.report.Rows++
			return v.compare(ctx, row{table, id})
		})
		if err != nil {
			return err
		}
		if err := v.missing(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) compare(ctx context.Context, r row) error {
	now, err := v.state(ctx, r)
	if err != nil {
		return err
	}
	was, err := v.lastState(ctx, r)
	if err != nil || now == was {
		return err
	}
	f := host.AuditFault{Kind: host.FaultRow, Object: r.object(), Do: doRow, What: r.object() + " was altered beside connhost",
		Means: "an open column of the row, such as a host, an owner or a manifest, is not what the last act that changed it left"}
	if was == gone {
		f.What, f.Means = r.object()+" was put in beside connhost", "no act has made this row, or one has deleted it"
	}
	v.report.Add(f)
	return nil
}

// missing looks for rows that were taken out.
func (v *verifier) missing(ctx context.Context, table string) error {
	read := func(scan scanner) (object string, err error) { return object, scan(&object) }
	for after := table + "/"; ; {
		objects, err := list(ctx, v.tx, read, "select distinct object from audit where object > ? and object < ? order by object limit ?",
			after, table+"0", many) // '0' follows '/'
		if err != nil || len(objects) == 0 {
			return err
		}
		for _, object := range objects {
			r := row{table, strings.TrimPrefix(object, table+"/")}
			was, err := v.lastState(ctx, r)
			if err != nil {
				return err
			}
			if was == gone {
				continue
			}
			now, err := v.state(ctx, r)
			if err != nil {
				return err
			}
			if now == gone {
				v.report.Add(host.AuditFault{Kind: host.FaultRow, Object: object, Do: doRestore, What: object + " was taken out beside connhost",
					Means: "no act has deleted this row, and it is not there"})
			}
		}
		after = objects[len(objects)-1]
	}
}

// files holds the code of connectors against its hash, a file at a time.
func (v *verifier) files(ctx context.Context) error {
	return v.every(ctx, "files", "hash", func(hash string) error {
		_, err := connectors{v.tx}.File(ctx, hash)
		if err == nil {
			v.report.Files++
		}
		if host.CodeOf(err) != host.Unavailable {
			return err
		}
		v.report.Add(host.AuditFault{Kind: host.FaultFile, Object: hash, What: fmt.Sprintf("the code of the connector %.12s was altered", hash),
			Means: "its bytes do not have its hash; connhost does not run it", Do: "install the connector again: connhost connector install FILE"})
		return nil
	})
}

package hosttest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
)

func aNotice(kind host.NoticeKind, object, episode string, at time.Time) host.Notice {
	return host.Notice{ID: host.NewNoticeID(), Kind: kind, Object: object, Episode: episode, At: at, State: host.NoticeSent,
		Attempts: 1, NextTry: at, Content: host.NoticeContent{Message: "told", Connections: []string{"acme_1"}}}
}

// testNotices: each event once, and those to be sent when they are due.
func testNotices(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	one, two := aNotice(host.NoticeReauth, "aut_1", "1", noon), aNotice(host.NoticeReauth, "aut_1", "2", noon)
	one.State, one.NextTry = host.NoticePending, noon.Add(time.Minute)
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for _, n := range []host.Notice{one, two} {
			isNew, err := tx.Notices().Put(ctx, n)
			same(t, "put", isNew, true, err)
		}
		again := one
		again.ID = host.NewNoticeID()
		isNew, err := tx.Notices().Put(ctx, again)
		same(t, "put again", isNew, false, err)
		return nil
	})
	pending := func(at time.Time, want ...host.Notice) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx host.Tx) error {
			got, err := tx.Notices().Pending(ctx, at, 10)
			same(t, "pending", got, want, err)
			return nil
		})
	}
	pending(noon)
	pending(noon.Add(time.Minute), one)
	sent := one
	sent.State, sent.Attempts = host.NoticeSent, 4
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Notices().Save(ctx, sent) })
	pending(noon.Add(time.Hour))
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Notices().List(ctx, 10)
		same(t, "list", got, []host.Notice{sent, two}, err)
		got, err = tx.Notices().List(ctx, 1)
		same(t, "the last", got, []host.Notice{two}, err)
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Notices().Delete(ctx, one.ID) })
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Notices().Delete(ctx, one.ID) })
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Notices().Save(ctx, one) })
}

// testOutlivedNotices: old ones go when their event is over, and no others.
func testOutlivedNotices(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	a := AnAuthorization(1)
	off, _ := aConnector("off", 1)
	on, _ := aConnector("on", 1)
	off.Stage, on.Stage = host.DisabledConnector, host.Published
	old := noon.Add(-time.Hour)
	stands := []host.Notice{
		aNotice(host.NoticeReauth, string(a.ID), "1", old),
		aNotice(host.NoticeEnding, string(a.ID), strconv.FormatInt(a.RefreshExpires.UnixMilli(), 10), old),
		aNotice(host.NoticeDisabled, off.Hash, "7", old),
		aNotice(host.NoticeReauth, "aut_new", "1", noon),
	}
	waits := aNotice(host.NoticeReauth, "aut_gone", "1", old)
	waits.State = host.NoticePending
	over := []host.Notice{
		aNotice(host.NoticeReauth, "aut_none", "1", old.Add(-time.Hour)),
		aNotice(host.NoticeReauth, string(a.ID), "0", old),
		aNotice(host.NoticeDisabled, on.Hash, "7", old.Add(time.Minute)),
	}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		for _, c := range []host.Connector{off, on} {
			if err := tx.Connectors().Insert(ctx, c, nil); err != nil {
				return err
			}
		}
		for _, n := range append(append(stands, waits), over...) {
			if _, err := tx.Notices().Put(ctx, n); err != nil {
				return err
			}
		}
		return tx.Authorizations().Insert(ctx, a, host.Secrets{}, aRecord(host.ActAuthorize))
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.Notices().Outlived(ctx, noon, 10)
		same(t, "outlived", got, []host.NoticeID{over[0].ID, over[1].ID, over[2].ID}, err)
		got, err = tx.Notices().Outlived(ctx, noon, 1)
		same(t, "the oldest", got, []host.NoticeID{over[0].ID}, err)
		return nil
	})
}

package store

import (
	"context"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
)

type notices struct{ *tx }

var _ host.Notices = notices{}

const noticeColumns = "id, kind, object, episode, at, content, state, attempts, next_try"

func readNotice(scan scanner) (n host.Notice, err error) {
	err = scan(&n.ID, &n.Kind, &n.Object, &n.Episode, moment{&n.At}, fromJSON{&n.Content}, &n.State, &n.Attempts, moment{&n.NextTry})
	return n, err
}

func (ns notices) Put(ctx context.Context, n host.Notice) (bool, error) {
	rows, err := ns.exec(ctx, "insert into notices ("+noticeColumns+`) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (kind, object, episode) do nothing`,
		string(n.ID), string(n.Kind), n.Object, n.Episode, millis(n.At), toJSON(n.Content), string(n.State), n.Attempts, millis(n.NextTry))
	return rows == 1, ns.store.fault("insert", err)
}

func (ns notices) Save(ctx context.Context, n host.Notice) error {
	return ns.change(ctx, nil, "update notices set state = ?, attempts = ?, next_try = ? where id = ?",
		string(n.State), n.Attempts, millis(n.NextTry), string(n.ID))
}

func (ns notices) Pending(ctx context.Context, now time.Time, limit int) ([]host.Notice, error) {
	return list(ctx, ns.tx, readNotice, "select "+noticeColumns+
		" from notices where state = 'pending' and next_try <= ? order by next_try, id limit ?", millis(now), limit)
}

func (ns notices) List(ctx context.Context, n int) ([]host.Notice, error) {
	last, err := list(ctx, ns.tx, readNotice, "select "+noticeColumns+" from notices order by id desc limit ?", n)
	slices.Reverse(last)
	return last, err
}

// Ailing asks for those without a notice of their present secrets, so that what
// was told of long ago costs nothing but its look-up. It says the conditions of
// the indexes authorizations_ailing and authorizations_ending as they say them.
func (ns notices) Ailing(ctx context.Context, before time.Time, told bool, limit int) ([]host.Authorization, error) {
	const bound = "exists (select 1 from bindings where authorization_id = authorizations.id and disabled = 0)"
	sick, err := list(ctx, ns.tx, readAuthorization, "select "+authorizationColumns+` from authorizations
		where state in ('needs_reauthorization', 'expiring') and (state = 'needs_reauthorization' or token_expires <= ?)
		and (? or not exists (select 1 from notices where object = authorizations.id and episode = cast(authorizations.secret_version as text)
			and kind = case authorizations.state when 'expiring' then ? else ? end))
		and `+bound+" order by id limit ?", millis(before), told, string(host.NoticeEnding), string(host.NoticeReauth), limit)
	if err != nil {
		return nil, err
	}
	ending, err := list(ctx, ns.tx, readAuthorization, "select "+authorizationColumns+` from authorizations
		where refresh_expires > 0 and refresh_slides = 0 and state = 'connected' and refresh_expires <= ?
		and (? or not exists (select 1 from notices where kind = ? and object = authorizations.id
			and episode = cast(authorizations.refresh_expires as text)))
		and `+bound+" order by refresh_expires, id limit ?", millis(before), told, string(host.NoticeEnding), limit)
	return append(sick, ending...), err
}

// Outlived looks at old ones only, by the index notices_told. Of those it passes
// over the ones whose event still stands; an authorization or a connector has
// few of them. An episode is the version of the secrets or the end of the
// refresh token, see the broker.
func (ns notices) Outlived(ctx context.Context, before time.Time, limit int) ([]host.NoticeID, error) {
	read := func(scan scanner) (id host.NoticeID, err error) { return id, scan(&id) }
	return list(ctx, ns.tx, read, `select id from notices where state <> 'pending' and at < ?
		and not exists (select 1 from authorizations where authorizations.id = notices.object and state <> 'revoked'
			and notices.episode in (cast(secret_version as text), cast(refresh_expires as text)))
		and not exists (select 1 from connectors where connectors.hash = notices.object and stage = 'disabled')
		order by at, id limit ?`, millis(before), limit)
}

func (ns notices) Delete(ctx context.Context, id host.NoticeID) error {
	return ns.change(ctx, nil, "delete from notices where id = ?", string(id))
}

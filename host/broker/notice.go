package broker

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/connhost/connhost/host"
)

const (
	endsSoon    = 7 * 24 * time.Hour // an authorization that ends within this is told of
	failsOften  = 3                  // refreshes that failed one after the other
	overdue     = time.Minute        // past its due time, a refresh may have failed
	mostNotices = 200                // in one look
	// keptNotice is how long a notice is kept whose event is over. One whose event
	// stands is the marker that it was told, and stays; one that is pending stays
	// until it was sent or given up.
	keptNotice = 90 * 24 * time.Hour
)

// Notice looks for events that need a person, keeps those that were not noticed
// before, and gives them. With send they wait for SendNotices. Each event is
// given once, whichever process looks. Notices that are old, and whose event is
// over, go.
func (b *Broker) Notice(ctx context.Context, sub host.Subject, send bool) ([]host.Notice, error) {
	if err := sub.Require(host.RenewForAll); err != nil {
		return nil, err
	}
	l := look{b: b, now: b.Now()}
	before := l.now.Add(-keptNotice)
	outlived, err := view(ctx, b, func(tx host.Tx) ([]host.NoticeID, error) {
		l.tx = tx
		if err := l.all(ctx); err != nil {
			return nil, err
		}
		return tx.Notices().Outlived(ctx, before, mostNotices)
	})
	if err != nil || len(l.found)+len(outlived) == 0 {
		return nil, err
	}
	return update(ctx, b, func(tx host.Tx) ([]host.Notice, error) {
		if err := dropOutlived(ctx, tx, before); err != nil {
			return nil, err
		}
		var fresh []host.Notice
		for _, n := range l.found {
			n.State = host.NoticeShown
			if send {
				n.State, n.NextTry = host.NoticePending, n.At
			}
			isNew, err := tx.Notices().Put(ctx, n)
			if err != nil {
				return nil, err
			}
			if isNew {
				fresh = append(fresh, n)
			}
		}
		return fresh, nil
	})
}

// dropOutlived asks again: another process may have been faster, or the event
// may have come back.
func dropOutlived(ctx context.Context, tx host.Tx, before time.Time) error {
	ids, err := tx.Notices().Outlived(ctx, before, mostNotices)
	for _, id := range ids {
		if err := tx.Notices().Delete(ctx, id); err != nil {
			return err
		}
	}
	return err
}

// A look gathers events. Those that were noticed already may be among them.
type look struct {
	b     *Broker
	tx    host.Tx
	now   time.Time
	told  bool // those that were noticed already are all among them
	found []host.Notice
}

func (l *look) all(ctx context.Context) error {
	for _, step := range []func(context.Context) error{l.ailing, l.failing, l.disabled} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) add(kind host.NoticeKind, object, episode string, c host.NoticeContent) {
	c.Message, c.Hint, c.Account = l.b.Redactor.Text(c.Message), l.b.Redactor.Text(c.Hint), l.b.Redactor.Text(c.Account)
	l.found = append(l.found, host.Notice{ID: host.NewNoticeID(), Kind: kind, Object: object, Episode: episode, At: l.now, Content: c})
}

// content is what every notice of an authorization tells; without a connection
// that it serves nobody has to be told.
func (l *look) content(ctx context.Context, a host.Authorization) (c host.NoticeContent, used bool, err error) {
	c = host.NoticeContent{Connector: a.Connector, Account: a.AccountLabel}
	uses, err := l.tx.Bindings().OfAuthorization(ctx, a.ID)
	if err != nil {
		return c, false, err
	}
	for _, bind := range uses {
		if bind.Disabled {
			continue
		}
		con, err := l.tx.Connections().Find(ctx, bind.Connection)
		if err != nil {
			return c, false, err
		}
		if !slices.Contains(c.Connections, con.LinkName) {
			c.Connections = append(c.Connections, con.LinkName)
		}
	}
	if len(c.Connections) == 0 {
		return c, false, nil
	}
	c.Hint = "connhost connection authorize " + c.Connections[0]
	owner, err := l.tx.Users().Find(ctx, a.Owner)
	if absent(err) {
		err = nil
	}
	c.Owner = owner.Login
	return c, true, err
}

func (l *look) ailing(ctx context.Context) error {
	list, err := l.tx.Notices().Ailing(ctx, l.now.Add(endsSoon), l.told, mostNotices)
	if err != nil {
		return err
	}
	for _, a := range list {
		c, used, err := l.content(ctx, a)
		if err != nil {
			return err
		}
		if !used {
			continue
		}
		name := fmt.Sprintf("connection %s (%s)", c.Connections[0], a.AccountLabel)
		episode := strconv.FormatInt(a.SecretVersion, 10)
		switch a.State {
		case host.NeedsReauth:
			c.Message = name + " needs authorizing: " + a.Reason
			if a.Reason == refusedClient && a.Credential != "" {
				client, err := l.tx.Credentials().Find(ctx, a.Credential)
				if err != nil && !absent(err) {
					return err
				}
				if err == nil {
					c.Hint = secretCommand(client)
				}
			}
			l.add(host.NoticeReauth, string(a.ID), episode, c)
		case host.Expiring:
			c.Ends = moment(a.TokenExpires)
			c.Message = fmt.Sprintf("%s ends at %s and cannot be renewed: %s", name, c.Ends, a.Reason)
			l.add(host.NoticeEnding, string(a.ID), episode, c)
		default:
			c.Ends = moment(a.RefreshExpires)
			c.Message = fmt.Sprintf("%s ends at %s, when its refresh token does, whatever is done", name, c.Ends)
			l.add(host.NoticeEnding, string(a.ID), strconv.FormatInt(a.RefreshExpires.UnixMilli(), 10), c)
		}
	}
	return nil
}

// failing looks at what should have been renewed and was not: the audit records
// tell how often it was tried.
func (l *look) failing(ctx context.Context) error {
	list, err := l.tx.Authorizations().Due(ctx, l.now.Add(-overdue), mostNotices)
	if err != nil {
		return err
	}
	for _, a := range list {
		records, err := l.tx.Audit().Last(ctx, string(a.ID), 4*failsOften)
		if err != nil {
			return err
		}
		failed, reason := 0, ""
		for _, r := range records {
			switch r.Act {
			case host.ActRefresh, host.ActAuthorize:
				failed = 0
			case host.ActRefreshFailed:
				failed, reason = failed+1, r.Detail["reason"]
			}
		}
		if failed < failsOften {
			continue
		}
		c, used, err := l.content(ctx, a)
		if err != nil {
			return err
		}
		if used {
			c.Hint = "connhost connection history " + c.Connections[0]
			c.Message = fmt.Sprintf("connection %s (%s) could not be renewed %d times: %s", c.Connections[0], a.AccountLabel, failed, reason)
			l.add(host.NoticeFailing, string(a.ID), strconv.FormatInt(a.SecretVersion, 10), c)
		}
	}
	return nil
}

func (l *look) disabled(ctx context.Context) error {
	versions, err := l.tx.Connectors().List(ctx, "")
	if err != nil {
		return err
	}
	versions = slices.DeleteFunc(versions, func(c host.Connector) bool { return c.Stage != host.DisabledConnector })
	if len(versions) == 0 {
		return nil
	}
	all, err := l.tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	for _, v := range versions {
		of := slices.DeleteFunc(slices.Clone(all), func(c host.Connection) bool { return c.ConnectorHash != v.Hash })
		if len(of) == 0 {
			continue
		}
		records, err := l.tx.Audit().Last(ctx, v.ID, 50)
		if err != nil {
			return err
		}
		episode := "0"
		for _, r := range records {
			if r.Act == host.ActConnectorDisable && r.Detail["hash"] == v.Hash {
				episode = strconv.FormatInt(r.Seq, 10)
			}
		}
		names := links(of)
		c := host.NoticeContent{Connections: names[:min(len(names), 100)], Connector: v.ID,
			Message: fmt.Sprintf("version %s of connector %s is disabled, and %d connections use it", v.Version(), v.ID, len(names)),
			Hint:    "connhost connector publish " + v.ID + " --version " + v.Version()}
		if len(names) == 1 {
			c.Message = fmt.Sprintf("version %s of connector %s is disabled, and connection %s uses it", v.Version(), v.ID, names[0])
		}
		l.add(host.NoticeDisabled, v.Hash, episode, c)
	}
	return nil
}

// Notices lists the last notices.
func (b *Broker) Notices(ctx context.Context, sub host.Subject, last int) ([]host.Notice, error) {
	if err := sub.Require(host.SeeAudit); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]host.Notice, error) { return tx.Notices().List(ctx, last) })
}

package hosttest

import (
	"context"
	"fmt"
	"testing"

	"github.com/connhost/connhost/host"
)

func anApplication(n int) host.Application {
	return host.Application{ID: host.NewApplicationID(), Name: fmt.Sprintf("app-%d", n), CreatedBy: host.NewUserID(), CreatedAt: after(n)}
}

// testApplications: the default one is there from the beginning; names are
// unique.
func testApplications(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	first := host.Application{ID: host.DefaultApplicationID, Name: host.DefaultApplication}
	one, two := anApplication(1), anApplication(2)
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Applications().List(ctx)
		same(t, "a fresh store", all, []host.Application{first}, err)
		return nil
	})
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Applications().Insert(ctx, two); err != nil {
			return err
		}
		return tx.Applications().Insert(ctx, one)
	})
	for _, change := range []func(*host.Application){
		func(a *host.Application) { a.Name = one.Name },
		func(a *host.Application) { a.ID = one.ID },
	} {
		refused(t, s, host.Conflict, func(ctx context.Context, tx host.Tx) error {
			third := anApplication(3)
			change(&third)
			return tx.Applications().Insert(ctx, third)
		})
	}
	update(t, s, func(ctx context.Context, tx host.Tx) error { return tx.Applications().Delete(ctx, one.ID) })
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		all, err := tx.Applications().List(ctx)
		same(t, "list", all, []host.Application{first, two}, err)
		got, err := tx.Applications().FindName(ctx, two.Name)
		same(t, "find by name", got, two, err)
		_, err = tx.Applications().FindName(ctx, one.Name)
		notFound(t, "a deleted one", err)
		return nil
	})
	refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.Applications().Delete(ctx, one.ID) })
}

// testReferences: one row for each pair, which goes with either of the two.
func testReferences(t *testing.T, c StoreCase) {
	s := c.fresh(t)
	app, one, two := anApplication(1), AConnection(1), AConnection(2)
	used := host.Reference{
		Application: app.ID, Connection: one.ID, First: after(1), Last: after(2),
		Scripts: []host.ScriptUse{{Script: "a.dg", Function: "Zoë", Environments: []host.Environment{host.Stage}, Unattended: true, Last: after(2)}},
	}
	denied := host.Reference{Application: app.ID, Connection: two.ID, Denied: true}
	other := host.Reference{Application: host.DefaultApplicationID, Connection: one.ID, Denied: true}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Applications().Insert(ctx, app); err != nil {
			return err
		}
		for _, con := range []host.Connection{one, two} {
			if err := tx.Connections().Insert(ctx, con); err != nil {
				return err
			}
		}
		for _, r := range []host.Reference{{Application: app.ID, Connection: one.ID}, denied, used, other} {
			if err := tx.References().Put(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(ctx context.Context, tx host.Tx) error {
		got, err := tx.References().Find(ctx, app.ID, one.ID)
		same(t, "find", got, used, err)
		list, err := tx.References().OfApplication(ctx, app.ID)
		same(t, "of an application", list, []host.Reference{used, denied}, err)
		list, err = tx.References().OfConnection(ctx, one.ID)
		same(t, "of a connection", list, []host.Reference{other, used}, err)
		_, err = tx.References().Find(ctx, host.DefaultApplicationID, two.ID)
		notFound(t, "no reference", err)
		return nil
	})
	for _, r := range []host.Reference{{Application: "app_none", Connection: one.ID}, {Application: app.ID, Connection: "con_none"}} {
		refused(t, s, host.NotFound, func(ctx context.Context, tx host.Tx) error { return tx.References().Put(ctx, r) })
	}
	update(t, s, func(ctx context.Context, tx host.Tx) error {
		if err := tx.Connections().Delete(ctx, two.ID); err != nil {
			return err
		}
		list, err := tx.References().OfApplication(ctx, app.ID)
		same(t, "after a connection was deleted", list, []host.Reference{used}, err)
		if err := tx.Applications().Delete(ctx, app.ID); err != nil {
			return err
		}
		list, err = tx.References().OfConnection(ctx, one.ID)
		same(t, "after an application was deleted", list, []host.Reference{other}, err)
		return nil
	})
}

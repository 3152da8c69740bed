package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/hosttest"
	"github.com/connhost/connhost/host/store"
)

// filled gives a store with n connections, each with an authorization.
func filled(b *testing.B, n int) *store.Store {
	b.Helper()
	s := open(b, b.TempDir())
	ctx := context.Background()
	err := s.Update(ctx, func(tx host.Tx) error {
		for i := range n {
			c, a := hosttest.AConnection(i), hosttest.AnAuthorization(i)
			if err := tx.Connections().Insert(ctx, c); err != nil {
				return err
			}
			if err := tx.Authorizations().Insert(ctx, a, hosttest.SomeSecrets("word"), host.Record{Act: host.ActAuthorize}); err != nil {
				return err
			}
			b := host.Binding{ID: host.NewBindingID(), Connection: c.ID, Environment: host.Shared, Authorization: a.ID}
			if err := tx.Bindings().Put(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// find is what one call through a connection reads.
func find(ctx context.Context, tx host.Tx, link string) error {
	c, err := tx.Connections().FindLink(ctx, link)
	if err != nil {
		return err
	}
	binding, err := tx.Bindings().Find(ctx, c.ID, host.Shared, "")
	if err != nil {
		return err
	}
	if _, err := tx.Authorizations().Find(ctx, binding.Authorization); err != nil {
		return err
	}
	_, err = tx.Authorizations().Open(ctx, binding.Authorization)
	return err
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) {
			s := filled(b, n)
			ctx, i := context.Background(), 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				link := fmt.Sprintf("acme_%d", i*7919%n)
				if err := s.View(ctx, func(tx host.Tx) error { return find(ctx, tx, link) }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGeneration(b *testing.B) {
	s := filled(b, 10)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Generation(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGenerationParallel(b *testing.B) {
	s := filled(b, 10)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Generation(context.Background()); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRefresh is the writing half of a refresh: three durable commits.
func BenchmarkRefresh(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) {
			s := filled(b, n)
			ctx := context.Background()
			var all []host.Authorization
			if err := s.View(ctx, func(tx host.Tx) (err error) { all, err = tx.Authorizations().List(ctx, "acme"); return err }); err != nil {
				b.Fatal(err)
			}
			id := all[len(all)/2].ID
			for b.Loop() {
				refresh(b, s, id)
			}
		})
	}
}

func refresh(b *testing.B, s *store.Store, id host.AuthorizationID) {
	ctx := context.Background()
	for step := range 3 { // lease, intent, answer
		err := s.Update(ctx, func(tx host.Tx) error {
			a, err := tx.Authorizations().Find(ctx, id)
			if err != nil {
				return err
			}
			if err := tx.Authorizations().Save(ctx, a); err != nil || step < 2 {
				return err
			}
			return tx.Authorizations().Seal(ctx, id, hosttest.SomeSecrets("next"), host.Record{Act: host.ActRefresh})
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenCredential opens one sealed client credential.
func BenchmarkOpenCredential(b *testing.B) {
	s := open(b, b.TempDir())
	ctx := context.Background()
	c := host.ClientCredential{ID: host.NewCredentialID(), Connector: "acme", Name: "Acme", ClientID: "client-1", CreatedBy: host.NewUserID()}
	err := s.Update(ctx, func(tx host.Tx) error {
		return tx.Credentials().Insert(ctx, c, host.NewSecret("a-client-secret-of-the-usual-length"), host.Record{Act: host.ActAuthorize})
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		err := s.View(ctx, func(tx host.Tx) error { _, err := tx.Credentials().Secret(ctx, c.ID); return err })
		if err != nil {
			b.Fatal(err)
		}
	}
}

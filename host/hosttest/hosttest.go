// Package hosttest holds the conformance suites of the contracts in host. An
// implementation's test calls the suite; nothing else imports it.
package hosttest

import (
	"context"
	"io"
	"testing"

	"github.com/connhost/connhost/host"
)

// A StoreCase is an implementation of host.Store under test.
type StoreCase struct {
	// Open opens the store that lives in dir, ready for secrets, and makes it
	// when dir is empty. It has the built-in connectors of a catalogue, or none
	// for nil. The suite opens one dir several times, at once and
	// after another. A store that is an io.Closer is closed by the suite; Open
	// may close it again with the test.
	Open func(t *testing.T, dir string, builtIn host.Catalogue) host.Store
	// Verify checks a whole audit chain.
	Verify func([]host.Record) error
}

// Store runs the suite.
func Store(t *testing.T, c StoreCase) {
	for name, test := range map[string]func(*testing.T, StoreCase){
		"users":                testUsers,
		"connectors":           testConnectors,
		"connector refusals":   testConnectorRefusals,
		"built-in connectors":  testBuiltIn,
		"built-in and own":     testBuiltInGivesWay,
		"built-in, older":      testBuiltInOfAnOlderProgram,
		"built-in, authorized": testBuiltInAuthorized,
		"credentials":          testCredentials,
		"connections":          testConnections,
		"authorizations":       testAuthorizations,
		"authorizations due":   testDue,
		"authorization secret": testSecrets,
		"bindings":             testBindings,
		"binding deleted":      testDeleteBinding,
		"credential changes":   testChangeCredential,
		"stops":                testStops,
		"applications":         testApplications,
		"references":           testReferences,
		"notices":              testNotices,
		"notices outlived":     testOutlivedNotices,
		"windows":              testWindows,
		"window taken once":    testTakeOnce,
		"audit":                testAudit,
		"rollback":             testRollback,
		"isolation":            testIsolation,
		"generation":           testGeneration,
		"durability":           testDurability,
	} {
		t.Run(name, func(t *testing.T) { test(t, c) })
	}
}

func (c StoreCase) fresh(t *testing.T) host.Store { return c.Open(t, t.TempDir(), nil) }

func closeStore(t *testing.T, s host.Store) {
	t.Helper()
	if c, ok := s.(io.Closer); ok {
		if err := c.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
}

// update runs f in an Update that must succeed.
func update(t *testing.T, s host.Store, f func(ctx context.Context, tx host.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := s.Update(ctx, func(tx host.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatalf("update: %v", err)
	}
}

// view runs f in a View that must succeed.
func view(t *testing.T, s host.Store, f func(ctx context.Context, tx host.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := s.View(ctx, func(tx host.Tx) error { return f(ctx, tx) }); err != nil {
		t.Fatalf("view: %v", err)
	}
}

// refused runs f in an Update that must end with the code.
func refused(t *testing.T, s host.Store, code host.Code, f func(ctx context.Context, tx host.Tx) error) error {
	t.Helper()
	ctx := context.Background()
	err := s.Update(ctx, func(tx host.Tx) error { return f(ctx, tx) })
	if host.CodeOf(err) != code {
		t.Errorf("got %v (%s), want code %s", err, host.CodeOf(err), code)
	}
	return err
}

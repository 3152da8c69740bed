// Package broker holds the use cases: who may do what, creating and
// authorizing connections, refreshing them, calling through them and revoking
// them. It knows the contracts of package host and nothing that implements
// them; the command wires those in.
//
//	Invoke -> route (rights, binding, secrets) -> refresh if needed -> Egress
//	                                                 |
//	                          lease, intent, one POST, fenced commit
//
// Every call takes the subject who asks, and every right is checked here.
package broker

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Parts are what a Broker is made of. All are required unless they say
// otherwise.
type Parts struct {
	Store   host.Store
	Egress  host.Egress
	Hooks   host.Hooks
	Flows   map[string]host.Refresher // by auth type: those whose credential dies or comes by consent
	Signers map[string]host.Signer    // by auth type
	// Admit refuses a connector's file that the plugin host would not load,
	// without compiling it.
	Admit func(file []byte) error
	// Forget drops the compiled code of a connector's file; may be nil.
	Forget func(file []byte)
	// TrustedKeys are the operator's, by name. With one, only connectors that
	// one of them has signed can be installed.
	TrustedKeys map[string]abi.PublicKey
	// Redactor is the process's; it learns every secret that is opened.
	Redactor *host.Redactor
	Now      func() time.Time
	Skews    *host.Skews // of the clocks of services; may be nil
	// TokenTimeout is how long one token request may take; leases are longer
	// than twice that.
	TokenTimeout time.Duration
	Limits       Limits
	Residency    string // the region that data are to stay in, as the operator declares it; empty: any
}

// Limits of a call through a connection; zero values are the egress's
// defaults (design section 8).
type Limits struct {
	ResponseTime time.Duration
	Download     int64
	Attempts     int // how often one call is sent at most; 0 leaves it to the manifest
	// A host that fails so often in a row is left alone for so long. Zero values
	// are 10 and 30 seconds.
	BreakerFailures int
	BreakerPause    time.Duration
}

// A Broker is safe for concurrent use.
type Broker struct {
	Parts
	routes  routeCache
	flights singleflight.Group
	pauses  pauses
	pacers  pacers
}

// New makes a Broker.
func New(p Parts) *Broker {
	return &Broker{Parts: p}
}

// flow renews and ends what a connector's service gave.
func (b *Broker) flow(c host.Connector) host.Refresher { return b.Flows[c.Manifest.Auth.Type] }

// view runs f read-only and gives what it returned.
func view[T any](ctx context.Context, b *Broker, f func(host.Tx) (T, error)) (T, error) {
	var out T
	err := b.Store.View(ctx, func(tx host.Tx) error {
		var err error
		out, err = f(tx)
		return err
	})
	return out, err
}

// update runs f alone in a transaction and gives what it returned.
func update[T any](ctx context.Context, b *Broker, f func(host.Tx) (T, error)) (T, error) {
	var out T
	err := b.Store.Update(ctx, func(tx host.Tx) error {
		var err error
		out, err = f(tx)
		return err
	})
	return out, err
}

// record makes an audit record of an act by the subject.
func (b *Broker) record(sub host.Subject, act host.Act, object string, detail ...string) host.Record {
	r := host.Record{At: b.Now(), By: sub.User.ID, Act: act, Object: object, Detail: map[string]string{}}
	for i := 0; i+1 < len(detail); i += 2 {
		r.Detail[detail[i]] = detail[i+1]
	}
	return r
}

// random256 is a fresh value of 256 bits, as text.
func random256() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is the form in which a state and a process secret are stored.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// absent reports whether err says that something is not in the store.
func absent(err error) bool { return host.CodeOf(err) == host.NotFound }

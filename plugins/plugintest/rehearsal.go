package plugintest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/auth"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/cassette"
	"github.com/connhost/connhost/host/egress"
	"github.com/connhost/connhost/host/lab"
	"github.com/connhost/connhost/host/oauth"
	"github.com/connhost/connhost/host/seal"
	"github.com/connhost/connhost/host/store"
	"github.com/connhost/connhost/host/wasm"
	"github.com/connhost/connhost/plugins/abi"
)

// A Rehearsal is a whole host for one connector: its file as it is, a broker over
// a store of its own, and a way out that leads to nothing but the lab, which is
// the service that the manifest describes. It has one connection, whose
// credential the lab has made up. It is for one goroutine, as far as its own
// methods go.
type Rehearsal struct {
	*broker.Broker
	Manifest abi.Manifest
	Lab      *lab.Lab
	Subject  host.Subject   // a super admin
	Link     string         // the link name of the connection
	Mask     *host.Redactor // knows every secret that was opened

	given   lab.Credential
	stage   *lab.Stage
	out     *detour
	seen    witness
	prepare func(ctx context.Context, hash string) error // compiles the code
	skip    atomic.Int64
	closers []func() error
}

// Staging says how a rehearsal is set up. The zero value works.
type Staging struct {
	TokenLife time.Duration     // of access tokens; what the manifest assumes, or an hour, unless given
	Patience  time.Duration     // with one call; 5 s unless given
	Values    map[string]string // of parameters and captured values, instead of those that the lab makes up
	Faults    []lab.Fault       // all the time
	Limits    wasm.Limits
	CacheDir  string // where compiled code is kept; with the store unless given
	// Log is told of what the connector's code logs; may be nil.
	Log func(line string)
}

// Rehearse sets up a rehearsal of a connector's file. The caller closes it. An
// error is what would stop an administrator too, or what the lab cannot be.
func Rehearse(ctx context.Context, file []byte, s Staging) (_ *Rehearsal, err error) {
	r := &Rehearsal{Mask: host.NewRedactor(nil)}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	c, err := broker.ReadConnector(file)
	if err != nil {
		return nil, err
	}
	r.Manifest = c.Manifest
	dir, err := os.MkdirTemp("", "connhost-rehearsal-")
	if err != nil {
		return nil, host.Errorf(host.Unavailable, "no folder can be made for a rehearsal").Because(err)
	}
	r.closers = append(r.closers, func() error { return os.RemoveAll(dir) })
	if s.CacheDir == "" {
		s.CacheDir = filepath.Join(dir, "cache")
	}
	skews := &host.Skews{}
	if err := r.openLab(s, skews); err != nil {
		return nil, err
	}
	if err := r.openBroker(ctx, dir, s, skews); err != nil {
		return nil, err
	}
	if err := r.install(ctx, file); err != nil {
		return nil, err
	}
	return r, r.create(ctx)
}

// openLab puts the service on a stage, and the one way out that leads there.
func (r *Rehearsal) openLab(s Staging, skews *host.Skews) (err error) {
	if s.TokenLife <= 0 {
		s.TokenLife = cmp.Or(r.Manifest.Lifetime(), time.Hour)
	}
	if s.Patience <= 0 {
		s.Patience = 5 * time.Second
	}
	if r.Lab, err = lab.Shaped(r.Manifest, lab.Options{TokenLife: s.TokenLife, Now: r.Now, Values: s.Values, Always: s.Faults}); err != nil {
		return err
	}
	r.given = r.Lab.Credential()
	if r.stage, err = r.Lab.Stage(); err != nil {
		return err
	}
	r.closers = append(r.closers, r.stage.Close)
	opened, err := openings(r.stage.Doors)
	if err != nil {
		return err
	}
	client, err := egress.NewCaged(egress.Options{
		AllowCIDR: opened, RootCAs: r.stage.Roots, Now: r.Now, Skews: skews, Limits: egress.Limits{ResponseTime: s.Patience},
	}, r.stage.Doors)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, client.Close)
	r.out = &detour{way: client, cage: client, seen: &r.seen}
	return nil
}

// openings are what an operator opens for a service that has an address for a
// name, or is called over plain http: that address, and the doors where every
// name leads.
func openings(doors map[string]netip.AddrPort) (list []egress.Opening, err error) {
	texts := map[string]bool{}
	for name, door := range doors {
		texts[door.Addr().String()] = true
		if at, err := netip.ParseAddrPort(name); err == nil {
			texts[at.String()] = true
		}
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		o, err := egress.ParseOpening(text)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, nil
}

func (r *Rehearsal) openBroker(ctx context.Context, dir string, s Staging, skews *host.Skews) error {
	st, err := store.Open(ctx, filepath.Join(dir, "connhost.db"), store.Options{})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, st.Close)
	want, err := st.KeyID(ctx)
	if err != nil {
		return err
	}
	key, err := seal.Open(filepath.Join(dir, "key.json"), want)
	if err != nil {
		return err
	}
	if err := st.Unlock(ctx, key); err != nil {
		return err
	}
	code, err := wasm.New(wasm.Options{
		File: host.ConnectorFiles(st), CacheDir: s.CacheDir, Limits: s.Limits, Now: r.Now, Log: r.seen.log(r.Mask, s.Log),
	})
	if err != nil {
		return err
	}
	r.closers = append(r.closers, code.Close)
	r.prepare = code.Prepare
	hooks := watchedHooks{code, &r.seen}
	clock := host.Clock{Now: r.Now, Skews: skews}
	signers := auth.Signers(clock)
	signers[abi.AuthOAuth1] = oauth.NewSigner1(clock)
	r.Broker = broker.New(broker.Parts{
		Store: st, Egress: r.out, Hooks: hooks, Signers: signers,
		Flows: oauth.Flows(r.out, hooks, clock), Admit: hooks.Check, Redactor: r.Mask, Now: r.Now, Skews: skews, TokenTimeout: oauth.Timeout,
	})
	if _, err = r.EnsureOwner(ctx, "Rehearsal"); err != nil {
		return err
	}
	r.Subject, err = r.Broker.Subject(ctx, "")
	return err
}

// install publishes the file with its actions, as a super admin would. Its code
// is compiled now, and not within the time that a call has.
func (r *Rehearsal) install(ctx context.Context, file []byte) error {
	req := broker.InstallRequest{File: file, Agreed: true}
	installed, err := r.Install(ctx, r.Subject, req)
	if err != nil {
		return err
	}
	if _, err := r.Publish(ctx, r.Subject, r.Manifest.ID, ""); err != nil {
		return err
	}
	if _, err = r.AllowActions(ctx, r.Subject, installed.Connector.Hash); err != nil || len(r.Manifest.Hooks) == 0 {
		return err
	}
	return r.prepare(ctx, installed.Connector.Hash)
}

// create makes the connection, with a client credential where it needs one.
func (r *Rehearsal) create(ctx context.Context) error {
	c := r.given
	if r.Manifest.NeedsClient() {
		client := host.ClientCredential{Connector: r.Manifest.ID, ClientID: c.ClientID, Quick: true}
		if _, err := r.AddCredential(ctx, r.Subject, client, host.NewSecret(c.ClientSecret)); err != nil {
			return err
		}
	}
	hosts := map[string]string{}
	for _, p := range r.Manifest.Parameters {
		if p.Kind == abi.KindHost {
			hosts[p.Key] = c.Values[p.Key]
		}
	}
	made, err := r.Create(ctx, r.Subject, broker.CreateRequest{Connector: r.Manifest.ID, Params: hosts})
	r.Link = made.LinkName
	return err
}

// Connect authorizes the connection, and chooses the first of what it can be
// used with, where there are several.
func (r *Rehearsal) Connect(ctx context.Context) (broker.Authorized, error) {
	got, err := r.authorize(ctx)
	if err != nil || len(got.Choices) == 0 {
		return got, err
	}
	if _, err := r.Choose(ctx, r.Subject, host.Development, r.Link, got.Choices[0].Key); err != nil {
		return got, err
	}
	place, err := r.Place(ctx)
	if err == nil {
		got.Authorization = *place.Authorization
	}
	return got, err
}

// authorize goes the way that the connector has, as a person would: in a
// browser, on a device, or by filling in the fields.
func (r *Rehearsal) authorize(ctx context.Context) (broker.Authorized, error) {
	req := broker.AuthorizeRequest{Connection: r.Link, Environment: host.Development, Values: map[string]string{}, Secrets: map[string]host.Secret{}}
	for key, text := range r.given.Values {
		if p, _ := r.Manifest.Parameter(key); p.Kind != abi.KindHost {
			req.Values[key] = text
		}
	}
	for key, text := range r.given.Secrets {
		req.Secrets[key] = host.NewSecret(text)
	}
	switch broker.WaysOf(r.Manifest)[0] {
	case broker.ByBrowser:
		p, err := r.Begin(ctx, r.Subject, req, "http://127.0.0.1:8976/callback/"+r.Manifest.ID)
		if err != nil {
			return broker.Authorized{}, err
		}
		back, err := r.stage.Consent(ctx, p.URL)
		if err != nil {
			return broker.Authorized{}, err
		}
		return r.Finish(ctx, r.Subject, r.Link, p.Process, back.Query(), false)
	case broker.ByDevice:
		p, err := r.BeginDevice(ctx, r.Subject, req)
		if err != nil {
			return broker.Authorized{}, err
		}
		if _, err := r.stage.Consent(ctx, cmp.Or(p.WholeURL, p.URL)); err != nil {
			return broker.Authorized{}, err
		}
		return r.FinishDevice(ctx, r.Subject, p, false)
	}
	return r.Broker.Authorize(ctx, r.Subject, req)
}

// Fault lets things go wrong, instead of what went wrong before. The faults of
// the staging stay in force, behind these.
func (r *Rehearsal) Fault(list ...lab.Fault) error {
	return r.Lab.SetFaults(list)
}

// Place is where the connection stands.
func (r *Rehearsal) Place(ctx context.Context) (broker.PlaceView, error) {
	v, err := r.Connection(ctx, r.Subject, r.Link)
	return v.Place(host.Development), err
}

// Now is the time of the rehearsal; Advance sets it forward.
func (r *Rehearsal) Now() time.Time { return time.Now().Add(time.Duration(r.skip.Load())) }

// Advance sets the clock of host and service forward.
func (r *Rehearsal) Advance(d time.Duration) { r.skip.Add(int64(d)) }

// Play answers every call from a tape while f runs.
func (r *Rehearsal) Play(tape *cassette.Tape, f func() error) error {
	return r.out.through(cassette.Player{Tape: tape}, f)
}

// Record keeps what is called while f runs.
func (r *Rehearsal) Record(tape *cassette.Tape, f func() error) error {
	return r.out.through(cassette.Recorder{Next: r.out.way, Tape: tape}, f)
}

// Close ends the rehearsal and removes all that it kept.
func (r *Rehearsal) Close() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	r.closers = nil
	return errors.Join(errs...)
}

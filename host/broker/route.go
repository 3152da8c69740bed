package broker

import (
	"cmp"
	"context"
	"crypto/tls"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// A route is everything that a call through a connection needs: who it is
// for, where it may go and what it carries. It is read in one transaction and
// kept until anything in the store changes.
type route struct {
	generation    int64
	sub           host.Subject
	environment   host.Environment
	connection    host.Connection
	connector     host.Connector
	authorization host.Authorization // without an id: not stored yet, or none is needed
	secrets       host.Secrets
	client        host.ClientCredential
	clientSecret  host.Secret
	values        host.Values
	hosts         []string
	certificate   *tls.Certificate // that proves the tokens; nil for none
	redactor      *host.Redactor
	headers       http.Header // that every call carries
	primary       string      // the login whose authorization an unattended run uses
	held          holding     // by a stop: read-only

	// Worked out once, for the calls, and side by side: a call looks at little
	// else.
	pen      *pen // of secrets
	signer   host.Signer
	pacer    *pacer
	renew    time.Time // when the access token is renewed; zero for never
	retry    abi.Retry
	times    bool // a time is signed
	proves   bool // each request has a proof of the token
	hooked   bool // the connector's code signs too
	responds bool // the connector's code reads the answer
}

// route finds the way of a call, from the cache when nothing has changed.
func (b *Broker) route(ctx context.Context, sub host.Subject, env host.Environment, link string) (*route, error) {
	generation, err := b.Store.Generation(ctx)
	if err != nil {
		return nil, err
	}
	key := routeKey{sub.User.ID, sub.Application, sub.Unattended, env, link}
	if r := b.routes.get(key, generation); r != nil {
		return r, nil
	}
	r, err := view(ctx, b, func(tx host.Tx) (*route, error) { return readRoute(ctx, tx, sub, env, link) })
	if err != nil {
		return nil, err
	}
	if err := b.fill(r); err != nil {
		return nil, err
	}
	if r.waits() {
		return nil, r.unchosen()
	}
	r.generation = generation
	b.routes.put(key, r)
	return r, nil
}

// readRoute finds the way of a call with its secrets.
func readRoute(ctx context.Context, tx host.Tx, sub host.Subject, env host.Environment, link string) (*route, error) {
	r, err := findRoute(ctx, tx, sub, env, link)
	if err != nil || r.authorization.ID == "" {
		return r, err
	}
	return r, r.open(ctx, tx)
}

// findRoute finds the way of a call, or says why there is none, and opens no
// secret.
func findRoute(ctx context.Context, tx host.Tx, sub host.Subject, env host.Environment, link string) (*route, error) {
	sub, err := asNow(ctx, tx, sub)
	if err != nil {
		return nil, err
	}
	c, connector, err := findConnection(ctx, tx, sub, link)
	if err != nil {
		return nil, err
	}
	if err := sub.Require(host.UseConnections); err != nil {
		return nil, err
	}
	if err := admitted(ctx, tx, sub, c); err != nil {
		return nil, err
	}
	if connector.Stage == host.DisabledConnector {
		return nil, disabled(connector, ", and so is connection "+strconv.Quote(link))
	}
	r := &route{sub: sub, environment: env, connection: c, connector: connector}
	holder, err := r.holder(ctx, tx)
	if err != nil {
		return nil, err
	}
	bind, err := tx.Bindings().Find(ctx, c.ID, c.Slot(env), holder)
	if err != nil && !absent(err) {
		return nil, err
	}
	bound := err == nil
	if bound {
		if r.authorization, err = tx.Authorizations().Find(ctx, bind.Authorization); err != nil {
			return nil, err
		}
	}
	if r.held, err = heldBy(ctx, tx, cmp.Or(sub.User.ID, holder), c, r.authorization); err != nil {
		return nil, err
	}
	if err := r.held.refusal(link); err != nil {
		return nil, err
	}
	if !bound && connector.Manifest.Auth.Type == abi.AuthNone {
		return r, nil
	}
	if !bound {
		return nil, r.unauthorized("is not authorized" + r.where())
	}
	fit, err := fits(ctx, tx, r.authorization.ConnectorHash, connector)
	if err != nil {
		return nil, err
	}
	if err := r.refuse(host.StatusOf(&bind, &r.authorization), fit); err != nil {
		return nil, err
	}
	return r, nil
}

// open reads the secrets that a route needs.
func (r *route) open(ctx context.Context, tx host.Tx) (err error) {
	if r.secrets, err = tx.Authorizations().Open(ctx, r.authorization.ID); err != nil || r.connection.Credential == "" {
		return err
	}
	if r.client, err = tx.Credentials().Find(ctx, r.connection.Credential); err != nil {
		return err
	}
	r.clientSecret, err = tx.Credentials().Secret(ctx, r.connection.Credential)
	return err
}

// refuse says why a call may not go out with this authorization, or nil. An
// authorization that was made for other places never goes to these.
func (r *route) refuse(status host.Status, fit bool) error {
	a := r.authorization
	switch {
	case a.State == host.RevokedState:
		return r.unauthorized(howEnded(a))
	case status == host.Disabled:
		return r.unauthorizedHint(host.Errorf(host.Refused, "connection %q is disabled%s", r.connection.LinkName, r.where()), "enable")
	case !fit:
		return r.unauthorized("needs authorizing again: " + otherPlaces)
	case !maps.Equal(a.HostParams, r.connection.Params) || a.Credential != r.connection.Credential:
		return r.unauthorized("needs authorizing again: " + madeForOther)
	case a.State == host.NeedsReauth && a.TokenExpires.IsZero():
		return r.unauthorized("needs authorizing again: " + a.Reason)
	}
	return nil
}

// unauthorized is the NeedsAuth error with the next step of this subject.
func (r *route) unauthorized(what string) *host.Error {
	return r.unauthorizedHint(host.Errorf(host.NeedsAuth, "connection %q %s", r.connection.LinkName, what), "authorize")
}

// unauthorizedHint adds what this subject can do about it.
func (r *route) unauthorizedHint(e *host.Error, verb string) *host.Error {
	return e.WithHint("%s", r.nextStep(verb))
}

// howEnded says what became of an authorization that is revoked here.
func howEnded(a host.Authorization) string {
	if a.Reason == elsewhere {
		return "is not authorized: its authorization was moved to another store"
	}
	return "was revoked"
}

// remedy is what helps against the reason of an authorization that needs
// authorizing. Where the service refuses the client, authorizing anew meets the
// same refusal, and a new secret brings all of its authorizations back.
func (r *route) remedy(reason string) string {
	if reason != refusedClient || r.client.Name == "" {
		return r.nextStep("authorize")
	}
	hint := secretCommand(r.client)
	if !r.sub.Unattended && r.sub.Require(host.ManageCredentials) != nil {
		hint = "ask an administrator for: " + hint
	}
	return hint
}

// secretCommand gives a client credential another secret.
func secretCommand(c host.ClientCredential) string {
	return "connhost credential update " + strconv.Quote(c.Name) + " --secret-file client_secret=PATH"
}

// nextStep is what this subject can do to have the connection usable.
func (r *route) nextStep(verb string) string {
	hint := "connhost connection " + verb + " " + r.connection.LinkName + envFlag(r.connection.Slot(r.environment))
	if r.primary != "" {
		hint += " --as " + r.primary
	} else if !r.sub.Unattended && mayAuthorize(r.sub, r.connection, r.connector) != nil {
		hint = "ask an administrator for: " + hint
	}
	return hint
}

func (r *route) where() string { return in(r.connection.Slot(r.environment)) }

// fill works out what follows from what was read.
func (b *Broker) fill(r *route) error {
	params := map[string]string{}
	maps.Copy(params, r.authorization.Params)
	maps.Copy(params, r.connection.Params)
	m := r.connector.Manifest
	waiting := m.Unchosen(params)
	for _, name := range waiting {
		params[name] = ""
	}
	r.values = r.connector.Values(params, r.connector.Shared(r.secrets.Params, host.Secret{}))
	var err error
	if r.connector.Manifest.Auth.Proof == abi.ProofMTLS {
		if r.certificate, err = host.ParseCertificate([]byte(r.clientSecret.Reveal())); err != nil {
			return err
		}
	}
	if r.headers, err = headersOf(r); err != nil {
		return err
	}
	r.redactor = host.NewRedactor(b.Redactor)
	r.redactor.LearnSecret(r.secrets.Access, r.secrets.Refresh, r.clientSecret)
	for _, s := range r.secrets.Params {
		r.redactor.LearnSecret(s)
	}
	r.signer = b.Signers[r.connector.Manifest.Auth.Type]
	r.pen = newPen(r, &r.authorization, r.secrets)
	if a := r.authorization; !a.TokenExpires.IsZero() {
		r.renew = a.TokenExpires.Add(-r.margin())
	}
	if r.retry = r.connector.Manifest.RetryOr(); b.Limits.Attempts > 0 {
		r.retry.Attempts = min(r.retry.Attempts, b.Limits.Attempts)
	}
	r.pacer = b.pacers.of(b, r)
	r.proves = r.connector.Manifest.Auth.Proof == abi.ProofDPoP
	r.times = r.proves || slices.Contains([]string{abi.AuthJWT, abi.AuthSigV4, abi.AuthOAuth1}, r.connector.Manifest.Auth.Type)
	r.hooked, r.responds = r.connector.HasHook(abi.HookSign), r.connector.HasHook(abi.HookRespond)
	if r.signer != nil {
		r.redactor.Learn(r.signer.Reveals(r.pen.credential)...)
	}
	for _, template := range r.connector.Manifest.DeclaredHosts() {
		if abi.NamesAny(template, waiting) {
			continue
		}
		name, err := r.values.Host(template)
		if err != nil {
			return err
		}
		r.hosts = append(r.hosts, name)
	}
	if base := r.connector.Manifest.BaseURL; strings.HasPrefix(base, "{") && !abi.NamesAny(base, waiting) {
		// A captured base URL: the service named its own host (abi.DeclaredHosts).
		u, err := r.values.URL(base)
		if err != nil {
			return err
		}
		r.hosts = append(r.hosts, u.Host)
	}
	return nil
}

// asked are the secret parameters of an authorization that its connection's
// version of the connector asks for.
func (r *route) asked(s host.Secrets) map[string]host.Secret {
	return r.connector.Asked(r.authorization.Params, s.Params)
}

// credential is what the signer gets.
func (r *route) credential(s host.Secrets) host.Credential {
	secret := host.WithKey(r.asked(s), tokenName(r.connector), s.Access)
	params := r.values.Params
	switch r.connector.Manifest.Auth.Type {
	case abi.AuthOAuth1:
		secret = host.WithKey(secret, clientSecret, r.clientSecret)
		params = over(params, r.clientParams())
	case abi.AuthOAuth2:
		params = over(params, r.clientParams())
	}
	return host.Credential{Auth: r.connector.Manifest.Auth, Params: params, Secret: secret}
}

func (r *route) target() target {
	return target{
		connection: r.connection, connector: r.connector, client: r.client, secret: r.clientSecret,
		params: r.authorization.Params, sealed: r.secrets.Params, endpoints: r.authorization.Endpoints,
	}
}

func (r *route) flowTarget() host.FlowTarget {
	t := r.target().flowTarget(r.redactor)
	t.Scopes = r.authorization.Asked
	return t
}

type routeKey struct {
	user        host.UserID
	application string
	unattended  bool
	env         host.Environment
	link        string
}

// A routeCache keeps the routes of one generation of the store.
type routeCache struct {
	mu         sync.RWMutex
	generation int64
	list       map[routeKey]*route
}

// maxRoutes bounds the cache; beyond it one makes room for another.
const maxRoutes = 4096

func (c *routeCache) get(key routeKey, generation int64) *route {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.generation != generation {
		return nil
	}
	return c.list[key]
}

func (c *routeCache) put(key routeKey, r *route) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != r.generation || c.list == nil {
		c.generation, c.list = r.generation, map[routeKey]*route{}
	}
	if len(c.list) >= maxRoutes {
		for other := range c.list { // any: the order of a map is random
			delete(c.list, other)
			break
		}
	}
	c.list[key] = r
}

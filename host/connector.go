package host

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/connhost/connhost/plugins/abi"
)

// A ConnectorStage says who may use an installed connector (design rule 17).
type ConnectorStage string

const (
	Draft             ConnectorStage = "draft"     // administrators only; installing again replaces it
	Published         ConnectorStage = "published" // fixed by hash, for all
	DisabledConnector ConnectorStage = "disabled"  // no new connections, calls refused
)

// A Connector is one installed version of a plugin. Several versions of an id
// stand side by side, and a connection stays on the one that it was made with
// until it is moved. The file is kept by the store and read only when a hook is
// called.
type Connector struct {
	ID          string
	Hash        string // SHA-256 of the file, lower-case hex: its identity
	Stage       ConnectorStage
	Current     bool // the one version of its id that new connections take
	BuiltIn     bool
	Manifest    abi.Manifest
	Source      string   // where the file came from: an absolute path or a URL
	Signer      string   // the operator's name of the key that signed the file; empty without
	SignerKey   string   // the id of that key
	Actions     bool     // a super admin lets its named actions be done (design rule 17)
	Granted     []string // the secrets of reveal_secrets that an administrator granted to its code
	InstalledBy UserID
	InstalledAt time.Time
}

// A Catalogue has the connectors that are built into the program, one for an
// id. They are published and current, and nobody has installed them.
type Catalogue interface {
	// IDs lists all, in order.
	IDs() []string
	// Find gives the connector of an id and its file; false where there is none.
	Find(id string) (Connector, []byte, bool)
	// Head is Find without the file and with no more of the manifest than a list
	// shows: id, name, version, description, category and the auth type.
	Head(id string) (Connector, bool)
	// IDOf gives the id of the file with that hash; false where there is none.
	IDOf(hash string) (string, bool)
}

// Version is the version that the manifest declares. Two versions of an id
// never share one.
func (c *Connector) Version() string { return c.Manifest.Version }

// Acts says whether its named actions may be done: a custom connector is for
// invokeurl alone, unless a super admin published it with its actions (design
// rule 17).
func (c *Connector) Acts() bool { return c.BuiltIn || c.Stage == Published && c.Actions }

// Typed is the version as commands take it: the id, and --version for all but
// the current one.
func (c *Connector) Typed() string {
	if c.Current {
		return c.ID
	}
	return c.ID + " --version " + c.Version()
}

// ScriptName is the id as scripts write it before the name of an action: a name
// in Deluge has no "-".
func (c *Connector) ScriptName() string { return strings.ReplaceAll(c.ID, "-", "_") }

// Serves says whether a connector is for the service that scripts call so: its own
// name, or with something behind it. The connector zoho-crm-sandbox serves
// zoho_crm.
func (c *Connector) Serves(service string) bool {
	name := c.ScriptName()
	return name == service || strings.HasPrefix(name, service+"_")
}

// Reveals reports whether the connector's code may read a secret: its manifest
// lists it and an administrator granted it.
func (c *Connector) Reveals(secret string) bool {
	return slices.Contains(c.Manifest.RevealSecrets, secret) && slices.Contains(c.Granted, secret)
}

// Values are the values for the manifest's templates: the defaults of its
// parameters under what params says. One that is invisible with these values
// has none (design rule 12).
func (c *Connector) Values(params map[string]string, secret map[string]Secret) Values {
	hidden := c.Manifest.Invisible(params)
	v := Values{Params: map[string]string{}, Secret: c.Asked(params, secret), Whole: map[string]bool{}}
	for _, p := range c.Manifest.Parameters {
		if !p.Secret {
			v.Params[p.Key] = p.Default
		}
		v.Whole[p.Key] = p.Kind == abi.KindHost
	}
	for k, text := range params {
		v.Params[k] = text
	}
	for k := range hidden {
		if _, plain := v.Params[k]; plain {
			v.Params[k] = ""
		}
	}
	return v
}

// Asked are the secret parameters that are asked for with these values. One
// that was kept from before, by another version of the connector, is not among
// them where it is invisible now.
func (c *Connector) Asked(params map[string]string, secret map[string]Secret) map[string]Secret {
	hidden := c.Manifest.Invisible(params)
	if len(hidden) == 0 {
		return secret
	}
	out := maps.Clone(secret)
	maps.DeleteFunc(out, func(key string, _ Secret) bool { return hidden[key] })
	return out
}

// HasHook reports whether the connector declares a hook.
func (c *Connector) HasHook(name string) bool { return slices.Contains(c.Manifest.Hooks, name) }

// Revealed are the secrets that the connector's code may read: those that its
// manifest lists and an administrator granted.
func (c *Connector) Revealed() []string {
	return slices.DeleteFunc(slices.Clone(c.Manifest.RevealSecrets), func(secret string) bool { return !c.Reveals(secret) })
}

// Shared are the secrets that its code may name, and have the host send or sign
// with: the parameters and the client's secret. The keys that the host made or
// got for itself are not among them, nor is a client's private key, unless its
// code may read that anyway: nobody else has a use for those.
func (c *Connector) Shared(params map[string]Secret, client Secret) map[string]Secret {
	const clientSecret = "client_secret"
	if c.Manifest.ClientKey() && !c.Reveals(clientSecret) {
		client = Secret{}
	}
	out := WithKey(params, clientSecret, client)
	switch c.Manifest.Auth.Type { // elsewhere a parameter may be called so
	case abi.AuthOAuth2:
		delete(out, abi.DPoPKey)
	case abi.AuthOAuth1:
		delete(out, "token_secret")
	}
	return out
}

// Budget is what one call of a hook may use, as far as the manifest says.
func (c *Connector) Budget() Budget {
	l := c.Manifest.Limits
	if l == nil {
		return Budget{}
	}
	return Budget{Time: l.Duration(), Memory: l.MemoryBytes(), Fuel: l.Fuel, Output: l.OutputBytes(), HTTPCalls: l.HTTPCalls}
}

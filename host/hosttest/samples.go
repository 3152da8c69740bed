package hosttest

import (
	"context"
	"fmt"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// noon is a time with everything that a store keeps of one: milliseconds, UTC.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123e6, time.UTC)

// after is the n-th second after noon, so that things have an age.
func after(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }

func aUser(n int) host.User {
	return host.User{
		ID: host.NewUserID(), Login: fmt.Sprintf("user%d", n), Name: "Zoë", Email: "z@example.com",
		Role: host.Developer, CreatedAt: after(n),
	}
}

// aConnector is version n of a connector, with its file.
func aConnector(id string, n int) (host.Connector, []byte) {
	version := fmt.Sprintf("%d.0.0", n)
	file := []byte("the file of " + id + " " + version)
	return host.Connector{
		ID: id, Hash: abi.Hash(file), Stage: host.Draft, Source: "https://acme.test/acme.wasm", Signer: "acme", SignerKey: "0123456789abcdef",
		Granted: []string{"key"}, InstalledBy: host.NewUserID(), InstalledAt: after(n),
		Manifest: abi.Manifest{
			Connhost: 1, ID: id, Name: "Acme", Version: version, Auth: abi.Auth{Type: abi.AuthBearer}, Hosts: []string{"api.acme.test"},
		},
	}, file
}

func aCredential(connector string, n int) host.ClientCredential {
	return host.ClientCredential{
		ID: host.NewCredentialID(), Connector: connector, Name: fmt.Sprintf("Acme %d", n), ClientID: fmt.Sprintf("client-%d", n),
		CreatedBy: host.NewUserID(), CreatedAt: after(n),
	}
}

// AConnection is a connection with every field filled; n tells it apart.
func AConnection(n int) host.Connection {
	return host.Connection{
		ID: host.NewConnectionID(), LinkName: fmt.Sprintf("acme_%d", n), Name: fmt.Sprintf("Acme %d", n), Connector: "acme", ConnectorHash: "cafe",
		Access: host.UserAccess, Mode: host.Custom, ScopeChoice: host.SpecificScopes, Scopes: []string{"read", "write"},
		Params: map[string]string{"host": "acme.test"}, DataCentre: "eu", Primary: host.NewUserID(), Environments: []host.Environment{host.Stage},
		CreatedBy: host.NewUserID(), CreatedAt: after(n), Version: 1,
	}
}

// AnAuthorization is an authorization with every field filled.
func AnAuthorization(n int) host.Authorization {
	return host.Authorization{
		ID: host.NewAuthorizationID(), Connector: "acme", ConnectorHash: "cafe", Owner: host.NewUserID(), ForAll: true,
		HostParams: map[string]string{"host": "acme.test"}, Params: map[string]string{"account": "Zoë <\"'>"},
		Asked: []string{"read", "write"}, Granted: []string{"read"}, AccountKey: "42", AccountLabel: "Zoë", LabelSet: true,
		Endpoints: host.Endpoints{Token: "https://acme.test/token", Revoke: "https://acme.test/revoke"},
		State:     host.Expiring, Reason: "because", TokenExpires: after(3600), Renewable: true, Unknown: true,
		RefreshedAt: after(n + 2), RefreshExpires: after(7200), Slides: true, Due: after(1800),
		CreatedAt: after(n), UpdatedAt: after(n + 1),
		Lease:         host.Lease{Owner: host.NewLeaseOwner(), Until: after(60), Intent: after(30)},
		SecretVersion: 1, Version: 1,
	}
}

// SomeSecrets are secrets with a word in each value that a search finds. One
// value is not UTF-8.
func SomeSecrets(word string) host.Secrets {
	return host.Secrets{
		Params:  map[string]host.Secret{"password": host.NewSecret(word + "-password"), "raw": host.NewSecret(word + "\xff\x00")},
		Access:  host.NewSecret(word + "-access"),
		Refresh: host.NewSecret(word + "-refresh"),
	}
}

func aWindow(c host.ConnectionID, n int) host.Window {
	return host.Window{
		ID: host.NewWindowID(), StateHash: fmt.Sprintf("state-%d", n), ProcessHash: "process", Subject: host.NewUserID(),
		Connection: c, Environment: host.Shared, ConnectorHash: "cafe", Params: map[string]string{"region": "eu"},
		Endpoints:   host.Endpoints{Issuer: "https://acme.test", Authorize: "https://acme.test/authorize", Token: "https://acme.test/token", NamesIssuer: true},
		RedirectURI: "http://127.0.0.1:8976/callback/acme", Asked: []string{"read"}, Expires: after(90),
	}
}

func aRecord(act host.Act) host.Record {
	return host.Record{At: noon, By: host.NewUserID(), Act: act, Detail: map[string]string{"why": "a test"}}
}

// place inserts a connection with an authorization of its own.
func place(ctx context.Context, tx host.Tx, n int) (host.Connection, host.Authorization, host.Binding, error) {
	c, a := AConnection(n), AnAuthorization(n)
	b := host.Binding{ID: host.NewBindingID(), Connection: c.ID, Environment: host.Shared, Authorization: a.ID}
	if err := tx.Connections().Insert(ctx, c); err != nil {
		return c, a, b, err
	}
	if err := tx.Authorizations().Insert(ctx, a, SomeSecrets("word"), aRecord(host.ActAuthorize)); err != nil {
		return c, a, b, err
	}
	return c, a, b, tx.Bindings().Put(ctx, b)
}

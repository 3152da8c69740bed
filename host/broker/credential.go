package broker

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// AddCredential makes a client credential. The same id and secret for the
// same connector is refused, naming the one that exists (design rule 8).
func (b *Broker) AddCredential(ctx context.Context, sub host.Subject, c host.ClientCredential, secret host.Secret) (host.ClientCredential, error) {
	if err := sub.Require(host.ManageCredentials); err != nil {
		return c, err
	}
	b.Redactor.LearnSecret(secret)
	return update(ctx, b, func(tx host.Tx) (host.ClientCredential, error) {
		connector, err := findConnector(ctx, tx, sub, c.Connector)
		if err != nil {
			return c, err
		}
		if !connector.Manifest.NeedsClient() {
			return c, host.Errorf(host.Usage, "connector %q is authorized by %s and has no client credential", c.Connector, connector.Manifest.Auth.Type).
				WithHint("create a connection: connhost connection create %s", c.Connector)
		}
		if err := host.CheckClientID(c.ClientID, connector.Manifest.Auth.ClientIDPattern); err != nil {
			return c, err
		}
		if err := checkClientSecret(connector, secret, b.Now()); err != nil {
			return c, err
		}
		others, err := tx.Credentials().List(ctx, c.Connector)
		if err != nil {
			return c, err
		}
		if err := refuseDuplicate(ctx, tx, others, c, secret); err != nil {
			return c, err
		}
		if c.Name == "" {
			c.Name = freeCredentialName(connector, others)
		}
		if err := host.CheckName(c.Name); err != nil {
			return c, err
		}
		c.ID, c.CreatedBy, c.CreatedAt = host.NewCredentialID(), sub.User.ID, b.Now()
		r := b.record(sub, host.ActCredentialAdd, string(c.ID), "connector", c.Connector, "name", c.Name)
		return c, tx.Credentials().Insert(ctx, c, secret, r)
	})
}

// checkClientSecret refuses a secret that the connector's way to show it cannot
// use. It quotes nothing of it.
func checkClientSecret(c host.Connector, secret host.Secret, now time.Time) error {
	var err error
	switch kind := c.Manifest.ClientAuth(); {
	case kind == abi.ClientAuthNone || c.Manifest.Auth.Type != abi.AuthOAuth2:
		return nil
	case secret.Empty() && (kind == abi.ClientAuthPrivateKey || kind == abi.ClientAuthSecretKey || kind == abi.ClientAuthMTLS):
		return host.Errorf(host.Usage, "connector %q authenticates its client by %s, which needs a secret", c.ID, kind).
			WithHint("give it with --secret-file client_secret=PATH")
	case kind == abi.ClientAuthPrivateKey || kind == abi.ClientAuthSecretKey:
		_, err = jwt.Sign(jwt.Token{Algorithm: c.Manifest.Auth.ClientToken().Algorithm, Key: secret.Reveal()}, time.Time{})
	case kind == abi.ClientAuthMTLS:
		var certificate *tls.Certificate
		if certificate, err = host.ParseCertificate([]byte(secret.Reveal())); err == nil {
			err = host.CheckCertificate(certificate, now)
		}
	}
	if e, ok := err.(*host.Error); ok {
		return host.Errorf(host.Usage, "the client secret cannot be used: %s", e.Msg).WithHint("%s", e.Hint).Because(err)
	}
	return err
}

func refuseDuplicate(ctx context.Context, tx host.Tx, others []host.ClientCredential, c host.ClientCredential, secret host.Secret) error {
	for _, o := range others {
		if c.Quick && o.Quick {
			return host.Errorf(host.Conflict, "connector %q has a quick client credential, %q", c.Connector, o.Name).
				WithHint("it is taken by: connhost connection create %s; leave --quick out to add another", c.Connector)
		}
		if o.Name == c.Name {
			return host.Errorf(host.Conflict, "a client credential named %q exists", o.Name).WithHint("choose another --name")
		}
		if o.ClientID != c.ClientID {
			continue
		}
		known, err := tx.Credentials().Secret(ctx, o.ID)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(known.Reveal()), []byte(secret.Reveal())) == 1 {
			use := "create " + c.Connector
			if c.ID != "" { // it is being changed
				use = "update LINK_NAME"
			}
			return host.Errorf(host.Conflict, "the client credential %q has the same id and secret", o.Name).
				WithHint("use it: connhost connection %s --credential %q", use, o.Name)
		}
	}
	return nil
}

// freeCredentialName is "<service> Credential", then with 1, 2, ...
func freeCredentialName(c host.Connector, others []host.ClientCredential) string {
	taken := map[string]bool{}
	for _, o := range others {
		taken[o.Name] = true
	}
	for n := 0; ; n++ {
		name := strings.Replace(host.DefaultName(c.Manifest.Name, n), " Connection", " Credential", 1)
		if !taken[name] {
			return name
		}
	}
}

// Credentials lists client credentials, of a connector or all for "".
func (b *Broker) Credentials(ctx context.Context, sub host.Subject, connector string) ([]host.ClientCredential, error) {
	if err := sub.Require(host.ManageCredentials); err != nil {
		return nil, err
	}
	return view(ctx, b, func(tx host.Tx) ([]host.ClientCredential, error) { return tx.Credentials().List(ctx, connector) })
}

// chooseCredential finds the client credential of a new connection: the named
// one (by name or id) for custom, the host's own for quick. Without a mode it
// is quick where that is configured (design rule 7). How is what to type before a
// name, for hints.
func chooseCredential(ctx context.Context, tx host.Tx, connector host.Connector, mode host.Mode, named, how string) (host.Mode, host.CredentialID, error) {
	list, err := tx.Credentials().List(ctx, connector.ID)
	if err != nil {
		return "", "", err
	}
	if mode == "" {
		mode = host.Quick
		if named != "" {
			mode = host.Custom
		}
	}
	if mode == host.Quick && named != "" {
		return "", "", host.Errorf(host.Usage, "a quick connection takes the host's own client credential, not %q", named)
	}
	var names []string
	for _, c := range list {
		if mode == host.Quick && c.Quick || mode == host.Custom && named != "" && (c.Name == named || string(c.ID) == named) {
			return mode, c.ID, nil
		}
		names = append(names, fmt.Sprintf("%q", c.Name))
	}
	add := fmt.Sprintf("connhost credential add %s --client-id ID --secret-stdin client_secret", connector.ID)
	switch {
	case mode == host.Quick && len(names) > 0:
		return "", "", host.Errorf(host.Usage, "quick is not configured for connector %q; it has the client credentials %s", connector.ID, join(names)).
			WithHint("name one: %s %s", how, names[0])
	case mode == host.Quick:
		return "", "", host.Errorf(host.Usage, "quick is not configured for connector %q, and it has no client credential", connector.ID).
			WithHint("add one: %[1]s --quick; or a custom one: %[1]s, then %[2]s NAME", add, how)
	case named == "":
		e := host.Errorf(host.Usage, "a custom connection needs a client credential")
		if len(names) > 0 {
			return "", "", e.WithHint("name one: %s %s; there are %s", how, names[0], join(names))
		}
		return "", "", e.WithHint("add one: %s", add)
	case len(names) > 0:
		return "", "", host.Errorf(host.NotFound, "connector %q has no client credential named %q", connector.ID, named).WithHint("it has %s", join(names))
	}
	return "", "", host.Errorf(host.NotFound, "connector %q has no client credential named %q", connector.ID, named).WithHint("add one: %s", add)
}

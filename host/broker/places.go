package broker

import (
	"context"
	"slices"
	"strconv"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// otherPlaces is the reason of an authorization that was marked, because what
// it was agreed to is not what its connection does now.
const otherPlaces = "the connector was replaced by one that talks to other places"

// samePlaces reports whether two manifests send credentials to the same
// places in the same way, and show the same of them to the connector's code.
func samePlaces(a, b abi.Manifest) bool {
	return slices.Equal(sorted(a.DeclaredHosts()), sorted(b.DeclaredHosts())) &&
		slices.Equal(sorted(a.RevealSecrets), sorted(b.RevealSecrets)) && slices.Equal(sorted(a.Public), sorted(b.Public)) &&
		slices.Equal(places(a), places(b)) && a.BaseURL == b.BaseURL && a.Auth.Type == b.Auth.Type
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// places lists the URLs and paths of every request that carries a secret of its
// own accord, and which it carries; where in a request the credential stands, and
// for whom tokens are signed.
func places(m abi.Manifest) []string {
	var list []string
	add := func(r *abi.Request) {
		if r != nil {
			list = append(append(list, r.Method+" "+r.URL+" "+r.Path), m.SecretsOf(r)...)
		} else {
			list = append(list, "")
		}
	}
	add(m.Auth.Request)
	add(m.Auth.Authorize)
	add(m.Auth.Token)
	add(m.Auth.Device)
	add(m.Auth.PAR)
	add(m.Auth.Login)
	add(m.Introspect)
	add(m.Test)
	add(m.Identity)
	var choose *abi.Request
	if m.Choose != nil {
		choose = &m.Choose.Request
	}
	add(choose)
	var revoke, refresh *abi.Request
	if m.Revoke != nil {
		revoke = &m.Revoke.Request
	}
	if m.Refresh != nil {
		refresh = &m.Refresh.Request
	}
	add(revoke)
	add(refresh)
	// PLAINTEXT shows the service what the other methods only sign with.
	list = append(list, m.Auth.In, m.Auth.Name, m.Auth.SignatureMethod, m.Auth.Issuer, m.Auth.Proof, strconv.FormatBool(m.SendsSecret()))
	for _, p := range m.Auth.Also {
		list = append(list, p.In, p.Name)
	}
	list = append(list, m.SecretsShown()...)
	// Who gets a token that was signed for another shows it there.
	for _, t := range []abi.Assertion{m.Auth.JWT(), m.Auth.Bearer(), m.Auth.ClientToken()} {
		list = append(list, t.Claims["aud"])
	}
	return list
}

// madeWith gives the version of a hash, with which an authorization was made,
// also one that is not installed any more: its file stays while an
// authorization names it. Where even that is gone the error is NotFound.
func madeWith(ctx context.Context, tx host.Tx, hash string) (host.Connector, error) {
	c, err := tx.Connectors().FindHash(ctx, hash)
	if !absent(err) {
		return c, err
	}
	file, err := tx.Connectors().File(ctx, hash)
	if err != nil {
		return host.Connector{}, err
	}
	return ReadConnector(file)
}

// fits reports whether what was agreed to for the version of a hash may be used
// with another version of its connector: it is that one, or one that talks to
// the same places. A credential never goes where its owner did not agree to.
func fits(ctx context.Context, tx host.Tx, hash string, c host.Connector) (bool, error) {
	if hash == c.Hash {
		return true, nil
	}
	made, err := madeWith(ctx, tx, hash)
	if absent(err) {
		return false, nil
	}
	return err == nil && samePlaces(made.Manifest, c.Manifest), err
}

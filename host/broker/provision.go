package broker

import (
	"context"
	"slices"
	"strings"

	"github.com/connhost/connhost/host"
)

// What the operator provides for connectors and connections, and what is missing
// of it.

// crossing tells of connections whose data leave the residency.
func (d *diagnosis) crossing(ctx context.Context, check string, tx host.Tx) error {
	if d.b.Residency == "" {
		d.Well(check, "none is declared")
		return nil
	}
	var found []host.Finding
	err := eachConnection(ctx, tx, func(c host.Connection, v host.Connector) error {
		if text := d.b.crosses(c, v); text != "" {
			found = append(found, host.Finding{Text: text, Hint: "see where it goes: connhost connection show " + c.LinkName})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return some(d, check, found, "no connection leaves "+d.b.Residency, func(f host.Finding) error {
		d.Warn(check, f.Hint, "%s", f.Text)
		return nil
	})
}

// unsigned tells of versions that could not be installed now.
func (d *diagnosis) unsigned(ctx context.Context, check string, tx host.Tx) error {
	if len(d.b.TrustedKeys) == 0 {
		d.Well(check, "no trusted_keys, so connectors of anybody can be installed")
		return nil
	}
	versions, err := tx.Connectors().List(ctx, "")
	if err != nil {
		return err
	}
	var strange []string
	for _, v := range versions {
		trusted := v.BuiltIn
		for _, k := range d.b.TrustedKeys {
			trusted = trusted || v.SignerKey == k.ID()
		}
		if !trusted {
			strange = append(strange, v.ID+" "+v.Version())
		}
	}
	if len(strange) > 0 {
		d.Warn(check, "see who signed them: connhost connector list", "installed, and signed by none of trusted_keys: %s", strings.Join(strange, ", "))
		return nil
	}
	d.Well(check, "every connector is signed by one of %d trusted_keys", len(d.b.TrustedKeys))
	return nil
}

// eachConnection calls f with each connection and its version of a connector.
func eachConnection(ctx context.Context, tx host.Tx, f func(host.Connection, host.Connector) error) error {
	all, err := tx.Connections().List(ctx)
	if err != nil {
		return err
	}
	versions, err := tx.Connectors().List(ctx, "")
	if err != nil {
		return err
	}
	for _, c := range all {
		i := slices.IndexFunc(versions, func(v host.Connector) bool { return v.Hash == c.ConnectorHash })
		if i < 0 {
			continue
		}
		if err := f(c, versions[i]); err != nil {
			return err
		}
	}
	return nil
}

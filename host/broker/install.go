package broker

import (
	"context"
	"slices"
	"time"

	"github.com/connhost/connhost/host"
)

// An InstallRequest is a connector's file and what is known of it.
type InstallRequest struct {
	File      []byte
	Source    string              // an absolute path or a URL, for people and lock files
	Signature []byte              // the detached signature; nil without
	Stage     host.ConnectorStage // draft unless given, which a lock file does
	Current   bool                // also when another version is the current one
	// Agreed says that a person has seen what the Plan showed, and that it was
	// compared with the version of the hash Before ("" for none).
	Agreed bool
	Before string
}

// A Plan is what an installation would do, to be shown before it is done.
type Plan struct {
	Connector    host.Connector // as it would be installed
	Existed      bool           // the same file is installed already: Connector is that
	Replaces     bool           // Before is a draft, which goes
	Before       *host.Connector
	Capabilities host.Capabilities
	Changes      []host.Change // against Before
}

// Asks reports whether a person must agree: a connector whose code reads
// secrets, or one that may do more than the version before it.
func (p Plan) Asks() bool {
	return !p.Existed && (len(p.Capabilities.Reveals) > 0 || p.Before != nil && host.Widens(p.Changes))
}

// Compared is the hash of the version that the changes are against.
func (p Plan) Compared() string {
	if p.Before == nil {
		return ""
	}
	return p.Before.Hash
}

// Plan says what Install would do with a request, and refuses what that would
// refuse, but for the agreement.
func (b *Broker) Plan(ctx context.Context, sub host.Subject, req InstallRequest) (Plan, error) {
	c, err := b.candidate(sub, req)
	if err != nil {
		return Plan{}, err
	}
	return view(ctx, b, func(tx host.Tx) (Plan, error) { return plan(ctx, tx, c) })
}

// candidate checks a file for itself: its manifest, its code and who signed it.
func (b *Broker) candidate(sub host.Subject, req InstallRequest) (host.Connector, error) {
	if err := sub.Require(host.ManageConnectors); err != nil {
		return host.Connector{}, err
	}
	c, err := ReadConnector(req.File)
	if err != nil {
		return c, err
	}
	signed, err := CheckSignature(b.TrustedKeys, req.File, req.Signature)
	if err != nil {
		return c, err
	}
	if err := b.Admit(req.File); err != nil {
		return c, notAConnector(err)
	}
	c.Stage, c.Source, c.Signer, c.SignerKey = host.Draft, req.Source, signed.Name, signed.Key
	if req.Stage != "" {
		c.Stage = req.Stage
	}
	c.InstalledBy, c.InstalledAt = sub.User.ID, b.Now()
	return c, nil
}

// plan holds a candidate against what is installed. Only a draft is replaced,
// and there is at most one; every other version stays beside the new one.
func plan(ctx context.Context, tx host.Tx, c host.Connector) (Plan, error) {
	p := Plan{Connector: c, Capabilities: host.CapabilitiesOf(c.Manifest)}
	versions, err := tx.Connectors().List(ctx, c.ID)
	if err != nil {
		return p, err
	}
	for _, v := range versions {
		switch {
		case v.Hash == c.Hash:
			p.Connector, p.Existed = v, true
			return p, nil
		case v.BuiltIn:
			return p, host.Errorf(host.Conflict, "connector %q is built in", c.ID).WithHint("give yours another id in its connector.yaml")
		case v.Stage == host.Draft && (c.Stage == host.Draft || v.Version() == c.Version()):
			p.Before, p.Replaces = &v, true
		case v.Version() == c.Version():
			return p, host.Errorf(host.Conflict, "version %s of connector %q is %s with another file, and only a draft is replaced", v.Version(), c.ID, v.Stage).
				WithHint("give the new one another version in its connector.yaml")
		case v.Current && p.Before == nil:
			p.Before = &v
		}
		p.Connector.InstalledAt = later(p.Connector.InstalledAt, v.InstalledAt)
	}
	p.Connector.Current = len(versions) == 0 || p.Replaces && p.Before.Current
	if p.Before != nil {
		p.Changes = host.CapabilitiesOf(p.Before.Manifest).Diff(p.Capabilities)
	}
	return p, nil
}

// later is t, or just after the time before it: versions are in the order of
// their installation, also those of one millisecond.
func later(t, before time.Time) time.Time {
	if next := before.Add(time.Millisecond); t.Before(next) {
		return next
	}
	return t
}

// Installed says what became of an installation.
type Installed struct {
	Plan
	Reauth []host.AuthorizationID // marked needs_reauthorization, because it talks to other places now
}

// Install stores a version of a connector, as a draft (design rule 17), beside
// the versions that are there. Installing a draft again replaces it, and the
// connections of the draft follow.
func (b *Broker) Install(ctx context.Context, sub host.Subject, req InstallRequest) (Installed, error) {
	c, err := b.candidate(sub, req)
	if err != nil {
		return Installed{}, err
	}
	return update(ctx, b, func(tx host.Tx) (Installed, error) {
		p, err := plan(ctx, tx, c)
		out := Installed{Plan: p}
		if err != nil || p.Existed {
			return out, err
		}
		if err := agreed(p, req); err != nil {
			return out, err
		}
		out.Connector.Granted = p.Capabilities.Reveals
		if p.Replaces {
			if out.Reauth, err = b.replaceDraft(ctx, tx, sub, *p.Before, out.Connector); err != nil {
				return out, err
			}
		}
		if err := tx.Connectors().Insert(ctx, out.Connector, req.File); err != nil {
			return out, err
		}
		if req.Current && !out.Connector.Current {
			out.Connector.Current = true
			if err := tx.Connectors().SetCurrent(ctx, c.Hash); err != nil {
				return out, err
			}
		}
		return out, tx.Audit().Append(ctx, b.record(sub, host.ActConnectorInstall, c.ID, installDetail(out.Connector)...))
	})
}

// agreed refuses what nobody has agreed to, and an agreement to something else.
func agreed(p Plan, req InstallRequest) error {
	c := p.Connector
	switch {
	case !p.Asks():
		return nil
	case req.Agreed && req.Before == p.Compared():
		return nil
	case req.Agreed:
		return host.Errorf(host.Conflict, "another version of connector %q was installed meanwhile", c.ID).
			WithHint("see what is installed: connhost connector show %s", c.ID)
	case p.Before != nil && host.Widens(p.Changes):
		return host.Errorf(host.Refused, "version %s of connector %q may do more than %s", c.Version(), c.ID, p.Before.Version()).
			WithHint("if that is meant, say so with --yes")
	}
	return host.Errorf(host.Refused, "the code of connector %q would read secrets: %s", c.ID, join(p.Capabilities.Reveals)).
		WithHint("if that is meant, say so with --yes")
}

// installDetail is what the audit record of an installation tells.
func installDetail(c host.Connector) []string {
	detail := []string{"hash", c.Hash, "version", c.Version(), "stage", string(c.Stage), "source", c.Source}
	if c.Signer != "" {
		detail = append(detail, "signer", c.Signer, "signer_key", c.SignerKey)
	}
	if len(c.Granted) > 0 {
		detail = append(detail, "granted", join(c.Granted))
	}
	return detail
}

// replaceDraft takes the connections of a draft to the file that comes in its
// place, and removes it.
func (b *Broker) replaceDraft(ctx context.Context, tx host.Tx, sub host.Subject, old, next host.Connector) ([]host.AuthorizationID, error) {
	all, err := tx.Connections().List(ctx)
	if err != nil {
		return nil, err
	}
	of := slices.DeleteFunc(all, func(c host.Connection) bool { return c.ConnectorHash != old.Hash })
	marked, err := b.repin(ctx, tx, sub, of, next)
	if err != nil {
		return marked, err
	}
	return marked, tx.Connectors().Delete(ctx, old.Hash)
}

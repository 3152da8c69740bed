package main

import (
	"errors"
	"net/netip"
	"os"
	"strconv"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/egress"
)

// configured looks at the configuration, which could be read unless bad.
func (d *doctor) configured(bad error) {
	path, named := d.configPlace(&d.flags)
	how := d.decided(d.flags.config, "--config", "CONNHOST_CONFIG")
	info, err := os.Stat(path)
	switch {
	case bad != nil:
		d.Fail("configuration", bad)
		d.Skip("settings", "what it says of openings, callback, mail and webhook is not known")
		return
	case err != nil && !named:
		d.Well("configuration", "no file %s is there (%s), and none is needed", path, how)
	case err != nil: // made unreadable since it was read
		d.Bad("configuration", "", "%s: %s", path, plainFileError(err))
	case modesTell && info.Mode().Perm()&0o022 != 0:
		d.Bad("configuration", "chmod go-w "+path, "%s (%s) can be changed by other users", path, how)
	default:
		d.Well("configuration", "%s (%s)", path, how)
	}
	d.openings()
	d.callback()
	d.mail()
	d.webhook()
}

// openings tells of those that let more through than one service.
func (d *doctor) openings() {
	const check = "openings"
	well := true
	for _, text := range d.set.allow {
		o, err := egress.ParseOpening(text)
		if err != nil {
			d.Fail(check, err)
			well = false
		} else if wide := o.Wide(); wide != "" {
			d.Warn(check, "name the one address and port that is meant: allow_cidr, CONNHOST_ALLOW_CIDR", "%s is wide: %s", o, wide)
			well = false
		}
	}
	switch n := len(d.set.allow); {
	case n == 0:
		d.Well(check, "no private address may be called")
	case well:
		d.Well(check, "none of %d is wide", n)
	}
}

// callback tries the port on which the answers of services are awaited.
func (d *doctor) callback() {
	const check = "callback"
	place := d.set.callback
	if place.url != "" || place.port == 0 {
		d.Well(check, "it needs no port of its own")
		return
	}
	ln, err := listen(place.port)
	if err == nil {
		_ = ln.Close()
		d.Well(check, "port %d of 127.0.0.1 is free", place.port)
		return
	}
	if e, ok := errors.AsType[*host.Error](err); ok && e.Code == host.Conflict {
		err = e.WithHint("see who has it and end that, or wait for the other authorization: ss -ltnp sport = :%d; or set callback.port in the configuration file",
			place.port)
	}
	d.Fail(check, err)
}

// mail looks for the password of the mail server.
func (d *doctor) mail() {
	const check = "mail"
	if d.set.smtp == nil {
		d.Well(check, "no smtp is configured: mails of scripts are shown and not sent")
		return
	}
	if _, err := d.set.smtp.password(d.system); err != nil {
		d.Fail(check, hintless(err, "put the password there, or change smtp in the configuration file"))
		return
	}
	d.Well(check, "it goes to %s; whether that takes it is not tried", d.set.smtp.Host)
}

// webhook looks for the secret, and whether the place may be called.
func (d *doctor) webhook() {
	const check = "webhook"
	if d.set.webhook == nil {
		d.Well(check, "none is configured: notices are shown and not sent")
		return
	}
	hook, err := d.set.webhook.hook(d.system)
	if err == nil {
		err = hook.Check()
	}
	if err != nil {
		d.Fail(check, hintless(err, "put a secret of 16 bytes or more there, or change webhook in the configuration file; then: connhost notices test"))
		return
	}
	if hook.URL.Scheme == "http" && !d.opens(hook.URL.Hostname(), hook.URL.Port()) {
		d.Warn(check, "use https, or open it: allow_cidr", "%s is called over plain http, which no opening names", shownURL(hook.URL))
		return
	}
	d.Well(check, "it goes to %s; to try it: connhost notices test", shownURL(hook.URL))
}

// opens reports whether an opening has a host. What a name leads to is not asked.
func (d *doctor) opens(name, port string) bool {
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return len(d.set.allow) > 0
	}
	number, _ := strconv.ParseUint(port, 10, 16)
	if number == 0 {
		number = 80
	}
	for _, text := range d.set.allow {
		if o, err := egress.ParseOpening(text); err == nil && o.Covers(netip.AddrPortFrom(addr, uint16(number))) {
			return true
		}
	}
	return false
}

// hintless gives an error that has no hint this one.
func hintless(err error, hint string) error {
	if e, ok := errors.AsType[*host.Error](err); ok && e.Hint == "" {
		return e.WithHint("%s", hint)
	}
	return err
}

package broker

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Fields lists the parameters that are asked for when a connection of the
// connector is authorized: all but those of kind host, which belong to the
// connection.
func Fields(c host.Connector) []abi.Parameter {
	return slices.DeleteFunc(c.Manifest.Fields(), func(p abi.Parameter) bool { return p.Kind == abi.KindHost })
}

// Invisible are the keys of the fields that are not asked for with what was
// given (design rule 12).
func Invisible(c host.Connector, values map[string]string, secrets map[string]host.Secret) map[string]bool {
	all := maps.Clone(values)
	for _, p := range Fields(c) {
		if s, hidden := secrets[p.Key]; hidden && !p.Secret { // given as a secret all the same
			all = over(all, map[string]string{p.Key: s.Reveal()})
		}
	}
	return c.Manifest.Invisible(all)
}

// whileInvisible is the error of a value for a parameter that is invisible.
// Before is what stands before each pair in the hint.
func whileInvisible(p abi.Parameter, before string) error {
	var flags []string
	for _, key := range slices.Sorted(maps.Keys(p.VisibleWhen)) {
		flags = append(flags, before+key+"="+p.VisibleWhen[key][0])
	}
	return host.Errorf(host.Usage, "the parameter %q is asked for only where %s", p.Key, p.Condition()).
		WithHint("leave %q out, or give %s too", p.Key, strings.Join(flags, " "))
}

// checkFields sorts what was given into values and secrets and checks both
// against the connector's fields. Everything missing is told at once, but what
// is misspelt first.
func checkFields(c host.Connector, link string, values map[string]string, secrets map[string]host.Secret) (map[string]string, map[string]host.Secret, error) {
	params, sealed := map[string]string{}, map[string]host.Secret{}
	var missing []string
	known, invisible := map[string]abi.Parameter{}, Invisible(c, values, secrets)
	hosts := hostTemplates(c.Manifest)
	for _, p := range Fields(c) {
		known[p.Key] = p
		v, given := values[p.Key]
		s, hidden := secrets[p.Key]
		if hidden {
			v, given = s.Reveal(), true
		}
		switch {
		case p.Secret && given && !hidden:
			return nil, nil, host.Errorf(host.Usage, "%q is a secret and may not stand on a command line", p.Key).
				WithHint("give it by --secret-stdin %s, --secret-file %s=PATH or --secret-env %s=VAR", p.Key, p.Key, p.Key)
		case invisible[p.Key] && v != "":
			return nil, nil, whileInvisible(p, "--param ")
		case invisible[p.Key]:
			continue
		case v == "" && p.Default == "" && p.Required:
			missing = append(missing, flagFor(p))
			continue
		case v == "":
			continue
		}
		if err := checkValue(p, v); err != nil {
			return nil, nil, err
		}
		if err := checkLabel(p, v, hosts[p.Key]); err != nil {
			return nil, nil, err
		}
		if !p.Secret && host.HasPlace(v) {
			return nil, nil, foreignPlace("the parameter \"" + p.Key + "\"")
		}
		if p.Secret {
			sealed[p.Key] = s
		} else {
			params[p.Key] = v
		}
	}
	for _, key := range slices.Concat(slices.Sorted(maps.Keys(values)), slices.Sorted(maps.Keys(secrets))) {
		if _, ok := known[key]; !ok {
			return nil, nil, host.Errorf(host.Usage, "connector %q asks for no parameter %q", c.ID, key).
				WithHint("connhost connector show %s lists its parameters", c.Typed())
		}
	}
	if len(missing) > 0 {
		return nil, nil, host.Errorf(host.Usage, "connection %q needs %s to be authorized", link, join(missing)).
			WithHint("connhost connector show %s tells what each one is", c.Typed())
	}
	return params, sealed, nil
}

func flagFor(p abi.Parameter) string {
	if p.Secret {
		return "--secret-stdin " + p.Key
	}
	return "--param " + p.Key + "=VALUE"
}

// checkValue holds a value against what the parameter declares.
func checkValue(p abi.Parameter, v string) error {
	if err := p.Check(v); err != nil {
		return host.Errorf(host.Usage, "%v", err)
	}
	return nil
}

// hostTemplates are the templates of hosts by the keys of the parameters in them.
func hostTemplates(m abi.Manifest) map[string]string {
	by := map[string]string{}
	for _, template := range slices.Concat(m.DeclaredHosts(), m.TokenHosts()) {
		places, _ := abi.Places(template)
		for _, p := range places {
			by[p.Name] = template
		}
	}
	return by
}

// checkLabel refuses a value that no call could put into the host that its
// parameter stands in (design rule 12).
func checkLabel(p abi.Parameter, v, template string) error {
	if template == "" {
		return nil
	}
	if _, err := (host.Values{Params: map[string]string{p.Key: v}}).Host("{" + p.Key + "}"); err != nil {
		return host.Errorf(host.Usage, "%v", err).WithHint("give only what stands for {%s} in %s", p.Key, template)
	}
	return nil
}

func join(list []string) string { return strings.Join(list, ", ") }

func itoa(n int) string { return strconv.Itoa(n) }

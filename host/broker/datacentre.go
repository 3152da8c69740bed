package broker

import (
	"maps"
	"slices"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// setCentre chooses the data centre of a new connection and fills its hosts
// (design rule 18). One that is not named is the first within the residency, or
// the first; who gives a host by hand chooses the data centre that has it, or
// none.
func (b *Broker) setCentre(c *host.Connection, connector host.Connector, name string, given map[string]string) (map[string]string, error) {
	m := connector.Manifest
	if name == "" {
		c.DataCentre = b.usualCentre(m, given)
	} else if _, ok := m.DataCentre(name); ok {
		c.DataCentre = name
	} else {
		return nil, unknownCentre(connector, name)
	}
	centre, _ := m.DataCentre(c.DataCentre)
	out := maps.Clone(given)
	if out == nil {
		out = map[string]string{}
	}
	for key, value := range centre.Values {
		if p, _ := m.Parameter(key); p.Kind != abi.KindHost {
			continue
		}
		if other, ok := given[key]; ok && other != value {
			return nil, settledBy(centre, key)
		}
		out[key] = value
	}
	return out, nil
}

func unknownCentre(connector host.Connector, name string) error {
	var names []string
	for _, d := range connector.Manifest.DataCentres {
		names = append(names, d.Name)
	}
	e := host.Errorf(host.Usage, "connector %q has no data centre %q", connector.ID, name)
	if len(names) == 0 {
		return e.WithHint("it declares none: connhost connection create %s", connector.ID)
	}
	return e.WithHint("its data centres: %s", join(names))
}

// settledBy is the error of a value for a parameter that the data centre fills.
func settledBy(d abi.DataCentre, key string) error {
	return host.Errorf(host.Usage, "the data centre %q decides what %q is", d.Name, key).
		WithHint("leave out --param %s, or create a connection for another with --data-centre", key)
}

func (b *Broker) usualCentre(m abi.Manifest, given map[string]string) string {
	fits := func(d abi.DataCentre) bool {
		for key, value := range d.Values {
			if other, ok := given[key]; ok && other != value {
				return false
			}
		}
		return true
	}
	list := slices.DeleteFunc(slices.Clone(m.DataCentres), func(d abi.DataCentre) bool { return !fits(d) })
	if i := slices.IndexFunc(list, func(d abi.DataCentre) bool { return b.Residency != "" && d.Within(b.Residency) }); i >= 0 {
		return list[i].Name
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Name
}

// settled is a connector with the values of the connection's data centre as the
// defaults of its parameters, so that nobody is asked for them.
func settled(c host.Connection, connector host.Connector) host.Connector {
	centre, ok := connector.Manifest.DataCentre(c.DataCentre)
	if !ok || len(centre.Values) == 0 {
		return connector
	}
	connector.Manifest.Parameters = slices.Clone(connector.Manifest.Parameters)
	for _, p := range connector.Manifest.Fields() {
		value, fixed := centre.Values[p.Key]
		if !fixed {
			continue
		}
		p.Default = value
		if i := slices.IndexFunc(connector.Manifest.Parameters, func(o abi.Parameter) bool { return o.Key == p.Key }); i >= 0 {
			connector.Manifest.Parameters[i] = p
		} else {
			connector.Manifest.Parameters = append(connector.Manifest.Parameters, p)
		}
	}
	return connector
}

// centreValues are the values for an authorization: those that were given and
// those of the data centre, as far as they are asked for.
func centreValues(c host.Connection, connector host.Connector, given map[string]string) (map[string]string, error) {
	centre, ok := connector.Manifest.DataCentre(c.DataCentre)
	if !ok {
		return given, nil
	}
	out := maps.Clone(given)
	for _, p := range Fields(connector) {
		value, fixed := centre.Values[p.Key]
		if !fixed {
			continue
		}
		if other, ok := given[p.Key]; ok && other != value {
			return nil, settledBy(centre, p.Key)
		}
		if out == nil {
			out = map[string]string{}
		}
		out[p.Key] = value
	}
	for key := range connector.Manifest.Invisible(out) {
		if _, asked := given[key]; !asked { // what was given is refused
			delete(out, key)
		}
	}
	return out, nil
}

// crosses says that a connection takes data out of the operator's residency:
// one sentence, or "" (design rule 18).
func (b *Broker) crosses(c host.Connection, connector host.Connector) string {
	d, ok := connector.Manifest.DataCentre(c.DataCentre)
	if !ok || b.Residency == "" || d.Within(b.Residency) {
		return ""
	}
	return "connection \"" + c.LinkName + "\" goes to the data centre " + d.Title() + " (region " + d.Area() + "), outside of the residency " + b.Residency
}

// crossing are the details of an audit record about where data go.
func (b *Broker) crossing(c host.Connection, connector host.Connector) []string {
	if c.DataCentre == "" {
		return nil
	}
	detail := []string{"data_centre", c.DataCentre}
	if b.crosses(c, connector) != "" {
		detail = append(detail, "residency", b.Residency)
	}
	return detail
}

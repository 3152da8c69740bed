package abi

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Area is the region of a data centre, its name unless given.
func (d DataCentre) Area() string {
	if d.Region == "" {
		return d.Name
	}
	return d.Region
}

// Title is what people call a data centre.
func (d DataCentre) Title() string {
	if d.Label == "" {
		return d.Name
	}
	return d.Label
}

// Within reports whether a data centre lies in a region; letter case means
// nothing.
func (d DataCentre) Within(region string) bool { return strings.EqualFold(d.Area(), region) }

// DataCentre gives a data centre by its name.
func (m Manifest) DataCentre(name string) (DataCentre, bool) {
	i := slices.IndexFunc(m.DataCentres, func(d DataCentre) bool { return d.Name == name })
	if i < 0 {
		return DataCentre{}, false
	}
	return m.DataCentres[i], true
}

// CentreHosts are the hosts that data centres give to parameters of kind host:
// a credential may go to those of a connection's own.
func (m Manifest) CentreHosts() []string {
	var hosts []string
	for _, d := range m.DataCentres {
		for _, key := range slices.Sorted(maps.Keys(d.Values)) {
			if p, _ := m.Parameter(key); p.Kind == KindHost && !slices.Contains(hosts, d.Values[key]) {
				hosts = append(hosts, d.Values[key])
			}
		}
	}
	return hosts
}

var regionForm = regexp.MustCompile(`^(?:` + regionPattern + `)$`)

// IsRegion reports whether a text can be the region of a data centre.
func IsRegion(text string) bool { return regionForm.MatchString(text) }

func (c *checker) dataCentres() {
	if !c.few("data_centres", len(c.m.DataCentres), keyOf(manifestKeys, "data_centres")) {
		return
	}
	seen := map[string]bool{}
	for i, d := range c.m.DataCentres {
		at := ItemPath("data_centres", i)
		switch {
		case d.Name == "":
			c.fault("M014", at, "", `a data centre needs a "name"`)
		case seen[d.Name]:
			c.fault("M112", at, "", "the data centre %q is declared twice", d.Name)
		}
		seen[d.Name] = true
		c.words(KeyPath(at, "label"), d.Label)
		for _, key := range slices.Sorted(maps.Keys(d.Values)) {
			c.dataCentreValue(KeyPath(KeyPath(at, "values"), key), key, d)
		}
	}
}

func (c *checker) dataCentreValue(path, key string, d DataCentre) {
	p, ok := c.fields[key]
	value := d.Values[key]
	switch {
	case !ok && c.unsure:
	case !ok:
		c.fault("M113", path, "declare it under parameters", "%q is no parameter%s", key, meant(key, slices.Sorted(maps.Keys(c.fields))))
	case p.Secret:
		c.fault("M113", path, "", "the parameter %q is secret: everybody could read it in the manifest", key)
	case value == "":
		c.fault("M114", path, "leave the value out", "the data centre has no value for %q", key)
	default:
		if err := p.Check(value); err != nil {
			c.fault("M114", path, "", "%v", err)
		}
	}
	for _, decider := range slices.Sorted(maps.Keys(p.VisibleWhen)) {
		if has, ok := d.Values[decider]; ok && !slices.Contains(p.VisibleWhen[decider], has) {
			c.fault("M115", path, "leave the value out", "%q is %s in this data centre, and %q is asked for only where %s", decider, has, key, p.Condition())
		}
	}
}

package abi_test

import (
	"testing"

	"github.com/connhost/connhost/plugins/abi"
)

// Rule 18: a connector declares data centres, with values for its parameters.
func TestRule18DataCentres(t *testing.T) {
	type m = *abi.Manifest
	centre := func(d ...abi.DataCentre) func(m) {
		return func(m m) {
			m.Parameters = append(m.Parameters, abi.Parameter{Key: "server", Kind: abi.KindHost}, abi.Parameter{Key: "area", Enum: []string{"eu", "us"}})
			m.Test.Query = map[string]string{"area": "{area}"}
			m.DataCentres = d
		}
	}
	with := func(key, value string) func(m) {
		return centre(abi.DataCentre{Name: "eu", Values: map[string]string{key: value}})
	}
	check(t, skeleton, []rule{
		{"whole", centre(
			abi.DataCentre{Name: "eu", Region: "EU", Label: "Frankfurt", Values: map[string]string{"server": "eu.acme.test:8443", "area": "eu"}},
			abi.DataCentre{Name: "us"}), ""},
		{"twice", centre(abi.DataCentre{Name: "eu"}, abi.DataCentre{Name: "eu"}), `data_centres[1]: the data centre "eu" is declared twice`},
		{"no name", centre(abi.DataCentre{Label: "x"}), `data_centres[0]: a data centre needs a "name"`},
		{"a name with a space", centre(abi.DataCentre{Name: "e u"}), `data_centres[0].name: "name" has a form that is not allowed`},
		{"a region with a space", centre(abi.DataCentre{Name: "eu", Region: "e u"}), `data_centres[0].region: "region" has a form that is not allowed`},
		{"no parameter", with("sever", "a.test"), `data_centres[0].values.sever: "sever" is no parameter (did you mean "server"?)`},
		{"a secret", with("key", "x"), `data_centres[0].values.key: the parameter "key" is secret: everybody could read it in the manifest`},
		{"no value", with("area", ""), `data_centres[0].values.area: the data centre has no value for "area"`},
		{"another word", with("area", "asia"), `data_centres[0].values.area: the value of "area" must be one of: eu, us`},
		{"no host", with("server", "https://a.test"), `data_centres[0].values.server: the value of "server" must be a host name, with a port or without`},
	})
	var one m = &abi.Manifest{DataCentres: []abi.DataCentre{{Name: "eu"}, {Name: "us", Region: "US", Label: "Ohio"}}}
	eu, _ := one.DataCentre("eu")
	us, _ := one.DataCentre("us")
	if eu.Area() != "eu" || eu.Title() != "eu" || us.Title() != "Ohio" || !us.Within("us") || us.Within("eu") {
		t.Errorf("%+v %+v", eu, us)
	}
	two := abi.Manifest{
		Parameters:  []abi.Parameter{{Key: "server", Kind: abi.KindHost}, {Key: "area"}},
		DataCentres: []abi.DataCentre{{Name: "eu", Values: map[string]string{"server": "eu.acme.test", "area": "eu"}}, {Name: "fr", Values: map[string]string{"server": "eu.acme.test"}}},
	}
	if got := two.CentreHosts(); len(got) != 1 || got[0] != "eu.acme.test" {
		t.Errorf("hosts: %v", got)
	}
	if _, ok := one.DataCentre("asia"); ok {
		t.Error("asia is there")
	}
}

package oauth

import (
	"maps"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// flowNames are the places that a flow fills beside the connection's
// parameters. One that a step does not have comes out empty.
var flowNames = []string{"client_id", "client_secret", "redirect_uri", "scope", "code", "code_verifier", "access_token", "refresh_token", "token", assertionName}

// assertionName is what templates call the token that jwt_bearer presents.
const assertionName = "assertion"

// values are what the templates of a flow may name: the connection's
// parameters, the client credential and what this step holds.
func values(t host.FlowTarget, params map[string]string, secret map[string]host.Secret) host.Values {
	v := host.Values{Params: map[string]string{}, Secret: map[string]host.Secret{}, Whole: map[string]bool{}}
	maps.Copy(v.Params, t.Params)
	maps.Copy(v.Secret, t.Secret)
	for _, name := range flowNames {
		v.Params[name] = ""
		delete(v.Secret, name)
	}
	v.Params["client_id"] = t.ClientID
	v.Secret["client_secret"] = t.ClientSecret
	maps.Copy(v.Params, params)
	maps.Copy(v.Secret, secret)
	for _, p := range t.Connector.Manifest.Parameters {
		if p.Kind == abi.KindHost {
			v.Whole[p.Key] = true
		}
	}
	return v
}

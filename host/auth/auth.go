// Package auth puts credentials on requests: one host.Signer for each way in
// which a service wants to see one. It gets no tokens, keeps nothing, and
// decides nothing about where a request may go: egress calls a Signer after
// its policy and before the dial.
//
//	manifest's auth + values --fill--> text --basic | value--> header or query
package auth

import (
	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// Signers is the table of auth types. Those whose credential is one text share
// a Signer: their difference is the template, and that is the manifest's. Those
// that sign a time take it from the clock, for the origin of the request.
func Signers(clock host.Clock) map[string]host.Signer {
	return map[string]host.Signer{
		abi.AuthNone:    none{},
		abi.AuthBasic:   basic{},
		abi.AuthAPIKey:  value{},
		abi.AuthBearer:  value{},
		abi.AuthOAuth2:  oauth2{clock: clock, nonces: &jwt.Nonces{}},
		abi.AuthSession: value{},
		abi.AuthDigest:  digestAuth{},
		abi.AuthJWT:     newTokenSigner(clock),
		abi.AuthSigV4:   awsSigner{clock},
		abi.AuthCustom:  none{}, // the connector's own code signs
	}
}

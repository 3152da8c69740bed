// Package auth puts credentials on requests: one host.Signer for each way in
// which a service wants to see one. It gets no tokens, keeps nothing, and
// decides nothing about where a request may go: egress calls a Signer after
// its policy and before the dial.
//
//	manifest's auth + values --fill--> text --basic | value--> header or query
package auth

import (
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/jwt"
	"github.com/connhost/connhost/plugins/abi"
)

// Signers is the table of auth types. Those whose credential is one text share
// a Signer: their difference is the template, and that is the manifest's. Now is
// the clock of those that sign a time.
func Signers(now func() time.Time) map[string]host.Signer {
	return map[string]host.Signer{
		abi.AuthNone:    none{},
		abi.AuthBasic:   basic{},
		abi.AuthAPIKey:  value{},
		abi.AuthBearer:  value{},
		abi.AuthOAuth2:  oauth2{now: now, nonces: &jwt.Nonces{}},
		abi.AuthSession: value{},
		abi.AuthDigest:  digestAuth{},
		abi.AuthJWT:     newTokenSigner(now),
		abi.AuthSigV4:   awsSigner{now: now},
		abi.AuthCustom:  none{}, // the connector's own code signs
	}
}

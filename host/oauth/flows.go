package oauth

import (
	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// Flows are the ways to get what a grant gives, by auth type. Hooks may be nil
// where no connector has a token hook.
func Flows(egress host.Egress, hooks host.Hooks, clock host.Clock) map[string]host.Refresher {
	client := New(egress, hooks, clock)
	return map[string]host.Refresher{
		abi.AuthOAuth2: client, abi.AuthOAuth1: NewClient1(egress, clock), abi.AuthSession: NewSession(client),
	}
}

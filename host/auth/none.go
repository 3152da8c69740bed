package auth

import (
	"net/http"

	"github.com/connhost/connhost/host"
)

// none is for services that ask for nothing.
type none struct{}

var _ host.Signer = none{}

func (none) Sign(*http.Request, host.Credential) error { return nil }
func (none) Reveals(host.Credential) []string          { return nil }

package lab

import (
	"net/http"
	"strings"

	"github.com/connhost/connhost/plugins/abi"
)

// metadata is where an issuer tells its URLs: RFC 8414 section 3.1 and OpenID
// Connect Discovery section 4.
func (s *service) metadata() []*endpoint {
	issuer := s.m.Auth.Issuer
	if issuer == "" {
		return nil
	}
	_, tail := s.locate(issuer)
	path := strings.TrimSuffix(tail, "/")
	base := strings.TrimSuffix(issuer, tail)
	get := abi.Request{Method: http.MethodGet}
	return []*endpoint{
		s.endpoint("metadata", get, base+"/.well-known/oauth-authorization-server"+path, s.tellMetadata),
		s.endpoint("metadata", get, base+path+"/.well-known/openid-configuration", s.tellMetadata),
	}
}

// tellMetadata names the endpoints that the manifest describes or leaves to the
// issuer.
func (s *service) tellMetadata(v *visit) {
	doc := map[string]any{"issuer": s.fill(s.m.Auth.Issuer), "authorization_response_iss_parameter_supported": true}
	for _, e := range s.endpoints {
		member, ok := metadataMembers[e.kind]
		if _, known := doc[member]; ok && !known {
			doc[member] = e.origin + s.fill(e.path)
		}
	}
	writeJSON(v.w, http.StatusOK, doc)
}

var metadataMembers = map[string]string{
	"authorize": "authorization_endpoint", "token": "token_endpoint", "device": "device_authorization_endpoint",
	"par": "pushed_authorization_request_endpoint", "revoke": "revocation_endpoint", "introspect": "introspection_endpoint",
}

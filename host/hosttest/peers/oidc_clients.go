package peers

// The clients of OIDC. Each may use the authorization code and refresh tokens,
// with the redirect URI http://127.0.0.1/callback/ID on any port, and revoke and
// introspect its tokens. Where the table says so, it may do something else.
//
//	id          | authenticates by            | otherwise
//	basic       | client_secret_basic         | its secret has to be form-encoded, RFC 6749 section 2.3.1
//	post        | client_secret_post          |
//	secret-jwt  | client_secret_jwt, HS256    |
//	es256       | private_key_jwt, ES256      |
//	rs256       | private_key_jwt, RS256      |
//	public      | none                        |
//	par         | client_secret_basic         | has to push its requests, RFC 9126
//	second      | none                        |
//	dpop        | client_secret_basic         | tokens are bound to DPoP, RFC 9449
//	dpop-public | none                        | tokens are bound to DPoP, refresh tokens too
//	device      | none                        | device code and refresh token only
//	machine     | client_secret_basic         | client credentials only, for Resource or without one
//	tls         | tls_client_auth             | https only; tokens are bound to the certificate, RFC 8705
//	self-signed | self_signed_tls_client_auth | https only; tokens are bound to the certificate
const (
	BasicClient      = "basic"
	PostClient       = "post"
	SecretJWTClient  = "secret-jwt"
	ES256Client      = "es256"
	RS256Client      = "rs256"
	PublicClient     = "public"
	SecondClient     = "second"
	PARClient        = "par"
	DPoPClient       = "dpop"
	DPoPPublicClient = "dpop-public"
	DeviceClient     = "device"
	MachineClient    = "machine"
	MTLSClient       = "tls"
	SelfSignedClient = "self-signed"
)

// The secrets of the clients that have one.
const (
	BasicSecret     = "basic-31+72/100%&more:than=plain"
	PostSecret      = "post-b81c0f5e2d6a4c9f8e07"
	SecretJWTSecret = "secret-jwt-5f0c61b7e94a4d32a8c6d1e07b93f248"
	PARSecret       = "par-77d0a4e1c52b4f3a9d68"
	DPoPSecret      = "dpop-2e9b6c08f7134ad5b1c4"
	MachineSecret   = "machine-c4f1908a6be74d23957e"
)

// Resource is the one resource indicator that OIDC knows, RFC 8707. Its scopes
// are items.read and items.write; a token for it is not for /me.
const Resource = "https://items.example/"

// clients is the table above in the words of RFC 7591.
func (o *OIDCServer) clients(certs certificates, connectors []string) []map[string]any {
	type extra = map[string]any
	code := []string{"authorization_code", "refresh_token"}
	client := func(id, secret, method string, grants []string, more extra) map[string]any {
		c := map[string]any{
			"client_id": id, "token_endpoint_auth_method": method, "grant_types": grants,
			// RFC 8252 section 7.3: any port of the loopback address.
			"application_type": "native", "redirect_uris": []string{}, "response_types": []string{},
		}
		if secret != "" {
			c["client_secret"] = secret
		}
		if grants[0] == "authorization_code" {
			callbacks := []string{"http://127.0.0.1/callback/" + id}
			for _, connector := range connectors {
				callbacks = append(callbacks, "http://127.0.0.1/callback/"+connector)
			}
			c["redirect_uris"], c["response_types"] = callbacks, []string{"code"}
		}
		for key, value := range more {
			c[key] = value
		}
		return c
	}
	jwks := func(keys ...map[string]any) extra { return extra{"keys": keys} }
	return []map[string]any{
		client(BasicClient, BasicSecret, "client_secret_basic", code, nil),
		client(PostClient, PostSecret, "client_secret_post", code, nil),
		client(SecretJWTClient, SecretJWTSecret, "client_secret_jwt", code, extra{"token_endpoint_auth_signing_alg": "HS256"}),
		client(ES256Client, "", "private_key_jwt", code,
			extra{"token_endpoint_auth_signing_alg": "ES256", "jwks": jwks(o.ES256.jwk)}),
		client(RS256Client, "", "private_key_jwt", code,
			extra{"token_endpoint_auth_signing_alg": "RS256", "jwks": jwks(o.RS256.jwk)}),
		client(PublicClient, "", "none", code, nil),
		client(SecondClient, "", "none", code, nil),
		client(PARClient, PARSecret, "client_secret_basic", code, extra{"require_pushed_authorization_requests": true}),
		client(DPoPClient, DPoPSecret, "client_secret_basic", code, extra{"dpop_bound_access_tokens": true}),
		client(DPoPPublicClient, "", "none", code, extra{"dpop_bound_access_tokens": true}),
		client(DeviceClient, "", "none",
			[]string{"urn:ietf:params:oauth:grant-type:device_code", "refresh_token"}, nil),
		client(MachineClient, MachineSecret, "client_secret_basic", []string{"client_credentials"}, nil),
		client(MTLSClient, "", "tls_client_auth", code, extra{
			"tls": true, "tls_client_certificate_bound_access_tokens": true, "tls_client_auth_san_dns": clientName}),
		client(SelfSignedClient, "", "self_signed_tls_client_auth", code, extra{
			"tls": true, "tls_client_certificate_bound_access_tokens": true, "jwks": jwks(certs.selfSignedJWK)}),
	}
}

package peers

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// OIDCOptions may be left zero.
type OIDCOptions struct {
	AccessTokenLife  time.Duration // whole seconds; an hour if zero
	RefreshTokenLife time.Duration // whole seconds; 14 days if zero
	// Connectors are ids whose callbacks each client may use, besides the one
	// of its own id.
	Connectors []string
}

// An OIDCServer is a running oidc-provider. It has two issuers that share nothing
// but the log: one by http, and one by https that asks for a client certificate
// without insisting. Both describe themselves under
// /.well-known/openid-configuration.
type OIDCServer struct {
	URL    string // the issuer by http, such as http://127.0.0.1:41234
	TLSURL string // the issuer by https
	CAFile string // PEM, for SSL_CERT_FILE: who signed the server's certificate

	TLSClient  KeyPair // the certificate of MTLSClient
	SelfSigned KeyPair // the certificate of SelfSignedClient
	ES256      Key     // the key of ES256Client
	RS256      Key     // the key of RS256Client

	roots *x509.CertPool
}

// OIDC starts oidc-provider, an OpenID Connect server, with the clients that stand
// at BasicClient.
//
// It requires PKCE with S256 and sends iss back. It rotates refresh tokens, and
// a second use of one revokes its grant. A refresh token is given for the scope
// offline_access with prompt=consent only. A DPoP proof needs a nonce, both at
// the token endpoint and at the resource, which is /me.
func OIDC(t testing.TB, options OIDCOptions) *OIDCServer {
	t.Helper()
	wanted(t)
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(here), "testdata", "oidc")
	npmInstall(t, folder)

	certs := newCertificates(t)
	plain, secure := freeAddr(t), freeAddr(t)
	o := &OIDCServer{
		URL: "http://" + plain, TLSURL: "https://" + secure,
		CAFile: certs.ca.CertFile, TLSClient: certs.client, SelfSigned: certs.selfSigned, roots: certs.roots,
		ES256: newES256Key(t), RS256: newRS256Key(t),
	}
	config := filepath.Join(t.TempDir(), "config.json")
	writeJSON(t, config, map[string]any{
		"host": "127.0.0.1", "httpPort": portOf(t, plain), "httpsPort": portOf(t, secure),
		"tls": map[string]any{
			"key": certs.server.KeyFile, "cert": certs.server.CertFile,
			// The handshake names who is trusted, and clients of Go send nothing else.
			"trusted": []string{certs.ca.CertFile, certs.selfSigned.CertFile},
		},
		"accessTokenLife":  seconds(options.AccessTokenLife, time.Hour),
		"refreshTokenLife": seconds(options.RefreshTokenLife, 14*24*time.Hour),
		"resource":         Resource,
		"clients":          o.clients(certs, options.Connectors),
	})
	cmd := exec.Command("node", "server.mjs", config)
	cmd.Dir = folder
	cmd.Stderr = t.Output()
	start(t, cmd)
	awaitHTTP(t, o.URL+"/log")
	return o
}

// HTTP is a client that trusts the server and shows these certificates.
func (o *OIDCServer) HTTP(t Fataler, pairs ...KeyPair) *http.Client {
	config := &tls.Config{RootCAs: o.roots}
	for _, pair := range pairs {
		cert, err := tls.LoadX509KeyPair(pair.CertFile, pair.KeyFile)
		if err != nil {
			t.Fatalf("read a client's certificate: %v", err)
		}
		config.Certificates = append(config.Certificates, cert)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: 20 * time.Second}
}

// A TokenRequest is one request to the token endpoint, as the server saw it.
type TokenRequest struct {
	Time               time.Time `json:"time"` // when it came in
	Issuer             string    `json:"issuer"`
	ClientID           string    `json:"client_id"`            // empty if the server does not know the client
	GrantType          string    `json:"grant_type"`           // empty if the client may not use it
	RefreshTokenSHA256 string    `json:"refresh_token_sha256"` // hex; empty without a refresh token
	OK                 bool      `json:"ok"`                   // false too while it is not answered
	Error              string    `json:"error"`
}

// A GrantRevoked says that the server took back all tokens of a grant.
type GrantRevoked struct {
	Time     time.Time `json:"time"`
	ClientID string    `json:"client_id"`
	Cause    string    `json:"cause"` // "refresh_token reused", "authorization_code reused" or "revocation"
}

// Log is what the server saw since it started, oldest first.
func (o *OIDCServer) Log(t Fataler) ([]TokenRequest, []GrantRevoked) {
	resp, err := http.Get(o.URL + "/log")
	if err != nil {
		t.Fatalf("read the log: %v", err)
	}
	defer resp.Body.Close()
	var log struct {
		Requests []TokenRequest
		Events   []GrantRevoked
	}
	if err := json.NewDecoder(resp.Body).Decode(&log); err != nil {
		t.Fatalf("read the log: %v", err)
	}
	return log.Requests, log.Events
}

func writeJSON(t testing.TB, file string, value any) {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func portOf(t testing.TB, addr string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func seconds(life, otherwise time.Duration) int {
	if life == 0 {
		life = otherwise
	}
	return int(life / time.Second)
}

package peers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The clients of a ZitadelServer, as its example has them.
//
//	id      | secret     | authenticates by    | grants
//	web     | secret     | client_secret_basic | authorization code, refresh token, token exchange (RFC 8693)
//	api     | secret     | client_secret_basic | the same
//	native  |            | none                | authorization code with PKCE, refresh token
//	sid1    | verysecret | client_secret_basic | client credentials
//	service |            | by its assertion    | JWT bearer (RFC 7523 section 2.1), signed with ServiceKey
const (
	ZitadelClient  = "web"
	ZitadelSecret  = "secret"
	ZitadelNative  = "native"
	ZitadelMachine = "sid1"
	ZitadelService = "service"

	ZitadelMachineSecret = "verysecret"
)

// A ZitadelServer is a running example server of zitadel/oidc.
type ZitadelServer struct {
	URL    string // where it answers, such as http://127.0.0.1:41234
	Issuer string // what it calls itself: http://localhost:41234/
	// ServiceKey signs the assertions of ZitadelService. It is the one that
	// zitadel publishes: RS256, in PKCS #1, kid key1. Issuer and subject of an
	// assertion are the service, its audience is Issuer.
	ServiceKey []byte
}

// Zitadel starts the example server of zitadel/oidc, with these redirect URIs
// besides http://127.0.0.1/callback/zitadel; the native client may use any port.
// Its users are ada, who may be impersonated by token exchange, and bob, who may
// not. It listens at all addresses of the machine, which cannot be configured.
func Zitadel(t testing.TB, redirectURIs ...string) *ZitadelServer {
	t.Helper()
	wanted(t)
	const version = "v3.52.0"
	program := goTool(t, "github.com/zitadel/oidc/v3/example/server@"+version, "server")
	key, err := os.ReadFile(filepath.Join(moduleFolder(t, "github.com/zitadel/oidc/v3@"+version), "example/server/service-key1.pem"))
	if err != nil {
		t.Fatal(err)
	}
	users := filepath.Join(t.TempDir(), "users.json")
	user := func(name string, admin bool) map[string]any {
		return map[string]any{
			"ID": name, "Username": name, "Password": Password, "FirstName": strings.ToUpper(name[:1]) + name[1:], "LastName": "Tester",
			"Email": name + "@example.com", "EmailVerified": true, "PreferredLanguage": "en", "IsAdmin": admin,
		}
	}
	writeJSON(t, users, map[string]any{
		"ada": user("ada", true), "bob": user("bob", false), ZitadelService: user(ZitadelService, true),
	})
	addr := freeAddr(t)
	port := portOf(t, addr)
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), fmt.Sprint("PORT=", port), "USERS_FILE="+users,
		"REDIRECT_URI="+strings.Join(append(redirectURIs, "http://127.0.0.1/callback/zitadel"), ","))
	cmd.Stderr = t.Output()
	start(t, cmd)
	z := &ZitadelServer{URL: "http://" + addr, Issuer: fmt.Sprintf("http://localhost:%d/", port), ServiceKey: key}
	awaitHTTP(t, z.URL+"/.well-known/openid-configuration")
	return z
}

// Consent opens the URL of an authorization request as a new browser, logs in,
// and gives the callback that this leads to, without opening it. There is no
// page to refuse at.
func (z *ZitadelServer) Consent(t Fataler, page, user string) *url.URL {
	callback, last, err := newBrowser(http.DefaultTransport, page, z.URL, z.Issuer).walk(page, Answer{User: user})
	if err != nil {
		t.Fatalf("log in: %v", err)
	}
	if callback == nil {
		t.Fatalf("log in: %s leads to no callback, but to:\n%s", page, last)
	}
	return callback
}

// moduleFolder is where the go command keeps a module that it downloaded.
func moduleFolder(t testing.TB, module string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = t.TempDir() // outside this module
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the module %s cannot be had: %v\n%s", module, err, out)
	}
	var found struct{ Dir string }
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found.Dir
}

// Token gives an access token that ZitadelClient got for a user.
func (z *ZitadelServer) Token(t Fataler, user string) string {
	const callback = "http://127.0.0.1/callback/zitadel"
	asked := url.Values{"client_id": {ZitadelClient}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"s"}, "redirect_uri": {callback}}
	code := z.Consent(t, z.URL+"/auth?"+asked.Encode(), user).Query().Get("code")
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "client_id": {ZitadelClient}, "client_secret": {ZitadelSecret}}
	resp, err := http.PostForm(z.URL+"/oauth/token", form)
	if err != nil {
		t.Fatalf("ask for a token: %v", err)
	}
	defer resp.Body.Close()
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got.Token == "" {
		t.Fatalf("ask for a token: status %d, %v", resp.StatusCode, err)
	}
	return got.Token
}

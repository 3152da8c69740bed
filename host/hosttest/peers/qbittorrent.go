package peers

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// The user of a QBittorrent.
const (
	QBittorrentUser     = "admin"
	QBittorrentPassword = "adminadmin" // as it comes from its makers
)

// QBittorrent starts Debian's qbittorrent-nox and gives the URL of its API: a
// log-in by POST /api/v2/auth/login with the form username and password gives a
// cookie, SID, that ends after the session's life. A wrong password is answered
// with 200 and no cookie; several of them ban the address.
func QBittorrent(t testing.TB, session time.Duration) string {
	t.Helper()
	wanted(t)
	program, err := exec.LookPath("qbittorrent-nox")
	if err != nil {
		t.Fatalf("the peer qbittorrent-nox cannot be had: %v", err)
	}
	profile := t.TempDir()
	config := filepath.Join(profile, "qBittorrent", "config", "qBittorrent.conf")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "[LegalNotice]\nAccepted=true\n\n[BitTorrent]\nSession\\DHTEnabled=false\nSession\\LSDEnabled=false\nSession\\Interface=lo\nSession\\InterfaceName=lo\n\n" +
		"[Network]\nPortForwardingEnabled=false\n\n" +
		"[Preferences]\nWebUI\\Address=127.0.0.1\nWebUI\\SessionTimeout=" + strconv.Itoa(int(session/time.Second)) + "\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--profile="+profile, "--webui-port="+port)
	cmd.Env = append(os.Environ(), "HOME="+profile)
	start(t, cmd)
	awaitHTTP(t, "http://"+addr+"/")
	return "http://" + addr
}

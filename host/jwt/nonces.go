package jwt

import (
	"net/http"
	"net/url"
	"sync"
)

// NonceHeader is where a service gives the next nonce (RFC 9449 section 8).
const NonceHeader = "Dpop-Nonce"

// maxNonces bounds how many services are remembered.
const maxNonces = 4096

// Nonces keep the newest nonce of each origin. The zero value is empty; it is
// safe for concurrent use.
type Nonces struct {
	mu   sync.Mutex
	list map[string]string
}

// Get gives the nonce of a URL's origin; empty where there is none.
func (n *Nonces) Get(u *url.URL) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list[u.Scheme+"://"+u.Host]
}

// Learn keeps the nonce of an answer and says whether there was another one
// than before.
func (n *Nonces) Learn(u *url.URL, h http.Header) bool {
	nonce := h.Get(NonceHeader)
	if !valid(nonce) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.list == nil || len(n.list) >= maxNonces {
		n.list = map[string]string{}
	}
	key := u.Scheme + "://" + u.Host
	fresh := n.list[key] != nonce
	n.list[key] = nonce
	return fresh
}

// valid holds RFC 9449 section 8.1: printable, without quotes and backslashes.
func valid(nonce string) bool {
	if nonce == "" || len(nonce) > 2048 {
		return false
	}
	for i := range len(nonce) {
		if c := nonce[i]; c < 0x21 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

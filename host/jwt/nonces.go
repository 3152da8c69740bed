package jwt

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/connhost/connhost/host"
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
	return n.list[host.Origin(u)]
}

// Learn keeps the nonce of an answer and says whether it held one. That it is
// known already means nothing: the answer to another request, which was under
// way at the same time, may have told it.
func (n *Nonces) Learn(u *url.URL, h http.Header) bool {
	nonce := h.Get(NonceHeader)
	if !valid(nonce) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := host.Origin(u)
	if _, ok := n.list[key]; n.list == nil || !ok && len(n.list) >= maxNonces {
		n.list = map[string]string{}
	}
	n.list[key] = nonce
	return true
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

package broker

import (
	"maps"
	"net/http"

	"github.com/connhost/connhost/host"
)

// headersOf are what every call of a route carries (abi.Manifest.Headers); nil
// for nothing.
func headersOf(r *route) (http.Header, error) {
	if len(r.connector.Manifest.Headers) == 0 {
		return nil, nil
	}
	v := r.values
	v.Params = over(v.Params, r.clientParams())
	texts, err := v.Texts(r.connector.Manifest.Headers)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	for name, text := range texts {
		h.Set(name, text)
	}
	return h, nil
}

// clientParams is what templates may name of the client credential.
func (r *route) clientParams() map[string]string {
	return map[string]string{"client_id": r.client.ClientID}
}

// dress adds the headers of every call to one that does not give them itself.
func (r *route) dress(call *host.Call) {
	if len(r.headers) == 0 {
		return
	}
	all := maps.Clone(r.headers)
	for name, values := range call.Header {
		delete(all, http.CanonicalHeaderKey(name))
		all[name] = values
	}
	call.Header = all
}

package egress

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/connhost/connhost/host"
)

// A Cage is the whole world of a client that rehearses: the names that it knows,
// as host:port in lower case, and where on this machine each of them leads.
//
// It is no option. A connector that was installed for a service and is called
// with its real credential can never be led elsewhere, because nothing that
// reads a configuration, a flag or the environment can make a caged client; the
// layout test names who may.
type Cage map[string]netip.AddrPort

// NewCaged makes a client that reaches what stands in the cage and nothing
// else, with the URL policy, the classes and the limits of any other. Whom it
// trusts must be given, so that no certificate of a real service counts: what
// answers in the cage is known to be the fake, and what is real does not answer.
func NewCaged(o Options, cage Cage) (*Client, error) {
	if o.RootCAs == nil {
		return nil, host.Errorf(host.Internal, "a caged client trusts no authority of this machine, and none was given")
	}
	own := Cage{}
	for name, to := range cage {
		if !to.Addr().IsLoopback() || to.Port() == 0 {
			return nil, host.Errorf(host.Internal, "a cage leads to this machine alone, and not from %s to %s", name, to)
		}
		own[strings.ToLower(name)] = to
	}
	return newClient(o, own), nil
}

// dial reaches a name of the cage. Any other is a host that does not exist.
func (c Cage) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, ok := c[strings.ToLower(address)]
	if !ok {
		name, _, _ := net.SplitHostPort(address)
		return nil, &net.DNSError{Err: "not in the cage", Name: name, IsNotFound: true}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to.String())
}

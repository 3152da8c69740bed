package host_test

import (
	"slices"
	"testing"

	"github.com/connhost/connhost/host"
)

// Design rule 4: whoever is more powerful may do all that the less powerful
// may; only managing users tells admin and developer apart.
func TestRightsAreNested(t *testing.T) {
	roles := host.Roles()
	own := []host.Right{host.SeeAuthorizations, host.ManageAuthorizations, host.SeeHistory}
	for right, grant := range host.Rights() {
		for _, holders := range [][]host.Role{grant.Own, grant.Others} {
			if len(holders) == 0 || !slices.Equal(holders, roles[:len(holders)]) {
				t.Errorf("%s: %v may, and that is not the most powerful of %v", right, holders, roles)
			}
		}
		if host.PlainUser.May(right) != (right == host.AuthorizeForSelf || right == host.UseConnections || right == host.SeeApplications) {
			t.Errorf("a plain user: %s %t", right, host.PlainUser.May(right))
		}
		if (len(grant.Own) > len(grant.Others)) != slices.Contains(own, right) {
			t.Errorf("%s: %v over their own, %v over others'", right, grant.Own, grant.Others)
		}
	}
	if host.Developer.May(host.ManageUsers) || !host.Admin.May(host.ManageUsers) {
		t.Error("users are managed by the wrong people")
	}
	for right := range host.Rights() {
		if err := host.Unattended("x").Require(right); (err == nil) != (right == host.UseConnections) {
			t.Errorf("a run that nobody started: %s: %v", right, err)
		}
	}
	sub := host.Subject{User: host.User{Login: "grace", Role: host.PlainUser}}
	if err := sub.Require(host.ManageUsers); host.CodeOf(err) != host.NotAllowed {
		t.Errorf("got %v", err)
	}
}

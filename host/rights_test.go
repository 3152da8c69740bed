package host_test

import (
	"testing"

	"github.com/connhost/connhost/host"
)

// Design rule 4: whoever is more powerful may do all that the less powerful
// may; only managing users tells admin and developer apart.
func TestRightsAreNested(t *testing.T) {
	roles := host.Roles()
	for right, holders := range host.Rights() {
		if len(holders) == 0 {
			t.Errorf("nobody may %s", right)
		}
		for i, role := range roles[1:] {
			if role.May(right) && !roles[i].May(right) {
				t.Errorf("%s may %s, and %s may not", role, right, roles[i])
			}
		}
		if host.PlainUser.May(right) != (right == host.AuthorizeForSelf || right == host.UseConnections || right == host.SeeApplications) {
			t.Errorf("a plain user: %s %t", right, host.PlainUser.May(right))
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

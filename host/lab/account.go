package lab

import "strings"

// An account is somebody who has signed up at the lab.
type account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// accounts are all there are; the first consents unless another is chosen.
var accounts = []account{{"acc_1", "Ada Lovelace"}, {"acc_2", "Grace Hopper"}}

// findAccount takes an id or a part of a name, such as a login_hint gives.
func findAccount(hint string) (account, bool) {
	for _, a := range accounts {
		if hint == a.ID || hint != "" && strings.Contains(strings.ToLower(a.Name), strings.ToLower(hint)) {
			return a, true
		}
	}
	return account{}, false
}

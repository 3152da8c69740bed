package broker_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
	"github.com/connhost/connhost/host/lab"
)

// An attempt is one act of the broker, done by each role.
type attempt struct {
	method string
	right  host.Right
	own    bool      // over what is their own
	denied host.Code // what they are told who may not
	do     func(w *rightsWorld, sub host.Subject, name string) error
	name   string // of what it is done to; where denied is NotFound, a name of nothing gives the same sentence
}

// A rightsWorld has something of everything: a user of each role, who have each
// authorized "mine" for themselves; bob's authorization of it; "everyones", an
// admin connection; and a draft with a connection.
type rightsWorld struct {
	*world
	others  host.AuthorizationID
	owns    map[host.UserID]host.AuthorizationID
	hash    string
	subject map[host.Role]host.Subject
}

func seedRights(t *testing.T) (*rightsWorld, string) {
	dir := t.TempDir()
	w := &rightsWorld{world: newWorld(t, dir), owns: map[host.UserID]host.AuthorizationID{}, subject: map[host.Role]host.Subject{}}
	w.create(w.acme(), broker.CreateRequest{Connector: "acme"})
	w.create(w.keyed(), broker.CreateRequest{Connector: "keyed", LinkName: "mine", Access: host.UserAccess})
	_, err := w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "keyed", LinkName: "everyones"})
	w.must(err)
	draft := abiPlain(w.world)
	draft.ID = "draft"
	in, err := w.install(draft)
	w.must(err)
	w.hash = in.Connector.Hash
	_, err = w.Create(w.ctx, w.admin, broker.CreateRequest{Connector: "draft", LinkName: "drafted"})
	w.must(err)
	authorize := func(sub host.Subject, link string) host.AuthorizationID {
		got, err := w.Authorize(w.ctx, sub, broker.AuthorizeRequest{Connection: link, Secrets: map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}})
		w.must(err)
		return got.Authorization.ID
	}
	authorize(w.admin, "everyones")
	w.others = authorize(w.user("bob"), "mine")
	for i, role := range host.Roles() {
		u, err := w.AddUser(w.ctx, w.admin, host.User{Login: []string{"sue", "eve", "dev", "grace"}[i], Role: role})
		w.must(err)
		w.subject[role] = host.Subject{User: u}
		w.owns[u.ID] = authorize(w.subject[role], "mine")
	}
	w.must(w.store.Close())
	return w, dir
}

// again opens a copy of the folder as it was after the seed.
func (w *rightsWorld) again(t *testing.T, seed string) *rightsWorld {
	dir := t.TempDir()
	for _, name := range []string{"connhost.db", "key.json"} {
		data, err := os.ReadFile(filepath.Join(seed, name))
		w.must(err)
		w.must(os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	c := *w
	c.world = w.another(dir)
	return &c
}

func err1[T any](_ T, err error) error { return err }

// attempts is every method of the broker that takes a subject, with its line of
// host.Rights.
func attempts() []attempt {
	const env = host.Development
	var list []attempt
	add := func(method string, right host.Right, own bool, denied host.Code, name string, do func(w *rightsWorld, sub host.Subject, name string) error) {
		list = append(list, attempt{method, right, own, denied, do, name})
	}
	may := func(method string, right host.Right, name string, do func(w *rightsWorld, sub host.Subject, name string) error) {
		add(method, right, false, host.NotAllowed, name, do)
	}
	// both does an act to "mine" and to "everyones".
	both := func(method string, do func(w *rightsWorld, sub host.Subject, link string) error) {
		add(method, host.AuthorizeForSelf, true, host.NotAllowed, "mine", do)
		may(method, host.AuthorizeForAll, "everyones", do)
	}
	// of does an act to one's own authorization and to another's.
	of := func(method string, right host.Right, do func(w *rightsWorld, sub host.Subject, id string) error) {
		add(method, right, true, host.NotFound, "OWN", do)
		add(method, right, false, host.NotFound, "OTHERS", do)
	}
	secret := map[string]host.Secret{"key": host.NewSecret(lab.APIKey)}

	// Users.
	may("Users", host.SeeUsers, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Users(w.ctx, sub)) })
	may("AddUser", host.ManageUsers, "new", func(w *rightsWorld, sub host.Subject, name string) error {
		return err1(w.AddUser(w.ctx, sub, host.User{Login: name, Role: host.PlainUser}))
	})
	may("SetRole", host.ManageUsers, "bob", func(w *rightsWorld, sub host.Subject, name string) error {
		return err1(w.SetRole(w.ctx, sub, name, host.Developer))
	})
	may("Leaving", host.ManageUsers, "bob", func(w *rightsWorld, sub host.Subject, name string) error { return err1(w.Leaving(w.ctx, sub, name)) })
	may("DeleteUser", host.ManageUsers, "bob", func(w *rightsWorld, sub host.Subject, name string) error {
		return err1(w.DeleteUser(w.ctx, sub, name, false))
	})

	// Connectors.
	for method, do := range map[string]func(w *rightsWorld, sub host.Subject, id string) error{
		"Disable": func(w *rightsWorld, sub host.Subject, id string) error {
			return err1(w.Broker.Disable(w.ctx, sub, id, ""))
		},
		"Publish": func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Publish(w.ctx, sub, id, "")) },
		"PublishFile": func(w *rightsWorld, sub host.Subject, id string) error {
			return err1(w.PublishFile(w.ctx, sub, id, "", ""))
		},
		"Remove":       func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Remove(w.ctx, sub, id, "")) },
		"Removable":    func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Removable(w.ctx, sub, id, "")) },
		"Rollback":     func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Rollback(w.ctx, sub, id, "")) },
		"Installation": func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Installation(w.ctx, sub)) },
		"Download": func(w *rightsWorld, sub host.Subject, _ string) error {
			return err1(w.Download(w.ctx, sub, "http://127.0.0.1:1/x"))
		},
		"FetchDocument": func(w *rightsWorld, sub host.Subject, _ string) error {
			_, _, err := w.FetchDocument(w.ctx, sub, "http://127.0.0.1:1/x", 1)
			return err
		},
		"Move": func(w *rightsWorld, sub host.Subject, id string) error {
			return err1(w.Move(w.ctx, sub, broker.MoveRequest{Connector: id, To: "1.0.0"}))
		},
		"Install": func(w *rightsWorld, sub host.Subject, _ string) error {
			return err1(w.Install(w.ctx, sub, broker.InstallRequest{File: file(w.t, w.keyed()), Agreed: true}))
		},
		"Plan": func(w *rightsWorld, sub host.Subject, _ string) error {
			return err1(w.Plan(w.ctx, sub, broker.InstallRequest{File: file(w.t, w.keyed())}))
		},
	} {
		may(method, host.ManageConnectors, "keyed", do)
	}
	may("AllowActions", host.AllowActions, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.AllowActions(w.ctx, sub, w.hash))
	})
	hidden := func(method, name string, do func(w *rightsWorld, sub host.Subject, name string) error) {
		add(method, host.UseDrafts, false, host.NotFound, name, do)
	}
	hidden("Connector", "draft", func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Connector(w.ctx, sub, id, "")) })
	hidden("Connectors", "draft", func(w *rightsWorld, sub host.Subject, id string) error {
		list, err := w.Connectors(w.ctx, sub)
		return listed(err, slices.ContainsFunc(list, func(c host.Connector) bool { return c.ID == id }))
	})
	hidden("Heads", "draft", func(w *rightsWorld, sub host.Subject, id string) error {
		list, err := w.Heads(w.ctx, sub)
		return listed(err, slices.ContainsFunc(list, func(c host.Connector) bool { return c.ID == id }))
	})
	hidden("Versions", "draft", func(w *rightsWorld, sub host.Subject, id string) error {
		list, err := w.Versions(w.ctx, sub, id)
		return listed(err, len(list) > 0)
	})

	// Client credentials.
	for method, do := range map[string]func(w *rightsWorld, sub host.Subject, name string) error{
		"AddCredential": func(w *rightsWorld, sub host.Subject, _ string) error {
			return err1(w.AddCredential(w.ctx, sub, host.ClientCredential{Connector: "acme", ClientID: "x"}, host.NewSecret("a-secret")))
		},
		"Credentials":      func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Credentials(w.ctx, sub, "")) },
		"Credential":       func(w *rightsWorld, sub host.Subject, n string) error { return err1(w.Credential(w.ctx, sub, n)) },
		"DeleteCredential": func(w *rightsWorld, sub host.Subject, n string) error { return err1(w.DeleteCredential(w.ctx, sub, n)) },
		"UpdateCredential": func(w *rightsWorld, sub host.Subject, n string) error {
			return err1(w.UpdateCredential(w.ctx, sub, n, broker.CredentialChange{Name: "Other"}))
		},
	} {
		may(method, host.ManageCredentials, "Acme Credential", do)
	}

	// Connections.
	may("Create", host.ManageConnections, "keyed", func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.Create(w.ctx, sub, broker.CreateRequest{Connector: id}))
	})
	hidden("Create", "draft", func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.Create(w.ctx, sub, broker.CreateRequest{Connector: id}))
	})
	may("Delete", host.ManageConnections, "mine", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Delete(w.ctx, sub, link)) })
	may("Uses", host.ManageConnections, "mine", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Uses(w.ctx, sub, link)) })
	may("Update", host.ManageConnections, "mine", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Update(w.ctx, sub, broker.UpdateRequest{Connection: link, Name: "Other"}))
	})
	both("Update", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Update(w.ctx, sub, broker.UpdateRequest{Connection: link, AccountLabel: "Robot"}))
	})
	hidden("Connections", "drafted", func(w *rightsWorld, sub host.Subject, link string) error {
		list, err := w.Connections(w.ctx, sub)
		return listed(err, slices.ContainsFunc(list, func(v broker.View) bool { return v.Connection.LinkName == link }))
	})
	for method, do := range map[string]func(w *rightsWorld, sub host.Subject, link string) error{
		"Connection": func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Connection(w.ctx, sub, link)) },
		"Invoke":     func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.get2(sub, link)) },
		"Explain": func(w *rightsWorld, sub host.Subject, link string) error {
			return err1(w.Explain(w.ctx, sub, env, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me"}))
		},
		"InvokeAll": func(w *rightsWorld, sub host.Subject, link string) error {
			err := w.InvokeAll(w.ctx, sub, env, broker.InvokeRequest{Connection: link, Method: "GET", URL: "/me"}, 1, func(p broker.Page) error { return nil })
			if host.CodeOf(err) == host.Usage {
				return nil // the connection was found, and has no pages
			}
			return err
		},
		"Test": func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Test(w.ctx, sub, env, link)) },
		"Act": func(w *rightsWorld, sub host.Subject, link string) error {
			err := w.Act(w.ctx, sub, env, broker.ActionRequest{Connection: link, Action: "none"}, func(broker.Page) error { return nil })
			if host.CodeOf(err) == host.NotFound && strings.Contains(err.Error(), "no action") {
				return nil // the connection was found
			}
			return err
		},
	} {
		may(method, host.UseConnections, "everyones", do)
		hidden(method, "drafted", do)
	}

	// Authorizations.
	both("Authorize", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Authorize(w.ctx, sub, broker.AuthorizeRequest{Connection: link, Secrets: secret}))
	})
	both("Ways", func(w *rightsWorld, sub host.Subject, link string) error {
		_, _, err := w.Ways(w.ctx, sub, link)
		return err
	})
	may("Begin", host.AuthorizeForAll, "acme_connection", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Begin(w.ctx, sub, broker.AuthorizeRequest{Connection: link}, redirect))
	})
	may("BeginDevice", host.AuthorizeForAll, "acme_connection", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.BeginDevice(w.ctx, sub, broker.AuthorizeRequest{Connection: link}))
	})
	both("Revoke", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Revoke(w.ctx, sub, env, link))
	})
	both("Refresh", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Refresh(w.ctx, sub, env, link))
	})
	both("SwitchOff", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.SwitchOff(w.ctx, sub, env, link))
	})
	both("SwitchOn", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.SwitchOn(w.ctx, sub, env, link))
	})
	both("Reusable", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Reusable(w.ctx, sub, link)) })
	both("Reuse", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.Reuse(w.ctx, sub, env, link)) })
	both("Choices", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Choices(w.ctx, sub, env, link))
	})
	both("Choose", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Choose(w.ctx, sub, env, link, "x"))
	})
	both("Switch", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Switch(w.ctx, sub, env, link, string(w.owns[sub.User.ID])))
	})
	of("Switch", host.SeeAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.Switch(w.ctx, sub, env, "mine", id))
	})
	of("Authorization", host.SeeAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error { return err1(w.Authorization(w.ctx, sub, id)) })
	of("Authorizations", host.SeeAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error {
		list, err := w.Authorizations(w.ctx, sub, "")
		return listed(err, slices.ContainsFunc(list, func(v broker.AuthorizationView) bool { return string(v.Authorization.ID) == id }))
	})
	of("NameAccount", host.ManageAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.NameAccount(w.ctx, sub, id, "Robot"))
	})
	of("RevokeAuthorization", host.ManageAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.RevokeAuthorization(w.ctx, sub, id))
	})
	of("DeleteAuthorization", host.ManageAuthorizations, func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.DeleteAuthorization(w.ctx, sub, id))
	})
	add("History", host.SeeHistory, true, host.NotAllowed, "mine", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.History(w.ctx, sub, link, 0)) })
	may("History", host.SeeHistory, "everyones", func(w *rightsWorld, sub host.Subject, link string) error { return err1(w.History(w.ctx, sub, link, 0)) })
	may("RefreshDue", host.RenewForAll, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.RefreshDue(w.ctx, sub, time.Hour))
	})
	may("Keep", host.RenewForAll, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		ended, cancel := context.WithCancel(w.ctx)
		cancel()
		return w.Keep(ended, sub, broker.Keeping{Every: time.Hour})
	})

	// Applications.
	may("Applications", host.SeeApplications, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.Applications(w.ctx, sub))
	})
	may("Application", host.SeeApplications, "default", func(w *rightsWorld, sub host.Subject, name string) error {
		return err1(w.Application(w.ctx, sub, name))
	})
	may("CreateApplication", host.ManageApplications, "billing", func(w *rightsWorld, sub host.Subject, name string) error {
		return err1(w.CreateApplication(w.ctx, sub, name))
	})
	may("DeleteApplication", host.ManageApplications, "spare", func(w *rightsWorld, sub host.Subject, name string) error {
		if _, err := w.CreateApplication(w.ctx, w.admin, name); err != nil {
			return err
		}
		return w.DeleteApplication(w.ctx, sub, name)
	})
	may("SetAccess", host.ManageApplications, "mine", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.SetAccess(w.ctx, sub, "default", link, false))
	})
	may("References", host.ManageConnections, "mine", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.References(w.ctx, sub, link))
	})
	may("ConnectorReferences", host.ManageConnectors, "keyed", func(w *rightsWorld, sub host.Subject, id string) error {
		return err1(w.ConnectorReferences(w.ctx, sub, id, ""))
	})
	may("SetPrimary", host.ManageConnections, "mine", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.SetPrimary(w.ctx, sub, env, link, "bob"))
	})
	may("Used", host.UseConnections, "everyones", func(w *rightsWorld, sub host.Subject, link string) error {
		return w.Used(w.ctx, sub, broker.ScriptUse{Script: "a.dg", Environment: env, Connections: []string{link}})
	})
	may("Implied", host.UseConnections, "lab", func(w *rightsWorld, sub host.Subject, service string) error {
		return err1(w.Implied(w.ctx, sub, service, "zoho.lab.do"))
	})
	may("Examine", host.UseConnections, "everyones", func(w *rightsWorld, sub host.Subject, link string) error {
		return err1(w.Examine(w.ctx, sub, env, link, time.Hour))
	})

	// The store itself.
	let := func(err error) error { // whatever else is wrong with what was tried
		if err != nil && host.CodeOf(err) != host.NotAllowed {
			return nil
		}
		return err
	}
	may("Audit", host.SeeAudit, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return w.Audit(w.ctx, sub, broker.AuditRequest{}, func(broker.Event) error { return nil })
	})
	may("VerifyAudit", host.SeeAudit, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.VerifyAudit(w.ctx, sub)) })
	may("Keys", host.ManageKeys, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Keys(w.ctx, sub)) })
	may("Diagnose", host.ManageKeys, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return w.Diagnose(w.ctx, sub, &host.Findings{})
	})
	may("RotateKey", host.ManageKeys, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return let(err1(w.RotateKey(w.ctx, sub, false)))
	})
	may("ExportAuthorizations", host.MoveAuthorizations, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.ExportAuthorizations(w.ctx, sub, broker.ParcelRequest{}, func([]byte) error { return nil }))
	})
	may("ImportAuthorizations", host.MoveAuthorizations, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return let(err1(w.ImportAuthorizations(w.ctx, sub, []byte("{}"))))
	})
	may("Apply", host.ManageConnections, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.Apply(w.ctx, sub, broker.Desired{}, broker.ApplyOptions{}))
	})
	may("Inventory", host.ManageConnections, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Inventory(w.ctx, sub)) })
	may("Notice", host.RenewForAll, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Notice(w.ctx, sub, false)) })
	may("Notices", host.SeeAudit, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Notices(w.ctx, sub, 1)) })
	may("TestWebhook", host.RenewForAll, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return let(err1(w.TestWebhook(w.ctx, sub, broker.Webhook{})))
	})
	may("SendNotices", host.RenewForAll, "", func(w *rightsWorld, sub host.Subject, _ string) error {
		return err1(w.SendNotices(w.ctx, sub, broker.Webhook{}))
	})

	// Stops.
	stop := func(kind host.StopKind, target string) broker.StopRequest {
		return broker.StopRequest{Level: host.StopCalls, Kind: kind, Target: target}
	}
	may("Stops", host.StopConnections, "", func(w *rightsWorld, sub host.Subject, _ string) error { return err1(w.Stops(w.ctx, sub)) })
	for method, right := range map[host.StopKind]host.Right{host.StopConnector: host.StopConnections, host.StopUser: host.ManageUsers} {
		target := map[host.StopKind]string{host.StopConnector: "keyed", host.StopUser: "bob"}[method]
		may("Stop", right, target, func(w *rightsWorld, sub host.Subject, name string) error {
			return err1(w.Stop(w.ctx, sub, stop(method, name)))
		})
		may("Restore", right, target, func(w *rightsWorld, sub host.Subject, name string) error {
			if _, err := w.Stop(w.ctx, w.admin, stop(method, name)); err != nil {
				return err
			}
			return err1(w.Restore(w.ctx, sub, stop(method, name)))
		})
	}
	return list
}

// listed is NotFound for what a list does not hold.
func listed(err error, there bool) error {
	if err == nil && !there {
		err = host.Errorf(host.NotFound, "not listed")
	}
	return err
}

func (w *world) get2(sub host.Subject, link string) (string, error) {
	_, body, err := w.get(sub, link, "/me")
	return body, err
}

// Rule 4: every act of the broker, tried by every role on their own and on
// others', is allowed and refused as the one table says; and who may not know
// of a thing is told what they are told of nothing.
func TestRule4EveryActByEveryRole(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens some hundred stores")
	}
	w, seed := seedRights(t)
	tried := map[host.Right]map[bool]bool{}
	methods := map[string]bool{}
	for _, a := range attempts() {
		methods[a.method] = true
		if tried[a.right] == nil {
			tried[a.right] = map[bool]bool{}
		}
		tried[a.right][a.own] = true
		for _, role := range host.Roles() {
			w := w.again(t, seed)
			sub := w.subject[role]
			name := strings.NewReplacer("OWN", string(w.owns[sub.User.ID]), "OTHERS", string(w.others)).Replace(a.name)
			allowed := role.May(a.right)
			if a.own {
				allowed = role.MayOwn(a.right)
			}
			err := a.do(w, sub, name)
			code := host.CodeOf(err)
			what := a.method + " " + a.name + " by " + string(role)
			switch {
			case code == host.Internal:
				t.Errorf("%s: %v", what, err)
			case allowed && code == a.denied:
				t.Errorf("%s is refused: %v", what, err)
			case !allowed && code != a.denied:
				t.Errorf("%s: got %v (%s), want %s", what, err, code, a.denied)
			case !allowed && a.denied == host.NotFound:
				none := a.do(w, sub, "nothing_of_this_name")
				if got, want := strings.ReplaceAll(err.Error(), name, "X"), strings.ReplaceAll(none.Error(), "nothing_of_this_name", "X"); got != want {
					t.Errorf("%s is told %q, and of nothing %q", what, got, want)
				}
			}
		}
	}
	for right, grant := range host.Rights() {
		if !tried[right][false] && right != host.AuthorizeForSelf {
			t.Errorf("nobody tried to %s", right)
		}
		if len(grant.Own) != len(grant.Others) && !tried[right][true] {
			t.Errorf("nobody tried to %s of their own", right)
		}
	}
	// Finish and FinishDevice end what Begin and BeginDevice began, for who began
	// it (rule 13), and ask for the same right again.
	elsewhere := []string{"Finish", "FinishDevice"}
	kind, subject := reflect.TypeFor[*broker.Broker](), reflect.TypeFor[host.Subject]()
	for m := range kind.Methods() {
		takes := false
		for i := range m.Type.NumIn() {
			takes = takes || m.Type.In(i) == subject
		}
		if takes && !methods[m.Name] && !slices.Contains(elsewhere, m.Name) {
			t.Errorf("nobody tries the right to %s", m.Name)
		}
	}
}

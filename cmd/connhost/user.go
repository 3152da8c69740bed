package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/host/broker"
)

func (p *program) userCommand() *cobra.Command {
	return group("user", "Manage who may act", `  connhost user list
  connhost user add grace --role developer
  connhost user role grace admin`, p.userList(), p.userAdd(), p.userRole(), p.userDelete())
}

// userData is a user as it is printed.
type userData struct {
	Login string    `json:"login"`
	Name  string    `json:"name,omitempty"`
	Email string    `json:"email,omitempty"`
	Role  host.Role `json:"role"`
}

func newUserData(u host.User) userData {
	return userData{Login: u.Login, Name: u.Name, Email: u.Email, Role: u.Role}
}

func (p *program) userList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List users", Example: "  connhost user list", Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				users, err := s.broker.Users(ctx, s.subject)
				if err != nil {
					return err
				}
				data, rows := []userData{}, [][]string{}
				for _, u := range users {
					data = append(data, newUserData(u))
					rows = append(rows, []string{u.Login, string(u.Role), u.Name, u.Email})
				}
				return p.show(data, func(w io.Writer) { table(w, "LOGIN ROLE NAME EMAIL", rows) })
			})
		},
	}
}

func (p *program) userAdd() *cobra.Command {
	var u host.User
	var role string
	cmd := &cobra.Command{
		Use: "add LOGIN", Short: "Add a user", Args: exactly("LOGIN"),
		Example: `  connhost user add grace --role developer --name "Grace Hopper"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if u.Role, err = host.ParseRole(role); err != nil {
				return err
			}
			u.Login = args[0]
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				added, err := s.broker.AddUser(ctx, s.subject, u)
				if err != nil {
					return err
				}
				return p.show(newUserData(added), func(w io.Writer) { fmt.Fprintf(w, "added %s as %s\n", added.Login, added.Role) })
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", string(host.PlainUser), "super_admin, admin, developer or user")
	cmd.Flags().StringVar(&u.Name, "name", "", "the person's name")
	cmd.Flags().StringVar(&u.Email, "email", "", "the person's email address")
	return cmd
}

func (p *program) userRole() *cobra.Command {
	return &cobra.Command{
		Use: "role LOGIN ROLE", Short: "Change a user's role", Args: exactly("LOGIN", "ROLE"),
		Example: "  connhost user role grace admin", ValidArgsFunction: p.completeUserAndRole,
		RunE: func(cmd *cobra.Command, args []string) error {
			role, err := host.ParseRole(args[1])
			if err != nil {
				return err
			}
			return p.withSession(cmd, func(ctx context.Context, s *session) error {
				u, err := s.broker.SetRole(ctx, s.subject, args[0], role)
				if err != nil {
					return err
				}
				return p.show(newUserData(u), func(w io.Writer) { fmt.Fprintf(w, "%s is now %s\n", u.Login, u.Role) })
			})
		},
	}
}

// completeUsers completes logins.
func (p *program) completeUsers(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	return p.complete(cmd, args, func(s *session) (names []string, err error) {
		list, err := s.broker.Users(cmd.Context(), s.subject)
		for _, u := range list {
			names = append(names, u.Login+"\t"+string(u.Role))
		}
		return names, err
	})
}

// completeUserAndRole completes a login and then a role.
func (p *program) completeUserAndRole(cmd *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return p.completeUsers(cmd, args, to)
	}
	var names []string
	for _, r := range host.Roles() {
		names = append(names, string(r))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func (p *program) userDelete() *cobra.Command {
	var yes, revoke bool
	cmd := &cobra.Command{
		Use: "delete LOGIN", Short: "Delete a user and revoke what they have authorized", Args: exactly("LOGIN"),
		Long: `Delete a user and revoke what they have authorized, which is told first. Where that
serves the calls of others it is refused; --revoke ends it for them too. The last
super admin stays.`,
		Example: "  connhost user delete grace\n  connhost user delete grace --revoke --yes", ValidArgsFunction: p.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withSession(cmd, func(ctx context.Context, s *session) error { return p.deleteUser(ctx, s, args[0], revoke, yes) })
		},
	}
	cmd.Flags().BoolVar(&revoke, "revoke", false, "revoke what serves the calls of others too")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// deletedUser is what became of a deleted user as it is printed.
type deletedUser struct {
	userData
	Revoked []revokedData `json:"revoked"`
}

func (p *program) deleteUser(ctx context.Context, s *session, login string, revoke, yes bool) error {
	l, err := s.broker.Leaving(ctx, s.subject, login)
	if err != nil {
		return err
	}
	refused := len(l.Serving) > 0 && !revoke
	if !refused {
		writeLeaving(p.err, l)
	}
	if err := p.confirm(ctx, fmt.Sprintf("delete %s?", login), yes || refused); err != nil { // what is refused anyway is not asked
		return err
	}
	list, err := s.broker.DeleteUser(ctx, s.subject, login, revoke)
	if err != nil {
		return err
	}
	d := deletedUser{userData: newUserData(l.User), Revoked: []revokedData{}}
	for _, r := range list {
		d.Revoked = append(d.Revoked, newRevokedData("", r))
	}
	return p.show(d, func(w io.Writer) {
		for _, r := range d.Revoked {
			writeRevoked(w, r)
		}
		fmt.Fprintf(w, "deleted %s\n", login)
	})
}

// writeLeaving tells what ends with a user.
func writeLeaving(w io.Writer, l broker.Leaving) {
	for _, v := range l.Authorizations {
		d := newAuthorizationData(v)
		fmt.Fprintf(w, "revoked with %s: %s at %s, used by %s\n", l.User.Login, plain(d.Account), d.Connector, usesOf(d.Uses))
	}
	if len(l.Serving) > 0 {
		fmt.Fprintf(w, "these serve others and are not_connected then: %s\n", strings.Join(l.Serving, ", "))
	}
}

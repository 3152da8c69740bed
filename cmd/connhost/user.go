package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/connhost/connhost/host"
)

func (p *program) userCommand() *cobra.Command {
	return group("user", "Manage who may act", `  connhost user list
  connhost user add grace --role developer
  connhost user role grace admin`, p.userList(), p.userAdd(), p.userRole())
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
		Example: "  connhost user role grace admin",
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

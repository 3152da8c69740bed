package host

import (
	"regexp"
	"time"
)

// A Role says what a user may do (design rule 4).
type Role string

// The roles, most powerful first.
const (
	SuperAdmin Role = "super_admin"
	Admin      Role = "admin"
	Developer  Role = "developer"
	PlainUser  Role = "user"
)

// Roles lists every role, most powerful first.
func Roles() []Role { return []Role{SuperAdmin, Admin, Developer, PlainUser} }

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	for _, r := range Roles() {
		if string(r) == name {
			return r, nil
		}
	}
	return "", Errorf(Usage, "no role named %q", name).WithHint("use one of: super_admin, admin, developer, user")
}

// A User is a person who may act.
type User struct {
	ID        UserID
	Login     string // unique, [a-z0-9._-]+
	Name      string
	Email     string
	Role      Role
	CreatedAt time.Time
}

var loginPattern = regexp.MustCompile(`^[a-z0-9._-]{1,64}$`)

// CheckLogin says what is wrong with a login, or nil.
func CheckLogin(login string) error {
	if !loginPattern.MatchString(login) {
		return Errorf(Usage, "login %q may hold only a-z, 0-9, '.', '_' and '-'", login)
	}
	return nil
}

// A Subject is who asks. Every call of the broker takes one.
type Subject struct {
	User User
	// Application is the name of the application whose script asks; empty for a
	// person who manages.
	Application string
	// Unattended says that nobody acts: User is empty (design rule 6).
	Unattended bool
}

// Unattended is the subject of a run that nobody started.
func Unattended(application string) Subject {
	return Subject{Application: application, Unattended: true}
}

package host

import (
	"cmp"
	"regexp"
	"slices"
	"time"
)

// DefaultApplication is the application of a run that names none, and of calls
// that a person makes by hand. It exists by itself (design rule 16).
const DefaultApplication = "default"

// DefaultApplicationID is its id in every store.
const DefaultApplicationID ApplicationID = applicationPrefix + DefaultApplication

// An Application is what uses connections: the unit of reference and access.
type Application struct {
	ID        ApplicationID
	Name      string // what --app takes; it does not change
	CreatedBy UserID // empty for DefaultApplication
	CreatedAt time.Time
}

var applicationPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,49}$`)

// CheckApplicationName says what is wrong with the name of an application, or
// nil.
func CheckApplicationName(name string) error {
	if !applicationPattern.MatchString(name) {
		return Errorf(Usage, "the name %q of an application must start with a-z and hold only a-z, 0-9, '_' and '-', at most 50 characters", name)
	}
	return nil
}

// A Reference is what stands between an application and a connection: what of
// it uses that, and whether it may. There is one for each pair, however often
// the connection is used.
type Reference struct {
	Application ApplicationID
	Connection  ConnectionID
	Denied      bool        // access is switched off
	Scripts     []ScriptUse // the latest first, at most MaxScripts
	First, Last time.Time   // use by a run or a check; zero: never
}

// Used reports whether a script of the application was seen to use the
// connection; a Reference may only deny.
func (r *Reference) Used() bool { return !r.Last.IsZero() }

// A ScriptUse is one script that uses a connection.
type ScriptUse struct {
	Script       string        // the file, or a command such as "connhost invoke"
	Function     string        // that was run; empty for the one that runs by itself
	Environments []Environment // in which it was run or checked (design rule 11)
	Unattended   bool          // it was run without an acting user
	Last         time.Time
}

// MaxScripts is how many scripts a Reference names; the one that was used least
// lately makes room for another.
const MaxScripts = 50

// UsePrecision is how exact the times of use are: one that is newer is not
// written again, so that a script that runs all the time does not write all the
// time.
const UsePrecision = time.Minute

// Note adds a use of the connection and reports whether that is new: another
// script, another environment, or a later time by UsePrecision.
func (r *Reference) Note(script, function string, env Environment, unattended bool, now time.Time) bool {
	i := slices.IndexFunc(r.Scripts, func(s ScriptUse) bool { return s.Script == script && s.Function == function })
	use := ScriptUse{Script: script, Function: function}
	if i >= 0 {
		use = r.Scripts[i]
		if slices.Contains(use.Environments, env) && (use.Unattended || !unattended) && now.Sub(use.Last) < UsePrecision && !now.Before(use.Last) {
			return false
		}
		r.Scripts = slices.Delete(slices.Clone(r.Scripts), i, i+1)
	}
	if !slices.Contains(use.Environments, env) {
		use.Environments = slices.SortedFunc(slices.Values(append(slices.Clone(use.Environments), env)), func(a, b Environment) int {
			return cmp.Compare(slices.Index(Environments(), a), slices.Index(Environments(), b))
		})
	}
	use.Last, use.Unattended = now, use.Unattended || unattended
	r.Scripts = slices.Insert(r.Scripts, 0, use)
	r.Scripts = r.Scripts[:min(len(r.Scripts), MaxScripts)]
	if r.First.IsZero() {
		r.First = now
	}
	r.Last = now
	return true
}

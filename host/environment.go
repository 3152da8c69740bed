package host

// An Environment is where a script runs. A script never names one; the run
// does (design rule 11).
type Environment string

// The environments, and Shared, which is none of them: a binding under Shared
// serves every environment that has no authorization of its own.
const (
	Development Environment = "development"
	Stage       Environment = "stage"
	Production  Environment = "production"
	Shared      Environment = "shared"
)

// Environments lists those that a run may name.
func Environments() []Environment { return []Environment{Development, Stage, Production} }

// ParseEnvironment reads the name of an environment that a run may use.
func ParseEnvironment(name string) (Environment, error) {
	for _, e := range Environments() {
		if string(e) == name {
			return e, nil
		}
	}
	return "", Errorf(Usage, "no environment named %q", name).WithHint("use one of: development, stage, production")
}

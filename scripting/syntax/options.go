package syntax

import "strings"

// A Dialect is the language as one product takes it. They share one grammar;
// what differs is which constructs the product refuses.
type Dialect string

// The dialects.
const (
	Creator Dialect = "creator"
	CRM     Dialect = "crm"
	Flow    Dialect = "flow"
	Desk    Dialect = "desk"
)

// Dialects lists the dialects; the first is the default.
func Dialects() []Dialect { return []Dialect{Creator, CRM, Flow, Desk} }

// ParseDialect finds a dialect by its name, in any letter case.
func ParseDialect(name string) (Dialect, bool) {
	for _, d := range Dialects() {
		if strings.EqualFold(string(d), name) {
			return d, true
		}
	}
	return "", false
}

// Options say how a script is read. The zero value reads with the default
// limits and the default dialect.
type Options struct {
	Limits  Limits
	Dialect Dialect
	Strict  bool // what the dialect's product would refuse is an error
}

func (o Options) orDefault() Options {
	o.Limits = o.Limits.OrDefault()
	if o.Dialect == "" {
		o.Dialect = Creator
	}
	return o
}

// Limits bound what Parse takes, so that no input makes it slow or deep.
type Limits struct {
	Source  int // bytes
	Nesting int // blocks, brackets and operators inside each other
	Nodes   int // statements and expressions in one file
}

// DefaultLimits are the limits of a stored script.
var DefaultLimits = Limits{Source: 256 << 10, Nesting: 200, Nodes: 250_000}

// OrDefault replaces limits that are not set by the default ones.
func (l Limits) OrDefault() Limits {
	if l.Source <= 0 {
		l.Source = DefaultLimits.Source
	}
	if l.Nesting <= 0 {
		l.Nesting = DefaultLimits.Nesting
	}
	if l.Nodes <= 0 {
		l.Nodes = DefaultLimits.Nodes
	}
	return l
}

// A feature is a construct that not every product has.
type feature int

const (
	whileLoop feature = iota
	forms             // Form[criteria], insert into, delete from
	clientTasks
	htmlPages
)

// has says whether the product of a dialect takes a construct.
func (d Dialect) has(f feature) bool {
	if f == whileLoop {
		return d == Flow
	}
	return d == Creator
}

// product is the name of a dialect's product, for messages.
func (d Dialect) product() string {
	switch d {
	case CRM:
		return "CRM"
	case Flow:
		return "Flow"
	case Desk:
		return "Desk"
	}
	return "Creator"
}

package lib

import "strings"

// param reads "name type", with ? or ... after the type.
func param(spec string) Param {
	name, typ, _ := strings.Cut(spec, " ")
	p := Param{Name: name, Type: typ}
	if t, ok := strings.CutSuffix(typ, "..."); ok {
		p.Type, p.Variadic = t, true
	} else if t, ok := strings.CutSuffix(typ, "?"); ok {
		p.Type, p.Optional = t, true
	}
	return p
}

// Signature returns the function as users write it: text.left(n number).
func (f *Function) Signature() string {
	var sb strings.Builder
	if f.Receiver != "" {
		sb.WriteString(f.Receiver + ".")
	}
	sb.WriteString(f.Names[0] + "(")
	for i, p := range f.Params {
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString(p.Name + " " + strings.TrimSuffix(p.Type, "|pairs"))
		switch {
		case p.Variadic:
			sb.WriteString("...")
		case p.Optional:
			sb.WriteString("?")
		}
	}
	sb.WriteString(")")
	return sb.String()
}

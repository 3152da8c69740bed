package importer

// formBody makes the template of a form. An object in it is one parameter for
// each member, as deepObject writes them.
func (r *operationReader) formBody(media node) error {
	s, err := shapeOf(media.get("schema"))
	if err != nil {
		return err
	}
	r.out.Form = map[string]string{}
	for _, name := range sortedMembers(s) {
		if err := r.field(s, name, media.get("encoding").get(name)); err != nil {
			return err
		}
	}
	return nil
}

func (r *operationReader) field(s shape, name string, encoding node) error {
	at := s.members[name]
	inner, err := shapeOf(at)
	needed := s.required[name]
	switch {
	case err != nil:
		return err
	case clean(name) != name || inner.readOnly || inner.deprecated && !needed:
		return nil
	case inner.kind == "object" && len(inner.members) > 0 && encoding.get("style").text() == "deepObject" && len(r.out.Parameters)+len(inner.members) <= maxMembers:
		inner.required = map[string]bool{}
		return r.members(&r.out.Form, node{}, name, inner, true)
	case (inner.kind == "object" || inner.kind == "array") && needed:
		return faultAt(at, "a form with a list or an object in it")
	case inner.kind == "object" || inner.kind == "array":
		r.review.check("fields of forms that are lists or objects are left out where they may be")
		return nil
	case len(r.out.Parameters) >= maxMembers && !needed:
		r.review.check("a form has more fields than a draft takes: the first are kept, those that are needed among them")
		return nil
	}
	p := r.describe(inner, at)
	if needed && len(inner.enum) == 1 {
		r.set(&r.out.Form, name, literal(inner.enum[0]))
		return nil
	}
	p.Required, p.Key = needed, r.key(name, "body")
	if !needed {
		p.Default = ""
	}
	r.out.Parameters = append(r.out.Parameters, p)
	r.set(&r.out.Form, name, "{"+p.Key+"}")
	return nil
}

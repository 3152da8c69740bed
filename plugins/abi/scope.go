package abi

import "encoding/json"

// UnmarshalJSON reads a scope from its name alone or from an object.
func (s *Scope) UnmarshalJSON(data []byte) error {
	*s = Scope{}
	if json.Unmarshal(data, &s.Name) == nil {
		return nil
	}
	type object Scope
	return json.Unmarshal(data, (*object)(s))
}

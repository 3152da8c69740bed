package broker

import (
	"encoding/json"

	"github.com/connhost/connhost/host"
	"github.com/connhost/connhost/plugins/abi"
)

// spread adds the members of a parameter to a request, where the action has its
// own: in json, in form, else in the query. What the action itself says stays. A
// null or a member without a name is not sent.
func (v actionValues) spread(a abi.Action, g *abi.GuestRequest) error {
	raw := v.json[a.Spread]
	if len(raw) == 0 {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return host.Errorf(host.Usage, "the value of %q must be a JSON object", a.Spread)
	}
	for name, member := range members {
		if name == "" || string(member) == "null" {
			delete(members, name)
		}
	}
	switch {
	case !a.JSON.IsZero():
		return spreadJSON(a, members, &g.JSON)
	case a.Form != nil:
		spreadTexts(members, &g.Form)
	default:
		spreadTexts(members, &g.Query)
	}
	return nil
}

func spreadJSON(a abi.Action, members map[string]json.RawMessage, doc *json.RawMessage) (err error) {
	own := map[string]json.RawMessage{}
	if len(*doc) > 0 && json.Unmarshal(*doc, &own) != nil {
		return host.Errorf(host.Usage, "the members of %q have no place in a body that is no object", a.Spread)
	}
	for name, member := range own {
		members[name] = member
	}
	*doc, err = json.Marshal(members)
	return err
}

func spreadTexts(members map[string]json.RawMessage, into *map[string]string) {
	if *into == nil {
		*into = map[string]string{}
	}
	for name, member := range members {
		if _, own := (*into)[name]; !own {
			(*into)[name] = textOf(member)
		}
	}
}

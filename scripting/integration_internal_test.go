package scripting

import (
	"slices"
	"testing"

	"github.com/connhost/connhost/scripting/value"
)

// A kind that is written wrongly in the table would be a text.
func TestArgumentsOfIntegrations(t *testing.T) {
	kinds := []argument{asText, asLower, asNumber, asMap, asList, asEither, asRecord, asQuery, asFile, asPick, asMembers, asWorkflow, asZero, asFirst, asLast, asColumns}
	for _, row := range integrationTable {
		takes, fixed := takenOf(row.takes)
		for _, p := range takes {
			if !slices.Contains(kinds, p.kind) || p.name == "" {
				t.Errorf("%s takes %+v", row.names, p)
			}
		}
		for name, given := range fixed {
			if name == "" || given == "" {
				t.Errorf("%s gives %q", row.names, name)
			}
		}
		if shapes[row.gives] == "" {
			t.Errorf("%s gives nothing that people are told of", row.names)
		}
	}
}

// An answer that is not what it should be ends no run.
func TestOddAnswers(t *testing.T) {
	for _, body := range []string{`{"data":["a"]}`, `{"data":[]}`, `{"data":[null]}`, `{"data":{}}`, `{"data":[{"status":"success"}]}`, `{}`} {
		for s := range shapes {
			answer := mustMap(t, body)
			if s == pickedValue {
				picked(answer, "x")
				continue
			}
			s.of(answer)
		}
	}
}

func mustMap(t *testing.T, text string) *value.Map {
	v, err := value.ParseJSON(value.NewBudget(t.Context(), value.Limits{}), text)
	m, ok := v.(*value.Map)
	if err != nil || !ok {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

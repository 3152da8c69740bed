package scripting

import (
	"context"

	"github.com/connhost/connhost/scripting/value"
)

// Forms keep the records of forms, each a map of its fields with a whole number
// as ID. Which records a criterion means, their order and their sums are worked
// out by the engine. An error is one that the script may catch.
type Forms interface {
	// Records gives copies of all records of a form, in their order; a
	// *Missing when there is no such form.
	Records(ctx context.Context, form string) ([]*value.Map, error)
	// Insert adds a record and gives its ID.
	Insert(ctx context.Context, form string, fields *value.Map) (int64, error)
	// Update sets one field of a record.
	Update(ctx context.Context, form string, id int64, field string, v any) error
	// Delete removes a record.
	Delete(ctx context.Context, form string, id int64) error
}

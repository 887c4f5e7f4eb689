package treatment

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Count returns how many of something a record charges for, as the template's
// charge rules count it, and false if no rule does: areas are the choices of the
// rule's field or the regions that have points, pulses the sum of its field.
func (t Template) Count(r Record, by ChargeBy) (int, bool) {
	i := slices.IndexFunc(t.Charges, func(c ChargeRule) bool { return c.By == by })
	if i < 0 {
		return 0, false
	}
	path := t.Charges[i].Field
	if path == "" {
		return len(r.Regions()), by == ByArea
	}
	f, ok := t.fieldAt(path)
	if !ok {
		return 0, false
	}
	keys := []string{path}
	if group, key, inRow := strings.Cut(path, "/"); inRow {
		keys = nil
		for row := range min(r.Rows(group), MaxRows) {
			keys = append(keys, RowKey(group, row, key))
		}
	}
	var seen []string
	sum := decimal.Zero
	for _, key := range keys {
		if f.Kind == FieldMulti {
			for choice := range strings.FieldsSeq(r.Values[key]) {
				if !slices.Contains(seen, choice) {
					seen = append(seen, choice)
				}
			}
			continue
		}
		n, _ := numberIn(r, key)
		sum = sum.Add(n)
	}
	return len(seen) + int(sum.IntPart()), true
}

package treatment

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella/quantity"
)

// Fill returns the record with the values of its computed fields, as the
// template's formulas give them. A computed field whose operands are not all
// filled in has no value. Numbers that cannot be read count as not filled in;
// [Template.Check] reports them.
func (t Template) Fill(r Record) Record {
	if !slices.ContainsFunc(t.Fields, Field.computes) {
		return r
	}
	values := maps.Clone(r.Values)
	if values == nil {
		values = map[string]string{}
	}
	r.Values = values
	set := func(key string, f Field, prefix string) {
		delete(values, key)
		if !f.applies(r, prefix) {
			return
		}
		if n, ok := f.compute(r, prefix); ok {
			values[key] = n
		}
	}
	for _, f := range t.Fields {
		switch f.Kind {
		case FieldComputed:
			set(f.Key, f, "")
		case FieldGroup:
			for row := range min(r.Rows(f.Key), f.maxRows()) {
				for _, g := range f.Fields {
					if g.Kind == FieldComputed {
						set(RowKey(f.Key, row, g.Key), g, RowKey(f.Key, row, ""))
					}
				}
			}
		}
	}
	return r
}

// computes reports whether the field is computed, or has a row in which one is.
func (f Field) computes() bool {
	return f.Kind == FieldComputed || slices.ContainsFunc(f.Fields, Field.computes)
}

// compute returns the value of a computed field, as the record holds it. The
// prefix is that of the field's row, or empty.
func (f Field) compute(r Record, prefix string) (string, bool) {
	if f.Formula == nil {
		return "", false
	}
	var of []decimal.Decimal
	for _, o := range f.Formula.Of {
		n, ok := o.value(r, prefix)
		if !ok {
			return "", false
		}
		of = append(of, n)
	}
	if len(of) == 0 {
		return "", false
	}
	result := of[0]
	for _, n := range of[1:] {
		switch f.Formula.Op {
		case OpSum:
			result = result.Add(n)
		case OpDifference:
			result = result.Sub(n)
		case OpProduct:
			result = result.Mul(n)
		case OpQuotient:
			if n.IsZero() {
				return "", false
			}
			result = result.DivRound(n, int32(f.Decimals))
		}
	}
	n := quantity.Number{Decimal: result.Round(int32(f.Decimals))}
	if _, err := quantity.ParseNumber(n.String()); err != nil {
		return "", false // too large to be charted
	}
	return n.String(), true
}

// value returns what an operand stands for: a number, a field, or the sum of a
// field over the rows of its group.
func (o Operand) value(r Record, prefix string) (decimal.Decimal, bool) {
	if o.Number != nil {
		return o.Number.Decimal, true
	}
	group, field, found := strings.Cut(o.Field, "/")
	if !found {
		return numberIn(r, prefix+o.Field)
	}
	sum, any := decimal.Zero, false
	for row := range min(r.Rows(group), MaxRows) {
		n, ok := numberIn(r, RowKey(group, row, field))
		if !ok {
			return decimal.Zero, false
		}
		sum, any = sum.Add(n), true
	}
	return sum, any
}

func numberIn(r Record, key string) (decimal.Decimal, bool) {
	n, err := quantity.ParseNumber(r.Values[key])
	return n.Decimal, err == nil
}

func (f Field) maxRows() int {
	if f.MaxRows > 0 {
		return f.MaxRows
	}
	return MaxRows
}

// holds reports whether a condition is met by the values of a record. The prefix
// is that of the row whose fields it names by their plain keys, or empty; what
// the row does not have is looked for outside of it.
func (c Condition) holds(r Record, prefix string) bool {
	for _, part := range c.All {
		if !part.holds(r, prefix) {
			return false
		}
	}
	if len(c.Any) > 0 && !slices.ContainsFunc(c.Any, func(part Condition) bool { return part.holds(r, prefix) }) {
		return false
	}
	if c.Field == "" {
		return true
	}
	value, ok := r.Values[prefix+c.Field]
	if !ok && prefix != "" {
		value = r.Values[c.Field]
	}
	if len(c.In) > 0 {
		found := false
		for v := range strings.SplitSeq(value, " ") {
			found = found || slices.Contains(c.In, v)
		}
		if !found {
			return false
		}
	}
	if c.Above == nil && c.Below == nil {
		return true
	}
	n, err := quantity.ParseNumber(value)
	return err == nil && (c.Above == nil || n.GreaterThan(c.Above.Decimal)) && (c.Below == nil || n.LessThan(c.Below.Decimal))
}

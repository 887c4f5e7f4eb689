package encounter

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/treatment"
)

// CopyForward returns the record of an earlier visit as a proposal for a new one.
// Where, how much, how deep and with what device was injected is taken over. The
// containers are not, because those of the new visit are others; nor are the
// values, which say what was asked and found at the earlier visit. Every point is
// unconfirmed until [Confirm] says otherwise, and [treatment.Template.Check]
// refuses a record as long as one is.
//
// The template is that of the earlier record. Where a later version is in use,
// migrate the result.
func CopyForward(from treatment.Record) treatment.Record {
	out := from
	out.Values = map[string]string{}
	out.Maps = cloneMaps(from.Maps)
	for _, m := range out.Maps {
		for i := range m.Points {
			p := &m.Points[i]
			p.Vial, p.Lot, p.Unconfirmed = glabella.VialID{}, glabella.LotID{}, true
		}
	}
	return out
}

// Confirm returns the record with the points of these numbers confirmed. A point
// that is confirmed already stays so. No numbers confirm nothing; all that are
// left are confirmed with Confirm(r, [Unconfirmed](r)...). A number that no point
// has is refused with a [*glabella.ValidationError], and nothing is confirmed.
func Confirm(r treatment.Record, seqs ...int) (treatment.Record, error) {
	var issues []glabella.Issue
	out := r
	out.Maps = cloneMaps(r.Maps)
	for i, seq := range seqs {
		found := false
		for _, m := range out.Maps {
			for k := range m.Points {
				if m.Points[k].Seq == seq {
					m.Points[k].Unconfirmed, found = false, true
				}
			}
		}
		if !found {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/%d", i), Code: glabella.CodeUnknownValue, Text: "no point of the record has this number"})
		}
	}
	if err := glabella.Invalid("point numbers", issues...); err != nil {
		return r, err
	}
	return out, nil
}

// Unconfirmed returns the numbers of the points of a record that were taken over
// from an earlier visit and not confirmed for this one, in order.
func Unconfirmed(r treatment.Record) []int {
	var out []int
	for _, p := range r.Points() {
		if p.Unconfirmed {
			out = append(out, p.Seq)
		}
	}
	slices.Sort(out)
	return out
}

func cloneMaps(maps []treatment.Map) []treatment.Map {
	maps = slices.Clone(maps)
	for i := range maps {
		maps[i].Points = slices.Clone(maps[i].Points)
	}
	return maps
}

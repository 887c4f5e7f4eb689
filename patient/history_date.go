package patient

import (
	"fmt"
	"strings"
	"time"

	"github.com/glabella-ehr/glabella"
)

// PartialDate is a date that may be known to the month or the year only, as
// FHIR's dateTime. It is comparable; the zero PartialDate means unknown.
type PartialDate struct {
	Year  int
	Month time.Month // zero is unknown
	Day   int        // zero is unknown
}

// ParsePartialDate reads one of the forms 2006, 2006-01 and 2006-01-02.
func ParsePartialDate(s string) (PartialDate, error) {
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if len(s) != len(layout) {
			continue
		}
		t, err := time.Parse(layout, s)
		if err != nil || t.Year() < 1 {
			break
		}
		d := PartialDate{Year: t.Year()}
		if len(layout) > 4 {
			d.Month = t.Month()
		}
		if len(layout) > 7 {
			d.Day = t.Day()
		}
		return d, nil
	}
	return PartialDate{}, fmt.Errorf("date: %w: want the form 2006, 2006-01 or 2006-01-02", glabella.ErrInvalid)
}

// IsZero reports whether the date is unknown.
func (d PartialDate) IsZero() bool { return d == PartialDate{} }

// Valid reports whether the date exists.
func (d PartialDate) Valid() bool {
	return d.Year > 0 && d.Earliest().Valid() && (d.Day == 0 || d.Month != 0)
}

// String returns the form in which the date is known.
func (d PartialDate) String() string {
	if d.IsZero() {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%04d", d.Year)
	if d.Month != 0 {
		fmt.Fprintf(&b, "-%02d", d.Month)
		if d.Day != 0 {
			fmt.Fprintf(&b, "-%02d", d.Day)
		}
	}
	return b.String()
}

// Earliest returns the first day that may be meant; that of the zero date is zero.
func (d PartialDate) Earliest() glabella.Date {
	if d.IsZero() {
		return glabella.Date{}
	}
	return glabella.Date{Year: d.Year, Month: max(d.Month, 1), Day: max(d.Day, 1)}
}

// Latest returns the last day that may be meant; that of the zero date is zero.
func (d PartialDate) Latest() glabella.Date {
	switch first := d.Earliest(); {
	case d.IsZero() || d.Day != 0:
		return first
	case d.Month != 0:
		return first.Add(glabella.Period{Months: 1}).AddDays(-1)
	default:
		return first.Add(glabella.Period{Years: 1}).AddDays(-1)
	}
}

// MarshalText returns the form in which the date is known.
func (d PartialDate) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParsePartialDate] reads; empty text is the zero date.
func (d *PartialDate) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = PartialDate{}
		return nil
	}
	v, err := ParsePartialDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

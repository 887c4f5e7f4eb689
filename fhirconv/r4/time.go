package r4

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The times of FHIR are kept as they are written, with the precision and the
// offset that they have. The zero value is none.
type (
	// Date is a year, a month or a day.
	Date string
	// DateTime is a [Date], or a moment with its offset.
	DateTime string
	// Instant is a moment with its offset, to the second or finer.
	Instant string
	// Time is a time of the day.
	Time string
)

// Precision is how exactly a time is given.
type Precision int

// The precisions.
const (
	Year Precision = iota + 1
	Month
	Day
	Second
)

var errTime = errors.New("not a time of FHIR")

var layouts = map[int]string{4: "2006", 7: "2006-01", 10: time.DateOnly}

// Parse returns the first moment of the year, month or day, in UTC.
func (d Date) Parse() (time.Time, Precision, error) {
	t, err := time.Parse(layouts[len(d)], string(d))
	if err != nil || layouts[len(d)] == "" || d[:4] == "0000" {
		return time.Time{}, 0, fmt.Errorf("%w: a FHIR date is YYYY, YYYY-MM or YYYY-MM-DD", errTime)
	}
	return t, Precision(len(d) / 3), nil
}

// Valid says whether it has the form of a FHIR date.
func (d Date) Valid() bool { _, _, err := d.Parse(); return err == nil }

// Parse returns the moment; for less than a moment, the first of it in UTC.
func (d DateTime) Parse() (time.Time, Precision, error) {
	if len(d) <= 10 {
		return Date(d).Parse()
	}
	t, err := Instant(d).Parse()
	return t, Second, err
}

// Valid says whether it has the form of a FHIR dateTime.
func (d DateTime) Valid() bool { _, _, err := d.Parse(); return err == nil }

// Parse returns the moment. A leap second is the first moment after it.
func (i Instant) Parse() (time.Time, error) {
	s := string(i)
	leap := len(s) > 19 && s[17:19] == "60"
	if leap {
		s = s[:17] + "59" + s[19:]
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || !strings.HasSuffix(s, "Z") && !offset(s) || s[:4] == "0000" || strings.Contains(s, ",") {
		return time.Time{}, fmt.Errorf("%w: a FHIR instant is YYYY-MM-DDThh:mm:ss with a fraction or none, and Z or an offset", errTime)
	}
	if leap {
		t = t.Truncate(time.Second).Add(time.Second)
	}
	return t, nil
}

// offset says whether s ends in an offset of at most 14 hours.
func offset(s string) bool {
	o := s[max(0, len(s)-5):]
	return o <= "14:00" && o[3:] < "60"
}

// Valid says whether it has the form of a FHIR instant.
func (i Instant) Valid() bool { _, err := i.Parse(); return err == nil }

// Valid says whether it has the form of a FHIR time, hh:mm:ss with a fraction or
// none.
func (t Time) Valid() bool {
	_, err := time.Parse("15:04:05", strings.Replace(string(t), ":60", ":59", 1))
	return err == nil && len(t) >= 8 && t[2] == ':' && !strings.Contains(string(t), ",")
}

package glabella_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
)

var day = glabella.MustParseDate

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want glabella.Date
		ok   bool
	}{
		{in: "2026-11-23", want: glabella.Date{Year: 2026, Month: time.November, Day: 23}, ok: true},
		{in: "2024-02-29", want: glabella.Date{Year: 2024, Month: time.February, Day: 29}, ok: true},
		{in: "0001-01-01", want: glabella.Date{Year: 1, Month: time.January, Day: 1}, ok: true},
		{in: "2026-02-29"},
		{in: "1900-02-29"},
		{in: "2026-13-01"},
		{in: "2026-00-10"},
		{in: "2026-04-31"},
		{in: "0000-01-01"},
		{in: "2026-1-2"},
		{in: "23.11.2026"},
		{in: "2026-11-23T00:00:00Z"},
		{in: ""},
	} {
		got, err := glabella.ParseDate(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("ParseDate(%q) = %v, %v, want %v", tt.in, got, err, tt.want)
		}
		if !tt.ok && !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("ParseDate(%q): %v is not ErrInvalid", tt.in, err)
		}
		if tt.ok && got.String() != tt.in {
			t.Errorf("ParseDate(%q).String() = %q", tt.in, got)
		}
	}
}

func TestDateTextGoesThereAndBack(t *testing.T) {
	t.Parallel()
	type record struct{ On, Unknown glabella.Date }
	in := record{On: day("2026-11-23")}
	b, err := json.Marshal(in)
	if err != nil || string(b) != `{"On":"2026-11-23","Unknown":""}` {
		t.Fatalf("Marshal = %s, %v", b, err)
	}
	out := record{Unknown: day("1999-01-01")}
	if err := json.Unmarshal(b, &out); err != nil || out != in {
		t.Errorf("Unmarshal(Marshal(d)) = %v, %v, want %v", out, err, in)
	}
	if err := json.Unmarshal([]byte(`{"On":"2026-02-30"}`), &out); !errors.Is(err, glabella.ErrInvalid) || out.On != in.On {
		t.Errorf("Unmarshal(no such day) = %v and %v, want ErrInvalid and the day as it was", err, out.On)
	}
}

func TestDateValid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    glabella.Date
		want bool
	}{
		{glabella.Date{Year: 2024, Month: 2, Day: 29}, true},
		{glabella.Date{Year: 2023, Month: 2, Day: 29}, false},
		{glabella.Date{Year: 2023, Month: 13, Day: 1}, false},
		{glabella.Date{Year: 10000, Month: 1, Day: 1}, false},
		{glabella.Date{}, false},
	} {
		if got := tt.d.Valid(); got != tt.want {
			t.Errorf("%#v.Valid() = %t, want %t", tt.d, got, tt.want)
		}
	}
}

func TestDateAdd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		from string
		p    glabella.Period
		want string
	}{
		{"the zero period changes nothing", "2026-01-31", glabella.Period{}, "2026-01-31"},
		{"a month from the 31st ends with February", "2026-01-31", glabella.Period{Months: 1}, "2026-02-28"},
		{"a month from the 31st ends with February of a leap year", "2024-01-31", glabella.Period{Months: 1}, "2024-02-29"},
		{"a month from the 30th of a month of 31 days keeps the day", "2026-03-30", glabella.Period{Months: 1}, "2026-04-30"},
		{"three months from the end of November", "2026-11-30", glabella.Period{Months: 3}, "2027-02-28"},
		{"a year from a leap day", "2024-02-29", glabella.Period{Years: 1}, "2025-02-28"},
		{"four years from a leap day", "2024-02-29", glabella.Period{Years: 4}, "2028-02-29"},
		{"days follow the clamped month", "2026-01-31", glabella.Period{Months: 1, Days: 1}, "2026-03-01"},
		{"a month back from the 31st", "2026-03-31", glabella.Period{Months: -1}, "2026-02-28"},
		{"months carry into years", "2026-11-23", glabella.Period{Months: 14}, "2028-01-23"},
		{"90 days", "2026-11-23", glabella.Period{Days: 90}, "2027-02-21"},
		{"all parts", "2023-12-31", glabella.Period{Years: 1, Months: 2, Days: 3}, "2025-03-03"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := day(tt.from).Add(tt.p); got != day(tt.want) {
				t.Errorf("%s + %v = %v, want %s", tt.from, tt.p, got, tt.want)
			}
		})
	}
}

func TestAddDaysAndDaysSinceUndoEachOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	for range 2000 {
		from := day("1900-01-01").AddDays(r.Intn(90000))
		n := r.Intn(4000) - 2000
		to := from.AddDays(n)
		if got := to.DaysSince(from); got != n {
			t.Fatalf("%v + %d days = %v, which is %d days later", from, n, to, got)
		}
		if back := to.AddDays(-n); back != from {
			t.Fatalf("%v + %d − %d days = %v", from, n, n, back)
		}
		if got, want := to.Compare(from), sign(n); got != want || to.Before(from) != (want < 0) || to.After(from) != (want > 0) {
			t.Fatalf("%v compared with %v = %d, want %d", to, from, got, want)
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, born, on string
		want           int
	}{
		{"the day before the birthday", "1985-05-02", "2026-05-01", 40},
		{"the birthday", "1985-05-02", "2026-05-02", 41},
		{"an earlier month with a later day", "1985-05-02", "2026-04-30", 40},
		{"a later month with an earlier day", "1985-05-20", "2026-06-01", 41},
		{"the day of birth", "2026-05-02", "2026-05-02", 0},
		{"a leap birthday on 28 February of a common year", "2008-02-29", "2026-02-28", 17},
		{"a leap birthday on 1 March of a common year", "2008-02-29", "2026-03-01", 18},
		{"a leap birthday in a leap year", "2008-02-29", "2028-02-29", 20},
		{"the day before a leap birthday", "2008-02-29", "2028-02-28", 19},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := day(tt.born).Age(day(tt.on)); got != tt.want {
				t.Errorf("born %s, on %s: Age = %d, want %d", tt.born, tt.on, got, tt.want)
			}
		})
	}
}

func TestDaysAreCountedAcrossClockChanges(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	// In 2026 the clocks go forward on 8 March and back on 1 November.
	for _, tt := range []struct {
		on    string
		hours int
	}{{"2026-03-08", 23}, {"2026-11-01", 25}, {"2026-06-15", 24}} {
		d := day(tt.on)
		next := d.AddDays(1)
		if got := next.DaysSince(d); got != 1 {
			t.Errorf("%v is %d days after %v", next, got, d)
		}
		if got := next.Start(zone).Sub(d.Start(zone)); got != time.Duration(tt.hours)*time.Hour {
			t.Errorf("%v lasts %v, want %d h", d, got, tt.hours)
		}
		if last := next.Start(zone).Add(-time.Nanosecond); glabella.DateOf(last) != d {
			t.Errorf("the last instant of %v is on %v", d, glabella.DateOf(last))
		}
	}
}

func TestDateOfIsTheDayWhereTheTimeIs(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", -6*60*60)
	late := time.Date(2026, time.November, 24, 3, 0, 0, 0, time.UTC)
	if got := glabella.DateOf(late); got != day("2026-11-24") {
		t.Errorf("DateOf(UTC) = %v", got)
	}
	if got := glabella.DateOf(late.In(zone)); got != day("2026-11-23") {
		t.Errorf("DateOf(six hours west) = %v", got)
	}
}

func TestPeriodString(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p    glabella.Period
		want string
	}{
		{glabella.Period{}, "P0D"},
		{glabella.Period{Years: 1}, "P1Y"},
		{glabella.Period{Months: 6}, "P6M"},
		{glabella.Period{Days: 90}, "P90D"},
		{glabella.Period{Years: 1, Months: 6}, "P1Y6M"},
		{glabella.Period{Years: 1, Days: -3}, "P1Y-3D"},
	} {
		if got := tt.p.String(); got != tt.want {
			t.Errorf("%#v.String() = %q, want %q", tt.p, got, tt.want)
		}
		if got := tt.p.IsZero(); got != (tt.want == "P0D") {
			t.Errorf("%#v.IsZero() = %t", tt.p, got)
		}
	}
}

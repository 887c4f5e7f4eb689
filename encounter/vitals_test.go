package encounter_test

import (
	"errors"
	"math/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/quantity"
)

func measured(t testing.TB, code encounter.VitalSign, value, unit string) encounter.Measurement {
	t.Helper()
	m, err := encounter.NewMeasurement(code, quantity.MustParseNumber(value), unit)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// vitals is the n-th set of vital signs, taken n hours after the morning.
func vitals(n int, ms ...encounter.Measurement) encounter.Vitals {
	at := morning.Add(time.Duration(n) * time.Hour)
	return encounter.Vitals{
		ID: id[glabella.VitalsID](300 + n), Patient: patientID, Encounter: visitID, At: at, By: nurse, Measurements: ms,
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, Author: nurse.Ref(), RecordedAt: at},
	}
}

func issuePlaces(t testing.TB, err error) []string {
	t.Helper()
	var v *glabella.ValidationError
	if err != nil && !errors.As(err, &v) {
		t.Fatalf("error %v is no ValidationError", err)
	}
	if v == nil {
		return nil
	}
	return issuesAt(v.Issues)
}

func TestVitalsValidate(t *testing.T) {
	t.Parallel()
	systolic := measured(t, encounter.SystolicPressure, "120", "mm[Hg]")
	diastolic := measured(t, encounter.DiastolicPressure, "80", "mm[Hg]")
	leftArm := diastolic
	leftArm.Site = "left-arm"
	high := measured(t, encounter.DiastolicPressure, "120", "mm[Hg]")
	pounds := measured(t, encounter.BodyWeight, "150", encounter.UnitPound)
	forged := pounds
	forged.Value = quantity.MustParse("70 kg")
	for _, tt := range []struct {
		name   string
		ms     []encounter.Measurement
		change func(*encounter.Vitals)
		want   []string
	}{
		{name: "blood pressure", ms: []encounter.Measurement{systolic, diastolic}},
		{name: "nothing measured", want: []string{"/measurements out-of-range"}},
		{name: "the diastolic pressure as high as the systolic", ms: []encounter.Measurement{systolic, high}, want: []string{"/measurements/1/value encounter.vitals.pressure"}},
		{name: "pressures of two arms are not compared", ms: []encounter.Measurement{systolic, leftArm}},
		{name: "measured twice", ms: []encounter.Measurement{systolic, systolic}, want: []string{"/measurements/1/code duplicate"}},
		{name: "the body mass index is not entered", ms: []encounter.Measurement{{Code: encounter.LOINCBodyMassIndex, Value: quantity.Of(24, quantity.Unit{})}}, want: []string{"/measurements/0/code encounter.vitals.computed"}},
		{name: "no vital sign", ms: []encounter.Measurement{{Code: "2345-7", Value: quantity.MustParse("5 mmol")}}, want: []string{"/measurements/0/code unknown-value"}},
		{name: "weight in grams", ms: []encounter.Measurement{{Code: encounter.BodyWeight, Value: quantity.MustParse("70000 g")}}, want: []string{"/measurements/0/value encounter.vitals.unit"}},
		{name: "a weight with the point forgotten", ms: []encounter.Measurement{{Code: encounter.BodyWeight, Value: quantity.MustParse("701 kg")}}, want: []string{"/measurements/0/value encounter.vitals.bounds"}},
		{name: "the greatest weight", ms: []encounter.Measurement{{Code: encounter.BodyWeight, Value: quantity.MustParse("700 kg")}}},
		{name: "Fahrenheit as Celsius", ms: []encounter.Measurement{{Code: encounter.BodyTemperature, Value: quantity.MustParse("98.6 Cel")}}, want: []string{"/measurements/0/value encounter.vitals.bounds"}},
		{name: "half a point of pain", ms: []encounter.Measurement{{Code: encounter.PainSeverity, Value: quantity.MustParse("3.5 {score}")}}, want: []string{"/measurements/0/value encounter.scale.step"}},
		{name: "typed in pounds", ms: []encounter.Measurement{pounds}},
		{name: "pounds that are not the kilograms", ms: []encounter.Measurement{forged}, want: []string{"/measurements/0/entered encounter.vitals.entered"}},
		{name: "nobody measured", ms: []encounter.Measurement{pounds}, change: func(v *encounter.Vitals) { v.By = glabella.StaffID{} }, want: []string{"/by required"}},
		{name: "the patient measured", ms: []encounter.Measurement{pounds}, change: func(v *encounter.Vitals) { v.By, v.Provenance.Source = glabella.StaffID{}, glabella.SourcePatient }},
		{name: "taken back without a reason", ms: []encounter.Measurement{pounds}, change: func(v *encounter.Vitals) { v.Retracted = true }, want: []string{"/amendments required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := vitals(0, tt.ms...)
			if tt.change != nil {
				tt.change(&v)
			}
			if diff := cmp.Diff(tt.want, issuePlaces(t, v.Validate())); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewMeasurement(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, value, unit, want string
		code                    encounter.VitalSign
	}{
		{name: "kilograms", code: encounter.BodyWeight, value: "68.2", unit: "kg", want: "68.2 kg"},
		{name: "pounds", code: encounter.BodyWeight, value: "150.5", unit: encounter.UnitPound, want: "68.265651685 kg"},
		{name: "inches", code: encounter.BodyHeight, value: "65.5", unit: encounter.UnitInch, want: "166.37 cm"},
		{name: "body temperature in Fahrenheit", code: encounter.BodyTemperature, value: "98.6", unit: encounter.UnitFahrenheit, want: "37 Cel"},
		{name: "a temperature without a finite form", code: encounter.BodyTemperature, value: "99", unit: encounter.UnitFahrenheit, want: "37.222222222 Cel"},
		{name: "pain", code: encounter.PainSeverity, value: "4", unit: "{score}", want: "4 {score}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := measured(t, tt.code, tt.value, tt.unit)
			if got := m.Value.String(); got != tt.want {
				t.Errorf("NewMeasurement(%s %s) = %s, want %s", tt.value, tt.unit, got, tt.want)
			}
			back, err := m.In(tt.unit, 1)
			if err != nil || back.String() != tt.value {
				t.Errorf("In(%s) = %s, %v, want %s", tt.unit, back, err, tt.value)
			}
			if issues := m.Validate(""); len(issues) > 0 {
				t.Errorf("Validate = %v", issues)
			}
		})
	}
	for _, tt := range []struct {
		name, unit string
		code       encounter.VitalSign
	}{
		{"a unit of another sign", encounter.UnitInch, encounter.BodyWeight},
		{"no unit", "", encounter.BodyWeight},
		{"not a sign", "kg/m2", encounter.LOINCBodyMassIndex},
	} {
		t.Run(tt.name+" is refused", func(t *testing.T) {
			t.Parallel()
			if m, err := encounter.NewMeasurement(tt.code, quantity.MustParseNumber("60"), tt.unit); !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("NewMeasurement(%s) = %v, %v, want ErrInvalid", tt.unit, m, err)
			}
		})
	}
}

// A value of up to one digit after the point survives the way through the stored
// unit and back, though what was typed is forgotten.
func TestConversionRoundTrip(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewSource(11))
	for range 2000 {
		for _, tt := range []struct {
			code     encounter.VitalSign
			unit     string
			min, max int64 // in tenths
		}{
			{encounter.BodyWeight, encounter.UnitPound, 10, 15000},
			{encounter.BodyHeight, encounter.UnitInch, 100, 1100},
			{encounter.BodyTemperature, encounter.UnitFahrenheit, 700, 1140},
		} {
			tenths := tt.min + rnd.Int63n(tt.max-tt.min)
			want := quantity.Of(tenths, quantity.Unit{}).Value().Shift(-1)
			m, err := encounter.NewMeasurement(tt.code, quantity.Number{Decimal: want}, tt.unit)
			if err != nil {
				t.Fatal(err)
			}
			m.Entered = encounter.Entered{}
			got, err := m.In(tt.unit, 1)
			if err != nil || !got.Equal(want) {
				t.Fatalf("%s %s came back as %s, %v", want, tt.unit, got, err)
			}
		}
	}
}

func TestBodyMassIndex(t *testing.T) {
	t.Parallel()
	v := vitals(0, measured(t, encounter.BodyWeight, "70", "kg"), measured(t, encounter.BodyHeight, "175", "cm"))
	if n, ok := v.BodyMassIndex(); !ok || n.String() != "22.9" {
		t.Errorf("BodyMassIndex = %s, %v, want 22.9", n, ok)
	}
	if n, ok := vitals(0, measured(t, encounter.BodyWeight, "70", "kg")).BodyMassIndex(); ok {
		t.Errorf("BodyMassIndex without a height = %s", n)
	}
	var unit *quantity.UnitError
	if _, err := encounter.BodyMassIndex(quantity.MustParse("70000 g"), quantity.MustParse("175 cm")); !errors.As(err, &unit) {
		t.Errorf("BodyMassIndex of grams: error %v, want a UnitError", err)
	}
	if _, err := encounter.BodyMassIndex(quantity.MustParse("70 kg"), quantity.MustParse("0 cm")); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("BodyMassIndex of no height: error %v, want ErrInvalid", err)
	}
}

func TestLatest(t *testing.T) {
	t.Parallel()
	kg := func(n int, value string, changes ...func(*encounter.Vitals)) encounter.Vitals {
		v := vitals(n, measured(t, encounter.BodyWeight, value, "kg"))
		for _, change := range changes {
			change(&v)
		}
		return v
	}
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	all := []encounter.Vitals{
		kg(2, "71"), kg(0, "70"),
		vitals(3, measured(t, encounter.HeartRate, "64", "/min")),
		kg(4, "700", func(v *encounter.Vitals) { v.Retracted = true }),
		kg(5, "88", func(v *encounter.Vitals) { v.Patient = id[glabella.PatientID](99) }),
		kg(12, "72"), // 03:30 UTC on 4 November, and 21:30 on 3 November in Chicago
	}
	if m, v, ok := encounter.LatestOf(all, patientID, encounter.BodyWeight, morning.Add(6*time.Hour)); !ok || m.Value.String() != "71 kg" || v.ID != all[0].ID {
		t.Errorf("LatestOf = %v of %v, %v, want 71 kg", m.Value, v.ID, ok)
	}
	if m, _, ok := encounter.LatestOf(all, patientID, encounter.BodyWeight, morning.Add(-time.Second)); ok {
		t.Errorf("LatestOf before any = %v", m)
	}
	for _, tt := range []struct {
		name string
		on   string
		zone *time.Location
		kg   string
		day  string
	}{
		{"in UTC the last weight is of the next day", "2026-11-03", nil, "71 kg", "2026-11-03"},
		{"at the site it is of the same day", "2026-11-03", chicago, "72 kg", "2026-11-03"},
		{"a later day takes the last weight", "2026-12-01", nil, "72 kg", "2026-11-04"},
		{"the day before there is none", "2026-11-02", nil, "0", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kg, on, ok := encounter.WeightOn(all, patientID, day(tt.on), tt.zone)
			if kg.String() != tt.kg || on.String() != tt.day || ok != (tt.day != "") {
				t.Errorf("WeightOn(%s) = %s, %s, %v, want %s, %s", tt.on, kg, on, ok, tt.kg, tt.day)
			}
		})
	}
}

func TestVitalsAmend(t *testing.T) {
	t.Parallel()
	before := vitals(0, measured(t, encounter.BodyWeight, "70", "kg"))
	a := encounter.RecordAmendment{By: nurse, At: morning.Add(time.Hour), Reason: "typing-error"}
	after, err := before.Amend(a, []encounter.Measurement{measured(t, encounter.BodyWeight, "77", "kg")})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := before.Measurement(encounter.BodyWeight); got.Value.String() != "70 kg" || len(before.Amendments) != 0 {
		t.Errorf("Amend changed its receiver: %v", before)
	}
	if got, _ := after.Measurement(encounter.BodyWeight); got.Value.String() != "77 kg" || after.Validate() != nil {
		t.Errorf("after Amend: %v, %v", got.Value, after.Validate())
	}
	if _, err := before.Amend(encounter.RecordAmendment{By: nurse, At: morning}, nil); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Amend without a reason: error %v, want ErrInvalid", err)
	}
	gone, err := after.Retract(a)
	if err != nil || gone.Validate() != nil || len(gone.Amendments) != 2 {
		t.Fatalf("Retract = %v, %v", gone, err)
	}
	var transition *glabella.TransitionError
	if _, err := gone.Amend(a, nil); !errors.As(err, &transition) {
		t.Errorf("Amend after Retract: error %v, want a TransitionError", err)
	}
}

func TestVitalsRoundTrip(t *testing.T) {
	t.Parallel()
	want := vitals(1, measured(t, encounter.BodyTemperature, "99", encounter.UnitFahrenheit), measured(t, encounter.PainSeverity, "0", "{score}"))
	want.Amendments = []encounter.RecordAmendment{{By: nurse, At: morning, Reason: "typing-error"}}
	roundTrip(t, want)
	if diff := cmp.Diff(encounter.VitalsRecorded{Vitals: want.ID, Patient: patientID, Encounter: visitID, Codes: []encounter.VitalSign{encounter.BodyTemperature, encounter.PainSeverity}}, want.Event()); diff != "" {
		t.Errorf("Event (-want +got):\n%s", diff)
	}
}

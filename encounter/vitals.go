package encounter

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/quantity"
)

// VitalSign is what is measured, as its LOINC code. (LOINC is a trademark of the
// Regenstrief Institute; see NOTICE.)
type VitalSign string

// The vital signs.
const (
	SystolicPressure  VitalSign = "8480-6"
	DiastolicPressure VitalSign = "8462-4"
	HeartRate         VitalSign = "8867-4"
	RespiratoryRate   VitalSign = "9279-1"
	OxygenSaturation  VitalSign = "59408-5" // by pulse oximetry
	BodyTemperature   VitalSign = "8310-5"
	BodyWeight        VitalSign = "29463-7"
	BodyHeight        VitalSign = "8302-2"
	PainSeverity      VitalSign = "72514-3" // 0 to 10
)

// LOINCBodyMassIndex is the LOINC code of the body mass index. It is no
// [VitalSign]: it is computed by [BodyMassIndex] and never stored.
const LOINCBodyMassIndex = "39156-5"

// VitalSigns returns every vital sign.
func VitalSigns() []VitalSign {
	return []VitalSign{SystolicPressure, DiastolicPressure, HeartRate, RespiratoryRate, OxygenSaturation, BodyTemperature, BodyWeight, BodyHeight, PainSeverity}
}

// Valid reports whether v is one of [VitalSigns].
func (v VitalSign) Valid() bool { return slices.Contains(VitalSigns(), v) }

// vitalSpec is the unit that a vital sign is stored in, with bounds. The bounds
// catch a slip of the keyboard or a wrong unit. They are not clinical limits, and
// a value within them says nothing about health.
type vitalSpec struct {
	unit     quantity.Unit
	min, max decimal.Decimal
}

func bounded(unit, low, high string) vitalSpec {
	return vitalSpec{unit: quantity.MustUnit(unit), min: decimal.RequireFromString(low), max: decimal.RequireFromString(high)}
}

func (v VitalSign) spec() (vitalSpec, bool) {
	switch v {
	case SystolicPressure:
		return bounded("mm[Hg]", "30", "350"), true
	case DiastolicPressure:
		return bounded("mm[Hg]", "10", "250"), true
	case HeartRate:
		return bounded("/min", "10", "350"), true
	case RespiratoryRate:
		return bounded("/min", "2", "100"), true
	case OxygenSaturation:
		return bounded("%", "20", "100"), true
	case BodyTemperature:
		return bounded("Cel", "20", "46"), true
	case BodyWeight:
		return bounded("kg", "0.2", "700"), true
	case BodyHeight:
		return bounded("cm", "20", "280"), true
	case PainSeverity:
		return bounded("{score}", "0", "10"), true
	}
	return vitalSpec{}, false
}

// Codes of issues with vital signs.
const (
	// CodeVitalUnit says that a vital sign is not in the unit that it is stored in.
	CodeVitalUnit glabella.Code = "encounter.vitals.unit"
	// CodeVitalBounds says that a vital sign is so far out that it is likely a slip of the keyboard.
	CodeVitalBounds glabella.Code = "encounter.vitals.bounds"
	// CodeVitalComputed says that a value is entered that is only ever computed, such as the body mass index.
	CodeVitalComputed glabella.Code = "encounter.vitals.computed"
	// CodeVitalPressure says that the diastolic pressure is not below the systolic one.
	CodeVitalPressure glabella.Code = "encounter.vitals.pressure"
	// CodeVitalEntered says that a stored vital sign does not follow from what was typed.
	CodeVitalEntered glabella.Code = "encounter.vitals.entered"
)

// Measurement is one vital sign. Value is in the unit that the sign is stored in:
// mm[Hg], /min, %, Cel, kg, cm or {score}.
type Measurement struct {
	Code    VitalSign         `json:"code"`
	Value   quantity.Quantity `json:"value"`
	Entered Entered           `json:"entered,omitzero"` // what was typed, if in another unit
	Method  string            `json:"method,omitempty"` // a code: "automated-cuff", "tympanic"
	Site    string            `json:"site,omitempty"`   // a code: "left-arm"
}

// Entered is a value as it was typed, with its UCUM unit. The zero Entered says
// that it was typed in the unit that it is stored in.
type Entered struct {
	Value quantity.Number `json:"value"`
	Unit  string          `json:"unit"`
}

// IsZero reports whether the value was typed in the unit that it is stored in.
func (e Entered) IsZero() bool { return e.Unit == "" }

// Vitals is a set of vital signs that were taken together.
type Vitals struct {
	ID glabella.VitalsID `json:"id" validate:"required"`
	glabella.Meta
	Patient      glabella.PatientID   `json:"patient" validate:"required"`
	Encounter    glabella.EncounterID `json:"encounter,omitzero"`
	At           time.Time            `json:"at" validate:"required"` // when they were taken
	By           glabella.StaffID     `json:"by,omitzero"`            // zero if the patient measured
	Measurements []Measurement        `json:"measurements" validate:"min=1"`
	Retracted    bool                 `json:"retracted,omitempty"` // entered in error: of no use to any rule
	Amendments   []RecordAmendment    `json:"amendments"`
	Provenance   glabella.Provenance  `json:"provenance"`
}

// RecordAmendment says who changed a record after it was made, and why. What the
// record said before is its earlier version, which the store keeps.
type RecordAmendment struct {
	By     glabella.StaffID `json:"by"`
	At     time.Time        `json:"at"`
	Reason string           `json:"reason"` // a code or a few words, without personal data
}

func (a RecordAmendment) validate(path string) []glabella.Issue {
	if a.By.IsZero() || a.At.IsZero() || a.Reason == "" {
		return []glabella.Issue{{Path: path, Code: glabella.CodeRequired, Text: "an amendment has an author, a time and a reason"}}
	}
	return nil
}

func validateAmendments(as []RecordAmendment) []glabella.Issue {
	var issues []glabella.Issue
	for i, a := range as {
		issues = append(issues, a.validate(fmt.Sprintf("/amendments/%d", i))...)
	}
	return issues
}

// Ref returns the reference to the vital signs.
func (v Vitals) Ref() glabella.Ref { return v.ID.Ref() }

// Validate reports everything that is wrong with the vital signs.
func (v Vitals) Validate() error {
	issues := append(check.Struct(v), v.Provenance.Validate("/provenance")...)
	issues = append(issues, validateAmendments(v.Amendments)...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if v.By.IsZero() && v.Provenance.Source == glabella.SourceEntered {
		add("/by", glabella.CodeRequired, "what staff measured is somebody's")
	}
	if v.Retracted && len(v.Amendments) == 0 {
		add("/amendments", glabella.CodeRequired, "what was entered in error says who found so, and why")
	}
	type place struct {
		code VitalSign
		site string
	}
	at := map[place]int{}
	for i, m := range v.Measurements {
		path := fmt.Sprintf("/measurements/%d", i)
		issues = append(issues, m.Validate(path)...)
		if _, twice := at[place{m.Code, m.Site}]; twice {
			add(path+"/code", glabella.CodeDuplicate, "is measured twice at the same site")
		}
		at[place{m.Code, m.Site}] = i
	}
	for i, m := range v.Measurements {
		if m.Code != DiastolicPressure {
			continue
		}
		systolic, ok := at[place{SystolicPressure, m.Site}]
		if !ok {
			continue
		}
		if c, err := m.Value.Cmp(v.Measurements[systolic].Value); err == nil && c >= 0 {
			add(fmt.Sprintf("/measurements/%d/value", i), CodeVitalPressure, "the diastolic pressure is below the systolic one")
		}
	}
	return glabella.Invalid("vitals", issues...)
}

// Validate reports what is wrong with the measurement; path is where it stands.
func (m Measurement) Validate(path string) []glabella.Issue {
	spec, ok := m.Code.spec()
	switch {
	case m.Code == LOINCBodyMassIndex:
		return []glabella.Issue{{Path: path + "/code", Code: CodeVitalComputed, Text: "the body mass index is computed from weight and height"}}
	case !ok:
		return []glabella.Issue{{Path: path + "/code", Code: glabella.CodeUnknownValue, Text: "not a vital sign"}}
	case m.Value.Unit() != spec.unit:
		return []glabella.Issue{{Path: path + "/value", Code: CodeVitalUnit, Text: "is not in " + spec.unit.String(), Args: map[string]string{"unit": spec.unit.String()}}}
	}
	var issues []glabella.Issue
	if v := m.Value.Value(); v.LessThan(spec.min) || v.GreaterThan(spec.max) {
		issues = append(issues, glabella.Issue{Path: path + "/value", Code: CodeVitalBounds, Text: "is beyond what can be entered",
			Args: map[string]string{"min": spec.min.String(), "max": spec.max.String(), "unit": spec.unit.String()}})
	}
	if m.Code == PainSeverity && !m.Value.Value().IsInteger() {
		issues = append(issues, glabella.Issue{Path: path + "/value", Code: CodeScaleStep, Text: "is between two steps of the scale", Args: map[string]string{"step": "1"}})
	}
	if !m.Entered.IsZero() {
		if want, err := NewMeasurement(m.Code, m.Entered.Value, m.Entered.Unit); err != nil || !want.Value.Equal(m.Value) {
			issues = append(issues, glabella.Issue{Path: path + "/entered", Code: CodeVitalEntered, Text: "does not convert to the value"})
		}
	}
	return issues
}

// Amend replaces the measurements. What was there before is the record's earlier
// version.
func (v Vitals) Amend(a RecordAmendment, measurements []Measurement) (Vitals, error) {
	return v.amend("amend", a, func(v *Vitals) { v.Measurements = slices.Clone(measurements) })
}

// Retract marks the vital signs as entered in error, such as on another patient's
// chart. Nothing reads them from then on.
func (v Vitals) Retract(a RecordAmendment) (Vitals, error) {
	return v.amend("retract", a, func(v *Vitals) { v.Retracted = true })
}

func (v Vitals) amend(action string, a RecordAmendment, change func(*Vitals)) (Vitals, error) {
	if v.Retracted {
		return v, &glabella.TransitionError{Machine: "vitals", From: "retracted", Action: action}
	}
	if err := glabella.Invalid("amendment", a.validate("")...); err != nil {
		return v, err
	}
	out := v
	out.Amendments = append(slices.Clone(v.Amendments), a)
	change(&out)
	return out, nil
}

// Measurement returns the first measurement of the sign, and false if it was not
// taken.
func (v Vitals) Measurement(code VitalSign) (Measurement, bool) {
	for _, m := range v.Measurements {
		if m.Code == code {
			return m, true
		}
	}
	return Measurement{}, false
}

// LatestOf returns the patient's latest measurement of the sign that was taken up
// to at, and the vital signs that it is part of. Vital signs of other patients and
// such as were entered in error are ignored.
func LatestOf(all []Vitals, patient glabella.PatientID, code VitalSign, at time.Time) (Measurement, Vitals, bool) {
	return latest(all, patient, code, func(v Vitals) bool { return !v.At.After(at) })
}

// WeightOn returns the patient's body weight in kg as it was last measured on the
// day or before, and the day of that measurement, in zone; nil is UTC. How old a
// weight may be for a dose per kilogram is the caller's policy.
func WeightOn(all []Vitals, patient glabella.PatientID, on glabella.Date, zone *time.Location) (kg quantity.Quantity, measured glabella.Date, ok bool) {
	if zone == nil {
		zone = time.UTC
	}
	m, v, ok := latest(all, patient, BodyWeight, func(v Vitals) bool { return !glabella.DateOf(v.At.In(zone)).After(on) })
	if !ok {
		return quantity.Quantity{}, glabella.Date{}, false
	}
	return m.Value, glabella.DateOf(v.At.In(zone)), true
}

func latest(all []Vitals, patient glabella.PatientID, code VitalSign, until func(Vitals) bool) (Measurement, Vitals, bool) {
	var best Vitals
	var out Measurement
	found := false
	for _, v := range all {
		m, ok := v.Measurement(code)
		if !ok || v.Patient != patient || v.Retracted || !until(v) || found && v.At.Before(best.At) {
			continue
		}
		best, out, found = v, m, true
	}
	return out, best, found
}

// VitalsRecorded is the business event of vital signs that were taken.
type VitalsRecorded struct {
	Vitals    glabella.VitalsID    `json:"vitals"`
	Patient   glabella.PatientID   `json:"patient"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Codes     []VitalSign          `json:"codes"` // what was measured, not what was found
}

// VitalsAmended is the business event of a change to vital signs.
type VitalsAmended struct {
	Vitals    glabella.VitalsID  `json:"vitals"`
	Patient   glabella.PatientID `json:"patient"`
	By        glabella.StaffID   `json:"by"`
	Retracted bool               `json:"retracted"`
}

// Event returns the business event of the vital signs.
func (v Vitals) Event() VitalsRecorded {
	out := VitalsRecorded{Vitals: v.ID, Patient: v.Patient, Encounter: v.Encounter}
	for _, m := range v.Measurements {
		if !slices.Contains(out.Codes, m.Code) {
			out.Codes = append(out.Codes, m.Code)
		}
	}
	return out
}

package encounter

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/treatment"
)

// The built-in scales.
const (
	ScaleFitzpatrick = "fitzpatrick-phototype" // how skin reacts to the sun
	ScaleGlogau      = "glogau-photoageing"    // how far the sun has aged the skin
	ScalePain        = "pain-nrs"              // pain as the patient rates it
	ScaleGAIS        = "gais-5"                // improvement since before the treatment
	ScaleWrinkle     = "wrinkle-severity-4"    // severity of lines
	ScaleCTCAE       = "ctcae-grade"           // severity of an adverse event
)

// Codes of issues with scores.
const (
	// CodeScaleVersion says that a score names a version of a scale that is not known.
	CodeScaleVersion glabella.Code = "encounter.scale.version"
	// CodeScaleStep says that a score lies between two steps of its scale.
	CodeScaleStep glabella.Code = "encounter.scale.step"
)

// Scale is one version of a rating scale. A version does not change: variants of
// an instrument that count otherwise are versions of their own.
type Scale struct {
	Code    string          `json:"code"`
	Version string          `json:"version"`
	Name    string          `json:"name"`
	Min     quantity.Number `json:"min"`
	Max     quantity.Number `json:"max"`
	Step    quantity.Number `json:"step"` // the distance between two scores
	Unit    string          `json:"unit"` // UCUM
	Labels  []ScaleLabel    `json:"labels"`
	Basis   treatment.Basis `json:"basis"`
	Source  string          `json:"source"`  // who described the scale
	Licence string          `json:"licence"` // under which terms its names may be passed on
}

// ScaleLabel says what one score means.
type ScaleLabel struct {
	Value quantity.Number `json:"value"`
	Name  string          `json:"name"`
	Text  string          `json:"text,omitempty"`
}

// Label returns the label of a score, and false if the scale has none for it.
func (s Scale) Label(value quantity.Number) (ScaleLabel, bool) {
	for _, l := range s.Labels {
		if l.Value.Equal(value.Decimal) {
			return l, true
		}
	}
	return ScaleLabel{}, false
}

// Check reports what is wrong with a score on the scale; path is where the score
// stands.
func (s Scale) Check(path string, score Score) []glabella.Issue {
	if score.Scale != s.Code || score.Version != s.Version {
		return []glabella.Issue{{Path: path + "/version", Code: CodeScaleVersion, Text: "not a score of this version of the scale"}}
	}
	v := score.Value.Decimal
	if v.LessThan(s.Min.Decimal) || v.GreaterThan(s.Max.Decimal) {
		return []glabella.Issue{{Path: path + "/value", Code: glabella.CodeOutOfRange, Text: "is outside of the scale", Args: map[string]string{"min": s.Min.String(), "max": s.Max.String()}}}
	}
	if s.Step.Sign() > 0 && !v.Sub(s.Min.Decimal).Mod(s.Step.Decimal).IsZero() {
		return []glabella.Issue{{Path: path + "/value", Code: CodeScaleStep, Text: "is between two steps of the scale", Args: map[string]string{"step": s.Step.String()}}}
	}
	return nil
}

// Rater is whose eyes a score was given by.
type Rater string

// The raters.
const (
	RaterPatient  Rater = "patient"
	RaterProvider Rater = "provider"
	RaterBlinded  Rater = "blinded" // a rater who does not know what was done
)

// Raters returns every rater.
func Raters() []Rater { return []Rater{RaterPatient, RaterProvider, RaterBlinded} }

// Valid reports whether r is one of [Raters].
func (r Rater) Valid() bool { return slices.Contains(Raters(), r) }

// Score is one rating on a scale, with the version of the instrument that it was
// given on. The zero Score is none.
type Score struct {
	Scale   string           `json:"scale"`
	Version string           `json:"version"`
	Value   quantity.Number  `json:"value"`
	Rater   Rater            `json:"rater"`
	At      time.Time        `json:"at"`
	By      glabella.StaffID `json:"by,omitzero"` // who wrote it down
	Region  string           `json:"region,omitempty"`
	Side    glabella.Side    `json:"side,omitempty"`
}

// IsZero reports whether there is no score.
func (s Score) IsZero() bool {
	return s.Scale == "" && s.Version == "" && s.Rater == "" && s.At.IsZero()
}

// Validate reports what is wrong with the score; path is where it stands. A score
// on a built-in scale is checked against it. One on a scale of the host's own is
// checked for its shape only: the host calls [Scale.Check].
func (s Score) Validate(path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(at string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + at, Code: code, Text: text})
	}
	if s.Scale == "" {
		add("/scale", glabella.CodeRequired, "a score names its scale")
	}
	if s.Version == "" {
		add("/version", glabella.CodeRequired, "a score names the version of its scale")
	}
	if !s.Rater.Valid() {
		add("/rater", glabella.CodeUnknownValue, "not a rater")
	}
	if s.At.IsZero() {
		add("/at", glabella.CodeRequired, "a score has a time")
	}
	if s.Rater != RaterPatient && s.Rater.Valid() && s.By.IsZero() {
		add("/by", glabella.CodeRequired, "a score that the patient did not give is somebody's")
	}
	if s.Side != "" && !s.Side.Valid() {
		add("/side", glabella.CodeUnknownValue, "not a side of the body")
	}
	builtIn := Scales()
	if i := slices.IndexFunc(builtIn, func(b Scale) bool { return b.Code == s.Scale }); i >= 0 && s.Version != "" {
		issues = append(issues, builtIn[i].Check(path, s)...)
	}
	return issues
}

// FindScale returns the built-in scale with the code, and false if there is none.
func FindScale(code string) (Scale, bool) {
	for _, s := range Scales() {
		if s.Code == code {
			return s, true
		}
	}
	return Scale{}, false
}

func whole(n int64) quantity.Number { return quantity.Number{Decimal: decimal.NewFromInt(n)} }

// grades returns labels for successive whole numbers from first, each a name and
// a text.
func grades(first int64, texts ...[2]string) []ScaleLabel {
	out := make([]ScaleLabel, len(texts))
	for i, t := range texts {
		out[i] = ScaleLabel{Value: whole(first + int64(i)), Name: t[0], Text: t[1]}
	}
	return out
}

const (
	scoreUnit = "{score}"
	ownWords  = "grade names and short descriptions in this project's own words; no pictures or questionnaire of a publisher"
)

// Scales returns the built-in scales: those whose grades may be passed on freely.
// Scales that are licensed, or that consist of a publisher's photographs, are the
// host's to add.
func Scales() []Scale {
	return []Scale{
		{Code: ScaleFitzpatrick, Version: "1988", Name: "Fitzpatrick skin phototype", Min: whole(1), Max: whole(6), Step: whole(1), Unit: scoreUnit,
			Labels: grades(1, [2]string{"I", "always burns, never tans"}, [2]string{"II", "usually burns, tans a little"}, [2]string{"III", "sometimes burns, tans evenly"},
				[2]string{"IV", "rarely burns, tans well"}, [2]string{"V", "very rarely burns, tans darkly"}, [2]string{"VI", "never burns, deeply pigmented"}),
			Basis: treatment.BasisLiterature, Source: "Fitzpatrick TB, Arch Dermatol 1988;124:869-871", Licence: ownWords},
		{Code: ScaleGlogau, Version: "1996", Name: "Glogau photoageing", Min: whole(1), Max: whole(4), Step: whole(1), Unit: scoreUnit,
			Labels: grades(1, [2]string{"I", "mild: hardly any lines"}, [2]string{"II", "moderate: lines when the face moves"},
				[2]string{"III", "advanced: lines when the face rests"}, [2]string{"IV", "severe: lines all over"}),
			Basis: treatment.BasisLiterature, Source: "Glogau RG, Semin Cutan Med Surg 1996;15:134-138", Licence: ownWords},
		{Code: ScalePain, Version: "0-10", Name: "Pain, numeric rating", Min: whole(0), Max: whole(10), Step: whole(1), Unit: scoreUnit,
			Labels: []ScaleLabel{{Value: whole(0), Name: "no pain"}, {Value: whole(10), Name: "worst pain imaginable"}},
			Basis:  treatment.BasisStandard, Source: "LOINC 72514-3, pain severity 0-10", Licence: "free to use"},
		{Code: ScaleGAIS, Version: "5-point", Name: "Global Aesthetic Improvement Scale", Min: whole(-1), Max: whole(3), Step: whole(1), Unit: scoreUnit,
			Labels: grades(-1, [2]string{"worse", ""}, [2]string{"no change", ""}, [2]string{"improved", ""}, [2]string{"much improved", ""}, [2]string{"very much improved", ""}),
			Basis:  treatment.BasisLiterature, Source: "Narins RS et al., Dermatol Surg 2003;29:588-595", Licence: ownWords},
		{Code: ScaleWrinkle, Version: "4-point", Name: "Facial wrinkle severity", Min: whole(0), Max: whole(3), Step: whole(1), Unit: scoreUnit,
			Labels: grades(0, [2]string{"none", ""}, [2]string{"mild", ""}, [2]string{"moderate", ""}, [2]string{"severe", ""}),
			Basis:  treatment.BasisLabel, Source: "US prescribing information of botulinum toxins for glabellar lines, clinical studies: Facial Wrinkle Scale", Licence: ownWords},
		{Code: ScaleCTCAE, Version: "5.0", Name: "Severity of an adverse event (CTCAE)", Min: whole(1), Max: whole(5), Step: whole(1), Unit: scoreUnit,
			Labels: grades(1, [2]string{"mild", "no treatment needed"}, [2]string{"moderate", "local or simple treatment needed"}, [2]string{"severe", "medically significant, not an immediate threat to life"},
				[2]string{"life-threatening", "urgent treatment needed"}, [2]string{"death", "death related to the event"}),
			Basis: treatment.BasisStandard, Source: "US National Cancer Institute, Common Terminology Criteria for Adverse Events v5.0 (2017)", Licence: "public domain; " + ownWords},
	}
}

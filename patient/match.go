package patient

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/strict"
)

// Level says how far two patients agree in a field.
type Level string

// The levels of agreement. Which of them a field can have, [Model] says.
const (
	LevelExact     Level = "exact"
	LevelNickname  Level = "nickname"  // a given name and its short form
	LevelInitial   Level = "initial"   // a given name and its first letter
	LevelSwapped   Level = "swapped"   // family and given name, or day and month, change places
	LevelPartial   Level = "partial"   // one of several words, the last seven digits of a phone, the postal code, or what stands before the @
	LevelClose     Level = "close"     // a typing error apart
	LevelNear      Level = "near"      // alike
	LevelDigit     Level = "digit"     // one digit of a date, or two that change places, apart
	LevelYear      Level = "year"      // the same day of another year
	LevelDifferent Level = "different" // none of these
)

// Levels returns every level, the strongest first.
func Levels() []Level {
	return []Level{LevelExact, LevelNickname, LevelInitial, LevelSwapped, LevelPartial, LevelClose, LevelNear, LevelDigit, LevelYear, LevelDifferent}
}

// Valid reports whether l is one of [Levels].
func (l Level) Valid() bool { return slices.Contains(Levels(), l) }

// matchLevels lists the levels that a field can have. The order of the fields is
// that of the agreements of a match.
var matchLevels = []struct {
	field  Field
	levels []Level
}{
	{FieldFamily, []Level{LevelExact, LevelSwapped, LevelPartial, LevelClose, LevelNear, LevelDifferent}},
	{FieldGiven, []Level{LevelExact, LevelNickname, LevelInitial, LevelSwapped, LevelPartial, LevelClose, LevelNear, LevelDifferent}},
	{FieldBirthDate, []Level{LevelExact, LevelSwapped, LevelDigit, LevelYear, LevelDifferent}},
	{FieldSex, []Level{LevelExact, LevelDifferent}},
	{FieldPhone, []Level{LevelExact, LevelPartial, LevelDifferent}},
	{FieldEmail, []Level{LevelExact, LevelPartial, LevelDifferent}},
	{FieldAddress, []Level{LevelExact, LevelPartial, LevelDifferent}},
	{FieldIdentifier, []Level{LevelExact, LevelDifferent}},
}

// Model holds the figures by which two patients are compared, after Fellegi and
// Sunter (1969). A field that both patients have adds the weight log2(M/U) of the
// level in which it agrees; a field that one of them lacks adds nothing. The
// figures of [DefaultModel] are estimates for an outpatient practice, made to be
// edited; [Model.Validate] says what they must satisfy.
type Model struct {
	// Prior is the chance that any two records, before they are compared, are of one
	// person. It bears on [Match.Probability] alone.
	Prior float64 `json:"prior"`
	// Possible and Probable are the weights from which two records may be, or are
	// taken to be, of one person.
	Possible float64 `json:"possible"`
	Probable float64 `json:"probable"`
	// Household is the part that is left of what family name, phone, email and address
	// add, when the given names, or the birth dates, or the sexes with given names that
	// are not quite the same, tell two people apart: people who live together share
	// these, and twins their birth date too.
	Household float64      `json:"household"`
	Fields    []FieldModel `json:"fields"`
	// Shares are the shares of common names. Agreement on a name is weighed by its
	// share in place of U; a name that is not listed has U.
	Shares []NameShare `json:"shares"`
}

// FieldModel holds the figures of a field, one level each.
type FieldModel struct {
	Field  Field        `json:"field"`
	Levels []LevelModel `json:"levels"`
}

// LevelModel holds the chances that a field agrees in a level: M of two records of
// one person, and U of two records of two people.
type LevelModel struct {
	Level Level   `json:"level"`
	M     float64 `json:"m"`
	U     float64 `json:"u"`
}

// NameShare is the share of people who have a family or given name.
type NameShare struct {
	Field Field   `json:"field"` // family or given
	Name  string  `json:"name"`  // folded, see [FoldName]
	Share float64 `json:"share"`
}

//go:embed matchmodel.json
var defaultModel []byte

// DefaultModel returns the model that the library brings along.
func DefaultModel() Model {
	m, err := ParseModel("matchmodel.json", defaultModel)
	if err != nil {
		panic(err) // the file is part of the library
	}
	return m
}

var defaultMatcher = sync.OnceValue(func() *matcher {
	m, err := DefaultModel().compile()
	if err != nil {
		panic(err)
	}
	return m
})

// ParseModel reads a model from JSON and validates it; name stands for the file in
// the error.
func ParseModel(name string, data []byte) (Model, error) {
	var m Model
	if err := strict.Decode(name, data, &m); err != nil {
		return Model{}, err
	}
	return m, m.Validate()
}

// Validate reports everything that is wrong with the model: chances outside of 0
// to 1, a field that lacks a level or has one that it cannot have, thresholds out
// of order, and names that are not folded.
func (m Model) Validate() error {
	var issues []glabella.Issue
	add := func(code glabella.Code, text, format string, args ...any) {
		issues = append(issues, glabella.Issue{Path: fmt.Sprintf(format, args...), Code: code, Text: text})
	}
	chance := func(v float64) bool { return v > 0 && v < 1 }
	if !chance(m.Prior) {
		add(glabella.CodeOutOfRange, "must be between 0 and 1", "/prior")
	}
	if !(m.Household >= 0 && m.Household <= 1) {
		add(glabella.CodeOutOfRange, "must be from 0 to 1", "/household")
	}
	for path, v := range map[string]float64{"/possible": m.Possible, "/probable": m.Probable} {
		if !(math.Abs(v) <= maxWeight) {
			add(glabella.CodeOutOfRange, "must be a number of bits", "%s", path)
		}
	}
	if m.Possible > m.Probable {
		add(glabella.CodeOutOfRange, "must not be above probable", "/possible")
	}
	seen := map[Field]bool{}
	for i, f := range m.Fields {
		n := slices.IndexFunc(matchLevels, func(l struct {
			field  Field
			levels []Level
		}) bool {
			return l.field == f.Field
		})
		switch {
		case n < 0:
			add(glabella.CodeUnknownValue, "not a field that is compared", "/fields/%d/field", i)
			continue
		case seen[f.Field]:
			add(glabella.CodeDuplicate, "given twice", "/fields/%d/field", i)
		}
		seen[f.Field] = true
		levels := map[Level]bool{}
		for j, l := range f.Levels {
			switch {
			case !slices.Contains(matchLevels[n].levels, l.Level):
				add(glabella.CodeUnknownValue, "not a level of this field", "/fields/%d/levels/%d/level", i, j)
			case levels[l.Level]:
				add(glabella.CodeDuplicate, "given twice", "/fields/%d/levels/%d/level", i, j)
			}
			levels[l.Level] = true
			if !chance(l.M) {
				add(glabella.CodeOutOfRange, "must be between 0 and 1", "/fields/%d/levels/%d/m", i, j)
			}
			if !chance(l.U) {
				add(glabella.CodeOutOfRange, "must be between 0 and 1", "/fields/%d/levels/%d/u", i, j)
			}
		}
		for _, l := range matchLevels[n].levels {
			if !levels[l] {
				add(glabella.CodeRequired, "lacks the level "+string(l), "/fields/%d/levels", i)
			}
		}
	}
	for _, l := range matchLevels {
		if !seen[l.field] {
			add(glabella.CodeRequired, "lacks the field "+string(l.field), "/fields")
		}
	}
	type name struct {
		field Field
		name  string
	}
	names := map[name]bool{}
	for i, s := range m.Shares {
		if s.Field != FieldFamily && s.Field != FieldGiven {
			add(glabella.CodeUnknownValue, "shares are of family and given names", "/shares/%d/field", i)
		}
		if s.Name == "" || FoldName(s.Name) != s.Name {
			add(glabella.CodeFormat, "must be folded", "/shares/%d/name", i)
		}
		if names[name{s.Field, s.Name}] {
			add(glabella.CodeDuplicate, "given twice", "/shares/%d/name", i)
		}
		names[name{s.Field, s.Name}] = true
		if !chance(s.Share) {
			add(glabella.CodeOutOfRange, "must be between 0 and 1", "/shares/%d/share", i)
		}
	}
	return glabella.Invalid("model", issues...)
}

// Agreement is what the comparison of one field adds to a match.
type Agreement struct {
	Field  Field   `json:"field"`
	Level  Level   `json:"level"`
	Weight float64 `json:"weight"` // bits
	// Shared says that the weight was cut to [Model.Household]: the two may be people
	// who live together.
	Shared bool `json:"shared,omitempty"`
}

// Likelihood is the verdict on a match.
type Likelihood string

// The verdicts.
const (
	Unlikely Likelihood = "unlikely"
	Possible Likelihood = "possible" // for somebody to look at
	Probable Likelihood = "probable"
)

// Likelihoods returns every verdict, from the weakest.
func Likelihoods() []Likelihood { return []Likelihood{Unlikely, Possible, Probable} }

// Valid reports whether l is one of [Likelihoods].
func (l Likelihood) Valid() bool { return slices.Contains(Likelihoods(), l) }

// Match is how far two records look like those of one person, and why.
type Match struct {
	Weight      float64     `json:"weight"`      // bits: the sum of the agreements
	Probability float64     `json:"probability"` // by the weight and the model's prior; a guide, not a measurement
	Likelihood  Likelihood  `json:"likelihood"`
	Agreements  []Agreement `json:"agreements"` // of each field that both have; no value of a field is in it
}

// Score compares two patients by [DefaultModel].
func Score(a, b Patient) Match { return defaultMatcher().score(a, b) }

// Score compares two patients. It fails if the model is not valid.
func (m Model) Score(a, b Patient) (Match, error) {
	compiled, err := m.compile()
	if err != nil {
		return Match{}, err
	}
	return compiled.score(a, b), nil
}

package patient

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// SkinType is a skin phototype after Fitzpatrick (1975, 1988).
type SkinType string

// The skin phototypes: how skin that is not used to the sun answers to it.
const (
	SkinTypeI   SkinType = "I"   // burns each time and does not tan
	SkinTypeII  SkinType = "II"  // burns as a rule and tans little
	SkinTypeIII SkinType = "III" // burns at times and tans evenly
	SkinTypeIV  SkinType = "IV"  // seldom burns and tans well
	SkinTypeV   SkinType = "V"   // burns very seldom and tans dark
	SkinTypeVI  SkinType = "VI"  // does not burn and is deeply pigmented
)

// SkinTypes returns every skin phototype.
func SkinTypes() []SkinType {
	return []SkinType{SkinTypeI, SkinTypeII, SkinTypeIII, SkinTypeIV, SkinTypeV, SkinTypeVI}
}

// Valid reports whether t is one of [SkinTypes].
func (t SkinType) Valid() bool { return slices.Contains(SkinTypes(), t) }

// SkinAnswer is an answer to a question of the practice's own form.
type SkinAnswer struct {
	Question string `json:"question"` // a code of the form
	Answer   string `json:"answer"`   // a code of the form
}

// SkinAssessment is a skin phototype as someone assessed it. The answers are
// kept as they were given; this package computes no type from them.
type SkinAssessment struct {
	Type       SkinType            `json:"type"`
	Answers    []SkinAnswer        `json:"answers"`
	At         time.Time           `json:"at"` // UTC, microseconds
	Provenance glabella.Provenance `json:"provenance"`
}

func (s SkinAssessment) issues(path string) []glabella.Issue {
	var issues []glabella.Issue
	if !s.Type.Valid() {
		issues = append(issues, glabella.Issue{Path: path + "/type", Code: glabella.CodeUnknownValue, Text: "not a skin phototype"})
	}
	if s.At.IsZero() {
		issues = append(issues, glabella.Issue{Path: path + "/at", Code: glabella.CodeRequired, Text: "must be given"})
	}
	for i, a := range s.Answers {
		if a.Question == "" || a.Answer == "" {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("%s/answers/%d", path, i), Code: glabella.CodeRequired, Text: "an answer names its question"})
		}
	}
	return append(issues, s.Provenance.Validate(path+"/provenance")...)
}

// SkinAt returns the last assessment up to an instant, and false if there is
// none.
func (h History) SkinAt(at time.Time) (SkinAssessment, bool) {
	var last SkinAssessment
	found := false
	for _, s := range h.Skin {
		if !s.At.After(at) && (!found || !s.At.Before(last.At)) {
			last, found = s, true
		}
	}
	return last, found
}

package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/glabella-ehr/glabella"
)

//go:embed packs.json
var packFile []byte

// Confidence says how well a statement of a pack is founded.
type Confidence string

// The degrees of confidence.
const (
	Read           Confidence = "read"            // the source itself was read
	PartlyRead     Confidence = "partly-read"     // a part of the source, or an account of it, was read
	Recalled       Confidence = "recalled"        // the source is named but was not read; a rule that rests on it only warns
	CommonPractice Confidence = "common-practice" // no source binds; it is what practices usually do
)

// Confidences returns every degree of confidence, from the highest.
func Confidences() []Confidence {
	return []Confidence{Read, PartlyRead, Recalled, CommonPractice}
}

// Valid reports whether c is one of [Confidences].
func (c Confidence) Valid() bool { return slices.Contains(Confidences(), c) }

// Pack is what a jurisdiction says about aesthetic medicine, as far as it was
// read, and what practices there usually do where it is silent.
type Pack struct {
	Jurisdiction   string        `json:"jurisdiction"`       // ISO 3166
	AdultAge       Years         `json:"adultAge,omitzero"`  // zero if nothing is known
	Examiners      Kinds         `json:"examiners,omitzero"` // no kinds if nothing is known
	ClearanceValid Validity      `json:"clearanceValid,omitzero"`
	Modalities     Kinds         `json:"modalities,omitzero"` // ways of doing a good-faith exam; none if nothing is known
	Orders         Kinds         `json:"orders,omitzero"`     // kinds of credential that treat only under an order; none if nothing is known
	Minors         Minors        `json:"minors,omitzero"`     // ages of majority and bans; empty if nothing is known
	Notes          []Note        `json:"notes"`               // what binds people and no setting expresses
	CheckedOn      glabella.Date `json:"checkedOn"`           // when the sources were read
}

// Years is a number of years with its source.
type Years struct {
	Years      int        `json:"years"`
	Source     string     `json:"source"`
	Confidence Confidence `json:"confidence"`
}

// Kinds is a list of credential kinds with its source.
type Kinds struct {
	Kinds      []string   `json:"kinds"`
	Source     string     `json:"source"`
	Confidence Confidence `json:"confidence"`
}

// Validity is a span of time with its source.
type Validity struct {
	Period     glabella.Period `json:"period"`
	Source     string          `json:"source"`
	Confidence Confidence      `json:"confidence"`
}

// Note is a statement for people to read, with its source.
type Note struct {
	Text       string     `json:"text"`
	Source     string     `json:"source"`
	Confidence Confidence `json:"confidence"`
}

var packs = sync.OnceValue(func() []Pack {
	var out []Pack
	if err := json.Unmarshal(packFile, &out); err != nil {
		panic(fmt.Sprintf("packs.json: %v", err))
	}
	return out
})

// Jurisdictions returns the codes of the jurisdictions that have a pack.
func Jurisdictions() []string {
	var out []string
	for _, p := range packs() {
		out = append(out, p.Jurisdiction)
	}
	return out
}

// aliases are jurisdictions that ISO 3166 lists both as a country and as a part
// of one.
var aliases = map[string]string{"PR": "US-PR"}

// PackFor returns the pack of a jurisdiction, or of the country that it is part
// of. It reports false if there is neither.
func PackFor(jurisdiction string) (Pack, bool) {
	if other, ok := aliases[jurisdiction]; ok {
		jurisdiction = other
	}
	for {
		for _, p := range packs() {
			if p.Jurisdiction == jurisdiction {
				p.Examiners.Kinds = slices.Clone(p.Examiners.Kinds)
				p.Modalities.Kinds = slices.Clone(p.Modalities.Kinds)
				p.Orders.Kinds = slices.Clone(p.Orders.Kinds)
				p.Minors = p.Minors.clone()
				p.Notes = slices.Clone(p.Notes)
				return p, true
			}
		}
		country, _, part := strings.Cut(jurisdiction, "-")
		if !part {
			return Pack{}, false
		}
		jurisdiction = country
	}
}

// Policy returns the policy that follows from the pack: a starting point for a
// site's own. What the pack does not know stays empty, and [Site.Validate] asks
// for it.
func (p Pack) Policy() Policy {
	return Policy{
		AdultAge: p.AdultAge.Years, AdultAgeSource: p.AdultAge.Source,
		Examiners: slices.Clone(p.Examiners.Kinds), ExaminersSource: p.Examiners.Source,
		ClearanceValid: p.ClearanceValid.Period, ClearanceSource: p.ClearanceValid.Source,
		Modalities: slices.Clone(p.Modalities.Kinds), ModalitiesSource: p.Modalities.Source,
		Orders: slices.Clone(p.Orders.Kinds), OrdersSource: p.Orders.Source,
	}
}

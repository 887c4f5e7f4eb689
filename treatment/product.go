package treatment

import (
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Family groups the products that act alike.
type Family string

// The families.
const (
	FamilyBotulinumToxin         Family = "botulinum-toxin"
	FamilyHyaluronicAcid         Family = "hyaluronic-acid"
	FamilyCalciumHydroxylapatite Family = "calcium-hydroxylapatite"
	FamilyPolyLLacticAcid        Family = "poly-l-lactic-acid"
	FamilyPolymethylMethacrylate Family = "polymethyl-methacrylate"
	FamilyHyaluronidase          Family = "hyaluronidase"
	FamilyDeoxycholicAcid        Family = "deoxycholic-acid"
	FamilyPolidocanol            Family = "polidocanol"
	FamilyChemicalPeel           Family = "chemical-peel"
	FamilyIncretin               Family = "incretin" // GLP-1 receptor agonists and their kin
)

// Families returns every family.
func Families() []Family {
	return []Family{
		FamilyBotulinumToxin, FamilyHyaluronicAcid, FamilyCalciumHydroxylapatite, FamilyPolyLLacticAcid, FamilyPolymethylMethacrylate,
		FamilyHyaluronidase, FamilyDeoxycholicAcid, FamilyPolidocanol, FamilyChemicalPeel, FamilyIncretin,
	}
}

// Valid reports whether f is one of [Families].
func (f Family) Valid() bool { return slices.Contains(Families(), f) }

// Product holds the clinical facts of a substance as its label states them. It
// is not an item of stock: the same product is stocked in several vial sizes.
//
// A number that the label does not state, or that nobody has read there, is
// absent; it is never guessed. CheckedOn says when the numbers were last
// compared with the sources: labels change, and the clinic stays responsible for
// reading the one in force.
type Product struct {
	Code       string              `json:"code"` // "onabotulinumtoxinA"
	Brand      string              `json:"brand"`
	Family     Family              `json:"family"`
	Classes    []string            `json:"classes"` // what it is and contains, as allergens: "botulinum-toxin", "human-albumin"
	Codings    []glabella.Coding   `json:"codings"` // RxNorm
	Unit       quantity.Unit       `json:"unit"`
	Vials      []quantity.Quantity `json:"vials"` // the contents of the containers that it comes in
	Label      []LabelArea         `json:"label"`
	Session    Limit               `json:"session,omitzero"` // the most that the label names for one treatment
	Retreat    Interval            `json:"retreat,omitzero"` // the least time between treatments
	Cumulative Cumulative          `json:"cumulative,omitzero"`
	InUse      InUse               `json:"inUse,omitzero"`
	PerWeight  PerWeight           `json:"perWeight,omitzero"` // the most per body weight and period
	Steps      []Step              `json:"steps"`              // the doses of a titration, in order
	MaxDose    Limit               `json:"maxDose,omitzero"`   // the most of one dose
	Sources    []string            `json:"sources"`
	CheckedOn  string              `json:"checkedOn"` // the month of the last comparison, 2026-11
}

// LabelArea is a region that the product's label covers, with the amounts that
// it names, in the product's unit. An amount of zero is one that it does not
// name.
type LabelArea struct {
	Region     string `json:"region"`
	Points     int    `json:"points,omitempty"`
	PointUnits Number `json:"pointUnits,omitzero"` // at one point
	SideUnits  Number `json:"sideUnits,omitzero"`  // on one side
	TotalUnits Number `json:"totalUnits,omitzero"` // in the whole region
	With       string `json:"with,omitempty"`      // the region that is to be treated together with this one
	Source     string `json:"source"`
}

// Limit is an amount in the product's unit. The zero Limit says nothing.
type Limit struct {
	Units  Number `json:"units"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source"`
}

// IsZero reports whether the limit says nothing.
func (l Limit) IsZero() bool { return l.Units.IsZero() && l.Basis == "" && l.Source == "" }

// Cumulative is an amount within a period, over all treatments. The zero
// Cumulative says nothing.
type Cumulative struct {
	Units  Number          `json:"units"`
	Period glabella.Period `json:"period"`
	Basis  Basis           `json:"basis"`
	Source string          `json:"source"`
}

// IsZero reports whether nothing is said.
func (c Cumulative) IsZero() bool {
	return c.Units.IsZero() && c.Period.IsZero() && c.Basis == "" && c.Source == ""
}

// PerWeight is an amount for a body weight within a period, over all treatments
// with products of the family: 20 mL per 60 kg and year. The zero PerWeight says
// nothing.
type PerWeight struct {
	Units  Number          `json:"units"` // in the product's unit
	PerKg  Number          `json:"perKg"`
	Period glabella.Period `json:"period"`
	Basis  Basis           `json:"basis"`
	Source string          `json:"source"`
}

// IsZero reports whether nothing is said.
func (p PerWeight) IsZero() bool {
	return p.Units.IsZero() && p.PerKg.IsZero() && p.Period.IsZero() && p.Basis == "" && p.Source == ""
}

// Step is one dose of a titration and how long it is given at least.
type Step struct {
	Dose   Number `json:"dose"` // in the product's unit
	Weeks  int    `json:"weeks,omitempty"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source"`
}

// InUse says how long the product may be used after it was reconstituted. The
// zero InUse says nothing.
type InUse struct {
	Hours  int    `json:"hours"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source"`
}

// IsZero reports whether nothing is said.
func (u InUse) IsZero() bool { return u == InUse{} }

// Area returns what the label says of a region, and false if it does not cover
// it.
func (p Product) Area(region string) (LabelArea, bool) {
	i := slices.IndexFunc(p.Label, func(a LabelArea) bool { return a.Region == region })
	if i < 0 {
		return LabelArea{}, false
	}
	return p.Label[i], true
}

// clone returns a copy that shares nothing that can be changed.
func (p Product) clone() Product {
	p.Classes = slices.Clone(p.Classes)
	p.Codings = slices.Clone(p.Codings)
	p.Vials = slices.Clone(p.Vials)
	p.Label = slices.Clone(p.Label)
	p.Sources = slices.Clone(p.Sources)
	p.Steps = slices.Clone(p.Steps)
	return p
}

package treatment

import (
	"slices"

	"github.com/glabella-ehr/glabella"
)

// Level says how strongly a contraindication speaks.
type Level string

// The levels.
const (
	LevelAbsolute Level = "absolute" // denies the treatment
	LevelRelative Level = "relative" // warns: the clinician decides, and says so
)

// Levels returns every level.
func Levels() []Level { return []Level{LevelAbsolute, LevelRelative} }

// Valid reports whether l is one of [Levels].
func (l Level) Valid() bool { return slices.Contains(Levels(), l) }

// Contraindication is one reason not to give a treatment, as a template states
// it. Its reason has the code "treatment.contraindicated." followed by Code.
type Contraindication struct {
	Code   string `json:"code"` // "milk-protein-allergy"
	Match  Match  `json:"match"`
	Level  Level  `json:"level"`
	Basis  Basis  `json:"basis"`
	Source string `json:"source,omitempty"` // the citation, unless the basis is common practice
	Text   string `json:"text"`             // what is wrong, without a word about the patient
	Fix    string `json:"fix"`              // what would settle it
}

// Match says which facts a contraindication is about. Any one of the criteria is
// enough; Products narrows all of them to treatments with these products.
type Match struct {
	AllergyClasses    []string `json:"allergyClasses"`    // an allergy to a substance of one of these classes
	MedicationClasses []string `json:"medicationClasses"` // a medication of one of these classes
	Conditions        []string `json:"conditions"`        // a condition with one of these codes
	AgeUnder          int      `json:"ageUnder,omitempty"`
	AgeOver           int      `json:"ageOver,omitempty"`
	SkinTypes         []int    `json:"skinTypes"`            // Fitzpatrick, 1 to 6
	WithinDays        int      `json:"withinDays,omitempty"` // medications and conditions that ended up to so many days before count as well
	Pregnant          bool     `json:"pregnant,omitempty"`
	Products          []string `json:"products"` // empty is every product of the template
}

func (m Match) isEmpty() bool {
	return len(m.AllergyClasses) == 0 && len(m.MedicationClasses) == 0 && len(m.Conditions) == 0 && m.AgeUnder == 0 && m.AgeOver == 0 && len(m.SkinTypes) == 0 && !m.Pregnant
}

func (m Match) concerns(product string) bool {
	return len(m.Products) == 0 || slices.Contains(m.Products, product)
}

func (c Contraindication) clone() Contraindication {
	c.Match.AllergyClasses = slices.Clone(c.Match.AllergyClasses)
	c.Match.MedicationClasses = slices.Clone(c.Match.MedicationClasses)
	c.Match.Conditions = slices.Clone(c.Match.Conditions)
	c.Match.SkinTypes = slices.Clone(c.Match.SkinTypes)
	c.Match.Products = slices.Clone(c.Match.Products)
	return c
}

// contraindicated is what the code of every contraindication's reason starts
// with.
const contraindicated = "treatment.contraindicated."

// Codes of the contraindications of the built-in templates. A template of the
// host's own adds codes of the same form.
const (
	// CodeInfectionAtSite says that the site of the treatment is infected or inflamed.
	CodeInfectionAtSite glabella.Code = "treatment.contraindicated.infection-at-site"
	// CodeBotulinumToxinAllergy says that an allergy to a botulinum toxin is recorded.
	CodeBotulinumToxinAllergy glabella.Code = "treatment.contraindicated.botulinum-toxin-allergy"
	// CodeMilkProteinAllergy says that an allergy to cow's milk protein is recorded and the product contains it.
	CodeMilkProteinAllergy glabella.Code = "treatment.contraindicated.milk-protein-allergy"
	// CodeHumanAlbuminAllergy says that an allergy to human albumin is recorded and the product contains it.
	CodeHumanAlbuminAllergy glabella.Code = "treatment.contraindicated.human-albumin-allergy"
	// CodeNeuromuscularDisorder says that a neuromuscular disorder raises the risk of a botulinum toxin.
	CodeNeuromuscularDisorder glabella.Code = "treatment.contraindicated.neuromuscular-disorder"
	// CodeSwallowingOrBreathing says that trouble with swallowing or breathing raises the risk of a botulinum toxin.
	CodeSwallowingOrBreathing glabella.Code = "treatment.contraindicated.swallowing-or-breathing"
	// CodeAminoglycoside says that an aminoglycoside antibiotic may strengthen a botulinum toxin.
	CodeAminoglycoside glabella.Code = "treatment.contraindicated.aminoglycoside"
	// CodeNeuromuscularBlocker says that a neuromuscular blocker may strengthen a botulinum toxin.
	CodeNeuromuscularBlocker glabella.Code = "treatment.contraindicated.neuromuscular-blocker"
	// CodeOtherToxin says that another botulinum toxin is among the medications.
	CodeOtherToxin glabella.Code = "treatment.contraindicated.other-toxin"
	// CodePregnancy says that the treatment has not been established in pregnancy.
	CodePregnancy glabella.Code = "treatment.contraindicated.pregnancy"
	// CodeBreastfeeding says that the treatment has not been established during breastfeeding.
	CodeBreastfeeding glabella.Code = "treatment.contraindicated.breastfeeding"
	// CodeUnderAge says that the patient is younger than the treatment allows.
	CodeUnderAge glabella.Code = "treatment.contraindicated.under-age"
	// CodeUnderLabelledAge says that the patient is younger than the product's label covers.
	CodeUnderLabelledAge glabella.Code = "treatment.contraindicated.under-labelled-age"
	// CodeAnaphylaxisHistory says that severe allergies or an anaphylaxis are in the history.
	CodeAnaphylaxisHistory glabella.Code = "treatment.contraindicated.anaphylaxis-history"
	// CodeGramPositiveProteinAllergy says that an allergy to Gram-positive bacterial proteins is recorded and the product may contain them.
	CodeGramPositiveProteinAllergy glabella.Code = "treatment.contraindicated.gram-positive-protein-allergy"
	// CodeAmideAnaestheticAllergy says that an allergy to an amide anaesthetic is recorded and the product contains lidocaine.
	CodeAmideAnaestheticAllergy glabella.Code = "treatment.contraindicated.amide-anaesthetic-allergy"
	// CodeAddedAnaesthetic says that an allergy to an amide anaesthetic is recorded and the product may be prepared with lidocaine.
	CodeAddedAnaesthetic glabella.Code = "treatment.contraindicated.added-anaesthetic"
	// CodeHyaluronicAcidAllergy says that an allergy to hyaluronic acid is recorded and the product consists of it.
	CodeHyaluronicAcidAllergy glabella.Code = "treatment.contraindicated.hyaluronic-acid-allergy"
	// CodeCalciumHydroxylapatiteAllergy says that an allergy to calcium hydroxylapatite is recorded and the product consists of it.
	CodeCalciumHydroxylapatiteAllergy glabella.Code = "treatment.contraindicated.calcium-hydroxylapatite-allergy"
	// CodePolyLLacticAcidAllergy says that an allergy to poly-L-lactic acid is recorded and the product consists of it.
	CodePolyLLacticAcidAllergy glabella.Code = "treatment.contraindicated.poly-l-lactic-acid-allergy"
	// CodeBleedingDisorder says that a bleeding disorder excludes the product.
	CodeBleedingDisorder glabella.Code = "treatment.contraindicated.bleeding-disorder"
	// CodeKeloidHistory says that keloids or hypertrophic scars exclude the product.
	CodeKeloidHistory glabella.Code = "treatment.contraindicated.keloid-history"
	// CodeKeloidNotStudied says that the product has not been studied in people who form keloids or hypertrophic scars.
	CodeKeloidNotStudied glabella.Code = "treatment.contraindicated.keloid-not-studied"
	// CodeImmunosuppression says that immunosuppression raises the risk of the product.
	CodeImmunosuppression glabella.Code = "treatment.contraindicated.immunosuppression"
	// CodeBleedingRisk says that a medication makes bruising and bleeding at the site more likely.
	CodeBleedingRisk glabella.Code = "treatment.contraindicated.bleeding-risk"
	// CodeDentalWork says that dental work is recent or near.
	CodeDentalWork glabella.Code = "treatment.contraindicated.dental-work"
	// CodeRecentVaccination says that a recent vaccination may bring on a delayed reaction at the product.
	CodeRecentVaccination glabella.Code = "treatment.contraindicated.recent-vaccination"
	// CodeHerpesHistory says that a history of herpes near the site may return after the treatment.
	CodeHerpesHistory glabella.Code = "treatment.contraindicated.herpes-history"
)

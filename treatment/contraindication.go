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
	// CodeHyaluronidaseAllergy says that an allergy to hyaluronidase is recorded.
	CodeHyaluronidaseAllergy glabella.Code = "treatment.contraindicated.hyaluronidase-allergy"
	// CodeBiteOrSting says that the swelling comes from a bite or a sting.
	CodeBiteOrSting glabella.Code = "treatment.contraindicated.bite-or-sting"
	// CodeVenomAllergy says that an allergy to bee or wasp venom makes one to the enzyme more likely.
	CodeVenomAllergy glabella.Code = "treatment.contraindicated.venom-allergy"
	// CodeDeoxycholicAcidAllergy says that an allergy to deoxycholic acid is recorded and the product consists of it.
	CodeDeoxycholicAcidAllergy glabella.Code = "treatment.contraindicated.deoxycholic-acid-allergy"
	// CodeDysphagia says that trouble with swallowing may get worse.
	CodeDysphagia glabella.Code = "treatment.contraindicated.dysphagia"
	// CodePriorSubmentalSurgery says that surgery below the chin may have moved the structures there.
	CodePriorSubmentalSurgery glabella.Code = "treatment.contraindicated.prior-submental-surgery"
	// CodeBleedingTendency says that a bleeding disorder makes bruising and bleeding at the site more likely.
	CodeBleedingTendency glabella.Code = "treatment.contraindicated.bleeding-tendency"
	// CodeSkinLaxity says that lax skin or prominent bands of the neck may look worse afterwards.
	CodeSkinLaxity glabella.Code = "treatment.contraindicated.skin-laxity"
	// CodeActiveAcne says that active acne lies in the field.
	CodeActiveAcne glabella.Code = "treatment.contraindicated.active-acne"
	// CodeSteelAllergy says that an allergy to stainless steel is recorded.
	CodeSteelAllergy glabella.Code = "treatment.contraindicated.steel-allergy"
	// CodeTopicalAnaestheticAllergy says that an allergy to a local anaesthetic is recorded.
	CodeTopicalAnaestheticAllergy glabella.Code = "treatment.contraindicated.topical-anaesthetic-allergy"
	// CodeKeloidRisk says that a tendency to keloids or hypertrophic scars makes scarring more likely.
	CodeKeloidRisk glabella.Code = "treatment.contraindicated.keloid-risk"
	// CodeIsotretinoin says that isotretinoin is taken or was stopped a short time ago.
	CodeIsotretinoin glabella.Code = "treatment.contraindicated.isotretinoin"
	// CodeIsotretinoinSuperficial says that isotretinoin is taken or was stopped a short time ago, and the peel is a superficial one.
	CodeIsotretinoinSuperficial glabella.Code = "treatment.contraindicated.isotretinoin-superficial"
	// CodeNotStudiedUnderAge says that the device has not been studied at the patient's age.
	CodeNotStudiedUnderAge glabella.Code = "treatment.contraindicated.not-studied-under-age"
	// CodeImplantedDevice says that a pacemaker or another active implant may be disturbed.
	CodeImplantedDevice glabella.Code = "treatment.contraindicated.implanted-device"
	// CodeMetalImplant says that metal in the field may heat up.
	CodeMetalImplant glabella.Code = "treatment.contraindicated.metal-implant"
	// CodePlateletDisorder says that platelets are too few or do not work well.
	CodePlateletDisorder glabella.Code = "treatment.contraindicated.platelet-disorder"
	// CodeBloodBorneInfection says that a blood-borne infection needs the clinic's own precautions.
	CodeBloodBorneInfection glabella.Code = "treatment.contraindicated.blood-borne-infection"
	// CodeMalignancy says that a cancer is active.
	CodeMalignancy glabella.Code = "treatment.contraindicated.malignancy"
	// CodeHerpesActive says that herpes is active in or near the field.
	CodeHerpesActive glabella.Code = "treatment.contraindicated.herpes-active"
	// CodeSalicylateAllergy says that an allergy to salicylates is recorded and the peel contains one.
	CodeSalicylateAllergy glabella.Code = "treatment.contraindicated.salicylate-allergy"
	// CodeResorcinolAllergy says that an allergy to resorcinol is recorded and the peel contains it.
	CodeResorcinolAllergy glabella.Code = "treatment.contraindicated.resorcinol-allergy"
	// CodePeelAgentAllergy says that an allergy to a peeling agent is recorded.
	CodePeelAgentAllergy glabella.Code = "treatment.contraindicated.peel-agent-allergy"
	// CodeHeartDisease says that the agent may disturb a heart that is not healthy.
	CodeHeartDisease glabella.Code = "treatment.contraindicated.heart-disease"
	// CodeDeepPeelSkinType says that medium and deep peels change the colour of darker skin more often.
	CodeDeepPeelSkinType glabella.Code = "treatment.contraindicated.deep-peel-skin-type"
	// CodeSkinNotIntact says that the skin of the field is not whole.
	CodeSkinNotIntact glabella.Code = "treatment.contraindicated.skin-not-intact"
	// CodeCryoglobulinaemia says that cryoglobulinaemia excludes cooling.
	CodeCryoglobulinaemia glabella.Code = "treatment.contraindicated.cryoglobulinaemia"
	// CodeColdAgglutininDisease says that cold agglutinin disease excludes cooling.
	CodeColdAgglutininDisease glabella.Code = "treatment.contraindicated.cold-agglutinin-disease"
	// CodeColdHaemoglobinuria says that paroxysmal cold haemoglobinuria excludes cooling.
	CodeColdHaemoglobinuria glabella.Code = "treatment.contraindicated.cold-haemoglobinuria"
	// CodeHernia says that a hernia lies in or near the field.
	CodeHernia glabella.Code = "treatment.contraindicated.hernia"
	// CodePolidocanolAllergy says that an allergy to polidocanol is recorded.
	CodePolidocanolAllergy glabella.Code = "treatment.contraindicated.polidocanol-allergy"
	// CodeAcuteThromboembolism says that an acute thromboembolic disease excludes the treatment.
	CodeAcuteThromboembolism glabella.Code = "treatment.contraindicated.acute-thromboembolism"
	// CodeThrombosisRisk says that the history raises the risk of thrombosis.
	CodeThrombosisRisk glabella.Code = "treatment.contraindicated.thrombosis-risk"
	// CodeLargeVeins says that the veins are larger than those that were studied.
	CodeLargeVeins glabella.Code = "treatment.contraindicated.large-veins"
	// CodeRightLeftShunt says that a shunt from right to left lets foam reach the arteries.
	CodeRightLeftShunt glabella.Code = "treatment.contraindicated.right-left-shunt"
	// CodeHeartFailure says that heart failure or too much fluid excludes an infusion.
	CodeHeartFailure glabella.Code = "treatment.contraindicated.heart-failure"
	// CodeKidneyImpairment says that kidneys that work poorly let minerals build up.
	CodeKidneyImpairment glabella.Code = "treatment.contraindicated.kidney-impairment"
	// CodeG6PDDeficiency says that a deficiency of glucose-6-phosphate dehydrogenase excludes vitamin C in high dose.
	CodeG6PDDeficiency glabella.Code = "treatment.contraindicated.g6pd-deficiency"
	// CodeIngredientAllergy says that an allergy to an ingredient of the infusion is recorded.
	CodeIngredientAllergy glabella.Code = "treatment.contraindicated.ingredient-allergy"
	// CodeMedullaryThyroidCancer says that medullary thyroid cancer is in the own or the family history.
	CodeMedullaryThyroidCancer glabella.Code = "treatment.contraindicated.medullary-thyroid-cancer"
	// CodeMEN2 says that multiple endocrine neoplasia type 2 excludes the product.
	CodeMEN2 glabella.Code = "treatment.contraindicated.men-2"
	// CodeSemaglutideAllergy says that an allergy to semaglutide is recorded.
	CodeSemaglutideAllergy glabella.Code = "treatment.contraindicated.semaglutide-allergy"
	// CodeTirzepatideAllergy says that an allergy to tirzepatide is recorded.
	CodeTirzepatideAllergy glabella.Code = "treatment.contraindicated.tirzepatide-allergy"
	// CodeIncretinAllergy says that an allergy to another drug of the class is recorded.
	CodeIncretinAllergy glabella.Code = "treatment.contraindicated.incretin-allergy"
	// CodeOtherIncretinWithSemaglutide says that another drug of the class is taken beside semaglutide.
	CodeOtherIncretinWithSemaglutide glabella.Code = "treatment.contraindicated.other-incretin-with-semaglutide"
	// CodeOtherIncretinWithTirzepatide says that another drug of the class is taken beside tirzepatide.
	CodeOtherIncretinWithTirzepatide glabella.Code = "treatment.contraindicated.other-incretin-with-tirzepatide"
	// CodePancreatitisHistory says that pancreatitis is in the history.
	CodePancreatitisHistory glabella.Code = "treatment.contraindicated.pancreatitis-history"
	// CodeGastroparesis says that a severe disease of the stomach or bowel may get worse.
	CodeGastroparesis glabella.Code = "treatment.contraindicated.gastroparesis"
	// CodeDiabeticRetinopathy says that diabetic retinopathy may get worse.
	CodeDiabeticRetinopathy glabella.Code = "treatment.contraindicated.diabetic-retinopathy"
	// CodeHypoglycaemiaRisk says that insulin or a sulfonylurea makes low blood sugar more likely.
	CodeHypoglycaemiaRisk glabella.Code = "treatment.contraindicated.hypoglycaemia-risk"
	// CodeEatingDisorder says that an eating disorder may get worse.
	CodeEatingDisorder glabella.Code = "treatment.contraindicated.eating-disorder"
	// CodePlannedAnaesthesia says that an anaesthesia is planned and the stomach may empty slowly.
	CodePlannedAnaesthesia glabella.Code = "treatment.contraindicated.planned-anaesthesia"
	// CodeRosaceaFlare says that rosacea is in flare.
	CodeRosaceaFlare glabella.Code = "treatment.contraindicated.rosacea-flare"
	// CodeRecentTan says that the skin is tanned or sunburnt.
	CodeRecentTan glabella.Code = "treatment.contraindicated.recent-tan"
	// CodePhotosensitiser says that a medication may make the skin sensitive to light.
	CodePhotosensitiser glabella.Code = "treatment.contraindicated.photosensitiser"
	// CodeGoldTherapy says that gold therapy was given and light may darken the skin for good.
	CodeGoldTherapy glabella.Code = "treatment.contraindicated.gold-therapy"
	// CodeSuspiciousLesion says that a skin cancer or a lesion that may be one lies in the field.
	CodeSuspiciousLesion glabella.Code = "treatment.contraindicated.suspicious-lesion"
	// CodeTattooInField says that a tattoo lies in the field.
	CodeTattooInField glabella.Code = "treatment.contraindicated.tattoo-in-field"
	// CodeDarkerSkin says that darker skin burns and changes colour more easily under light.
	CodeDarkerSkin glabella.Code = "treatment.contraindicated.darker-skin"
	// CodeSkinTypeExcluded says that the device is not meant for the skin type.
	CodeSkinTypeExcluded glabella.Code = "treatment.contraindicated.skin-type-excluded"
	// CodeMelasma says that light and heat may make melasma worse.
	CodeMelasma glabella.Code = "treatment.contraindicated.melasma"
	// CodePhotosensitiveEpilepsy says that flashes of light may set off a seizure.
	CodePhotosensitiveEpilepsy glabella.Code = "treatment.contraindicated.photosensitive-epilepsy"
	// CodeLightHair says that the hair holds too little pigment for a result to be expected.
	CodeLightHair glabella.Code = "treatment.contraindicated.light-hair"
	// CodeKoebnerDisorder says that a disease that follows injury may spread to the treated skin.
	CodeKoebnerDisorder glabella.Code = "treatment.contraindicated.koebner-disorder"
	// CodeInkAllergy says that an allergic reaction to tattoo ink is recorded.
	CodeInkAllergy glabella.Code = "treatment.contraindicated.ink-allergy"
	// CodeCosmeticTattoo says that ink with iron or titanium oxide may turn dark under laser light.
	CodeCosmeticTattoo glabella.Code = "treatment.contraindicated.cosmetic-tattoo"
	// CodeBovineCollagenAllergy says that an allergy to bovine collagen is recorded and the product contains it.
	CodeBovineCollagenAllergy glabella.Code = "treatment.contraindicated.bovine-collagen-allergy"
	// CodePositiveCollagenTest says that the skin test with bovine collagen was positive.
	CodePositiveCollagenTest glabella.Code = "treatment.contraindicated.positive-collagen-test"
	// CodePolymethylMethacrylateAllergy says that an allergy to polymethyl methacrylate is recorded and the product consists of it.
	CodePolymethylMethacrylateAllergy glabella.Code = "treatment.contraindicated.polymethyl-methacrylate-allergy"
	// CodeBodyDysmorphia says that a disorder of the body image is known or suspected.
	CodeBodyDysmorphia glabella.Code = "treatment.contraindicated.body-dysmorphia"
)

// Package treatment models treatments as data: what is charted of each, with
// which products, where on the body, and what is checked before and after.
//
// A [Template] is one version of a treatment's definition. It is published once
// and never changes; a [Record] pins it by code, version and hash. Templates live
// in a [Set], together with the [Product]s they may be done with (the clinical
// facts of a substance, as its label states them) and the [Diagram]s that
// injection points are placed on. [BuiltIn] returns the set that comes with the
// library, and [Set.Load] adds a clinic's own templates to it.
//
//	set := treatment.BuiltIn()
//	template, _ := set.Latest("botulinum-toxin")
//	product, _ := set.Product("onabotulinumtoxinA")
//	template.Screen(facts)           // before: contraindications and interval
//	template.Check(record, product)  // the chart: every issue, with its place
//	template.Advise(record, product, facts) // the label: off-label regions, amounts above it
//	treatment.Compute(record, product)      // concentration, volumes, totals
//
// Sides are always the patient's own. On a front view that is not mirrored, the
// patient's right is on the left of the picture, at x < 0.5.
//
// Every rule says what stands behind it ([Basis]) and cites its source. A number
// of a label drives a warning; what is merely common practice is a default for
// the clinic to edit. Units of different botulinum toxins are different units and
// never add up. A bound on a field guards against slips of the keyboard, and is
// not a clinical limit.
//
// The package does not judge doses: it says what is above a label's number and
// never that something is safe. It does not hold stock (package inventory), sign
// charts (package encounter) or decide on consent (package consent). Positions
// and regions of a diagram are schematic; no published standard for them exists.
//
// RxNorm concept identifiers in the data are from the U.S. National Library of
// Medicine. This product uses publicly available data courtesy of the U.S.
// National Library of Medicine (NLM), National Institutes of Health, Department
// of Health and Human Services; NLM is not responsible for the product and does
// not endorse or recommend this or any other product.
package treatment

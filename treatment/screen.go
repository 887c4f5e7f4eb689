package treatment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of the reasons of [Template.Screen].
const (
	// CodeProductUnlisted says that the template does not provide for the product.
	CodeProductUnlisted glabella.Code = "treatment.product.unlisted"
	// CodeIntervalShort says that the last treatment is more recent than the label's interval.
	CodeIntervalShort glabella.Code = "treatment.interval.short"
	// CodeAgeUnknown says that the treatment has a rule about age and the age is not known.
	CodeAgeUnknown glabella.Code = "treatment.age.unknown"
	// CodeSkinTypeUnknown says that the treatment has a rule about the Fitzpatrick skin type and it is not recorded.
	CodeSkinTypeUnknown glabella.Code = "treatment.skin-type.unknown"
	// CodePrerequisite says that a treatment that has to come before was not completed in time.
	CodePrerequisite glabella.Code = "treatment.prerequisite"
	// CodePregnancyUnknown says that the treatment has a rule about pregnancy and it is not known whether it applies.
	CodePregnancyUnknown glabella.Code = "treatment.pregnancy.unknown"
)

// AgeUnknown is the [Facts.Age] of a patient whose birth date is not known.
const AgeUnknown = -1

// The answers to whether the patient is pregnant, for [Facts.Pregnant]. No
// answer counts as unknown.
const (
	PregnantYes           = "yes"
	PregnantNo            = "no"
	PregnantUnknown       = "unknown"
	PregnantNotApplicable = "not-applicable"
)

// Facts is what the rules of this package know about a patient and the
// treatment that is planned.
type Facts struct {
	On          glabella.Date     // the day of the treatment
	Age         int               // completed years on that day, or [AgeUnknown]
	Product     string            // the [Product.Code]
	Allergies   []Finding         // active allergies and intolerances
	Medications []Finding         // medications taken on that day
	Conditions  []Finding         // conditions, with their codes as classes: "infection-at-site"
	Pregnant    string            // one of the answers such as [PregnantNo]
	SkinType    int               // Fitzpatrick, 1 to 6; zero is unknown
	Weight      Number            // in kg; zero is unknown
	Done        []Done            // treatments that were completed before
	LastTreated glabella.Date     // the last treatment of the same area with this product's family; zero is none
	WindowUnits quantity.Quantity // what was given of the product before, within its label's cumulative period

	OtherUnits         []quantity.Quantity // what was given of other products of the family in that period, each in its own unit
	FamilyVolume       Number              // mL of the product's family that were given within the period of its limit by weight
	Doses              []GivenDose         // earlier doses of a product that is titrated
	Lidocaine          Number              // mg that other procedures of the day have given by all routes
	LidocaineTumescent Number              // mg of it that are tumescent
}

// Finding is one allergy, medication or condition: the classes that it belongs
// to, and the record that says so.
type Finding struct {
	Classes []string
	Ref     interface{ Ref() glabella.Ref } // the record; nil is none
	Until   glabella.Date                   // the last day of what has ended; zero is what has not
}

// Done is a treatment that was completed.
type Done struct {
	Treatment string
	On        glabella.Date
}

// Screen decides whether the treatment may be given: no absolute
// contraindication, every relative one settled, and the last treatment long
// enough ago. It answers what the template's rules say and no more: that it
// allows a treatment does not make the treatment safe.
func (t Template) Screen(f Facts) glabella.Decision {
	var reasons []glabella.Reason
	if !slices.Contains(t.Products, f.Product) && (len(t.Products) > 0 || f.Product != "") {
		reasons = append(reasons, glabella.Denied(CodeProductUnlisted, fmt.Sprintf("template %s version %d does not provide for product %q", t.Code, t.Version, f.Product)).
			With("treatment", t.Code).With("product", f.Product).
			WithFix("choose a product of the template, or publish a version of the template that lists it").
			CitedFrom(t.citation()))
	}
	var ageRule, pregnancyRule, skinRule *Contraindication
	for i := range t.Contraindications {
		c := &t.Contraindications[i]
		if !c.Match.concerns(f.Product) {
			continue
		}
		if matched, refs := c.Match.applies(&f); matched {
			reasons = append(reasons, c.reason(f, refs))
		}
		if c.Match.AgeUnder > 0 && (ageRule == nil || c.Match.AgeUnder > ageRule.Match.AgeUnder) {
			ageRule = c
		}
		if c.Match.Pregnant {
			pregnancyRule = c
		}
		if len(c.Match.SkinTypes) > 0 {
			skinRule = c
		}
	}
	if f.Age < 0 && ageRule != nil {
		reasons = append(reasons, glabella.Warned(CodeAgeUnknown, fmt.Sprintf("the treatment has a rule for patients under %d, and the age is not known", ageRule.Match.AgeUnder)).
			With("age", strconv.Itoa(ageRule.Match.AgeUnder)).
			WithFix("record the birth date").CitedFrom(ageRule.citation()))
	}
	if f.SkinType == 0 && skinRule != nil {
		reasons = append(reasons, glabella.Warned(CodeSkinTypeUnknown, "the treatment has a rule for some skin types, and the patient's is not known").
			WithFix("assess the Fitzpatrick skin type, and record it").CitedFrom(skinRule.citation()))
	}
	if pregnancyRule != nil && !slices.Contains([]string{PregnantYes, PregnantNo, PregnantNotApplicable}, f.Pregnant) {
		reasons = append(reasons, glabella.Warned(CodePregnancyUnknown, "the treatment has a rule for pregnancy, and it is not known whether it applies").
			WithFix("ask, and record the answer").CitedFrom(pregnancyRule.citation()))
	}
	if r, short := t.interval(f); short {
		reasons = append(reasons, r)
	}
	for i := range t.Prerequisites {
		if r, open := t.Prerequisites[i].open(f); open {
			reasons = append(reasons, r.With("treatment", t.Code))
		}
	}
	return glabella.Decide(reasons...)
}

// applies reports whether one of the criteria is met, and the records that meet
// them.
func (m *Match) applies(f *Facts) (bool, []glabella.Ref) {
	var refs []glabella.Ref
	matched := f.Age >= 0 && (f.Age < m.AgeUnder || m.AgeOver > 0 && f.Age > m.AgeOver) || m.Pregnant && f.Pregnant == PregnantYes ||
		f.SkinType > 0 && slices.Contains(m.SkinTypes, f.SkinType)
	seek := func(classes []string, findings []Finding, days int) {
		if len(classes) == 0 {
			return
		}
		for i := range findings {
			if finding := &findings[i]; finding.counts(f.On, days) && overlap(finding.Classes, classes) {
				matched = true
				if finding.Ref != nil {
					refs = append(refs, finding.Ref.Ref())
				}
			}
		}
	}
	seek(m.AllergyClasses, f.Allergies, 0)
	seek(m.MedicationClasses, f.Medications, m.WithinDays)
	seek(m.Conditions, f.Conditions, m.WithinDays)
	return matched, refs
}

// counts reports whether the finding is still there on a day, or has ended no
// more than so many days before.
func (f *Finding) counts(on glabella.Date, days int) bool {
	return f.Until.IsZero() || on.DaysSince(f.Until) <= days
}

func overlap(a, b []string) bool {
	for _, s := range a {
		if slices.Contains(b, s) {
			return true
		}
	}
	return false
}

// open returns the reason why the prerequisite is not met, and false if it is.
func (p *Prerequisite) open(f Facts) (glabella.Reason, bool) {
	done := func(code string) bool {
		return slices.ContainsFunc(f.Done, func(d Done) bool {
			days := f.On.DaysSince(d.On)
			return d.Treatment == code && days >= 0 && days <= p.WithinDays
		})
	}
	missing := slices.DeleteFunc(slices.Clone(p.Treatments), done)
	if len(missing) == 0 || !p.All && len(missing) < len(p.Treatments) {
		return glabella.Reason{}, false
	}
	return glabella.Denied(CodePrerequisite, fmt.Sprintf("%s was not completed within %d days before", strings.Join(missing, ", "), p.WithinDays)).
		With("prerequisite", strings.Join(missing, ", ")).With("days", strconv.Itoa(p.WithinDays)).
		WithFix("complete it first").CitedFrom(citation(p.Basis, p.Source)), true
}

func (c Contraindication) reason(f Facts, refs []glabella.Ref) glabella.Reason {
	outcome := glabella.Deny
	if c.Level == LevelRelative {
		outcome = glabella.Warn
	}
	r := glabella.Reason{Outcome: outcome, Code: glabella.Code(contraindicated + c.Code), Text: c.Text, Fix: c.Fix, Source: c.citation()}
	r = r.With("product", f.Product)
	if c.Match.AgeUnder > 0 {
		r = r.With("age", strconv.Itoa(c.Match.AgeUnder))
	}
	return r.For(refs...)
}

func (c Contraindication) citation() string { return citation(c.Basis, c.Source) }

// citation returns the source of a rule, and says so when it is no more than
// common practice.
func citation(b Basis, source string) string {
	switch {
	case source == "":
		return "common practice; edit to the clinic's own policy"
	case b == BasisCommonPractice:
		return "common practice: " + source
	default:
		return source
	}
}

func (t Template) citation() string {
	return fmt.Sprintf("treatment template %s version %d", t.Code, t.Version)
}

// interval returns the reason why the treatment is too early, and false if it is
// not. The product's own interval goes before the template's.
func (t Template) interval(f Facts) (glabella.Reason, bool) {
	least := t.Retreat
	if p, ok := t.product(f.Product); ok && !p.Retreat.IsZero() {
		least = p.Retreat
	}
	if least.IsZero() || f.LastTreated.IsZero() || f.On.DaysSince(f.LastTreated) >= least.Days {
		return glabella.Reason{}, false
	}
	days, earliest := strconv.Itoa(least.Days), f.LastTreated.AddDays(least.Days).String()
	short := glabella.Warned(CodeIntervalShort, "the last treatment is less than "+days+" days ago").
		WithFix("wait until " + earliest + ", or record why it is given earlier").
		CitedFrom(citation(least.Basis, least.Source))
	short.Args = map[string]string{"product": f.Product, "days": days, "earliest": earliest}
	return short, true
}

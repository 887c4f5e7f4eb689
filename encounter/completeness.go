package encounter

import (
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
)

// ChartItem is a thing that a chart should hold before it is closed.
type ChartItem string

// The items of a chart. The first group belongs to each procedure, the second to
// the visit.
const (
	ItemFields       ChartItem = "fields" // what the template demands
	ItemMap          ChartItem = "map"
	ItemLots         ChartItem = "lots"
	ItemPhotosBefore ChartItem = "photos-before"
	ItemPhotosAfter  ChartItem = "photos-after"
	ItemConsent      ChartItem = "consent"
	ItemClearance    ChartItem = "clearance" // a good-faith exam
	ItemAftercare    ChartItem = "aftercare"

	ItemVitals     ChartItem = "vitals"
	ItemAssessment ChartItem = "assessment"
	ItemPlan       ChartItem = "plan"
	ItemNoteText   ChartItem = "note-text"
	ItemSignature  ChartItem = "signature"
	ItemPayment    ChartItem = "payment"
)

// Codes of what a chart lacks.
const (
	// CodeIncompleteFields says that a procedure lacks values that its template demands.
	CodeIncompleteFields glabella.Code = "encounter.incomplete.fields"
	// CodeIncompleteMap says that a procedure has no injection map.
	CodeIncompleteMap glabella.Code = "encounter.incomplete.map"
	// CodeIncompleteLots says that a procedure does not say which lots were used.
	CodeIncompleteLots glabella.Code = "encounter.incomplete.lots"
	// CodeIncompletePhotosBefore says that a procedure has no photographs from before it.
	CodeIncompletePhotosBefore glabella.Code = "encounter.incomplete.photos-before"
	// CodeIncompletePhotosAfter says that a procedure has no photographs from after it.
	CodeIncompletePhotosAfter glabella.Code = "encounter.incomplete.photos-after"
	// CodeIncompleteConsent says that a procedure has no consent on file.
	CodeIncompleteConsent glabella.Code = "encounter.incomplete.consent"
	// CodeIncompleteClearance says that a procedure has no good-faith exam on file.
	CodeIncompleteClearance glabella.Code = "encounter.incomplete.clearance"
	// CodeIncompleteAftercare says that nothing shows that the patient was told how to behave after a procedure.
	CodeIncompleteAftercare glabella.Code = "encounter.incomplete.aftercare"
	// CodeIncompleteVitals says that a visit has no vital signs.
	CodeIncompleteVitals glabella.Code = "encounter.incomplete.vitals"
	// CodeIncompleteAssessment says that a visit has no assessment.
	CodeIncompleteAssessment glabella.Code = "encounter.incomplete.assessment"
	// CodeIncompletePlan says that a visit has no plan.
	CodeIncompletePlan glabella.Code = "encounter.incomplete.plan"
	// CodeIncompleteNote says that a visit has no note.
	CodeIncompleteNote glabella.Code = "encounter.incomplete.note-text"
	// CodeIncompleteSignature says that the note of a visit is not signed.
	CodeIncompleteSignature glabella.Code = "encounter.incomplete.signature"
	// CodeIncompletePayment says that a visit is not paid.
	CodeIncompletePayment glabella.Code = "encounter.incomplete.payment"
)

// chartItem is what the library knows of an item.
type chartItem struct {
	item      ChartItem
	procedure bool // whether it belongs to a procedure
	path      string
	code      glabella.Code
	text, fix string
}

func chartItems() []chartItem {
	return []chartItem{
		{ItemFields, true, "/record/values", CodeIncompleteFields, "values are missing that the template demands", "fill in what the template demands"},
		{ItemMap, true, "/record/maps", CodeIncompleteMap, "the procedure has no injection map", "mark the points on the map"},
		{ItemLots, true, "/administrations", CodeIncompleteLots, "the lots are not recorded", "record the lot and the container of each point"},
		{ItemPhotosBefore, true, "/photos/before", CodeIncompletePhotosBefore, "there are no photographs from before", "attach the photographs from before"},
		{ItemPhotosAfter, true, "/photos/after", CodeIncompletePhotosAfter, "there are no photographs from after", "take the photographs, or say why there are none"},
		{ItemConsent, true, "/consent", CodeIncompleteConsent, "there is no consent for the procedure", "file the patient's consent"},
		{ItemClearance, true, "/clearance", CodeIncompleteClearance, "there is no good-faith exam for the procedure", "file the good-faith exam"},
		{ItemAftercare, true, "/aftercare", CodeIncompleteAftercare, "nothing shows that aftercare was explained", "give the patient the advice, and record it"},
		{ItemVitals, false, "/vitals", CodeIncompleteVitals, "there are no vital signs", "record the vital signs"},
		{ItemAssessment, false, "/assessment", CodeIncompleteAssessment, "the patient was not assessed", "record the assessment"},
		{ItemPlan, false, "/plan", CodeIncompletePlan, "there is no plan", "record what is planned"},
		{ItemNoteText, false, "/note", CodeIncompleteNote, "there is no note", "write the note"},
		{ItemSignature, false, "/note/signatures", CodeIncompleteSignature, "the note is not signed", "have the author sign the note"},
		{ItemPayment, false, "/payment", CodeIncompletePayment, "the visit is not paid", "take the payment, or settle the invoice"},
	}
}

// ChartItems returns every item of a chart, those of procedures first.
func ChartItems() []ChartItem {
	var out []ChartItem
	for _, it := range chartItems() {
		out = append(out, it.item)
	}
	return out
}

// Valid reports whether i is one of [ChartItems].
func (i ChartItem) Valid() bool { return slices.Contains(ChartItems(), i) }

// OfProcedure reports whether each procedure has the item for itself, rather than
// the visit as a whole.
func (i ChartItem) OfProcedure() bool {
	return slices.ContainsFunc(chartItems(), func(it chartItem) bool { return it.item == i && it.procedure })
}

// CompletenessLevel says what follows if an item is missing.
type CompletenessLevel string

// The levels of completeness.
const (
	LevelRequire CompletenessLevel = "require" // the chart is not closed
	LevelWarn    CompletenessLevel = "warn"    // somebody takes responsibility for closing it
	LevelNone    CompletenessLevel = "none"    // nothing; it exempts a template from a rule for all
)

// CompletenessLevels returns every level of completeness.
func CompletenessLevels() []CompletenessLevel {
	return []CompletenessLevel{LevelRequire, LevelWarn, LevelNone}
}

// Valid reports whether l is one of [CompletenessLevels].
func (l CompletenessLevel) Valid() bool { return slices.Contains(CompletenessLevels(), l) }

// CompletenessRule says how much an item matters.
type CompletenessRule struct {
	Item     ChartItem         `json:"item"`
	Level    CompletenessLevel `json:"level"`
	Template string            `json:"template,omitempty"` // code of the treatments that it is for; empty is all
	Source   string            `json:"source,omitempty"`   // citation of the law or policy behind it
}

// CompletenessPolicy is what a practice demands of a chart before it is closed. A
// rule for a template takes the place of the rule for all. An item without a rule
// is not asked for.
type CompletenessPolicy struct {
	Rules []CompletenessRule `json:"rules"`
}

// Validate reports items and levels that are not known, and two rules for the same.
func (p CompletenessPolicy) Validate() error {
	var issues []glabella.Issue
	for i, r := range p.Rules {
		path := fmt.Sprintf("/rules/%d", i)
		if !r.Item.Valid() {
			issues = append(issues, glabella.Issue{Path: path + "/item", Code: glabella.CodeUnknownValue, Text: "not an item of a chart"})
		}
		if !r.Level.Valid() {
			issues = append(issues, glabella.Issue{Path: path + "/level", Code: glabella.CodeUnknownValue, Text: "not a level of completeness"})
		}
		if slices.ContainsFunc(p.Rules[:i], func(e CompletenessRule) bool { return e.Item == r.Item && e.Template == r.Template }) {
			issues = append(issues, glabella.Issue{Path: path, Code: glabella.CodeDuplicate, Text: "there is another rule for the same"})
		}
	}
	return glabella.Invalid("completeness policy", issues...)
}

// rule returns the rule for an item of a procedure of that template, if there is
// one.
func (p CompletenessPolicy) rule(item ChartItem, template string) (rule CompletenessRule, found bool) {
	for _, r := range p.Rules {
		if r.Item == item && (r.Template == template || r.Template == "" && !found) {
			rule, found = r, true
		}
	}
	return rule, found
}

// strictest returns the rule for an item of a visit with procedures of these
// templates: of the rules for each, the one that demands most.
func (p CompletenessPolicy) strictest(item ChartItem, templates []string) (rule CompletenessRule, found bool) {
	if len(templates) == 0 {
		return p.rule(item, "")
	}
	for _, t := range templates {
		if r, ok := p.rule(item, t); ok && (!found || r.Level.rank() > rule.Level.rank()) {
			rule, found = r, true
		}
	}
	return rule, found
}

// rank orders levels by what they demand. A level that is not known demands most.
func (l CompletenessLevel) rank() int {
	switch l {
	case LevelNone:
		return 0
	case LevelWarn:
		return 1
	default:
		return 2
	}
}

// CompletenessFacts are what is known of a visit's chart. An item that is in
// neither list is missing.
type CompletenessFacts struct {
	Visit         glabella.EncounterID
	Have          []ChartItem // of those of the visit
	NotApplicable []ChartItem // of the visit or any procedure
	Procedures    []ProcedureFacts
}

// ProcedureFacts are what is known of the chart of one procedure.
type ProcedureFacts struct {
	Procedure     glabella.ProcedureID
	Template      string // code
	Have          []ChartItem
	NotApplicable []ChartItem
	MissingFields []string // JSON Pointers into the procedure, such as /record/values/plane
}

// Missing is an item that a chart lacks.
type Missing struct {
	Item      ChartItem            `json:"item"`
	Level     CompletenessLevel    `json:"level"`
	Procedure glabella.ProcedureID `json:"procedure,omitzero"` // zero if it belongs to the visit
	Path      string               `json:"path"`               // JSON Pointer to where it belongs, from the visit
	Code      glabella.Code        `json:"code"`
}

// FactsOf returns what the visit itself says about its chart: maps, lots,
// assessment and plan. Lots do not apply to a procedure without a product. What
// other records say is added by the caller.
func FactsOf(e Encounter) CompletenessFacts {
	f := CompletenessFacts{Visit: e.ID}
	if e.Assessment != nil {
		f.Have = append(f.Have, ItemAssessment)
	}
	if e.Plan != nil {
		f.Have = append(f.Have, ItemPlan)
	}
	for _, p := range e.Procedures {
		facts := ProcedureFacts{Procedure: p.ID, Template: p.Record.Template.Code}
		for _, m := range p.Record.Maps {
			if len(m.Points) > 0 {
				facts.Have = append(facts.Have, ItemMap)
				break
			}
		}
		switch {
		case p.Record.Product == "":
			facts.NotApplicable = append(facts.NotApplicable, ItemLots)
		case len(p.Administrations) > 0 && !slices.ContainsFunc(p.Administrations, func(a Administration) bool { return a.Lot.IsZero() }):
			facts.Have = append(facts.Have, ItemLots)
		}
		f.Procedures = append(f.Procedures, facts)
	}
	return f
}

// Complete decides whether a chart may be closed. It returns everything that is
// missing, procedure by procedure and then of the visit, and the decision that
// it amounts to: denied for what is required, a warning for the rest. A rule
// whose level is not known counts as required.
func Complete(p CompletenessPolicy, f CompletenessFacts) ([]Missing, glabella.Decision) {
	var missing []Missing
	var reasons []glabella.Reason
	add := func(it chartItem, r CompletenessRule, procedure glabella.ProcedureID, path string) {
		level, reason := LevelRequire, glabella.Denied(it.code, it.text)
		if r.Level == LevelWarn {
			level, reason = LevelWarn, glabella.Warned(it.code, it.text)
		}
		missing = append(missing, Missing{Item: it.item, Level: level, Procedure: procedure, Path: path, Code: it.code})
		reasons = append(reasons, reason.For(f.Visit.Ref(), procedure.Ref()).With("path", path).WithFix(it.fix).CitedFrom(r.Source))
	}
	var templates []string
	for i, proc := range f.Procedures {
		templates = append(templates, proc.Template)
		for _, it := range chartItems() {
			r, found := p.rule(it.item, proc.Template)
			if !it.procedure || !found || r.Level == LevelNone || slices.Contains(proc.NotApplicable, it.item) || slices.Contains(f.NotApplicable, it.item) {
				continue
			}
			at := fmt.Sprintf("/procedures/%d", i)
			switch {
			case it.item == ItemFields && len(proc.MissingFields) > 0:
				for _, path := range proc.MissingFields {
					add(it, r, proc.Procedure, at+path)
				}
			case !slices.Contains(proc.Have, it.item):
				add(it, r, proc.Procedure, at+it.path)
			}
		}
	}
	for _, it := range chartItems() {
		r, found := p.strictest(it.item, templates)
		if it.procedure || !found || r.Level == LevelNone || slices.Contains(f.NotApplicable, it.item) || slices.Contains(f.Have, it.item) {
			continue
		}
		add(it, r, glabella.ProcedureID{}, it.path)
	}
	return missing, glabella.Decide(reasons...)
}

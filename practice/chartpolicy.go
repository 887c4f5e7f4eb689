package practice

import (
	"context"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// chartPolicy returns the policy on charts of a site: the empty one if none was
// set up.
func chartPolicy(ctx context.Context, policies interface {
	Get(context.Context, glabella.ChartPolicyID) (encounter.ChartPolicy, error)
}, site glabella.SiteID) (encounter.ChartPolicy, error) {
	id := encounter.ChartPolicyOf(site)
	p, err := policies.Get(ctx, id)
	if ok, err := found(err); err != nil || !ok {
		return encounter.ChartPolicy{ID: id, Site: site}, err
	}
	return p, nil
}

// Completeness is what a visit's chart lacks.
type Completeness struct {
	Missing  []encounter.Missing
	Decision glabella.Decision // whether the chart may be closed
}

// CheckChart answers what a visit's chart lacks before its note is signed, by the
// site's policy and its templates.
func (p *Practice) CheckChart(ctx context.Context, actor glabella.Actor, id glabella.EncounterID) (Completeness, error) {
	return query(ctx, p, actor, access.EncounterRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (Completeness, error) {
		visit, err := r.Encounters().Get(ctx, id)
		if err != nil {
			return Completeness{}, err
		}
		r.Concerns(visit.Patient)
		policy, err := chartPolicy(ctx, r.ChartPolicies(), visit.Site)
		if err != nil {
			return Completeness{}, err
		}
		notes, err := r.Notes().All(ctx, storage.NoteQuery{Encounter: id})
		if err != nil {
			return Completeness{}, err
		}
		facts, err := p.chartFacts(ctx, closetOf(r), visit, notes)
		if err != nil {
			return Completeness{}, err
		}
		missing, decision := encounter.Complete(p.completeness(policy, visit), facts)
		return Completeness{Missing: missing, Decision: decision}, nil
	})
}

// completeness returns the rules for a visit's chart: those of the site, and the
// photographs that its templates demand where the site has no rule on them.
func (p *Practice) completeness(policy encounter.ChartPolicy, visit encounter.Encounter) encounter.CompletenessPolicy {
	rules := encounter.CompletenessPolicy{Rules: append([]encounter.CompletenessRule{}, policy.Completeness.Rules...)}
	ruled := func(item encounter.ChartItem, code string) bool {
		for _, r := range rules.Rules {
			if r.Item == item && (r.Template == "" || r.Template == code) {
				return true
			}
		}
		return false
	}
	for _, proc := range visit.Procedures {
		code := proc.Record.Template.Code
		t, ok := p.treatments.Template(code, proc.Record.Template.Version)
		if !ok || t.Photos == nil {
			continue
		}
		level := encounter.LevelWarn
		if t.Photos.Level == treatment.DemandRequire {
			level = encounter.LevelRequire
		}
		for item, views := range map[encounter.ChartItem][]treatment.PhotoView{encounter.ItemPhotosBefore: t.Photos.Before, encounter.ItemPhotosAfter: t.Photos.After} {
			if len(views) > 0 && !ruled(item, code) {
				rules.Rules = append(rules.Rules, encounter.CompletenessRule{Item: item, Level: level, Template: code, Source: "treatment template " + code})
			}
		}
	}
	return rules
}

// closet is what is read to see whether a chart is complete.
type closet struct {
	merges     storage.SeenMerges
	vitals     storage.SeenVitals
	consents   storage.SeenConsents
	clearances storage.SeenClearances
	invoices   storage.SeenInvoices
	photos     storage.SeenPhotos
}

func closetOf(r *storage.Reading) closet {
	return closet{r.Merges(), r.Vitals(), r.Consents(), r.Clearances(), r.Invoices(), r.Photos()}
}

func closetIn(w *work) closet {
	return closet{w.Merges().Seen, w.Vitals().Seen, w.Consents().Seen, w.Clearances().Seen, w.Invoices().Seen, w.Photos().Seen}
}

// chartFacts gathers what is known of a visit's chart.
func (p *Practice) chartFacts(ctx context.Context, c closet, visit encounter.Encounter, notes []encounter.Note) (encounter.CompletenessFacts, error) {
	f := encounter.FactsOf(visit)
	vitals, err := c.vitals.All(ctx, storage.FactQuery{Patient: visit.Patient})
	if err != nil {
		return f, err
	}
	if slices.ContainsFunc(vitals, func(v encounter.Vitals) bool { return v.Encounter == visit.ID && !v.Retracted }) {
		f.Have = append(f.Have, encounter.ItemVitals)
	}
	for _, n := range notes {
		if n.Encounter != visit.ID || n.Retracted() {
			continue
		}
		f.Have = append(f.Have, encounter.ItemNoteText)
		if n.State != encounter.NoteDraft {
			f.Have = append(f.Have, encounter.ItemSignature)
		}
	}
	invoices, err := c.invoices.All(ctx, storage.InvoiceQuery{Encounter: visit.ID})
	if err != nil {
		return f, err
	}
	switch {
	case len(visit.Procedures) == 0:
		f.NotApplicable = append(f.NotApplicable, encounter.ItemPayment)
	case len(invoices) > 0 && !slices.ContainsFunc(invoices, func(i billing.Invoice) bool { return i.State != billing.InvoicePaid }):
		f.Have = append(f.Have, encounter.ItemPayment)
	}
	who, err := personOf(ctx, c.merges, visit.Patient)
	if err != nil {
		return f, err
	}
	consents, err := facts(ctx, who, c.consents)
	if err != nil {
		return f, err
	}
	clearances, err := facts(ctx, who, c.clearances)
	if err != nil {
		return f, err
	}
	photos, err := c.photos.All(ctx, storage.PhotoQuery{Patient: visit.Patient, Encounter: visit.ID})
	if err != nil {
		return f, err
	}
	for i, proc := range visit.Procedures {
		have := &f.Procedures[i]
		p.procedureFacts(have, proc, consents, clearances)
		p.photoFacts(have, proc, photos)
	}
	return f, nil
}

// procedureFacts adds what other records say about the chart of one procedure.
func (p *Practice) procedureFacts(f *encounter.ProcedureFacts, proc encounter.Procedure, consents []consent.Consent, clearances []encounter.Clearance) {
	template, ok := p.treatments.Template(proc.Record.Template.Code, proc.Record.Template.Version)
	if !ok {
		return
	}
	var product treatment.Product
	if known := p.product(proc.Record.Product); known != nil {
		product = *known
	}
	for _, issue := range template.Check(proc.Record, product) {
		f.MissingFields = append(f.MissingFields, "/record"+issue.Path)
	}
	if len(f.MissingFields) == 0 {
		f.Have = append(f.Have, encounter.ItemFields)
	}
	if template.Map == nil {
		f.NotApplicable = append(f.NotApplicable, encounter.ItemMap)
	}
	if proc.Record.Values[fieldAftercare] == "true" {
		f.Have = append(f.Have, encounter.ItemAftercare)
	} else if _, asked := template.Field(fieldAftercare); !asked {
		f.NotApplicable = append(f.NotApplicable, encounter.ItemAftercare)
	}
	given := func(code string) bool {
		return slices.ContainsFunc(consents, func(c consent.Consent) bool {
			return c.Code == code && c.Decision == consent.Accepted && !c.Informed.After(proc.PerformedAt) && (c.WithdrawnAt.IsZero() || c.WithdrawnAt.After(proc.PerformedAt))
		})
	}
	switch {
	case len(template.Consents) == 0:
		f.NotApplicable = append(f.NotApplicable, encounter.ItemConsent)
	case !slices.ContainsFunc(template.Consents, func(code string) bool { return !given(code) }):
		f.Have = append(f.Have, encounter.ItemConsent)
	}
	switch {
	case !template.Clearance:
		f.NotApplicable = append(f.NotApplicable, encounter.ItemClearance)
	case slices.ContainsFunc(clearances, func(c encounter.Clearance) bool {
		return c.Decision == encounter.ClearedFor && slices.Contains(c.Scope, template.Code) && !c.ExaminedAt.After(proc.PerformedAt)
	}):
		f.Have = append(f.Have, encounter.ItemClearance)
	}
}

// photoFacts adds whether the photographs are there that the template asks for,
// or where it asks for none, whether there is any.
func (p *Practice) photoFacts(f *encounter.ProcedureFacts, proc encounter.Procedure, photos []encounter.Photo) {
	var before, after []treatment.PhotoView
	if t := p.treatments.Shared(proc.Record.Template.Code, proc.Record.Template.Version); t != nil && t.Photos != nil {
		before, after = t.Photos.Before, t.Photos.After
	}
	of := slices.DeleteFunc(slices.Clone(photos), func(photo encounter.Photo) bool { return photo.Procedure != proc.ID || photo.Retracted != "" })
	for _, stage := range []struct {
		stage encounter.Stage
		item  encounter.ChartItem
		want  []treatment.PhotoView
	}{{encounter.StageBefore, encounter.ItemPhotosBefore, before}, {encounter.StageAfter, encounter.ItemPhotosAfter, after}} {
		taken := slices.ContainsFunc(of, func(photo encounter.Photo) bool { return photo.Stage == stage.stage })
		if taken && len(encounter.MissingViews(of, stage.stage, stage.want)) == 0 {
			f.Have = append(f.Have, stage.item)
		}
	}
}

// fieldAftercare is the field in which templates chart that the patient was told
// how to behave afterwards.
const fieldAftercare = "aftercare-given"

package practice

import (
	"context"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// DrawMap is the question of [Practice.DrawMap].
type DrawMap struct {
	Encounter      glabella.EncounterID
	Diagram        string
	DiagramVersion int
	Theme          encounter.Theme // the default follows the reader's preference
}

// DrawMap returns the injection map of a visit on one diagram as an SVG picture,
// with all the procedures that have points on it.
func (p *Practice) DrawMap(ctx context.Context, actor glabella.Actor, q DrawMap) ([]byte, error) {
	return query(ctx, p, actor, access.EncounterRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]byte, error) {
		d, err := p.diagram(q.Diagram, q.DiagramVersion)
		if err != nil {
			return nil, err
		}
		o := p.mapOptions()
		o.Theme = q.Theme
		_, records, err := p.charted(ctx, r, q.Encounter, o)
		if err != nil {
			return nil, err
		}
		return encounter.InjectionMap(d, records, o)
	})
}

// CompareMaps is the question of [Practice.CompareMaps].
type CompareMaps struct {
	Before, After  glabella.EncounterID // two visits of one patient
	Diagram        string
	DiagramVersion int
	Theme          encounter.Theme
}

// MapComparison is how the map of one visit differs from that of an earlier one.
type MapComparison struct {
	Picture []byte // SVG: both side by side
	Delta   encounter.MapDelta
}

// CompareMaps compares the injection maps of two visits of a patient, as a picture
// and as data.
func (p *Practice) CompareMaps(ctx context.Context, actor glabella.Actor, q CompareMaps) (MapComparison, error) {
	return query(ctx, p, actor, access.EncounterRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (MapComparison, error) {
		d, err := p.diagram(q.Diagram, q.DiagramVersion)
		if err != nil {
			return MapComparison{}, err
		}
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return MapComparison{}, err
		}
		o := p.mapOptions()
		o.Theme = q.Theme
		first, before, err := p.charted(ctx, r, q.Before, o)
		if err != nil {
			return MapComparison{}, err
		}
		second, after, err := p.charted(ctx, r, q.After, o)
		if err != nil {
			return MapComparison{}, err
		}
		if first.Patient != second.Patient {
			return MapComparison{}, glabella.Invalid("map", glabella.Issue{Path: "/after", Code: CodeOtherPatient, Text: "the visits are of two patients"})
		}
		o.Before, o.After = onDay(first, site.zone), onDay(second, site.zone)
		picture, err := encounter.CompareMaps(d, before, after, o)
		return MapComparison{Picture: picture, Delta: encounter.Delta(before, after)}, err
	})
}

func onDay(visit encounter.Encounter, zone *time.Location) string {
	if visit.StartedAt.IsZero() {
		return ""
	}
	return glabella.DateOf(visit.StartedAt.In(zone)).String()
}

func (p *Practice) diagram(code string, version int) (treatment.Diagram, error) {
	d, ok := p.treatments.Diagram(code, version)
	if !ok {
		return d, glabella.Invalid("map", glabella.Issue{Path: "/diagram", Code: glabella.CodeUnknownValue, Text: "no diagram of this code and version"})
	}
	return d, nil
}

func (p *Practice) mapOptions() *encounter.MapOptions {
	return &encounter.MapOptions{Products: map[string]string{}, Labels: map[glabella.Ref]string{}}
}

// charted returns a visit and its records, and adds to the options what their
// products and lots are called.
func (p *Practice) charted(ctx context.Context, r *storage.Reading, id glabella.EncounterID, o *encounter.MapOptions) (encounter.Encounter, []treatment.Record, error) {
	visit, err := r.Encounters().Get(ctx, id)
	if err != nil {
		return visit, nil, err
	}
	r.Concerns(visit.Patient)
	var records []treatment.Record
	for _, proc := range visit.Procedures {
		records = append(records, proc.Record)
		if product := p.product(proc.Record.Product); product != nil {
			o.Products[product.Code] = product.Brand
		}
		for _, a := range proc.Administrations {
			if a.Lot.IsZero() {
				continue
			}
			lot, err := r.Lots().Get(ctx, a.Lot)
			if err != nil {
				return visit, nil, err
			}
			o.Labels[lot.Ref()] = lot.Number
		}
	}
	return visit, records, nil
}

// ProposeChart is the question of [Practice.ProposeChart].
type ProposeChart struct {
	Patient   glabella.PatientID
	Treatment string // code of the template
	Product   string // substance; empty is the last one
}

// Proposal is a record of an earlier visit as a proposal for the next.
type Proposal struct {
	Record treatment.Record
	From   glabella.EncounterID // the visit that it was charted in
	On     glabella.Date
}

// ProposeChart returns the points of the patient's last such treatment as a
// proposal for the next, in the newest version of the template. Each point is
// unconfirmed until somebody confirms it ([encounter.Confirm]); a chart with an
// unconfirmed point is refused. Lots and containers are not taken over.
func (p *Practice) ProposeChart(ctx context.Context, actor glabella.Actor, q ProposeChart) (Proposal, error) {
	return query(ctx, p, actor, access.EncounterRead, q.Patient, func(ctx context.Context, r *storage.Reading) (Proposal, error) {
		template := p.template(q.Treatment)
		if template == nil {
			return Proposal{}, glabella.Invalid("treatment", glabella.Issue{Path: "/treatment", Code: CodeTreatmentUnknown, Text: "no published template has this code"})
		}
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return Proposal{}, err
		}
		who, err := personOf(ctx, r.Merges(), q.Patient)
		if err != nil {
			return Proposal{}, err
		}
		visits, err := visitsOf(ctx, who, r.Encounters())
		if err != nil {
			return Proposal{}, err
		}
		var last *encounter.Procedure
		var out Proposal
		for i := range visits {
			for k := range visits[i].Procedures {
				proc := &visits[i].Procedures[k]
				if visits[i].State != encounter.Finished || proc.Record.Template.Code != q.Treatment || q.Product != "" && proc.Record.Product != q.Product || last != nil && !proc.PerformedAt.After(last.PerformedAt) {
					continue
				}
				last, out.From, out.On = proc, visits[i].ID, glabella.DateOf(proc.PerformedAt.In(site.zone))
			}
		}
		if last == nil {
			return Proposal{}, glabella.ErrNotFound
		}
		out.Record, err = template.Migrate(encounter.CopyForward(last.Record))
		return out, err
	})
}

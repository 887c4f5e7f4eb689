package practice

import (
	"context"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// EstimateItem is an item of the price list that is expected.
type EstimateItem struct {
	Service  string            `json:"service"`           // its code
	Quantity quantity.Quantity `json:"quantity,omitzero"` // how much, of what is priced by the unit
	Times    int               `json:"times,omitempty"`   // how many containers, areas or pulses, of what is priced so
	Provider glabella.StaffID  `json:"provider,omitzero"` // the default is the one of the appointment, or the actor
	Codes    []string          `json:"codes"`             // of HCPCS, or CPT codes of the host's own licence
}

// GiveEstimate is the input of [Practice.GiveEstimate].
type GiveEstimate struct {
	Command
	Patient     glabella.PatientID     `json:"patient"`
	Appointment glabella.AppointmentID `json:"appointment,omitzero"`
	AskedOn     glabella.Date          `json:"askedOn,omitzero"` // of what is not booked: when the patient asked; the default is today
	Items       []EstimateItem         `json:"items"`
	Discounts   []billing.Discount     `json:"discounts"`
	Diagnoses   []string               `json:"diagnoses"` // ICD-10-CM
	Method      billing.EstimateMethod `json:"method"`
}

// EstimateGiven is the receipt of [Practice.GiveEstimate].
type EstimateGiven struct {
	Estimate glabella.EstimateID `json:"estimate"`
	Total    money.Amount        `json:"total"`
	Version  uint64              `json:"version"`
}

// estimateValid is how long an estimate holds that is for no day: 45 CFR 149.610 lets
// one cover recurring services for up to twelve months.
const estimateValid = 12

// GiveEstimate records that a patient was given a good faith estimate of what will be
// charged (45 CFR 149.610), at the prices of the day of the service, or of today.
func (p *Practice) GiveEstimate(ctx context.Context, actor glabella.Actor, in GiveEstimate) (EstimateGiven, error) {
	return run(ctx, p, actor, access.EstimateGive, in.Patient, in, func(ctx context.Context, w *work, in GiveEstimate, out *EstimateGiven) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		e := billing.Estimate{
			ID: glabella.EstimateID(w.NewUUID()), Patient: in.Patient, Site: site.ID, AskedOn: in.AskedOn, Diagnoses: slices.Clone(in.Diagnoses), Method: in.Method, By: by, At: w.Now(),
			ValidThrough: glabella.DateOf(w.Now().In(site.zone).AddDate(0, estimateValid, 0)), Lines: []billing.EstimateLine{},
		}
		if e.AskedOn.IsZero() {
			e.AskedOn = site.today
		}
		provider, on := by, site.today
		if !in.Appointment.IsZero() {
			a, err := w.Appointments().Get(ctx, in.Appointment)
			if err != nil {
				return failed(err)
			}
			if a.Patient != in.Patient {
				return failed(glabella.Invalid("estimate", glabella.Issue{Path: "/appointment", Code: glabella.CodeMismatch, Text: "is of another patient"}))
			}
			provider, on = a.Provider, glabella.DateOf(a.Start.In(site.zone))
			e.Appointment, e.AskedOn, e.For = a.ID, glabella.DateOf(a.CreatedAt.In(site.zone)), on
		}
		priced, err := w.expected(ctx, site, in, provider, on)
		if err != nil {
			return failed(err)
		}
		e.Total = money.New(0, site.Currency)
		for _, l := range priced.Lines {
			line := billing.EstimateLine{Service: l.Service, Name: l.Name, Provider: l.Provider, Quantity: l.Quantity, Amount: l.Total, Codes: []string{}}
			if i := slices.IndexFunc(in.Items, func(it EstimateItem) bool { return it.Service == l.Service }); i >= 0 {
				line.Codes = slices.Clone(in.Items[i].Codes)
			}
			if e.Total, err = e.Total.Add(l.Total); err != nil {
				return failed(err)
			}
			e.Lines = append(e.Lines, line)
		}
		if e, err = w.Estimates().Put(ctx, e); err != nil {
			return failed(err)
		}
		*out = EstimateGiven{Estimate: e.ID, Total: e.Total, Version: e.Version}
		return recorded("billing.estimate-given", *out)
	})
}

// expected prices what is expected as an invoice would.
func (w *work) expected(ctx context.Context, site place, in GiveEstimate, provider glabella.StaffID, on glabella.Date) (billing.Invoice, error) {
	services, err := w.Services().All(ctx, storage.ServiceQuery{})
	if err != nil {
		return billing.Invoice{}, err
	}
	id := glabella.InvoiceID(w.NewUUID()) // of no invoice: it is only calculated
	d := billing.Draft{
		ID: id, Number: invoiceNumber(on, id), Patient: in.Patient, Site: site.ID, Currency: site.Currency, On: on, Services: services, Taxes: site.Policy.Taxes, Discounts: in.Discounts,
		NewLine: func() glabella.LineID { return glabella.LineID(w.NewUUID()) },
	}
	for _, item := range in.Items {
		c := billing.Charge{Service: item.Service, Quantity: item.Quantity, Containers: item.Times, Areas: item.Times, Pulses: item.Times, Provider: item.Provider}
		if c.Provider.IsZero() {
			c.Provider = provider
		}
		d.Charges = append(d.Charges, c)
	}
	return billing.Calculate(d)
}

// EstimateWanted is an appointment for which a good faith estimate is to be given.
type EstimateWanted struct {
	Appointment scheduling.Appointment
	Due         glabella.Date
	Reason      glabella.Reason
}

// DueEstimates returns the appointments to come at the actor's site for which a good
// faith estimate is due by law and was not given, the most urgent first. It takes every
// patient for one who pays themselves; leave out who has a claim submitted for them.
// Holidays are the days beside the weekend on which no business is done.
func (p *Practice) DueEstimates(ctx context.Context, actor glabella.Actor, holidays func(glabella.Date) bool) ([]EstimateWanted, error) {
	return query(ctx, p, actor, access.EstimateGive, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]EstimateWanted, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		given := map[glabella.AppointmentID]bool{}
		estimates, err := unseen(ctx, r.Estimates(), storage.FactQuery{})
		if err != nil {
			return nil, err
		}
		for _, e := range estimates {
			given[e.Appointment] = true
		}
		out := []EstimateWanted{}
		_, err = r.Appointments().Select(ctx, storage.AppointmentQuery{From: r.Now()}, func(all []scheduling.Appointment) []scheduling.Appointment {
			var wanted []scheduling.Appointment
			for _, a := range all {
				if a.Site != site.ID || given[a.ID] || a.State != scheduling.Pending && a.State != scheduling.Booked {
					continue
				}
				due, must := billing.EstimateRequest{On: glabella.DateOf(a.CreatedAt.In(site.zone)), For: glabella.DateOf(a.Start.In(site.zone)), Holidays: holidays}.Due()
				if must {
					out, wanted = append(out, EstimateWanted{a, due, billing.EstimateDue(due, site.today, a.Ref())}), append(wanted, a)
				}
			}
			return wanted
		})
		slices.SortStableFunc(out, func(a, b EstimateWanted) int { return a.Due.Compare(b.Due) })
		return out, err
	})
}

// EstimateComparison is the answer of [Practice.CompareEstimate].
type EstimateComparison struct {
	Estimate  billing.Estimate
	Providers []billing.EstimateCompared
	Decision  glabella.Decision // warns of who bills substantially more
}

// CompareEstimate compares a good faith estimate with what was billed: the invoices of
// the visit that its appointment became, or of one without, those of the patient from
// the day of the estimate until it ends.
func (p *Practice) CompareEstimate(ctx context.Context, actor glabella.Actor, id glabella.EstimateID) (EstimateComparison, error) {
	return query(ctx, p, actor, access.InvoiceRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (EstimateComparison, error) {
		e, err := r.Estimates().Get(ctx, id)
		if err != nil {
			return EstimateComparison{}, err
		}
		r.Concerns(e.Patient)
		out := EstimateComparison{Estimate: e}
		var visit glabella.EncounterID
		if !e.Appointment.IsZero() {
			a, err := r.Appointments().Get(ctx, e.Appointment)
			if err != nil {
				return out, err
			}
			if visit = a.Encounter; visit.IsZero() {
				return out, fmt.Errorf("%s has not taken place: %w", a.Ref(), glabella.ErrNotFound)
			}
		}
		invoices, err := r.Invoices().Select(ctx, storage.InvoiceQuery{Patient: e.Patient}, func(all []billing.Invoice) []billing.Invoice {
			return slices.DeleteFunc(all, func(i billing.Invoice) bool {
				if !visit.IsZero() {
					return i.Encounter != visit
				}
				return i.On.Before(glabella.DateOf(e.At)) || i.On.After(e.ValidThrough)
			})
		})
		if err != nil {
			return out, err
		}
		out.Providers, out.Decision, err = e.Compare(invoices...)
		return out, err
	})
}

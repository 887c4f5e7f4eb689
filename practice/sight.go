package practice

import (
	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/patient"
)

// Removed is a part of a record that the reader's roles may not see.
type Removed struct {
	Record glabella.Ref
	access.Removed
}

// seenBy returns the chart as those see it who may see the classes.
func (c Chart) seenBy(may access.Classes) Chart {
	c.Removed = []Removed{}
	out := &c.Removed
	c.Patient = seen([]patient.Patient{c.Patient}, may, out)[0]
	c.Merges = seen(c.Merges, may, out)
	c.Allergies, c.Medications, c.Histories, c.Proposals = seen(c.Allergies, may, out), seen(c.Medications, may, out), seen(c.Histories, may, out), seen(c.Proposals, may, out)
	c.Consents, c.Discussions, c.Deliveries = seen(c.Consents, may, out), seen(c.Discussions, may, out), seen(c.Deliveries, may, out)
	p := &c.Preferences
	p.Permissions, p.Publications, p.ContactConsents = seen(p.Permissions, may, out), seen(p.Publications, may, out), seen(p.ContactConsents, may, out)
	p.Directives, p.Restrictions, p.Authorizations, p.Requests = seen(p.Directives, may, out), seen(p.Restrictions, may, out), seen(p.Authorizations, may, out), seen(p.Requests, may, out)
	c.Clearances, c.Appointments, c.Encounters, c.Notes = seen(c.Clearances, may, out), seen(c.Appointments, may, out), seen(c.Encounters, may, out), seen(c.Notes, may, out)
	c.Vitals, c.Series, c.Events, c.Photos = seen(c.Vitals, may, out), seen(c.Series, may, out), seen(c.Events, may, out), seen(c.Photos, may, out)
	c.Invoices, c.Credits, c.GiftCards, c.Emergencies, c.Disclosures = seen(c.Invoices, may, out), seen(c.Credits, may, out), seen(c.GiftCards, may, out), seen(c.Emergencies, may, out), seen(c.Disclosures, may, out)
	c.Estimates = seen(c.Estimates, may, out)
	c.Recalls = seen(c.Recalls, may, out)
	return c
}

// seen returns records as those see them who may see the classes, and adds what
// they may not.
func seen[T interface{ Ref() glabella.Ref }](records []T, may access.Classes, removed *[]Removed) []T {
	if records == nil || may == access.ClassSet(access.AllClasses()...) {
		return records
	}
	out := make([]T, len(records))
	for i, v := range records {
		ref := v.Ref()
		var gone []access.Removed
		out[i], gone = access.View(v, ref.Kind, may)
		for _, g := range gone {
			*removed = append(*removed, Removed{ref, g})
		}
	}
	return out
}

// writes returns the classes of fields that the actor may change, with those that a
// command changes by itself.
func (w *work) writes() access.Classes {
	_, write := w.Sight()
	return write | access.ClassSet(access.ClassInternal)
}

// mayWrite returns a [*glabella.DeniedError] unless the decision permits a change.
func (w *work) mayWrite(d glabella.Decision) error {
	if d.Permits() {
		return nil
	}
	return &glabella.DeniedError{Decision: d}
}

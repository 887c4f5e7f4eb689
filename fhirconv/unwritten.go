package fhirconv

import (
	"fmt"

	"github.com/glabella-ehr/glabella"
)

// unwritten reports the records of which this package writes no resource, so that
// a receiver knows that they are there.
func (b *builder) unwritten() {
	for i, v := range b.r.Vitals {
		path := fmt.Sprintf("/vitals/%d", i)
		b.owned(path, v.Patient)
		b.lose(true, path, LossNoElement, "vital signs are not written")
	}
	for i, s := range b.r.Series {
		path := fmt.Sprintf("/series/%d", i)
		b.owned(path, s.Patient)
		b.lose(true, path, LossNoElement, "plans of treatments are not written")
	}
	for i, e := range b.r.Events {
		path := fmt.Sprintf("/events/%d", i)
		b.owned(path, e.Patient)
		b.lose(true, path, LossNoElement, "adverse events are not written")
	}
	for i, p := range b.r.Photos {
		path := fmt.Sprintf("/photos/%d", i)
		b.owned(path, p.Patient)
		b.lose(true, path, LossNoElement, "photographs are not written")
	}
	for i, h := range b.r.Histories {
		path := fmt.Sprintf("/histories/%d", i)
		b.owned(path, h.Patient)
		b.lose(true, path, LossNoElement, "family and social history, treatments elsewhere, pregnancy and skin type are not written")
	}
	for i, p := range b.r.Proposals {
		path := fmt.Sprintf("/proposals/%d", i)
		b.owned(path, p.Patient)
		b.lose(true, path, LossNoElement, "changes that were reported and not accepted are not written")
	}
	for i, d := range b.r.Discussions {
		path := fmt.Sprintf("/discussions/%d", i)
		b.owned(path, d.Patient)
		b.lose(true, path, LossNoElement, "talks before a consent are not written")
	}
	for i, d := range b.r.Deliveries {
		path := fmt.Sprintf("/deliveries/%d", i)
		b.owned(path, d.Patient)
		b.lose(true, path, LossNoElement, "forms that were sent are not written")
	}
	b.r.Preferences.Each(func(path string, of *glabella.PatientID) {
		path = "/preferences" + path
		b.owned(path, *of)
		b.lose(true, path, LossNoElement, "what the patient allows and has asked for is not written")
	})
	for i, l := range b.r.Credits {
		path := fmt.Sprintf("/credits/%d", i)
		b.owned(path, l.Patient)
		b.lose(true, path, LossNoElement, "prepaid and promised value is not written")
	}
	for i, g := range b.r.GiftCards {
		path := fmt.Sprintf("/giftCards/%d", i)
		if g.Holder != b.r.Patient.ID {
			b.issues = append(b.issues, glabella.Issue{Path: path + "/holder", Code: glabella.CodeMismatch, Text: "is of another patient"})
		}
		b.lose(true, path, LossNoElement, "gift cards are not written")
	}
	for i, e := range b.r.Estimates {
		path := fmt.Sprintf("/estimates/%d", i)
		b.owned(path, e.Patient)
		b.lose(true, path, LossNoElement, "estimates of what something will cost are not written")
	}
	for i, d := range b.r.Disclosures {
		path := fmt.Sprintf("/disclosures/%d", i)
		b.owned(path, d.Patient)
		b.lose(true, path, LossNoElement, "what was given to others is not written")
	}
	for i, c := range b.r.Recalls {
		path := fmt.Sprintf("/recalls/%d", i)
		for k, t := range c.Tasks {
			b.owned(fmt.Sprintf("%s/tasks/%d", path, k), t.Patient)
		}
		b.lose(true, path, LossNoElement, "what was done to tell the patient of a recall is not written")
	}
	for i, e := range b.r.Emergencies {
		path := fmt.Sprintf("/emergencies/%d", i)
		b.owned(path, e.Patient)
		b.lose(true, path, LossNoElement, "that the record was opened in an emergency is not written")
	}
	for i, e := range b.r.Encounters {
		path := fmt.Sprintf("/encounters/%d", i)
		b.lose(e.Assessment != nil, path+"/assessment", LossNoElement, "assessments are written as part of the note's text only")
		b.lose(e.Plan != nil, path+"/plan", LossNoElement, "plans are written as part of the note's text only")
	}
	for i, n := range b.r.Notes {
		path := fmt.Sprintf("/notes/%d", i)
		b.lose(len(n.Queries) > 0, path+"/queries", LossNoElement, "what was asked before cosigning is not written")
		b.lose(len(n.Revisions) > 0, path+"/revisions", LossNoElement, "revisions of drafts are not written")
		for k, s := range n.Signatures {
			at := fmt.Sprintf("%s/signatures/%d", path, k)
			b.lose(s.Device != "", at+"/device", LossNoElement, "the device of a signature is not written")
			b.lose(s.Address != "", at+"/address", LossNoElement, "the address of a signature is not written")
		}
	}
}

package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
)

// AccountingRequest is a patient's request to be told to whom the practice
// disclosed what it knows of them.
type AccountingRequest struct {
	Patient     glabella.PatientID `json:"patient"`
	RequestedOn glabella.Date      `json:"requestedOn"`
	On          glabella.Date      `json:"on"`            // when the accounting is given; suspensions are of that day
	From        glabella.Date      `json:"from,omitzero"` // the first day; the default and the earliest is six years before the request
	Zone        *time.Location     `json:"-"`             // where the days begin; the default is UTC
}

// Accounting is what a patient is given: 45 CFR 164.528.
type Accounting struct {
	Patient glabella.PatientID `json:"patient"`
	From    glabella.Date      `json:"from"`
	To      glabella.Date      `json:"to"`
	// Due is the last day for the answer, 60 days after the request, and Extended
	// what it becomes if the patient is told within Due why it takes longer and until
	// when; that can be done once. 45 CFR 164.528(c)(1).
	Due      glabella.Date     `json:"due"`
	Extended glabella.Date     `json:"extended"`
	Entries  []AccountingEntry `json:"entries"` // by day
	// Withheld are disclosures that an agency has asked to keep out. They are for
	// the practice, and never shown to the patient.
	Withheld []glabella.DisclosureID `json:"-"`
}

// AccountingEntry is one disclosure, or several to the same recipient for one
// purpose, told as 45 CFR 164.528(b)(3) allows: the first in full, then how many
// there were and when the last.
type AccountingEntry struct {
	On          glabella.Date           `json:"on"`
	Recipient   Recipient               `json:"recipient"`
	Description string                  `json:"description"`
	Basis       DisclosureBasis         `json:"basis"`
	Purpose     string                  `json:"purpose,omitempty"`
	Request     string                  `json:"request,omitempty"`
	Count       int                     `json:"count"`
	Last        glabella.Date           `json:"last"`
	Disclosures []glabella.DisclosureID `json:"disclosures"`
}

// The time that 45 CFR 164.528 gives: the years that an accounting reaches back
// and the days for it.
const (
	accountingYears = 6
	accountingDays  = 60
	extensionDays   = 30
)

// DisclosureReader reads a stored disclosure. Package practice and hosts implement
// it over their store. A disclosure that is not there is an error that wraps
// [glabella.ErrNotFound].
type DisclosureReader interface {
	Get(ctx context.Context, id glabella.DisclosureID) (Disclosure, error)
}

// Account returns the accounting of a patient's disclosures. Which there are, it
// takes from the journal, so that none can be left out by removing it from the
// store: one that the journal names and the store does not have is a
// [*glabella.ValidationError] with [CodeDisclosureMissing].
//
// It tells the disclosures of [DisclosureBasis.Accountable] bases in the six years
// before the request, and leaves out those that are suspended.
func Account(ctx context.Context, j Journal, store DisclosureReader, req AccountingRequest) (Accounting, error) {
	if err := req.validate(); err != nil {
		return Accounting{}, err
	}
	zone := req.Zone
	if zone == nil {
		zone = time.UTC
	}
	earliest := req.RequestedOn.Add(glabella.Period{Years: -accountingYears})
	out := Accounting{
		Patient: req.Patient, From: earliest, To: req.RequestedOn,
		Due: req.RequestedOn.AddDays(accountingDays), Extended: req.RequestedOn.AddDays(accountingDays + extensionDays),
		Entries: []AccountingEntry{},
	}
	if req.From.After(earliest) {
		out.From = req.From
	}
	found, err := disclosures(ctx, j, store, req.Patient)
	if err != nil {
		return Accounting{}, err
	}
	type key struct {
		recipient        Recipient
		basis            DisclosureBasis
		purpose, request string
	}
	entries := map[key]*AccountingEntry{}
	var order []*AccountingEntry
	for _, d := range found {
		on := glabella.DateOf(d.At.In(zone))
		switch {
		case !d.Basis.Accountable() || on.Before(out.From) || on.After(out.To):
			continue
		case d.Suspended(req.On):
			out.Withheld = append(out.Withheld, d.ID)
			continue
		}
		k := key{d.Recipient, d.Basis, d.Purpose, d.Request}
		e := entries[k]
		if e == nil {
			e = &AccountingEntry{On: on, Recipient: d.Recipient, Description: d.Description, Basis: d.Basis, Purpose: d.Purpose, Request: d.Request}
			entries[k], order = e, append(order, e)
		}
		e.Count++
		e.Last = on
		e.Disclosures = append(e.Disclosures, d.ID)
	}
	for _, e := range order {
		out.Entries = append(out.Entries, *e)
	}
	return out, nil
}

func (req AccountingRequest) validate() error {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if req.Patient.IsZero() {
		add("/patient", glabella.CodeRequired, "an accounting is for one patient")
	}
	if !req.RequestedOn.Valid() {
		add("/requestedOn", glabella.CodeRequired, "a request has a day")
	}
	if !req.On.Valid() || req.On.Before(req.RequestedOn) {
		add("/on", glabella.CodeOutOfRange, "an accounting is given after it was requested")
	}
	if req.From.After(req.RequestedOn) {
		add("/from", glabella.CodeOutOfRange, "begins after the request")
	}
	return glabella.Invalid("accounting request", issues...)
}

// disclosures returns the patient's disclosures that the journal names, as they
// are stored now, by time.
func disclosures(ctx context.Context, j Journal, store DisclosureReader, patient glabella.PatientID) ([]Disclosure, error) {
	seen := map[glabella.DisclosureID]bool{}
	var out []Disclosure
	var missing []glabella.Issue
	for r, err := range Activity(ctx, j, ActivityQuery{Patient: patient}) {
		if err != nil {
			return nil, err
		}
		for _, c := range r.Changes {
			id, ok := glabella.RefAs[glabella.DisclosureID](c.Ref)
			if !ok || seen[id] || r.Outcome != Done {
				continue
			}
			seen[id] = true
			d, err := store.Get(ctx, id)
			switch {
			case errors.Is(err, glabella.ErrNotFound):
				missing = append(missing, glabella.Issue{Path: "/disclosures/" + id.String(), Code: CodeDisclosureMissing, Text: fmt.Sprintf("entry %d of the journal names a disclosure that is not stored", r.Seq)})
			case err != nil:
				return nil, fmt.Errorf("%s: %w", id.Ref(), err)
			case d.Patient == patient:
				out = append(out, d)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Disclosure) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return out, glabella.Invalid("accounting", missing...)
}

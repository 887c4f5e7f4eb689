package practice

import (
	"context"
	"io"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// Activity returns the journal records of a user, of a patient, or of both: all that
// a user touched, or all who touched a patient's record.
func (p *Practice) Activity(ctx context.Context, actor glabella.Actor, q audit.ActivityQuery) ([]audit.Record, error) {
	return query(ctx, p, actor, access.AuditRead, q.Patient, func(ctx context.Context, r *storage.Reading) ([]audit.Record, error) {
		return drain(audit.Activity(ctx, r.Journal(), q))
	})
}

// Contacts returns who had to do with whose record in a time, and how often.
func (p *Practice) Contacts(ctx context.Context, actor glabella.Actor, q audit.ActivityQuery) ([]audit.Contact, error) {
	return query(ctx, p, actor, access.AuditRead, q.Patient, func(ctx context.Context, r *storage.Reading) ([]audit.Contact, error) {
		return audit.Contacts(ctx, r.Journal(), q)
	})
}

// AccessReport is the question of [Practice.AccessReport].
type AccessReport struct {
	Patient glabella.PatientID
	From    time.Time // the zero time is from the beginning
	To      time.Time // the zero time is until now
}

// AccessReport returns who used a patient's record, day by day, in a form for the
// patient, who may ask for it. [audit.AccessLine.Words] are translated by the host.
func (p *Practice) AccessReport(ctx context.Context, actor glabella.Actor, q AccessReport) ([]audit.AccessLine, error) {
	return query(ctx, p, actor, access.PatientExport, q.Patient, func(ctx context.Context, r *storage.Reading) ([]audit.AccessLine, error) {
		var zone *time.Location
		if !actor.Site.IsZero() {
			site, err := at(ctx, r.Sites(), actor, r.Now())
			if err != nil {
				return nil, err
			}
			zone = site.zone
		}
		return audit.AccessReport(ctx, r.Journal(), q.Patient, q.From, q.To, zone)
	})
}

// RecordDisclosure is the input of [Practice.RecordDisclosure].
type RecordDisclosure struct {
	Command
	Patient       glabella.PatientID       `json:"patient"`
	At            time.Time                `json:"at,omitzero"` // zero is now
	Recipient     audit.Recipient          `json:"recipient"`
	Description   string                   `json:"description"` // of what was disclosed, briefly
	Basis         audit.DisclosureBasis    `json:"basis"`
	Purpose       string                   `json:"purpose,omitempty"`
	Request       string                   `json:"request,omitempty"` // the written request that it answers
	Authorization glabella.AuthorizationID `json:"authorization,omitzero"`
	Suspensions   []audit.Suspension       `json:"suspensions"`
}

// DisclosureRecorded is the receipt of [Practice.RecordDisclosure], and its event.
type DisclosureRecorded struct {
	Disclosure  glabella.DisclosureID `json:"disclosure"`
	Patient     glabella.PatientID    `json:"patient"`
	Basis       audit.DisclosureBasis `json:"basis"`
	Accountable bool                  `json:"accountable"` // it belongs into an accounting
}

// RecordDisclosure records that something about a patient was given to somebody
// outside of the practice.
func (p *Practice) RecordDisclosure(ctx context.Context, actor glabella.Actor, in RecordDisclosure) (DisclosureRecorded, error) {
	return run(ctx, p, actor, access.PatientShare, in.Patient, in, func(ctx context.Context, w *work, in RecordDisclosure, out *DisclosureRecorded) (storage.Outcome, error) {
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		if !in.Authorization.IsZero() {
			a, err := w.Authorizations().Get(ctx, in.Authorization)
			if err != nil {
				return failed(err)
			}
			if a.Patient != in.Patient {
				return failed(glabella.Invalid("disclosure", glabella.Issue{Path: "/authorization", Code: glabella.CodeMismatch, Text: "is of another patient"}))
			}
		}
		d := audit.Disclosure{
			ID: glabella.DisclosureID(w.NewUUID()), Patient: in.Patient, At: in.At.UTC(), Recipient: in.Recipient, Description: in.Description, Basis: in.Basis, Purpose: in.Purpose,
			Request: in.Request, Authorization: in.Authorization, Suspensions: append([]audit.Suspension{}, in.Suspensions...), By: actor.Ref(),
		}
		if in.At.IsZero() {
			d.At = w.Now()
		}
		if d.At.After(w.Now()) {
			return failed(glabella.Invalid("disclosure", glabella.Issue{Path: "/at", Code: glabella.CodeOutOfRange, Text: "is in the future"}))
		}
		d, err := w.Disclosures().Put(ctx, d)
		if err != nil {
			return failed(err)
		}
		*out = DisclosureRecorded{Disclosure: d.ID, Patient: d.Patient, Basis: d.Basis, Accountable: d.Basis.Accountable()}
		return recorded("audit.disclosed", *out)
	})
}

// AccountDisclosures returns the accounting of a patient's disclosures that 45 CFR
// 164.528 asks for. Which there were is taken from the journal.
func (p *Practice) AccountDisclosures(ctx context.Context, actor glabella.Actor, req audit.AccountingRequest) (audit.Accounting, error) {
	return query(ctx, p, actor, access.PrivacyManage, req.Patient, func(ctx context.Context, r *storage.Reading) (audit.Accounting, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return audit.Accounting{}, err
		}
		req.Zone = site.zone
		return audit.Account(ctx, r.Journal(), r.Disclosures(), req)
	})
}

// ExportLog writes the first entries of the journal, as they are hashed, a line each,
// for [audit.VerifyLog] and the stand-alone verifier. Size 0 is all of it. It returns
// how many there are.
func (p *Practice) ExportLog(ctx context.Context, actor glabella.Actor, out io.Writer, size uint64) (uint64, error) {
	return query(ctx, p, actor, access.AuditVerify, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (uint64, error) {
		if size == 0 {
			head, err := r.Journal().Head(ctx)
			if err != nil {
				return 0, err
			}
			size = head.Size
		}
		return size, audit.WriteLog(ctx, out, r.Journal(), size)
	})
}

// ReportSecurity is the input of [Practice.ReportSecurity].
type ReportSecurity struct {
	Command
	Event audit.SecurityEventType `json:"event"`
	audit.SecurityEvent
}

// ReportSecurity puts something into the journal that happened in the host: a log-in
// that succeeded or failed, a lock-out, a change of policy, a backup. It holds codes
// and digests only.
func (p *Practice) ReportSecurity(ctx context.Context, actor glabella.Actor, in ReportSecurity) error {
	type none struct{}
	_, err := run(ctx, p, actor, access.SecurityReport, glabella.PatientID{}, in, func(_ context.Context, _ *work, in ReportSecurity, _ *none) (storage.Outcome, error) {
		e := in.SecurityEvent
		e.Type = in.Event
		told, err := e.Event()
		if err != nil {
			return failed(err)
		}
		return storage.Recorded(told), nil
	})
	return err
}

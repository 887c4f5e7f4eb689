package practice

import (
	"context"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/storage"
)

// CodeOrderer says that the actor has no credential with which the site's jurisdiction lets them give orders.
const CodeOrderer glabella.Code = "practice.orderer.credential"

// IssueOrder is the input of [Practice.IssueOrder].
type IssueOrder struct {
	Command
	Patient       glabella.PatientID     `json:"patient,omitzero"` // zero is a protocol for every patient
	Treatments    []string               `json:"treatments"`       // codes of templates
	Products      []string               `json:"products"`         // substances; empty is all of the treatments
	Regions       []string               `json:"regions"`          // empty is all
	Limits        []encounter.OrderLimit `json:"limits"`
	Delegates     []glabella.StaffID     `json:"delegates"`
	DelegateKinds []string               `json:"delegateKinds"` // kinds of credential
	Supervision   encounter.Supervision  `json:"supervision"`
	ValidTo       glabella.Date          `json:"validTo"` // the last day
	Protocol      string                 `json:"protocol"`
	Source        string                 `json:"source"` // the rule or policy that allows the delegation
}

// OrderIssued is the receipt of [Practice.IssueOrder] and [Practice.RevokeOrder].
type OrderIssued struct {
	Order   glabella.StandingOrderID `json:"order"`
	State   encounter.OrderState     `json:"state"`
	Version uint64                   `json:"version"`
}

// IssueOrder issues an order of the actor's that others treat under, from today
// on. Who may give orders is the site's policy.
func (p *Practice) IssueOrder(ctx context.Context, actor glabella.Actor, in IssueOrder) (OrderIssued, error) {
	return run(ctx, p, actor, access.OrderIssue, in.Patient, in, func(ctx context.Context, w *work, in IssueOrder, out *OrderIssued) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		orderer, err := w.Staff().Get(ctx, by)
		if err != nil {
			return failed(err)
		}
		if !in.Patient.IsZero() {
			if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
				return failed(err)
			}
		}
		credential, ok := orderer.Credential(site.Policy.Examiners, site.Jurisdiction, site.today)
		if !ok {
			return failed(glabella.Refuse(glabella.Decide(glabella.Denied(CodeOrderer, "the orderer has no valid credential that may prescribe here").For(by.Ref()).
				With("jurisdiction", site.Jurisdiction).WithFix("have a clinician who may prescribe issue the order").CitedFrom(site.Policy.ExaminersSource))))
		}
		o := encounter.StandingOrder{
			ID: glabella.StandingOrderID(w.NewUUID()), Orderer: by, Credential: encounter.Credential{Kind: credential.Kind, Number: credential.Number, Jurisdiction: credential.Jurisdiction},
			Patient: in.Patient, Treatments: in.Treatments, Products: in.Products, Regions: in.Regions, Limits: in.Limits, Delegates: in.Delegates, DelegateKinds: in.DelegateKinds,
			Supervision: in.Supervision, ValidFrom: site.today, ValidTo: in.ValidTo, Protocol: in.Protocol, State: encounter.OrderDraft, Source: in.Source, Provenance: w.entered(),
		}
		if o, err = o.Issue(w.Now()); err != nil {
			return failed(err)
		}
		if o, err = w.StandingOrders().Put(ctx, o); err != nil {
			return failed(err)
		}
		*out = OrderIssued{Order: o.ID, State: o.State, Version: o.Version}
		return recorded("encounter.order-issued", o.Event())
	})
}

// RevokeOrder is the input of [Practice.RevokeOrder].
type RevokeOrder struct {
	Command
	Order  glabella.StandingOrderID `json:"order"`
	Reason string                   `json:"reason"` // a code of the practice's own
}

// RevokeOrder ends an order from now on. What was done under it before stays
// covered.
func (p *Practice) RevokeOrder(ctx context.Context, actor glabella.Actor, in RevokeOrder) (OrderIssued, error) {
	return run(ctx, p, actor, access.OrderRevoke, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RevokeOrder, out *OrderIssued) (storage.Outcome, error) {
		o, err := w.StandingOrders().Get(ctx, in.Order)
		if err != nil {
			return failed(err)
		}
		w.Concerns(o.Patient)
		if err := w.expect(o.Ref(), o.Version); err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		if o, err = o.Revoke(w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		if o, err = w.StandingOrders().Put(ctx, o); err != nil {
			return failed(err)
		}
		*out = OrderIssued{Order: o.ID, State: o.State, Version: o.Version}
		return recorded("encounter.order-revoked", encounter.OrderRevokedEvent{Order: o.ID, Reason: in.Reason})
	})
}

// RevokeClearance is the input of [Practice.RevokeClearance].
type RevokeClearance struct {
	Command
	Clearance glabella.ClearanceID `json:"clearance"`
	Reason    string               `json:"reason"` // a code of the practice's own
}

// RevokeClearance ends the validity of a good-faith exam from now on.
func (p *Practice) RevokeClearance(ctx context.Context, actor glabella.Actor, in RevokeClearance) (ClearanceRecorded, error) {
	return run(ctx, p, actor, access.ClearanceRevoke, glabella.PatientID{}, in, func(ctx context.Context, w *work, in RevokeClearance, out *ClearanceRecorded) (storage.Outcome, error) {
		c, err := w.Clearances().Get(ctx, in.Clearance)
		if err != nil {
			return failed(err)
		}
		w.Concerns(c.Patient)
		if err := w.expect(c.Ref(), c.Version); err != nil {
			return failed(err)
		}
		if err := reasonCode("/reason", in.Reason); err != nil {
			return failed(err)
		}
		if c, err = c.Revoke(w.Now(), in.Reason); err != nil {
			return failed(err)
		}
		if c, err = w.Clearances().Put(ctx, c); err != nil {
			return failed(err)
		}
		*out = ClearanceRecorded{Clearance: c.ID, ValidUntil: c.ValidUntil, Version: c.Version}
		return recorded("encounter.clearance-revoked", encounter.ClearanceRevoked{Clearance: c.ID, Patient: c.Patient, Reason: in.Reason})
	})
}

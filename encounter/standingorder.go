package encounter

import (
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
)

// OrderState is where a standing order stands.
type OrderState string

// The states of a standing order.
const (
	OrderDraft   OrderState = "draft"
	OrderActive  OrderState = "active"
	OrderRevoked OrderState = "revoked"
)

// OrderStates returns every state of a standing order.
func OrderStates() []OrderState { return []OrderState{OrderDraft, OrderActive, OrderRevoked} }

// Valid reports whether s is one of [OrderStates].
func (s OrderState) Valid() bool { return slices.Contains(OrderStates(), s) }

// OrderMachine returns the state machine of a standing order. An order is never
// changed once it is issued: it is revoked, and another one issued.
func OrderMachine() state.Machine[OrderState] {
	return state.Machine[OrderState]{Name: "standing order", Arrows: []state.Arrow[OrderState]{
		{From: OrderDraft, Action: "issue", To: OrderActive},
		{From: OrderDraft, Action: "revoke", To: OrderRevoked},
		{From: OrderActive, Action: "revoke", To: OrderRevoked},
	}}
}

// Supervision is how near the prescriber is while another one acts under the
// order.
type Supervision string

// The modes of supervision, from the closest.
const (
	SupervisionOnSite    Supervision = "on-site"
	SupervisionAvailable Supervision = "available" // can be reached at once, by telephone or video
	SupervisionNone      Supervision = "none"
)

// Supervisions returns every mode of supervision, from the closest.
func Supervisions() []Supervision {
	return []Supervision{SupervisionOnSite, SupervisionAvailable, SupervisionNone}
}

// Valid reports whether s is one of [Supervisions].
func (s Supervision) Valid() bool { return slices.Contains(Supervisions(), s) }

// meets reports whether s is at least as close as what is demanded.
func (s Supervision) meets(demanded Supervision) bool {
	return s.Valid() && slices.Index(Supervisions(), s) <= slices.Index(Supervisions(), demanded)
}

// StandingOrder lets members of staff give treatments that a prescriber has
// ordered: to one patient, or as a protocol to every patient.
type StandingOrder struct {
	ID glabella.StandingOrderID `json:"id" validate:"required"`
	glabella.Meta
	Orderer       glabella.StaffID    `json:"orderer" validate:"required"`
	Credential    Credential          `json:"credential"`                  // the licence that the orderer prescribes under
	Patient       glabella.PatientID  `json:"patient,omitzero"`            // zero is a protocol for every patient
	Treatments    []string            `json:"treatments" validate:"min=1"` // codes of treatment templates
	Products      []string            `json:"products"`                    // substances; empty is all of the treatments
	Regions       []string            `json:"regions"`                     // empty is all
	Limits        []OrderLimit        `json:"limits"`
	Delegates     []glabella.StaffID  `json:"delegates"`     // who may act under the order
	DelegateKinds []string            `json:"delegateKinds"` // kinds of credential that may
	Supervision   Supervision         `json:"supervision" validate:"oneof=on-site available none"`
	ValidFrom     glabella.Date       `json:"validFrom"`
	ValidTo       glabella.Date       `json:"validTo"`            // the last day
	Protocol      string              `json:"protocol,omitempty"` // name and version of the written protocol that it rests on
	State         OrderState          `json:"state"`
	IssuedAt      time.Time           `json:"issuedAt,omitzero"`
	RevokedAt     time.Time           `json:"revokedAt,omitzero"`
	RevokedReason string              `json:"revokedReason,omitempty"`
	Source        string              `json:"source,omitempty"` // the rule or policy that allows the delegation
	Provenance    glabella.Provenance `json:"provenance"`
}

// OrderLimit is the most of a product that may be given in one session: in all,
// or in one region. It is what the prescriber has ordered, and no statement about
// what is safe.
type OrderLimit struct {
	Product string            `json:"product"`
	Region  string            `json:"region,omitempty"` // empty is the whole session
	Max     quantity.Quantity `json:"max"`
}

// Ref returns the reference to the order.
func (o StandingOrder) Ref() glabella.Ref { return o.ID.Ref() }

// Validate reports everything that is wrong with the order.
func (o StandingOrder) Validate() error {
	issues := append(check.Struct(o), o.Provenance.Validate("/provenance")...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if len(o.Delegates) == 0 && len(o.DelegateKinds) == 0 {
		add("/delegates", glabella.CodeRequired, "an order names who may act under it")
	}
	if !o.ValidFrom.Valid() {
		add("/validFrom", glabella.CodeRequired, "an order has a first day")
	}
	switch {
	case !o.ValidTo.Valid():
		add("/validTo", glabella.CodeRequired, "an order has a last day")
	case o.ValidTo.Before(o.ValidFrom):
		add("/validTo", glabella.CodeOutOfRange, "the last day is before the first")
	}
	if !o.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a standing order")
	}
	if o.State == OrderActive && o.IssuedAt.IsZero() || o.State == OrderDraft && !o.IssuedAt.IsZero() {
		add("/issuedAt", glabella.CodeMismatch, "an order that is in force has been issued, and a draft has not")
	}
	if revoked := o.State == OrderRevoked; revoked == o.RevokedAt.IsZero() || revoked == (o.RevokedReason == "") {
		add("/revokedAt", glabella.CodeMismatch, "an order that was revoked has a time and a reason for it, and no other has one")
	}
	type scope struct{ product, region string }
	seen := map[scope]bool{}
	for i, l := range o.Limits {
		path := fmt.Sprintf("/limits/%d", i)
		if l.Product == "" {
			add(path+"/product", glabella.CodeRequired, "a limit names its product")
		}
		if l.Product != "" && len(o.Products) > 0 && !slices.Contains(o.Products, l.Product) {
			add(path+"/product", glabella.CodeMismatch, "not a product of the order")
		}
		if l.Region != "" && len(o.Regions) > 0 && !slices.Contains(o.Regions, l.Region) {
			add(path+"/region", glabella.CodeMismatch, "not a region of the order")
		}
		if seen[scope{l.Product, l.Region}] {
			add(path, glabella.CodeDuplicate, "given twice")
		}
		seen[scope{l.Product, l.Region}] = true
		if l.Max.Sign() <= 0 || l.Max.Unit().IsZero() {
			add(path+"/max", glabella.CodeOutOfRange, "must be more than nothing of a unit")
		}
	}
	return glabella.Invalid("standing-order", issues...)
}

// Issue puts a draft in force.
func (o StandingOrder) Issue(now time.Time) (StandingOrder, error) {
	return o.step("issue", func(o *StandingOrder) { o.IssuedAt = now })
}

// Revoke ends the order from now on.
func (o StandingOrder) Revoke(now time.Time, reason string) (StandingOrder, error) {
	return o.step("revoke", func(o *StandingOrder) { o.RevokedAt, o.RevokedReason = now, reason })
}

func (o StandingOrder) step(action string, change func(*StandingOrder)) (StandingOrder, error) {
	next, err := OrderMachine().Next(o.State, action)
	if err != nil {
		return o, err
	}
	o.State = next
	change(&o)
	return o, nil
}

// OrderIssued is the business event of a standing order that is in force.
type OrderIssued struct {
	Order      glabella.StandingOrderID `json:"order"`
	Orderer    glabella.StaffID         `json:"orderer"`
	Patient    glabella.PatientID       `json:"patient,omitzero"`
	Treatments []string                 `json:"treatments"`
	Products   []string                 `json:"products"`
	ValidTo    glabella.Date            `json:"validTo"`
}

// OrderRevokedEvent is the business event of a standing order that ends before
// its last day.
type OrderRevokedEvent struct {
	Order  glabella.StandingOrderID `json:"order"`
	Reason string                   `json:"reason"`
}

// Event returns the business event of the order's issue.
func (o StandingOrder) Event() OrderIssued {
	return OrderIssued{Order: o.ID, Orderer: o.Orderer, Patient: o.Patient, Treatments: slices.Clone(o.Treatments), Products: slices.Clone(o.Products), ValidTo: o.ValidTo}
}

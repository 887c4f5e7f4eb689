package encounter

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of reasons for which no standing order covers a treatment.
const (
	// CodeOrderMissing says that no standing order is known for the patient.
	CodeOrderMissing glabella.Code = "encounter.order.missing"
	// CodeOrderDraft says that the standing order was not issued when the treatment takes place.
	CodeOrderDraft glabella.Code = "encounter.order.draft"
	// CodeOrderRevoked says that the standing order was revoked.
	CodeOrderRevoked glabella.Code = "encounter.order.revoked"
	// CodeOrderNotYet says that the standing order is not valid yet.
	CodeOrderNotYet glabella.Code = "encounter.order.not-yet-valid"
	// CodeOrderExpired says that the standing order is out of date.
	CodeOrderExpired glabella.Code = "encounter.order.expired"
	// CodeOrderTreatment says that the standing order is for other treatments.
	CodeOrderTreatment glabella.Code = "encounter.order.treatment"
	// CodeOrderProduct says that the standing order does not name the product.
	CodeOrderProduct glabella.Code = "encounter.order.product"
	// CodeOrderRegion says that the standing order does not name a region that is treated.
	CodeOrderRegion glabella.Code = "encounter.order.region"
	// CodeOrderAmount says that more is given than the standing order allows.
	CodeOrderAmount glabella.Code = "encounter.order.amount"
	// CodeOrderUnit says that the amounts are of another unit than the limit of the standing order.
	CodeOrderUnit glabella.Code = "encounter.order.unit"
	// CodeOrderDelegate says that the performer may not act under the standing order.
	CodeOrderDelegate glabella.Code = "encounter.order.delegate"
	// CodeOrderOrderer says that whoever gave the standing order may not prescribe in this jurisdiction.
	CodeOrderOrderer glabella.Code = "encounter.order.orderer"
	// CodeOrderSupervision says that the prescriber is not as near as the standing order demands.
	CodeOrderSupervision glabella.Code = "encounter.order.supervision"
)

// DelegationFacts are what the decision on acting under another's order is made
// on.
type DelegationFacts struct {
	Required       bool   // whether the performer needs an order for the treatment
	Treatment      string // code of the template
	Product        string // substance
	Regions        []string
	Amounts        map[string]quantity.Quantity // what is given, by region
	Performer      glabella.StaffID
	PerformerKinds []string // kinds of the performer's credentials
	Patient        glabella.PatientID
	Orders         []StandingOrder // those for other patients are ignored
	At             time.Time       // when the treatment takes place
	Zone           *time.Location  // of the site; nil is UTC
	Supervision    Supervision     // how near the prescriber is; empty is not known
	Orderers       []string        // kinds of credential that may prescribe; empty is any
	Source         string          // citation of who may act under an order
}

// EvaluateDelegation decides whether a standing order covers a treatment that the
// performer may not give on their own authority. If none covers it, the reasons
// are those against the order that comes nearest; of several that come as near,
// the one issued last.
func EvaluateDelegation(f DelegationFacts) glabella.Decision {
	if !f.Required {
		return glabella.Decide()
	}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	var orders []StandingOrder
	for _, o := range f.Orders {
		if o.Patient.IsZero() || o.Patient == f.Patient {
			orders = append(orders, o)
		}
	}
	if len(orders) == 0 {
		return glabella.Decide(f.reason(CodeOrderMissing, "there is no standing order for the patient", askPrescriber).For(f.Patient.Ref()))
	}
	slices.SortStableFunc(orders, func(a, b StandingOrder) int {
		return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	var nearest glabella.Decision
	for i, o := range orders {
		d := glabella.Decide(f.against(o)...)
		if i == 0 || f.nearer(d, nearest) {
			nearest = d
		}
	}
	return nearest
}

// askPrescriber is what settles most reasons.
const askPrescriber = "ask the prescriber"

// nearer reports whether an order with decision a comes nearer than one with b. An
// order for another treatment comes last, however little else is against it.
func (f DelegationFacts) nearer(a, b glabella.Decision) bool {
	if x, y := a.Has(CodeOrderTreatment), b.Has(CodeOrderTreatment); x != y {
		return y
	}
	denials := func(d glabella.Decision) int {
		n := 0
		for _, r := range d.Reasons {
			if r.Outcome == glabella.Deny {
				n++
			}
		}
		return n
	}
	return cmp.Or(cmp.Compare(denials(a), denials(b)), cmp.Compare(len(a.Reasons), len(b.Reasons))) < 0
}

func (f DelegationFacts) reason(code glabella.Code, text, fix string) glabella.Reason {
	return glabella.Denied(code, text).With("treatment", f.Treatment).WithFix(fix).CitedFrom(f.Source)
}

// against returns every reason for which an order does not cover the treatment.
func (f DelegationFacts) against(o StandingOrder) []glabella.Reason {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) {
		if r.Source == "" {
			r.Source = o.Source
		}
		reasons = append(reasons, r.For(o.Ref()))
	}
	if o.IssuedAt.IsZero() || o.IssuedAt.After(f.At) {
		add(f.reason(CodeOrderDraft, "the order was not issued", "have the prescriber issue the order"))
	}
	if !o.RevokedAt.IsZero() && !o.RevokedAt.After(f.At) {
		add(f.reason(CodeOrderRevoked, "the order was revoked", askPrescriber))
	}
	on := glabella.DateOf(f.At.In(f.Zone))
	if on.Before(o.ValidFrom) {
		add(f.reason(CodeOrderNotYet, "the order is not valid yet", askPrescriber).With("from", o.ValidFrom.String()))
	}
	if on.After(o.ValidTo) {
		add(f.reason(CodeOrderExpired, "the order is out of date", askPrescriber).With("until", o.ValidTo.String()))
	}
	if !slices.Contains(o.Treatments, f.Treatment) {
		add(f.reason(CodeOrderTreatment, "the order is for other treatments", askPrescriber))
	}
	if len(o.Products) > 0 && !slices.Contains(o.Products, f.Product) {
		add(f.reason(CodeOrderProduct, "the order does not name the product", askPrescriber).With("product", f.Product))
	}
	for _, region := range f.regions() {
		if len(o.Regions) > 0 && !slices.Contains(o.Regions, region) {
			add(f.reason(CodeOrderRegion, "the order does not name the region", askPrescriber).With("region", region))
		}
	}
	for _, l := range o.Limits {
		if l.Product == f.Product {
			f.limit(l, add)
		}
	}
	if !slices.Contains(o.Delegates, f.Performer) && !slices.ContainsFunc(o.DelegateKinds, func(k string) bool { return slices.Contains(f.PerformerKinds, k) }) {
		add(f.reason(CodeOrderDelegate, "the performer may not act under the order", "have someone treat whom the order names, or ask the prescriber").For(f.Performer.Ref()))
	}
	if len(f.Orderers) > 0 && !slices.Contains(f.Orderers, o.Credential.Kind) {
		add(f.reason(CodeOrderOrderer, "the orderer's credential may not prescribe here", "have a clinician order it who may").With("credential", o.Credential.Kind))
	}
	switch {
	case o.Supervision == SupervisionNone:
	case f.Supervision == "":
		r := f.reason(CodeOrderSupervision, "it is not known whether the prescriber is as near as the order demands", "say how near the prescriber is").With("supervision", string(o.Supervision))
		r.Outcome = glabella.Warn
		add(r)
	case !f.Supervision.meets(o.Supervision):
		add(f.reason(CodeOrderSupervision, "the prescriber is not as near as the order demands", "wait for the prescriber").With("supervision", string(o.Supervision)))
	}
	return reasons
}

// regions returns the regions that are treated, each once, sorted.
func (f DelegationFacts) regions() []string {
	all := slices.AppendSeq(slices.Clone(f.Regions), maps.Keys(f.Amounts))
	slices.Sort(all)
	return slices.Compact(all)
}

// limit adds the reason for which a limit of an order is not kept, if any.
func (f DelegationFacts) limit(l OrderLimit, add func(glabella.Reason)) {
	var given quantity.Quantity
	var err error
	if l.Region != "" {
		given = f.Amounts[l.Region]
	} else {
		for _, region := range slices.Sorted(maps.Keys(f.Amounts)) {
			if given, err = given.Add(f.Amounts[region]); err != nil {
				break
			}
		}
	}
	more := 0
	if err == nil {
		more, err = given.Cmp(l.Max)
	}
	r := func(code glabella.Code, text, fix string) glabella.Reason {
		out := f.reason(code, text, fix).With("product", l.Product).With("max", l.Max.String())
		if l.Region != "" {
			out = out.With("region", l.Region)
		}
		return out
	}
	switch {
	case err != nil:
		add(r(CodeOrderUnit, "the amounts cannot be compared with the order's limit", "chart the amounts in the unit of the order"))
	case more > 0:
		add(r(CodeOrderAmount, "more is given than the order allows", "give no more than the order allows, or ask the prescriber").With("given", given.String()))
	}
}

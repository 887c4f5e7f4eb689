package inventory

import (
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// Codes of reasons against using stock.
const (
	// CodeLotUnknown says that the lot, or any stock of it at the site, is not on record.
	CodeLotUnknown glabella.Code = "inventory.lot.unknown"
	// CodeLotExpired says that the last day on which the lot may be used is over.
	CodeLotExpired glabella.Code = "inventory.lot.expired"
	// CodeLotNoExpiry says that the lot's expiry is not on record.
	CodeLotNoExpiry glabella.Code = "inventory.lot.no-expiry"
	// CodeLotQuarantined says that the lot is held.
	CodeLotQuarantined glabella.Code = "inventory.lot.quarantined"
	// CodeLotRecalled says that the lot is recalled.
	CodeLotRecalled glabella.Code = "inventory.lot.recalled"
	// CodeLotMismatch says that a lot, a balance or an opened container belongs to another lot or product than the one given.
	CodeLotMismatch glabella.Code = "inventory.lot.mismatch"
	// CodeShort says that less is there than is asked for.
	CodeShort glabella.Code = "inventory.short"
	// CodeNoSealed says that there are fewer unopened containers than are asked for.
	CodeNoSealed glabella.Code = "inventory.sealed.short"
	// CodeUnit says that an amount is asked for in another unit than the stock is kept in.
	CodeUnit glabella.Code = "inventory.unit"
	// CodeNotPositive says that an amount that is asked for is not more than nothing.
	CodeNotPositive glabella.Code = "inventory.not-positive"
	// CodeNoContainer says that a product has no container that could be opened.
	CodeNoContainer glabella.Code = "inventory.container.none"
	// CodeVialClosed says that an opened container is empty, discarded or was never opened.
	CodeVialClosed glabella.Code = "inventory.vial.closed"
	// CodeVialBeyondUse says that an opened container is past the time within which it may be used.
	CodeVialBeyondUse glabella.Code = "inventory.vial.beyond-use"
	// CodeVialOtherPatient says that an opened container is bound to another patient.
	CodeVialOtherPatient glabella.Code = "inventory.vial.other-patient"
	// CodeVialNoPatient says that a draw names no patient.
	CodeVialNoPatient glabella.Code = "inventory.vial.no-patient"
	// CodeVialNotReconstituted says that a container that needs a diluent has not been reconstituted.
	CodeVialNotReconstituted glabella.Code = "inventory.vial.not-reconstituted"
	// CodeVialTime says that a container would be used before it was opened or reconstituted.
	CodeVialTime glabella.Code = "inventory.vial.time"
	// CodeNoDiluent says that a product is used as it comes and takes no diluent.
	CodeNoDiluent glabella.Code = "inventory.diluent.none"
	// CodeDiluentUnknown says that the diluent or its lot is not on record.
	CodeDiluentUnknown glabella.Code = "inventory.diluent.unknown"
	// CodeDiluentClass says that the product given as a diluent is none.
	CodeDiluentClass glabella.Code = "inventory.diluent.class"
	// CodeDiluentVolume says that the volume of diluent is not a positive number of millilitres.
	CodeDiluentVolume glabella.Code = "inventory.diluent.volume"
)

// manufacturer is the source of what a label states about its own lot.
const manufacturer = "manufacturer's label"

// lotReasons returns what forbids using anything of the lot on a day.
func lotReasons(l Lot, on glabella.Date) []glabella.Reason {
	if l.ID.IsZero() {
		return []glabella.Reason{glabella.Denied(CodeLotUnknown, "the lot is not on record").WithFix("receive the lot")}
	}
	var out []glabella.Reason
	about := func(r glabella.Reason) { out = append(out, r.For(l.Ref()).With("lot", l.Number)) }
	switch l.State {
	case LotAvailable:
	case LotRecalled:
		about(glabella.Denied(CodeLotRecalled, "the lot is recalled").With("hold", l.Hold).WithFix("use another lot").CitedFrom("recall " + l.Hold))
	default: // a state that is not known here is not a permission
		about(glabella.Denied(CodeLotQuarantined, "the lot is held").With("hold", l.Hold).WithFix("use another lot, or release this one"))
	}
	switch {
	case l.Expires.IsZero():
		about(glabella.Warned(CodeLotNoExpiry, "the lot's expiry is not on record").WithFix("read the expiry from the carton"))
	case on.After(l.Expires):
		about(glabella.Denied(CodeLotExpired, "the lot is expired").With("expires", l.Expires.String()).WithFix("use another lot").CitedFrom(manufacturer))
	}
	return out
}

func short(have, need quantity.Quantity) glabella.Reason {
	return glabella.Denied(CodeShort, "less is there than is asked for").
		With("have", have.String()).With("need", need.String()).WithFix("take the rest from another lot")
}

func noSealed(have, need int) glabella.Reason {
	return glabella.Denied(CodeNoSealed, "there are fewer unopened containers than are asked for").
		With("have", strconv.Itoa(have)).With("need", strconv.Itoa(need)).WithFix("use another lot, or count the stock")
}

// amountReasons returns what forbids taking need out of have.
func amountReasons(have, need quantity.Quantity, refs ...glabella.Ref) []glabella.Reason {
	var out []glabella.Reason
	if need.Sign() <= 0 {
		out = append(out, glabella.Denied(CodeNotPositive, "the amount is not more than nothing").WithFix("give an amount").For(refs...))
	}
	switch c, err := have.Cmp(need); {
	case err != nil:
		out = append(out, glabella.Denied(CodeUnit, "the amount is in another unit than the stock").
			With("have", have.Unit().String()).With("need", need.Unit().String()).WithFix("give the amount in the stock's own unit").For(refs...))
	case c < 0:
		out = append(out, short(have, need).For(refs...))
	}
	return out
}

// Usable says whether an amount of a lot can be used on a day, of what the
// balance has on hand. The expiry day itself is usable. Days are those of the site's
// zone.
func Usable(lot Lot, balance Balance, qty quantity.Quantity, on glabella.Date) glabella.Decision {
	reasons := lotReasons(lot, on)
	switch {
	case balance.ID.IsZero():
		if !lot.ID.IsZero() {
			reasons = append(reasons, glabella.Denied(CodeLotUnknown, "the site has never had the lot").For(lot.Ref()).WithFix("receive the lot at the site"))
		}
	case balance.Lot != lot.ID:
		reasons = append(reasons, glabella.Denied(CodeLotMismatch, "the balance is of another lot").For(balance.Ref(), lot.Ref()).WithFix("give the balance of the lot"))
	default:
		reasons = append(reasons, amountReasons(balance.OnHand, qty, balance.Ref(), lot.Ref())...)
	}
	return glabella.Decide(reasons...)
}

// Use is what an opened container is asked for.
type Use struct {
	Lot      Lot     // the container's lot, as it is on record now
	Product  Product // its product
	Patient  glabella.PatientID
	Quantity quantity.Quantity // in the product's base unit
	At       time.Time
	Zone     *time.Location // of the site, for the day of expiry; nil is UTC
}

func dayAt(at time.Time, zone *time.Location) glabella.Date {
	if zone == nil {
		zone = time.UTC
	}
	return glabella.DateOf(at.In(zone))
}

// VialUsable says whether an amount can be drawn from an opened container for a
// patient: by the state and expiry of its lot, its time in use, the patient whom it
// is bound to, and what is left in it.
func VialUsable(v Vial, u Use) glabella.Decision {
	reasons := lotReasons(u.Lot, dayAt(u.At, u.Zone))
	deny := func(code glabella.Code, text, fix string) {
		reasons = append(reasons, glabella.Denied(code, text).For(v.Ref()).WithFix(fix))
	}
	reasons = append(reasons, belongs(v, u.Product, u.Lot)...)
	if v.State != VialOpen && v.State != VialReconstituted {
		deny(CodeVialClosed, "the container is not in use", "open another container")
	}
	if v.State == VialOpen && u.Product.Reconstitute {
		deny(CodeVialNotReconstituted, "the container is not reconstituted", "record the diluent and its volume")
	}
	if !v.BeyondUse.IsZero() && u.At.After(v.BeyondUse) {
		reasons = append(reasons, glabella.Denied(CodeVialBeyondUse, "the container is beyond use").For(v.Ref()).
			With("beyondUse", v.BeyondUse.Format(time.RFC3339)).WithFix("discard it and open another container").CitedFrom(v.BeyondUseSource))
	}
	if u.At.Before(v.inUseSince()) {
		deny(CodeVialTime, "the container is used before it was opened", "correct the times")
	}
	switch {
	case u.Patient.IsZero():
		deny(CodeVialNoPatient, "the draw names no patient", "name the patient")
	case !v.Patient.IsZero() && v.Patient != u.Patient:
		reasons = append(reasons, glabella.Denied(CodeVialOtherPatient, "the container is bound to another patient").For(v.Ref()).
			WithFix("open another container").CitedFrom(u.Product.InUse.Source))
	}
	reasons = append(reasons, amountReasons(v.Remaining, u.Quantity, v.Ref())...)
	return glabella.Decide(reasons...)
}

// belongs returns what contradicts that the container is of the lot and the lot
// of the product.
func belongs(v Vial, p Product, l Lot) []glabella.Reason {
	if v.Product == p.ID && (l.ID.IsZero() || v.Lot == l.ID && l.Product == p.ID) {
		return nil
	}
	return []glabella.Reason{glabella.Denied(CodeLotMismatch, "the container is of another lot or product").
		For(v.Ref(), l.Ref(), p.Ref()).WithFix("give the container's own lot and product")}
}

package inventory

import (
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// ExposureBasis says how it is known that somebody received something of a lot.
type ExposureBasis string

// The bases of an exposure.
const (
	ExposureMoved   ExposureBasis = "moved"   // a movement of the lot stands
	ExposureCharted ExposureBasis = "charted" // the lot is charted, and no stock of it accounts for that
	ExposureDiluent ExposureBasis = "diluent" // the container was reconstituted with the lot
)

// ExposureBases returns every basis of an exposure.
func ExposureBases() []ExposureBasis {
	return []ExposureBasis{ExposureMoved, ExposureCharted, ExposureDiluent}
}

// Valid reports whether b is one of [ExposureBases].
func (b ExposureBasis) Valid() bool { return slices.Contains(ExposureBases(), b) }

// Exposure is something of a lot that a patient received. It names the movement, or
// the unreconciled usage, or both, by which that is known; they name the visit.
type Exposure struct {
	Patient  glabella.PatientID  `json:"patient,omitzero"`
	Basis    ExposureBasis       `json:"basis"`
	Kind     MovementKind        `json:"kind"` // given, dispensed, sold or used up
	Movement glabella.MovementID `json:"movement,omitzero"`
	Usage    glabella.UsageID    `json:"usage,omitzero"`
	Vial     glabella.VialID     `json:"vial,omitzero"`
	Site     glabella.SiteID     `json:"site"`
	At       time.Time           `json:"at"`       // UTC, microseconds
	Quantity quantity.Quantity   `json:"quantity"` // more than nothing; of what was reconstituted, not of the diluent
}

// Suspect is something that was charted without a lot, at a site where and while
// something of the lot was there: it may have been of the lot.
type Suspect struct {
	Usage    glabella.UsageID   `json:"usage"`
	Patient  glabella.PatientID `json:"patient"`
	Site     glabella.SiteID    `json:"site"`
	At       time.Time          `json:"at"`       // UTC, microseconds
	Quantity quantity.Quantity  `json:"quantity"` // that no stock accounts for
	Expired  bool               `json:"expired"`  // the lot was there and could not be used any more
}

// TracedVial is an opened container of a lot, or one that was reconstituted with
// it.
type TracedVial struct {
	Vial      glabella.VialID   `json:"vial"`
	Lot       glabella.LotID    `json:"lot"` // its own lot
	Site      glabella.SiteID   `json:"site"`
	State     VialState         `json:"state"`
	Remaining quantity.Quantity `json:"remaining"`
}

// InUse reports whether something may still be given out of the container.
func (v TracedVial) InUse() bool { return v.State == VialOpen || v.State == VialReconstituted }

// TracedStock is what is left of a lot at a site, and when something of it was
// there.
type TracedStock struct {
	Site    glabella.SiteID    `json:"site"`
	Balance glabella.BalanceID `json:"balance"`
	OnHand  quantity.Quantity  `json:"onHand"`         // with what is left in opened containers
	Sealed  int                `json:"sealed"`         // unopened containers
	Held    int                `json:"held"`           // unopened containers that are set aside
	Since   time.Time          `json:"since"`          // of the first movement; UTC, microseconds
	Until   time.Time          `json:"until,omitzero"` // of the last movement, if nothing is left
}

// Gone reports whether nothing of the lot is left at the site.
func (s TracedStock) Gone() bool { return s.OnHand.Sign() <= 0 && s.Sealed == 0 && s.Held == 0 }

// TracedTransfer is a shipment of a lot from one site to another.
type TracedTransfer struct {
	Transfer  glabella.TransferID `json:"transfer"`
	From      glabella.SiteID     `json:"from"`
	To        glabella.SiteID     `json:"to"`
	Sent      int                 `json:"sent"` // containers
	Received  int                 `json:"received"`
	InTransit int                 `json:"inTransit"`
	At        time.Time           `json:"at"` // UTC, microseconds
}

// LotTrace is all that is known of where a lot went. Exposures are what is known;
// Unnamed and Suspects are what is not: what left the stock for nobody on record,
// and what may have been of the lot because no lot was charted.
type LotTrace struct {
	Lot       glabella.LotID   `json:"lot"`
	Exposures []Exposure       `json:"exposures"` // by time
	Unnamed   []Exposure       `json:"unnamed"`   // sold or used up without a patient, by time
	Suspects  []Suspect        `json:"suspects"`  // by time
	Vials     []TracedVial     `json:"vials"`
	Stock     []TracedStock    `json:"stock"` // by site
	Transfers []TracedTransfer `json:"transfers"`
}

// Patients returns who received something of the lot, each once, by ID.
func (t LotTrace) Patients() []glabella.PatientID {
	out := make([]glabella.PatientID, 0, len(t.Exposures))
	for _, e := range t.Exposures {
		out = append(out, e.Patient)
	}
	slices.SortFunc(out, byBytes)
	return slices.Compact(out)
}

// Uncertain returns who may have received something of the lot and is not among
// [LotTrace.Patients], each once, by ID.
func (t LotTrace) Uncertain() []glabella.PatientID {
	known := t.Patients()
	var out []glabella.PatientID
	for _, s := range t.Suspects {
		if _, found := slices.BinarySearchFunc(known, s.Patient, byBytes); !found {
			out = append(out, s.Patient)
		}
	}
	slices.SortFunc(out, byBytes)
	return slices.Compact(out)
}

// Complete reports whether nothing about the trace is uncertain.
func (t LotTrace) Complete() bool { return len(t.Suspects) == 0 && len(t.Unnamed) == 0 }

// expiredAnywhere reports whether the last day of use was over at a moment in
// every time zone: the furthest behind is twelve hours behind UTC.
func expiredAnywhere(expires glabella.Date, at time.Time) bool {
	return !expires.IsZero() && glabella.DateOf(at.UTC().Add(-12*time.Hour)).After(expires)
}

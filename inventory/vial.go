package inventory

import (
	"errors"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
)

// VialState says how far an opened container has come.
type VialState string

// The states of an opened container.
const (
	VialOpen          VialState = "open"
	VialReconstituted VialState = "reconstituted"
	VialEmpty         VialState = "empty"     // all of it was given
	VialDiscarded     VialState = "discarded" // the rest was thrown away
	VialVoided        VialState = "voided"    // it was never opened: the record was an error
)

// VialStates returns every state of an opened container.
func VialStates() []VialState {
	return []VialState{VialOpen, VialReconstituted, VialEmpty, VialDiscarded, VialVoided}
}

// Valid reports whether s is one of [VialStates].
func (s VialState) Valid() bool { return slices.Contains(VialStates(), s) }

// VialMachine returns the state machine of an opened container. The actions
// reopen and restore are those of movements that are taken back, for one that had
// not been reconstituted and for one that had.
func VialMachine() state.Machine[VialState] {
	return state.Machine[VialState]{Name: "vial", Arrows: []state.Arrow[VialState]{
		{From: VialOpen, Action: "reconstitute", To: VialReconstituted},
		{From: VialOpen, Action: "draw", To: VialOpen},
		{From: VialOpen, Action: "finish", To: VialEmpty},
		{From: VialOpen, Action: "discard", To: VialDiscarded},
		{From: VialOpen, Action: "void", To: VialVoided},
		{From: VialOpen, Action: "reopen", To: VialOpen},
		{From: VialReconstituted, Action: "draw", To: VialReconstituted},
		{From: VialReconstituted, Action: "finish", To: VialEmpty},
		{From: VialReconstituted, Action: "discard", To: VialDiscarded},
		{From: VialReconstituted, Action: "void", To: VialVoided},
		{From: VialReconstituted, Action: "restore", To: VialReconstituted},
		{From: VialEmpty, Action: "reopen", To: VialOpen},
		{From: VialEmpty, Action: "restore", To: VialReconstituted},
		{From: VialDiscarded, Action: "reopen", To: VialOpen},
		{From: VialDiscarded, Action: "restore", To: VialReconstituted},
	}}
}

// Codes of issues with opened containers.
const (
	// CodeVialContent says that what is left in a container does not fit its state or its nominal content.
	CodeVialContent glabella.Code = "inventory.vial.content"
	// CodeVialInUse says that the opening of a container cannot be taken back while something drawn or wasted from it stands.
	CodeVialInUse glabella.Code = "inventory.vial.in-use"
)

// Diluent is what a container was reconstituted with.
type Diluent struct {
	Product glabella.ProductID `json:"product,omitzero"`
	Lot     glabella.LotID     `json:"lot,omitzero"`
	Volume  quantity.Quantity  `json:"volume"` // in mL
}

// Vial is one opened container of a lot: a vial or a syringe.
type Vial struct {
	ID glabella.VialID `json:"id" validate:"required"`
	glabella.Meta
	Lot             glabella.LotID     `json:"lot" validate:"required"`
	Site            glabella.SiteID    `json:"site" validate:"required"`
	Product         glabella.ProductID `json:"product" validate:"required"`
	Nominal         quantity.Quantity  `json:"nominal"`   // what it held when it was opened
	Remaining       quantity.Quantity  `json:"remaining"` // what is left
	OpenedAt        time.Time          `json:"openedAt" validate:"required"`
	OpenedBy        glabella.StaffID   `json:"openedBy" validate:"required"`
	Diluent         *Diluent           `json:"diluent,omitempty"`
	ReconstitutedAt time.Time          `json:"reconstitutedAt,omitzero"`
	Concentration   quantity.Quantity  `json:"concentration"`             // of the base unit per mL, rounded to 9 places; none until reconstituted
	BeyondUse       time.Time          `json:"beyondUse,omitzero"`        // the last moment at which it may be used; zero is no limit but the lot's expiry
	BeyondUseSource string             `json:"beyondUseSource,omitempty"` // the basis of BeyondUse
	Patient         glabella.PatientID `json:"patient,omitzero"`          // bound by the first draw of what is for one patient
	State           VialState          `json:"state"`
}

// Ref returns the reference to the container.
func (v Vial) Ref() glabella.Ref { return v.ID.Ref() }

// Validate reports everything that is wrong with the container as a record.
func (v Vial) Validate() error {
	issues := check.Struct(v)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !v.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a container")
	}
	if v.Nominal.Sign() <= 0 || v.Nominal.Unit().IsZero() {
		add("/nominal", glabella.CodeOutOfRange, "a container has a content")
	}
	over, err := v.Remaining.Cmp(v.Nominal)
	switch {
	case err != nil || v.Remaining.Unit() != v.Nominal.Unit():
		add("/remaining/unit", glabella.CodeMismatch, "what is left is in another unit than the content")
	case v.Remaining.Sign() < 0 || over > 0:
		add("/remaining", CodeVialContent, "what is left is between nothing and the nominal content")
	case (v.State == VialEmpty || v.State == VialDiscarded) != v.Remaining.IsZero():
		add("/remaining", CodeVialContent, "nothing is left in a container that is finished, and something in one that is not")
	case v.State == VialVoided && over != 0:
		add("/remaining", CodeVialContent, "a container that was never opened is full")
	}
	if v.State == VialReconstituted && v.Diluent == nil {
		add("/diluent", glabella.CodeRequired, "a container that is reconstituted has a diluent")
	}
	if v.State == VialOpen && v.Diluent != nil {
		add("/diluent", glabella.CodeMismatch, "the container is not reconstituted")
	}
	if v.Diluent != nil {
		if v.Diluent.Volume.Unit() != millilitre() || v.Diluent.Volume.Sign() <= 0 {
			add("/diluent/volume", CodeDiluentVolume, "a volume is a positive number of millilitres")
		}
		if v.ReconstitutedAt.IsZero() {
			add("/reconstitutedAt", glabella.CodeRequired, "a reconstitution has a time")
		}
		if v.Concentration.Sign() <= 0 {
			add("/concentration", glabella.CodeRequired, "a container that is reconstituted has a concentration")
		}
	}
	if !v.BeyondUse.IsZero() && v.BeyondUseSource == "" {
		add("/beyondUseSource", glabella.CodeRequired, "a limit of use states its source")
	}
	return glabella.Invalid("vial", issues...)
}

func millilitre() quantity.Unit { return quantity.MustUnit("mL") }

// inUseSince returns when the container became ready for use.
func (v Vial) inUseSince() time.Time {
	if v.Diluent != nil {
		return v.ReconstitutedAt
	}
	return v.OpenedAt
}

// Opening says who opens a container, and when.
type Opening struct {
	Vial         glabella.VialID     // identity of the opened container
	Movement     glabella.MovementID // of the movement
	By           glabella.StaffID
	At           time.Time
	Zone         *time.Location  // of the site, for the day of expiry; nil is UTC
	Acknowledged []glabella.Code // warnings that are settled
}

// Open opens one container of a lot at the balance's site. It returns the opened
// container, the balance with one unopened container less, and the movement, which
// leaves the amount on hand as it is. It is refused with all reasons at once if the
// lot may not be used or none is unopened.
func Open(p Product, l Lot, b Balance, o Opening) (Vial, Balance, Movement, error) {
	d := glabella.Decide(lotReasons(l, dayAt(o.At, o.Zone))...)
	deny := func(r glabella.Reason) { d = glabella.Join(d, glabella.Decide(r)) }
	if p.Container == NoContainer {
		deny(glabella.Denied(CodeNoContainer, "the product has no container to open").For(p.Ref()).WithFix("open another product"))
	}
	if l.Product != p.ID && !l.ID.IsZero() || b.Lot != l.ID && !b.ID.IsZero() {
		deny(glabella.Denied(CodeLotMismatch, "the balance, the lot and the product do not belong together").For(b.Ref(), l.Ref(), p.Ref()).WithFix("give the lot's own balance and product"))
	}
	m := Movement{
		ID: o.Movement, Kind: MovementOpen, Lot: l.ID, Site: b.Site, Product: p.ID, Vial: o.Vial,
		Quantity: quantity.Of(0, p.Nominal.Unit()), Containers: -1, By: o.By, At: instant(o.At),
	}
	switch {
	case b.ID.IsZero() && !l.ID.IsZero():
		deny(glabella.Denied(CodeLotUnknown, "the site has never had the lot").For(l.Ref()).WithFix("receive the lot at the site"))
	case b.Sealed < 1:
		deny(noSealed(b.Sealed, 1).For(b.Ref(), l.Ref()))
	}
	if err := glabella.Refuse(d, o.Acknowledged...); err != nil {
		return Vial{}, b, Movement{}, err
	}
	next, err := b.Apply(m)
	if err != nil {
		return Vial{}, b, Movement{}, err
	}
	v := Vial{
		ID: o.Vial, Lot: l.ID, Site: b.Site, Product: p.ID, Nominal: p.Nominal, Remaining: p.Nominal,
		OpenedAt: instant(o.At), OpenedBy: o.By, State: VialOpen,
	}
	if !p.Reconstitute {
		v = v.limit(p.InUse, v.OpenedAt)
	}
	if err := errors.Join(m.Validate(), v.Validate()); err != nil {
		return Vial{}, b, Movement{}, err
	}
	return v, next, m, nil
}

// limit sets the time of use from since on.
func (v Vial) limit(u InUse, since time.Time) Vial {
	v.BeyondUse, v.BeyondUseSource = u.until(since), ""
	if !v.BeyondUse.IsZero() {
		v.BeyondUseSource = u.Source
	}
	return v
}

// Reconstitution says what a container is reconstituted with.
type Reconstitution struct {
	Product      Product           // the container's product
	Lot          Lot               // the container's lot, as it is on record now
	Diluent      Product           // what it is reconstituted with
	DiluentLot   Lot               // its lot; a zero lot or product is a warning
	Volume       quantity.Quantity // in mL
	At           time.Time
	Zone         *time.Location  // of the site, for the days of expiry; nil is UTC
	Acknowledged []glabella.Code // warnings that are settled
}

// Reconstitute adds the diluent. The container's concentration follows from its
// nominal content, and its time of use starts. The diluent's own stock is not
// moved.
func (v Vial) Reconstitute(r Reconstitution) (Vial, error) {
	next, err := VialMachine().Next(v.State, "reconstitute")
	if err != nil {
		return v, err
	}
	on := dayAt(r.At, r.Zone)
	reasons := append(lotReasons(r.Lot, on), belongs(v, r.Product, r.Lot)...)
	if !r.Product.Reconstitute {
		reasons = append(reasons, glabella.Denied(CodeNoDiluent, "the product is used as it comes").For(v.Ref(), r.Product.Ref()).WithFix("draw without reconstituting"))
	}
	if r.At.Before(v.OpenedAt) {
		reasons = append(reasons, glabella.Denied(CodeVialTime, "the container is reconstituted before it was opened").For(v.Ref()).WithFix("correct the times"))
	}
	reasons = append(reasons, diluentReasons(r, on)...)
	concentration, err := quantity.Div(v.Nominal, r.Volume, 9)
	if err != nil || r.Volume.Unit() != millilitre() {
		reasons = append(reasons, glabella.Denied(CodeDiluentVolume, "the volume is not a positive number of millilitres").For(v.Ref()).WithFix("give the volume in mL"))
	}
	if err := glabella.Refuse(glabella.Decide(reasons...), r.Acknowledged...); err != nil {
		return v, err
	}
	v.State = next
	v.Diluent = &Diluent{Product: r.Diluent.ID, Lot: r.DiluentLot.ID, Volume: r.Volume}
	v.ReconstitutedAt = instant(r.At)
	v.Concentration = concentration
	return v.limit(r.Product.InUse, v.ReconstitutedAt), nil
}

// diluentReasons returns what is to be said against the diluent.
func diluentReasons(r Reconstitution, on glabella.Date) []glabella.Reason {
	var out []glabella.Reason
	if r.Diluent.ID.IsZero() || r.DiluentLot.ID.IsZero() {
		out = append(out, glabella.Warned(CodeDiluentUnknown, "the diluent or its lot is not on record").For(r.Diluent.Ref()).WithFix("give the diluent's product and lot"))
	}
	if !r.Diluent.ID.IsZero() && r.Diluent.Class != DiluentItem {
		out = append(out, glabella.Denied(CodeDiluentClass, "the product is no diluent").For(r.Diluent.Ref()).WithFix("give a diluent"))
	}
	if !r.DiluentLot.ID.IsZero() {
		out = append(out, lotReasons(r.DiluentLot, on)...)
		if r.DiluentLot.Product != r.Diluent.ID {
			out = append(out, glabella.Denied(CodeLotMismatch, "the lot is not of the diluent").For(r.DiluentLot.Ref(), r.Diluent.Ref()).WithFix("give the lot's own product"))
		}
	}
	return out
}

// Draw says what is drawn from a container, for whom and by whom.
type Draw struct {
	Use
	ID           glabella.MovementID // of the movement
	Balance      Balance             // of the container's lot and site
	Encounter    glabella.EncounterID
	Procedure    glabella.ProcedureID
	By           glabella.StaffID
	Acknowledged []glabella.Code // warnings that are settled
}

// Draw takes an amount out of the container for a patient. It returns the
// container, which is bound to the patient if the product is for one patient, the
// balance, and the movement. It is refused with all reasons at once if [VialUsable]
// says no or the balance has less on hand.
func (v Vial) Draw(d Draw) (Vial, Balance, Movement, error) {
	m := Movement{
		ID: d.ID, Kind: MovementAdminister, Lot: v.Lot, Site: v.Site, Product: v.Product, Vial: v.ID,
		Quantity: d.Quantity.Neg(), Encounter: d.Encounter, Procedure: d.Procedure, Patient: d.Patient, By: d.By, At: instant(d.At),
	}
	decision := VialUsable(v, d.Use)
	balance, err := d.Balance.Apply(m)
	var refused *glabella.RefusedError
	if errors.As(err, &refused) {
		decision = glabella.Join(decision, refused.Decision)
	}
	if err := glabella.Refuse(decision, d.Acknowledged...); err != nil {
		return v, d.Balance, Movement{}, err
	}
	if err := errors.Join(err, m.Validate()); err != nil {
		return v, d.Balance, Movement{}, err
	}
	remaining, err := v.Remaining.Sub(d.Quantity)
	if err != nil {
		return v, d.Balance, Movement{}, err
	}
	action := "draw"
	if remaining.IsZero() {
		action = "finish"
	}
	next, err := VialMachine().Next(v.State, action)
	if err != nil {
		return v, d.Balance, Movement{}, err
	}
	v.Remaining, v.State = remaining, next
	if d.Product.InUse.SinglePatient {
		v.Patient = d.Patient
	}
	return v, balance, m, nil
}

// Discard says why a container is discarded and by whom.
type Discard struct {
	ID      glabella.MovementID // of the movement
	Balance Balance             // of the container's lot and site
	Reason  string              // a code, see [Reasons]
	By      glabella.StaffID
	Witness glabella.StaffID // the second person, where the practice or the law wants one
	At      time.Time
}

// Discard throws away what is left in the container. It returns the container,
// the balance, and the movement that wastes the rest. It asks nothing about the lot
// or the time in use: what may not be used is what is discarded.
func (v Vial) Discard(d Discard) (Vial, Balance, Movement, error) {
	next, err := VialMachine().Next(v.State, "discard")
	if err != nil {
		return v, d.Balance, Movement{}, err
	}
	if d.At.Before(v.inUseSince()) {
		return v, d.Balance, Movement{}, glabella.Refuse(glabella.Decide(glabella.Denied(CodeVialTime, "the container is discarded before it was opened").For(v.Ref()).WithFix("correct the times")))
	}
	m := Movement{
		ID: d.ID, Kind: MovementWaste, Lot: v.Lot, Site: v.Site, Product: v.Product, Vial: v.ID,
		Quantity: v.Remaining.Neg(), By: d.By, Witness: d.Witness, Reason: d.Reason, At: instant(d.At),
	}
	if err := m.Validate(); err != nil {
		return v, d.Balance, Movement{}, err
	}
	balance, err := d.Balance.Apply(m)
	if err != nil {
		return v, d.Balance, Movement{}, err
	}
	v.Remaining, v.State = quantity.Of(0, v.Nominal.Unit()), next
	return v, balance, m, nil
}

// Restore returns the container after one of its movements was taken back by the
// reversal m. What was drawn or wasted is in it again, and it may be used as before;
// once nothing stands that was drawn, it is bound to no patient. Taking back the
// opening itself voids it, which is refused while anything drawn or wasted stands.
func (v Vial) Restore(m Movement) (Vial, error) {
	if m.Reverses.IsZero() || m.Vial != v.ID {
		return v, glabella.Invalid("movement", glabella.Issue{Path: "/vial", Code: glabella.CodeMismatch, Text: "not the reversal of a movement of this container"})
	}
	action := "reopen"
	switch {
	case m.Kind == MovementOpen:
		action = "void"
	case v.Diluent != nil:
		action = "restore"
	}
	next, err := VialMachine().Next(v.State, action)
	if err != nil {
		return v, err
	}
	remaining, err := v.Remaining.Add(m.Quantity)
	if err != nil {
		return v, err
	}
	left, err := remaining.Cmp(v.Nominal)
	if err != nil {
		return v, err
	}
	if left > 0 {
		return v, glabella.Refuse(glabella.Decide(glabella.Denied(CodeVialContent, "the container would hold more than its nominal content").For(v.Ref(), m.Ref()).WithFix("look for a movement that was taken back before")))
	}
	if action == "void" && left != 0 {
		return v, glabella.Refuse(glabella.Decide(glabella.Denied(CodeVialInUse, "something drawn or wasted from the container stands").For(v.Ref(), m.Ref()).WithFix("take back what was drawn and wasted first")))
	}
	v.Remaining, v.State = remaining, next
	if left == 0 {
		v.Patient = glabella.PatientID{}
	}
	return v, nil
}

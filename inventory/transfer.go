package inventory

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/internal/state"
	"github.com/glabella-ehr/glabella/quantity"
)

// TransferState says how far a transfer is.
type TransferState string

// The states of a transfer.
const (
	TransferPlanned   TransferState = "planned"
	TransferInTransit TransferState = "in-transit"
	TransferShort     TransferState = "short"    // something arrived, and not all of it
	TransferSettled   TransferState = "settled"  // whatever was sent arrived, came back or is lost
	TransferCanceled  TransferState = "canceled" // never sent
)

// TransferStates returns every state of a transfer.
func TransferStates() []TransferState {
	return []TransferState{TransferPlanned, TransferInTransit, TransferShort, TransferSettled, TransferCanceled}
}

// Valid reports whether s is one of [TransferStates].
func (s TransferState) Valid() bool { return slices.Contains(TransferStates(), s) }

// TransferMachine returns the state machine of a transfer.
func TransferMachine() state.Machine[TransferState] {
	return state.Machine[TransferState]{Name: "transfer", Arrows: []state.Arrow[TransferState]{
		{From: TransferPlanned, Action: "ship", To: TransferInTransit},
		{From: TransferPlanned, Action: "cancel", To: TransferCanceled},
		{From: TransferInTransit, Action: "settle a part", To: TransferShort},
		{From: TransferInTransit, Action: "settle the rest", To: TransferSettled},
		{From: TransferShort, Action: "settle a part", To: TransferShort},
		{From: TransferShort, Action: "settle the rest", To: TransferSettled},
	}}
}

// TransferLine is unopened containers of one lot. What was sent is what arrived,
// came back, was lost, and is still on its way.
type TransferLine struct {
	Product  glabella.ProductID `json:"product"`
	Lot      glabella.LotID     `json:"lot"`
	Content  quantity.Quantity  `json:"content"` // of one container, in the base unit
	Sent     int                `json:"sent"`    // containers
	Received int                `json:"received"`
	Back     int                `json:"back"`             // came back to the sender
	Lost     int                `json:"lost"`             // taken off the sender's books
	Over     int                `json:"over"`             // arrived beyond what was sent
	Reason   string             `json:"reason,omitempty"` // why something came back, was lost or was over: a code, see [Reasons]
}

// InTransit returns the containers of the line that are on their way, of a
// transfer that was shipped.
func (l TransferLine) InTransit() int { return l.Sent - l.Received - l.Back - l.Lost }

// Transfer is a shipment of unopened containers from one site to another. What is
// on its way is on the books of neither; see [InTransit].
type Transfer struct {
	ID glabella.TransferID `json:"id" validate:"required"`
	glabella.Meta
	From      glabella.SiteID  `json:"from" validate:"required"`
	To        glabella.SiteID  `json:"to" validate:"required"`
	Lines     []TransferLine   `json:"lines" validate:"min=1"`
	State     TransferState    `json:"state"`
	Document  string           `json:"document,omitempty"` // number of the delivery note
	ShippedBy glabella.StaffID `json:"shippedBy,omitzero"`
	ShippedAt time.Time        `json:"shippedAt,omitzero"` // UTC, microseconds
	SettledBy glabella.StaffID `json:"settledBy,omitzero"` // of the last arrival, return or loss
	SettledAt time.Time        `json:"settledAt,omitzero"` // UTC, microseconds
}

// Codes of issues with transfers.
const (
	// CodeTransferSite says that a transfer goes to the site that it comes from.
	CodeTransferSite glabella.Code = "inventory.transfer.site"
	// CodeTransferCount says that what arrived, came back or was lost does not fit what was sent.
	CodeTransferCount glabella.Code = "inventory.transfer.count"
)

// Ref returns the reference to the transfer.
func (t Transfer) Ref() glabella.Ref { return t.ID.Ref() }

// Validate reports everything that is wrong with the transfer as a record.
func (t Transfer) Validate() error {
	issues := check.Struct(t)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !t.State.Valid() {
		add("/state", glabella.CodeUnknownValue, "not a state of a transfer")
	}
	if t.From == t.To && !t.From.IsZero() {
		add("/to", CodeTransferSite, "the sites are the same")
	}
	shipped := t.State == TransferInTransit || t.State == TransferShort || t.State == TransferSettled
	if shipped != !t.ShippedAt.IsZero() || shipped != !t.ShippedBy.IsZero() {
		add("/shippedAt", glabella.CodeMismatch, "what was shipped, and only that, says by whom and when")
	}
	onTheWay, settled := 0, 0
	for i, l := range t.Lines {
		path := fmt.Sprintf("/lines/%d", i)
		if l.Product.IsZero() || l.Lot.IsZero() {
			add(path, glabella.CodeRequired, "a line names its product and lot")
		}
		if l.Content.Sign() <= 0 || l.Content.Unit().IsZero() {
			add(path+"/content", glabella.CodeOutOfRange, "a container has a content")
		}
		if l.Sent < 1 {
			add(path+"/sent", glabella.CodeOutOfRange, "at least one container is sent")
		}
		if min(l.Received, l.Back, l.Lost, l.Over, l.InTransit()) < 0 {
			add(path, CodeTransferCount, "what arrived, came back and was lost does not fit what was sent")
		}
		if l.Reason == "" && l.Back+l.Lost+l.Over > 0 {
			add(path+"/reason", glabella.CodeRequired, "what did not arrive as it was sent has a reason")
		} else if l.Reason != "" && !reasonForm.MatchString(l.Reason) {
			add(path+"/reason", glabella.CodeFormat, "a reason is a code in kebab-case")
		}
		if slices.ContainsFunc(t.Lines[:i], func(o TransferLine) bool { return o.Lot == l.Lot }) {
			add(path+"/lot", glabella.CodeDuplicate, "the lot stands twice")
		}
		onTheWay += l.InTransit()
		settled += l.Received + l.Back + l.Lost + l.Over
	}
	if settled > 0 && t.State != TransferShort && t.State != TransferSettled || (onTheWay == 0) != (t.State == TransferSettled) && len(t.Lines) > 0 {
		add("/lines", CodeTransferCount, "the lines do not fit the state")
	}
	return glabella.Invalid("transfer", issues...)
}

// Shipment says who sends a transfer, and from what.
type Shipment struct {
	Movements    []glabella.MovementID // identities of the movements, one for each line
	Lots         []Lot                 // of the lines
	Balances     []Balance             // of the lines, at the sending site
	By           glabella.StaffID
	At           time.Time
	Zone         *time.Location  // of the sending site, for the days of expiry; nil is UTC
	Acknowledged []glabella.Code // warnings that are settled
}

// Moved is what a step of a transfer changes.
type Moved struct {
	Transfer  Transfer
	Balances  []Balance // of every lot and site that changed
	Movements []Movement
}

// Ship takes the containers off the books of the sending site; they are in transit
// until [Transfer.Settle]. It is refused with all reasons at once if a line is not
// there. A lot that is expired or held may be moved, and warns.
func (t Transfer) Ship(s Shipment) (Moved, error) {
	next, err := TransferMachine().Next(t.State, "ship")
	if err != nil {
		return Moved{}, err
	}
	if len(s.Movements) != len(t.Lines) {
		return Moved{}, glabella.Invalid("shipment", glabella.Issue{Path: "/movements", Code: glabella.CodeMismatch, Text: "one identity for each line"})
	}
	out := Moved{Transfer: t}
	out.Transfer.State, out.Transfer.ShippedBy, out.Transfer.ShippedAt = next, s.By, instant(s.At)
	w := stockOf(s.Balances)
	var reasons []glabella.Reason
	for i, line := range t.Lines {
		var lot Lot
		if j := slices.IndexFunc(s.Lots, func(l Lot) bool { return l.ID == line.Lot }); j >= 0 {
			lot = s.Lots[j]
		}
		reasons = append(reasons, soften(lotReasons(lot, dayAt(s.At, s.Zone)))...)
		m := t.movement(MovementTransferOut, s.Movements[i], line, t.From, -line.Sent, s.By, s.At)
		var refused *glabella.RefusedError
		switch err := w.apply(m); {
		case errors.As(err, &refused):
			reasons = append(reasons, refused.Decision.Reasons...)
		case err != nil:
			return Moved{}, err
		}
	}
	if err := glabella.Refuse(glabella.Decide(reasons...), s.Acknowledged...); err != nil {
		return Moved{}, err
	}
	out.Balances, out.Movements = w.changed, w.movements
	if err := out.Transfer.Validate(); err != nil {
		return Moved{}, err
	}
	return out, nil
}

func (t Transfer) movement(k MovementKind, id glabella.MovementID, l TransferLine, at glabella.SiteID, n int, by glabella.StaffID, when time.Time) Movement {
	return Movement{
		ID: id, Kind: k, Lot: l.Lot, Site: at, Product: l.Product, Quantity: l.Content.Scale(decimal.NewFromInt(int64(n))), Containers: n,
		By: by, At: instant(when), Document: t.Document, Transfer: t.ID,
	}
}

// Cancel ends a transfer that was not sent.
func (t Transfer) Cancel() (Transfer, error) {
	next, err := TransferMachine().Next(t.State, "cancel")
	if err != nil {
		return t, err
	}
	t.State = next
	return t, nil
}

// Arrival says what became of containers of one lot.
type Arrival struct {
	Lot      glabella.LotID
	Received int    // arrived; more than is on its way is over
	Back     int    // came back to the sender
	Lost     int    // will not arrive
	Reason   string // a code, if something came back, is lost or is over; see [Reasons]
}

// Settlement says what arrived, came back or is lost. What it does not mention
// stays in transit.
type Settlement struct {
	Arrivals []Arrival
	NewID    func() glabella.MovementID // identities of the movements, four for each arrival at most
	Balances []Balance                  // of the lots at both sites, as far as there are any
	By       glabella.StaffID
	At       time.Time
}

// Settle puts on the books of the receiving site what arrived, with what is over as
// the result of a count, and on those of the sending site what came back. What is lost
// comes back to the sender and is wasted there: the site that sent it bears it.
func (t Transfer) Settle(s Settlement) (Moved, error) {
	if _, err := TransferMachine().Next(t.State, "settle a part"); err != nil {
		return Moved{}, err
	}
	w := stockOf(s.Balances)
	out := Moved{Transfer: t}
	out.Transfer.Lines = slices.Clone(t.Lines)
	var issues []glabella.Issue
	for i, a := range s.Arrivals {
		j := slices.IndexFunc(t.Lines, func(l TransferLine) bool { return l.Lot == a.Lot })
		if j < 0 || min(a.Received, a.Back, a.Lost) < 0 || a.Received+a.Back+a.Lost == 0 {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/arrivals/%d", i), Code: CodeTransferCount, Text: "an arrival is of a lot that was sent, and of at least one container"})
			continue
		}
		line := &out.Transfer.Lines[j]
		way := line.InTransit()
		arrived := min(a.Received, max(way-a.Back-a.Lost, 0))
		over := a.Received - arrived
		if a.Back+a.Lost > way {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/arrivals/%d", i), Code: CodeTransferCount, Text: "more comes back or is lost than is on its way"})
			continue
		}
		line.Received, line.Back, line.Lost, line.Over = line.Received+arrived, line.Back+a.Back, line.Lost+a.Lost, line.Over+over
		if a.Back+a.Lost+over > 0 {
			line.Reason = a.Reason
		}
		for _, step := range []struct {
			kind   MovementKind
			site   glabella.SiteID
			n      int
			reason string
		}{
			{MovementTransferIn, t.To, arrived, ""},
			{MovementAdjust, t.To, over, a.Reason},
			{MovementTransferIn, t.From, a.Back + a.Lost, a.Reason},
			{MovementWaste, t.From, -a.Lost, a.Reason},
		} {
			if step.n == 0 {
				continue
			}
			m := t.movement(step.kind, s.NewID(), *line, step.site, step.n, s.By, s.At)
			m.Reason = step.reason
			if err := w.apply(m); err != nil {
				return Moved{}, err
			}
		}
	}
	if len(s.Arrivals) == 0 {
		issues = append(issues, glabella.Issue{Path: "/arrivals", Code: glabella.CodeRequired, Text: "something arrived, came back or is lost"})
	}
	if err := glabella.Invalid("settlement", issues...); err != nil {
		return Moved{}, err
	}
	action := "settle the rest"
	if slices.ContainsFunc(out.Transfer.Lines, func(l TransferLine) bool { return l.InTransit() > 0 }) {
		action = "settle a part"
	}
	next, err := TransferMachine().Next(t.State, action)
	if err != nil {
		return Moved{}, err
	}
	out.Transfer.State, out.Transfer.SettledBy, out.Transfer.SettledAt = next, s.By, instant(s.At)
	out.Balances, out.Movements = w.changed, w.movements
	if err := out.Transfer.Validate(); err != nil {
		return Moved{}, err
	}
	return out, nil
}

// shelves applies movements to the balances that they are of.
type shelves struct {
	balances  map[glabella.BalanceID]Balance
	changed   []Balance
	movements []Movement
}

func stockOf(balances []Balance) *shelves {
	w := &shelves{balances: make(map[glabella.BalanceID]Balance, len(balances))}
	for _, b := range balances {
		w.balances[b.ID] = b
	}
	return w
}

func (w *shelves) apply(m Movement) error {
	if err := m.Validate(); err != nil {
		return err
	}
	id := BalanceIDOf(m.Lot, m.Site)
	b, err := w.balances[id].Apply(m)
	if err != nil {
		return err
	}
	w.balances[id] = b
	w.movements = append(w.movements, m)
	if i := slices.IndexFunc(w.changed, func(c Balance) bool { return c.ID == id }); i >= 0 {
		w.changed[i] = b
	} else {
		w.changed = append(w.changed, b)
	}
	return nil
}

// Transit is what is on its way of one lot in one transfer.
type Transit struct {
	Transfer   glabella.TransferID `json:"transfer"`
	Lot        glabella.LotID      `json:"lot"`
	Product    glabella.ProductID  `json:"product"`
	Quantity   quantity.Quantity   `json:"quantity"`
	Containers int                 `json:"containers"`
}

// InTransit returns what the movements leave between sites, by transfer and lot.
// The error is of movements that cannot be summed.
func InTransit(movements []Movement) ([]Transit, error) {
	type key struct {
		transfer glabella.TransferID
		lot      glabella.LotID
	}
	sums := map[key]Transit{}
	for _, m := range movements {
		if m.Kind != MovementTransferOut && m.Kind != MovementTransferIn {
			continue
		}
		k := key{m.Transfer, m.Lot}
		t := sums[k]
		t.Transfer, t.Lot, t.Product = m.Transfer, m.Lot, m.Product
		var err error
		if t.Quantity, err = t.Quantity.Sub(m.Quantity); err != nil {
			return nil, err
		}
		t.Containers -= m.Containers
		sums[k] = t
	}
	var out []Transit
	for _, t := range sums {
		if !t.Quantity.IsZero() || t.Containers != 0 {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Transit) int {
		return cmp.Or(bytes.Compare(a.Transfer[:], b.Transfer[:]), bytes.Compare(a.Lot[:], b.Lot[:]))
	})
	return out, nil
}

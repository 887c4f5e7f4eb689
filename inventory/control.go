package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// ControlPolicy is what a practice demands for products that it keeps under
// control, such as controlled substances. The library has no defaults: which products
// these are, and on what basis, the practice states.
type ControlPolicy struct {
	Products   []glabella.ProductID `json:"products"`
	Witnessed  []MovementKind       `json:"witnessed"`                   // the kinds that need a second person
	CountEvery time.Duration        `json:"countEvery" validate:"min=0"` // the longest time between two counts; 0 is no limit
	Source     string               `json:"source"`                      // the basis: a paragraph of law, or the practice's policy
}

// Codes of control.
const (
	// CodeWitnessMissing says that a movement of what is under control names no witness.
	CodeWitnessMissing glabella.Code = "inventory.control.witness"
	// CodeCountDue says that a count of what is under control is due.
	CodeCountDue glabella.Code = "inventory.control.count-due"
	// CodeCountUnknown says that a count has a container that is not on record as open, or counts one twice.
	CodeCountUnknown glabella.Code = "inventory.control.unknown"
	// CodeCountMore says that a count found more in an opened container than is on record.
	CodeCountMore glabella.Code = "inventory.control.more"
)

// Validate reports everything that is wrong with the policy.
func (p ControlPolicy) Validate() error {
	var issues []glabella.Issue
	for i, k := range p.Witnessed {
		if !k.Valid() {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/witnessed/%d", i), Code: glabella.CodeUnknownValue, Text: "not a kind of movement"})
		}
	}
	if p.CountEvery < 0 {
		issues = append(issues, glabella.Issue{Path: "/countEvery", Code: glabella.CodeOutOfRange, Text: "a time between counts is not negative"})
	}
	if p.Source == "" && len(p.Products) > 0 {
		issues = append(issues, glabella.Issue{Path: "/source", Code: glabella.CodeRequired, Text: "a policy states its source"})
	}
	return glabella.Invalid("control policy", issues...)
}

// Controls reports whether a product is under control.
func (p ControlPolicy) Controls(id glabella.ProductID) bool { return slices.Contains(p.Products, id) }

// MayMove says whether a movement may be stored: one of a product under control
// and of a kind that needs it has a witness, and a reversal has one if the movement
// that it takes back needed one.
func (p ControlPolicy) MayMove(m Movement) glabella.Decision {
	if !p.Controls(m.Product) || !slices.Contains(p.Witnessed, m.Kind) {
		return glabella.Decide()
	}
	var reasons []glabella.Reason
	switch {
	case m.Witness.IsZero():
		reasons = append(reasons, glabella.Denied(CodeWitnessMissing, "the movement needs a witness").For(m.Product.Ref()).WithFix("name who saw it").CitedFrom(p.Source))
	case m.Witness == m.By:
		reasons = append(reasons, glabella.Denied(CodeWitness, "the witness is who did it").For(m.Product.Ref()).WithFix("name somebody else who saw it").CitedFrom(p.Source))
	}
	return glabella.Decide(reasons...)
}

// CountDue warns if what is under control was not counted for longer than the
// policy permits. The zero time is never.
func (p ControlPolicy) CountDue(product glabella.ProductID, last, now time.Time) glabella.Decision {
	if !p.Controls(product) || p.CountEvery == 0 || !last.IsZero() && now.Sub(last) <= p.CountEvery {
		return glabella.Decide()
	}
	return glabella.Decide(glabella.Warned(CodeCountDue, "a count is due").For(product.Ref()).WithFix("count the stock").CitedFrom(p.Source))
}

// VialCount is what was found in an opened container.
type VialCount struct {
	Vial      glabella.VialID   `json:"vial"`
	Remaining quantity.Quantity `json:"remaining"`
}

// StockCount is what was found of one lot at one site.
type StockCount struct {
	Sealed  int              `json:"sealed"` // unopened containers
	Vials   []VialCount      `json:"vials"`  // opened containers; one that is not mentioned was not found
	Reason  string           `json:"reason"` // a code, such as [ReasonUnaccounted]
	By      glabella.StaffID `json:"by"`
	Witness glabella.StaffID `json:"witness,omitzero"`
	At      time.Time        `json:"at"`
}

// CountDifference is how a count differs from the record.
type CountDifference struct {
	Vial     glabella.VialID   `json:"vial,omitzero"` // none of unopened containers
	Recorded quantity.Quantity `json:"recorded"`
	Found    quantity.Quantity `json:"found"`
}

// Counted is what a count changes.
type Counted struct {
	Balance     Balance
	Vials       []Vial // those that changed
	Movements   []Movement
	Differences []CountDifference
}

// Count compares a count with the record and books the differences: unopened
// containers either way, opened ones only downwards. Where more was found in an
// opened container than is on record, a draw or a waste is wrong, and that is what
// has to be taken back. Vials are those of the lot at the site; finished ones are
// passed over.
func (b Balance) Count(p Product, c StockCount, vials []Vial, newID func() glabella.MovementID) (Counted, error) {
	var issues []glabella.Issue
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if c.Sealed < 0 {
		add("/sealed", glabella.CodeOutOfRange, "there is never less than nothing on hand")
	}
	found := map[glabella.VialID]quantity.Quantity{}
	for i, v := range c.Vials {
		path := fmt.Sprintf("/vials/%d", i)
		j := slices.IndexFunc(vials, func(r Vial) bool { return r.ID == v.Vial && r.inUse() && r.Lot == b.Lot && r.Site == b.Site })
		_, twice := found[v.Vial]
		if j < 0 || twice {
			add(path, CodeCountUnknown, "the container is not on record as open, or stands twice")
			continue
		}
		found[v.Vial] = v.Remaining
		switch more, err := v.Remaining.Cmp(vials[j].Remaining); {
		case err != nil || v.Remaining.Sign() < 0:
			add(path+"/remaining", glabella.CodeOutOfRange, "what was found is an amount in the unit of the container")
		case more > 0:
			add(path+"/remaining", CodeCountMore, "more was found than is on record; take back the draw or the waste that is wrong")
		}
	}
	if err := glabella.Invalid("count", issues...); err != nil {
		return Counted{}, err
	}
	w := stockOf([]Balance{b})
	out := Counted{Balance: b}
	movement := func(v glabella.VialID, q quantity.Quantity, n int) Movement {
		return Movement{ID: newID(), Kind: MovementAdjust, Lot: b.Lot, Site: b.Site, Product: b.Product, Vial: v, Quantity: q, Containers: n,
			By: c.By, Witness: c.Witness, Reason: c.Reason, At: instant(c.At)}
	}
	times := func(n int) quantity.Quantity { return p.Nominal.Scale(decimal.NewFromInt(int64(n))) }
	for _, v := range vials {
		if !v.inUse() || v.Lot != b.Lot || v.Site != b.Site {
			continue
		}
		have := quantity.Of(0, v.Nominal.Unit())
		if q, ok := found[v.ID]; ok {
			have = q
		}
		missing, err := v.Remaining.Sub(have)
		if err != nil {
			return Counted{}, err
		}
		if missing.IsZero() {
			continue
		}
		if err := w.apply(movement(v.ID, missing.Neg(), 0)); err != nil {
			return Counted{}, err
		}
		out.Differences = append(out.Differences, CountDifference{Vial: v.ID, Recorded: v.Remaining, Found: have})
		if v, err = v.without(missing); err != nil {
			return Counted{}, err
		}
		out.Vials = append(out.Vials, v)
	}
	if n := c.Sealed - b.Sealed; n != 0 {
		if err := w.apply(movement(glabella.VialID{}, times(n), n)); err != nil {
			return Counted{}, err
		}
		out.Differences = append(out.Differences, CountDifference{Recorded: times(b.Sealed), Found: times(c.Sealed)})
	}
	out.Balance, out.Movements = w.balances[b.ID], w.movements
	return out, nil
}

func (v Vial) inUse() bool { return v.State == VialOpen || v.State == VialReconstituted }

// lossReasons are those of waste that nobody saw go.
var lossReasons = []string{ReasonLost, ReasonTheft, ReasonUnaccounted}

// VialAccount says where the content of an opened container went.
type VialAccount struct {
	Vial        glabella.VialID    `json:"vial"`
	Lot         glabella.LotID     `json:"lot"`
	Product     glabella.ProductID `json:"product"`
	Given       quantity.Quantity  `json:"given"`
	Wasted      quantity.Quantity  `json:"wasted"`
	Unaccounted quantity.Quantity  `json:"unaccounted"` // missing in a count, lost or stolen, and what the movements do not explain
	Left        quantity.Quantity  `json:"left"`
	Injectors   []glabella.StaffID `json:"injectors"` // who drew from it
}

// InjectorAccount says what passed through the hands of one person, of one
// product. Unaccounted counts containers that only they drew from, Shared those that
// others drew from as well, in full for each: it is for a look at the record, no proof.
type InjectorAccount struct {
	Injector    glabella.StaffID   `json:"injector"`
	Product     glabella.ProductID `json:"product"`
	Containers  int                `json:"containers"` // that they drew from
	Given       quantity.Quantity  `json:"given"`
	Wasted      quantity.Quantity  `json:"wasted"` // by them, out of opened containers
	Unaccounted quantity.Quantity  `json:"unaccounted"`
	Shared      quantity.Quantity  `json:"shared"`
}

// Accounts says where the content of the opened containers went, by container and
// by injector. What is given, wasted, unaccounted and left sums to the nominal content
// of each. Containers that were never opened are left out; whoever opened a container
// that nobody drew from answers for it.
func Accounts(movements []Movement, vials []Vial) ([]VialAccount, []InjectorAccount, error) {
	open := make(map[glabella.VialID]*VialAccount, len(vials))
	order := make([]VialAccount, 0, len(vials))
	for _, v := range vials {
		if v.State != VialVoided {
			none := quantity.Of(0, v.Nominal.Unit())
			order = append(order, VialAccount{Vial: v.ID, Lot: v.Lot, Product: v.Product, Given: none, Wasted: none, Unaccounted: none, Left: v.Remaining, Injectors: []glabella.StaffID{}})
		}
	}
	for i := range order {
		open[order[i].Vial] = &order[i]
	}
	type hand struct {
		who     glabella.StaffID
		product glabella.ProductID
	}
	hands := map[hand]*InjectorAccount{}
	person := func(who glabella.StaffID, a *VialAccount) *InjectorAccount {
		k := hand{who, a.Product}
		if hands[k] == nil {
			none := quantity.Of(0, a.Left.Unit())
			hands[k] = &InjectorAccount{Injector: who, Product: a.Product, Given: none, Wasted: none, Unaccounted: none, Shared: none}
		}
		return hands[k]
	}
	reversed := map[glabella.MovementID]bool{}
	for _, m := range movements {
		if !m.Reverses.IsZero() {
			reversed[m.Reverses] = true
		}
	}
	add := func(to *quantity.Quantity, q quantity.Quantity) error {
		sum, err := to.Add(q)
		*to = sum
		return err
	}
	for _, m := range movements {
		a := open[m.Vial]
		if a == nil || !m.Reverses.IsZero() || reversed[m.ID] {
			continue
		}
		q := m.Quantity.Neg()
		var err error
		switch {
		case m.Kind == MovementAdminister:
			if !slices.Contains(a.Injectors, m.By) {
				a.Injectors = append(a.Injectors, m.By)
			}
			err = cmp.Or(add(&a.Given, q), add(&person(m.By, a).Given, q))
		case m.Kind == MovementWaste && !slices.Contains(lossReasons, m.Reason):
			err = cmp.Or(add(&a.Wasted, q), add(&person(m.By, a).Wasted, q))
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, v := range vials {
		a := open[v.ID]
		if a == nil {
			continue
		}
		rest := v.Nominal
		for _, q := range []quantity.Quantity{a.Given, a.Wasted, a.Left} {
			var err error
			if rest, err = rest.Sub(q); err != nil {
				return nil, nil, err
			}
		}
		a.Unaccounted = rest
		answer := a.Injectors
		if len(answer) == 0 {
			answer = []glabella.StaffID{v.OpenedBy}
		}
		for _, who := range answer {
			p := person(who, a)
			if len(a.Injectors) > 0 {
				p.Containers++
			}
			to := &p.Unaccounted
			if len(answer) > 1 {
				to = &p.Shared
			}
			if err := add(to, rest); err != nil {
				return nil, nil, err
			}
		}
	}
	slices.SortFunc(order, func(a, b VialAccount) int { return bytes.Compare(a.Vial[:], b.Vial[:]) })
	var people []InjectorAccount
	for _, p := range hands {
		people = append(people, *p)
	}
	slices.SortFunc(people, func(a, b InjectorAccount) int {
		return cmp.Or(bytes.Compare(a.Injector[:], b.Injector[:]), bytes.Compare(a.Product[:], b.Product[:]))
	})
	return order, people, nil
}

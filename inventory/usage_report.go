package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// ChartedAmount is an amount that stands in the chart, whatever stock says of it.
type ChartedAmount struct {
	Encounter glabella.EncounterID
	Procedure glabella.ProcedureID
	Treatment string           // the code of the treatment
	Injector  glabella.StaffID // who performed it
	Site      glabella.SiteID
	Product   glabella.ProductID // none if only the substance was charted
	Quantity  quantity.Quantity
	At        time.Time
}

// UsageFacts is what [UsageReportOf] looks at. Movements are all of those of the
// containers and of the visits of the time, also earlier and later ones, and the
// amounts are those of every visit that a movement names.
type UsageFacts struct {
	Charted   []ChartedAmount
	Movements []Movement
	Vials     []Vial
	Usages    []Usage
	From, To  time.Time // the time of the report, To not included; the zero time is no bound
}

func (f UsageFacts) within(t time.Time) bool {
	return !t.Before(f.From) && (f.To.IsZero() || t.Before(f.To))
}

// UsageItem is what usage is compared by: the unit, which names the substance, so
// that two sizes of container count together; for a unit that names none, such as
// pieces, also the product.
type UsageItem struct {
	Unit    quantity.Unit      `json:"unit"`
	Product glabella.ProductID `json:"product,omitzero"`
}

func itemOf(q quantity.Quantity, product glabella.ProductID) UsageItem {
	i := UsageItem{Unit: q.Unit()}
	if i.Unit.Product() == "" {
		i.Product = product
	}
	return i
}

// UsageHand is who used something, at which site and for which treatment.
type UsageHand struct {
	Site      glabella.SiteID  `json:"site"`
	Injector  glabella.StaffID `json:"injector"`
	Treatment string           `json:"treatment,omitempty"` // none of what left the stock and is not charted
}

// UsageRow compares what one person charted for one treatment with what left the
// stock for it. The difference is what was charted, less what was drawn, open and
// written off: above nothing if something charted is nowhere, below nothing if
// something left the stock that is not charted.
type UsageRow struct {
	UsageHand
	UsageItem
	Charted     quantity.Quantity `json:"charted"`
	Drawn       quantity.Quantity `json:"drawn"`      // given or used up, by the movements that stand
	Open        quantity.Quantity `json:"open"`       // of unreconciled usages
	WrittenOff  quantity.Quantity `json:"writtenOff"` // of usages for which no stock will be found
	Difference  quantity.Quantity `json:"difference"`
	Wasted      quantity.Quantity `json:"wasted"`      // its share of what was wasted of the containers
	Unaccounted quantity.Quantity `json:"unaccounted"` // its share of what is missing of the containers
}

// VialUsage is what became of one container that was opened in the time of the
// report.
type VialUsage struct {
	VialAccount
	Site     glabella.SiteID   `json:"site"`
	OpenedBy glabella.StaffID  `json:"openedBy"`
	OpenedAt time.Time         `json:"openedAt"`
	Nominal  quantity.Quantity `json:"nominal"`
	InUse    bool              `json:"inUse"`
	Yield    quantity.Number   `json:"yield"` // given ÷ nominal, rounded to 4 places
}

// ProductUsage sums up the containers of a product that a site opened. Amounts and
// rates are of those that are finished, whose parts sum to their nominal content.
type ProductUsage struct {
	Site        glabella.SiteID    `json:"site"`
	Product     glabella.ProductID `json:"product"`
	InUse       int                `json:"inUse"`
	Finished    int                `json:"finished"`
	Nominal     quantity.Quantity  `json:"nominal"`
	Given       quantity.Quantity  `json:"given"`
	Wasted      quantity.Quantity  `json:"wasted"`
	Unaccounted quantity.Quantity  `json:"unaccounted"`
	Yield       quantity.Number    `json:"yield"`     // given ÷ nominal, rounded to 4 places
	WasteRate   quantity.Number    `json:"wasteRate"` // wasted ÷ nominal, rounded to 4 places
}

// WasteByReason is what a site wasted of a product for one reason, by the time of
// the movement: out of opened containers and in unopened ones.
type WasteByReason struct {
	Site       glabella.SiteID    `json:"site"`
	Product    glabella.ProductID `json:"product"`
	Reason     string             `json:"reason"`
	Containers int                `json:"containers"` // unopened
	Quantity   quantity.Quantity  `json:"quantity"`   // all of it
}

// UsageReport compares expected with actual usage.
type UsageReport struct {
	Rows      []UsageRow        `json:"rows"`
	Vials     []VialUsage       `json:"vials"`
	Products  []ProductUsage    `json:"products"`
	Waste     []WasteByReason   `json:"waste"`
	Injectors []InjectorAccount `json:"injectors"` // of the containers in Vials, by who drew
}

// usageAct is what was charted of an item under one procedure or, where stock does
// not know the procedure, in one visit, and what stock has of that.
type usageAct struct {
	charted                 []int     // of the amounts
	hand                    UsageHand // of what is not charted
	at                      time.Time // of what is not charted
	drawn, open, writtenOff quantity.Quantity
	weights                 []decimal.Decimal // of the charted amounts, see post
}

// actKey identifies an act. Loose is the movement or the usage of what no chart
// explains.
type actKey struct {
	item      UsageItem
	encounter glabella.EncounterID
	procedure glabella.ProcedureID
	loose     string
}

type rowKey struct {
	UsageHand
	UsageItem
}

// usageBooks is the state of a report while it is made.
type usageBooks struct {
	UsageFacts
	charted map[actKey][]int  // the amounts by procedure, and by visit
	rest    []decimal.Decimal // of each amount what no movement and no usage names the procedure of
	acts    map[actKey]*usageAct
	order   []actKey
	rows    map[rowKey]*UsageRow
	usages  map[glabella.UsageID]Usage
}

// UsageReportOf compares what was charted with what left the stock, by injector and
// treatment, and says what became of every container that was opened in the time of
// the report.
//
// A movement counts for the procedure that it names, or for what is left of the item
// in its visit, in proportion, and when that was charted; one that no chart explains
// counts for whoever gave it, without a treatment. What was wasted and what is missing
// of a container is shared among those whom it was drawn for, in proportion to what
// was drawn; of one that nobody drew from it counts for whoever opened it. Shares are
// rounded down to 9 places and the last takes the rest, so that they sum to the whole.
func UsageReportOf(f UsageFacts) (UsageReport, error) {
	b := usageBooks{
		UsageFacts: f, charted: map[actKey][]int{}, acts: map[actKey]*usageAct{}, rows: map[rowKey]*UsageRow{}, usages: map[glabella.UsageID]Usage{},
	}
	for _, u := range f.Usages {
		b.usages[u.ID] = u
	}
	for i, c := range f.Charted {
		item := itemOf(c.Quantity, c.Product)
		b.rest = append(b.rest, c.Quantity.Value())
		if !c.Procedure.IsZero() {
			k := actKey{item: item, procedure: c.Procedure}
			b.charted[k] = append(b.charted[k], i)
		}
		if !c.Encounter.IsZero() {
			k := actKey{item: item, encounter: c.Encounter}
			b.charted[k] = append(b.charted[k], i)
		}
		if f.within(c.At) {
			r := b.row(c.hand(), item)
			if err := addTo(&r.Charted, c.Quantity); err != nil {
				return UsageReport{}, fmt.Errorf("charted amount %d: %w", i, err)
			}
		}
	}
	standing := stand(f.Movements)
	for _, m := range standing {
		if m.Kind != MovementAdminister && m.Kind != MovementConsume {
			continue
		}
		if err := addTo(&b.actOf(m).drawn, m.Quantity.Neg()); err != nil {
			return UsageReport{}, fmt.Errorf("%s: %w", m.Ref(), err)
		}
	}
	for _, u := range f.Usages {
		if u.State == UsageMatched || u.State == UsageVoided {
			continue
		}
		a := b.act(u.Procedure, u.Encounter, itemOf(u.Quantity, u.Product), u.Ref().String(), UsageHand{Site: u.Site, Injector: u.By}, u.At)
		to, q := &a.open, u.Outstanding()
		if u.State == UsageWrittenOff {
			matched, err := u.matched()
			if err != nil {
				return UsageReport{}, fmt.Errorf("%s: %w", u.Ref(), err)
			}
			if q, err = u.Quantity.Sub(matched); err != nil {
				return UsageReport{}, fmt.Errorf("%s: %w", u.Ref(), err)
			}
			to = &a.writtenOff
		}
		if err := addTo(to, q); err != nil {
			return UsageReport{}, fmt.Errorf("%s: %w", u.Ref(), err)
		}
	}
	// What names its procedure goes first: it says how much of a visit is left.
	slices.SortStableFunc(b.order, func(x, y actKey) int { return bytes.Compare(y.procedure[:], x.procedure[:]) })
	for _, k := range b.order {
		if err := b.post(k); err != nil {
			return UsageReport{}, err
		}
	}
	var out UsageReport
	if err := b.vials(standing, &out); err != nil {
		return UsageReport{}, err
	}
	var err error
	if out.Waste, err = b.waste(standing); err != nil {
		return UsageReport{}, err
	}
	out.Rows, err = b.finish()
	return out, err
}

// stand returns the movements that neither take another back nor were taken back.
func stand(movements []Movement) []Movement {
	reversed := map[glabella.MovementID]bool{}
	for _, m := range movements {
		if !m.Reverses.IsZero() {
			reversed[m.Reverses] = true
		}
	}
	var out []Movement
	for _, m := range movements {
		if m.Reverses.IsZero() && !reversed[m.ID] {
			out = append(out, m)
		}
	}
	return out
}

func addTo(to *quantity.Quantity, q quantity.Quantity) error {
	sum, err := to.Add(q)
	if err == nil {
		*to = sum
	}
	return err
}

func (c ChartedAmount) hand() UsageHand {
	return UsageHand{Site: c.Site, Injector: c.Injector, Treatment: c.Treatment}
}

func (b *usageBooks) row(h UsageHand, i UsageItem) *UsageRow {
	k := rowKey{h, i}
	if b.rows[k] == nil {
		none := quantity.Of(0, i.Unit)
		b.rows[k] = &UsageRow{UsageHand: h, UsageItem: i, Charted: none, Drawn: none, Open: none, WrittenOff: none, Difference: none, Wasted: none, Unaccounted: none}
	}
	return b.rows[k]
}

// act returns what was charted under the procedure, else in the visit, else what no
// chart explains.
func (b *usageBooks) act(p glabella.ProcedureID, e glabella.EncounterID, i UsageItem, loose string, h UsageHand, at time.Time) *usageAct {
	key := actKey{item: i, loose: loose}
	for _, k := range []actKey{{item: i, procedure: p}, {item: i, encounter: e}} {
		if len(b.charted[k]) > 0 {
			key = k
			break
		}
	}
	if b.acts[key] == nil {
		none := quantity.Of(0, i.Unit)
		b.acts[key] = &usageAct{charted: b.charted[key], hand: h, at: at, drawn: none, open: none, writtenOff: none}
		b.order = append(b.order, key)
	}
	return b.acts[key]
}

func (b *usageBooks) actOf(m Movement) *usageAct {
	item := itemOf(m.Quantity, m.Product)
	if u, ok := b.usages[m.Usage]; ok && !m.Usage.IsZero() { // who matched it did not give it
		return b.act(m.Procedure, m.Encounter, item, u.Ref().String(), UsageHand{Site: u.Site, Injector: u.By}, u.At)
	}
	return b.act(m.Procedure, m.Encounter, item, m.Ref().String(), UsageHand{Site: m.Site, Injector: m.By}, m.At)
}

// post adds an act to the rows of those who charted it in the time of the report.
func (b *usageBooks) post(k actKey) error {
	a := b.acts[k]
	if len(a.charted) == 0 {
		if !b.within(a.at) {
			return nil
		}
		r := b.row(a.hand, k.item)
		return cmp.Or(addTo(&r.Drawn, a.drawn), addTo(&r.Open, a.open), addTo(&r.WrittenOff, a.writtenOff))
	}
	whole := make([]decimal.Decimal, len(a.charted))
	left := false
	for i, c := range a.charted {
		whole[i] = b.Charted[c].Quantity.Value()
		a.weights = append(a.weights, decimal.Max(b.rest[c], decimal.Zero))
		left = left || b.rest[c].IsPositive()
	}
	if !left {
		a.weights = whole
	}
	drawn, open, off := split(a.drawn, a.weights), split(a.open, a.weights), split(a.writtenOff, a.weights)
	for i, j := range a.charted {
		c := b.Charted[j]
		b.rest[j] = b.rest[j].Sub(drawn[i].Value()).Sub(open[i].Value()).Sub(off[i].Value())
		if !b.within(c.At) {
			continue
		}
		r := b.row(c.hand(), k.item)
		if err := cmp.Or(addTo(&r.Drawn, drawn[i]), addTo(&r.Open, open[i]), addTo(&r.WrittenOff, off[i])); err != nil {
			return err
		}
	}
	return nil
}

// split shares an amount by the weights, the last with a weight taking the rest.
// Weights that sum to nothing give all to the first.
func split(q quantity.Quantity, weights []decimal.Decimal) []quantity.Quantity {
	var total decimal.Decimal
	last := 0
	for i, w := range weights {
		if total = total.Add(w); !w.IsZero() {
			last = i
		}
	}
	rest := q.Value()
	out := make([]quantity.Quantity, len(weights))
	for i, w := range weights {
		var part decimal.Decimal
		if i != last && total.IsPositive() {
			part, _ = q.Value().Mul(w).QuoRem(total, 9)
		}
		rest = rest.Sub(part)
		out[i] = quantity.New(part, q.Unit())
	}
	out[last] = quantity.New(rest, q.Unit())
	return out
}

// ratio returns a ÷ b rounded to 4 places, nothing if b is nothing.
func ratio(a, b quantity.Quantity) quantity.Number {
	if b.IsZero() {
		return quantity.Number{}
	}
	return quantity.Number{Decimal: a.Value().DivRound(b.Value(), 4)}
}

// finish computes the differences and orders the rows.
func (b *usageBooks) finish() ([]UsageRow, error) {
	out := make([]UsageRow, 0, len(b.rows))
	for _, r := range b.rows {
		r.Difference = r.Charted
		for _, q := range []quantity.Quantity{r.Drawn, r.Open, r.WrittenOff} {
			var err error
			if r.Difference, err = r.Difference.Sub(q); err != nil {
				return nil, err
			}
		}
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b UsageRow) int {
		return cmp.Or(bytes.Compare(a.Site[:], b.Site[:]), bytes.Compare(a.Injector[:], b.Injector[:]), strings.Compare(a.Treatment, b.Treatment),
			strings.Compare(a.Unit.String(), b.Unit.String()), bytes.Compare(a.Product[:], b.Product[:]))
	})
	return out, nil
}

package inventory

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/quantity"
)

// vials says what became of the containers that were opened in the time of the
// report, and shares what was wasted of them and is missing among the rows.
func (b *usageBooks) vials(standing []Movement, out *UsageReport) error {
	var opened []Vial
	for _, v := range b.Vials {
		if b.within(v.OpenedAt) {
			opened = append(opened, v)
		}
	}
	accounts, people, err := Accounts(b.Movements, opened)
	if err != nil {
		return err
	}
	out.Injectors = people
	record := make(map[glabella.VialID]Vial, len(opened))
	for _, v := range opened {
		record[v.ID] = v
	}
	draws := map[glabella.VialID][]Movement{}
	for _, m := range standing {
		if m.Kind == MovementAdminister {
			draws[m.Vial] = append(draws[m.Vial], m)
		}
	}
	for _, a := range accounts {
		v := record[a.Vial]
		out.Vials = append(out.Vials, VialUsage{VialAccount: a, Site: v.Site, OpenedBy: v.OpenedBy, OpenedAt: v.OpenedAt, Nominal: v.Nominal, InUse: v.inUse(), Yield: ratio(a.Given, v.Nominal)})
		if err := b.share(v, a, draws[v.ID]); err != nil {
			return err
		}
	}
	out.Products, err = productUsage(out.Vials)
	return err
}

// share shares what was wasted of a container and is missing among those whom it
// was drawn for.
func (b *usageBooks) share(v Vial, a VialAccount, draws []Movement) error {
	if a.Wasted.IsZero() && a.Unaccounted.IsZero() {
		return nil
	}
	item := itemOf(v.Nominal, v.Product)
	var hands []UsageHand
	var weights []decimal.Decimal
	add := func(h UsageHand, weight decimal.Decimal) {
		i := slices.Index(hands, h)
		if i < 0 {
			i, hands, weights = len(hands), append(hands, h), append(weights, decimal.Decimal{})
		}
		weights[i] = weights[i].Add(weight)
	}
	for _, m := range draws {
		act := b.actOf(m)
		if len(act.charted) == 0 {
			add(act.hand, m.Quantity.Value().Neg())
			continue
		}
		for i, q := range split(m.Quantity.Neg(), act.weights) {
			add(b.Charted[act.charted[i]].hand(), q.Value())
		}
	}
	if len(hands) == 0 {
		add(UsageHand{Site: v.Site, Injector: v.OpenedBy}, decimal.NewFromInt(1))
	}
	wasted, missing := split(a.Wasted, weights), split(a.Unaccounted, weights)
	for i, h := range hands {
		if wasted[i].IsZero() && missing[i].IsZero() {
			continue
		}
		r := b.row(h, item)
		if err := cmp.Or(addTo(&r.Wasted, wasted[i]), addTo(&r.Unaccounted, missing[i])); err != nil {
			return err
		}
	}
	return nil
}

// productUsage sums up containers by site and product.
func productUsage(vials []VialUsage) ([]ProductUsage, error) {
	type at struct {
		site    glabella.SiteID
		product glabella.ProductID
	}
	sums := map[at]*ProductUsage{}
	for _, v := range vials {
		k := at{v.Site, v.Product}
		if sums[k] == nil {
			none := quantity.Of(0, v.Nominal.Unit())
			sums[k] = &ProductUsage{Site: v.Site, Product: v.Product, Nominal: none, Given: none, Wasted: none, Unaccounted: none}
		}
		p := sums[k]
		if v.InUse {
			p.InUse++
			continue
		}
		p.Finished++
		if err := cmp.Or(addTo(&p.Nominal, v.Nominal), addTo(&p.Given, v.Given), addTo(&p.Wasted, v.Wasted), addTo(&p.Unaccounted, v.Unaccounted)); err != nil {
			return nil, err
		}
	}
	out := make([]ProductUsage, 0, len(sums))
	for _, p := range sums {
		p.Yield, p.WasteRate = ratio(p.Given, p.Nominal), ratio(p.Wasted, p.Nominal)
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b ProductUsage) int {
		return cmp.Or(bytes.Compare(a.Site[:], b.Site[:]), bytes.Compare(a.Product[:], b.Product[:]))
	})
	return out, nil
}

// waste sums up what was wasted in the time of the report.
func (b *usageBooks) waste(standing []Movement) ([]WasteByReason, error) {
	type why struct {
		site    glabella.SiteID
		product glabella.ProductID
		reason  string
	}
	sums := map[why]WasteByReason{}
	for _, m := range standing {
		if m.Kind != MovementWaste || !b.within(m.At) {
			continue
		}
		k := why{m.Site, m.Product, m.Reason}
		w := sums[k]
		w.Site, w.Product, w.Reason = m.Site, m.Product, m.Reason
		w.Containers -= m.Containers
		if err := addTo(&w.Quantity, m.Quantity.Neg()); err != nil {
			return nil, err
		}
		sums[k] = w
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b WasteByReason) int {
		return cmp.Or(bytes.Compare(a.Site[:], b.Site[:]), bytes.Compare(a.Product[:], b.Product[:]), strings.Compare(a.Reason, b.Reason))
	}), nil
}

package inventory_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
)

// model is a practice of two sites whose stock random commands work on. What the
// verbs return is stored as it comes; the checks at the end know nothing of how it
// came about.
type model struct {
	rng       *rand.Rand
	now       time.Time
	seq       int
	lots      map[glabella.LotID]inventory.Lot
	balances  map[glabella.BalanceID]inventory.Balance
	vials     map[glabella.VialID]inventory.Vial
	transfers map[glabella.TransferID]inventory.Transfer
	usages    map[glabella.UsageID]inventory.Usage
	movements []inventory.Movement
	charted   map[glabella.ProductID]decimal.Decimal // every administration that was accepted
	settled   map[string]int                         // how often what happened
}

func newModel(seed int64, settled map[string]int) *model {
	return &model{
		rng: rand.New(rand.NewSource(seed)), now: morning, settled: settled,
		lots: map[glabella.LotID]inventory.Lot{}, balances: map[glabella.BalanceID]inventory.Balance{}, vials: map[glabella.VialID]inventory.Vial{},
		transfers: map[glabella.TransferID]inventory.Transfer{}, usages: map[glabella.UsageID]inventory.Usage{}, charted: map[glabella.ProductID]decimal.Decimal{},
	}
}

func cream() inventory.Product {
	return inventory.Product{ID: productID("model cream"), Code: "cream", Name: "Cream", Class: inventory.Retail, Container: inventory.NoContainer, Nominal: quantity.MustParse("1 1")}
}

var modelProducts = map[glabella.ProductID]inventory.Product{toxin().ID: toxin(), cream().ID: cream()}

func newID[I glabella.Identity](m *model) I {
	m.seq++
	return glabella.DeriveID[I](fmt.Sprint(m.seq))
}

// anyOf returns one of the values, the same for the same seed.
func anyOf[K ~[16]byte, V any](m *model, all map[K]V) (V, bool) {
	var zero V
	if len(all) == 0 {
		return zero, false
	}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b K) int { return slices.Compare(a[:], b[:]) })
	return all[keys[m.rng.Intn(len(keys))]], true
}

func (m *model) site() glabella.SiteID { return []glabella.SiteID{site, branch}[m.rng.Intn(2)] }

func (m *model) staff() glabella.StaffID { return []glabella.StaffID{nurse, other}[m.rng.Intn(2)] }

func (m *model) patient() glabella.PatientID { return []glabella.PatientID{ann, ben}[m.rng.Intn(2)] }

func (m *model) at(lot glabella.LotID, site glabella.SiteID) inventory.Balance {
	return m.balances[inventory.BalanceIDOf(lot, site)]
}

func (m *model) store(moved []inventory.Movement, balances ...inventory.Balance) {
	for _, b := range balances {
		if !b.ID.IsZero() {
			m.balances[b.ID] = b
		}
	}
	m.movements = append(m.movements, moved...)
	for _, x := range moved {
		m.settled[string(x.Kind)]++
		if !x.Reverses.IsZero() {
			m.settled["reversal"]++
		}
	}
}

// step runs one command. One that is impossible is refused and changes nothing.
func (m *model) step() error {
	m.now = m.now.Add(time.Duration(1+m.rng.Intn(60)) * time.Minute)
	commands := []func() error{m.receive, m.receive, m.open, m.open, m.chart, m.chart, m.chart, m.discard, m.change, m.change, m.ship, m.settle, m.takeBack, m.match, m.match, m.reverse, m.count, m.closeUsage}
	return commands[m.rng.Intn(len(commands))]()
}

func (m *model) receive() error {
	p := []inventory.Product{toxin(), cream()}[m.rng.Intn(2)]
	d := delivery(p, fmt.Sprintf("%s %d", p.Code, m.rng.Intn(2)), 1+m.rng.Intn(4))
	d.ID, d.At, d.Site, d.Lot = newID[glabella.MovementID](m), m.now, m.site(), m.lots[d.NewLot]
	d.Balance, d.UnitCost = m.at(d.NewLot, d.Site), money.New(int64(1+m.rng.Intn(50000)), "USD")
	r, err := inventory.Receive(d)
	if err != nil {
		return err
	}
	if cost := money.New(int64(m.rng.Intn(100000)), "USD"); m.rng.Intn(2) == 0 { // the second delivery of a lot has a price of its own
		r.Movement.Cost = &cost
	}
	m.lots[r.Lot.ID] = r.Lot
	m.store([]inventory.Movement{r.Movement}, r.Balance)
	return nil
}

func (m *model) open() error {
	b, ok := anyOf(m, m.balances)
	if !ok {
		return nil
	}
	v, b, moved, err := inventory.Open(modelProducts[b.Product], m.lots[b.Lot], b, inventory.Opening{Vial: newID[glabella.VialID](m), Movement: newID[glabella.MovementID](m), By: m.staff(), At: m.now})
	if err != nil {
		return err
	}
	if m.rng.Intn(6) > 0 {
		r := reconstitution(toxin(), m.lots[v.Lot], "2.5 mL")
		r.At = m.now
		if v, err = v.Reconstitute(r); err != nil {
			return err
		}
	}
	m.vials[v.ID] = v
	m.store([]inventory.Movement{moved}, b)
	return nil
}

// chart books an administration of which anything may be missing.
func (m *model) chart() error {
	c := inventory.Charted{Site: m.site(), Unreconciled: newID[glabella.UsageID](m)}
	c.ID, c.By, c.At, c.Patient = newID[glabella.MovementID](m), m.staff(), m.now, m.patient()
	c.Product = toxin()
	if m.rng.Intn(4) == 0 {
		c.Product = cream()
	}
	c.Quantity = quantity.Of(int64(1+m.rng.Intn(6)), c.Product.Nominal.Unit())
	if c.Product.ID == toxin().ID {
		c.Quantity = quantity.New(decimal.New(int64(1+m.rng.Intn(1500)), -1), c.Product.Nominal.Unit())
	}
	switch v, ok := anyOf(m, m.vials); {
	case ok && c.Product.ID == toxin().ID && m.rng.Intn(4) > 0:
		c.Vial, c.Use.Lot, c.Site, c.Balance = v, m.lots[v.Lot], v.Site, m.at(v.Lot, v.Site)
		if !v.Patient.IsZero() {
			c.Patient = v.Patient
		}
	case m.rng.Intn(3) > 0:
		if b, ok := anyOf(m, m.balances); ok && b.Product == c.Product.ID {
			c.Use.Lot, c.Balance, c.Site = m.lots[b.Lot], b, b.Site
		}
	}
	got, err := inventory.Book(c)
	if err != nil {
		return err
	}
	m.charted[c.Product.ID] = m.charted[c.Product.ID].Add(c.Quantity.Value())
	if !got.Vial.ID.IsZero() {
		m.vials[got.Vial.ID] = got.Vial
	}
	if !got.Usage.ID.IsZero() {
		m.usages[got.Usage.ID] = got.Usage
		m.settled["usage "+string(got.Usage.Cause)]++
	}
	if !got.Movement.ID.IsZero() {
		m.store([]inventory.Movement{got.Movement}, got.Balance)
	}
	return nil
}

func (m *model) discard() error {
	v, ok := anyOf(m, m.vials)
	if !ok {
		return nil
	}
	v, b, moved, err := v.Discard(inventory.Discard{ID: newID[glabella.MovementID](m), Balance: m.at(v.Lot, v.Site), Reason: inventory.ReasonUnused, By: m.staff(), At: m.now})
	if err != nil {
		return err
	}
	m.vials[v.ID] = v
	m.store([]inventory.Movement{moved}, b)
	return nil
}

func (m *model) change() error {
	b, ok := anyOf(m, m.balances)
	if !ok {
		return nil
	}
	kinds := inventory.ChangeKinds()
	c := inventory.StockChange{ID: newID[glabella.MovementID](m), Kind: kinds[m.rng.Intn(len(kinds))], Containers: m.rng.Intn(5) - 3, Reason: inventory.ReasonComplaint, By: m.staff(), At: m.now, Patient: m.patient()}
	if c.Kind == inventory.MovementRelease || b.Held > 0 && m.rng.Intn(3) == 0 {
		c.Kind, c.Containers = inventory.MovementRelease, 1+m.rng.Intn(2)
	}
	b, moved, err := b.Change(modelProducts[b.Product], c)
	if err != nil {
		return err
	}
	if c.Kind == inventory.MovementConsume { // used up without Book, and charted all the same
		m.charted[b.Product] = m.charted[b.Product].Sub(moved.Quantity.Value())
	}
	m.store([]inventory.Movement{moved}, b)
	return nil
}

func (m *model) ship() error {
	t := inventory.Transfer{ID: newID[glabella.TransferID](m), From: site, To: branch, State: inventory.TransferPlanned}
	if m.rng.Intn(2) == 0 {
		t.From, t.To = t.To, t.From
	}
	s := inventory.Shipment{By: m.staff(), At: m.now}
	for range 1 + m.rng.Intn(2) {
		l, ok := anyOf(m, m.lots)
		if !ok || slices.ContainsFunc(t.Lines, func(o inventory.TransferLine) bool { return o.Lot == l.ID }) {
			continue
		}
		t.Lines = append(t.Lines, inventory.TransferLine{Product: l.Product, Lot: l.ID, Content: modelProducts[l.Product].Nominal, Sent: 1 + m.rng.Intn(3)})
		s.Movements, s.Lots, s.Balances = append(s.Movements, newID[glabella.MovementID](m)), append(s.Lots, l), append(s.Balances, m.at(l.ID, t.From))
	}
	if len(t.Lines) == 0 {
		return nil
	}
	got, err := t.Ship(s)
	if err != nil {
		return err
	}
	m.transfers[t.ID] = got.Transfer
	m.store(got.Movements, got.Balances...)
	return nil
}

func (m *model) settle() error {
	t, ok := anyOf(m, m.transfers)
	if !ok {
		return nil
	}
	s := inventory.Settlement{NewID: func() glabella.MovementID { return newID[glabella.MovementID](m) }, By: m.staff(), At: m.now}
	for _, l := range t.Lines {
		s.Balances = append(s.Balances, m.at(l.Lot, t.From), m.at(l.Lot, t.To))
		if m.rng.Intn(3) > 0 {
			s.Arrivals = append(s.Arrivals, inventory.Arrival{Lot: l.Lot, Received: m.rng.Intn(4), Back: m.rng.Intn(4) / 2, Lost: m.rng.Intn(4) / 3, Reason: inventory.ReasonTransitLoss})
		}
	}
	got, err := t.Settle(s)
	if err != nil {
		return err
	}
	m.transfers[t.ID] = got.Transfer
	m.settled["transfer "+string(got.Transfer.State)]++
	m.store(got.Movements, got.Balances...)
	return nil
}

func (m *model) takeBack() error {
	sales := slices.DeleteFunc(slices.Clone(m.movements), func(x inventory.Movement) bool {
		return x.Kind != inventory.MovementSell && x.Kind != inventory.MovementDispense
	})
	if len(sales) == 0 {
		return nil
	}
	sold := sales[m.rng.Intn(len(sales))]
	var later []inventory.Movement
	for _, x := range m.movements {
		if x.Origin == sold.ID || x.Reverses == sold.ID {
			later = append(later, x)
		}
	}
	at := m.site()
	b, moved, err := inventory.TakeBack(inventory.CustomerReturn{
		ID: newID[glabella.MovementID](m), HoldID: newID[glabella.MovementID](m), Sale: sold, Later: later, Product: modelProducts[sold.Product], Lot: m.lots[sold.Lot],
		Balance: m.at(sold.Lot, at), Site: at, Containers: 1 + m.rng.Intn(2), Condition: inventory.ReturnConditions()[m.rng.Intn(2)], By: m.staff(), At: m.now,
	})
	if err != nil {
		return err
	}
	m.store(moved, b)
	return nil
}

func (m *model) match() error {
	u, ok := anyOf(m, m.usages)
	b, some := anyOf(m, m.balances)
	if !ok || !some {
		return nil
	}
	in := inventory.Matching{ID: newID[glabella.MovementID](m), NewVial: newID[glabella.VialID](m), Opening: newID[glabella.MovementID](m), By: m.staff(), At: m.now}
	p := modelProducts[u.Product]
	if found := inventory.UsageCandidates(u, p, slices.Collect(maps.Values(m.lots)), slices.Collect(maps.Values(m.balances)), slices.Collect(maps.Values(m.vials)), nil); len(found) > 0 {
		c := found[m.rng.Intn(len(found))]
		in.Lot, in.Vial, in.Balance, in.Quantity = m.lots[c.Lot], m.vials[c.Vial], m.at(c.Lot, u.Site), c.Available
		in.Acknowledged = c.Decision.Codes()
	} else {
		in.Lot, in.Balance = m.lots[b.Lot], b
	}
	in.Product = modelProducts[in.Balance.Product]
	got, err := u.Match(in)
	if err != nil {
		return err
	}
	m.usages[u.ID] = got.Usage
	m.settled["match"]++
	if !got.Vial.ID.IsZero() {
		m.vials[got.Vial.ID] = got.Vial
	}
	m.store(got.Movements, got.Balance)
	return nil
}

func (m *model) closeUsage() error {
	u, ok := anyOf(m, m.usages)
	if !ok || m.rng.Intn(3) > 0 {
		return nil
	}
	if u.State == inventory.UsageWrittenOff {
		u, err := u.Reopen()
		if err == nil {
			m.usages[u.ID] = u
		}
		return err
	}
	u, err := u.WriteOff(inventory.UsageClosing{Reason: inventory.ReasonCounted, By: m.staff(), At: m.now})
	if err != nil {
		return err
	}
	m.usages[u.ID] = u
	m.settled["write-off"]++
	return nil
}

func (m *model) reverse() error {
	if len(m.movements) == 0 {
		return nil
	}
	x := m.movements[m.rng.Intn(len(m.movements))]
	stands := func(y inventory.Movement) bool {
		return y.Origin == x.ID && !inventory.Reversed(m.movements, y.ID) && y.Reverses.IsZero()
	}
	if inventory.Reversed(m.movements, x.ID) || slices.ContainsFunc(m.movements, stands) {
		return nil
	}
	back, err := inventory.Reverse(x, inventory.Reversal{ID: newID[glabella.MovementID](m), By: other, At: m.now, Reason: inventory.ReasonEnteredInError})
	if err != nil {
		return err
	}
	b, err := m.at(x.Lot, x.Site).Apply(back)
	if err != nil {
		return err
	}
	v := m.vials[x.Vial]
	if !x.Vial.IsZero() {
		if v, err = v.Restore(back); err != nil {
			return err
		}
	}
	switch given := x.Kind == inventory.MovementAdminister || x.Kind == inventory.MovementConsume; {
	case given && !x.Usage.IsZero():
		u, err := m.usages[x.Usage].Unmatch(back)
		if err != nil {
			return err
		}
		m.usages[u.ID] = u
		m.settled["unmatch"]++
	case given: // the chart was wrong
		m.charted[x.Product] = m.charted[x.Product].Add(x.Quantity.Value())
	}
	if !x.Vial.IsZero() {
		m.vials[v.ID] = v
	}
	m.store([]inventory.Movement{back}, b)
	return nil
}

func (m *model) count() error {
	b, ok := anyOf(m, m.balances)
	if !ok {
		return nil
	}
	c := inventory.StockCount{Sealed: max(b.Sealed+m.rng.Intn(3)-1, 0), Reason: inventory.ReasonUnaccounted, By: nurse, Witness: other, At: m.now}
	var vials []inventory.Vial
	for _, id := range slices.SortedFunc(maps.Keys(m.vials), func(a, b glabella.VialID) int { return slices.Compare(a[:], b[:]) }) {
		v := m.vials[id]
		if v.Lot != b.Lot || v.Site != b.Site {
			continue
		}
		vials = append(vials, v)
		if v.State == inventory.VialOpen || v.State == inventory.VialReconstituted {
			found := quantity.New(v.Remaining.Value().Mul(decimal.New(int64(m.rng.Intn(11)), -1)), v.Remaining.Unit())
			c.Vials = append(c.Vials, inventory.VialCount{Vial: v.ID, Remaining: found})
		}
	}
	got, err := b.Count(modelProducts[b.Product], c, vials, func() glabella.MovementID { return newID[glabella.MovementID](m) })
	if err != nil {
		return err
	}
	for _, v := range got.Vials {
		m.vials[v.ID] = v
		m.settled["vial count"]++
	}
	m.store(got.Movements, got.Balance)
	return nil
}

// check returns what is wrong with the books.
func (m *model) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	validate := func(r interface{ Validate() error }) { errs = append(errs, r.Validate()) }
	for _, v := range m.vials {
		validate(v)
	}
	for _, b := range m.balances {
		validate(b)
	}
	for _, t := range m.transfers {
		validate(t)
	}
	for _, u := range m.usages {
		validate(u)
	}
	for _, x := range m.movements {
		validate(x)
	}
	shuffled := slices.Clone(m.movements)
	m.rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	folded, err := inventory.Fold(shuffled)
	if d := cmp.Diff(m.balances, folded); err != nil || d != "" {
		fail("Fold() = %v (-live +folded):\n%s", err, d)
	}
	if issues := inventory.Verify(m.movements, slices.Collect(maps.Values(m.balances)), slices.Collect(maps.Values(m.vials))); issues != nil {
		fail("Verify() = %v", issues)
	}
	stock := m.checkStock(fail)
	m.checkUsages(fail)
	m.checkCosts(stock, fail)
	accounts, _, err := inventory.Accounts(m.movements, slices.Collect(maps.Values(m.vials)))
	if err != nil {
		fail("Accounts() = %v", err)
	}
	for _, a := range accounts {
		sum, err := quantity.Sum(a.Given, a.Wasted, a.Unaccounted, a.Left)
		if err != nil || !sum.Equal(m.vials[a.Vial].Nominal) || a.Unaccounted.Sign() < 0 {
			fail("container %s accounts for %s, %v, want %s", a.Vial, sum, err, m.vials[a.Vial].Nominal)
		}
	}
	return errors.Join(errs...)
}

// checkStock compares, by lot, what came in and went out with what is somewhere,
// and returns what is somewhere by product.
func (m *model) checkStock(fail func(string, ...any)) map[glabella.ProductID]decimal.Decimal {
	somewhere := map[glabella.LotID]decimal.Decimal{}
	add := func(l glabella.LotID, d decimal.Decimal) { somewhere[l] = somewhere[l].Add(d) }
	containers := map[glabella.BalanceID]decimal.Decimal{}
	nominal := func(p glabella.ProductID, n int) decimal.Decimal {
		return modelProducts[p].Nominal.Value().Mul(decimal.NewFromInt(int64(n)))
	}
	for id, b := range m.balances {
		add(b.Lot, b.OnHand.Value().Add(nominal(b.Product, b.Held)))
		containers[id] = containers[id].Add(nominal(b.Product, b.Sealed))
	}
	for _, v := range m.vials {
		if v.State != inventory.VialVoided {
			id := inventory.BalanceIDOf(v.Lot, v.Site)
			containers[id] = containers[id].Add(v.Remaining.Value())
		}
	}
	for id, b := range m.balances {
		if !containers[id].Equal(b.OnHand.Value()) {
			fail("%s on hand, %s in opened and unopened containers", b.OnHand, containers[id])
		}
	}
	for _, t := range m.transfers {
		for _, l := range t.Lines {
			add(l.Lot, nominal(l.Product, l.InTransit()))
		}
	}
	flow := map[glabella.LotID]decimal.Decimal{}
	for _, x := range m.movements {
		switch x.Kind {
		case inventory.MovementTransferOut, inventory.MovementTransferIn, inventory.MovementHold, inventory.MovementRelease:
		default:
			flow[x.Lot] = flow[x.Lot].Add(x.Quantity.Value())
		}
	}
	products := map[glabella.ProductID]decimal.Decimal{}
	for id, l := range m.lots {
		if !somewhere[id].Equal(flow[id]) {
			fail("lot %s: %s on hand, set aside and in transit, %s came in and did not go out", l.Number, somewhere[id], flow[id])
		}
		products[l.Product] = products[l.Product].Add(somewhere[id])
	}
	way, err := inventory.InTransit(m.movements)
	if err != nil {
		fail("InTransit() = %v", err)
	}
	onTheWay := 0
	for _, t := range m.transfers {
		for _, l := range t.Lines {
			onTheWay += l.InTransit()
		}
	}
	for _, w := range way {
		onTheWay -= w.Containers
	}
	if onTheWay != 0 {
		fail("the transfers have %d containers more in transit than the movements", onTheWay)
	}
	return products
}

// checkUsages compares everything charted with what left the stock for it and
// what is unreconciled, and the matches with their movements.
func (m *model) checkUsages(fail func(string, ...any)) {
	booked, forUsage := map[glabella.ProductID]decimal.Decimal{}, map[glabella.UsageID]decimal.Decimal{}
	for _, x := range m.movements {
		switch {
		case !x.Usage.IsZero():
			forUsage[x.Usage] = forUsage[x.Usage].Sub(x.Quantity.Value())
		case x.Kind == inventory.MovementAdminister || x.Kind == inventory.MovementConsume:
			booked[x.Product] = booked[x.Product].Sub(x.Quantity.Value())
		}
	}
	for _, u := range m.usages {
		booked[u.Product] = booked[u.Product].Add(u.Quantity.Value())
		left := u.Quantity.Value().Sub(forUsage[u.ID])
		if u.State == inventory.UsageOpen && !left.Equal(u.Outstanding().Value()) || u.State == inventory.UsageMatched && !left.IsZero() {
			fail("usage %s is %s with %s outstanding, and %s left the stock for it", u.ID, u.State, u.Outstanding(), forUsage[u.ID])
		}
	}
	for p, want := range m.charted {
		if !booked[p].Equal(want) {
			fail("%s of %s is charted, %s accounted for", want, p, booked[p])
		}
	}
}

func (m *model) checkCosts(stock map[glabella.ProductID]decimal.Decimal, fail func(string, ...any)) {
	for _, method := range inventory.CostMethods() {
		c, err := inventory.CostOf(method, m.movements, slices.Collect(maps.Values(m.lots)), time.Time{})
		if err != nil {
			fail("CostOf(%s) = %v", method, err)
			continue
		}
		var sum money.Amount
		for _, x := range m.movements {
			cost, ok := c.Of(x.ID)
			if sum, err = sum.Add(cost); err != nil || !ok {
				fail("CostOf(%s) has no cost of %s, %v", method, x.ID, err)
			}
		}
		if sum.Minor() != c.Total().Minor() || sum.Sign() < 0 {
			fail("CostOf(%s): the movements cost %s, what is left is worth %s", method, sum, c.Total())
		}
		m.checkValuation(method, c, slices.Collect(maps.Values(m.lots)), fail)
		products, err := c.Products()
		if err != nil {
			fail("Products() = %v", err)
		}
		left := maps.Clone(stock)
		for _, p := range products {
			left[p.Product] = left[p.Product].Sub(p.Quantity.Value())
		}
		for p, d := range left {
			if !d.IsZero() {
				fail("CostOf(%s): the layers of %s hold %s less than the stock", method, p, d)
			}
		}
		for _, l := range c.Layers() {
			if l.Quantity.Sign() <= 0 || l.Value.Sign() < 0 {
				fail("CostOf(%s) has the layer %+v", method, l)
			}
		}
	}
}

func TestRandomHistoriesOfAPractice(t *testing.T) {
	t.Parallel()
	histories, steps := int64(2000), 40
	if testing.Short() {
		histories = 200
	}
	settled := map[string]int{}
	for seed := range histories {
		m := newModel(seed, settled)
		for step := range steps {
			if err := m.step(); err != nil && !errors.Is(err, glabella.ErrRefused) && !errors.Is(err, glabella.ErrInvalid) {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		if err := m.check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	want := []string{"reversal", "match", "unmatch", "write-off", "vial count", "usage no-lot", "usage no-container", "usage beyond-stock", "transfer short", "transfer settled"}
	for _, k := range inventory.MovementKinds() {
		want = append(want, string(k))
	}
	for _, what := range want {
		if settled[what] < int(histories)/40 {
			t.Errorf("the histories have %d of %q, want more for the test to mean something", settled[what], what)
		}
	}
}

func TestTheSameCommandsGiveTheSameState(t *testing.T) {
	t.Parallel()
	run := func(seed int64) *model {
		m := newModel(seed, map[string]int{})
		for range 200 {
			_ = m.step()
		}
		return m
	}
	for seed := range int64(5) {
		a, b := run(seed), run(seed)
		amounts := cmp.Comparer(func(x, y money.Amount) bool { return x == y })
		if d := cmp.Diff(a.movements, b.movements, amounts) + cmp.Diff(a.balances, b.balances) + cmp.Diff(a.vials, b.vials) + cmp.Diff(a.usages, b.usages) + cmp.Diff(a.transfers, b.transfers); d != "" {
			t.Errorf("seed %d: the second run (-first +second):\n%s", seed, d)
		}
	}
}

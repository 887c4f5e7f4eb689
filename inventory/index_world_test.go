package inventory_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/quantity"
)

var (
	here  = site
	there = glabella.DeriveID[glabella.SiteID]("the other site")
)

// half is the toxin in another size: the same substance, another product.
func half() inventory.Product {
	p := toxin()
	p.ID, p.Code, p.Nominal, p.GTINs, p.InUse.SinglePatient = glabella.DeriveID[glabella.ProductID]("toxin 50"), "onabotulinumtoxinA-50", units("50"), nil, false
	return p
}

// practiced is a practice of two sites on which random commands work. It keeps
// every version of every record in the order in which they were written.
type practiced struct {
	rng       *rand.Rand
	now       time.Time
	seq       int
	written   []any
	lots      map[glabella.LotID]inventory.Lot
	balances  map[glabella.BalanceID]inventory.Balance
	vials     map[glabella.VialID]inventory.Vial
	usages    map[glabella.UsageID]inventory.Usage
	transfers map[glabella.TransferID]inventory.Transfer
	movements []inventory.Movement
	done      map[string]int // commands that were not refused
}

func newPracticed(seed int64) *practiced {
	w := &practiced{
		rng: rand.New(rand.NewSource(seed)), now: morning, done: map[string]int{}, lots: map[glabella.LotID]inventory.Lot{},
		balances: map[glabella.BalanceID]inventory.Balance{}, vials: map[glabella.VialID]inventory.Vial{},
		usages: map[glabella.UsageID]inventory.Usage{}, transfers: map[glabella.TransferID]inventory.Transfer{},
	}
	for _, p := range w.products() {
		w.written = append(w.written, p)
	}
	return w
}

func (w *practiced) products() []inventory.Product {
	return []inventory.Product{toxin(), half(), saline(), gloves()}
}

func (w *practiced) product(id glabella.ProductID) inventory.Product {
	all := w.products()
	return all[slices.IndexFunc(all, func(p inventory.Product) bool { return p.ID == id })]
}

// fresh returns an ID that has not been given out before.
func fresh[I glabella.Identity](w *practiced) I {
	w.seq++
	return glabella.DeriveID[I](fmt.Sprint(w.seq))
}

// write stores records and gives each a new version.
func (w *practiced) write(command string, records ...any) {
	w.done[command]++
	for _, r := range records {
		switch r := r.(type) {
		case inventory.Lot:
			r.Version++
			w.lots[r.ID] = r
			w.written = append(w.written, r)
		case inventory.Balance:
			r.Version++
			w.balances[r.ID] = r
			w.written = append(w.written, r)
		case inventory.Vial:
			r.Version++
			w.vials[r.ID] = r
			w.written = append(w.written, r)
		case inventory.Usage:
			r.Version++
			w.usages[r.ID] = r
			w.written = append(w.written, r)
		case inventory.Transfer:
			r.Version++
			w.transfers[r.ID] = r
			w.written = append(w.written, r)
		case inventory.Movement:
			w.movements = append(w.movements, r)
			w.written = append(w.written, r)
		default:
			panic(fmt.Sprintf("not a record: %T", r))
		}
	}
}

// oneRecord returns one of the records, by chance, and false if there is none.
func oneRecord[K ~[16]byte, V any](w *practiced, m map[K]V) (V, bool) {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b K) int {
		p, q := [16]byte(a), [16]byte(b)
		return bytes.Compare(p[:], q[:])
	})
	if len(keys) == 0 {
		var none V
		return none, false
	}
	return m[keys[w.rng.Intn(len(keys))]], true
}

func pick[T any](w *practiced, of ...T) T { return of[w.rng.Intn(len(of))] }

func (w *practiced) site() glabella.SiteID { return pick(w, here, there) }

func (w *practiced) patient() glabella.PatientID {
	return glabella.DeriveID[glabella.PatientID](fmt.Sprint("patient ", w.rng.Intn(5)))
}

func (w *practiced) balance(lot glabella.LotID, at glabella.SiteID) inventory.Balance {
	return w.balances[inventory.BalanceIDOf(lot, at)]
}

// step runs one random command. What is refused changes nothing; another error is
// returned.
func (w *practiced) step() error {
	w.now = w.now.Add(time.Duration(w.rng.Intn(600)) * time.Minute)
	commands := []func() error{
		w.receive, w.receive, w.receive, w.open, w.open, w.open, w.reconstitute, w.reconstitute, w.reconstitute, w.draw, w.draw, w.draw, w.draw,
		w.chart, w.chart, w.match, w.match, w.settleUsage, w.change, w.change, w.hold, w.discard, w.ship, w.arrive, w.reverse, w.reverse,
	}
	err := commands[w.rng.Intn(len(commands))]()
	var transition *glabella.TransitionError
	if errors.Is(err, glabella.ErrRefused) || errors.Is(err, glabella.ErrInvalid) || errors.As(err, &transition) {
		return nil
	}
	return err
}

func (w *practiced) receive() error {
	p := pick(w, w.products()...)
	number := fmt.Sprint(p.Code, w.rng.Intn(4))
	d := delivery(p, number, 1+w.rng.Intn(5))
	d.ID, d.At, d.Site = fresh[glabella.MovementID](w), w.now, w.site()
	d.Lot = w.lots[d.NewLot]
	d.Balance = w.balance(d.NewLot, d.Site)
	d.Expires = pick(w, glabella.Date{}, today.AddDays(3+w.rng.Intn(20)), today.AddDays(10), today.AddDays(400))
	if !d.Lot.ID.IsZero() {
		d.Expires = d.Lot.Expires
	}
	r, err := inventory.Receive(d)
	if err != nil {
		return err
	}
	w.write("receive", r.Lot, r.Balance, r.Movement)
	return nil
}

func (w *practiced) open() error {
	b, ok := oneRecord(w, w.balances)
	if !ok {
		return nil
	}
	v, b, m, err := inventory.Open(w.product(b.Product), w.lots[b.Lot], b, inventory.Opening{
		Vial: fresh[glabella.VialID](w), Movement: fresh[glabella.MovementID](w), By: nurse, At: w.now, Acknowledged: []glabella.Code{inventory.CodeLotNoExpiry},
	})
	if err != nil {
		return err
	}
	w.write("open", v, b, m)
	return nil
}

func (w *practiced) reconstitute() error {
	v, ok := oneRecord(w, w.vials)
	if !ok {
		return nil
	}
	d := saline()
	var lots []inventory.Lot
	for _, l := range w.lots {
		if l.Product == d.ID {
			lots = append(lots, l)
		}
	}
	if len(lots) == 0 {
		return nil
	}
	slices.SortFunc(lots, func(a, b inventory.Lot) int { return cmp.Compare(a.Number, b.Number) })
	v, err := v.Reconstitute(inventory.Reconstitution{
		Product: w.product(v.Product), Lot: w.lots[v.Lot], Diluent: d, DiluentLot: pick(w, lots...), Volume: quantity.MustParse("2.5 mL"), At: w.now,
		Acknowledged: []glabella.Code{inventory.CodeLotNoExpiry},
	})
	if err != nil {
		return err
	}
	w.write("reconstitute", v)
	return nil
}

// some returns an amount by chance, often more than there is.
func (w *practiced) some(p inventory.Product) quantity.Quantity {
	return p.Nominal.Scale(decimal.New(int64(1+w.rng.Intn(120)), -2))
}

func (w *practiced) draw() error {
	v, ok := oneRecord(w, w.vials)
	if !ok {
		return nil
	}
	p := w.product(v.Product)
	c := inventory.Charted{Draw: inventory.Draw{
		Use: inventory.Use{Lot: w.lots[v.Lot], Product: p, Patient: w.patient(), Quantity: w.some(p), At: w.now},
		ID:  fresh[glabella.MovementID](w), Balance: w.balance(v.Lot, v.Site), By: nurse, Acknowledged: []glabella.Code{inventory.CodeLotNoExpiry},
	}, Site: v.Site, Vial: v, Unreconciled: fresh[glabella.UsageID](w)}
	if w.rng.Intn(4) == 0 { // the container was not charted
		c.Vial = inventory.Vial{}
	}
	return w.book("draw", c)
}

// chart charts something without a lot, and sometimes without the product.
func (w *practiced) chart() error {
	p := pick(w, toxin(), half(), gloves())
	c := inventory.Charted{Draw: inventory.Draw{
		Use: inventory.Use{Product: p, Patient: w.patient(), Quantity: w.some(p), At: w.now.Add(-time.Duration(w.rng.Intn(30)) * time.Hour)}, ID: fresh[glabella.MovementID](w), By: nurse,
	}, Site: w.site(), Unreconciled: fresh[glabella.UsageID](w)}
	if p.Container == inventory.NoContainer {
		c.Quantity = quantity.Of(2, p.Nominal.Unit())
	} else if w.rng.Intn(3) == 0 {
		c.Product = inventory.Product{}
	}
	return w.book("chart", c)
}

func (w *practiced) book(command string, c inventory.Charted) error {
	out, err := inventory.Book(c)
	if err != nil {
		return err
	}
	var records []any
	if !out.Movement.ID.IsZero() {
		records = append(records, out.Movement, out.Balance)
		if !out.Vial.ID.IsZero() {
			records = append(records, out.Vial)
		}
	}
	if !out.Usage.ID.IsZero() {
		records = append(records, out.Usage)
	}
	w.write(command, records...)
	return nil
}

func (w *practiced) match() error {
	u, ok := oneRecord(w, w.usages)
	b, stocked := oneRecord(w, w.balances)
	if !ok || !stocked {
		return nil
	}
	if !u.Lot.IsZero() && w.rng.Intn(2) == 0 {
		b = w.balance(u.Lot, u.Site)
	}
	p := toxin()
	if !b.Product.IsZero() {
		p = w.product(b.Product)
	}
	m := inventory.Matching{
		ID: fresh[glabella.MovementID](w), Product: p, Lot: w.lots[b.Lot], Balance: b, NewVial: fresh[glabella.VialID](w),
		Opening: fresh[glabella.MovementID](w), By: nurse, At: w.now,
	}
	if w.rng.Intn(2) == 0 && p.Container != inventory.NoContainer {
		m.Quantity = p.Nominal.Scale(decimal.New(int64(1+w.rng.Intn(40)), -2))
	}
	d := u.Matchable(m)
	m.Acknowledged = d.Codes()
	out, err := u.Match(m)
	if err != nil {
		return err
	}
	records := []any{out.Usage, out.Balance}
	if !out.Vial.ID.IsZero() {
		records = append(records, out.Vial)
	}
	for _, m := range out.Movements {
		records = append(records, m)
	}
	w.write("match", records...)
	return nil
}

func (w *practiced) settleUsage() error {
	u, ok := oneRecord(w, w.usages)
	if !ok {
		return nil
	}
	c := inventory.UsageClosing{Reason: inventory.ReasonSample, By: nurse, Witness: other, At: w.now}
	var err error
	verb := w.rng.Intn(3)
	switch verb {
	case 0:
		u, err = u.WriteOff(c)
	case 1:
		u, err = u.Void(c)
	case 2:
		u, err = u.Reopen()
	}
	if err != nil {
		return err
	}
	w.write([]string{"write off", "void", "reopen"}[verb], u)
	return nil
}

func (w *practiced) change() error {
	b, ok := oneRecord(w, w.balances)
	if !ok {
		return nil
	}
	kind := pick(w, inventory.ChangeKinds()...)
	if b.Held > 0 && w.rng.Intn(2) == 0 {
		kind = inventory.MovementRelease
	}
	c := inventory.StockChange{ID: fresh[glabella.MovementID](w), Kind: kind, Containers: w.rng.Intn(5) - 3, Reason: inventory.ReasonRecount, By: nurse, At: w.now}
	if kind == inventory.MovementRelease {
		c.Containers = 1
	}
	if kind == inventory.MovementDispense || w.rng.Intn(2) == 0 {
		c.Patient = w.patient()
	}
	b, m, err := b.Change(w.product(b.Product), c)
	if err != nil {
		return err
	}
	w.write(string(kind), b, m)
	return nil
}

func (w *practiced) hold() error {
	l, ok := oneRecord(w, w.lots)
	if !ok {
		return nil
	}
	var err error
	switch w.rng.Intn(8) {
	case 0:
		l, err = l.Recall("Z-1234-2026")
	case 1:
		l, err = l.Quarantine(inventory.ReasonExcursion)
	default:
		l, err = l.Release()
	}
	if err != nil {
		return err
	}
	w.write(string(l.State), l)
	return nil
}

func (w *practiced) discard() error {
	v, ok := oneRecord(w, w.vials)
	if !ok {
		return nil
	}
	v, b, m, err := v.Discard(inventory.Discard{ID: fresh[glabella.MovementID](w), Balance: w.balance(v.Lot, v.Site), Reason: inventory.ReasonUnused, By: nurse, At: w.now})
	if err != nil {
		return err
	}
	w.write("discard", v, b, m)
	return nil
}

func (w *practiced) moved(command string, out inventory.Moved) {
	records := []any{out.Transfer}
	for _, b := range out.Balances {
		records = append(records, b)
	}
	for _, m := range out.Movements {
		records = append(records, m)
	}
	w.write(command, records...)
}

func (w *practiced) ship() error {
	b, ok := oneRecord(w, w.balances)
	if !ok {
		return nil
	}
	to := here
	if b.Site == here {
		to = there
	}
	t := inventory.Transfer{ID: fresh[glabella.TransferID](w), From: b.Site, To: to, State: inventory.TransferPlanned, Lines: []inventory.TransferLine{
		{Product: b.Product, Lot: b.Lot, Content: w.product(b.Product).Nominal, Sent: 1 + w.rng.Intn(2)},
	}}
	w.write("plan", t)
	t = w.transfers[t.ID]
	out, err := t.Ship(inventory.Shipment{
		Movements: []glabella.MovementID{fresh[glabella.MovementID](w)}, Lots: []inventory.Lot{w.lots[b.Lot]}, Balances: []inventory.Balance{b}, By: nurse, At: w.now,
		Acknowledged: []glabella.Code{inventory.CodeLotNoExpiry, inventory.CodeLotExpired, inventory.CodeLotQuarantined, inventory.CodeLotRecalled},
	})
	if err != nil {
		return err
	}
	w.moved("ship", out)
	return nil
}

func (w *practiced) arrive() error {
	t, ok := oneRecord(w, w.transfers)
	if !ok {
		return nil
	}
	lot := t.Lines[0].Lot
	a := inventory.Arrival{Lot: lot, Reason: inventory.ReasonTransitLoss}
	*pick(w, &a.Received, &a.Received, &a.Back, &a.Lost) = 1
	var known []inventory.Balance
	for _, at := range []glabella.SiteID{here, there} {
		if b := w.balance(lot, at); !b.ID.IsZero() {
			known = append(known, b)
		}
	}
	out, err := t.Settle(inventory.Settlement{Arrivals: []inventory.Arrival{a}, NewID: func() glabella.MovementID { return fresh[glabella.MovementID](w) }, Balances: known, By: other, At: w.now})
	if err != nil {
		return err
	}
	w.moved("arrive", out)
	return nil
}

func (w *practiced) reverse() error {
	if len(w.movements) == 0 {
		return nil
	}
	m := pick(w, w.movements...)
	if inventory.Reversed(w.movements, m.ID) {
		return nil
	}
	back, err := inventory.Reverse(m, inventory.Reversal{ID: fresh[glabella.MovementID](w), By: other, At: w.now, Reason: inventory.ReasonEnteredInError})
	if err != nil {
		return err
	}
	b, err := w.balance(m.Lot, m.Site).Apply(back)
	if err != nil {
		return err
	}
	records := []any{b, back}
	if !m.Vial.IsZero() {
		v, err := w.vials[m.Vial].Restore(back)
		if err != nil {
			return err
		}
		records = append(records, v)
	}
	if !m.Usage.IsZero() {
		if u, err := w.usages[m.Usage].Unmatch(back); err == nil {
			records = append(records, u)
		}
	}
	w.write("reverse", records...)
	return nil
}

package inventory_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

var (
	auditor = glabella.DeriveID[glabella.StaffID]("test auditor")
	owner   = glabella.DeriveID[glabella.StaffID]("test owner")
)

func opened(t testing.TB, kind inventory.CountKind, lots ...inventory.Lot) inventory.Count {
	t.Helper()
	c, err := inventory.OpenCount(inventory.CountOpening{ID: glabella.DeriveID[glabella.CountID]("count"), Site: site, Kind: kind, Blind: true, Lots: lots, By: owner, At: morning})
	if err != nil {
		t.Fatalf("OpenCount() = %v, want no error", err)
	}
	return c
}

func tally(r inventory.Receipt, found int) inventory.Tally {
	return inventory.Tally{Lot: r.Lot, Shelf: inventory.Shelf{Balance: r.Balance}, Found: found, By: nurse, At: morning.Add(time.Minute), Now: morning.Add(time.Hour)}
}

// reconciled counts one lot of five containers and reconciles it.
func reconciled(t testing.TB, found int) (inventory.Receipt, inventory.Count) {
	t.Helper()
	r := stock(t, toxin(), "T1", 5)
	c, err := opened(t, inventory.CountSpot, r.Lot).Tally(tally(r, found))
	if err == nil {
		c, err = c.Submit(inventory.CountSubmission{By: nurse, At: morning.Add(2 * time.Minute)})
	}
	if err == nil {
		c, err = c.Reconcile(inventory.Reconciliation{Shelves: []inventory.Shelf{{Balance: r.Balance}}, By: auditor, At: morning.Add(3 * time.Minute)})
	}
	if err != nil {
		t.Fatalf("count: %v", err)
	}
	return r, c
}

func TestCountEnums(t *testing.T) {
	t.Parallel()
	checkEnum(t, inventory.CountKinds())
	checkEnum(t, inventory.CountStates())
	for _, s := range inventory.CountMachine().States() {
		if !s.Valid() {
			t.Errorf("CountMachine() has the state %q, want a known one", s)
		}
	}
}

func TestCountIsBookedOnceItIsApproved(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		found  int
		reason string
		value  string
	}{
		{name: "two are missing", found: 3, reason: inventory.ReasonUnaccounted, value: "USD -900.00"},
		{name: "one is too many", found: 6, reason: inventory.ReasonRecount, value: "USD 450.00"},
		{name: "all is there", found: 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, c := reconciled(t, tt.found)
			variances, total, err := c.Variances([]inventory.Lot{r.Lot})
			if err != nil || total.String() != tt.value || len(variances) != min(len(tt.reason), 1) {
				t.Errorf("Variances() = %v, %v, %v, want the value %q", variances, total, err, tt.value)
			}
			c, changes, err := c.Approve(inventory.CountApproval{NewID: counted("c"), Shelves: []inventory.Shelf{{Balance: r.Balance}}, By: owner, At: morning.Add(time.Hour)})
			if err != nil || c.State != inventory.CountApproved {
				t.Fatalf("Approve() = %s, %v", c.State, err)
			}
			b := r.Balance
			balances, movements, err := inventory.BookChanges([]inventory.Product{toxin()}, []inventory.Balance{b}, changes)
			if err != nil {
				t.Fatalf("BookChanges() = %v", err)
			}
			for i, m := range movements {
				b = balances[i]
				if m.Kind != inventory.MovementAdjust || m.Reason != tt.reason || m.Document != c.ID.String() || m.Witness != nurse || m.By != owner {
					t.Errorf("movement = %+v, want an adjustment with %s, by the owner before the nurse", m, tt.reason)
				}
				if d := control().MayMove(m); !d.Allowed() {
					t.Errorf("MayMove() = %v, want allow", d)
				}
			}
			if b.Sealed != tt.found || len(changes) != len(variances) {
				t.Errorf("sealed = %d after %d changes, want %d after %d", b.Sealed, len(changes), tt.found, len(variances))
			}
		})
	}
}

func TestVarianceWithoutCostSaysSo(t *testing.T) {
	t.Parallel()
	r, c := reconciled(t, 4)
	r.Lot.UnitCost = money.Amount{}
	got, total, err := c.Variances([]inventory.Lot{r.Lot})
	want := []inventory.CountVariance{{Lot: r.Lot.ID, Product: r.Lot.Product, Expected: 5, Found: 4, Difference: -1, Unpriced: true, Reason: inventory.ReasonUnaccounted}}
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(money.Amount{})); d != "" || err != nil || !total.IsZero() {
		t.Errorf("Variances() = %v, %v (-want +got):\n%s", total, err, d)
	}
}

func TestTallyIsRefused(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 5)
	c := opened(t, inventory.CountCycle, r.Lot)
	once, err := c.Tally(tally(r, 5))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := r.Balance
	elsewhere.ID = inventory.BalanceIDOf(r.Lot.ID, branch)
	for _, tt := range []struct {
		name   string
		c      inventory.Count
		change func(*inventory.Tally)
		again  bool
		want   []glabella.Code
	}{
		{name: "a second time", c: once, want: []glabella.Code{inventory.CodeCountLot}},
		{name: "a recount before the count", c: c, again: true, want: []glabella.Code{inventory.CodeCountLot}},
		{name: "before the count was opened", c: c, change: func(t *inventory.Tally) { t.At = morning.Add(-1) }, want: []glabella.Code{inventory.CodeCountTime}},
		{name: "in the future", c: c, change: func(t *inventory.Tally) { t.At = t.Now.Add(1) }, want: []glabella.Code{inventory.CodeCountTime}},
		{name: "the balance of another site", c: c, change: func(t *inventory.Tally) { t.Shelf.Balance = elsewhere }, want: []glabella.Code{inventory.CodeLotMismatch}},
		{name: "less than nothing", c: c, change: func(t *inventory.Tally) { t.Found = -1 }, want: []glabella.Code{glabella.CodeOutOfRange}},
		{name: "by nobody", c: c, change: func(t *inventory.Tally) { t.By = glabella.StaffID{} }, want: []glabella.Code{glabella.CodeMismatch}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := tally(r, 5)
			if tt.change != nil {
				tt.change(&in)
			}
			verb := tt.c.Tally
			if tt.again {
				verb = tt.c.Recount
			}
			got, err := verb(in)
			if d := diff(tt.want, codesOf(err)); d != "" {
				t.Errorf("Tally() (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.c, got); d != "" {
				t.Errorf("a refused tally changed the count:\n%s", d)
			}
			var refused *glabella.RefusedError
			if errors.As(err, &refused) {
				everyReasonIsComplete(t, refused.Decision)
			}
		})
	}
}

func TestALotIsInOneCountAtATime(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 5)
	first := opened(t, inventory.CountCycle, r.Lot)
	done := first
	done.State = inventory.CountCanceled
	opening := inventory.CountOpening{ID: glabella.DeriveID[glabella.CountID]("another"), Site: site, Kind: inventory.CountSpot, Others: []inventory.Count{first}, By: owner, At: morning}
	empty, err := inventory.OpenCount(opening)
	if err != nil {
		t.Fatalf("OpenCount(of no lot) = %v, want no error", err)
	}
	in := tally(r, 5)
	in.Others = opening.Others
	want := []glabella.Code{inventory.CodeCountBusy}
	if _, err := empty.Tally(in); !slices.Equal(codesOf(err), want) {
		t.Errorf("Tally(of a lot in another count) = %v, want %v", err, want)
	}
	opening.Lots = []inventory.Lot{r.Lot}
	if _, err := inventory.OpenCount(opening); !slices.Equal(codesOf(err), want) {
		t.Errorf("OpenCount(of a lot in another count) = %v, want %v", err, want)
	}
	opening.Others = []inventory.Count{done}
	if _, err := inventory.OpenCount(opening); err != nil {
		t.Errorf("OpenCount(beside a canceled count) = %v, want no error", err)
	}
}

func TestSubmitWantsEveryLine(t *testing.T) {
	t.Parallel()
	a, b := stock(t, toxin(), "T1", 5), stock(t, toxin(), "T2", 2)
	empty := b.Balance
	empty.Sealed = 0
	foreign := b.Balance
	foreign.Site = branch
	for _, tt := range []struct {
		name     string
		kind     inventory.CountKind
		lots     []inventory.Lot
		balances []inventory.Balance
		want     []glabella.Code
	}{
		{name: "a full count that mentions all", kind: inventory.CountFull, lots: []inventory.Lot{a.Lot}, balances: []inventory.Balance{a.Balance}},
		{name: "a full count that forgot a lot", kind: inventory.CountFull, lots: []inventory.Lot{a.Lot}, balances: []inventory.Balance{a.Balance, b.Balance}, want: []glabella.Code{inventory.CodeCountPending}},
		{name: "a full count passes over what is used up or elsewhere", kind: inventory.CountFull, lots: []inventory.Lot{a.Lot}, balances: []inventory.Balance{empty, foreign}},
		{name: "a cycle count is of a part", kind: inventory.CountCycle, lots: []inventory.Lot{a.Lot}, balances: []inventory.Balance{b.Balance}},
		{name: "a lot that was asked for and not counted", kind: inventory.CountCycle, lots: []inventory.Lot{a.Lot, b.Lot}, want: []glabella.Code{inventory.CodeCountPending}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := opened(t, tt.kind, tt.lots...).Tally(tally(a, 5))
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Submit(inventory.CountSubmission{Balances: tt.balances, By: nurse, At: morning.Add(time.Hour)})
			if d := diff(tt.want, codesOf(err)); d != "" || (err == nil) != (tt.want == nil) {
				t.Errorf("Submit() = %v (-want +got):\n%s", err, d)
			}
		})
	}
	if _, err := opened(t, inventory.CountSpot).Submit(inventory.CountSubmission{By: nurse, At: morning}); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeCountPending}) {
		t.Errorf("Submit(of nothing) = %v, want %s", err, inventory.CodeCountPending)
	}
}

func TestThreePeopleCount(t *testing.T) {
	t.Parallel()
	r, c := reconciled(t, 4)
	shelves := []inventory.Shelf{{Balance: r.Balance}}
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"who counted does not reconcile", func() error {
			_, err := c.Reconcile(inventory.Reconciliation{Shelves: shelves, By: nurse, At: morning})
			return err
		}},
		{"who counted does not approve", func() error {
			_, _, err := c.Approve(inventory.CountApproval{NewID: counted("x"), Shelves: shelves, By: nurse, At: morning})
			return err
		}},
		{"who reconciled does not approve", func() error {
			_, _, err := c.Approve(inventory.CountApproval{NewID: counted("x"), Shelves: shelves, By: auditor, At: morning})
			return err
		}},
		{"who reconciled and then counts again is found out", func() error {
			again := tally(r, 4)
			again.By = owner
			c, err := c.Recount(again)
			if err != nil {
				return err
			}
			_, err = c.Reconcile(inventory.Reconciliation{Shelves: shelves, By: owner, At: morning})
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.do(); !slices.Equal(codesOf(err), []glabella.Code{inventory.CodeCountHands}) {
				t.Errorf("got %v, want %s", err, inventory.CodeCountHands)
			}
		})
	}
}

func TestRecountReplacesTheFirstFigure(t *testing.T) {
	t.Parallel()
	r, c := reconciled(t, 3)
	again := tally(r, 5)
	again.By = other
	c, err := c.Recount(again)
	if err != nil || c.State != inventory.CountCounted || c.Reconciled.At != (time.Time{}) {
		t.Fatalf("Recount() = %s, %v, want it to be reconciled again", c.State, err)
	}
	if l := c.Lines[0]; l.Difference() != 0 || l.First.Found != 3 || l.Reason != "" {
		t.Errorf("line = %+v, want no difference and the first figure kept", l)
	}
}

func TestABlindCountHidesWhatIsExpected(t *testing.T) {
	t.Parallel()
	r, done := reconciled(t, 3)
	c, err := opened(t, inventory.CountSpot, r.Lot).Tally(tally(r, 3))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Sheet()[0]; got.Expected != nil || got.Found != nil || !got.Counted {
		t.Errorf("Sheet(blind) = %+v, want no figures", got)
	}
	if got := done.Sheet()[0]; got.Expected == nil || *got.Expected != 5 || *got.Found != 3 {
		t.Errorf("Sheet(reconciled) = %+v, want 5 and 3", got)
	}
	c.Blind = false
	if got := c.Sheet()[0]; got.Expected == nil || *got.Expected != 5 {
		t.Errorf("Sheet(open to see) = %+v, want 5", got)
	}
	if got := opened(t, inventory.CountSpot, r.Lot).Sheet()[0]; got.Counted || got.Expected != nil {
		t.Errorf("Sheet(not counted) = %+v, want nothing", got)
	}
}

func TestALotThatTheSiteNeverHadIsCounted(t *testing.T) {
	t.Parallel()
	r := stock(t, toxin(), "T1", 5)
	in := tally(r, 2)
	in.Shelf = inventory.Shelf{}
	c, err := opened(t, inventory.CountSpot).Tally(in)
	if err == nil {
		c, err = c.Submit(inventory.CountSubmission{By: nurse, At: morning})
	}
	if err == nil {
		c, err = c.Reconcile(inventory.Reconciliation{By: auditor, At: morning, Reasons: map[glabella.LotID]string{r.Lot.ID: "delivery-not-booked"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	_, changes, err := c.Approve(inventory.CountApproval{NewID: counted("n"), By: owner, At: morning})
	if err != nil || len(changes) != 1 {
		t.Fatalf("Approve() = %v, %v, want one change", changes, err)
	}
	balances, movements, err := inventory.BookChanges([]inventory.Product{toxin()}, nil, changes)
	if err != nil || balances[0].Sealed != 2 || movements[0].Reason != "delivery-not-booked" || balances[0].Validate() != nil {
		t.Errorf("BookChanges() = %+v, %v, want two of the lot at the site", balances, err)
	}
}

func TestApproveWantsTheRecordAsItWasReconciled(t *testing.T) {
	t.Parallel()
	r, c := reconciled(t, 4)
	less := r.Balance
	less.Sealed--
	for _, tt := range []struct {
		name    string
		shelves []inventory.Shelf
		want    []glabella.Code
	}{
		{"something of before was recorded since", []inventory.Shelf{{Balance: less}}, []glabella.Code{inventory.CodeCountMoved}},
		{"the balance is not given", nil, []glabella.Code{glabella.CodeRequired}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := c.Approve(inventory.CountApproval{NewID: counted("m"), Shelves: tt.shelves, By: owner, At: morning}); !slices.Equal(codesOf(err), tt.want) {
				t.Errorf("Approve() = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestCancelCount(t *testing.T) {
	t.Parallel()
	_, c := reconciled(t, 4)
	got, err := c.Cancel(owner, morning, "wrong-site")
	if err != nil || got.State != inventory.CountCanceled {
		t.Errorf("Cancel() = %s, %v", got.State, err)
	}
	if _, err := c.Cancel(owner, morning, ""); !slices.Equal(places(err), []string{"/canceled/reason required"}) {
		t.Errorf("Cancel(without reason) = %v", err)
	}
	var transition *glabella.TransitionError
	if _, _, err := got.Approve(inventory.CountApproval{}); !errors.As(err, &transition) {
		t.Errorf("Approve(canceled) = %v, want a transition error", err)
	}
}

func TestCountValidate(t *testing.T) {
	t.Parallel()
	r, c := reconciled(t, 4)
	for _, tt := range []struct {
		name   string
		change func(*inventory.Count)
		want   []string
	}{
		{"as it is", func(*inventory.Count) {}, nil},
		{"unknown words", func(c *inventory.Count) { c.Kind, c.State = "x", "y" }, []string{"/kind unknown-value", "/reconciled mismatch", "/state unknown-value", "/submitted mismatch"}},
		{"a lot twice", func(c *inventory.Count) { c.Lines = append(c.Lines, c.Lines[0]) }, []string{"/lines/1/lot inventory.count.lot"}},
		{"a line of nothing", func(c *inventory.Count) { c.Lines[0].Lot, c.Lines[0].Product = glabella.LotID{}, glabella.ProductID{} }, []string{"/lines/0/lot required", "/lines/0/product required"}},
		{"a difference without reason", func(c *inventory.Count) { c.Lines[0].Reason = "" }, []string{"/lines/0/reason mismatch"}},
		{"a reason that is no code", func(c *inventory.Count) { c.Lines[0].Reason = "Nobody knows" }, []string{"/lines/0/reason format"}},
		{"a line that was never counted", func(c *inventory.Count) { c.Lines[0].First, c.Lines[0].Reason = inventory.CountFigure{}, "" }, []string{"/lines/0/first inventory.count.pending"}},
		{"a recount without a count", func(c *inventory.Count) {
			c.Lines[0].First, c.Lines[0].Second = inventory.CountFigure{}, c.Lines[0].First
		}, []string{"/lines/0/first inventory.count.pending", "/lines/0/second mismatch"}},
		{"checked by who counted", func(c *inventory.Count) { c.Reconciled.By = nurse }, []string{"/approved/by inventory.count.hands"}},
		{"a step too many", func(c *inventory.Count) { c.Approved = inventory.CountStep{By: owner, At: morning} }, []string{"/approved mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := c
			c.Lines = slices.Clone(c.Lines)
			tt.change(&c)
			if d := diff(tt.want, places(c.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAs[inventory.Count](text); err != nil || cmp.Diff(any(c), got) != "" {
		t.Errorf("read(write(count)) = %v, %v", got, err)
	}
	if c.Ref().Kind != "count" || r.Lot.ID.IsZero() {
		t.Errorf("Ref() = %v", c.Ref())
	}
}

// TestACountFindsWhatIsThere uses stock while it is counted: containers leave and
// arrive before, between and after the figures, and some are recorded late. Once all
// is recorded and approved, the record has what lies on the shelf.
func TestACountFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	differences, late, twice := 0, 0, 0
	for seed := range int64(300) {
		rng := rand.New(rand.NewSource(seed))
		type world struct {
			balance   inventory.Balance
			movements []inventory.Movement
			there     int // what lies on the shelf
			pending   []inventory.Movement
		}
		lots := make([]inventory.Lot, 1+rng.Intn(3))
		worlds := make([]world, len(lots))
		for i := range lots {
			r := stock(t, toxin(), fmt.Sprint("L", i), 20)
			lots[i], worlds[i] = r.Lot, world{balance: r.Balance, movements: []inventory.Movement{r.Movement}, there: 20 + rng.Intn(7) - 3}
		}
		now, n := morning, 0
		record := func(w *world, m inventory.Movement) {
			b, err := w.balance.Apply(m)
			if err != nil {
				t.Fatalf("seed %d: Apply() = %v", seed, err)
			}
			w.balance, w.movements = b, append(w.movements, m)
		}
		trade := func(recordAll bool) {
			for i := range worlds {
				w := &worlds[i]
				for range rng.Intn(3) {
					now = now.Add(time.Second)
					change := 1 - 2*rng.Intn(2)
					n++
					_, m, err := w.balance.Change(toxin(), inventory.StockChange{ID: movementID(fmt.Sprint(seed, "t", n)), Kind: inventory.MovementAdjust, Containers: change, Reason: "trade", By: nurse, At: now})
					if err != nil {
						t.Fatal(err)
					}
					w.there += change
					w.pending = append(w.pending, m)
				}
				for len(w.pending) > 0 && (recordAll || rng.Intn(3) > 0) {
					record(w, w.pending[0])
					w.pending = w.pending[1:]
				}
			}
			now = now.Add(time.Second)
		}
		shelf := func(i int) inventory.Shelf {
			return inventory.Shelf{Balance: worlds[i].balance, Movements: worlds[i].movements}
		}
		shelves := func() (out []inventory.Shelf) {
			for i := range worlds {
				out = append(out, shelf(i))
			}
			return out
		}
		must := func(c inventory.Count, err error) inventory.Count {
			t.Helper()
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return c
		}
		count := func(name string) inventory.Count {
			c := must(inventory.OpenCount(inventory.CountOpening{ID: glabella.DeriveID[glabella.CountID](name), Site: site, Kind: inventory.CountFull, Lots: lots, By: owner, At: morning}))
			for _, i := range rng.Perm(len(lots)) {
				trade(false)
				at, found := now, worlds[i].there
				if rng.Intn(2) == 0 { // written on paper, and entered later
					trade(false)
				}
				c = must(c.Tally(inventory.Tally{Lot: lots[i], Shelf: shelf(i), Found: found, By: nurse, At: at, Now: now}))
			}
			return must(c.Submit(inventory.CountSubmission{Balances: []inventory.Balance{worlds[0].balance}, By: nurse, At: now}))
		}
		approve := func(c inventory.Count, name string) {
			c = must(c.Reconcile(inventory.Reconciliation{Shelves: shelves(), By: auditor, At: now}))
			_, changes, err := c.Approve(inventory.CountApproval{NewID: counted(name), Shelves: shelves(), By: owner, At: now})
			if err != nil {
				t.Fatalf("seed %d: Approve() = %v", seed, err)
			}
			differences += len(changes)
			for _, l := range c.Lines {
				if l.Late != 0 {
					late++
				}
			}
			for _, a := range changes {
				i := slices.IndexFunc(lots, func(l inventory.Lot) bool { return l.ID == a.Lot })
				_, m, err := worlds[i].balance.Change(toxin(), a.Change)
				if err != nil {
					t.Fatal(err)
				}
				record(&worlds[i], m)
			}
		}
		for round := range 1 + rng.Intn(2) {
			c := count(fmt.Sprint("round", round))
			trade(true)
			approve(c, fmt.Sprint(seed, "r", round))
			twice += round
			if rng.Intn(2) == 0 { // somebody takes one and tells nobody
				worlds[0].there--
			}
			for i, w := range worlds[1:] {
				if w.balance.Sealed != w.there {
					t.Fatalf("seed %d: lot %d has %d on record, and %d lie there", seed, i+1, w.balance.Sealed, w.there)
				}
			}
		}
		last := count("last")
		trade(true)
		approve(last, fmt.Sprint(seed, "last"))
		for i, w := range worlds {
			if w.balance.Sealed != w.there {
				t.Fatalf("seed %d: lot %d has %d on record, and %d lie there", seed, i, w.balance.Sealed, w.there)
			}
		}
	}
	if differences < 100 || late < 100 || twice < 100 {
		t.Errorf("%d differences, %d late records, %d counts after a count: the test has too little to find", differences, late, twice)
	}
}

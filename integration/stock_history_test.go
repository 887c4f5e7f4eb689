package integration

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// stockHistory is a clinic with two sites whose stock is moved by chance. The same
// seed gives the same history on every backend.
type stockHistory struct {
	*practicetest.Clinic
	t       testing.TB
	rng     *rand.Rand
	backend storage.Backend
	actors  []glabella.Actor // who keeps the store, by site
	lots    []string         // numbers
	done    map[string]int   // commands that were accepted, by name
}

func newStockHistory(t testing.TB, b storage.Backend, seed uint64) *stockHistory {
	t.Helper()
	ids, now := uint64(seed<<32), time.Date(2026, time.November, 2, 15, 0, 0, 0, time.UTC)
	c, err := practicetest.Open(t.Context(), b, &practice.Options{
		Now:   func() time.Time { now = now.Add(time.Second); return now },
		Nonce: func() string { ids++; return fmt.Sprint("nonce-", ids) },
		NewUUID: func() uuid.UUID {
			ids++
			return uuid.NewSHA1(uuid.NameSpaceOID, binary.BigEndian.AppendUint64(nil, ids))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	second := c.Site
	second.ID, second.Name, second.Version = glabella.DeriveID[glabella.SiteID]("second"), "Second Clinic", 0
	if _, err := c.SetUp(t.Context(), c.Owner, practice.SetUp{Sites: []config.Site{second}}); err != nil {
		t.Fatal(err)
	}
	h := &stockHistory{Clinic: c, t: t, rng: rand.New(rand.NewPCG(seed, 5)), backend: b, done: map[string]int{}}
	keeper, _ := c.Store.Staff()
	for _, s := range []glabella.SiteID{c.Site.ID, second.ID} {
		h.actors = append(h.actors, glabella.StaffActor(keeper, s))
	}
	for n := range 3 { // three visits whose containers are drawn from later
		v, err := c.Prepare(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		h.lots = append(h.lots, v.LotNumber)
		if _, err := c.CompleteVisit(t.Context(), c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// step gives one command. What is refused is no step.
func (h *stockHistory) step() error {
	ctx, who, lot := h.t.Context(), h.actors[h.rng.IntN(2)], h.lots[h.rng.IntN(len(h.lots))]
	n := h.rng.IntN(4) + 1
	var name string
	var err error
	switch h.rng.IntN(9) {
	case 0:
		name = "receive"
		_, err = h.ReceiveStock(ctx, who, practice.ReceiveStock{Document: fmt.Sprint("D-", h.rng.IntN(1e9)), Supplier: "Test Supplier", Lines: []practice.ReceiveLine{
			{Scan: "]d201" + practicetest.ToxinGTIN + "1731123110" + lot + "\x1d30" + fmt.Sprint(n), UnitCost: money.MustParse("USD 420.00")},
		}})
	case 1:
		name = "open"
		_, err = h.OpenVial(ctx, h.nurseAt(who.Site), practice.OpenVial{Lot: lot, DiluentLot: "S1", DiluentVolume: quantity.MustParse("2.5 mL")})
	case 2:
		name = "discard"
		vials := all(h, storage.Tx.Vials, storage.VialQuery{})
		_, err = h.DiscardVial(ctx, h.nurseAt(who.Site), practice.DiscardVial{Vial: vials[h.rng.IntN(len(vials))].ID, Reason: inventory.ReasonUnused})
	case 3, 4:
		kinds := inventory.ChangeKinds()
		in := practice.ChangeStock{Lot: lot, Kind: kinds[h.rng.IntN(len(kinds))], Containers: -n, Reason: inventory.ReasonRecount}
		if in.Kind == inventory.MovementRelease || in.Kind == inventory.MovementAdjust && h.rng.IntN(2) == 0 {
			in.Containers = n
		}
		if in.Kind == inventory.MovementDispense {
			in.Patient = all(h, storage.Tx.Patients, storage.PatientQuery{})[0].ID
		}
		name = string(in.Kind)
		_, err = h.ChangeStock(ctx, who, in)
	case 5:
		name = "reverse"
		movements := all(h, storage.Tx.Movements, storage.MovementQuery{})
		_, err = h.ReverseMovement(ctx, who, practice.ReverseMovement{Movement: movements[h.rng.IntN(len(movements))].ID, Reason: inventory.ReasonEnteredInError})
	case 6:
		name = "ship"
		to := h.actors[0].Site
		if who.Site == to {
			to = h.actors[1].Site
		}
		_, err = h.ShipStock(ctx, who, practice.ShipStock{To: to, Lines: []practice.ShipLine{{Lot: lot, Containers: n}}})
	case 7:
		name = "settle"
		transfers := all(h, storage.Tx.Transfers, storage.TransferQuery{})
		if len(transfers) == 0 {
			return nil
		}
		tr := transfers[h.rng.IntN(len(transfers))]
		_, err = h.SettleTransfer(ctx, who, practice.SettleTransfer{Transfer: tr.ID, Arrivals: []inventory.Arrival{
			{Lot: tr.Lines[0].Lot, Received: h.rng.IntN(4), Back: h.rng.IntN(2), Lost: h.rng.IntN(2), Reason: inventory.ReasonTransitBroken},
		}})
	default:
		name = "match"
		usages := all(h, storage.Tx.Usages, storage.UsageQuery{})
		if len(usages) == 0 {
			return nil
		}
		u, vials := usages[h.rng.IntN(len(usages))], all(h, storage.Tx.Vials, storage.VialQuery{})
		vial := vials[h.rng.IntN(len(vials))]
		_, err = h.MatchUsage(ctx, h.actors[0], practice.MatchUsage{Command: practice.Command{Acknowledge: softened}, Usage: u.ID, Lot: vial.Lot, Vial: vial.ID})
	}
	switch {
	case err == nil:
		h.done[name]++
	case errors.Is(err, glabella.ErrRefused), errors.Is(err, glabella.ErrInvalid), errors.Is(err, glabella.ErrConflict), errors.Is(err, glabella.ErrNotFound), errors.As(err, new(*glabella.TransitionError)):
	default:
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (h *stockHistory) nurseAt(site glabella.SiteID) glabella.Actor {
	id, _ := h.Nurse.Staff()
	return glabella.StaffActor(id, site)
}

// softened are warnings about what was given and is over.
var softened = []glabella.Code{inventory.CodeUsageOtherLot, inventory.CodeUsageBeforeReceipt, inventory.CodeVialOtherPatient, inventory.CodeVialBeyondUse, inventory.CodeVialNotReconstituted, inventory.CodeLotRecalled}

// all returns every record of a kind, in the order of their IDs.
func all[ID, T, Q any](h *stockHistory, of func(storage.Tx) storage.Repo[ID, T, Q], q Q) []T {
	h.t.Helper()
	var out []T
	if err := h.backend.View(h.t.Context(), func(ctx context.Context, tx storage.Tx) error {
		for v, err := range of(tx).List(ctx, q) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	return out
}

// check compares the stock with its movements, and what came in with what became
// of it.
func (h *stockHistory) check() {
	h.t.Helper()
	movements := all(h, storage.Tx.Movements, storage.MovementQuery{})
	balances := all(h, storage.Tx.Balances, storage.BalanceQuery{})
	vials := all(h, storage.Tx.Vials, storage.VialQuery{})
	for _, issue := range inventory.Verify(movements, balances, vials) {
		h.t.Errorf("%s: %s %v", issue.Path, issue.Code, issue.Args)
	}
	// Received = used + wasted + sold + on hand + in transit + unaccounted, by lot.
	type sums map[string]quantity.Quantity
	lots := map[glabella.LotID]sums{}
	add := func(lot glabella.LotID, what string, q quantity.Quantity) {
		if lots[lot] == nil {
			lots[lot] = sums{}
		}
		sum, err := lots[lot][what].Add(q)
		if lots[lot][what].Unit().IsZero() {
			sum, err = q, nil
		}
		if err != nil {
			h.t.Fatal(err)
		}
		lots[lot][what] = sum
	}
	for _, m := range movements {
		switch m.Kind {
		case inventory.MovementReceive:
			add(m.Lot, "received", m.Quantity)
		case inventory.MovementAdminister, inventory.MovementConsume:
			add(m.Lot, "used", m.Quantity.Neg())
		case inventory.MovementWaste:
			add(m.Lot, "wasted", m.Quantity.Neg())
		case inventory.MovementSell, inventory.MovementDispense, inventory.MovementReturn, inventory.MovementRestock:
			add(m.Lot, "sold or returned", m.Quantity.Neg())
		case inventory.MovementHold, inventory.MovementRelease:
			add(m.Lot, "set aside", m.Quantity.Neg())
		case inventory.MovementTransferOut, inventory.MovementTransferIn:
			add(m.Lot, "in transit", m.Quantity.Neg())
		case inventory.MovementAdjust:
			add(m.Lot, "unaccounted", m.Quantity.Neg())
		case inventory.MovementOpen:
			add(m.Lot, "used", m.Quantity) // nothing
		default:
			h.t.Fatalf("%s belongs nowhere", m.Kind)
		}
	}
	for _, b := range balances {
		if b.OnHand.Sign() < 0 || b.Sealed < 0 || b.Held < 0 {
			h.t.Errorf("%s is below nothing: %+v", b.Ref(), b)
		}
		add(b.Lot, "on hand", b.OnHand)
	}
	for lot, s := range lots {
		received := s["received"]
		for what, q := range s {
			if what == "received" {
				continue
			}
			left, err := received.Sub(q)
			if err != nil {
				h.t.Fatal(err)
			}
			received = left
		}
		if !received.IsZero() {
			h.t.Errorf("lot %s: %s of what came in is nowhere: %v", lot, received, s)
		}
		if sign := s["in transit"].Sign(); sign < 0 {
			h.t.Errorf("lot %s: more arrived than was sent", lot)
		}
	}
	if books, err := h.CheckBooks(h.t.Context(), h.Director); err != nil || len(books.Differences) > 0 {
		h.t.Errorf("the books: %+v, %v", books.Differences, err)
	}
	if _, err := h.VerifyAudit(h.t.Context(), h.Director, nil); err != nil {
		h.t.Errorf("the journal: %v", err)
	}
}

// state is everything about stock, as it is stored.
func (h *stockHistory) state() string {
	h.t.Helper()
	text, err := json.Marshal([]any{
		all(h, storage.Tx.Movements, storage.MovementQuery{}), all(h, storage.Tx.Balances, storage.BalanceQuery{}), all(h, storage.Tx.Vials, storage.VialQuery{}),
		all(h, storage.Tx.Usages, storage.UsageQuery{}), all(h, storage.Tx.Transfers, storage.TransferQuery{}),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func TestRandomHistoriesOfStockOnEveryStore(t *testing.T) {
	t.Parallel()
	const steps = 250
	seeds := []uint64{1, 2}
	if testing.Short() {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			want := ""
			done := map[string]int{}
			for _, store := range []struct {
				name string
				open func(t *testing.T) storage.Backend
			}{
				{"memory", func(*testing.T) storage.Backend { return memory.New() }},
				{"memory again", func(*testing.T) storage.Backend { return memory.New() }},
				{"SQLite", func(t *testing.T) storage.Backend { return sqlBackend(t, newSQLite(t)) }},
				{"PostgreSQL", func(t *testing.T) storage.Backend { return sqlBackend(t, newPostgreSQL(t)) }},
			} {
				t.Run(store.name, func(t *testing.T) {
					h := newStockHistory(t, store.open(t), seed)
					for range steps {
						if err := h.step(); err != nil {
							t.Fatal(err)
						}
					}
					h.check()
					got := h.state()
					if want == "" {
						want, done = got, h.done
					} else if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("the state is another one than in memory:\n%s", diff)
					}
				})
			}
			for _, name := range []string{"receive", "open", "discard", "reverse", "ship", "settle"} {
				if done[name] == 0 {
					t.Errorf("nothing was %q in the history: %v", name, done)
				}
			}
		})
	}
}

func sqlBackend(t testing.TB, d database) storage.Backend {
	t.Helper()
	b, err := sqlstore.New(t.Context(), d.open(t), d.dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTwoWhoSellTheLastOneNeverSellItTwice(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d database) {
		ctx := t.Context()
		c, err := practicetest.Open(ctx, sqlBackend(t, d), nil)
		if err != nil {
			t.Fatal(err)
		}
		const stock, buyers = 5, 16
		if _, err := c.ReceiveStock(ctx, c.Store, practice.ReceiveStock{Document: "D-1", Supplier: "Test Supplier", Lines: []practice.ReceiveLine{
			{Scan: "]d201" + practicetest.ToxinGTIN + "1731123110LAST\x1d30" + fmt.Sprint(stock), UnitCost: money.MustParse("USD 420.00")},
		}}); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		sold := 0
		for range buyers {
			wait.Go(func() {
				_, err := c.ChangeStock(ctx, c.Store, practice.ChangeStock{Lot: "LAST", Kind: inventory.MovementSell, Containers: -1})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					sold++
				} else if !errors.Is(err, glabella.ErrRefused) {
					t.Errorf("sold nothing: %v", err)
				}
			})
		}
		wait.Wait()
		h := &stockHistory{Clinic: c, t: t, backend: sqlBackend(t, d)}
		balances := all(h, storage.Tx.Balances, storage.BalanceQuery{})
		if i := slices.IndexFunc(balances, func(b inventory.Balance) bool { return b.Sealed == 0 }); sold != stock || len(balances) != 1 || i != 0 {
			t.Errorf("%d were sold of %d: %+v", sold, stock, balances)
		}
		h.check()
	})
}

package practice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
)

// Codes of issues with stock that take more than one record to tell.
const (
	// CodeProductUnknown says that no product of the catalogue has the scanned GTIN, or the code.
	CodeProductUnknown glabella.Code = "practice.product.unknown"
	// CodeLotUnknown says that no lot of this number has been received.
	CodeLotUnknown glabella.Code = "practice.lot.unknown"
	// CodeLotAmbiguous says that lots of several products have the number, and the product is not named.
	CodeLotAmbiguous glabella.Code = "practice.lot.ambiguous"
)

// ReceiveStock is the input of [Practice.ReceiveStock]: one delivery.
type ReceiveStock struct {
	Command
	Document string                   `json:"document"` // the number of the delivery note
	Supplier string                   `json:"supplier"`
	Lines    []ReceiveLine            `json:"lines"`
	Order    glabella.PurchaseOrderID `json:"order,omitzero"` // that it was ordered by
	Over     string                   `json:"over,omitempty"` // why more arrived than was to come: a code, such as [inventory.ReasonOverDelivered]
}

// ReceiveLine is one line of a delivery: what the scanner read, and what one
// container cost.
type ReceiveLine struct {
	Scan     string       `json:"scan"`     // what the scanner sends: product, lot, expiry and, if there are several, a count; see [inventory.Scan]
	UnitCost money.Amount `json:"unitCost"` // of one container
}

// Received is the receipt of [Practice.ReceiveStock], one item per line.
type Received struct {
	Lines []inventory.ReceivedLine `json:"lines"`
}

// ReceiveStock books a delivery into stock from the barcodes on its packs: GS1
// element strings and Digital Link, or any other that [inventory.Scan] reads and
// whose number a product of the catalogue has. If a line cannot be read, is of an unknown product, or may not be taken
// in, nothing of the delivery is; the error names every such line by its path.
func (p *Practice) ReceiveStock(ctx context.Context, actor glabella.Actor, in ReceiveStock) (Received, error) {
	return run(ctx, p, actor, access.StockReceive, glabella.PatientID{}, in, func(ctx context.Context, w *work, in ReceiveStock, out *Received) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		products, err := w.Products().All(ctx, storage.ProductQuery{})
		if err != nil {
			return failed(err)
		}
		policy, err := storePolicyOf(ctx, w.StorePolicies(), site.ID)
		if err != nil {
			return failed(err)
		}
		catalogue, err := inventory.NewCatalogue(policy.Catalogue(products))
		if err != nil {
			return failed(err)
		}
		var issues []glabella.Issue
		for i, line := range in.Lines {
			path := fmt.Sprintf("/lines/%d", i)
			scan, err := inventory.Scan(line.Scan, site.today.Year)
			if err != nil {
				issues = append(issues, scanIssue(path+"/scan", err))
				continue
			}
			item, err := catalogue.ResolveScan(scan)
			if err != nil {
				issues = append(issues, unresolved(path+"/scan", scan, err))
				continue
			}
			product := products[slices.IndexFunc(products, func(p inventory.Product) bool { return p.ID == item.Product })]
			d := inventory.Delivery{
				ID: glabella.MovementID(w.NewUUID()), Product: product, Site: site.ID, NewLot: glabella.LotID(w.NewUUID()), UnitCost: line.UnitCost,
				Supplier: in.Supplier, Document: in.Document, By: by, At: w.Now(), Zone: site.zone,
			}.ScannedAs(scan)
			if d.Containers == 0 {
				d.Containers = 1 // a scan without a count is of one container
			}
			received, err := w.receive(ctx, d)
			var invalid *glabella.ValidationError
			switch {
			case errors.As(err, &invalid):
				for _, issue := range invalid.Issues {
					issue.Path = path + issue.Path
					issues = append(issues, issue)
				}
			case err != nil:
				return failed(fmt.Errorf("%s: %w", path, err))
			}
			out.Lines = append(out.Lines, received)
		}
		if err := glabella.Invalid("delivery", issues...); err != nil {
			return failed(err)
		}
		if err := w.arrived(ctx, in, out.Lines, by); err != nil {
			return failed(err)
		}
		return recorded("inventory.received", inventory.ReceivedEvent{Site: site.ID, Document: in.Document, Lines: out.Lines})
	})
}

// unresolved says why no product was scanned.
func unresolved(path string, scan inventory.Scanned, err error) glabella.Issue {
	var resolve *inventory.ResolveError
	if errors.As(err, &resolve) && len(resolve.Candidates) > 1 {
		return glabella.Issue{Path: path, Code: resolve.Code, Text: "several products of the catalogue have this number"}
	}
	return glabella.Issue{Path: path, Code: CodeProductUnknown, Text: "no product of the catalogue has this number", Args: map[string]string{"gtin": cmp.Or(scan.GTIN, scan.NDC, scan.DI)}}
}

func scanIssue(path string, err error) glabella.Issue {
	var ndc *inventory.NDCError
	if errors.As(err, &ndc) {
		return glabella.Issue{Path: path, Code: ndc.Code, Text: "not a National Drug Code whose segments can be told"}
	}
	var scan *inventory.ScanError
	if !errors.As(err, &scan) {
		return glabella.Issue{Path: path, Code: glabella.CodeFormat, Text: "not a barcode that can be read"}
	}
	return glabella.Issue{Path: path, Code: scan.Code, Text: scan.Text, Column: scan.Position + 1, Line: 1}
}

// receive takes in one line of a delivery.
func (w *work) receive(ctx context.Context, d inventory.Delivery) (inventory.ReceivedLine, error) {
	lots, err := w.Lots().All(ctx, storage.LotQuery{Product: d.Product.ID, Number: d.Number})
	if err != nil {
		return inventory.ReceivedLine{}, err
	}
	if len(lots) > 0 {
		d.Lot = lots[0]
		if d.Balance, err = w.balance(ctx, d.Lot.ID, d.Site); err != nil {
			return inventory.ReceivedLine{}, err
		}
	}
	receipt, err := inventory.Receive(d)
	if err != nil {
		return inventory.ReceivedLine{}, err
	}
	if receipt.New {
		if _, err := w.Lots().Put(ctx, receipt.Lot); err != nil {
			return inventory.ReceivedLine{}, err
		}
	}
	if err := w.move(ctx, receipt.Balance, receipt.Movement); err != nil {
		return inventory.ReceivedLine{}, err
	}
	return inventory.ReceivedLine{Lot: receipt.Lot.ID, Movement: receipt.Movement.ID, Containers: receipt.Movement.Containers, OnHand: receipt.Balance.OnHand}, nil
}

// balance returns what is on hand of a lot at a site, the zero Balance if the
// site has never had it.
func (w *work) balance(ctx context.Context, lot glabella.LotID, site glabella.SiteID) (inventory.Balance, error) {
	b, err := w.Balances().Get(ctx, inventory.BalanceIDOf(lot, site))
	if _, err := found(err); err != nil {
		return inventory.Balance{}, err
	}
	return b, nil
}

// move stores a movement and the balance after it.
func (w *work) move(ctx context.Context, b inventory.Balance, m inventory.Movement) error {
	if _, err := w.Balances().Put(ctx, b); err != nil {
		return err
	}
	return w.moved(ctx, m)
}

// moved stores a movement. One of what the practice keeps under control has a
// witness, whatever the command is that makes it.
func (w *work) moved(ctx context.Context, m inventory.Movement) error {
	if w.p.control != nil {
		if err := w.Require(w.p.control.MayMove(m)); err != nil {
			return err
		}
	}
	_, err := w.Movements().Put(ctx, m)
	return err
}

// lotNumbered returns the lot with the number that is printed on a container, of
// a product that fits. Two manufacturers may use the same number: then the
// product must be named.
func (w *work) lotNumbered(ctx context.Context, path, number string, fits func(inventory.Product) bool) (inventory.Lot, inventory.Product, error) {
	lots, err := w.Lots().All(ctx, storage.LotQuery{Number: number})
	if err != nil {
		return inventory.Lot{}, inventory.Product{}, err
	}
	var lot inventory.Lot
	var product inventory.Product
	n := 0
	for _, l := range lots {
		p, err := w.Products().Get(ctx, l.Product)
		if err != nil {
			return inventory.Lot{}, inventory.Product{}, err
		}
		if fits(p) {
			lot, product = l, p
			n++
		}
	}
	switch {
	case number == "" || n == 0:
		return lot, product, glabella.Invalid("vial", glabella.Issue{Path: path, Code: CodeLotUnknown, Text: "no lot of this number has been received"})
	case n > 1:
		return lot, product, glabella.Invalid("vial", glabella.Issue{Path: path, Code: CodeLotAmbiguous, Text: "lots of several products have this number; name the product"})
	}
	return lot, product, nil
}

// shelves are the lots of every site in memory, by which the next one is chosen.
type shelves struct {
	*inventory.Index
	records *storage.Derived
}

func newShelves() *shelves {
	x := inventory.NewIndex()
	return &shelves{Index: x, records: storage.NewDerived(storage.From(storage.Tx.Lots, x.PutLot), storage.From(storage.Tx.Balances, x.PutBalance))}
}

// SuggestLots is the question of [Practice.SuggestLots].
type SuggestLots struct {
	Product  string            // code of the catalogue
	Quantity quantity.Quantity // in the product's base unit
}

// SuggestLots answers which lots at the actor's site to take an amount of a
// product from: first expired, first out. A lot that somebody scans goes before
// any suggestion.
func (p *Practice) SuggestLots(ctx context.Context, actor glabella.Actor, q SuggestLots) ([]inventory.Suggestion, error) {
	if p.shelves != nil {
		if err := p.shelves.records.CatchUp(ctx, p.store); err != nil {
			return nil, err
		}
	}
	return query(ctx, p, actor, access.StockRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]inventory.Suggestion, error) {
		site, err := at(ctx, r.Sites(), actor, r.Now())
		if err != nil {
			return nil, err
		}
		products, err := r.Products().All(ctx, storage.ProductQuery{Code: q.Product})
		if err != nil {
			return nil, err
		}
		if q.Product == "" || len(products) == 0 {
			return nil, glabella.Invalid("stock", glabella.Issue{Path: "/product", Code: CodeProductUnknown, Text: "no product of the catalogue has this code"})
		}
		if p.shelves != nil {
			return p.shelves.FEFO(products[0].ID, site.ID, q.Quantity, site.today), nil
		}
		lots, err := r.Lots().All(ctx, storage.LotQuery{Product: products[0].ID})
		if err != nil {
			return nil, err
		}
		balances, err := r.Balances().All(ctx, storage.BalanceQuery{Product: products[0].ID, Site: site.ID})
		if err != nil {
			return nil, err
		}
		return inventory.FEFO(lots, balances, products[0].ID, q.Quantity, site.today), nil
	})
}

// OpenVial is the input of [Practice.OpenVial].
type OpenVial struct {
	Command
	Lot           string            `json:"lot"`                    // the number printed on the container
	Product       string            `json:"product,omitempty"`      // code of the catalogue, where lots of several products have the number
	DiluentLot    string            `json:"diluentLot,omitempty"`   // of what it is reconstituted with
	DiluentVolume quantity.Quantity `json:"diluentVolume,omitzero"` // in mL; zero if it is used as it comes
}

// Opened is the receipt of [Practice.OpenVial].
type Opened struct {
	Vial          glabella.VialID     `json:"vial"`
	Movement      glabella.MovementID `json:"movement"` // to take it back, see [Practice.ReverseMovement]
	Lot           glabella.LotID      `json:"lot"`
	Concentration quantity.Quantity   `json:"concentration"` // zero if it is used as it comes
	BeyondUse     glabella.Date       `json:"beyondUse,omitzero"`
	Version       uint64              `json:"version"`
}

// OpenVial opens one container of a lot at the actor's site, a vial or a
// syringe, and reconstitutes it if a diluent is given. The stock on hand stays
// as it is; what is drawn or discarded later moves it.
func (p *Practice) OpenVial(ctx context.Context, actor glabella.Actor, in OpenVial) (Opened, error) {
	return run(ctx, p, actor, access.VialOpen, glabella.PatientID{}, in, func(ctx context.Context, w *work, in OpenVial, out *Opened) (storage.Outcome, error) {
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		lot, product, err := w.lotNumbered(ctx, "/lot", in.Lot, func(p inventory.Product) bool { return in.Product == "" || p.Code == in.Product })
		if err != nil {
			return failed(err)
		}
		balance, err := w.balance(ctx, lot.ID, site.ID)
		if err != nil {
			return failed(err)
		}
		var vial inventory.Vial
		var movement inventory.Movement
		opening := inventory.Opening{Vial: glabella.VialID(w.NewUUID()), Movement: glabella.MovementID(w.NewUUID()), By: by, At: w.Now(), Zone: site.zone}
		err = w.acknowledged(func(settled []glabella.Code) (err error) {
			opening.Acknowledged = settled
			vial, balance, movement, err = inventory.Open(product, lot, balance, opening)
			return err
		})
		if err != nil {
			return failed(err)
		}
		if !in.DiluentVolume.IsZero() || in.DiluentLot != "" {
			r := inventory.Reconstitution{Product: product, Lot: lot, Volume: in.DiluentVolume, At: w.Now(), Zone: site.zone}
			if in.DiluentLot != "" {
				diluent := func(p inventory.Product) bool { return p.Class == inventory.DiluentItem }
				if r.DiluentLot, r.Diluent, err = w.lotNumbered(ctx, "/diluentLot", in.DiluentLot, diluent); err != nil {
					return failed(err)
				}
			}
			err = w.acknowledged(func(settled []glabella.Code) (err error) {
				r.Acknowledged = settled
				vial, err = vial.Reconstitute(r)
				return err
			})
			if err != nil {
				return failed(err)
			}
		}
		if err := w.move(ctx, balance, movement); err != nil {
			return failed(err)
		}
		if vial, err = w.Vials().Put(ctx, vial); err != nil {
			return failed(err)
		}
		*out = Opened{Vial: vial.ID, Movement: movement.ID, Lot: lot.ID, Concentration: vial.Concentration, Version: vial.Version}
		if !vial.BeyondUse.IsZero() {
			out.BeyondUse = glabella.DateOf(vial.BeyondUse.In(site.zone))
		}
		return recorded("inventory.opened", inventory.OpenedEvent{Vial: vial.ID, Lot: lot.ID, Site: site.ID, Nominal: vial.Nominal})
	})
}

// DiscardVial is the input of [Practice.DiscardVial].
type DiscardVial struct {
	Command
	Vial    glabella.VialID  `json:"vial"`
	Reason  string           `json:"reason"`           // a code, see [inventory.Reasons]
	Witness glabella.StaffID `json:"witness,omitzero"` // the second person, where one is wanted
}

// Discarded is the receipt of [Practice.DiscardVial].
type Discarded struct {
	Movement glabella.MovementID `json:"movement"` // to take it back, see [Practice.ReverseMovement]
	Wasted   quantity.Quantity   `json:"wasted"`
	Version  uint64              `json:"version"`
}

// DiscardVial throws away what is left in an opened container.
func (p *Practice) DiscardVial(ctx context.Context, actor glabella.Actor, in DiscardVial) (Discarded, error) {
	return run(ctx, p, actor, access.VialDiscard, glabella.PatientID{}, in, func(ctx context.Context, w *work, in DiscardVial, out *Discarded) (storage.Outcome, error) {
		by, err := w.staff()
		if err != nil {
			return failed(err)
		}
		vial, err := w.Vials().Get(ctx, in.Vial)
		if err != nil {
			return failed(err)
		}
		if err := w.expect(vial.Ref(), vial.Version); err != nil {
			return failed(err)
		}
		balance, err := w.balance(ctx, vial.Lot, vial.Site)
		if err != nil {
			return failed(err)
		}
		wasted := vial.Remaining
		vial, balance, movement, err := vial.Discard(inventory.Discard{ID: glabella.MovementID(w.NewUUID()), Balance: balance, Reason: in.Reason, By: by, Witness: in.Witness, At: w.Now()})
		if err != nil {
			return failed(err)
		}
		if err := w.move(ctx, balance, movement); err != nil {
			return failed(err)
		}
		if vial, err = w.Vials().Put(ctx, vial); err != nil {
			return failed(err)
		}
		*out = Discarded{Movement: movement.ID, Wasted: wasted, Version: vial.Version}
		return recorded("inventory.discarded", inventory.DiscardedEvent{Vial: vial.ID, Lot: vial.Lot, Site: vial.Site, Wasted: wasted, Reason: in.Reason})
	})
}

// Exposure is one patient who received something of a lot.
type Exposure struct {
	Patient   glabella.PatientID
	Encounter glabella.EncounterID
	Lot       glabella.LotID
	On        glabella.Date
	Amount    quantity.Quantity
	Regions   []string
}

// Trace is the answer to who received a lot, and where the rest of it is.
type Trace struct {
	Lots      []inventory.Lot // every lot of the number: two manufacturers may use the same
	Exposures []Exposure
	Balances  []inventory.Balance  // what is on hand, by site
	Vials     []inventory.Vial     // every container that was opened
	Trails    []inventory.LotTrace // in the order of the lots: with what was sold, shipped or reconstituted, and what may have been it
}

// TraceLot answers who received a lot, by the number printed on it, and where
// the rest of it is. If lots of several products have the number, it answers for
// all of them: a trace must not miss anyone.
func (p *Practice) TraceLot(ctx context.Context, actor glabella.Actor, number string) (Trace, error) {
	return query(ctx, p, actor, access.StockTrace, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (Trace, error) {
		var t Trace
		var err error
		if t.Lots, err = r.Lots().All(ctx, storage.LotQuery{Number: number}); err != nil {
			return Trace{}, err
		}
		if number == "" || len(t.Lots) == 0 {
			return Trace{}, glabella.Invalid("recall", glabella.Issue{Path: "/lot", Code: CodeLotUnknown, Text: "no lot of this number has been received"})
		}
		for _, lot := range t.Lots {
			balances, err := r.Balances().All(ctx, storage.BalanceQuery{Lot: lot.ID})
			if err != nil {
				return Trace{}, err
			}
			vials, err := r.Vials().All(ctx, storage.VialQuery{Lot: lot.ID})
			if err != nil {
				return Trace{}, err
			}
			exposures, err := exposuresTo(ctx, r, lot.ID)
			if err != nil {
				return Trace{}, err
			}
			t.Balances, t.Vials, t.Exposures = append(t.Balances, balances...), append(t.Vials, vials...), append(t.Exposures, exposures...)
		}
		t.Trails, err = seenStock(r).traces(ctx, lotIDs(t.Lots))
		return t, err
	})
}

func lotIDs(lots []inventory.Lot) []glabella.LotID {
	out := make([]glabella.LotID, len(lots))
	for i, l := range lots {
		out[i] = l.ID
	}
	return out
}

// exposuresTo returns the patients who received something of a lot.
func exposuresTo(ctx context.Context, r *storage.Reading, lot glabella.LotID) ([]Exposure, error) {
	var out []Exposure
	for visit, err := range r.Encounters().List(ctx, storage.EncounterQuery{Lot: lot}) {
		if err != nil {
			return nil, err
		}
		site, err := r.Sites().Get(ctx, visit.Site)
		if err != nil {
			return nil, err
		}
		day, err := site.Today(visit.StartedAt)
		if err != nil {
			return nil, err
		}
		for _, proc := range visit.Procedures {
			for _, a := range proc.Administrations {
				if a.Lot == lot {
					out = append(out, Exposure{Patient: visit.Patient, Encounter: visit.ID, Lot: lot, On: day, Amount: a.Quantity, Regions: a.Regions})
				}
			}
		}
	}
	return out, nil
}

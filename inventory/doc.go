// Package inventory models the stock of a practice: what it keeps, the lots that
// it received, the containers that are open, and every movement of each.
//
// A [Product] is an item of the stock catalogue, such as the 100-unit vial of a
// toxin. A [Lot] is a manufacturer's lot of it. A [Balance] is what is on hand of
// one lot at one site, counted twice: in the base unit with what is left in opened
// containers, and in unopened containers. A [Vial] is one opened container, a vial
// or a syringe. A [Movement] is one change of a balance; movements are only ever
// added, and a wrong one is taken back by its exact opposite ([Reverse]). Balances
// and vials are what the movements amount to; [Fold] computes them anew and [Verify]
// compares.
//
// The life of a vial is a chain of verbs. Each returns the changed records and the
// movement to store with them, or a [*glabella.RefusedError] with every reason:
//
//	vial, balance, opened, err := inventory.Open(product, lot, balance, opening)
//	vial, err = vial.Reconstitute(inventory.Reconstitution{…})
//	vial, balance, given, err := vial.Draw(inventory.Draw{…})
//	vial, balance, wasted, err := vial.Discard(inventory.Discard{…})
//
// Whether a lot or an opened container may be used is asked without changing
// anything by [Usable] and [VialUsable], and which lot to take first by [FEFO].
// [ParseGS1] reads the barcode of a carton, the GS1 form of a UDI, [Scan] whatever
// a scanner sends, and [Receive] takes the delivery in. A [Catalogue] finds items by
// any of their names and numbers, and [Convert] counts in their packs.
//
// Stock moves in other ways too: a [Transfer] between sites, waste, counts, returns
// and what is set aside ([Balance.Change]), each by rules on reasons and witnesses
// ([ControlPolicy]). Treatment never waits for stock: what is charted and no stock
// accounts for is a [Usage] that is matched later ([Book], [Usage.Match]).
// An [Index] answers from memory which lot comes first, who received a lot and where
// it went, and who may have received it because a record names no lot. A [RecallCase]
// is what the practice does about a recall, patient by patient.
//
// The store room is run by records of its own. A [Count] counts it while it is in
// use, line by line against the record of that moment, and takes three people. A
// [PurchaseOrder] comes in by parts and is compared with what the supplier charges;
// [Reorder] says what to order for a [ParLevel], and [ExpiryAlerts] what will expire
// before it is used. An [Excursion] sets aside what a storage held when it was too warm
// or too cold until somebody decides on each lot. [UsageReportOf] compares what was
// charted with what left the stock, and [ValuationOf] says what each site's stock cost.
//
// What it does not do: it does not convert between products, it does not
// keep prices or accounts (a cost is a number beside a movement, see [CostOf]), it
// does not say how long a product may be used after opening (the catalogue states
// that with its source, see [InUse]), and it does not know whether a treatment is
// safe. The diluent of a vial is recorded, not taken from stock.
package inventory

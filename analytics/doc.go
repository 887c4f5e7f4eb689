// Package analytics holds projections: figures that are folded from the events
// in the journal, record by record, and so are as fresh as the last command.
//
// [Day] holds what happened at a site on one day. It is fed journal records in
// order, by whoever tails the journal:
//
//	day := analytics.Day{On: today, Site: site.ID, Zone: zone}
//	for _, rec := range records {
//		err := day.Apply(rec)
//	}
//
// What it does not do: it does not read the store. Its figures of money are
// compared with the ledger by whoever has both.
package analytics

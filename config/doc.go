// Package config models a practice's settings as data: its sites, the policies
// that hold at each, and the packs of rules that a jurisdiction brings along,
// with their citations.
//
//	pack, ok := config.PackFor("US-TX")
//	site := config.Site{Name: "Main Street", Zone: "America/Chicago", Jurisdiction: "US-TX", Currency: money.USD, Policy: pack.Policy()}
//	today, err := site.Today(now)
//
// What it does not do: it gives no legal advice. A pack carries what was read of
// the law and where; a practice's own counsel decides what its policy says.
package config

package storagetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/scheduling"
	"github.com/glabella-ehr/glabella/storage"
)

// queryChecks are the promises about lists.
func queryChecks() []Check {
	return []Check{
		check("a query that matches nothing yields nothing",
			"Lists of an empty store, with every field of every query, end at once and without an error.", queryEmpty),
		{"a query matches all of its fields",
			"Every field of every query selects exactly the records that have the value, and several fields together those that match all of them.", queryFields},
		check("a query compares text exactly",
			"Codes that differ in case, in accents or in how an accent is composed are different.", queryText),
		{"lists are ordered by ID and complete",
			"Lists without an order of their own yield every record once, by ascending ID, also where they do not fit a page of the database.", queryOrder},
		check("appointments are ordered by start",
			"Appointments are listed by start and then by ID, with every combination of fields.", queryAppointments),
		check("the ledger is ordered by effective date",
			"Ledger entries are listed by effective date and then by ID.", queryLedger),
		check("appointments are bounded by their start, the end excluded",
			"From is the first instant that is included and To the first that is not.", queryAppointmentBounds),
		check("the ledger is bounded by two days, both included",
			"From and To are the first and the last effective date that are included.", queryLedgerBounds),
		check("a visit is listed once for a lot",
			"A visit is found by every lot that was administered in it, and once for each, however often the lot was used.", queryLots),
		check("a record is found by its newest version only",
			"After an update a record is found under its new values and no longer under the old ones, and lists yield the newest version.", queryNewest),
		check("a limit cuts a list",
			"A list with a limit yields the first so many records that match; 0 is no limit.", queryLimit),
	}
}

func queryEmpty(ctx context.Context, b storage.Backend) error {
	return b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, c := range collections() {
			got, err := c.list(ctx, tx)
			if err != nil || len(got) > 0 {
				return fmt.Errorf("%s: list of an empty store: got %d records and error %v, want none", c.kind(), len(got), err)
			}
		}
		for _, s := range selections() {
			if err := s.empty(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func queryFields(ctx context.Context, open Opener) error {
	for _, s := range selections() {
		b, err := open()
		if err != nil {
			return err
		}
		if err := s.run(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func queryText(ctx context.Context, b storage.Backend) error {
	service := Fixtures().Service
	codes := []string{"peel", "Peel", "PEEL", "p\u00e9el", "pe\u0301el", "\ufb01ller", "filler", "straße", "strasse"}
	for n, code := range codes {
		v := Stamped(nth(service, n), 1)
		v.Code = code
		if err := put(ctx, b, storage.Tx.Services, v); err != nil {
			return err
		}
	}
	for n, code := range codes {
		found, err := list(ctx, b, storage.Tx.Services, storage.ServiceQuery{Code: code})
		if err != nil {
			return err
		}
		if got, want := ids(found), []string{nthID[glabella.ServiceID](n).String()}; !slices.Equal(got, want) {
			return fmt.Errorf("services with code %+q: got %v, want %v", code, got, want)
		}
	}
	return nil
}

func queryOrder(ctx context.Context, open Opener) error {
	for _, c := range collections() {
		if c.kind() == "appointment" || c.kind() == "entry" {
			continue
		}
		b, err := open()
		if err != nil {
			return err
		}
		size := 5
		if c.kind() == "site" {
			size = 600
		}
		want := make([]string, size)
		if err := b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			for _, n := range shuffled(size) {
				want[n] = c.id(n)
				if err := c.put(ctx, tx, n, 1); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if err := b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
			got, err := c.list(ctx, tx)
			if err != nil {
				return err
			}
			return same(c.kind()+": list", got, want)
		}); err != nil {
			return err
		}
	}
	return nil
}

// appointments stores appointments whose starts, in hours after the fixture's,
// are those given, and returns them.
func appointments(ctx context.Context, b storage.Backend, starts ...time.Duration) ([]scheduling.Appointment, error) {
	var out []scheduling.Appointment
	for n, start := range starts {
		v := Stamped(nth(Fixtures().Appointment, n), 1)
		v.Start = v.Start.Add(start)
		v.End = v.Start.Add(time.Hour)
		out = append(out, v)
	}
	for _, n := range shuffled(len(out)) {
		if err := put(ctx, b, storage.Tx.Appointments, out[n]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func queryAppointments(ctx context.Context, b storage.Backend) error {
	vs, err := appointments(ctx, b, 3*time.Hour, time.Microsecond, 0, -time.Hour, 0, 30*24*time.Hour, time.Second)
	if err != nil {
		return err
	}
	var want []string
	for _, n := range []int{3, 2, 4, 1, 6, 0, 5} {
		want = append(want, vs[n].ID.String())
	}
	for _, q := range []storage.AppointmentQuery{
		{}, {Patient: patientID}, {Provider: nurseID}, {Patient: patientID, Provider: nurseID},
		{From: visit.Add(-2 * time.Hour), To: visit.Add(1000 * time.Hour)}, {Provider: nurseID, From: visit.Add(-2 * time.Hour)},
	} {
		got, err := list(ctx, b, storage.Tx.Appointments, q)
		if err != nil {
			return err
		}
		if err := same("appointments", ids(got), want); err != nil {
			return err
		}
	}
	return nil
}

func queryAppointmentBounds(ctx context.Context, b storage.Backend) error {
	vs, err := appointments(ctx, b, -time.Microsecond, 0, time.Hour-time.Microsecond, time.Hour, time.Hour+time.Microsecond)
	if err != nil {
		return err
	}
	for _, who := range []storage.AppointmentQuery{{}, {Patient: patientID}, {Provider: nurseID}, {Patient: patientID, Provider: nurseID}} {
		for _, tt := range []struct {
			from, to   time.Time
			first, end int
		}{
			{visit, visit.Add(time.Hour), 1, 3}, {visit, time.Time{}, 1, 5}, {time.Time{}, visit.Add(time.Hour), 0, 3}, {time.Time{}, visit.Add(time.Hour + time.Microsecond), 0, 4},
		} {
			q := who
			q.From, q.To = tt.from, tt.to
			got, err := list(ctx, b, storage.Tx.Appointments, q)
			if err != nil {
				return err
			}
			if err := same(fmt.Sprintf("appointments from %v to %v", tt.from, tt.to), slices.Sorted(slices.Values(ids(got))), ids(vs[tt.first:tt.end])); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries stores ledger entries with the effective dates, and returns their IDs.
func entries(ctx context.Context, b storage.Backend, dates ...string) ([]string, error) {
	want := make([]string, len(dates))
	for _, n := range shuffled(len(dates)) {
		v := Stamped(nth(Fixtures().Entry, n), 1)
		v.EffectiveOn = day(dates[n])
		if err := put(ctx, b, storage.Tx.Ledger, v); err != nil {
			return nil, err
		}
		want[n] = v.ID.String()
	}
	return want, nil
}

func queryLedger(ctx context.Context, b storage.Backend) error {
	stored, err := entries(ctx, b, "2026-03-02", "2026-03-01", "2025-12-31", "2026-03-01", "2026-10-01", "2026-09-30")
	if err != nil {
		return err
	}
	var want []string
	for _, n := range []int{2, 1, 3, 0, 5, 4} {
		want = append(want, stored[n])
	}
	for _, q := range []storage.EntryQuery{{}, {Site: siteID}, {From: day("2025-01-01"), To: day("2027-01-01")}} {
		got, err := list(ctx, b, storage.Tx.Ledger, q)
		if err != nil {
			return err
		}
		if err := same("ledger", ids(got), want); err != nil {
			return err
		}
	}
	return nil
}

func queryLedgerBounds(ctx context.Context, b storage.Backend) error {
	stored, err := entries(ctx, b, "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")
	if err != nil {
		return err
	}
	for _, tt := range []struct {
		from, to   string
		first, end int
	}{{"2026-02-28", "2026-03-31", 1, 4}, {"2026-03-01", "2026-03-01", 2, 3}, {"2026-02-28", "", 1, 5}, {"", "2026-02-28", 0, 2}} {
		var q storage.EntryQuery
		if tt.from != "" {
			q.From = day(tt.from)
		}
		if tt.to != "" {
			q.To = day(tt.to)
		}
		for _, q.Site = range []glabella.SiteID{{}, siteID} {
			got, err := list(ctx, b, storage.Tx.Ledger, q)
			if err != nil {
				return err
			}
			if err := same(fmt.Sprintf("ledger from %q to %q", tt.from, tt.to), slices.Sorted(slices.Values(ids(got))), stored[tt.first:tt.end]); err != nil {
				return err
			}
		}
	}
	return nil
}

func queryNewest(ctx context.Context, b storage.Backend) error {
	service := Fixtures().Service
	version := func(n int, version uint64, code string) error {
		v := Stamped(nth(service, n), version)
		v.Code = code
		return put(ctx, b, storage.Tx.Services, v)
	}
	for _, step := range []struct {
		n       int
		version uint64
		code    string
	}{{0, 1, "old"}, {1, 1, "old"}, {2, 1, "new"}, {1, 2, "new"}, {0, 2, "interim"}, {0, 3, "old"}, {1, 3, "new"}} {
		if err := version(step.n, step.version, step.code); err != nil {
			return err
		}
	}
	for _, tt := range []struct {
		code     string
		want     []int
		versions []uint64
	}{{"old", []int{0}, []uint64{3}}, {"new", []int{1, 2}, []uint64{3, 1}}, {"", []int{0, 1, 2}, []uint64{3, 3, 1}}} {
		got, err := list(ctx, b, storage.Tx.Services, storage.ServiceQuery{Code: tt.code})
		if err != nil {
			return err
		}
		var want []string
		var versions []uint64
		for _, n := range tt.want {
			want = append(want, nthID[glabella.ServiceID](n).String())
		}
		for _, v := range got {
			versions = append(versions, v.Version)
		}
		if err := same(fmt.Sprintf("services with code %q", tt.code), ids(got), want); err != nil {
			return err
		}
		if err := same(fmt.Sprintf("versions of services with code %q", tt.code), versions, tt.versions); err != nil {
			return err
		}
	}
	return nil
}

func queryLimit(ctx context.Context, b storage.Backend) error {
	balance := Fixtures().Balance
	other := nthID[glabella.ProductID](9)
	var matching []string
	for n := range 6 {
		v := Stamped(nth(balance, n), 1)
		if n%2 == 1 {
			v.Product = other
			matching = append(matching, v.ID.String())
		}
		if err := put(ctx, b, storage.Tx.Balances, v); err != nil {
			return err
		}
	}
	for _, tt := range []struct {
		limit, all, matching int
	}{{0, 6, 3}, {1, 1, 1}, {2, 2, 2}, {3, 3, 3}, {4, 4, 3}, {7, 6, 3}} {
		page := storage.Page{Limit: tt.limit}
		everything, err := list(ctx, b, storage.Tx.Balances, storage.BalanceQuery{Page: page})
		if err != nil {
			return err
		}
		some, err := list(ctx, b, storage.Tx.Balances, storage.BalanceQuery{Page: page, Lot: balance.Lot, Product: other})
		if err != nil {
			return err
		}
		if len(everything) != tt.all {
			return fmt.Errorf("balances, at most %d: got %d, want %d", tt.limit, len(everything), tt.all)
		}
		if err := same(fmt.Sprintf("balances of a lot and product, at most %d", tt.limit), ids(some), matching[:tt.matching]); err != nil {
			return err
		}
	}
	return nil
}

func queryLots(ctx context.Context, b storage.Backend) error {
	lots := []glabella.LotID{nthID[glabella.LotID](101), nthID[glabella.LotID](102), nthID[glabella.LotID](103)}
	for n, used := range [][]glabella.LotID{{lots[0], lots[1], lots[0]}, {lots[1], lots[1], lots[2]}, {lots[2]}} {
		v := Stamped(nth(Fixtures().Encounter, n), 1)
		v.Procedures = nil
		for i, lot := range used {
			v.Procedures = append(v.Procedures, procedure(nthID[glabella.ProcedureID](10*n+i), lot))
		}
		if err := put(ctx, b, storage.Tx.Encounters, v); err != nil {
			return err
		}
	}
	for i, want := range [][]int{{0}, {0, 1}, {1, 2}} {
		got, err := list(ctx, b, storage.Tx.Encounters, storage.EncounterQuery{Lot: lots[i]})
		if err != nil {
			return err
		}
		var wanted []string
		for _, n := range want {
			wanted = append(wanted, nthID[glabella.EncounterID](n).String())
		}
		if err := same("visits by lot", ids(got), wanted); err != nil {
			return err
		}
	}
	return nil
}

package inventory_test

import (
	"errors"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/money"
)

func TestLotMachineTable(t *testing.T) {
	t.Parallel()
	verbs := map[string]func(inventory.Lot) (inventory.Lot, error){
		"quarantine": func(l inventory.Lot) (inventory.Lot, error) { return l.Quarantine("complaint") },
		"recall":     func(l inventory.Lot) (inventory.Lot, error) { return l.Recall("Z-0001-2027") },
		"release":    inventory.Lot.Release,
	}
	want := map[inventory.LotState]map[string]inventory.LotState{
		inventory.LotAvailable:   {"quarantine": inventory.LotQuarantined, "recall": inventory.LotRecalled},
		inventory.LotQuarantined: {"release": inventory.LotAvailable, "recall": inventory.LotRecalled},
		inventory.LotRecalled:    {},
	}
	base := stock(t, toxin(), "T1", 1).Lot
	for from, to := range want {
		for verb, call := range verbs {
			l := base
			if l.State = from; from != inventory.LotAvailable {
				l.Hold = "why"
			}
			got, err := call(l)
			next, legal := to[verb]
			var refused *glabella.TransitionError
			switch {
			case legal && (err != nil || got.State != next):
				t.Errorf("%s when %s = %s, %v, want %s", verb, from, got.State, err, next)
			case legal && got.Validate() != nil:
				t.Errorf("%s when %s: Validate() = %v, want no error", verb, from, got.Validate())
			case !legal && !errors.As(err, &refused):
				t.Errorf("%s when %s = %v, want a TransitionError", verb, from, err)
			case !legal && got != l:
				t.Errorf("%s when %s changed the lot", verb, from)
			}
		}
	}
}

func TestLotIsHeldForAReason(t *testing.T) {
	t.Parallel()
	l := stock(t, toxin(), "T1", 1).Lot
	if _, err := l.Quarantine(""); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Quarantine(no reason) = %v, want invalid", err)
	}
	if _, err := l.Recall(""); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Recall(no number) = %v, want invalid", err)
	}
}

func TestLotValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*inventory.Lot)
		want   []string
	}{
		{name: "a received lot is in order"},
		{name: "everything that is missing is reported at once", change: func(l *inventory.Lot) { *l = inventory.Lot{} },
			want: []string{"/id required", "/number required", "/product required", "/state unknown-value"}},
		{name: "a day that does not exist", change: func(l *inventory.Lot) { l.Expires.Day = 32 }, want: []string{"/expires out-of-range"}},
		{name: "a wrong GTIN", change: func(l *inventory.Lot) { l.GTIN = "09506000134351" }, want: []string{"/gtin format"}},
		{name: "a negative cost", change: func(l *inventory.Lot) { l.UnitCost = money.MustParse("USD -1.00") }, want: []string{"/unitCost out-of-range"}},
		{name: "held without saying why", change: func(l *inventory.Lot) { l.State = inventory.LotRecalled }, want: []string{"/hold required"}},
		{name: "available with a reason for holding", change: func(l *inventory.Lot) { l.Hold = "complaint" }, want: []string{"/hold mismatch"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := stock(t, toxin(), "T1", 1).Lot
			if tt.change != nil {
				tt.change(&l)
			}
			if d := diff(tt.want, places(l.Validate())); d != "" {
				t.Errorf("Validate() (-want +got):\n%s", d)
			}
		})
	}
}

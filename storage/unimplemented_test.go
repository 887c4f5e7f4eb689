package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/storage"
)

// partialTx is the transaction of a host that has begun with nothing but the
// journal.
type partialTx struct {
	storage.Unimplemented
	journal audit.Journal
}

func (t partialTx) Journal() audit.Journal { return t.journal }

func TestAHostCanGrowFromUnimplemented(t *testing.T) {
	t.Parallel()
	tx := partialTx{}
	if _, err := tx.Patients().Get(t.Context(), glabella.PatientID{}); !errors.Is(err, glabella.ErrUnimplemented) {
		t.Errorf("Get = %v, want ErrUnimplemented", err)
	}
	if err := tx.Staff().Put(t.Context(), access.Staff{}); !errors.Is(err, glabella.ErrUnimplemented) {
		t.Errorf("Put = %v, want ErrUnimplemented", err)
	}
	n := 0
	for _, err := range tx.Lots().List(t.Context(), storage.LotQuery{}) {
		if n++; !errors.Is(err, glabella.ErrUnimplemented) {
			t.Errorf("List = %v, want ErrUnimplemented", err)
		}
	}
	if n != 1 {
		t.Errorf("List yields %d times, want one error", n)
	}
}

// nothing is a backend whose transactions have nothing in them.
type nothing struct{}

func (nothing) Update(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return fn(ctx, storage.Unimplemented{})
}

func (nothing) View(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return fn(ctx, storage.Unimplemented{})
}

func TestAQueryOfWhatABackendLacksSaysSo(t *testing.T) {
	t.Parallel()
	p, err := practice.New(nothing{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Chart(t.Context(), glabella.SystemActor("test"), glabella.PatientID{}); err == nil {
		t.Error("a chart was handed out that could not be journaled")
	}
}

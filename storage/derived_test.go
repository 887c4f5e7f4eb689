package storage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// nameIndex is an index of patients by ID: the least that can be derived.
type nameIndex struct {
	*storage.Derived
	mu    sync.Mutex
	names map[glabella.PatientID]string
	puts  int
}

func newNameIndex() *nameIndex {
	x := &nameIndex{names: map[glabella.PatientID]string{}}
	x.Derived = storage.NewDerived(storage.From(storage.Tx.Patients, func(p patient.Patient) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.names[p.ID] = p.DisplayName()
		x.puts++
	}))
	return x
}

func (w *world) rename(ctx context.Context, name string, id glabella.PatientID) (patient.Patient, error) {
	p := patient.Patient{ID: id, Names: []patient.Name{{Use: patient.NameOfficial, Family: name}}, Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: noon}}
	_, err := w.Update(ctx, w.desk, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
		if old, err := k.Patients().Get(ctx, id); err == nil {
			p.Meta = old.Meta
		}
		var err error
		p, err = k.Patients().Put(ctx, p)
		return storage.Recorded(), err
	})
	return p, err
}

func TestWhatIsDerivedFollowsTheJournal(t *testing.T) {
	t.Parallel()
	backend := memory.New()
	w := newWorld(t, backend)
	live := newNameIndex()
	name := func(i int) glabella.PatientID { return glabella.DeriveID[glabella.PatientID](fmt.Sprint(i)) }
	for i := range 300 { // more than one batch of the journal
		if _, err := w.rename(t.Context(), fmt.Sprintf("Name %d", i), name(i%200)); err != nil {
			t.Fatal(err)
		}
		if i%70 == 0 {
			if err := live.CatchUp(t.Context(), w.Store); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 600 {
		if _, err := w.rename(t.Context(), fmt.Sprintf("Later name %d", i), name(i%200)); err != nil {
			t.Fatal(err)
		}
	}
	rebuilt := newNameIndex()
	for _, x := range []*nameIndex{live, rebuilt} {
		if err := x.CatchUp(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(rebuilt.names, live.names); diff != "" || len(live.names) != 200 {
		t.Errorf("made anew and followed, of %d patients (-anew +followed):\n%s", len(live.names), diff)
	}
	puts := live.puts
	if err := live.CatchUp(t.Context(), w.Store); err != nil || live.puts != puts {
		t.Errorf("nothing was written, and %d records are taken up again: %v", live.puts-puts, err)
	}
}

// What another process writes is taken up, and what is rolled back is not.
func TestWhatIsDerivedTakesUpWhatOthersCommit(t *testing.T) {
	t.Parallel()
	backend := memory.New()
	here, there := newWorld(t, backend), &world{t: t, backend: backend}
	there.Store, there.desk = storage.NewStore(backend, nil), here.desk
	x := newNameIndex()
	if err := x.CatchUp(t.Context(), here.Store); err != nil {
		t.Fatal(err)
	}
	p, err := there.rename(t.Context(), "Elsewhere", glabella.DeriveID[glabella.PatientID]("elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	undone := errors.New("undone")
	if _, err := there.Update(t.Context(), there.desk, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
		p.Names[0].Family = "Undone"
		if _, err := k.Patients().Put(ctx, p); err != nil {
			return storage.Outcome{}, err
		}
		return storage.Outcome{}, undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := x.CatchUp(t.Context(), here.Store); err != nil {
		t.Fatal(err)
	}
	if want := map[glabella.PatientID]string{p.ID: "Elsewhere"}; !maps.Equal(x.names, want) {
		t.Errorf("%v, want %v", x.names, want)
	}
}

// Its own upkeep is no access: nothing of it is journaled.
func TestWhatIsDerivedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	if _, err := w.rename(t.Context(), "Example", glabella.DeriveID[glabella.PatientID]("1")); err != nil {
		t.Fatal(err)
	}
	before := len(w.journal())
	x := newNameIndex()
	for range 3 {
		if err := x.CatchUp(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.journal()); got != before || len(x.names) != 1 {
		t.Errorf("%d journal records more, %d patients", got-before, len(x.names))
	}
}

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/config"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

var noon = time.Date(2026, time.November, 23, 18, 0, 0, 123456789, time.UTC)

// world is a store whose owner and site are set up, and the way around it.
type world struct {
	*storage.Store
	t       *testing.T
	backend storage.Backend
	owner   storage.Session // may set up and read
	desk    storage.Session // may register
}

func newWorld(t *testing.T, b storage.Backend) *world {
	t.Helper()
	policy := access.DefaultPolicy()
	site := storagetest.Fixtures().Site
	site.Meta = glabella.Meta{}
	staff := access.Staff{ID: glabella.DeriveID[glabella.StaffID]("desk"), Name: "Dana Desk", Roles: []access.Role{access.FrontDesk, access.Auditor}}
	nonce := 0
	w := &world{t: t, backend: b, Store: storage.NewStore(b, &storage.Env{
		Now: func() time.Time { return noon }, Policy: &policy, NewUUID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		Nonce: func() string { nonce++; return fmt.Sprintf("nonce-%d", nonce) },
	})}
	w.owner = storage.Session{Actor: glabella.SystemActor("installer"), Action: access.SetupPractice}
	w.desk = storage.Session{Actor: glabella.StaffActor(staff.ID, site.ID), Action: access.PatientRegister}
	_, err := w.Update(t.Context(), w.owner, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
		if _, err := k.Sites().Put(ctx, site); err != nil {
			return storage.Outcome{}, err
		}
		_, err := k.Staff().Put(ctx, staff)
		return storage.Recorded(), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) journal() []audit.Record {
	w.t.Helper()
	var out []audit.Record
	if err := w.backend.View(context.Background(), func(ctx context.Context, tx storage.Tx) error {
		out = nil
		for e, err := range tx.Journal().Entries(ctx, 0, 0) {
			if err != nil {
				return err
			}
			rec, err := audit.ParseRecord(e.Bytes)
			if err != nil {
				return err
			}
			out = append(out, rec)
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) last() audit.Record {
	w.t.Helper()
	all := w.journal()
	return all[len(all)-1]
}

func (w *world) patients() []patient.Patient {
	w.t.Helper()
	var out []patient.Patient
	if err := w.backend.View(w.t.Context(), func(ctx context.Context, tx storage.Tx) error {
		out = nil
		for p, err := range tx.Patients().List(ctx, storage.PatientQuery{}) {
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func ada() patient.Patient {
	return patient.Patient{
		ID: glabella.DeriveID[glabella.PatientID]("ada"), Names: []patient.Name{{Use: patient.NameOfficial, Family: "Example", Given: []string{"Ada"}}},
		Provenance: glabella.Provenance{Source: glabella.SourceEntered, RecordedAt: noon},
	}
}

// put stores a patient as a command.
func (w *world) put(p patient.Patient) (patient.Patient, error) {
	var out patient.Patient
	_, err := w.Update(w.t.Context(), w.desk, func(ctx context.Context, k *storage.Work) (_ storage.Outcome, err error) {
		k.Concerns(p.ID)
		out, err = k.Patients().Put(ctx, p)
		return storage.Recorded(audit.Event{Type: "patient.registered", Data: []byte(`{"n":1}`)}), err
	})
	return out, err
}

func codesIn(r audit.Record) []glabella.Code {
	var out []glabella.Code
	for _, x := range r.Reasons {
		out = append(out, x.Code)
	}
	return out
}

func TestAWriteIsStampedAndJournaled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	stored, err := w.put(ada())
	if err != nil {
		t.Fatal(err)
	}
	at := noon.Truncate(time.Microsecond)
	if stored.Version != 1 || !stored.CreatedAt.Equal(at) || !stored.UpdatedAt.Equal(at) || stored.Nonce == "" {
		t.Errorf("stamp = %+v, want version 1 at noon in microseconds with a nonce", stored.Meta)
	}
	digest, err := storage.Digest(stored)
	if err != nil {
		t.Fatal(err)
	}
	r := w.last()
	want := []audit.Change{{Ref: stored.Ref(), After: 1, Digest: digest}}
	if diff := cmp.Diff(want, r.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if r.Outcome != audit.Done || r.Subject != stored.Ref() || r.Actor.ID != w.desk.Actor.ID || r.Site != w.desk.Actor.Site || !r.At.Equal(at) || len(r.Events) != 1 {
		t.Errorf("journal record = %+v, want it done at noon by the desk, with one event", r)
	}

	stored.Names[0].Given = []string{"Augusta"}
	stored.Tags = []string{"vip"}
	again, err := w.put(stored)
	if err != nil {
		t.Fatal(err)
	}
	if again.Version != 2 || again.Nonce == stored.Nonce || !again.CreatedAt.Equal(at) {
		t.Errorf("second stamp = %+v, want version 2 with another nonce", again.Meta)
	}
	change := w.last().Changes[0]
	slices.Sort(change.Fields)
	if change.Before != 1 || change.After != 2 || !slices.Equal(change.Fields, []string{"names", "tags"}) {
		t.Errorf("change = %+v, want names and tags from version 1 to 2", change)
	}
}

func TestDigestsOfTheSameContentDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	first, err := w.put(ada())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.put(first); err != nil {
		t.Fatal(err)
	}
	all := w.journal()
	a, b := all[len(all)-2].Changes[0], all[len(all)-1].Changes[0]
	if a.Digest == b.Digest {
		t.Error("two versions with the same content have the same digest: it can be guessed")
	}
	if len(b.Fields) != 0 {
		t.Errorf("the second version differs in %v, want nothing but its stamp", b.Fields)
	}
}

func TestNothingIsWrittenWhenACommandFails(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	warned := glabella.Decide(glabella.Warned("test.warned", "x"))
	for _, tt := range []struct {
		name    string
		fn      func(k *storage.Work) (storage.Outcome, error)
		is      error
		outcome audit.Outcome
		code    glabella.Code
	}{
		{"no outcome", func(*storage.Work) (storage.Outcome, error) { return storage.Outcome{}, nil }, glabella.ErrInvalid, audit.Failed, storage.CodeNoOutcome},
		{"a technical error", func(*storage.Work) (storage.Outcome, error) { return storage.Recorded(), boom }, boom, audit.Failed, storage.CodeFailed},
		{"a refusal", func(k *storage.Work) (storage.Outcome, error) { return storage.Recorded(), k.Require(warned) }, glabella.ErrRefused, audit.Refused, "test.warned"},
		{"an impossible transition", func(*storage.Work) (storage.Outcome, error) {
			return storage.Recorded(), &glabella.TransitionError{Machine: "note", From: "signed", Action: "sign"}
		}, glabella.ErrRefused, audit.Refused, storage.CodeTransition},
		{"a record that does not exist", func(k *storage.Work) (storage.Outcome, error) {
			_, err := k.Patients().Get(t.Context(), glabella.DeriveID[glabella.PatientID]("nobody"))
			return storage.Recorded(), err
		}, glabella.ErrNotFound, audit.Failed, storage.CodeNotFound},
		{"a conflict", func(k *storage.Work) (storage.Outcome, error) {
			_, err := k.Patients().Put(t.Context(), ada()) // version 0 of what exists
			return storage.Recorded(), err
		}, glabella.ErrConflict, audit.Failed, storage.CodeConflict},
		{"a record that is invalid", func(k *storage.Work) (storage.Outcome, error) {
			p := ada()
			p.ID, p.Names = glabella.DeriveID[glabella.PatientID]("other"), nil
			_, err := k.Patients().Put(t.Context(), p)
			return storage.Recorded(), err
		}, glabella.ErrInvalid, audit.Failed, glabella.CodeOutOfRange},
	} {
		t.Run(tt.name+" rolls back and is journaled", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, memory.New())
			if _, err := w.put(ada()); err != nil {
				t.Fatal(err)
			}
			n := len(w.journal())
			_, err := w.Update(t.Context(), w.desk, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
				other := ada()
				other.ID = glabella.PatientID(k.NewUUID())
				if _, err := k.Patients().Put(ctx, other); err != nil {
					t.Fatal(err)
				}
				return tt.fn(k)
			})
			if !errors.Is(err, tt.is) {
				t.Errorf("err = %v, want one that is %v", err, tt.is)
			}
			if got := len(w.patients()); got != 1 {
				t.Errorf("%d patients, want the 1 from before", got)
			}
			all := w.journal()
			if r := all[len(all)-1]; len(all) != n+1 || r.Outcome != tt.outcome || len(r.Reasons) == 0 || len(r.Changes) != 0 || len(r.Events) != 0 {
				t.Errorf("%d new journal records, the last %s %v with %d changes; want one that is %s and nothing else", len(all)-n, r.Outcome, codesIn(r), len(r.Changes), tt.outcome)
			} else if tt.code != glabella.CodeOutOfRange && !slices.Contains(codesIn(r), tt.code) {
				t.Errorf("journaled: %v, want %s", codesIn(r), tt.code)
			}
		})
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	n := len(w.journal())
	write := func(out storage.Outcome) (audit.Record, error) {
		return w.Update(t.Context(), w.desk, func(ctx context.Context, k *storage.Work) (storage.Outcome, error) {
			if !k.Now().Equal(noon.Truncate(time.Microsecond)) {
				t.Errorf("Now() = %v", k.Now())
			}
			_, err := k.Patients().Put(ctx, ada())
			return out, err
		})
	}
	r, err := write(storage.Recorded(audit.Event{Type: "patient.registered"}).Tried())
	if err != nil || r.Outcome != audit.DryRun || len(r.Changes)+len(r.Events) != 0 || len(w.patients()) != 0 || len(w.journal()) != n+1 {
		t.Errorf("tried: %+v, %v, %d patients; want a dry run in the journal and nothing else", r, err, len(w.patients()))
	}
	if r, err = w.Update(t.Context(), w.desk, func(context.Context, *storage.Work) (storage.Outcome, error) { return storage.AlreadyDone(), nil }); err != nil || r.Action != "" || len(w.journal()) != n+1 {
		t.Errorf("already done: %+v, %v, want no record", r, err)
	}
	if r, err = write(storage.Recorded(audit.Event{Type: "patient.registered"})); err != nil || r.Seq != uint64(n+1) || len(w.patients()) != 1 {
		t.Errorf("recorded: %+v, %v, want record %d and one patient", r, err, n+1)
	}
}

func TestAcknowledgedWarningsAreSettledAndJournaled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	_, err := w.Update(t.Context(), w.desk, func(_ context.Context, k *storage.Work) (storage.Outcome, error) {
		k.Acknowledge("test.one", "test.unused")
		if err := k.Require(glabella.Decide(glabella.Warned("test.one", "x"))); err != nil {
			return storage.Outcome{}, err
		}
		if got := k.Settled(); !slices.Equal(got, []glabella.Code{"test.one"}) {
			t.Errorf("Settled() = %v", got)
		}
		return storage.Recorded(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.last(); !slices.Equal(r.Acknowledged, []glabella.Code{"test.one"}) || !slices.Equal(codesIn(r), []glabella.Code{"test.one"}) {
		t.Errorf("journaled: acknowledged %v, reasons %v; want what was settled and nothing that was not asked", r.Acknowledged, codesIn(r))
	}
}

func TestReadsAreNotedOnceInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	stored, err := w.put(ada())
	if err != nil {
		t.Fatal(err)
	}
	ses := w.desk
	ses.Action, ses.Patient = access.PatientRead, stored.ID
	if err := w.View(t.Context(), ses, func(ctx context.Context, r *storage.Reading) error {
		if _, err := r.Patients().Get(ctx, stored.ID); err != nil {
			return err
		}
		if _, err := r.Patients().All(ctx, storage.PatientQuery{}); err != nil {
			return err
		}
		for _, err := range r.Patients().History(ctx, stored.ID) {
			if err != nil {
				return err
			}
		}
		if _, err := r.Patients().Get(ctx, glabella.DeriveID[glabella.PatientID]("nobody")); !errors.Is(err, glabella.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		_, err := r.Sites().Get(ctx, w.desk.Actor.Site)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r := w.last()
	if diff := cmp.Diff([]glabella.Ref{stored.Ref(), w.desk.Actor.Site.Ref()}, r.Reads); diff != "" {
		t.Errorf("reads (-want +got):\n%s", diff)
	}
	if r.Outcome != audit.Read || r.Subject != stored.Ref() {
		t.Errorf("journal record = %+v, want a read that concerns the patient", r)
	}
}

func TestADenialComesBeforeTheCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	ses := w.desk
	ses.Action = access.SetupPractice
	_, err := w.Update(t.Context(), ses, func(context.Context, *storage.Work) (storage.Outcome, error) {
		t.Error("the command ran")
		return storage.Recorded(), nil
	})
	if !errors.Is(err, glabella.ErrDenied) || w.last().Outcome != audit.Denied {
		t.Errorf("Update = %v, journaled as %s, want a denial", err, w.last().Outcome)
	}
	if err := w.View(t.Context(), ses, func(context.Context, *storage.Reading) error {
		t.Error("the query ran")
		return nil
	}); !errors.Is(err, glabella.ErrDenied) || w.last().Outcome != audit.Denied {
		t.Errorf("View = %v, journaled as %s, want a denial", err, w.last().Outcome)
	}
}

func TestAFailureIsJournaledThoughTheCallerHasGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	n := len(w.journal())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.Update(ctx, w.desk, func(ctx context.Context, _ *storage.Work) (storage.Outcome, error) {
		cancel()
		return storage.Outcome{}, ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update = %v, want that it was cancelled", err)
	}
	if all := w.journal(); len(all) != n+1 || all[n].Outcome != audit.Failed {
		t.Errorf("%d new journal records, want one failure", len(all)-n)
	}
}

func TestThePolicyInForceIsTheEnvironments(t *testing.T) {
	t.Parallel()
	policy := access.Policy{Grants: map[access.Role][]access.Action{}}
	s := storage.NewStore(memory.New(), &storage.Env{Policy: &policy})
	if _, err := s.Update(t.Context(), storage.Session{Actor: glabella.SystemActor("installer"), Action: access.SetupPractice}, func(context.Context, *storage.Work) (storage.Outcome, error) {
		return storage.Recorded(), nil
	}); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a policy that grants nothing: %v, want a denial", err)
	}
	if got := storage.NewStore(memory.New(), nil).Policy(); !cmp.Equal(got, access.DefaultPolicy()) {
		t.Errorf("the default policy is %v", got)
	}
}

// lying is a driver that hands out something else than was stored.
type lying struct {
	docstore.Driver
	body func(d docstore.Document) []byte // replaces the body of a document
	hide string                           // identity of a document that is not there
}

func (l *lying) View(ctx context.Context, fn func(ctx context.Context, tx docstore.DriverTx) error) error {
	return l.Driver.View(ctx, func(ctx context.Context, tx docstore.DriverTx) error { return fn(ctx, &lyingTx{tx, l}) })
}

type lyingTx struct {
	docstore.DriverTx
	*lying
}

func (t *lyingTx) Get(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
	d, err := t.DriverTx.Get(ctx, kind, id, version)
	if err == nil && t.body != nil {
		d.Body = t.body(d)
	}
	return d, err
}

func (t *lyingTx) Range(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	return func(yield func(docstore.Document, error) bool) {
		for d, err := range t.DriverTx.Range(ctx, r) {
			if err == nil && d.ID == t.hide {
				continue
			}
			if err == nil && t.body != nil {
				d.Body = t.body(d)
			}
			if !yield(d, err) {
				return
			}
		}
	}
}

func TestVerifyFindsWhatTheJournalDoesNotSay(t *testing.T) {
	t.Parallel()
	id := ada().ID
	for _, tt := range []struct {
		name   string
		tamper func(l *lying, w *world)
		code   glabella.Code
		path   string
	}{
		{"an altered record", func(l *lying, _ *world) {
			l.body = func(d docstore.Document) []byte {
				return bytes.ReplaceAll(d.Body, []byte("Augusta"), []byte("Beatriz"))
			}
		}, storage.CodeTampered, "/" + id.Ref().String()},
		{"a record that cannot be read", func(l *lying, _ *world) {
			l.body = func(d docstore.Document) []byte {
				if d.Kind == "patient" {
					return d.Body[:len(d.Body)-1]
				}
				return d.Body
			}
		}, storage.CodeTampered, ""},
		{"a removed record", func(l *lying, _ *world) { l.hide = id.String() }, storage.CodeMissing, "/" + id.Ref().String()},
		{"a version put behind the store's back", func(_ *lying, w *world) {
			if err := w.backend.Update(w.t.Context(), func(ctx context.Context, tx storage.Tx) error {
				p, err := tx.Patients().Get(ctx, id)
				if err != nil {
					return err
				}
				p.Version++
				return tx.Patients().Put(ctx, p)
			}); err != nil {
				w.t.Fatal(err)
			}
		}, storage.CodeUnjournaled, "/" + id.Ref().String()},
		{"a record put behind the store's back", func(_ *lying, w *world) {
			if err := w.backend.Update(w.t.Context(), func(ctx context.Context, tx storage.Tx) error {
				p := ada()
				p.ID, p.Version = glabella.DeriveID[glabella.PatientID]("other"), 1
				return tx.Patients().Put(ctx, p)
			}); err != nil {
				w.t.Fatal(err)
			}
		}, storage.CodeUnjournaled, "/" + glabella.DeriveID[glabella.PatientID]("other").Ref().String()},
	} {
		t.Run(tt.name+" is found", func(t *testing.T) {
			t.Parallel()
			l := &lying{Driver: memory.NewDriver()}
			w := newWorld(t, docstore.New(l))
			p := ada()
			p.Names[0].Given = []string{"Augusta"}
			if _, err := w.put(p); err != nil {
				t.Fatal(err)
			}
			ses := w.desk
			ses.Action = access.AuditVerify
			before, err := w.Verify(t.Context(), ses, nil)
			if err != nil || before.Records != 3 || before.Versions != 3 || before.Journal.Size != 2 {
				t.Fatalf("Verify of an honest store = %+v, %v, want three records", before, err)
			}
			tt.tamper(l, w)
			_, err = w.Verify(t.Context(), ses, nil)
			var invalid *glabella.ValidationError
			if !errors.As(err, &invalid) || len(invalid.Issues) != 1 || invalid.Issues[0].Code != tt.code || invalid.Issues[0].Path != tt.path {
				t.Errorf("Verify = %v, want %s at %q", err, tt.code, tt.path)
			}
			if err != nil && strings.Contains(err.Error(), "Augusta") {
				t.Errorf("the error has what is stored: %v", err)
			}
		})
	}
}

func TestTailDeliversMoreThanOneBatchInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, memory.New())
	for range 600 {
		if _, err := w.Update(t.Context(), w.owner, func(context.Context, *storage.Work) (storage.Outcome, error) { return storage.Recorded(), nil }); err != nil {
			t.Fatal(err)
		}
	}
	ses := w.desk
	ses.Action = access.AuditRead
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next := uint64(5)
	err := w.Tail(ctx, ses, next, time.Millisecond, func(e audit.Entry) error {
		if e.Seq != next {
			t.Fatalf("entry %d, want %d", e.Seq, next)
		}
		next++
		if e.Seq == 601 { // the journaled access of following itself
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || next != 602 {
		t.Errorf("Tail = %v after entry %d, want that it was cancelled after 601", err, next-1)
	}
}

func TestCommandIsKnownByItsKey(t *testing.T) {
	t.Parallel()
	if again := storage.CommandIDOf("a"); storage.CommandIDOf("a") != again || again == storage.CommandIDOf("b") {
		t.Error("the identity of a command is not that of its key")
	}
	if err := storagetest.Fixtures().Command.Validate(); err != nil {
		t.Errorf("Validate(fixture) = %v", err)
	}
	var invalid *glabella.ValidationError
	if err := (storage.Command{}).Validate(); !errors.As(err, &invalid) || len(invalid.Issues) != 5 {
		t.Errorf("Validate(zero) = %v, want five issues", err)
	}
}

func TestDigestIsOfTheStoredForm(t *testing.T) {
	t.Parallel()
	got, err := storage.Digest(config.Site{Name: "A"})
	if err != nil {
		t.Fatal(err)
	}
	if other, err := storage.Digest(config.Site{Name: "B"}); err != nil || other == got || len(got) != 64 {
		t.Errorf("Digest = %s and %s, %v, want two SHA-256", got, other, err)
	}
	if _, err := storage.Digest(func() {}); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Digest(no JSON) = %v, want ErrInvalid", err)
	}
}

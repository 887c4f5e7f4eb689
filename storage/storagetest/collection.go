package storagetest

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// Stamped returns a record as the store hands it to a backend: with a version,
// its times and a nonce.
func Stamped[T any, P storage.Entity[T]](v T, version uint64) T {
	m := P(&v).Stamp()
	m.Version = version
	m.CreatedAt = time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	m.UpdatedAt = m.CreatedAt.Add(time.Duration(version) * time.Minute)
	m.Nonce = fmt.Sprintf("%08xc0ffeec0ffeec0ffeec0ffee", version)
	return v
}

// nthID returns the n-th of a row of IDs, ascending.
func nthID[ID glabella.Identity](n int) ID {
	u := uuid.UUID{0: 0x01, 1: 0x95, 6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return ID(u)
}

// nth returns the record with the n-th ID instead of its own.
func nth[T any](v T, n int) T {
	field := reflect.ValueOf(&v).Elem().FieldByName("ID")
	id := nthID[glabella.PatientID](n)
	field.Set(reflect.ValueOf(id).Convert(field.Type()))
	return v
}

// repository picks the records of one kind out of a transaction, such as
// storage.Tx.Patients.
type repository[ID, T, Q any] = func(storage.Tx) storage.Repo[ID, T, Q]

func put[ID, T, Q any](ctx context.Context, b storage.Backend, repo repository[ID, T, Q], vs ...T) error {
	return b.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, v := range vs {
			if err := repo(tx).Put(ctx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func get[ID, T, Q any](ctx context.Context, b storage.Backend, repo repository[ID, T, Q], id ID) (v T, err error) {
	err = b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		v, err = repo(tx).Get(ctx, id)
		return err
	})
	return v, err
}

func list[ID, T, Q any](ctx context.Context, b storage.Backend, repo repository[ID, T, Q], q Q) (out []T, err error) {
	err = b.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		out, err = all(repo(tx).List(ctx, q))
		return err
	})
	return out, err
}

// all collects a sequence, which must not go on after an error.
func all[T any](seq func(yield func(T, error) bool)) ([]T, error) {
	var out []T
	var failed error
	for v, err := range seq {
		if failed != nil {
			return nil, fmt.Errorf("a sequence goes on after its error: %w", failed)
		}
		if failed = err; err == nil {
			out = append(out, v)
		}
	}
	return out, failed
}

// stored returns the stored form of a record: two records are the same if it is.
func stored(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("(%v)", err)
	}
	return string(b)
}

func same(what string, got, want any) error {
	if g, w := stored(got), stored(want); g != w {
		return fmt.Errorf("%s: got %s, want %s", what, g, w)
	}
	return nil
}

// ids returns the IDs of records, in order.
func ids[T any, P storage.Entity[T]](vs []T) []string {
	out := []string{}
	for _, v := range vs {
		out = append(out, P(&v).Ref().ID)
	}
	return out
}

// entry returns a journal entry with a text and the head after it. Backends do
// not look into either.
func entry(seq uint64, text string) (audit.Entry, audit.Head) {
	e := audit.Entry{Seq: seq, Bytes: []byte(text), Hashes: slices.Repeat([]byte{byte(seq)}, 32)}
	return e, audit.Head{Size: seq + 1, Frontier: slices.Repeat([]byte{byte(seq + 1)}, 64)}
}

// appendEntry appends the next entry to the journal.
func appendEntry(ctx context.Context, tx storage.Tx, text string) error {
	h, err := tx.Journal().Head(ctx)
	if err != nil {
		return err
	}
	e, next := entry(h.Size, text)
	return tx.Journal().Append(ctx, e, next)
}

// collection is one kind of record, for the checks that treat every kind alike.
// Its n-th record is the fixture with the n-th ID.
type collection interface {
	kind() string
	// put stores a version of the n-th record.
	put(ctx context.Context, tx storage.Tx, n int, version uint64) error
	// get reads the n-th record and compares all of it with the version put.
	get(ctx context.Context, tx storage.Tx, n int, version uint64) error
	// versions compares the versions of the n-th record, the newest and all of
	// them, with the number of those put.
	versions(ctx context.Context, tx storage.Tx, n int, number uint64) error
	// unknown compares how a record that is not stored reads with the contract.
	unknown(ctx context.Context, tx storage.Tx, n int) error
	// putHollow and getHollow do the same with the lists of the record emptied or
	// taken away, at a depth.
	putHollow(ctx context.Context, tx storage.Tx, n, depth int, empty bool) error
	getHollow(ctx context.Context, tx storage.Tx, n, depth int, empty bool) error
	// list returns the IDs of the stored records, in the order of the list.
	list(ctx context.Context, tx storage.Tx) ([]string, error)
	// id returns the n-th ID.
	id(n int) string
}

type records[ID glabella.Identity, T, Q any, P storage.Entity[T]] struct {
	repo    repository[ID, T, Q]
	fixture T
}

func of[ID glabella.Identity, T, Q any, P storage.Entity[T]](repo repository[ID, T, Q], fixture T) collection {
	return records[ID, T, Q, P]{repo, fixture}
}

func (r records[ID, T, Q, P]) kind() string    { return P(&r.fixture).Ref().Kind }
func (r records[ID, T, Q, P]) id(n int) string { return uuid.UUID(nthID[ID](n)).String() }

func (r records[ID, T, Q, P]) version(n int, version uint64) T {
	return Stamped[T, P](nth(r.fixture, n), version)
}

func (r records[ID, T, Q, P]) put(ctx context.Context, tx storage.Tx, n int, version uint64) error {
	return r.repo(tx).Put(ctx, r.version(n, version))
}

func (r records[ID, T, Q, P]) get(ctx context.Context, tx storage.Tx, n int, version uint64) error {
	v, err := r.repo(tx).Get(ctx, nthID[ID](n))
	if err != nil {
		return fmt.Errorf("%s: %w", r.kind(), err)
	}
	return same(r.kind(), v, r.version(n, version))
}

func (r records[ID, T, Q, P]) unknown(ctx context.Context, tx storage.Tx, n int) error {
	if _, err := r.repo(tx).Get(ctx, nthID[ID](n)); !errors.Is(err, glabella.ErrNotFound) {
		return fmt.Errorf("%s: get of an unknown ID: got error %v, want one that wraps glabella.ErrNotFound", r.kind(), err)
	}
	versions, err := all(r.repo(tx).History(ctx, nthID[ID](n)))
	if err != nil || len(versions) > 0 {
		return fmt.Errorf("%s: history of an unknown ID: got %d versions and error %v, want none", r.kind(), len(versions), err)
	}
	return nil
}

func (r records[ID, T, Q, P]) versions(ctx context.Context, tx storage.Tx, n int, number uint64) error {
	newest, err := r.repo(tx).Get(ctx, nthID[ID](n))
	if err != nil {
		return fmt.Errorf("%s: %w", r.kind(), err)
	}
	if err := same(r.kind()+": newest version", P(&newest).Stamp().Version, number); err != nil {
		return err
	}
	history, err := all(r.repo(tx).History(ctx, nthID[ID](n)))
	if err != nil {
		return fmt.Errorf("%s: %w", r.kind(), err)
	}
	var got, want []string
	for i, v := range history {
		got = append(got, fmt.Sprint(P(&v).Stamp().Version, P(&history[i]).Stamp().UpdatedAt))
	}
	for version := range number {
		v := r.version(n, version+1)
		want = append(want, fmt.Sprint(version+1, P(&v).Stamp().UpdatedAt))
	}
	return same(r.kind()+": history", got, want)
}

func (r records[ID, T, Q, P]) hollow(n, depth int, empty bool) T {
	v := r.version(n, 1)
	P(&v).Stamp().Nonce = ""
	hollow(reflect.ValueOf(&v).Elem(), depth, empty)
	return v
}

func (r records[ID, T, Q, P]) putHollow(ctx context.Context, tx storage.Tx, n, depth int, empty bool) error {
	return r.repo(tx).Put(ctx, r.hollow(n, depth, empty))
}

func (r records[ID, T, Q, P]) getHollow(ctx context.Context, tx storage.Tx, n, depth int, empty bool) error {
	v, err := r.repo(tx).Get(ctx, nthID[ID](n))
	if err != nil {
		return fmt.Errorf("%s: %w", r.kind(), err)
	}
	return same(r.kind(), v, r.hollow(n, depth, empty))
}

// hollow empties the slices and maps of v, or makes them nil: those in v itself
// at depth 0, those in the elements of its slices at depth 1, and so on. Bytes and
// values with unexported fields are left alone.
func hollow(v reflect.Value, depth int, empty bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			hollow(v.Elem(), depth, empty)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				hollow(v.Field(i), depth, empty)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		if depth > 0 {
			for i := range v.Len() {
				hollow(v.Index(i), depth-1, empty)
			}
			return
		}
		v.SetZero()
		if empty {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
	case reflect.Map:
		v.SetZero()
		if empty {
			v.Set(reflect.MakeMap(v.Type()))
		}
	}
}

func (r records[ID, T, Q, P]) list(ctx context.Context, tx storage.Tx) ([]string, error) {
	var q Q
	vs, err := all(r.repo(tx).List(ctx, q))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.kind(), err)
	}
	return ids[T, P](vs), nil
}

// collections returns every kind of record.
func collections() []collection {
	f := Fixtures()
	return []collection{
		of(storage.Tx.Sites, f.Site), of(storage.Tx.Staff, f.Staff), of(storage.Tx.Services, f.Service), of(storage.Tx.Forms, f.Form),
		of(storage.Tx.Products, f.Product), of(storage.Tx.Lots, f.Lot), of(storage.Tx.Balances, f.Balance), of(storage.Tx.Vials, f.Vial),
		of(storage.Tx.Movements, f.Movement), of(storage.Tx.Patients, f.Patient), of(storage.Tx.Allergies, f.Allergy),
		of(storage.Tx.Medications, f.Medication), of(storage.Tx.Consents, f.Consent), of(storage.Tx.Clearances, f.Clearance),
		of(storage.Tx.Appointments, f.Appointment), of(storage.Tx.Encounters, f.Encounter), of(storage.Tx.Notes, f.Note), of(storage.Tx.Estimates, f.Estimate), of(storage.Tx.Closings, f.Closing), of(storage.Tx.CommissionSplits, f.CommissionSplit), of(storage.Tx.CommissionPlans, f.CommissionPlan), of(storage.Tx.Disclosures, f.Disclosure), of(storage.Tx.ActivityReviews, f.ActivityReview), of(storage.Tx.Findings, f.Finding), of(storage.Tx.Emergencies, f.Emergency), of(storage.Tx.Excursions, f.Excursion), of(storage.Tx.PurchaseOrders, f.PurchaseOrder), of(storage.Tx.Counts, f.Count), of(storage.Tx.StorePolicies, f.StorePolicy), of(storage.Tx.GiftCards, f.GiftCard), of(storage.Tx.Packages, f.Package), of(storage.Tx.ContactConsents, f.ContactConsent), of(storage.Tx.Publications, f.Publication), of(storage.Tx.Permissions, f.Permission), of(storage.Tx.Requests, f.Request), of(storage.Tx.Authorizations, f.Authorization), of(storage.Tx.Restrictions, f.Restriction), of(storage.Tx.Directives, f.Directive), of(storage.Tx.Recalls, f.Recall),
		of(storage.Tx.Usages, f.Usage), of(storage.Tx.Transfers, f.Transfer), of(storage.Tx.Deliveries, f.Delivery),
		of(storage.Tx.Discussions, f.Discussion), of(storage.Tx.Proposals, f.Proposal), of(storage.Tx.Histories, f.History),
		of(storage.Tx.Imports, f.Import), of(storage.Tx.Merges, f.Merge), of(storage.Tx.Photos, f.Photo), of(storage.Tx.Reviews, f.Review),
		of(storage.Tx.ChartPolicies, f.ChartPolicy), of(storage.Tx.AdverseEvents, f.AdverseEvent), of(storage.Tx.StandingOrders, f.StandingOrder),
		of(storage.Tx.Series, f.Series), of(storage.Tx.Vitals, f.Vitals),
		of(storage.Tx.Invoices, f.Invoice), of(storage.Tx.Credits, f.Credit), of(storage.Tx.Ledger, f.Entry), of(storage.Tx.Commands, f.Command),
	}
}

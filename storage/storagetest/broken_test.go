package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/inventory"
	"github.com/glabella-ehr/glabella/patient"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/memory"
)

// TestEachDefectIsCaughtByItsCheck runs every check against every defect: a check
// that catches nothing is worth nothing, and one that catches another check's
// defect would not say what is wrong.
func TestEachDefectIsCaughtByItsCheck(t *testing.T) {
	t.Parallel()
	checks := Checks()
	for _, c := range checks {
		if broken[c.Name] == nil {
			t.Errorf("no defect is caught by the check %q", c.Name)
		}
	}
	for name, open := range broken {
		if !slices.ContainsFunc(checks, func(c Check) bool { return c.Name == name }) {
			t.Errorf("there is a defect but no check %q", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range checks {
				if testing.Short() && c.Name != name {
					continue
				}
				err := c.Run(t.Context(), func() (storage.Backend, error) { return open(), nil })
				if c.Name == name && err == nil {
					t.Errorf("the check does not catch its defect")
				}
				if c.Name != name && err != nil {
					t.Errorf("the defect is caught by the check %q as well: %v", c.Name, err)
				}
			}
		})
	}
}

// broken holds for each check, by name, a backend with the one defect that it is
// there to catch.
var broken = map[string]func() storage.Backend{
	"a record reads as it was put": body(`"nonce":"[^"]*"`, func([]byte) []byte { return []byte(`"nonce":"lost"`) }),
	"a record that was never put is not found": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, get: func(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
			d, err := tx.Get(ctx, kind, id, version)
			if errors.Is(err, glabella.ErrNotFound) {
				err = errors.New("no rows in result set")
			}
			return d, err
		}}
	}),
	"only the next version can be put": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
			newest, _ := tx.Get(ctx, d.Kind, d.ID, 0)
			if d.Version > newest.Version+1 {
				return nil
			}
			return tx.Put(ctx, d)
		}}
	}),
	"of several writers that saw the same version one wins": contended(func(busy func() bool, tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
			err := tx.Put(ctx, d)
			if errors.Is(err, glabella.ErrConflict) && busy() {
				return nil // the last writer is told that it won
			}
			return err
		}}
	}),
	"a record can change twice in one update": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		written := map[string]bool{}
		return override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
			if written[d.Kind+d.ID] {
				return glabella.ErrConflict
			}
			written[d.Kind+d.ID] = true
			return tx.Put(ctx, d)
		}}
	}),
	"every version is kept, oldest first": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, get: func(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
			if version == 2 {
				version = 1
			}
			return tx.Get(ctx, kind, id, version)
		}}
	}),
	"kinds do not mix": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		table := func(kind string) string { return strings.Replace(kind, "medication", "allergy", 1) }
		return override{
			DriverTx: tx,
			get: func(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
				return tx.Get(ctx, table(kind), id, version)
			},
			put: func(ctx context.Context, d docstore.Document) error {
				d.Kind = table(d.Kind)
				return tx.Put(ctx, d)
			},
			scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
				r.Kind = table(r.Kind)
				return tx.Range(ctx, r)
			},
		}
	}),
	"IDs and values that begin alike do not mix": ranges(func(r *docstore.Range) {
		if r.To == r.From+"\x00" {
			r.To = r.From + "\xff"
		}
	}),

	"an instant keeps its microseconds and a date its day": body(`:\d\d\.\d{4,}Z`, func(b []byte) []byte { return append(b[:7:7], 'Z') }),
	"amounts and quantities keep every digit": body(`\d{16,}`, func(b []byte) []byte {
		f, _ := strconv.ParseFloat(string(b), 64)
		return strconv.AppendFloat(nil, f, 'f', -1, 64)
	}),
	"text is kept as it is": body("e\u0301", func([]byte) []byte { return []byte("\u00e9") }),
	"text that is not UTF-8 is refused": patients(func(r patientRepo) patientRepo {
		return patientOverride{patientRepo: r, put: func(ctx context.Context, v patient.Patient) error {
			v.Tags = slices.Clone(v.Tags)
			for i, tag := range v.Tags {
				v.Tags[i] = strings.ToValidUTF8(tag, "?")
			}
			return r.Put(ctx, v)
		}}
	}),
	"an empty list is not an absent one": body(`"tags":null`, func([]byte) []byte { return []byte(`"tags":[]`) }),
	"a value is the caller's own": func() storage.Backend {
		cache := map[glabella.PatientID]patient.Patient{}
		return patients(func(r patientRepo) patientRepo {
			return patientOverride{patientRepo: r, get: func(ctx context.Context, id glabella.PatientID) (patient.Patient, error) {
				v, err := r.Get(ctx, id)
				if cached, ok := cache[id]; ok && cached.Version == v.Version {
					return cached, nil
				}
				cache[id] = v
				return v, err
			}}
		})()
	},

	"a query that matches nothing yields nothing": scans(func(r docstore.Range, docs []docstore.Document) ([]docstore.Document, error) {
		if r.Kind == "encounter" && r.Index == "lot" && len(docs) == 0 {
			return nil, glabella.ErrNotFound
		}
		return docs, nil
	}),
	"a query matches all of its fields": wrapTx(func(tx storage.Tx) storage.Tx { return lotTx{tx} }),
	"a query compares text exactly": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{
			DriverTx: tx,
			put: func(ctx context.Context, d docstore.Document) error {
				d.Keys = slices.Clone(d.Keys)
				for i := range d.Keys {
					d.Keys[i].Value = strings.ToLower(d.Keys[i].Value)
				}
				return tx.Put(ctx, d)
			},
			scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
				r.From, r.To = strings.ToLower(r.From), strings.ToLower(r.To)
				return tx.Range(ctx, r)
			},
		}
	}),
	"lists are ordered by ID and complete":    reversed("site"),
	"appointments are ordered by start":       reversed("appointment"),
	"the ledger is ordered by effective date": reversed("entry"),
	"appointments are bounded by their start, the end excluded": ranges(func(r *docstore.Range) {
		if r.Kind == "appointment" && r.To != "" {
			r.To += "\x00"
		}
	}),
	"the ledger is bounded by two days, both included": wrapTx(func(tx storage.Tx) storage.Tx { return ledgerTx{tx} }),
	"a visit is listed once for a lot": scans(func(r docstore.Range, docs []docstore.Document) ([]docstore.Document, error) {
		if r.Kind != "encounter" || r.Index != "lot" {
			return docs, nil
		}
		var out []docstore.Document
		for _, d := range docs {
			for range bytes.Count(d.Body, []byte(`"lot":"`+r.From+`","vial"`)) {
				out = append(out, d)
			}
		}
		return out, nil
	}),
	"a record is found by its newest version only": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
			before, _ := tx.Get(ctx, d.Kind, d.ID, 0)
			for _, k := range before.Keys {
				if !slices.Contains(d.Keys, k) {
					d.Keys = append(slices.Clone(d.Keys), k)
				}
			}
			return tx.Put(ctx, d)
		}}
	}),
	"a limit cuts a list": wrapTx(func(tx storage.Tx) storage.Tx { return balanceTx{tx} }),

	"an update that fails leaves nothing": updates(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		var failed error
		err := inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			if failed = fn(ctx, tx); hosts(failed) {
				return nil
			}
			return failed
		})
		return cmp.Or(failed, err)
	}),
	"an update that panics leaves nothing": updates(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		var surprise any
		err := inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			defer func() { surprise = recover() }()
			return fn(ctx, tx)
		})
		if surprise != nil {
			panic(surprise)
		}
		return err
	}),
	"an error of the closure comes back as it is": updates(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		if err := inner.Update(ctx, fn); err != nil {
			return fmt.Errorf("update: %w", err)
		}
		return nil
	}),
	"a cancelled context writes nothing": updates(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		return cmp.Or(inner.Update(context.WithoutCancel(ctx), fn), ctx.Err())
	}),
	"an update becomes visible all at once": updates(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		var late []docstore.Document
		err := inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			return fn(ctx, override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
				if d.Kind == "movement" {
					late = append(late, d)
					return nil
				}
				return tx.Put(ctx, d)
			}})
		})
		if err != nil || len(late) == 0 {
			return err
		}
		time.Sleep(2 * time.Millisecond)
		return inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
			for _, d := range late {
				if err := tx.Put(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
	}),
	"an update sees what it has written": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		written := map[string]bool{}
		return override{
			DriverTx: tx,
			put: func(ctx context.Context, d docstore.Document) error {
				written[d.Kind+d.ID] = true
				return tx.Put(ctx, d)
			},
			scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
				return func(yield func(docstore.Document, error) bool) {
					for d, err := range tx.Range(ctx, r) {
						if !written[d.Kind+d.ID] && !yield(d, err) {
							return
						}
					}
				}
			},
		}
	}),
	"a view sees one state throughout": views(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		return fn(ctx, separately{inner})
	}),
	"a view writes nothing": views(func(ctx context.Context, inner docstore.Driver, fn closure) error {
		return inner.Update(ctx, fn)
	}),
	"updates are serializable": updates(snapshotIsolation),
	"other reads work while a list is read": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		open := false
		return override{
			DriverTx: tx,
			get: func(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
				if open {
					return docstore.Document{}, errors.New("the connection is busy")
				}
				return tx.Get(ctx, kind, id, version)
			},
			scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
				return func(yield func(docstore.Document, error) bool) {
					open = true
					defer func() { open = false }()
					for d, err := range tx.Range(ctx, r) {
						if !yield(d, err) {
							return
						}
					}
				}
			},
		}
	}),

	"an empty journal has the zero head": heads(func(h *audit.Head) {
		if h.Size == 0 {
			h.Frontier = make([]byte, 32)
		}
	}),
	"the journal is numbered without gaps": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, append: func(ctx context.Context, e audit.Entry, h audit.Head) error {
			if head, err := tx.Head(ctx); err != nil || e.Seq < head.Size {
				return err
			}
			return tx.Append(ctx, e, h)
		}}
	}),
	"entries are kept byte by byte": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, append: func(ctx context.Context, e audit.Entry, h audit.Head) error {
			e.Bytes = bytes.ToValidUTF8(e.Bytes, []byte("?"))
			return tx.Append(ctx, e, h)
		}}
	}),
	"the head is kept as it was given": heads(func(h *audit.Head) { h.Frontier = h.Frontier[:min(32, len(h.Frontier))] }),
	"entries are read from a number on, so many of them": transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, records: func(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
			if limit > 0 {
				limit++
			}
			return tx.Records(ctx, from, limit)
		}}
	}),
	"what is appended is the backend's own": func() storage.Backend {
		var mu sync.Mutex
		given := map[uint64]audit.Entry{}
		return transaction(func(tx docstore.DriverTx) docstore.DriverTx {
			return override{
				DriverTx: tx,
				append: func(ctx context.Context, e audit.Entry, h audit.Head) error {
					err := tx.Append(ctx, e, h)
					if err == nil {
						mu.Lock()
						defer mu.Unlock()
						given[e.Seq] = e
					}
					return err
				},
				records: func(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
					return func(yield func(audit.Entry, error) bool) {
						for e, err := range tx.Records(ctx, from, limit) {
							mu.Lock()
							e = given[e.Seq]
							mu.Unlock()
							if !yield(e, err) {
								return
							}
						}
					}
				},
			}
		})()
	},
	"a reader that follows the journal misses nothing": contended(func(busy func() bool, tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, records: func(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
			return func(yield func(audit.Entry, error) bool) {
				head, _ := tx.Head(ctx)
				for e, err := range tx.Records(ctx, from, limit) {
					if e.Seq+2 == head.Size && busy() {
						continue // numbered by a sequence, committed a moment later
					}
					if !yield(e, err) {
						return
					}
				}
			}
		}}
	}),
}

type closure = func(ctx context.Context, tx docstore.DriverTx) error

// hosts reports whether an error is the host's own, not one of this module or of
// a context.
func hosts(err error) bool {
	for _, known := range []error{nil, glabella.ErrConflict, glabella.ErrInvalid, glabella.ErrNotFound, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return false
		}
	}
	return true
}

// driver is the in-memory driver with its transactions changed.
type driver struct {
	docstore.Driver
	update func(ctx context.Context, inner docstore.Driver, fn closure) error
	view   func(ctx context.Context, inner docstore.Driver, fn closure) error
}

func (d driver) Update(ctx context.Context, fn closure) error {
	if d.update != nil {
		return d.update(ctx, d.Driver, fn)
	}
	return d.Driver.Update(ctx, fn)
}

func (d driver) View(ctx context.Context, fn closure) error {
	if d.view != nil {
		return d.view(ctx, d.Driver, fn)
	}
	return d.Driver.View(ctx, fn)
}

func updates(update func(ctx context.Context, inner docstore.Driver, fn closure) error) func() storage.Backend {
	return func() storage.Backend { return docstore.New(driver{Driver: memory.NewDriver(), update: update}) }
}

func views(view func(ctx context.Context, inner docstore.Driver, fn closure) error) func() storage.Backend {
	return func() storage.Backend { return docstore.New(driver{Driver: memory.NewDriver(), view: view}) }
}

// transaction changes what is done inside every transaction.
func transaction(change func(docstore.DriverTx) docstore.DriverTx) func() storage.Backend {
	return contended(func(_ func() bool, tx docstore.DriverTx) docstore.DriverTx { return change(tx) })
}

// contended is like transaction; busy reports whether several updates run or wait.
func contended(change func(busy func() bool, tx docstore.DriverTx) docstore.DriverTx) func() storage.Backend {
	return func() storage.Backend {
		var running atomic.Int64
		busy := func() bool { return running.Load() > 1 }
		return docstore.New(driver{
			Driver: memory.NewDriver(),
			update: func(ctx context.Context, inner docstore.Driver, fn closure) error {
				running.Add(1)
				defer running.Add(-1)
				return inner.Update(ctx, func(ctx context.Context, tx docstore.DriverTx) error { return fn(ctx, change(busy, tx)) })
			},
			view: func(ctx context.Context, inner docstore.Driver, fn closure) error {
				return inner.View(ctx, func(ctx context.Context, tx docstore.DriverTx) error { return fn(ctx, change(busy, tx)) })
			},
		})
	}
}

// override is a transaction with some of its methods replaced.
type override struct {
	docstore.DriverTx
	get     func(ctx context.Context, kind, id string, version uint64) (docstore.Document, error)
	put     func(ctx context.Context, d docstore.Document) error
	scan    func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error]
	head    func(ctx context.Context) (audit.Head, error)
	append  func(ctx context.Context, e audit.Entry, h audit.Head) error
	records func(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error]
}

func (o override) Get(ctx context.Context, kind, id string, version uint64) (docstore.Document, error) {
	if o.get != nil {
		return o.get(ctx, kind, id, version)
	}
	return o.DriverTx.Get(ctx, kind, id, version)
}

func (o override) Put(ctx context.Context, d docstore.Document) error {
	if o.put != nil {
		return o.put(ctx, d)
	}
	return o.DriverTx.Put(ctx, d)
}

func (o override) Range(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	if o.scan != nil {
		return o.scan(ctx, r)
	}
	return o.DriverTx.Range(ctx, r)
}

func (o override) Head(ctx context.Context) (audit.Head, error) {
	if o.head != nil {
		return o.head(ctx)
	}
	return o.DriverTx.Head(ctx)
}

func (o override) Append(ctx context.Context, e audit.Entry, h audit.Head) error {
	if o.append != nil {
		return o.append(ctx, e, h)
	}
	return o.DriverTx.Append(ctx, e, h)
}

func (o override) Records(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	if o.records != nil {
		return o.records(ctx, from, limit)
	}
	return o.DriverTx.Records(ctx, from, limit)
}

// body stores the bodies of documents with what matches the pattern changed.
func body(pattern string, change func([]byte) []byte) func() storage.Backend {
	re := regexp.MustCompile(pattern)
	return transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, put: func(ctx context.Context, d docstore.Document) error {
			d.Body = re.ReplaceAllFunc(d.Body, change)
			return tx.Put(ctx, d)
		}}
	})
}

// ranges changes what is asked for in ranges.
func ranges(change func(*docstore.Range)) func() storage.Backend {
	return transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
			change(&r)
			return tx.Range(ctx, r)
		}}
	})
}

// scans changes what ranges yield.
func scans(change func(docstore.Range, []docstore.Document) ([]docstore.Document, error)) func() storage.Backend {
	return transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, scan: func(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
			docs, err := all(tx.Range(ctx, r))
			if err == nil {
				docs, err = change(r, docs)
			}
			return sequence(docs, err)
		}}
	})
}

func sequence[T any](vs []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range vs {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			yield(*new(T), err)
		}
	}
}

func reversed(kind string) func() storage.Backend {
	return scans(func(r docstore.Range, docs []docstore.Document) ([]docstore.Document, error) {
		if r.Kind == kind {
			slices.Reverse(docs)
		}
		return docs, nil
	})
}

func heads(change func(*audit.Head)) func() storage.Backend {
	return transaction(func(tx docstore.DriverTx) docstore.DriverTx {
		return override{DriverTx: tx, head: func(ctx context.Context) (audit.Head, error) {
			h, err := tx.Head(ctx)
			change(&h)
			return h, err
		}}
	})
}

// separately reads each time in a view of its own.
type separately struct{ driver docstore.Driver }

func (s separately) view(ctx context.Context, read func(ctx context.Context, tx docstore.DriverTx) error) error {
	return s.driver.View(ctx, read)
}

func (s separately) Get(ctx context.Context, kind, id string, version uint64) (d docstore.Document, err error) {
	err = s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
		d, err = tx.Get(ctx, kind, id, version)
		return err
	})
	return d, err
}

func (s separately) Put(ctx context.Context, d docstore.Document) error {
	return s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) error { return tx.Put(ctx, d) })
}

func (s separately) Range(ctx context.Context, r docstore.Range) iter.Seq2[docstore.Document, error] {
	var docs []docstore.Document
	err := s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) (err error) {
		docs, err = all(tx.Range(ctx, r))
		return err
	})
	return sequence(docs, err)
}

func (s separately) Head(ctx context.Context) (h audit.Head, err error) {
	err = s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) error {
		h, err = tx.Head(ctx)
		return err
	})
	return h, err
}

func (s separately) Append(ctx context.Context, e audit.Entry, h audit.Head) error {
	return s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) error { return tx.Append(ctx, e, h) })
}

func (s separately) Records(ctx context.Context, from uint64, limit int) iter.Seq2[audit.Entry, error] {
	var entries []audit.Entry
	err := s.view(ctx, func(ctx context.Context, tx docstore.DriverTx) (err error) {
		entries, err = all(tx.Records(ctx, from, limit))
		return err
	})
	return sequence(entries, err)
}

type patientRepo = storage.Repo[glabella.PatientID, patient.Patient, storage.PatientQuery]

type patientOverride struct {
	patientRepo
	get func(ctx context.Context, id glabella.PatientID) (patient.Patient, error)
	put func(ctx context.Context, v patient.Patient) error
}

func (o patientOverride) Get(ctx context.Context, id glabella.PatientID) (patient.Patient, error) {
	if o.get != nil {
		return o.get(ctx, id)
	}
	return o.patientRepo.Get(ctx, id)
}

func (o patientOverride) Put(ctx context.Context, v patient.Patient) error {
	if o.put != nil {
		return o.put(ctx, v)
	}
	return o.patientRepo.Put(ctx, v)
}

type patientTx struct {
	storage.Tx
	change func(patientRepo) patientRepo
}

func (t patientTx) Patients() patientRepo { return t.change(t.Tx.Patients()) }

func patients(change func(patientRepo) patientRepo) func() storage.Backend {
	return wrapTx(func(tx storage.Tx) storage.Tx { return patientTx{tx, change} })
}

// wrapped is the in-memory backend with its repositories changed.
type wrapped struct {
	storage.Backend
	change func(storage.Tx) storage.Tx
}

func wrapTx(change func(storage.Tx) storage.Tx) func() storage.Backend {
	return func() storage.Backend { return wrapped{memory.New(), change} }
}

func (w wrapped) Update(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return w.Backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, w.change(tx)) })
}

func (w wrapped) View(ctx context.Context, fn func(ctx context.Context, tx storage.Tx) error) error {
	return w.Backend.View(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, w.change(tx)) })
}

// lister changes the queries of one kind of record.
type lister[ID, T, Q any] struct {
	storage.Repo[ID, T, Q]
	change func(*Q)
}

func (l lister[ID, T, Q]) List(ctx context.Context, q Q) iter.Seq2[T, error] {
	l.change(&q)
	return l.Repo.List(ctx, q)
}

type lotTx struct{ storage.Tx }

func (t lotTx) Lots() storage.Repo[glabella.LotID, inventory.Lot, storage.LotQuery] {
	return lister[glabella.LotID, inventory.Lot, storage.LotQuery]{t.Tx.Lots(), func(q *storage.LotQuery) {
		if q.Number != "" {
			q.Product = glabella.ProductID{}
		}
	}}
}

type ledgerTx struct{ storage.Tx }

func (t ledgerTx) Ledger() storage.Repo[glabella.EntryID, billing.Entry, storage.EntryQuery] {
	return lister[glabella.EntryID, billing.Entry, storage.EntryQuery]{t.Tx.Ledger(), func(q *storage.EntryQuery) {
		if !q.To.IsZero() {
			q.To = q.To.AddDays(-1)
		}
	}}
}

type balanceTx struct{ storage.Tx }

func (t balanceTx) Balances() storage.Repo[glabella.BalanceID, inventory.Balance, storage.BalanceQuery] {
	return lister[glabella.BalanceID, inventory.Balance, storage.BalanceQuery]{t.Tx.Balances(), func(q *storage.BalanceQuery) {
		if q.Limit > 0 {
			q.Limit++
		}
	}}
}

package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
)

// versions reads every version of the records of one kind, for verification.
type versions struct {
	refs    func(ctx context.Context) iter.Seq2[glabella.Ref, error]
	history func(ctx context.Context, ref glabella.Ref) iter.Seq2[stored, error]
	view    func(ctx context.Context, ref glabella.Ref, may access.Classes, wanted ...uint64) (map[uint64]Version, error)
}

type stored struct {
	version uint64
	digest  string
}

func versionsOf[ID, T, Q any, P Entity[T]](r Reader[ID, T, Q]) versions {
	return versions{
		refs: func(ctx context.Context) iter.Seq2[glabella.Ref, error] {
			return func(yield func(glabella.Ref, error) bool) {
				var all Q
				for v, err := range r.List(ctx, all) {
					if !yield(P(&v).Ref(), err) {
						return
					}
				}
			}
		},
		history: func(ctx context.Context, ref glabella.Ref) iter.Seq2[stored, error] {
			return func(yield func(stored, error) bool) {
				id, err := idOf[ID](ref)
				if err != nil {
					yield(stored{}, err)
					return
				}
				for v, err := range r.History(ctx, id) {
					var s stored
					if err == nil {
						s.version = P(&v).Stamp().Version
						s.digest, err = Digest(v)
					}
					if !yield(s, err) {
						return
					}
				}
			}
		},
		view: func(ctx context.Context, ref glabella.Ref, may access.Classes, wanted ...uint64) (map[uint64]Version, error) {
			id, err := idOf[ID](ref)
			if err != nil {
				return nil, err
			}
			out := map[uint64]Version{}
			for v, err := range r.History(ctx, id) {
				if err != nil {
					return nil, err
				}
				if n := P(&v).Stamp().Version; slices.Contains(wanted, n) {
					if out[n], err = versionOf(v, ref.Kind, may); err != nil {
						return nil, err
					}
				}
			}
			return out, nil
		},
	}
}

// Report is what a verification looked at.
type Report struct {
	Journal  audit.Report // the journal itself
	Records  int          // records compared with the journal
	Versions int          // versions compared with the journal
}

// Verify checks the whole store: the journal against its Merkle tree and the
// given checkpoints, and every version of every record against the digest that
// the journal holds of it. Records that were altered, removed, or put there
// behind the store's back are a [*glabella.ValidationError] with the codes
// [CodeTampered], [CodeMissing] and [CodeUnjournaled]; a journal that was
// tampered with is an [audit.TamperError].
func (s *Store) Verify(ctx context.Context, ses Session, o *audit.VerifyOptions) (Report, error) {
	var report Report
	err := s.View(ctx, ses, func(ctx context.Context, r *Reading) error {
		report = Report{}
		var err error
		if report.Journal, err = audit.Verify(ctx, r.tx.Journal(), o); err != nil {
			return err
		}
		journaled, err := journaledVersions(ctx, r.tx.Journal())
		if err != nil {
			return err
		}
		issues, err := compareWithJournal(ctx, r.tx, journaled, &report)
		if err != nil {
			return err
		}
		return glabella.Invalid("store", issues...)
	})
	return report, err
}

// journaledVersions returns the digest of every version that the journal says
// was stored.
func journaledVersions(ctx context.Context, j audit.Journal) (map[glabella.Ref]map[uint64]string, error) {
	out := map[glabella.Ref]map[uint64]string{}
	for e, err := range j.Entries(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		rec, err := audit.ParseRecord(e.Bytes)
		if err != nil {
			return nil, fmt.Errorf("journal entry %d: %w", e.Seq, err)
		}
		for _, c := range rec.Changes {
			if out[c.Ref] == nil {
				out[c.Ref] = map[uint64]string{}
			}
			out[c.Ref][c.After] = c.Digest
		}
	}
	return out, nil
}

func compareWithJournal(ctx context.Context, tx Tx, journaled map[glabella.Ref]map[uint64]string, report *Report) ([]glabella.Issue, error) {
	var issues []glabella.Issue
	found := func(ref glabella.Ref, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: "/" + ref.String(), Code: code, Text: text})
	}
	err := eachKind(tx, func(kind string, v versions) error {
		for ref, err := range v.refs(ctx) {
			if err != nil {
				return unreadable(err)
			}
			report.Records++
			want := journaled[ref]
			for s, err := range v.history(ctx, ref) {
				if err != nil {
					return unreadable(err)
				}
				report.Versions++
				switch digest, ok := want[s.version]; {
				case !ok:
					found(ref, CodeUnjournaled, fmt.Sprintf("version %d is not in the journal", s.version))
				case digest != s.digest:
					found(ref, CodeTampered, fmt.Sprintf("version %d is not what was stored", s.version))
				}
				delete(want, s.version)
			}
			for version := range want {
				found(ref, CodeMissing, fmt.Sprintf("version %d is not stored", version))
			}
			delete(journaled, ref)
		}
		return nil
	})
	for ref := range journaled {
		found(ref, CodeMissing, "the record is not stored")
	}
	return issues, err
}

// unreadable marks a record that cannot even be decoded as tampered with, unless
// the cause is the caller's own.
func unreadable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: %w", glabella.Invalid("store", glabella.Issue{Code: CodeTampered, Text: "a stored record cannot be read"}), err)
}

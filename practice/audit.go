package practice

import (
	"context"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// VerifyAudit checks the whole store: the journal against its Merkle tree and
// the given earlier checkpoints, and every stored version of every record
// against the journal. See [storage.Store.Verify] for the errors.
func (p *Practice) VerifyAudit(ctx context.Context, actor glabella.Actor, o *audit.VerifyOptions) (storage.Report, error) {
	return p.store.Verify(ctx, storage.Session{Actor: actor, Action: access.AuditVerify}, o)
}

// Checkpoint returns a signed statement of the journal's size and root hash, in
// the checkpoint form of transparency logs. Kept outside the store, it proves
// later that nothing before it was altered, removed or reordered. Origin names
// the practice's log and should be unique.
func (p *Practice) Checkpoint(ctx context.Context, actor glabella.Actor, origin string, signer note.Signer) ([]byte, error) {
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]byte, error) {
		head, err := r.Journal().Head(ctx)
		if err != nil {
			return nil, err
		}
		return audit.Sign(origin, head, signer)
	})
}

// ProveInclusion returns the proof that the journal record with the number seq is
// part of the log of the given size, such as that of a checkpoint.
func (p *Practice) ProveInclusion(ctx context.Context, actor glabella.Actor, seq, size uint64) (audit.Inclusion, error) {
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (audit.Inclusion, error) {
		return audit.ProveInclusion(ctx, r.Journal(), seq, size)
	})
}

// ProveConsistency returns the proof that the log of size newer begins with the
// log of size older.
func (p *Practice) ProveConsistency(ctx context.Context, actor glabella.Actor, older, newer uint64) (audit.Consistency, error) {
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (audit.Consistency, error) {
		return audit.ProveConsistency(ctx, r.Journal(), older, newer)
	})
}

// Journal returns at most limit journal records from the number from on; limit 0
// is all.
func (p *Practice) Journal(ctx context.Context, actor glabella.Actor, from uint64, limit int) ([]audit.Record, error) {
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]audit.Record, error) {
		return records(r.Journal().Entries(ctx, from, limit))
	})
}

func records(entries iter.Seq2[audit.Entry, error]) ([]audit.Record, error) {
	var out []audit.Record
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		rec, err := audit.ParseRecord(e.Bytes)
		if err != nil {
			return nil, fmt.Errorf("journal entry %d: %w", e.Seq, err)
		}
		out = append(out, rec)
	}
	return out, nil
}

// Follow calls fn with every journal record from the number from on, in commit
// order and without gaps, and then waits for further ones. It is the outbox: a
// host delivers the events to its broker from here and keeps the number of the
// last record that it has delivered. Follow asks every interval, and returns when
// ctx ends or fn returns an error.
//
// Following is one journaled access, made at the start.
func (p *Practice) Follow(ctx context.Context, actor glabella.Actor, from uint64, interval time.Duration, fn func(audit.Record) error) error {
	entries := func(e audit.Entry) error {
		rec, err := audit.ParseRecord(e.Bytes)
		if err != nil {
			return fmt.Errorf("journal entry %d: %w", e.Seq, err)
		}
		return fn(rec)
	}
	return p.store.Tail(ctx, storage.Session{Actor: actor, Action: access.AuditRead}, from, interval, entries)
}

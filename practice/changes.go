package practice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/storage"
)

// FieldChange is one field of a record before and after a command.
type FieldChange struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before,omitempty"` // none of a new record, and of a field that was empty
	After  json.RawMessage `json:"after,omitempty"`
	Hidden bool            `json:"hidden,omitempty"` // something of it is of a class that the reader's roles may not see
}

// RecordChange is what a command changed in one record.
type RecordChange struct {
	Record glabella.Ref  `json:"record"`
	Before uint64        `json:"before,omitempty"` // version; 0 of a new record
	After  uint64        `json:"after"`
	Intact bool          `json:"intact"` // the version that is kept is the one that the journal has the digest of
	Fields []FieldChange `json:"fields"` // that differ, by their stored names
}

// ChangesOf returns what the command with a number in the journal changed: each
// field before and after, from the versions that are kept. A reader sees of it what
// their roles may see of the records. The answer is journaled as a reading of them.
func (p *Practice) ChangesOf(ctx context.Context, actor glabella.Actor, seq uint64) ([]RecordChange, error) {
	return query(ctx, p, actor, access.AuditRead, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) ([]RecordChange, error) {
		found, err := records(r.Journal().Entries(ctx, seq, 1))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("journal entry %d: %w", seq, glabella.ErrNotFound)
		}
		rec := found[0]
		if rec.Subject.Kind == (glabella.PatientID{}).Kind() {
			id, err := glabella.ParseID[glabella.PatientID](rec.Subject.ID)
			if err != nil {
				return nil, err
			}
			r.Concerns(id)
		}
		out := []RecordChange{}
		for _, c := range rec.Changes {
			change, err := changeOf(ctx, r, c)
			if err != nil {
				return nil, err
			}
			out = append(out, change)
		}
		return out, nil
	})
}

func changeOf(ctx context.Context, r *storage.Reading, c audit.Change) (RecordChange, error) {
	out := RecordChange{Record: c.Ref, Before: c.Before, After: c.After, Fields: []FieldChange{}}
	versions, err := r.Versions(ctx, c.Ref, c.Before, c.After)
	if err != nil {
		return out, err
	}
	before, after := versions[c.Before], versions[c.After]
	out.Intact = after.Digest == c.Digest
	names := slices.Clone(c.Fields)
	if c.Before == 0 { // the journal names no fields of a new record
		for name := range after.Fields {
			names = append(names, name)
		}
		for _, gone := range after.Removed {
			name, _, _ := strings.Cut(strings.TrimPrefix(gone.Path, "/"), "/")
			names = append(names, name)
		}
		slices.Sort(names)
		names = slices.Compact(names)
	}
	for _, name := range names {
		f := FieldChange{Field: name, Before: before.Fields[name], After: after.Fields[name]}
		f.Hidden = hides(before.Removed, name) || hides(after.Removed, name)
		if f.Hidden || !bytes.Equal(f.Before, f.After) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out, nil
}

// hides reports whether something of a field was removed.
func hides(removed []access.Removed, field string) bool {
	return slices.ContainsFunc(removed, func(r access.Removed) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/"), "/")
		return name == field
	})
}

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
)

// Version is one version of a record as a reader may see it.
type Version struct {
	Fields  map[string]json.RawMessage // by their stored names
	Removed []access.Removed           // what the reader's roles may not see
	Digest  string                     // of the whole version, as the journal has it
}

func versionOf[T any](v T, kind string, may access.Classes) (Version, error) {
	var out Version
	var err error
	if out.Digest, err = Digest(v); err != nil {
		return out, err
	}
	var shown T
	shown, out.Removed = access.View(v, kind, may)
	text, err := json.Marshal(shown)
	if err != nil {
		return out, fmt.Errorf("version of a %s: %w", kind, err)
	}
	return out, json.Unmarshal(text, &out.Fields)
}

// Versions returns versions of a record of any kind, by their numbers, as the
// actor's roles may see them. One that is not stored is left out. The record is
// noted as read.
func (r *Reading) Versions(ctx context.Context, ref glabella.Ref, wanted ...uint64) (map[uint64]Version, error) {
	var out map[uint64]Version
	read, _ := r.Sight()
	err := eachKind(r.tx, func(kind string, v versions) (err error) {
		if kind == ref.Kind {
			r.trail.note(ref)
			out, err = v.view(ctx, ref, read, wanted...)
		}
		return err
	})
	return out, err
}

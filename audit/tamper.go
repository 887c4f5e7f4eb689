package audit

import (
	"errors"
	"fmt"
	"slices"
)

// ErrTampered says that the journal is not what it was when it was written; see
// [*TamperError].
var ErrTampered = errors.New("tampered")

// TamperKind says how the journal differs from what was written.
type TamperKind string

// The kinds of tampering.
const (
	Altered    TamperKind = "altered"    // an entry's bytes do not have its stored leaf hash
	Missing    TamperKind = "missing"    // a number is skipped
	Disordered TamperKind = "disordered" // a number comes twice, or after a later one
	Hashes     TamperKind = "hashes"     // an entry's stored subtree hashes do not follow from the entries
	Truncated  TamperKind = "truncated"  // the head or a checkpoint knows of more entries
	Surplus    TamperKind = "surplus"    // there are entries that the head does not know of
	Rewritten  TamperKind = "rewritten"  // the head does not follow from the entries
	Diverged   TamperKind = "diverged"   // an earlier checkpoint does not follow from the entries
	Forged     TamperKind = "forged"     // a checkpoint's signature is not that of its key
	Unproven   TamperKind = "unproven"   // a proof does not lead to the root
)

// TamperKinds returns every kind of tampering.
func TamperKinds() []TamperKind {
	return []TamperKind{Altered, Missing, Disordered, Hashes, Truncated, Surplus, Rewritten, Diverged, Forged, Unproven}
}

// Valid reports whether k is one of [TamperKinds].
func (k TamperKind) Valid() bool { return slices.Contains(TamperKinds(), k) }

// TamperError says where the journal differs from what was written. It unwraps
// to [ErrTampered].
type TamperError struct {
	Kind TamperKind
	// Seq is the number of the entry at which the difference shows. For a head, a
	// checkpoint or a proof it is the size of the tree that it is about; for a
	// forged checkpoint it is 0.
	Seq uint64
}

// Error names the kind and the number.
func (e *TamperError) Error() string { return fmt.Sprintf("journal %s at %d", e.Kind, e.Seq) }

// Unwrap returns [ErrTampered].
func (e *TamperError) Unwrap() error { return ErrTampered }

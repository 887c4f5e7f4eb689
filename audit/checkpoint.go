package audit

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
)

// Checkpoint states what the journal was at some size. Signed and kept where the
// journal's administrators cannot reach it, it is what a later [Verify] holds
// against them: without one, someone who can rewrite the whole store can rewrite
// the whole journal.
//
// Its text is the checkpoint of the C2SP tlog-checkpoint specification, in a
// signed note of package golang.org/x/mod/sumdb/note: the origin, the size in
// decimal and the root hash in base64, a line each.
type Checkpoint struct {
	Origin string `json:"origin"` // names the journal: the name of the key that signs for it
	Size   uint64 `json:"size"`
	Root   Hash   `json:"root"`
}

// Sign returns the signed checkpoint of the head. The signer's name must be the
// origin.
func Sign(origin string, head Head, signer note.Signer) ([]byte, error) {
	if signer.Name() != origin {
		return nil, fmt.Errorf("sign checkpoint: %w: the origin is the name of the key", glabella.ErrInvalid)
	}
	root, err := head.Root()
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	c := Checkpoint{Origin: origin, Size: head.Size, Root: root}
	msg, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return msg, nil
}

func (c Checkpoint) text() string { return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root) }

// OpenCheckpoint reads a signed checkpoint and checks that a known verifier
// with the name of its origin has signed it. Extension lines after the root are
// allowed and ignored. A wrong signature is a [*TamperError]; a message that is
// not a checkpoint, or that no known key has signed, is an error that wraps
// [glabella.ErrInvalid].
func OpenCheckpoint(msg []byte, verifiers note.Verifiers) (Checkpoint, error) {
	n, err := note.Open(msg, verifiers)
	if err != nil {
		var wrong *note.InvalidSignatureError
		if errors.As(err, &wrong) {
			return Checkpoint{}, fmt.Errorf("open checkpoint: %w", &TamperError{Kind: Forged})
		}
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w: not a note signed by a known key", glabella.ErrInvalid)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open checkpoint: %w: %w", glabella.ErrInvalid, err)
	}
	for _, sig := range n.Sigs {
		if sig.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("open checkpoint: %w: not signed by its origin", glabella.ErrInvalid)
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, errMalformed
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, err
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

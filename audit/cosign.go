package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
)

// The algorithm identifiers of the C2SP signed-note specification: of an Ed25519
// signature, and of one that is a timestamped cosignature.
const (
	algEd25519     = 0x01
	algCosignature = 0x04
)

// Witness is somebody who confirms, with a signature and a time of its own, that a
// journal was only ever appended to. Whoever keeps the journal can then not show
// one history to some and another to others. Its signatures are those of the C2SP
// tlog-cosignature specification, cosignature/v1.
type Witness struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
}

// NewWitness returns the witness with a private key, in the form of
// [note.GenerateKey]. A text that is no such key is an error that wraps
// [glabella.ErrInvalid].
func NewWitness(skey string) (*Witness, error) {
	signer, err := note.NewSigner(skey)
	parts := strings.SplitN(skey, "+", 5) // PRIVATE+KEY+name+hash+key
	if err != nil || len(parts) != 5 {
		return nil, fmt.Errorf("witness: %w: not a private key", glabella.ErrInvalid)
	}
	key, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(key) != 1+ed25519.SeedSize || key[0] != algEd25519 {
		return nil, fmt.Errorf("witness: %w: not an Ed25519 key", glabella.ErrInvalid)
	}
	w := &Witness{name: signer.Name(), key: ed25519.NewKeyFromSeed(key[1:])}
	w.hash = cosignatureKeyHash(w.name, w.public())
	return w, nil
}

func (w *Witness) public() ed25519.PublicKey { return w.key.Public().(ed25519.PublicKey) }

// cosignatureKeyHash is the key ID of a cosignature's key.
func cosignatureKeyHash(name string, key ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(slices.Concat([]byte(name), []byte{'\n', algCosignature}, key))
	return binary.BigEndian.Uint32(sum[:])
}

// Name returns the witness's name, which should be a URL without a scheme.
func (w *Witness) Name() string { return w.name }

// VerifierKey returns the text of the public key that [NewWitnessVerifier] reads.
func (w *Witness) VerifierKey() string {
	key := append([]byte{algCosignature}, w.public()...)
	return fmt.Sprintf("%s+%08x+%s", w.name, w.hash, base64.StdEncoding.EncodeToString(key))
}

// Cosign checks that a signed checkpoint follows from the last one that the
// witness has cosigned, and returns it with the witness's cosignature added. Last
// is the zero Checkpoint the first time; the caller keeps the newest, and must not
// lose it. Log is the verifier of the journal's own key.
//
// A wrong signature, a checkpoint that is smaller than the last, and a proof that
// does not lead from the one to the other are a [*TamperError].
func (w *Witness) Cosign(msg []byte, log note.Verifier, last Checkpoint, proof Consistency, at time.Time) ([]byte, Checkpoint, error) {
	c, err := OpenCheckpoint(msg, note.VerifierList(log))
	if err != nil {
		return nil, last, fmt.Errorf("cosign: %w", err)
	}
	switch {
	case c.Origin != log.Name() || last.Origin != "" && c.Origin != last.Origin:
		return nil, last, fmt.Errorf("cosign: %w: a checkpoint of another journal", glabella.ErrInvalid)
	case at.Unix() <= 0:
		return nil, last, fmt.Errorf("cosign: %w: a cosignature has a time", glabella.ErrInvalid)
	case c.Size < last.Size:
		return nil, last, fmt.Errorf("cosign: %w", &TamperError{Kind: Truncated, Seq: c.Size})
	case last.Origin == "": // the first that the witness sees
	case c.Size == last.Size && c.Root != last.Root:
		return nil, last, fmt.Errorf("cosign: %w", &TamperError{Kind: Diverged, Seq: c.Size})
	case c.Size == last.Size:
	case proof.Old != last.Size || proof.New != c.Size:
		return nil, last, fmt.Errorf("cosign: %w: the proof is not from %d to %d entries", glabella.ErrInvalid, last.Size, c.Size)
	default:
		if err := proof.Verify(last.Root, c.Root); err != nil {
			return nil, last, fmt.Errorf("cosign: %w", err)
		}
	}
	n, err := note.Open(msg, note.VerifierList(log))
	if err != nil {
		return nil, last, fmt.Errorf("cosign: %w", err)
	}
	out, err := note.Sign(n, cosigner{w, uint64(at.Unix())})
	if err != nil {
		return nil, last, fmt.Errorf("cosign: %w", err)
	}
	return out, c, nil
}

// cosigner signs for a witness at a time.
type cosigner struct {
	*Witness
	at uint64 // POSIX seconds
}

func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Sign(msg []byte) ([]byte, error) {
	return append(binary.BigEndian.AppendUint64(nil, c.at), ed25519.Sign(c.key, cosignedText(c.at, msg))...), nil
}

// cosignedText is what a cosignature signs.
func cosignedText(at uint64, msg []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), msg...)
}

// WitnessVerifier verifies the cosignatures of one witness. It is a
// [note.Verifier].
type WitnessVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// NewWitnessVerifier reads the public key of a witness: its name, its key ID in
// hexadecimal and the key in base64, with a plus between them. A text that is no
// such key is an error that wraps [glabella.ErrInvalid].
func NewWitnessVerifier(vkey string) (*WitnessVerifier, error) {
	bad := fmt.Errorf("witness: %w: not the public key of a witness", glabella.ErrInvalid)
	name, rest, _ := strings.Cut(vkey, "+")
	id, encoded, _ := strings.Cut(rest, "+")
	hash, err := strconv.ParseUint(id, 16, 32)
	if err != nil || len(id) != 8 || name == "" {
		return nil, bad
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature {
		return nil, bad
	}
	v := &WitnessVerifier{name: name, hash: uint32(hash), key: ed25519.PublicKey(key[1:])}
	if v.hash != cosignatureKeyHash(name, v.key) {
		return nil, bad
	}
	return v, nil
}

// Name returns the witness's name.
func (v *WitnessVerifier) Name() string { return v.name }

// KeyHash returns the key ID.
func (v *WitnessVerifier) KeyHash() uint32 { return v.hash }

// Verify reports whether sig is the witness's cosignature of the text.
func (v *WitnessVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(v.key, cosignedText(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

// Cosignature is that a witness has confirmed a checkpoint.
type Cosignature struct {
	Witness string    `json:"witness"`
	At      time.Time `json:"at"` // UTC, whole seconds
}

// OpenCosigned reads a checkpoint that its journal has signed and at least quorum
// of the witnesses have cosigned, and returns who did and when, in the order of
// the witnesses. Each witness counts once. Errors are those of [OpenCheckpoint];
// too few cosignatures are an error that wraps [glabella.ErrInvalid].
func OpenCosigned(msg []byte, log note.Verifier, witnesses []*WitnessVerifier, quorum int) (Checkpoint, []Cosignature, error) {
	known := []note.Verifier{log}
	var distinct []*WitnessVerifier
	for _, w := range witnesses {
		if !slices.ContainsFunc(distinct, func(o *WitnessVerifier) bool { return o.name == w.name || bytes.Equal(o.key, w.key) }) {
			distinct, known = append(distinct, w), append(known, w)
		}
	}
	c, err := OpenCheckpoint(msg, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, nil, err
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w: %w", glabella.ErrInvalid, err)
	}
	if !slices.ContainsFunc(n.Sigs, func(s note.Signature) bool { return s.Name == log.Name() && s.Hash == log.KeyHash() }) || c.Origin != log.Name() {
		return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w: not signed by its origin", glabella.ErrInvalid)
	}
	var out []Cosignature
	for _, w := range distinct {
		for _, s := range n.Sigs {
			if s.Name != w.name || s.Hash != w.hash {
				continue
			}
			at, err := timeOfCosignature(s)
			if err != nil {
				return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w: %w", glabella.ErrInvalid, err)
			}
			out = append(out, Cosignature{Witness: w.name, At: at})
		}
	}
	if len(out) < quorum {
		return Checkpoint{}, nil, fmt.Errorf("open checkpoint: %w: %d of %d witnesses have cosigned", glabella.ErrInvalid, len(out), quorum)
	}
	return c, out, nil
}

// maxCosignatureTime is the last second of the year 9999.
const maxCosignatureTime = 253402300799

func timeOfCosignature(s note.Signature) (time.Time, error) {
	b, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(b) < 12 {
		return time.Time{}, errMalformed
	}
	at := binary.BigEndian.Uint64(b[4:])
	if at > maxCosignatureTime {
		return time.Time{}, errors.New("a time that is too late")
	}
	return time.Unix(int64(at), 0).UTC(), nil
}

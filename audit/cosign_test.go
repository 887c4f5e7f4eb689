package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// witnessFor returns a witness that is always the same for a name and a seed.
func witnessFor(t testing.TB, name string, seed byte) (*audit.Witness, *audit.WitnessVerifier) {
	t.Helper()
	skey, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := audit.NewWitness(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewWitnessVerifier(w.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	return w, v
}

// prefix returns the journal's beginning.
func prefix(t testing.TB, n int) *memJournal { return journalOf(t, n) }

// signedOf returns the signed checkpoint of a journal.
func signedOf(t testing.TB, j *memJournal, signer note.Signer) []byte {
	t.Helper()
	msg, err := audit.Sign(origin, j.head, signer)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func TestWitnessesConfirmWhatTheyHaveSeenGrow(t *testing.T) {
	t.Parallel()
	signer, log := keysFor(t, origin, 1)
	one, verifyOne := witnessFor(t, "witness.example/one", 2)
	two, verifyTwo := witnessFor(t, "witness.example/two", 3)
	early, late := prefix(t, 5), prefix(t, 12)
	proof, err := audit.ProveConsistency(t.Context(), late, 5, 12)
	if err != nil {
		t.Fatal(err)
	}
	_, last, err := one.Cosign(signedOf(t, early, signer), log, audit.Checkpoint{}, audit.Consistency{}, noon)
	if err != nil || last != checkpointOf(t, early.head) {
		t.Fatalf("the first Cosign = %v, %v", last, err)
	}
	msg, last, err := one.Cosign(signedOf(t, late, signer), log, last, proof, noon.Add(time.Hour))
	if err != nil || last != checkpointOf(t, late.head) {
		t.Fatalf("Cosign = %v, %v", last, err)
	}
	msg, _, err = two.Cosign(msg, log, audit.Checkpoint{}, audit.Consistency{}, noon.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(msg), "\n— "); n != 3 {
		t.Errorf("%d signatures, want 3:\n%s", n, msg)
	}
	got, by, err := audit.OpenCosigned(msg, log, []*audit.WitnessVerifier{verifyOne, verifyTwo, verifyOne}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []audit.Cosignature{
		{Witness: "witness.example/one", At: noon.Add(time.Hour).Truncate(time.Second)},
		{Witness: "witness.example/two", At: noon.Add(2 * time.Hour).Truncate(time.Second)},
	}
	if diff := cmp.Diff(want, by); diff != "" || got != checkpointOf(t, late.head) {
		t.Errorf("OpenCosigned = %v, cosignatures (-want +got):\n%s", got, diff)
	}
	// To one who knows no witness, it is an ordinary checkpoint.
	if got, err := audit.OpenCheckpoint(msg, note.VerifierList(log)); err != nil || got != checkpointOf(t, late.head) {
		t.Errorf("OpenCheckpoint = %v, %v", got, err)
	}
	if _, _, err := audit.OpenCosigned(msg, log, []*audit.WitnessVerifier{verifyOne, verifyOne}, 2); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("one witness given twice: %v, want too few", err)
	}
	forged := bytes.Replace(msg, []byte("— witness.example/one "), []byte("— witness.example/one A"), 1)
	if _, _, err := audit.OpenCosigned(forged, log, []*audit.WitnessVerifier{verifyOne}, 1); err == nil {
		t.Error("a broken cosignature counts")
	}
}

// What a cosignature signs is put together here from the text of the
// specification, not with this package.
func TestACosignatureIsThatOfTheSpecification(t *testing.T) {
	t.Parallel()
	signer, log := keysFor(t, origin, 1)
	w, _ := witnessFor(t, "witness.example/one", 2)
	signed := signedOf(t, prefix(t, 5), signer)
	msg, _, err := w.Cosign(signed, log, audit.Checkpoint{}, audit.Consistency{}, time.Unix(1679315147, 0))
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(strings.TrimSuffix(string(msg), "\n"), "\n")
	encoded, ok := strings.CutPrefix(lines[len(lines)-1], "— witness.example/one ")
	sig, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(sig) != 4+8+64 {
		t.Fatalf("the last line is %q", lines[len(lines)-1])
	}
	public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	id := sha256.Sum256(append([]byte("witness.example/one\n\x04"), public...))
	if !bytes.Equal(sig[:4], id[:4]) || binary.BigEndian.Uint64(sig[4:]) != 1679315147 {
		t.Errorf("the signature begins with %x", sig[:12])
	}
	if !ed25519.Verify(public, []byte("cosignature/v1\ntime 1679315147\n"+body+"\n"), sig[12:]) {
		t.Error("the signature is not of the text of the specification")
	}
}

func TestAWitnessDoesNotConfirmAnotherHistory(t *testing.T) {
	t.Parallel()
	signer, log := keysFor(t, origin, 1)
	otherSigner, _ := keysFor(t, origin, 9)
	w, _ := witnessFor(t, "witness.example/one", 2)
	j := prefix(t, 12)
	last := checkpointOf(t, j.head)
	rewritten := prefix(t, 20)
	rewritten.entries[3].Bytes = rewritten.entries[4].Bytes
	rebuild(t, rewritten)
	rewrittenProof, err := audit.ProveConsistency(t.Context(), rewritten, 12, 20)
	if err != nil {
		t.Fatal(err)
	}
	same := prefix(t, 12)
	same.entries[3].Bytes = same.entries[4].Bytes
	rebuild(t, same)
	elsewhere := last
	elsewhere.Origin = "other.example/journal"
	for _, tt := range []struct {
		name  string
		msg   []byte
		last  audit.Checkpoint
		proof audit.Consistency
		at    time.Time
		want  error
	}{
		{"a journal that was rewritten and grew", signedOf(t, rewritten, signer), last, rewrittenProof, noon, audit.ErrTampered},
		{"a journal of the same size with another root", signedOf(t, same, signer), last, audit.Consistency{}, noon, audit.ErrTampered},
		{"a journal that shrank", signedOf(t, prefix(t, 11), signer), last, audit.Consistency{}, noon, audit.ErrTampered},
		{"no proof", signedOf(t, prefix(t, 20), signer), last, audit.Consistency{}, noon, glabella.ErrInvalid},
		{"a checkpoint that somebody else signed", signedOf(t, j, otherSigner), audit.Checkpoint{}, audit.Consistency{}, noon, glabella.ErrInvalid},
		{"the checkpoint of another journal", signedOf(t, j, signer), elsewhere, audit.Consistency{}, noon, glabella.ErrInvalid},
		{"no time", signedOf(t, j, signer), audit.Checkpoint{}, audit.Consistency{}, time.Time{}, glabella.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			msg, kept, err := w.Cosign(tt.msg, log, tt.last, tt.proof, tt.at)
			if !errors.Is(err, tt.want) || msg != nil || kept != tt.last {
				t.Errorf("Cosign = %q, %v, %v, want %v", msg, kept, err, tt.want)
			}
		})
	}
	if _, kept, err := w.Cosign(signedOf(t, j, signer), log, last, audit.Consistency{}, noon); err != nil || kept != last {
		t.Errorf("the same checkpoint again: %v, %v", kept, err)
	}
}

// A cosignature of the journal's own name does not stand for the journal's.
func TestAWitnessCannotSignForTheJournal(t *testing.T) {
	t.Parallel()
	signer, log := keysFor(t, origin, 1)
	w, v := witnessFor(t, origin, 2)
	j := prefix(t, 3)
	msg, _, err := w.Cosign(signedOf(t, j, signer), log, audit.Checkpoint{}, audit.Consistency{}, noon)
	if err != nil {
		t.Fatal(err)
	}
	text, sigs, _ := strings.Cut(string(msg), "\n\n")
	_, second, _ := strings.Cut(sigs, "\n")
	only := []byte(text + "\n\n" + second)
	if _, err := note.Open(only, note.VerifierList(v)); err != nil {
		t.Fatalf("the cosignature does not stand on its own: %v", err)
	}
	if _, _, err := audit.OpenCosigned(only, log, []*audit.WitnessVerifier{v}, 1); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("OpenCosigned without the journal's signature = %v", err)
	}
}

func TestWitnessKeysHaveTheFormOfTheSpecification(t *testing.T) {
	t.Parallel()
	w, v := witnessFor(t, "witness.example/one", 2)
	vkey := w.VerifierKey()
	if v.Name() != w.Name() || !strings.HasPrefix(vkey, "witness.example/one+") {
		t.Errorf("the key is %q", vkey)
	}
	for name, bad := range map[string]string{
		"nothing":           "",
		"another name":      strings.Replace(vkey, "one", "two", 1),
		"no key":            vkey[:strings.LastIndex(vkey, "+")],
		"a short key":       vkey[:len(vkey)-8],
		"a key of a note":   "witness.example/one+b3a5f8a5+AX" + vkey[len(vkey)-42:],
		"no name":           vkey[strings.Index(vkey, "+"):],
		"a key ID too long": strings.Replace(vkey, "+", "+00", 1),
	} {
		if _, err := audit.NewWitnessVerifier(bad); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("NewWitnessVerifier of %s = %v", name, err)
		}
	}
	for _, bad := range []string{"", "PRIVATE+KEY+x", vkey} {
		if _, err := audit.NewWitness(bad); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("NewWitness(%q) = %v", bad, err)
		}
	}
}

func FuzzNewWitnessVerifier(f *testing.F) {
	w, _ := witnessFor(f, "witness.example/one", 2)
	f.Add(w.VerifierKey())
	f.Add("a+00000000+BA==")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := audit.NewWitnessVerifier(s)
		if err != nil {
			if !errors.Is(err, glabella.ErrInvalid) {
				t.Errorf("NewWitnessVerifier(%q) = %v", s, err)
			}
			return
		}
		v.Verify([]byte("x"), []byte(s))
		if !strings.HasPrefix(s, v.Name()+"+") {
			t.Errorf("NewWitnessVerifier(%q) has the name %q", s, v.Name())
		}
	})
}

package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

const origin = "clinic.example/journal"

// keysFor returns a key pair that is always the same for a name and a seed.
func keysFor(t testing.TB, name string, seed byte) (note.Signer, note.Verifier) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func TestCheckpointIsTheC2SPText(t *testing.T) {
	t.Parallel()
	signer, verifier := keysFor(t, origin, 1)
	j := journalOf(t, 5)
	msg, err := audit.Sign(origin, j.head, signer)
	if err != nil {
		t.Fatalf("Sign = %v", err)
	}
	want := checkpointOf(t, j.head)
	text := fmt.Sprintf("%s\n5\n%s\n\n— %s ", origin, base64.StdEncoding.EncodeToString(want.Root[:]), origin)
	if !strings.HasPrefix(string(msg), text) {
		t.Errorf("Sign = %q, want it to begin with %q", msg, text)
	}
	got, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
	if err != nil || got != want {
		t.Errorf("OpenCheckpoint = %v, %v, want %v", got, err, want)
	}
}

func TestOpenCheckpointRefusesWhatItsOriginHasNotSigned(t *testing.T) {
	t.Parallel()
	signer, verifier := keysFor(t, origin, 1)
	otherSigner, otherVerifier := keysFor(t, "other.example/journal", 2)
	_, impostor := keysFor(t, origin, 3)
	msg, err := audit.Sign(origin, journalOf(t, 5).head, signer)
	if err != nil {
		t.Fatal(err)
	}
	root := strings.Split(string(msg), "\n")[2]
	signed := func(signer note.Signer, text string) []byte {
		out, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	both := note.VerifierList(verifier, otherVerifier)
	for _, tt := range []struct {
		name      string
		msg       []byte
		verifiers note.Verifiers
		want      error
	}{
		{"another size", bytes.Replace(msg, []byte("\n5\n"), []byte("\n6\n"), 1), both, audit.ErrTampered},
		{"an unknown key", msg, note.VerifierList(otherVerifier), glabella.ErrInvalid},
		{"another key of the same name", msg, note.VerifierList(impostor), glabella.ErrInvalid},
		{"the key of another journal", signed(otherSigner, origin+"\n5\n"+root+"\n"), both, glabella.ErrInvalid},
		{"no note", []byte("5"), both, glabella.ErrInvalid},
		{"too few lines", signed(signer, origin+"\n5\n"), both, glabella.ErrInvalid},
		{"a size that is no number", signed(signer, origin+"\nfive\n"+root+"\n"), both, glabella.ErrInvalid},
		{"a size in another form", signed(signer, origin+"\n05\n"+root+"\n"), both, glabella.ErrInvalid},
		{"a root that is no hash", signed(signer, origin+"\n5\nroot\n"), both, glabella.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if c, err := audit.OpenCheckpoint(tt.msg, tt.verifiers); !errors.Is(err, tt.want) {
				t.Errorf("OpenCheckpoint = %v, %v, want %v", c, err, tt.want)
			}
		})
	}
	extended := signed(signer, origin+"\n5\n"+root+"\nextension\n")
	if c, err := audit.OpenCheckpoint(extended, both); err != nil || c.Size != 5 {
		t.Errorf("OpenCheckpoint with an extension line = %v, %v, want it ignored", c, err)
	}
}

func TestSignRefusesWhatItCannotState(t *testing.T) {
	t.Parallel()
	signer, _ := keysFor(t, origin, 1)
	head := journalOf(t, 3).head
	if _, err := audit.Sign("other.example/journal", head, signer); !errors.Is(err, glabella.ErrInvalid) {
		t.Errorf("Sign for another origin = %v, want invalid", err)
	}
	head.Frontier = nil
	if _, err := audit.Sign(origin, head, signer); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("Sign of a head that does not fit = %v, want tampering", err)
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	signer, verifier := keysFor(f, origin, 1)
	for _, n := range []int{0, 1, 5} {
		msg, err := audit.Sign(origin, journalOf(f, n).head, signer)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(msg)
	}
	f.Fuzz(func(t *testing.T, msg []byte) {
		c, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
		if err != nil && !errors.Is(err, glabella.ErrInvalid) && !errors.Is(err, audit.ErrTampered) {
			t.Errorf("OpenCheckpoint = %v, which is neither invalid nor tampered", err)
		}
		if err == nil && c.Origin != origin {
			t.Errorf("OpenCheckpoint gave the origin %q", c.Origin)
		}
	})
}

package main

import (
	"bytes"
	"crypto/ed25519"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella/audit"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage/memory"
)

var update = flag.Bool("update", false, "write the golden file")

// pair returns a key pair that is always the same for a name and a seed.
func pair(t *testing.T, name string, seed byte) (skey, vkey string) {
	t.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, ed25519.SeedSize)), name)
	if err != nil {
		t.Fatal(err)
	}
	return skey, vkey
}

// files are what a practice has handed out: its log, and checkpoints that a
// witness has confirmed.
type files struct {
	log                         []byte
	first, second               []byte
	key, witness                string
	firstSize, secondSize, size int
}

// clinic plays visits, and hands out a checkpoint after each of two of them.
func clinic(t *testing.T) files {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	c, err := practicetest.Open(ctx, memory.New(), &practice.Options{Now: func() time.Time { now = now.Add(time.Second); return now }})
	if err != nil {
		t.Fatal(err)
	}
	skey, vkey := pair(t, "clinic.example/journal", 1)
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	wkey, _ := pair(t, "witness.example/notary", 2)
	witness, err := audit.NewWitness(wkey)
	if err != nil {
		t.Fatal(err)
	}
	out := files{key: vkey, witness: witness.VerifierKey()}
	var last audit.Checkpoint
	checkpoint := func() ([]byte, int) {
		msg, err := c.Practice.Checkpoint(ctx, c.Owner, "clinic.example/journal", signer)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := audit.OpenCheckpoint(msg, note.VerifierList(verifier))
		if err != nil {
			t.Fatal(err)
		}
		var proof audit.Consistency
		if last.Size > 0 {
			if proof, err = c.Practice.ProveConsistency(ctx, c.Owner, last.Size, seen.Size); err != nil {
				t.Fatal(err)
			}
		}
		if msg, last, err = witness.Cosign(msg, verifier, last, proof, now); err != nil {
			t.Fatal(err)
		}
		return msg, int(seen.Size)
	}
	visit := func(n int) {
		if _, err := c.Visit(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	visit(0)
	out.first, out.firstSize = checkpoint()
	visit(1)
	out.second, out.secondSize = checkpoint()
	visit(2)
	records, err := c.Practice.Journal(ctx, c.Owner, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		out.log = append(r.Append(out.log), '\n')
	}
	out.size = len(records)
	return out
}

func TestStory(t *testing.T) {
	f := clinic(t)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first, second := write("first.txt", f.first), write("second.txt", f.second)
	_, stranger := pair(t, "clinic.example/journal", 3)
	lines := func() [][]byte { return bytes.SplitAfter(bytes.Clone(f.log), []byte("\n"))[:f.size] }
	// 20 and 21 are entries between the first checkpoint and the second.
	edited := bytes.Replace(f.log, []byte(`"outcome":"done"`), []byte(`"outcome":"read"`), 1)
	exchanged := lines()
	exchanged[20], exchanged[21] = exchanged[21], exchanged[20]
	renumbered := lines()
	renumbered[20] = bytes.Replace(exchanged[20], []byte(`"seq":21`), []byte(`"seq":20`), 1)
	renumbered[21] = bytes.Replace(exchanged[21], []byte(`"seq":20`), []byte(`"seq":21`), 1)

	var got strings.Builder
	for i, scene := range []struct {
		title string
		log   []byte
		args  []string
		exit  int
	}{
		{"the log as it was handed out", f.log, nil, intact},
		{"with the witness", f.log, []string{"-witness", f.witness, "-quorum", "1"}, intact},
		{"one entry was edited", edited, nil, tampered},
		{"one entry was taken out", bytes.Join(slices.Delete(lines(), 20, 21), nil), nil, tampered},
		{"the end was cut off", bytes.Join(lines()[:f.secondSize-1], nil), nil, tampered},
		{"cut in the middle of an entry", f.log[:len(f.log)-10], nil, tampered},
		{"two entries were exchanged", bytes.Join(exchanged, nil), nil, tampered},
		{"two entries were exchanged and numbered anew", bytes.Join(renumbered, nil), nil, tampered},
		{"the checkpoints are somebody else's", f.log, []string{"-key", stranger}, unknown},
		{"a second witness is asked for", f.log, []string{"-witness", f.witness, "-quorum", "2"}, unknown},
		{"there is no such file", nil, []string{"-log", filepath.Join(dir, "none")}, unknown},
	} {
		args := append([]string{"-log", write(fmt.Sprintf("%d.log", i), scene.log), "-key", f.key, "-checkpoint", first, "-checkpoint", second}, scene.args...)
		var out, errs bytes.Buffer
		exit := run(t.Context(), args, &out, &errs)
		if exit != scene.exit {
			t.Errorf("%s: exit code %d, want %d\n%s%s", scene.title, exit, scene.exit, &out, &errs)
		}
		fmt.Fprintf(&got, "== %s\n%s%s", scene.title, &out, strings.ReplaceAll(errs.String(), dir, "."))
	}
	text := rootLine(got.String())
	if *update {
		if err := os.WriteFile("testdata/story.golden", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/story.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("the story (-want +got):\n%s", diff)
	}
}

// rootLine takes out the root hash, which is another each time: the identities in
// the journal are.
func rootLine(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "root ") {
			lines[i] = "root (hash)"
		}
	}
	return strings.Join(lines, "\n")
}

func TestArgumentsThatAreMissing(t *testing.T) {
	for _, args := range [][]string{nil, {"-log", "x"}, {"-log", "x", "-key", "y"}, {"-log", "x", "-key", "y", "-checkpoint", "z"}, {"-unknown"}} {
		var out, errs bytes.Buffer
		if exit := run(t.Context(), args, &out, &errs); exit != unknown || errs.Len() == 0 {
			t.Errorf("run(%q) = %d, %q", args, exit, errs.String())
		}
	}
}

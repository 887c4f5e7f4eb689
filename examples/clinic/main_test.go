package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

var update = flag.Bool("update", false, "write the golden files")

// fixed returns options under which a play has the same output every time.
func fixed(t *testing.T, db, out string) options {
	t.Helper()
	n := uint64(0)
	file, err := os.Open(db)
	if err == nil { // a later play goes on with other identities
		file.Close()
		n = 1 << 32
	}
	next := func() uint64 { n++; return n }
	return options{db: db, out: out, rand: strings.NewReader(strings.Repeat("glabella", 64)),
		newUUID: func() uuid.UUID {
			var u uuid.UUID
			binary.BigEndian.PutUint64(u[8:], next())
			u[6], u[8] = 0x70, 0x80|u[8]
			return u
		},
		nonce: func() string { return fmt.Sprintf("%032x", next()) },
	}
}

func tell(t *testing.T, o options, asJSON bool) string {
	t.Helper()
	var buf bytes.Buffer
	if err := play(t.Context(), o, &writer{out: &buf, json: asJSON}); err != nil {
		t.Fatalf("play: %v\n%s", err, buf.String())
	}
	return buf.String()
}

// treeHash matches the hashes of a proof: they cover every byte of the journal, and
// so say nothing to a reader of a golden file.
var treeHash = regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = treeHash.ReplaceAllString(got, "(hash)")
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestTwoDaysOnOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, out := filepath.Join(dir, "clinic.db"), filepath.Join(dir, "out")
	golden(t, "day-1.txt", tell(t, fixed(t, db, out), false))
	for _, name := range []string{"injection-map.svg", "note.txt", "invoice.txt", "patient-bundle.json"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, string(data))
	}
	for _, name := range []string{"checkpoint.txt", "checkpoint.pub"} {
		if data, err := os.ReadFile(filepath.Join(out, name)); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
	golden(t, "day-2.txt", tell(t, fixed(t, db, out), false))
}

func TestThePictureIsWellFormed(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/golden/injection-map.svg")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := xml.NewDecoder(file)
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestMachinesGetOneObjectAStep(t *testing.T) {
	t.Parallel()
	out := tell(t, fixed(t, filepath.Join(t.TempDir(), "clinic.db"), ""), true)
	var steps []string
	for line := range strings.Lines(out) {
		var step struct {
			Step   string `json:"step"`
			Result any    `json:"result"`
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if step.Step == "" || step.Result == nil {
			t.Errorf("%q has no step or result", line)
		}
		steps = append(steps, step.Step)
	}
	for _, want := range []string{"set-up", "receive", "register", "may-treat", "consent", "chart", "complete", "cosign", "check-out", "correct", "trace", "export", "report", "verify"} {
		if !strings.Contains(" "+strings.Join(steps, " ")+" ", " "+want+" ") {
			t.Errorf("no step %q in %q", want, steps)
		}
	}
}

// stopper fails once it has written enough: the program that ends in the middle
// of a day.
type stopper struct{ left int }

var errStopped = errors.New("stopped")

func (s *stopper) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		return 0, errStopped
	}
	return len(p), nil
}

func TestADayThatBrokeOffIsTakenUp(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "clinic.db")
	for _, after := range []int{300, 1200, 2500, 4000, 5200, 6100, 7000} {
		o := options{db: db, rand: strings.NewReader(strings.Repeat("glabella", 64))}
		if err := play(t.Context(), o, &writer{out: &stopper{after}}); !errors.Is(err, errStopped) {
			t.Fatalf("play stopped after %d bytes: %v", after, err)
		}
	}
	var buf bytes.Buffer
	if err := play(t.Context(), options{db: db, rand: strings.NewReader(strings.Repeat("glabella", 64))}, &writer{out: &buf}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"used 64 U, wasted 36 U", "Residual                             0.00", "journal, ledger, documents and stock agree"} {
		if !strings.Contains(buf.String(), want) {
			t.Errorf("no %q in\n%s", want, buf.String())
		}
	}
}

func TestAStoreFromANewerVersionIsNotTouched(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "clinic.db")
	tell(t, fixed(t, file, ""), false)
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE glabella_schema SET version = version + 1000"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	err = play(context.Background(), fixed(t, file, ""), &writer{out: io.Discard})
	var newer *sqlstore.VersionError
	if !errors.As(err, &newer) || newer.Have <= newer.Want {
		t.Errorf("play = %v, want a version error", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}

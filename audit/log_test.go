package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/audit"
)

// logOf returns the log of a journal.
func logOf(t testing.TB, j *memJournal) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := audit.WriteLog(t.Context(), &b, j, j.head.Size); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALogIsVerifiedWithoutTheJournal(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(5))
	for _, size := range []int{0, 1, 2, 3, 1023, 1024, 1025, 2049, 5000} {
		j := &memJournal{}
		checkpoints := []audit.Checkpoint{checkpointOf(t, j.head)}
		for i := range size {
			if _, err := audit.Add(t.Context(), j, signature(i)); err != nil {
				t.Fatal(err)
			}
			if rng.Intn(300) == 0 || i+1 == 1024 {
				checkpoints = append(checkpoints, checkpointOf(t, j.head))
			}
		}
		covered := checkpoints[len(checkpoints)-1].Size
		root, err := j.head.Root()
		if err != nil {
			t.Fatal(err)
		}
		log := logOf(t, j)
		want := audit.LogReport{Report: audit.Report{Size: uint64(size), Root: root, Checkpoints: len(checkpoints)}, Covered: covered}
		for _, workers := range []int{0, 1, 2} {
			for _, r := range []io.Reader{bytes.NewReader(log), iotest.HalfReader(bytes.NewReader(log)), iotest.DataErrReader(bytes.NewReader(log))} {
				got, err := audit.VerifyLog(t.Context(), r, &audit.VerifyOptions{Checkpoints: checkpoints, Workers: workers})
				if err != nil || got != want {
					t.Errorf("VerifyLog of %d entries = %+v, %v, want %+v", size, got, err, want)
				}
			}
		}
	}
}

func TestALogThatIsNotWhatWasWritten(t *testing.T) {
	t.Parallel()
	const size = 2500
	j := journalOf(t, size)
	log := logOf(t, j)
	checkpoint := checkpointOf(t, j.head)
	middle := checkpointOf(t, journalOf(t, 1200).head)
	lines := func() [][]byte { return bytes.SplitAfter(bytes.Clone(log), []byte("\n"))[:size] }
	for _, tt := range []struct {
		name string
		log  func() []byte
		want audit.TamperError
	}{
		{"an altered line", func() []byte { return bytes.Replace(log, []byte("note.sign"), []byte("note.sigh"), 1) }, audit.TamperError{Kind: audit.Diverged, Seq: 1200}},
		{"an altered line after the first checkpoint", func() []byte {
			l := lines()
			l[1200] = bytes.Replace(l[1200], []byte("note.sign"), []byte("note.sigh"), 1)
			return bytes.Join(l, nil)
		}, audit.TamperError{Kind: audit.Diverged, Seq: size}},
		{"a line that was taken out", func() []byte { return bytes.Join(slices.Delete(lines(), 700, 701), nil) }, audit.TamperError{Kind: audit.Missing, Seq: 700}},
		{"the first line taken out", func() []byte { return bytes.Join(lines()[1:], nil) }, audit.TamperError{Kind: audit.Missing, Seq: 0}},
		{"the last line taken out", func() []byte { return bytes.Join(lines()[:size-1], nil) }, audit.TamperError{Kind: audit.Truncated, Seq: size - 1}},
		{"everything taken out", func() []byte { return nil }, audit.TamperError{Kind: audit.Truncated, Seq: 0}},
		{"cut in a line", func() []byte { return log[:len(log)-5] }, audit.TamperError{Kind: audit.Truncated, Seq: size - 1}},
		{"two lines exchanged", func() []byte {
			l := lines()
			l[40], l[41] = l[41], l[40]
			return bytes.Join(l, nil)
		}, audit.TamperError{Kind: audit.Missing, Seq: 40}},
		{"two lines exchanged and numbered anew", func() []byte {
			l := lines()
			l[40], l[41] = bytes.Replace(l[41], []byte(`"seq":41`), []byte(`"seq":40`), 1), bytes.Replace(l[40], []byte(`"seq":40`), []byte(`"seq":41`), 1)
			return bytes.Join(l, nil)
		}, audit.TamperError{Kind: audit.Diverged, Seq: 1200}},
		{"a line twice", func() []byte { return bytes.Join(slices.Insert(lines(), 41, lines()[40]), nil) }, audit.TamperError{Kind: audit.Disordered, Seq: 40}},
		{"a line of something else", func() []byte { return bytes.Join(slices.Insert(lines(), 41, []byte("hello\n")), nil) }, audit.TamperError{Kind: audit.Altered, Seq: 41}},
		{"a number with a nought before it", func() []byte { return bytes.Replace(log, []byte(`"seq":7,`), []byte(`"seq":07,`), 1) }, audit.TamperError{Kind: audit.Altered, Seq: 7}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, workers := range []int{1, 2} {
				_, err := audit.VerifyLog(t.Context(), bytes.NewReader(tt.log()), &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpoint, middle}, Workers: workers})
				var got *audit.TamperError
				if !errors.As(err, &got) || *got != tt.want {
					t.Errorf("VerifyLog = %v, want %v", err, &tt.want)
				}
			}
		})
	}
}

func TestEveryChangedByteOfALogIsFound(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 2)
	log := logOf(t, j)
	o := &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpointOf(t, j.head)}, Workers: 1}
	for i := range log {
		for _, c := range []byte{log[i] ^ 1, '\n'} {
			changed := bytes.Clone(log)
			if changed[i] = c; bytes.Equal(changed, log) {
				continue
			}
			if _, err := audit.VerifyLog(t.Context(), bytes.NewReader(changed), o); !errors.Is(err, audit.ErrTampered) {
				t.Fatalf("VerifyLog with byte %d changed to %q = %v", i, c, err)
			}
		}
	}
}

func TestALongLineIsReadInOnePiece(t *testing.T) {
	t.Parallel()
	j := &memJournal{}
	for i := range 4 {
		r := signature(i)
		r.Action = strings.Repeat("a", 300000*i+1)
		if _, err := audit.Add(t.Context(), j, r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := audit.VerifyLog(t.Context(), bytes.NewReader(logOf(t, j)), &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpointOf(t, j.head)}}); err != nil {
		t.Error(err)
	}
	endless := strings.NewReader(strings.Repeat("a", 1<<25))
	if _, err := audit.VerifyLog(t.Context(), endless, nil); !errors.Is(err, audit.ErrTampered) || endless.Len() == 0 {
		t.Errorf("VerifyLog of a line without an end = %v, with %d bytes unread", err, endless.Len())
	}
}

func TestWriteLogRefusesAJournalThatIsNotInOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(j *memJournal)
		want   error
	}{
		{"a number is skipped", func(j *memJournal) { j.entries = slices.Delete(j.entries, 3, 4) }, audit.ErrTampered},
		{"the end is cut off", func(j *memJournal) { j.entries = j.entries[:8] }, audit.ErrTampered},
		{"an entry that holds another number", func(j *memJournal) { j.entries[3].Bytes = j.entries[4].Bytes }, audit.ErrTampered},
		{"an entry of two lines", func(j *memJournal) { j.entries[3].Bytes = append(bytes.Clone(j.entries[3].Bytes), '\n', ' ') }, audit.ErrTampered},
		{"more than there is", func(j *memJournal) { j.head.Size-- }, glabella.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := journalOf(t, 10)
			tt.change(j)
			if err := audit.WriteLog(t.Context(), io.Discard, j, 10); !errors.Is(err, tt.want) {
				t.Errorf("WriteLog = %v, want %v", err, tt.want)
			}
		})
	}
	full := errors.New("disk full")
	if err := audit.WriteLog(t.Context(), failingWriter{full}, journalOf(t, 10), 10); !errors.Is(err, full) {
		t.Errorf("WriteLog to a full disk = %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestTheErrorsOfTheReaderAndTheContextAreReturned(t *testing.T) {
	t.Parallel()
	log := logOf(t, journalOf(t, 3000))
	gone := errors.New("network gone")
	if _, err := audit.VerifyLog(t.Context(), io.MultiReader(bytes.NewReader(log[:100000]), iotest.ErrReader(gone)), nil); !errors.Is(err, gone) || errors.Is(err, audit.ErrTampered) {
		t.Errorf("VerifyLog = %v, want %v", err, gone)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audit.VerifyLog(ctx, bytes.NewReader(log), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyLog after cancel = %v", err)
	}
}

func TestReadLogGivesTheRecords(t *testing.T) {
	t.Parallel()
	j := journalOf(t, 20)
	log := logOf(t, j)
	n := uint64(0)
	for r, err := range audit.ReadLog(bytes.NewReader(log)) {
		if err != nil || r.Seq != n {
			t.Fatalf("record %d = %+v, %v", n, r, err)
		}
		n++
	}
	if n != 20 {
		t.Errorf("%d records, want 20", n)
	}
	for name, bad := range map[string]string{
		"an order":     string(log[bytes.IndexByte(log, '\n')+1:]),
		"a form":       strings.Replace(string(log), `"action"`, ` "action"`, 1),
		"a whole line": string(log[:len(log)-1]),
	} {
		var last error
		for _, err := range audit.ReadLog(strings.NewReader(bad)) {
			last = err
		}
		if last == nil {
			t.Errorf("ReadLog without %s gives no error", name)
		}
	}
}

// The gaps are those of a set, in whatever order the lines come.
func TestGapsAreWhatIsMissing(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewSource(9))
	for range 200 {
		const size = 40
		have := map[uint64]bool{}
		var b strings.Builder
		for range rng.Intn(80) {
			n := uint64(rng.Intn(size + 5))
			have[n] = true
			fmt.Fprintf(&b, "{\"v\":1,\"seq\":%d,\"at\":\"\"}\n", n)
		}
		var want []uint64
		for n := range uint64(size) {
			if !have[n] {
				want = append(want, n)
			}
		}
		gaps, err := audit.Gaps(strings.NewReader(b.String()), size)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for i, g := range gaps {
			if g.From >= g.To || i > 0 && g.From <= gaps[i-1].To {
				t.Fatalf("gaps %v are not apart", gaps)
			}
			for n := g.From; n < g.To; n++ {
				got = append(got, n)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("gaps (-want +got):\n%s", diff)
		}
	}
	if _, err := audit.Gaps(strings.NewReader("{\"v\":1,\"seq\":18446744073709551615,\n"), 3); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"hello\n", "{\"v\":1,\"seq\":18446744073709551616,\n", `{"v":1,"seq":1,`} {
		if _, err := audit.Gaps(strings.NewReader(bad), 3); !errors.Is(err, glabella.ErrInvalid) {
			t.Errorf("Gaps(%q) = %v", bad, err)
		}
	}
}

func FuzzVerifyLog(f *testing.F) {
	j := &memJournal{}
	for i := range 3 {
		if _, err := audit.Add(f.Context(), j, signature(i)); err != nil {
			f.Fatal(err)
		}
	}
	log := logOf(f, j)
	f.Add(log)
	f.Add(log[:50])
	f.Add([]byte("\n\n"))
	o := &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpointOf(f, j.head)}, Workers: 1}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := audit.VerifyLog(t.Context(), bytes.NewReader(b), o)
		switch {
		case err == nil && !bytes.HasPrefix(b, log):
			t.Errorf("a log was accepted that does not begin with what was written")
		case err != nil && !errors.Is(err, audit.ErrTampered):
			t.Errorf("VerifyLog = %v", err)
		}
	})
}

// BenchmarkVerifyLog is the verification of a log that is in memory.
func BenchmarkVerifyLog(b *testing.B) {
	const n = 1 << 17
	j := entries390(b, n)
	log := logOf(b, j)
	*j = memJournal{head: j.head}
	runtime.GC()
	o := &audit.VerifyOptions{Checkpoints: []audit.Checkpoint{checkpointOf(b, j.head)}}
	for _, o.Workers = range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", o.Workers), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				if _, err := audit.VerifyLog(b.Context(), bytes.NewReader(log), o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mrecords/s")
		})
	}
}

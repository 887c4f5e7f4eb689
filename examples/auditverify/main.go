// Auditverify checks an exported journal with nothing but the log, a checkpoint
// that was signed and kept elsewhere, and public keys: for somebody who trusts
// neither the practice's database nor its administrators.
//
//	go run ./examples/auditverify -log journal.log -key clinic.example/journal+… -checkpoint monday.txt -checkpoint friday.txt
//	go run ./examples/auditverify -log journal.log -key … -checkpoint friday.txt -witness witness.example/w1+… -quorum 1
//
// It exits with 0 if the log is what was written, with 1 if it is not, and with 2
// if that could not be found out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/glabella-ehr/glabella/audit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	intact   = 0
	tampered = 1
	unknown  = 2
)

// texts collects a flag that may be given more than once.
type texts []string

func (t *texts) String() string     { return strings.Join(*t, ",") }
func (t *texts) Set(s string) error { *t = append(*t, s); return nil }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("auditverify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var checkpoints, witnesses texts
	log := flags.String("log", "", "the `file` with the exported journal")
	key := flags.String("key", "", "the journal's public `key`")
	flags.Var(&checkpoints, "checkpoint", "a `file` with a signed checkpoint; may be repeated")
	flags.Var(&witnesses, "witness", "the public `key` of a witness; may be repeated")
	quorum := flags.Int("quorum", 0, "how many witnesses must have cosigned each checkpoint")
	if err := flags.Parse(args); err != nil {
		return unknown
	}
	report, err := verify(ctx, *log, *key, checkpoints, witnesses, *quorum, stdout)
	var wrong *audit.TamperError
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintf(stdout, "NOT INTACT: %s\n", explain(wrong))
		return tampered
	case err != nil:
		fmt.Fprintln(stderr, "auditverify:", err)
		return unknown
	}
	fmt.Fprintf(stdout, "intact: %d entries, of which %d are covered by %d checkpoints\nroot %s\n", report.Size, report.Covered, report.Checkpoints, report.Root)
	return intact
}

func verify(ctx context.Context, log, key string, checkpoints, witnesses []string, quorum int, out io.Writer) (audit.LogReport, error) {
	if log == "" || key == "" || len(checkpoints) == 0 {
		return audit.LogReport{}, errors.New("-log, -key and at least one -checkpoint must be given")
	}
	journal, err := note.NewVerifier(key)
	if err != nil {
		return audit.LogReport{}, fmt.Errorf("-key: %w", err)
	}
	var known []*audit.WitnessVerifier
	for _, w := range witnesses {
		v, err := audit.NewWitnessVerifier(w)
		if err != nil {
			return audit.LogReport{}, fmt.Errorf("-witness: %w", err)
		}
		known = append(known, v)
	}
	var opts audit.VerifyOptions
	for _, name := range checkpoints {
		msg, err := os.ReadFile(name)
		if err != nil {
			return audit.LogReport{}, err
		}
		c, cosigned, err := audit.OpenCosigned(msg, journal, known, quorum)
		if err != nil {
			return audit.LogReport{}, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(out, "checkpoint of %d entries\n", c.Size)
		for _, w := range cosigned {
			fmt.Fprintf(out, "  confirmed by %s at %s\n", w.Witness, w.At.Format("2006-01-02 15:04"))
		}
		opts.Checkpoints = append(opts.Checkpoints, c)
	}
	f, err := os.Open(log)
	if err != nil {
		return audit.LogReport{}, err
	}
	defer f.Close()
	return audit.VerifyLog(ctx, f, &opts)
}

// explain says in words where a log differs from what was written.
func explain(e *audit.TamperError) string {
	switch e.Kind {
	case audit.Missing:
		return fmt.Sprintf("entry %d is missing, or stands elsewhere", e.Seq)
	case audit.Disordered:
		return fmt.Sprintf("entry %d comes twice, or after a later one", e.Seq)
	case audit.Truncated:
		return fmt.Sprintf("the log breaks off after %d entries: in the next one, or before the end that a checkpoint knows of", e.Seq)
	case audit.Diverged:
		return fmt.Sprintf("something within the first %d entries is not what the checkpoint of that size covers", e.Seq)
	case audit.Altered:
		return fmt.Sprintf("in the place of entry %d stands what is no entry", e.Seq)
	case audit.Forged:
		return "a signature of a checkpoint is not that of its key"
	}
	return e.Error()
}

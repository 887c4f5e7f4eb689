// Clinic plays a day in a small clinic on embedded SQLite: stock is received by
// scan, two patients are registered, one is refused treatment and one is treated,
// charted, signed, checked out and reported on.
//
//	go run ./examples/clinic
//	go run ./examples/clinic -db clinic.db -out results
//
// What the clinic has is in the files of testdata. With -db the records stay, and
// running it again plays the patients' next visit, 13 weeks later.
package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	_ "time/tzdata" // zones, for machines that have none

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo

	"github.com/google/uuid"

	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "clinic:", err)
		os.Exit(1)
	}
}

// command reads the flags and plays the day.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("clinic", flag.ContinueOnError)
	flags.SetOutput(stderr)
	db := flags.String("db", "", "SQLite `file` to keep the records in (default: one in a temporary folder, removed afterwards)")
	out := flags.String("out", "", "`folder` for the results (default: only those on the terminal)")
	asJSON := flags.Bool("json", false, "write one JSON object per step instead of the story")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *db == "" {
		dir, err := os.MkdirTemp("", "clinic")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		*db = filepath.Join(dir, "clinic.db")
	}
	w := &writer{out: stdout, json: *asJSON, color: isTerminal(stdout)}
	return play(ctx, options{db: *db, out: *out, rand: rand.Reader}, w)
}

// options are where a play takes place.
type options struct {
	db, out string
	rand    io.Reader        // for the key of the checkpoint
	newUUID func() uuid.UUID // nil is the real one
	nonce   func() string    // nil is the real one
}

// play opens the database and plays the next day.
func play(ctx context.Context, o options, w *writer) (err error) {
	files, err := readFiles()
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+o.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	backend, err := sqlstore.New(ctx, db, sqlstore.SQLite, nil)
	if err != nil {
		return err
	}
	s, err := newStory(backend, files, o, w)
	if err != nil {
		return err
	}
	return s.day(ctx)
}

// isTerminal reports whether a person is looking at the output.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}

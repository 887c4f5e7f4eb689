package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/billing"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/docstore"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
)

// The environment of a child process that plays visits until it is killed.
const (
	childDriver  = "GLABELLA_KILL_DRIVER"
	childName    = "GLABELLA_KILL_DATABASE"
	childDialect = "GLABELLA_KILL_DIALECT"
	childFirst   = "GLABELLA_KILL_FIRST"
)

// playUntilKilled is the child: it plays visit after visit, from the number that
// its parent names, and says on its standard output when it begins.
func playUntilKilled() {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
	}
	db, err := sql.Open(os.Getenv(childDriver), os.Getenv(childName))
	fail(err)
	backend, err := sqlstore.New(ctx, db, sqlstore.Dialect(os.Getenv(childDialect)), nil)
	fail(err)
	clinic, err := practicetest.Open(ctx, backend, nil)
	fail(err)
	first, err := strconv.Atoi(os.Getenv(childFirst))
	fail(err)
	fmt.Println("playing")
	for n := first; ; n++ {
		_, err := clinic.Visit(ctx, n)
		fail(err)
	}
}

// A process that is killed at a random moment leaves nothing half-written.
func TestKilledAtARandomMomentNothingIsHalfWritten(t *testing.T) {
	kills := 100
	if testing.Short() || raceEnabled { // the race detector makes the same code several times slower
		kills = 10
	}
	const perDatabase = 20 // what is looked at after each kill grows with the visits
	for name, fresh := range map[string]func(testing.TB) database{"SQLite": newSQLite, "PostgreSQL": newPostgreSQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for done := 0; done < kills; done += perDatabase {
				killRepeatedly(t, fresh(t), min(perDatabase, kills-done), uint64(done))
			}
		})
	}
}

// killRepeatedly kills a child that plays visits on the database, over and over,
// and looks at what it has left each time.
func killRepeatedly(t *testing.T, d database, kills int, seed uint64) {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 20261123))
	longest := 8 * timeOneVisit(t, d)
	visits := played
	for kill := range kills {
		// The visit that was interrupted is played again, under the same keys.
		playAndKill(t, d, visits+1, time.Duration(chance.Int64N(int64(longest))))
		if visits = inspect(t, d); t.Failed() {
			t.Fatalf("kill %d of seed %d", kill+1, seed)
		}
	}
	t.Logf("killed %d times, %d visits finished", kills, visits)
	if visits == played {
		t.Error("no visit was finished between the kills")
	}
}

// played is the number of visits that [timeOneVisit] plays.
const played = 5

// timeOneVisit plays visits and returns how long the shortest but the first took, so
// that the kills fall into visits on a slow machine as on a fast one, and a moment in
// which the machine was busy does not make them many.
func timeOneVisit(t *testing.T, d database) time.Duration {
	t.Helper()
	db := d.open(t)
	defer db.Close()
	backend, err := sqlstore.New(t.Context(), db, d.dialect, nil)
	if err != nil {
		t.Fatal(err)
	}
	clinic, err := practicetest.Open(t.Context(), backend, nil)
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	for n := range played {
		began := time.Now()
		if _, err := clinic.Visit(t.Context(), n+1); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	return slices.Min(took[1:])
}

func playAndKill(t *testing.T, d database, first int, after time.Duration) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDriver+"="+d.name, childName+"="+d.source, childDialect+"="+string(d.dialect), childFirst+"="+strconv.Itoa(first))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 16)); err != nil {
		child.Process.Kill()
		t.Fatalf("the child did not begin: %v, %v", err, child.Wait())
	}
	time.Sleep(after)
	if err := child.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the child ended by itself: %v", err)
	}
}

// inspect opens the database and demands that everything agrees. It returns the
// number of visits that were checked out.
func inspect(t *testing.T, d database) int {
	t.Helper()
	ctx := t.Context()
	db := d.open(t)
	defer db.Close()
	backend, err := sqlstore.New(ctx, db, d.dialect, nil)
	if err != nil {
		t.Fatalf("the store does not open: %v", err)
	}
	clinic, err := practicetest.Open(ctx, backend, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := clinic.VerifyAudit(ctx, clinic.Director, nil); err != nil {
		t.Errorf("the store does not verify: %v", err)
	}
	books, err := clinic.CheckBooks(ctx, clinic.Director)
	if err != nil || len(books.Differences) > 0 || !books.Ledger.Residual.IsZero() {
		t.Errorf("the books do not agree: %v, %v, residual %v", err, books.Differences, books.Ledger.Residual)
	}
	return agree(t, backend)
}

// agree compares each visit with its stock movements, invoice and ledger entries.
func agree(t *testing.T, b *docstore.Backend) int {
	t.Helper()
	checkedOut := 0
	err := b.View(t.Context(), func(ctx context.Context, tx storage.Tx) error {
		for visit, err := range tx.Encounters().List(ctx, storage.EncounterQuery{}) {
			if err != nil {
				return err
			}
			drawn := map[glabella.VialID]string{}
			for m, err := range tx.Movements().List(ctx, storage.MovementQuery{Encounter: visit.ID}) {
				if err != nil {
					return err
				}
				drawn[m.Vial] = m.Quantity.Neg().String()
			}
			charted := map[glabella.VialID]string{}
			for _, p := range visit.Procedures {
				for _, a := range p.Administrations {
					charted[a.Vial] = a.Quantity.String()
				}
			}
			var invoices []billing.Invoice
			for i, err := range tx.Invoices().List(ctx, storage.InvoiceQuery{Encounter: visit.ID}) {
				if err != nil {
					return err
				}
				invoices = append(invoices, i)
			}
			if visit.State != encounter.Finished {
				if len(drawn) > 0 || len(invoices) > 0 {
					t.Errorf("%s is %s and has %d movements, %d invoices", visit.Ref(), visit.State, len(drawn), len(invoices))
				}
				continue
			}
			if fmt.Sprint(drawn) != fmt.Sprint(charted) {
				t.Errorf("%s: drawn %v, charted %v", visit.Ref(), drawn, charted)
			}
			if len(invoices) != 1 {
				t.Errorf("%s has %d invoices", visit.Ref(), len(invoices))
				continue
			}
			if invoices[0].State == billing.InvoicePaid {
				checkedOut++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return checkedOut
}

package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

// A practice's records in a SQLite file: every version of a record is kept.
func Example() {
	dir, err := os.MkdirTemp("", "practice")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "practice.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	ctx := context.Background()
	backend, err := sqlstore.New(ctx, db, sqlstore.SQLite, &sqlstore.Options{Tenant: "example-street"})
	if err != nil {
		log.Fatal(err)
	}
	site := storagetest.Fixtures().Site
	for version, name := range []string{"Example Street", "Example Street, first floor"} {
		site = storagetest.Stamped(site, uint64(version)+1)
		site.Name = name
		if err := backend.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return tx.Sites().Put(ctx, site) }); err != nil {
			log.Fatal(err)
		}
	}
	err = backend.View(ctx, func(ctx context.Context, tx storage.Tx) error {
		for site, err := range tx.Sites().History(ctx, site.ID) {
			if err != nil {
				return err
			}
			fmt.Println(site.Version, site.Name)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 Example Street
	// 2 Example Street, first floor
}

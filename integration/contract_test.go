package integration

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/glabella-ehr/glabella/integration/pgtest"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/storage/sqlstore"
	"github.com/glabella-ehr/glabella/storage/storagetest"
)

func TestContractInMemory(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(testing.TB) storage.Backend { return memory.New() })
}

func TestContractOnSQLite(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t testing.TB) storage.Backend {
		db := openSQL(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "practice.db"))
		b, err := sqlstore.New(t.Context(), db, sqlstore.SQLite, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

// TestContractOnPostgreSQL gives every backend a tenant of its own in one
// database, as hosts with many practices do.
func TestContractOnPostgreSQL(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	db.SetMaxOpenConns(40)
	var tenants atomic.Int64
	storagetest.Run(t, func(t testing.TB) storage.Backend {
		b, err := sqlstore.New(t.Context(), db, sqlstore.PostgreSQL, &sqlstore.Options{Tenant: fmt.Sprintf("practice-%d", tenants.Add(1))})
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/glabella-ehr/glabella/storage/docstore"
)

// maxAtOnce is how many keys one statement writes: PostgreSQL takes 65535
// parameters.
const maxAtOnce = 1000

// write stores a version and changes its keys. It returns 0 if the version
// exists.
func (t *tx) write(ctx context.Context, d docstore.Document, keys []byte, added, dropped []docstore.Key) (int64, error) {
	if t.driver.dialect == PostgreSQL && len(added)+len(dropped) <= maxAtOnce {
		return t.writeAtOnce(ctx, d, keys, added, dropped)
	}
	n, err := t.exec(ctx, t.driver.sql.insert, t.document(d, keys)...)
	if err != nil || n == 0 {
		return 0, err
	}
	for _, k := range added {
		if _, err := t.exec(ctx, t.driver.sql.addKey, t.driver.tenant, d.Kind, d.ID, k.Index, []byte(k.Value)); err != nil {
			return 0, err
		}
	}
	for _, k := range dropped {
		if _, err := t.exec(ctx, t.driver.sql.dropKey, t.driver.tenant, d.Kind, d.ID, k.Index, []byte(k.Value)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// writeAtOnce does the same in one statement and so in one round trip.
func (t *tx) writeAtOnce(ctx context.Context, d docstore.Document, keys []byte, added, dropped []docstore.Key) (int64, error) {
	var text strings.Builder
	args := t.document(d, keys)
	values := func(keys []docstore.Key) {
		for i, k := range keys {
			if i > 0 {
				text.WriteString(", ")
			}
			fmt.Fprintf(&text, "($%d::text, $%d::bytea)", len(args)+1, len(args)+2)
			args = append(args, k.Index, []byte(k.Value))
		}
	}
	text.WriteString(`WITH d AS (` + t.driver.sql.insert + ` RETURNING tenant, kind, id)`)
	if len(added) > 0 {
		text.WriteString(`, a AS (INSERT INTO glabella_key (tenant, kind, id, name, value) SELECT d.tenant, d.kind, d.id, v.name, v.value FROM d, (VALUES `)
		values(added)
		text.WriteString(`) v (name, value))`)
	}
	if len(dropped) > 0 {
		text.WriteString(`, x AS (DELETE FROM glabella_key k USING d, (VALUES `)
		values(dropped)
		text.WriteString(`) v (name, value) WHERE k.tenant = d.tenant AND k.kind = d.kind AND k.id = d.id AND k.name = v.name AND k.value = v.value)`)
	}
	text.WriteString(` SELECT count(*) FROM d`)
	var n int64
	err := t.query(ctx, text.String(), args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// document returns the arguments of the statement that inserts a version.
func (t *tx) document(d docstore.Document, keys []byte) []any {
	return []any{t.driver.tenant, d.Kind, d.ID, int64(d.Version), keys, notNil(d.Body)}
}

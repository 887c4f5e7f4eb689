package pgtest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	install := func(name string, files ...string) string {
		bin := filepath.Join(dir, name, "bin")
		if err := os.MkdirAll(bin, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if err := os.WriteFile(filepath.Join(bin, file), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return bin
	}
	client, server := install("client", "initdb"), install("server", "initdb", "postgres")
	for _, tt := range []struct {
		name          string
		list, pattern string
		want          string
	}{
		{name: "in the path", list: client + string(filepath.ListSeparator) + server, pattern: filepath.Join(dir, "none*"), want: server},
		{name: "where packages install them", list: client, pattern: filepath.Join(dir, "s*", "bin"), want: server},
		{name: "incomplete", list: client, pattern: filepath.Join(dir, "c*", "bin")},
		{name: "nowhere"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := programs(tt.list, tt.pattern)
			if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, errAbsent) {
				t.Errorf("programs(%q, %q) = %q, %v, want %q", tt.list, tt.pattern, got, err, tt.want)
			}
		})
	}
}

func TestDatabasesAreSeparate(t *testing.T) {
	t.Parallel()
	first, second := Open(t), Open(t)
	if _, err := first.ExecContext(t.Context(), "CREATE TABLE widget (id text)"); err != nil {
		t.Fatal(err)
	}
	var found bool
	if err := second.QueryRowContext(t.Context(), "SELECT to_regclass('widget') IS NOT NULL").Scan(&found); err != nil {
		t.Fatal(err)
	}
	if found {
		t.Error("a table of one database is in the other")
	}
}

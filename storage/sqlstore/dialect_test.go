package sqlstore

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella"
)

type liteError int

func (e liteError) Error() string { return "sqlite" }
func (e liteError) Code() int     { return int(e) }

type pgError string

func (e pgError) Error() string    { return "postgresql" }
func (e pgError) SQLState() string { return string(e) }

func TestCollision(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		dialect Dialect
		err     error
		want    bool
	}{
		{name: "busy", dialect: SQLite, err: liteError(5), want: true},
		{name: "busy because of an old snapshot", dialect: SQLite, err: liteError(517), want: true},
		{name: "locked in a shared cache", dialect: SQLite, err: liteError(262), want: true},
		{name: "constraint", dialect: SQLite, err: liteError(1555), want: false},
		{name: "disk full", dialect: SQLite, err: liteError(13), want: false},
		{name: "serialization failure", dialect: PostgreSQL, err: pgError("40001"), want: true},
		{name: "deadlock", dialect: PostgreSQL, err: fmt.Errorf("update: %w", pgError("40P01")), want: true},
		{name: "unique violation", dialect: PostgreSQL, err: pgError("23505"), want: false},
		{name: "a SQLite code on PostgreSQL", dialect: PostgreSQL, err: liteError(5), want: false},
		{name: "an error of another kind", dialect: PostgreSQL, err: errors.New("40001"), want: false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.dialect.collision(tt.err); got != tt.want {
				t.Errorf("collision(%v) = %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}

func TestStatementsNumberTheirParameters(t *testing.T) {
	t.Parallel()
	for _, d := range Dialects() {
		marker := regexp.MustCompile(`\$[0-9]`)
		if d == SQLite {
			marker = regexp.MustCompile(`\?[0-9]`)
		}
		v := reflect.ValueOf(d.statements())
		for i := range v.NumField() {
			name, text := v.Type().Field(i).Name, v.Field(i).String()
			if text == "" && !(d == SQLite && name == "addBoth") {
				t.Errorf("%s has no statement %s", d, name)
			}
			if text != "" && name != "hasSchema" && !marker.MatchString(text) {
				t.Errorf("%s statement %s has no parameters of its dialect: %s", d, name, text)
			}
			if strings.Contains(text, "glabella_") && name != "hasSchema" && !strings.Contains(text, "tenant = ") && !strings.Contains(text, "(tenant") {
				t.Errorf("%s statement %s is not limited to a tenant: %s", d, name, text)
			}
		}
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	var names [2][]string
	for i, d := range Dialects() {
		all, err := d.migrations()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 {
			t.Errorf("%s has no migrations", d)
		}
		for n, m := range all {
			if m.version != n+1 || m.name == "" || m.text == "" {
				t.Errorf("%s migration %d = %d %q, want its number, a name and a text", d, n+1, m.version, m.name)
			}
			names[i] = append(names[i], m.name)
		}
	}
	if !reflect.DeepEqual(names[0], names[1]) {
		t.Errorf("the dialects have different migrations: %v and %v", names[0], names[1])
	}
}

func TestVersionErrorCarriesItsCode(t *testing.T) {
	t.Parallel()
	var err error = fmt.Errorf("open: %w", &VersionError{Have: 9, Want: 1})
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || !errors.Is(err, glabella.ErrInvalid) {
		t.Fatalf("%v is not a validation error", err)
	}
	issue := invalid.Issues[0]
	if issue.Code != CodeNewerVersion || issue.Args["have"] != "9" || issue.Args["want"] != "1" {
		t.Errorf("issue = %+v, want code %s with both versions", issue, CodeNewerVersion)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := New(t.Context(), nil, "oracle", &Options{Tenant: "a\x00b"})
	var invalid *glabella.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Issues) != 2 {
		t.Errorf("New with an unknown dialect and a malformed tenant = %v, want both issues", err)
	}
}

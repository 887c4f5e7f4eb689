package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/glabella-ehr/glabella/fhirconv/r4/internal/hl7"
)

func TestTypesAreWhatIsGenerated(t *testing.T) {
	t.Parallel()
	d, err := unpack(hl7.Definitions)
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(d)
	if err != nil {
		t.Fatal(err)
	}
	const dir = "../.."
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the definitions give; run go generate (%v)", name, err)
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil || len(there) != len(files) {
		t.Errorf("%d generated files, want %d (%v)", len(there), len(files), err)
	}
}

func TestDefinitionsHaveEveryResource(t *testing.T) {
	t.Parallel()
	d, err := unpack(hl7.Definitions)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, def := range d.Types {
		have[def.Name] = def.Resource
	}
	for _, name := range resources {
		if !have[name] {
			t.Errorf("no definition of %s", name)
		}
	}
}

func TestFieldNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"id": "ID", "fullUrl": "FullURL", "versionId": "VersionID", "birthDate": "BirthDate", "carrierHRF": "CarrierHRF",
		"uri": "URI", "linkId": "LinkID", "void": "Void", "paid": "Paid", "instantiatesUri": "InstantiatesURI",
	} {
		if got := goName(in); got != want {
			t.Errorf("goName(%q) = %q, want %q", in, got, want)
		}
	}
	if got := structName("Patient.contact"); got != "PatientContact" || strings.Contains(got, ".") {
		t.Errorf("structName = %q", got)
	}
}

// Command gen writes the types of package r4 from HL7's definitions.
//
//	go run ./internal/gen                 # the types, from the definitions
//	go run ./internal/gen -from package   # the definitions, from the unpacked npm package hl7.fhir.r4.examples@4.0.1
//	go run ./internal/gen -plain file     # plain structs with tags, for comparison with other encoders
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/glabella-ehr/glabella/fhirconv/r4/internal/hl7"
)

func main() {
	from := flag.String("from", "", "folder of HL7's package")
	dir := flag.String("dir", ".", "folder of package r4")
	plain := flag.String("plain", "", "file of plain structs")
	flag.Parse()
	if err := run(*from, *dir, *plain); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from, dir, plain string) error {
	if from != "" {
		d, err := trim(from)
		if err != nil {
			return err
		}
		text, err := pack(d)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "internal", "hl7", "definitions.json.gz"), text, 0o644)
	}
	d, err := unpack(hl7.Definitions)
	if err != nil {
		return err
	}
	if plain != "" {
		text, err := plainTypes(d, "Patient", "Encounter", "QuestionnaireResponse", "Observation")
		if err != nil {
			return err
		}
		return os.WriteFile(plain, text, 0o644)
	}
	files, err := generate(d)
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
			continue
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

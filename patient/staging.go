package patient

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/glabella-ehr/glabella"
)

// Codes of issues with what another system hands over.
const (
	// CodeImportRagged says that a row has more or fewer columns than the header.
	CodeImportRagged glabella.Code = "patient.import.ragged"
	// CodeImportQuote says that a row has a quotation mark that is not closed or stands where none may.
	CodeImportQuote glabella.Code = "patient.import.quote"
	// CodeImportSize says that a row or a value is longer than the limit.
	CodeImportSize glabella.Code = "patient.import.size"
	// CodeImportDate says that a date does not have a form that the layout names, or is only part of a date.
	CodeImportDate glabella.Code = "patient.import.date"
	// CodeImportRows says that a file has more rows than the limit.
	CodeImportRows glabella.Code = "patient.import.rows"
	// CodeImportDelimiter says that the header seems to be divided by another character than the layout says.
	CodeImportDelimiter glabella.Code = "patient.import.delimiter"
	// CodeImportHeader says that the header lacks a column or names a field twice.
	CodeImportHeader glabella.Code = "patient.import.header"
	// CodeImportUnread says that a part of the source is not carried over.
	CodeImportUnread glabella.Code = "patient.import.unread"
)

// Row is one person as another system hands them over, read and normalised. It
// holds personal data; what is stored of it is an [ImportedRow].
type Row struct {
	Number int    // from 1, in the order of the source
	Key    string // the identity in the source
	Digest string // SHA-256 of the normalised row, in hexadecimal
	Intake Intake
	Tags   []string
	Issues []glabella.Issue // what is wrong; a row with issues is refused
	Notes  []glabella.Issue // what is not carried over; it refuses nothing
}

// Normalize brings contacts into the form in which they are stored. A nil
// function is the strict default.
type Normalize struct {
	// Phone returns the E.164 form of a number that was written in a region
	// (ISO 3166-1 alpha-2). The default takes international numbers only.
	Phone func(raw, region string) (string, error)
	// Email returns the address as it is stored. The default cuts white space.
	Email func(raw string) (string, error)
}

func (n Normalize) phone(raw, region string) (string, error) {
	if n.Phone != nil {
		return n.Phone(raw, region)
	}
	s := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(raw)
	if !e164.MatchString(s) {
		return "", fmt.Errorf("phone: %w: not an international number", glabella.ErrInvalid)
	}
	return s, nil
}

func (n Normalize) email(raw string) (string, error) {
	if n.Email != nil {
		return n.Email(raw)
	}
	return strings.TrimSpace(raw), nil
}

// Reading says how a source is read.
type Reading struct {
	Normalize  Normalize
	Provenance glabella.Provenance // of every record: imported, with its system and time
	MaxRows    int                 // 0 is [MaxImportRows]
	MaxRow     int                 // the bytes of a row; 0 is [MaxImportRow]
}

// The limits of a source where [Reading] sets none.
const (
	MaxImportRows = 1_000_000
	MaxImportRow  = 64 << 10
)

func (r Reading) limits() Reading {
	if r.MaxRows <= 0 {
		r.MaxRows = MaxImportRows
	}
	if r.MaxRow <= 0 {
		r.MaxRow = MaxImportRow
	}
	return r
}

// Stage returns the row of an intake that some source was read into: it adds what
// [Intake.Build] finds wrong. Source is the normalised row that the digest is of.
func Stage(number int, key string, source []string, in Intake, from glabella.Provenance) Row {
	row := Row{Number: number, Key: key, Digest: digest(source), Intake: in}
	if key == "" {
		row.Issues = append(row.Issues, glabella.Issue{Path: "/key", Code: glabella.CodeRequired, Text: "a row has an identity in its source"})
	}
	row.check(from)
	return row
}

// placeholder stands for identities that a row does not have yet.
var placeholder = IntakeIDs{Patient: glabella.DeriveID[glabella.PatientID]("staging")}

func (r *Row) check(from glabella.Provenance) {
	ids := placeholder
	for i := range r.Intake.Allergies {
		ids.Allergies = append(ids.Allergies, glabella.DeriveID[glabella.AllergyID](fmt.Sprint(i)))
	}
	for i := range r.Intake.Medications {
		ids.Medications = append(ids.Medications, glabella.DeriveID[glabella.MedicationID](fmt.Sprint(i)))
	}
	_, err := r.Intake.Build(ids, from)
	r.Issues = append(r.Issues, issuesOf("", err)...)
}

// digest hashes the values with their lengths, so that no two lists of values
// have the same input.
func digest(values []string) string {
	h := sha256.New()
	var n [8]byte
	for _, v := range values {
		binary.BigEndian.PutUint64(n[:], uint64(len(v)))
		h.Write(n[:])
		h.Write([]byte(v))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Codes returns the codes of the row's issues and notes, each once.
func (r Row) Codes() []glabella.Code {
	var out []glabella.Code
	for _, i := range slices.Concat(r.Issues, r.Notes) {
		if !slices.Contains(out, i.Code) {
			out = append(out, i.Code)
		}
	}
	slices.Sort(out)
	return out
}

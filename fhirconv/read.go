package fhirconv

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/patient"
)

// Codes of issues with resources that are read.
const (
	// CodeReadResource says that a resource is not one that is read here.
	CodeReadResource glabella.Code = "fhirconv.read.resource"
	// CodeReadModifier says that a resource has an element that may change what it means and that is not understood.
	CodeReadModifier glabella.Code = "fhirconv.read.modifier"
)

// ReadPatients reads the Patient resources of FHIR R4 in a file: one after the
// other, as in NDJSON, or as the entries of a Bundle; its memory does not grow
// with the file. The key of a person is the resource's id. A resource that is
// wrong, or of another type, comes with its issues, and the next ones are read all
// the same; what of it has no place in an [patient.Intake] is in the row's notes,
// by its place. An error ends the sequence: the file is no JSON, a resource is
// longer than 16 times the limit of a row, there are too many, or the reader
// failed.
func ReadPatients(r io.Reader, s patient.Source, how patient.Reading) iter.Seq2[patient.Row, error] {
	return func(yield func(patient.Row, error) bool) {
		if how.MaxRows <= 0 {
			how.MaxRows = patient.MaxImportRows
		}
		if how.MaxRow <= 0 {
			how.MaxRow = patient.MaxImportRow
		}
		f := &patientFile{source: s, how: how, yield: yield}
		f.limit = &limited{r: r, most: 16 * how.MaxRow}
		f.dec = json.NewDecoder(f.limit)
		f.dec.UseNumber()
		for !f.stopped {
			err := f.value()
			if err == io.EOF {
				return
			}
			if err != nil && !f.stopped {
				yield(patient.Row{}, f.failed(err))
				return
			}
		}
	}
}

// limited reads at most so many bytes since the last call of reset.
type limited struct {
	r          io.Reader
	most, read int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.read > l.most {
		return 0, errTooLong
	}
	n, err := l.r.Read(p)
	l.read += n
	return n, err
}

var errTooLong = glabella.Invalid("resource", glabella.Issue{Code: patient.CodeImportSize, Text: "longer than a resource may be"})

type patientFile struct {
	source  patient.Source
	how     patient.Reading
	yield   func(patient.Row, error) bool
	limit   *limited
	dec     *json.Decoder
	number  int
	stopped bool
}

// failed says what ended the sequence, without what the file holds.
func (f *patientFile) failed(err error) error {
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax), errors.As(err, &mistyped), errors.Is(err, io.ErrUnexpectedEOF):
		return glabella.Invalid(f.source.Name, glabella.Issue{Code: glabella.CodeFormat, Text: fmt.Sprintf("not JSON, after %d resources", f.number)})
	default:
		return fmt.Errorf("read resource %d: %w", f.number+1, err)
	}
}

// value reads one value of the file: a resource, or a Bundle entry by entry.
func (f *patientFile) value() error {
	f.limit.read = 0
	open, err := f.dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return &json.SyntaxError{Offset: f.dec.InputOffset()}
	}
	if err := f.members(); err == io.EOF {
		return io.ErrUnexpectedEOF // the file ends within a resource
	} else if err != nil {
		return err
	}
	return nil
}

// members reads what is within a value up to its end.
func (f *patientFile) members() error {
	whole, bundle := map[string]any{}, false
	for f.dec.More() {
		key, err := f.dec.Token()
		if err != nil {
			return err
		}
		if key == "entry" {
			bundle = true
			if err := f.entries(); err != nil || f.stopped {
				return err
			}
			continue
		}
		var v any
		if err := f.dec.Decode(&v); err != nil {
			return err
		}
		whole[key.(string)] = v
	}
	if _, err := f.dec.Token(); err != nil {
		return err
	}
	if !bundle && whole["resourceType"] != "Bundle" {
		f.row(whole)
	}
	return nil
}

func (f *patientFile) entries() error {
	open, err := f.dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('[') {
		return &json.SyntaxError{Offset: f.dec.InputOffset()}
	}
	for f.dec.More() {
		f.limit.read = 0
		var entry struct {
			Resource map[string]any `json:"resource"`
		}
		if err := f.dec.Decode(&entry); err != nil {
			return err
		}
		if f.row(entry.Resource); f.stopped {
			return nil
		}
	}
	_, err = f.dec.Token()
	return err
}

// row hands over the row of a resource.
func (f *patientFile) row(resource map[string]any) {
	f.number++
	if f.number > f.how.MaxRows {
		f.stopped = true
		f.yield(patient.Row{}, glabella.Invalid(f.source.Name, glabella.Issue{Code: patient.CodeImportRows, Text: "more resources than the limit"}))
		return
	}
	if t := resource["resourceType"]; t != "Patient" {
		f.stopped = !f.yield(patient.Row{Number: f.number, Issues: []glabella.Issue{{Path: "/resourceType", Code: CodeReadResource, Text: "not a Patient"}}}, nil)
		return
	}
	p := &patientReader{normalize: f.how.Normalize, region: f.source.Region}
	key := p.read(resource)
	if key != "" {
		p.in.Identifiers = append(p.in.Identifiers, patient.Identifier{System: f.source.System, Value: key})
	}
	delete(resource, "meta") // when it was written says nothing about the person
	said, err := json.Marshal(resource)
	if err != nil {
		f.stopped = true
		f.yield(patient.Row{}, err)
		return
	}
	row := patient.Stage(f.number, key, []string{string(said)}, p.in, f.how.Provenance)
	row.Issues, row.Notes = append(p.issues, row.Issues...), p.notes
	f.stopped = !f.yield(row, nil)
}

// patientReader makes an intake of a Patient.
type patientReader struct {
	normalize patient.Normalize
	region    string
	in        patient.Intake
	issues    []glabella.Issue
	notes     []glabella.Issue
}

// object is a part of a resource, of which members are taken one by one. What
// nobody takes is noted.
type object struct {
	r    *patientReader
	path string
	m    map[string]any
}

func (r *patientReader) wrong(path string, code glabella.Code, text string) {
	r.issues = append(r.issues, glabella.Issue{Path: path, Code: code, Text: text})
}

func (r *patientReader) unread(path string) {
	r.notes = append(r.notes, glabella.Issue{Path: path, Code: patient.CodeImportUnread, Text: "is not carried over"})
}

// take returns a member of a type and drops it from what is left.
func take[T any](o object, key string) T {
	v, ok := o.m[key]
	delete(o.m, key)
	out, is := v.(T)
	if ok && !is {
		o.r.wrong(o.path+"/"+key, glabella.CodeFormat, "not of the type that FHIR gives it")
	}
	return out
}

func (o object) text(key string) string { return strings.TrimSpace(take[string](o, key)) }

func (o object) texts(key string) []string {
	var out []string
	for i, v := range take[[]any](o, key) {
		s, ok := v.(string)
		if !ok {
			o.r.wrong(fmt.Sprintf("%s/%s/%d", o.path, key, i), glabella.CodeFormat, "not of the type that FHIR gives it")
		} else if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (o object) objects(key string) []object {
	var out []object
	for i, v := range take[[]any](o, key) {
		at := fmt.Sprintf("%s/%s/%d", o.path, key, i)
		if m, ok := v.(map[string]any); ok {
			out = append(out, object{o.r, at, m})
		} else {
			o.r.wrong(at, glabella.CodeFormat, "not of the type that FHIR gives it")
		}
	}
	return out
}

func (o object) object(key string) object {
	m := take[map[string]any](o, key)
	if m == nil {
		m = map[string]any{}
	}
	return object{o.r, o.path + "/" + key, m}
}

var memberName = regexp.MustCompile(`^_?[A-Za-z][A-Za-z0-9]{0,40}$`)

// left notes what nobody has taken.
func (o object) left() {
	var keys []string
	for key := range o.m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if key == "modifierExtension" || key == "implicitRules" {
			o.r.wrong(o.path+"/"+key, CodeReadModifier, "may change the meaning, and is not understood")
			continue
		}
		if !memberName.MatchString(key) {
			key = "other"
		}
		o.r.unread(o.path + "/" + key)
	}
}

// period returns the days of a period; a part of a day that FHIR allows to be
// missing is noted.
func (o object) period() (from, to glabella.Date) {
	p := o.object("period")
	day := func(key string) glabella.Date {
		v := p.text(key)
		if v == "" {
			return glabella.Date{}
		}
		whole, _, _ := strings.Cut(v, "T")
		d, err := glabella.ParseDate(whole)
		if err != nil {
			o.r.unread(p.path + "/" + key)
		}
		return d
	}
	from, to = day("start"), day("end")
	p.left()
	return from, to
}

// read reads the resource, and returns its id.
func (r *patientReader) read(resource map[string]any) string {
	m := map[string]any{}
	for key, v := range resource {
		m[key] = v
	}
	o := object{r, "", m}
	delete(m, "resourceType")
	delete(m, "meta")
	if narrative, ok := m["text"].(map[string]any); ok && narrative["status"] == "generated" {
		delete(m, "text") // says what the other elements say
	}
	if m["active"] == true {
		delete(m, "active")
	}
	id := o.text("id")
	for _, x := range o.objects("extension") {
		r.extension(x)
	}
	for _, x := range o.objects("identifier") {
		i := patient.Identifier{System: x.text("system"), Value: x.text("value"), Use: x.text("use")}
		i.From, i.To = x.period()
		if i.System == "" || i.Value == "" {
			r.unread(x.path)
			continue
		}
		x.left()
		r.in.Identifiers = append(r.in.Identifiers, i)
	}
	for _, x := range o.objects("name") {
		r.name(x)
	}
	for _, x := range o.objects("telecom") {
		r.telecom(x)
	}
	r.in.Gender = patient.Gender(o.text("gender"))
	if v := o.text("birthDate"); v != "" {
		d, err := glabella.ParseDate(v)
		if err != nil {
			r.wrong("/birthDate", patient.CodeImportDate, "not a whole day")
		}
		r.in.BirthDate = d
	}
	for _, x := range o.objects("address") {
		r.address(x)
	}
	r.languages(o)
	o.left()
	return id
}

const extensionPronouns = "http://hl7.org/fhir/StructureDefinition/individual-pronouns"

func (r *patientReader) extension(x object) {
	switch x.text("url") {
	case extensionBirth:
		code := x.text("valueCode")
		for g, c := range birthSex {
			if c == code {
				r.in.SexAtBirth = g
			}
		}
		if r.in.SexAtBirth == "" {
			r.unread(x.path)
		}
	case Base + "/StructureDefinition/pronouns":
		r.in.Pronouns = x.text("valueString")
	case extensionPronouns:
		concept := x.object("valueCodeableConcept")
		r.in.Pronouns = concept.text("text")
		for _, c := range concept.objects("coding") {
			if r.in.Pronouns == "" {
				r.in.Pronouns = c.text("display")
			}
		}
		if r.in.Pronouns == "" {
			r.unread(x.path)
		}
		delete(x.m, "extension") // when it is used
	default:
		r.unread(x.path)
		return
	}
	x.left()
}

func (r *patientReader) name(x object) {
	n := patient.Name{Use: patient.NameUse(x.text("use")), Family: x.text("family"), Given: x.texts("given"),
		Prefix: strings.Join(x.texts("prefix"), " "), Suffix: strings.Join(x.texts("suffix"), " ")}
	if n.Use == "" {
		n.Use = patient.NameUsual
		if len(r.in.Names) == 0 {
			n.Use = patient.NameOfficial
		}
	}
	n.From, n.To = x.period()
	if !n.Use.Valid() || n.String() == "" {
		r.unread(x.path)
		return
	}
	if text := x.text("text"); text != "" && !strings.EqualFold(text, n.String()) && n.Family == "" {
		r.unread(x.path + "/text")
	}
	x.left()
	r.in.Names = append(r.in.Names, n)
}

func (r *patientReader) telecom(x object) {
	system, raw := x.text("system"), x.text("value")
	c := patient.Contact{Use: x.text("use")}
	if rank, ok := x.m["rank"].(json.Number); ok {
		c.Preferred = rank == "1"
		delete(x.m, "rank")
	}
	c.From, c.To = x.period()
	var err error
	switch system {
	case "phone", "sms":
		if c.System = patient.Phone; system == "sms" {
			c.System = patient.SMS
		}
		for _, e := range x.objects("extension") {
			if e.text("url") == Base+"/StructureDefinition/phoneExtension" {
				c.Extension = e.text("valueString")
				e.left()
			} else {
				r.unread(e.path)
			}
		}
		if c.Value, err = phoneOf(r.normalize, raw, r.region); err != nil {
			r.wrong(x.path+"/value", patient.CodePhone, "not a phone number")
		}
	case "email":
		c.System = patient.Email
		if c.Value, err = emailOf(r.normalize, raw); err != nil {
			r.wrong(x.path+"/value", patient.CodeEmail, "not an email address")
		}
	default:
		r.unread(x.path)
		return
	}
	x.left()
	if err == nil {
		r.in.Contacts = append(r.in.Contacts, c)
	}
}

// phoneOf and emailOf apply the strict default where nothing is set.
func phoneOf(n patient.Normalize, raw, region string) (string, error) {
	if n.Phone == nil {
		number, err := patient.BuiltinPhones{}.ParsePhone(raw, region)
		return number.E164, err
	}
	return n.Phone(raw, region)
}

func emailOf(n patient.Normalize, raw string) (string, error) {
	if n.Email == nil {
		return patient.NormalizeEmail(raw)
	}
	return n.Email(raw)
}

func (r *patientReader) address(x object) {
	a := patient.Address{Use: x.text("use"), Lines: x.texts("line"), City: x.text("city"), State: x.text("state"), PostalCode: x.text("postalCode")}
	a.From, a.To = x.period()
	if country := x.text("country"); country != "" {
		if region, err := language.ParseRegion(country); err == nil && len(country) == 2 && region.IsCountry() {
			a.Country = region.String()
		} else {
			r.unread(x.path + "/country")
		}
	}
	x.left()
	if len(a.Lines) > 0 || a.City != "" || a.PostalCode != "" {
		r.in.Addresses = append(r.in.Addresses, a)
	}
}

func (r *patientReader) languages(o object) {
	for _, x := range o.objects("communication") {
		preferred := take[bool](x, "preferred")
		concept := x.object("language")
		var code string
		for _, c := range concept.objects("coding") {
			if code == "" {
				code = c.text("code")
			}
		}
		x.left()
		switch {
		case code == "":
			r.unread(x.path + "/language")
		case preferred:
			r.in.Languages = slices.Insert(r.in.Languages, 0, code)
		default:
			r.in.Languages = append(r.in.Languages, code)
		}
	}
}

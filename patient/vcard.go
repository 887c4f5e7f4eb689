package patient

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-vcard"
	"golang.org/x/text/language"

	"github.com/glabella-ehr/glabella"
)

// Source is where people are taken over from.
type Source struct {
	Name   string // of the file or form, for errors
	System string // URI of the system that gave its people their keys
	Region string // ISO 3166-1 alpha-2, of phone numbers without a country code
}

// Source returns where a file of the layout comes from.
func (l Layout) Source() Source { return Source{Name: l.Name, System: l.System, Region: l.Region} }

// CodeImportCard says that a card does not begin or end, is of a version that is not read, or has a line that is no property.
const CodeImportCard glabella.Code = "patient.import.card"

// ReadVCards reads a file of vCards, of version 4.0 (RFC 6350) or 3.0 (RFC 2426)
// and in UTF-8, card by card; its memory does not grow with the file. The key of a
// person is the card's UID. A card that is wrong comes with its issues, each with
// its line, and the next ones are read all the same; what of a card has no place
// on a patient is in the row's notes, by the name of the property. An error ends
// the sequence: the file has too many cards, or the reader failed.
func ReadVCards(r io.Reader, s Source, how Reading) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		f := &cardFile{source: s, how: how.limits(), r: bufio.NewReaderSize(r, 4<<10)}
		for n := 1; ; n++ {
			c, err := f.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{}, fmt.Errorf("read card %d: %w", n, err))
				return
			}
			if n > f.how.MaxRows {
				yield(Row{}, glabella.Invalid(s.Name, glabella.Issue{Code: CodeImportRows, Text: "more cards than the limit", Line: c.line, Column: 1}))
				return
			}
			if !yield(f.row(n, c), nil) {
				return
			}
		}
	}
}

// cardText is one card as it is divided into lines.
type cardText struct {
	line   int      // of its beginning
	lines  []string // unfolded, without those of heavy properties
	heavy  []string // names of properties that hold pictures and the like
	issues []glabella.Issue
}

type cardFile struct {
	source Source
	how    Reading
	r      *bufio.Reader
	line   int
	ahead  *string // a line that was read and not used
}

// heavy are the properties that hold pictures, sounds and keys. Their lines are
// not kept in memory.
var heavy = []string{"PHOTO", "LOGO", "SOUND", "KEY"}

// read returns the next line without its end, cut where it is too long.
func (f *cardFile) read() (string, error) {
	if f.ahead != nil {
		l := *f.ahead
		f.ahead = nil
		return l, nil
	}
	var out []byte
	for {
		part, err := f.r.ReadSlice('\n')
		if room := f.how.MaxRow + 1 - len(out); room > 0 {
			out = append(out, part[:min(room, len(part))]...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(out) > 0, err == nil:
			if f.line++; f.line == 1 {
				return strings.TrimPrefix(strings.TrimRight(string(out), "\r\n"), "\ufeff"), nil
			}
			return strings.TrimRight(string(out), "\r\n"), nil
		default:
			return "", err
		}
	}
}

// next returns the next card. What stands outside of cards is one that is wrong.
func (f *cardFile) next() (cardText, error) {
	var c cardText
	size, skip := 0, false // skip is set within a heavy property
	wrong := func(code glabella.Code, text string) {
		c.issues = append(c.issues, glabella.Issue{Code: code, Text: text, Line: f.line, Column: 1})
	}
	for {
		l, err := f.read()
		if err == io.EOF && c.line > 0 {
			wrong(CodeImportCard, "the card has no end")
			return c, nil
		}
		if err != nil {
			return c, err
		}
		name := property(l)
		begins := name == "BEGIN" && len(c.lines) == 0 && len(c.issues) == 0
		switch {
		case c.line == 0 && strings.TrimSpace(l) == "":
			continue
		case c.line == 0:
			if c.line = f.line; !begins {
				wrong(CodeImportCard, "text outside of a card")
				f.skip()
				return c, nil
			}
		case name == "BEGIN":
			wrong(CodeImportCard, "the card has no end")
			f.ahead = &l
			return c, nil
		}
		folded := l != "" && (l[0] == ' ' || l[0] == '\t')
		switch {
		case folded && skip:
			continue
		case folded && len(c.lines) > 0:
			c.lines[len(c.lines)-1] += l[1:]
		case slices.Contains(heavy, name):
			c.heavy, skip = append(c.heavy, name), true
			continue
		case l != "":
			c.lines, skip = append(c.lines, l), false
		}
		if size += len(l); size > f.how.MaxRow && len(c.issues) == 0 {
			wrong(CodeImportSize, "longer than a card may be")
		}
		if len(c.issues) > 0 {
			c.lines = c.lines[:0] // it is refused: nothing more is kept
		}
		if name == "END" {
			return c, nil
		}
	}
}

// skip reads up to the next beginning of a card.
func (f *cardFile) skip() {
	for {
		l, err := f.read()
		if err != nil {
			return
		}
		if property(l) == "BEGIN" {
			f.ahead = &l
			return
		}
	}
}

// property returns the name of the property that a line begins.
func property(l string) string {
	if l == "" || l[0] == ' ' || l[0] == '\t' {
		return ""
	}
	name, _, _ := strings.Cut(l, ":")
	name, _, _ = strings.Cut(name, ";")
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	return strings.ToUpper(name)
}

// The parser divides a value at every semicolon and comma, also at those that a
// backslash keeps from dividing. These two stand for them meanwhile.
const semicolon, comma = "\ue000", "\ue001"

var (
	escapes  = strings.NewReplacer(`\\`, `\\`, `\;`, semicolon, `\,`, comma)
	restored = strings.NewReplacer(semicolon, ";", comma, ",")
)

// plain returns a value as it was meant.
func plain(v string) string { return strings.TrimSpace(restored.Replace(v)) }

// row makes the row of a card.
func (f *cardFile) row(n int, c cardText) Row {
	fail := func(code glabella.Code, text string) Row {
		return Row{Number: n, Issues: append(c.issues, glabella.Issue{Code: code, Text: text, Line: c.line, Column: 1})}
	}
	if len(c.issues) > 0 {
		return Row{Number: n, Issues: c.issues}
	}
	text := strings.Join(c.lines, "\r\n") + "\r\n"
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\ufffd"+semicolon+comma) {
		return fail(glabella.CodeText, "has bytes that are no character")
	}
	card, err := vcard.NewDecoder(strings.NewReader(escapes.Replace(text))).Decode()
	if err != nil {
		return fail(CodeImportCard, "not a card")
	}
	fields := 0
	for _, of := range card {
		fields += len(of)
	}
	// The parser leaves out lines that it cannot read.
	if fields != len(c.lines)-2 {
		return fail(CodeImportCard, "a line of the card is no property")
	}
	if v := card.Value(vcard.FieldVersion); v != "4.0" && v != "3.0" {
		return fail(CodeImportCard, "cards are read in version 4.0 or 3.0")
	}
	if kind := card.Value(vcard.FieldKind); kind != "" && !strings.EqualFold(kind, string(vcard.KindIndividual)) {
		return fail(CodeImportCard, "not the card of a person")
	}
	p := &cardPerson{card: card, line: c.line, region: f.source.Region, normalize: f.how.Normalize}
	p.read()
	for _, name := range c.heavy {
		p.unread(name)
	}
	key := strings.TrimPrefix(plain(card.Value(vcard.FieldUID)), "urn:uuid:")
	if key != "" {
		p.in.Identifiers = []Identifier{{System: f.source.System, Value: key}}
	}
	// When it was written and by which program says nothing about the person.
	source := slices.DeleteFunc(slices.Clone(c.lines), func(l string) bool {
		return slices.Contains([]string{"BEGIN", "END", "REV", "PRODID", "VERSION"}, property(l))
	})
	row := Stage(n, key, append(source, c.heavy...), p.in, f.how.Provenance)
	for i := range row.Issues {
		row.Issues[i].Line, row.Issues[i].Column = c.line, 1
	}
	row.Issues = append(p.issues, row.Issues...)
	row.Notes, row.Tags = p.notes, p.tags
	return row
}

// cardPerson is a person as they are read from a card.
type cardPerson struct {
	card      vcard.Card
	line      int
	region    string
	normalize Normalize
	in        Intake
	tags      []string
	issues    []glabella.Issue
	notes     []glabella.Issue
}

func (p *cardPerson) wrong(path string, code glabella.Code, text string) {
	p.issues = append(p.issues, glabella.Issue{Path: path, Code: code, Text: text, Line: p.line, Column: 1})
}

var propertyName = regexp.MustCompile(`^[A-Z0-9-]{1,40}$`)

// unread notes that a property is not carried over.
func (p *cardPerson) unread(name string) {
	if !propertyName.MatchString(name) {
		name = "other"
	}
	path := "/" + strings.ToLower(name)
	if !slices.ContainsFunc(p.notes, func(i glabella.Issue) bool { return i.Path == path }) {
		p.notes = append(p.notes, glabella.Issue{Path: path, Code: CodeImportUnread, Text: "is not carried over", Line: p.line, Column: 1})
	}
}

// carried are the properties that become part of a patient, or say nothing about
// the person.
var carried = []string{
	vcard.FieldVersion, vcard.FieldKind, vcard.FieldUID, vcard.FieldRevision, vcard.FieldProductID, vcard.FieldFormattedName,
	vcard.FieldName, vcard.FieldNickname, vcard.FieldBirthday, vcard.FieldGender, vcard.FieldTelephone, vcard.FieldEmail, vcard.FieldAddress,
	vcard.FieldLanguage, vcard.FieldCategories,
}

func (p *cardPerson) read() {
	for _, of := range p.card {
		for _, field := range of {
			if strings.EqualFold(field.Params.Get("ENCODING"), "QUOTED-PRINTABLE") {
				p.wrong("", CodeImportCard, "quoted-printable values are not read")
			}
		}
	}
	p.names()
	p.birthDate()
	p.gender()
	p.contacts()
	p.addresses()
	for _, v := range p.card.Values(vcard.FieldLanguage) {
		p.in.Languages = append(p.in.Languages, plain(v))
	}
	for _, v := range p.card.Categories() {
		if v = plain(v); v != "" {
			p.tags = append(p.tags, v)
		}
	}
	var left []string
	for name := range p.card {
		if !slices.Contains(carried, name) {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	for _, name := range left {
		p.unread(name)
	}
}

func (p *cardPerson) names() {
	for _, n := range p.card.Names() {
		name := Name{Use: NameOfficial, Family: plain(n.FamilyName), Prefix: listed(n.HonorificPrefix), Suffix: listed(n.HonorificSuffix)}
		for _, part := range []string{n.GivenName, n.AdditionalName} {
			if part = listed(part); part != "" {
				name.Given = append(name.Given, part)
			}
		}
		if name.String() != "" {
			p.in.Names = append(p.in.Names, name)
		}
	}
	for _, v := range p.card.Values(vcard.FieldNickname) {
		for _, nick := range strings.Split(v, ",") {
			if nick = plain(nick); nick != "" && len(p.in.Names) > 0 {
				p.in.Names = append(p.in.Names, Name{Use: NameNickname, Given: []string{nick}, Family: p.in.Names[0].Family})
			}
		}
	}
}

// listed returns the values of a component, which commas divide, as one.
func listed(v string) string {
	return plain(strings.Join(strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }), " "))
}

var cardDay = regexp.MustCompile(`^([0-9]{4})-?([0-9]{2})-?([0-9]{2})(T.*)?$`)

func (p *cardPerson) birthDate() {
	v := strings.TrimSpace(p.card.Value(vcard.FieldBirthday))
	if v == "" {
		return
	}
	if parts := cardDay.FindStringSubmatch(v); parts != nil {
		if d, err := glabella.ParseDate(parts[1] + "-" + parts[2] + "-" + parts[3]); err == nil {
			p.in.BirthDate = d
			return
		}
	}
	p.wrong("/birthDate", CodeImportDate, "not a whole day")
}

func (p *cardPerson) gender() {
	v := p.card.Value(vcard.FieldGender)
	sex, identity, _ := strings.Cut(v, ";")
	known := map[string]Gender{"M": Male, "F": Female, "O": Other, "U": Unknown}
	switch g, ok := known[strings.ToUpper(strings.TrimSpace(sex))]; {
	case ok:
		p.in.Gender = g
	case strings.TrimSpace(sex) != "":
		p.unread(vcard.FieldGender)
	}
	if strings.TrimSpace(identity) != "" {
		p.unread(vcard.FieldGender)
	}
}

func (p *cardPerson) contacts() {
	for _, field := range p.card[vcard.FieldTelephone] {
		c := Contact{System: Phone, Preferred: preferred(field)}
		other := false
		for _, t := range field.Params.Types() {
			switch strings.ToLower(t) {
			case "cell":
				c.Use = "mobile"
			case "home", "work":
				if c.Use == "" {
					c.Use = strings.ToLower(t)
				}
			case "fax", "pager", "video", "textphone":
				other = true
			}
		}
		if other {
			p.unread(vcard.FieldTelephone)
			continue
		}
		raw, params, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(field.Value), "tel:"), ";")
		if ext, ok := strings.CutPrefix(params, "ext="); ok {
			c.Extension = ext
		}
		number, err := p.normalize.phone(raw, p.region)
		if err != nil {
			p.wrong("/contacts", CodePhone, "not a phone number")
			continue
		}
		c.Value = number
		p.in.Contacts = append(p.in.Contacts, c)
	}
	for _, field := range p.card[vcard.FieldEmail] {
		address, err := p.normalize.email(strings.TrimPrefix(plain(field.Value), "mailto:"))
		if err != nil {
			p.wrong("/contacts", CodeEmail, "not an email address")
			continue
		}
		c := Contact{System: Email, Value: address, Preferred: preferred(field)}
		for _, t := range field.Params.Types() {
			if t = strings.ToLower(t); t == "home" || t == "work" {
				c.Use = t
			}
		}
		p.in.Contacts = append(p.in.Contacts, c)
	}
	// One of each kind is preferred at most.
	for _, system := range Systems() {
		first := true
		for i := range p.in.Contacts {
			if c := &p.in.Contacts[i]; c.System == system && c.Preferred {
				c.Preferred, first = first, false
			}
		}
	}
}

func preferred(f *vcard.Field) bool {
	return f.Params.Get(vcard.ParamPreferred) == "1" || slices.ContainsFunc(f.Params.Types(), func(t string) bool { return strings.EqualFold(t, "pref") })
}

func (p *cardPerson) addresses() {
	for _, a := range p.card.Addresses() {
		out := Address{City: plain(a.Locality), State: plain(a.Region), PostalCode: plain(a.PostalCode)}
		for _, part := range []string{a.PostOfficeBox, a.StreetAddress, a.ExtendedAddress} {
			for _, line := range strings.Split(part, "\n") {
				if line = plain(line); line != "" {
					out.Lines = append(out.Lines, line)
				}
			}
		}
		if country := plain(a.Country); country != "" {
			if region, err := language.ParseRegion(country); err == nil && len(country) == 2 && region.IsCountry() {
				out.Country = region.String()
			} else {
				p.unread(vcard.FieldAddress)
			}
		}
		for _, t := range a.Params.Types() {
			if t = strings.ToLower(t); t == "home" || t == "work" {
				out.Use = t
			}
		}
		if len(out.Lines) > 0 || out.City != "" || out.PostalCode != "" {
			p.in.Addresses = append(p.in.Addresses, out)
		}
	}
}

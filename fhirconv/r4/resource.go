package r4

import "bytes"

// Resource is any resource: a pointer to a type of this package, or [*Raw].
type Resource interface {
	ResourceType() string
	ResourceID() string
	// AppendJSON appends the resource as JSON. It fails on a value that has no
	// JSON form: a decimal that is no number, or a string that is not UTF-8.
	AppendJSON(b []byte) ([]byte, error)
	appendTo(b []byte) []byte
	decode(d *decoder)
}

// Raw is a resource of a type that is not known where it was read. It is kept, and
// written back as it is. See [Raw.Typed].
type Raw struct {
	Type string
	ID   string
	JSON string
}

// ResourceType returns the type.
func (r *Raw) ResourceType() string { return r.Type }

// ResourceID returns the logical id.
func (r *Raw) ResourceID() string { return r.ID }

// AppendJSON appends the resource.
func (r *Raw) AppendJSON(b []byte) ([]byte, error) { return finish(b, r.appendTo(b)) }

// MarshalJSON returns the resource.
func (r Raw) MarshalJSON() ([]byte, error) { return finish(nil, r.appendTo(nil)) }

// UnmarshalJSON keeps the resource.
func (r *Raw) UnmarshalJSON(text []byte) error {
	*r = Raw{}
	return unmarshal(text, r, "Resource", nil)
}

// Typed returns the resource as its type, or as it is if this package has no such
// type.
func (r *Raw) Typed() (Resource, error) { return Unmarshal([]byte(r.JSON)) }

func (r *Raw) appendTo(b []byte) []byte { return appendRaw(b, r.JSON) }

func (r *Raw) decode(d *decoder) {
	if d.err == nil && d.peek() != '{' {
		d.fail("an object is expected")
	}
	from := d.pos
	if r.JSON = d.raw(); d.err != nil {
		return
	}
	whole := d.b[from:d.pos]
	if r.Type, r.ID = string(member(whole, "resourceType")), string(member(whole, "id")); r.Type == "" {
		d.fail("resourceType is missing")
	}
}

// Unmarshal reads a resource of any type. It is typed where this package has the
// type, and a [*Raw] otherwise; so are those within it.
func Unmarshal(text []byte) (Resource, error) {
	d := newDecoder(text, New)
	r := d.anyResource()
	root := "Resource"
	if r != nil && r.ResourceType() != "" {
		root = r.ResourceType()
	}
	if err := d.end(root); err != nil {
		return nil, err
	}
	return r, nil
}

// resource reads a resource within another.
func (f *frame) resource(p *Resource) {
	if f.begin(*p != nil) {
		*p = f.d.anyResource()
	}
}

func (f *frame) resources(p *[]Resource) {
	if !f.begin(*p != nil) {
		return
	}
	for l := f.d.array(); l.next(); {
		*p = append(*p, f.d.anyResource())
	}
}

func (d *decoder) anyResource() Resource {
	if d.err == nil && d.peek() != '{' {
		d.fail("an object is expected")
	}
	if d.err != nil {
		return nil
	}
	var r Resource
	if d.types != nil {
		r = d.types(string(d.kind()))
	}
	if r == nil {
		r = &Raw{}
	}
	r.decode(d)
	return r
}

// kind returns the type of the resource that begins here, without reading it.
func (d *decoder) kind() []byte {
	// Most have it first, as this package writes it.
	if rest, ok := bytes.CutPrefix(d.b[d.pos:], []byte(`{"resourceType":"`)); ok {
		return rest[:max(0, bytes.IndexByte(rest, '"'))]
	}
	return member(d.b[d.pos:], "resourceType")
}

// member returns the text of a member of the object that s begins with, or nil. It
// looks at brackets and quotes only: whoever reads the object finds its faults.
func member(s []byte, name string) []byte {
	depth, key, begun := 0, []byte(nil), false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
			begun = false
		case '}', ']':
			if depth--; depth == 0 {
				return nil
			}
		case ',':
			begun = false
		case ':':
			begun = depth == 1
		case '"':
			from := i + 1
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			if i >= len(s) {
				return nil
			}
			switch {
			case depth == 1 && begun && string(key) == name:
				return s[from:i]
			case depth == 1 && !begun:
				key = s[from:i]
			}
		}
	}
	return nil
}

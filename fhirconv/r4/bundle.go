package r4

// Resource is any resource of this package.
type Resource interface {
	ResourceType() string
	ResourceID() string
}

// Bundle is FHIR's Bundle resource.
type Bundle struct {
	ID        string        `json:"id,omitempty"`
	Meta      *Meta         `json:"meta,omitempty"`
	Type      string        `json:"type"`
	Timestamp string        `json:"timestamp,omitempty"`
	Entry     []BundleEntry `json:"entry,omitempty"`
}

// BundleEntry is FHIR's Bundle.entry.
type BundleEntry struct {
	FullURL  string         `json:"fullUrl,omitempty"`
	Resource Resource       `json:"resource,omitempty"`
	Request  *BundleRequest `json:"request,omitempty"`
}

// BundleRequest is FHIR's Bundle.entry.request.
type BundleRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

// ResourceType returns "Bundle".
func (Bundle) ResourceType() string { return "Bundle" }

// ResourceID returns the logical id.
func (b Bundle) ResourceID() string { return b.ID }

// MarshalJSON writes the bundle with its type first.
func (b Bundle) MarshalJSON() ([]byte, error) {
	type plain Bundle
	return marshalResource(b.ResourceType(), plain(b))
}

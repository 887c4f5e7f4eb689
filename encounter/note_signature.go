package encounter

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
)

// SignatureRole says as what someone signed a note.
type SignatureRole string

// The roles of a signature.
const (
	AsAuthor     SignatureRole = "author"
	AsCosigner   SignatureRole = "cosigner"
	AsConsultant SignatureRole = "consultant"
)

// SignatureRoles returns every role of a signature.
func SignatureRoles() []SignatureRole { return []SignatureRole{AsAuthor, AsCosigner, AsConsultant} }

// Valid reports whether r is one of [SignatureRoles].
func (r SignatureRole) Valid() bool { return slices.Contains(SignatureRoles(), r) }

// SignatureMethod is how a signer proved, for the signature, to be who they are.
type SignatureMethod string

// The methods of a signature.
const (
	ByPassword  SignatureMethod = "password"
	ByPasskey   SignatureMethod = "passkey"
	ByTOTP      SignatureMethod = "totp" // a time-based one-time password, RFC 6238
	ByBiometric SignatureMethod = "biometric"
	BySSO       SignatureMethod = "sso" // at the practice's identity provider
)

// SignatureMethods returns every method of a signature.
func SignatureMethods() []SignatureMethod {
	return []SignatureMethod{ByPassword, ByPasskey, ByTOTP, ByBiometric, BySSO}
}

// Valid reports whether m is one of [SignatureMethods].
func (m SignatureMethod) Valid() bool { return slices.Contains(SignatureMethods(), m) }

// Signature says who signed which text, when, and on what evidence. The host
// authenticates people; the signature keeps what it found.
type Signature struct {
	By              glabella.StaffID `json:"by"`
	Role            SignatureRole    `json:"role"`
	At              time.Time        `json:"at"`
	Hash            string           `json:"hash"`                     // [HashText] of the text that was signed
	Credential      Credential       `json:"credential"`               // the licence that they signed under
	Method          SignatureMethod  `json:"method,omitempty"`         // how they were authenticated to sign
	AuthenticatedAt time.Time        `json:"authenticatedAt,omitzero"` // when they last were
	Assurance       string           `json:"assurance,omitempty"`      // level of that authentication, in the host's words, such as aal2
	Statement       string           `json:"statement,omitempty"`      // what they attested
	Device          string           `json:"device,omitempty"`         // hex SHA-256 of what identifies the device
	Address         string           `json:"address,omitempty"`        // hex SHA-256 of the network address
}

// issues returns what is wrong with the shape of a signature under a note of that
// author.
func (s Signature) issues(path string, author glabella.StaffID) []glabella.Issue {
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	if !s.Role.Valid() {
		add("/role", glabella.CodeUnknownValue, "not a role of a signature")
	}
	switch {
	case s.By.IsZero():
		add("/by", glabella.CodeRequired, "a signature is somebody's")
	case s.Role == AsAuthor && s.By != author:
		add("/by", CodeNoteAuthor, "not the author of the note")
	case s.Role == AsCosigner && s.By == author:
		add("/by", CodeNoteCosigner, "a note is not cosigned by its author")
	case s.Role == AsConsultant && s.By == author:
		add("/by", CodeNoteConsultant, "an author does not consult themself")
	}
	if s.At.IsZero() {
		add("/at", glabella.CodeRequired, "a signature has a time")
	}
	if s.Method != "" && !s.Method.Valid() {
		add("/method", glabella.CodeUnknownValue, "not a method of signing")
	}
	if s.AuthenticatedAt.After(s.At) {
		add("/authenticatedAt", glabella.CodeOutOfRange, "the signer was authenticated after the signature")
	}
	for member, digest := range map[string]string{"/device": s.Device, "/address": s.Address} {
		if raw, err := hex.DecodeString(digest); digest != "" && (err != nil || len(raw) != 32) {
			add(member, glabella.CodeFormat, "not a SHA-256 in hex")
		}
	}
	return append(issues, credentialIssues(path+"/credential", s.Credential)...)
}

// credentialIssues lets staff without a licence sign, and no half of a licence.
func credentialIssues(path string, c Credential) []glabella.Issue {
	if c == (Credential{}) {
		return nil
	}
	return prefix(path, check.Struct(c))
}

// Codes of what the evidence behind a signature lacks.
const (
	// CodeSignatureMethod says that the signer was not authenticated by a method that the policy accepts.
	CodeSignatureMethod glabella.Code = "encounter.signature.method"
	// CodeSignatureStale says that the signer was not authenticated anew shortly before the signature.
	CodeSignatureStale glabella.Code = "encounter.signature.stale"
	// CodeSignatureAssurance says that the signer was not authenticated at a level that the policy accepts.
	CodeSignatureAssurance glabella.Code = "encounter.signature.assurance"
	// CodeSignatureStatement says that the signature does not say what it attests.
	CodeSignatureStatement glabella.Code = "encounter.signature.statement"
	// CodeSignatureCredential says that the signature names no licence, or none of a kind that the policy accepts.
	CodeSignatureCredential glabella.Code = "encounter.signature.credential"
	// CodeSignatureDevice says that the signature does not say from which device it came.
	CodeSignatureDevice glabella.Code = "encounter.signature.device"
	// CodeSignatureTime says that a signature bears a time that is still to come.
	CodeSignatureTime glabella.Code = "encounter.signature.time"
)

// SignPolicy is what a practice demands of the evidence behind a signature. The
// zero policy demands nothing.
type SignPolicy struct {
	MaxAuthAge  time.Duration     `json:"maxAuthAge,omitempty"` // longest time from the authentication to the signature; 0 is any; nanoseconds in JSON
	Methods     []SignatureMethod `json:"methods"`              // that are accepted; empty is any, and none
	Assurances  []string          `json:"assurances"`           // levels that are accepted; empty is any, and none
	Credentials []string          `json:"credentials"`          // kinds that may sign; empty is any
	Licensed    bool              `json:"licensed,omitempty"`   // whether a licence must be named at all
	Statement   bool              `json:"statement,omitempty"`  // whether it must say what is attested
	Device      bool              `json:"device,omitempty"`     // whether the device must be known
	ClockSkew   time.Duration     `json:"clockSkew,omitempty"`  // how far a signature may be ahead of the clock; nanoseconds in JSON
	Source      string            `json:"source,omitempty"`     // citation of the law or policy behind it
}

// Validate reports methods that are not known and times that are negative.
func (p SignPolicy) Validate() error {
	var issues []glabella.Issue
	for i, m := range p.Methods {
		if !m.Valid() {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/methods/%d", i), Code: glabella.CodeUnknownValue, Text: "not a method of signing"})
		}
	}
	if p.MaxAuthAge < 0 {
		issues = append(issues, glabella.Issue{Path: "/maxAuthAge", Code: glabella.CodeOutOfRange, Text: "must not be negative"})
	}
	if p.ClockSkew < 0 {
		issues = append(issues, glabella.Issue{Path: "/clockSkew", Code: glabella.CodeOutOfRange, Text: "must not be negative"})
	}
	return glabella.Invalid("sign policy", issues...)
}

// CheckSignature decides whether the evidence behind a signature is what the
// policy demands, at the time of signing. It names everything that is missing.
func CheckSignature(s Signature, p SignPolicy, now time.Time) glabella.Decision {
	var reasons []glabella.Reason
	add := func(r glabella.Reason) { reasons = append(reasons, r.For(s.By.Ref()).CitedFrom(p.Source)) }
	if len(p.Methods) > 0 && !slices.Contains(p.Methods, s.Method) {
		add(glabella.Denied(CodeSignatureMethod, "the signer was not authenticated by an accepted method").With("method", string(s.Method)).WithFix("authenticate by a method that the policy accepts"))
	}
	if age := s.At.Sub(s.AuthenticatedAt); p.MaxAuthAge > 0 && (s.AuthenticatedAt.IsZero() || age > p.MaxAuthAge || age < 0) {
		add(glabella.Denied(CodeSignatureStale, "the signer was not authenticated anew for the signature").
			With("minutes", strconv.FormatFloat(p.MaxAuthAge.Minutes(), 'f', -1, 64)).WithFix("have the signer authenticate again, then sign"))
	}
	if len(p.Assurances) > 0 && !slices.Contains(p.Assurances, s.Assurance) {
		add(glabella.Denied(CodeSignatureAssurance, "the authentication is not of an accepted level").With("assurance", s.Assurance).WithFix("authenticate at a level that the policy accepts"))
	}
	if p.Statement && s.Statement == "" {
		add(glabella.Denied(CodeSignatureStatement, "the signature does not say what it attests").WithFix("show the signer what they attest, and keep it with the signature"))
	}
	named := s.Credential.Kind != "" && s.Credential.Number != ""
	if p.Licensed && !named || len(p.Credentials) > 0 && (!named || !slices.Contains(p.Credentials, s.Credential.Kind)) {
		add(glabella.Denied(CodeSignatureCredential, "the signature names no licence that is accepted").With("credential", s.Credential.Kind).WithFix("sign under a licence that the policy accepts"))
	}
	if p.Device && s.Device == "" {
		add(glabella.Denied(CodeSignatureDevice, "the device of the signature is not known").WithFix("sign from a device that identifies itself"))
	}
	if s.At.IsZero() || s.At.After(now.Add(p.ClockSkew)) {
		add(glabella.Denied(CodeSignatureTime, "the signature has no time, or one that is still to come").WithFix("set the clock right, and sign again"))
	}
	return glabella.Decide(reasons...)
}

// VerifySignatures computes the hashes of a note anew and returns what does not
// agree: a signature that is not of the text, an amendment that was changed, and
// an amendment that does not follow what stands before it. Nothing is returned
// for a note that is as it was signed.
func VerifySignatures(n Note) []glabella.Issue {
	var issues []glabella.Issue
	text := HashText(n.Text)
	for i, s := range n.Signatures {
		if s.Hash != text {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/signatures/%d/hash", i), Code: CodeNoteHash, Text: "not the hash of the note's text"})
		}
	}
	previous := text
	for i, a := range n.Amendments {
		if a.Previous != previous {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/amendments/%d/previous", i), Code: CodeNoteChain, Text: "not the hash of what stands before the amendment"})
		}
		previous = a.Digest()
		if a.Hash != previous {
			issues = append(issues, glabella.Issue{Path: fmt.Sprintf("/amendments/%d/hash", i), Code: CodeNoteHash, Text: "not the hash of the amendment"})
		}
	}
	return issues
}

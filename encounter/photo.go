package encounter

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/internal/check"
	"github.com/glabella-ehr/glabella/treatment"
)

// Pose is what the patient does in a photograph.
type Pose string

// The poses. All but at rest are of animation.
const (
	PoseRest      Pose = "at-rest"
	PoseSmile     Pose = "smile"
	PoseFrown     Pose = "frown"
	PoseBrowRaise Pose = "brow-raise"
	PosePucker    Pose = "pucker"
	PoseClench    Pose = "clench"
	PoseSquint    Pose = "squint"
	PoseGrimace   Pose = "grimace" // shows the platysma
)

// Poses returns every pose.
func Poses() []Pose {
	return []Pose{PoseRest, PoseSmile, PoseFrown, PoseBrowRaise, PosePucker, PoseClench, PoseSquint, PoseGrimace}
}

// Valid reports whether p is one of [Poses].
func (p Pose) Valid() bool { return slices.Contains(Poses(), p) }

// Stage is when a photograph was taken, with respect to a treatment.
type Stage string

// The stages.
const (
	StageBefore   Stage = "before"
	StageAfter    Stage = "after"     // right after it
	StageFollowUp Stage = "follow-up" // at a later visit
)

// Stages returns every stage.
func Stages() []Stage { return []Stage{StageBefore, StageAfter, StageFollowUp} }

// Valid reports whether s is one of [Stages].
func (s Stage) Valid() bool { return slices.Contains(Stages(), s) }

// DerivativeKind is what a smaller picture of a photograph is for.
type DerivativeKind string

// The kinds of derivative.
const (
	DerivativeDisplay   DerivativeKind = "display"
	DerivativeThumbnail DerivativeKind = "thumbnail"
)

// DerivativeKinds returns every kind of derivative.
func DerivativeKinds() []DerivativeKind {
	return []DerivativeKind{DerivativeDisplay, DerivativeThumbnail}
}

// Valid reports whether k is one of [DerivativeKinds].
func (k DerivativeKind) Valid() bool { return slices.Contains(DerivativeKinds(), k) }

// Image is a picture that is kept as a blob.
type Image struct {
	Digest    string `json:"digest"` // "sha256:" and 64 hexadecimal digits
	MediaType string `json:"mediaType"`
	Bytes     int64  `json:"bytes"`
	Width     int    `json:"width,omitempty"` // 0 is not known
	Height    int    `json:"height,omitempty"`
}

// Derivative is a smaller picture that was made out of a photograph. It holds no
// metadata of the camera.
type Derivative struct {
	Image
	Kind DerivativeKind `json:"kind"`
	From string         `json:"from"` // digest of the picture that it was made out of
	At   time.Time      `json:"at"`
}

// Photo is a photograph of a patient. Its original never changes: what is made out
// of it is a derivative, and what was taken in error is retracted.
type Photo struct {
	ID glabella.PhotoID `json:"id" validate:"required"`
	glabella.Meta
	Patient    glabella.PatientID   `json:"patient" validate:"required"`
	Encounter  glabella.EncounterID `json:"encounter,omitzero"`
	Procedure  glabella.ProcedureID `json:"procedure,omitzero"` // the treatment that it documents
	TakenAt    time.Time            `json:"takenAt" validate:"required"`
	By         glabella.StaffID     `json:"by,omitzero"` // zero if the patient took it
	View       treatment.PhotoView  `json:"view"`
	Pose       Pose                 `json:"pose"`
	Stage      Stage                `json:"stage"`
	Regions    []string             `json:"regions"` // what it shows; empty is the view as a whole
	Side       glabella.Side        `json:"side,omitempty"`
	Device     string               `json:"device,omitempty"` // a code of the practice's camera
	Original   Image                `json:"original"`         // as the camera made it, with its metadata
	Derived    []Derivative         `json:"derived"`
	Retracted  string               `json:"retracted,omitempty"` // why it is not to be used, a code
	Provenance glabella.Provenance  `json:"provenance"`
}

// Codes of issues with photographs.
const (
	// CodePhotoLineage says that a derivative was made out of another picture than the photograph.
	CodePhotoLineage glabella.Code = "encounter.photo.lineage"
	// CodePhotoRetracted says that a photograph was retracted.
	CodePhotoRetracted glabella.Code = "encounter.photo.retracted"
)

// Ref returns the reference to the photograph.
func (p Photo) Ref() glabella.Ref { return p.ID.Ref() }

var imageDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func (i Image) issues(path string) []glabella.Issue {
	var issues []glabella.Issue
	add := func(member string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path + member, Code: code, Text: text})
	}
	if !imageDigest.MatchString(i.Digest) {
		add("/digest", glabella.CodeFormat, "want sha256: and 64 hexadecimal digits")
	}
	if i.MediaType == "" {
		add("/mediaType", glabella.CodeRequired, "a picture has a media type")
	}
	if i.Bytes < 1 {
		add("/bytes", glabella.CodeOutOfRange, "a picture has a size")
	}
	if i.Width < 0 {
		add("/width", glabella.CodeOutOfRange, "a width is not negative")
	}
	if i.Height < 0 {
		add("/height", glabella.CodeOutOfRange, "a height is not negative")
	}
	return issues
}

// Validate reports everything that is wrong with the photograph.
func (p Photo) Validate() error {
	issues := append(check.Struct(p), p.Provenance.Validate("/provenance")...)
	add := func(path string, code glabella.Code, text string) {
		issues = append(issues, glabella.Issue{Path: path, Code: code, Text: text})
	}
	if !p.View.Valid() {
		add("/view", glabella.CodeUnknownValue, "not a standard view")
	}
	if !p.Pose.Valid() {
		add("/pose", glabella.CodeUnknownValue, "not a pose")
	}
	if !p.Stage.Valid() {
		add("/stage", glabella.CodeUnknownValue, "not a stage")
	}
	issues = append(issues, validSide("", p.Side)...)
	if !p.Procedure.IsZero() && p.Encounter.IsZero() {
		add("/encounter", glabella.CodeRequired, "a photograph of a treatment is of its visit")
	}
	issues = append(issues, p.Original.issues("/original")...)
	made := []string{p.Original.Digest}
	for i, d := range p.Derived {
		path := fmt.Sprintf("/derived/%d", i)
		issues = append(issues, d.issues(path)...)
		if !d.Kind.Valid() {
			add(path+"/kind", glabella.CodeUnknownValue, "not a kind of derivative")
		}
		if d.At.IsZero() {
			add(path+"/at", glabella.CodeRequired, "a derivative was made at some time")
		}
		if !slices.Contains(made, d.From) {
			add(path+"/from", CodePhotoLineage, "was not made out of this photograph")
		}
		made = append(made, d.Digest)
	}
	return glabella.Invalid("photo", issues...)
}

// Derivative returns the newest derivative of a kind, and false if there is none.
func (p Photo) Derivative(kind DerivativeKind) (Derivative, bool) {
	for _, d := range slices.Backward(p.Derived) {
		if d.Kind == kind {
			return d, true
		}
	}
	return Derivative{}, false
}

// AddDerivative adds a picture that was made out of the photograph or out of one
// of its derivatives, such as one of a format that only the host can read. What
// was made earlier stays.
func (p Photo) AddDerivative(d Derivative) (Photo, error) {
	if err := p.usable(); err != nil {
		return p, err
	}
	added := p
	added.Derived = append(slices.Clone(p.Derived), d)
	if err := added.Validate(); err != nil {
		return p, err
	}
	return added, nil
}

// Retract takes a photograph out of use. It stays stored, with its reason, which
// is not empty.
func (p Photo) Retract(reason string) (Photo, error) {
	if err := p.usable(); err != nil {
		return p, err
	}
	if reason == "" {
		return p, glabella.Invalid("photo", glabella.Issue{Path: "/retracted", Code: glabella.CodeRequired, Text: "a photograph is retracted for a reason"})
	}
	p.Retracted = reason
	return p, nil
}

// Bind ties a photograph to the treatment that it documents.
func (p Photo) Bind(visit glabella.EncounterID, procedure glabella.ProcedureID, stage Stage) (Photo, error) {
	if err := p.usable(); err != nil {
		return p, err
	}
	p.Encounter, p.Procedure, p.Stage = visit, procedure, stage
	return p, nil
}

func (p Photo) usable() error {
	if p.Retracted == "" {
		return nil
	}
	return glabella.Refuse(glabella.Decide(glabella.Denied(CodePhotoRetracted, "the photograph was retracted").For(p.Ref()).WithFix("take another photograph")))
}

// PhotoTaken is the business event of a photograph.
type PhotoTaken struct {
	Photo     glabella.PhotoID     `json:"photo"`
	Patient   glabella.PatientID   `json:"patient"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"`
	Digest    string               `json:"digest"` // of the original
}

// PhotoChanged is the business event of a photograph that was bound or retracted.
type PhotoChanged struct {
	Photo     glabella.PhotoID     `json:"photo"`
	Action    string               `json:"action"`
	Procedure glabella.ProcedureID `json:"procedure,omitzero"`
}

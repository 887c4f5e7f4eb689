package practice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/access"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/internal/imaging"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/treatment"
)

// Codes of issues with photographs.
const (
	// CodeNoBlobs says that the practice has no place for photographs.
	CodeNoBlobs glabella.Code = "practice.photo.no-place"
	// CodePhotoUpload says that the picture of a photograph has not been uploaded whole.
	CodePhotoUpload glabella.Code = "practice.photo.upload"
	// CodePhotoFormat says that a photograph is not a picture that can be read.
	CodePhotoFormat glabella.Code = "practice.photo.format"
	// CodePhotoSize says that a photograph is larger than the site's policy allows.
	CodePhotoSize glabella.Code = "practice.photo.size"
	// CodePhotoNoDerivative says that there is no smaller picture of a photograph, because its format cannot be read.
	CodePhotoNoDerivative glabella.Code = "practice.photo.no-derivative"
)

// The longer edges of the pictures that are made out of a photograph, in pixels.
const (
	displayEdge   = 1600
	thumbnailEdge = 256
)

// Blobs returns where the practice keeps photographs, for hosts that upload to it:
// first the picture ([storage.PutBlob]), then [Practice.TakePhoto] with its
// digest. It is nil if the practice keeps none.
func (p *Practice) Blobs() storage.Blobs { return p.blobs }

// TakePhoto is the input of [Practice.TakePhoto].
type TakePhoto struct {
	Command
	Patient   glabella.PatientID   `json:"patient"`
	Encounter glabella.EncounterID `json:"encounter,omitzero"` // the visit
	Procedure glabella.ProcedureID `json:"procedure,omitzero"` // the treatment that it documents; zero is the one of the visit that treated what it shows
	TakenAt   time.Time            `json:"takenAt,omitzero"`   // zero is what the camera says with its zone, and now if it does not
	View      treatment.PhotoView  `json:"view"`
	Pose      encounter.Pose       `json:"pose"`
	Stage     encounter.Stage      `json:"stage"`
	Regions   []string             `json:"regions"`
	Side      glabella.Side        `json:"side,omitempty"`
	Device    string               `json:"device"`
	Digest    storage.BlobDigest   `json:"digest"` // of the picture, which has been uploaded
}

// PhotoTaken is the receipt of the commands on photographs.
type PhotoTaken struct {
	Photo     glabella.PhotoID     `json:"photo"`
	Procedure glabella.ProcedureID `json:"procedure,omitzero"` // the treatment that it documents; zero is none that could be told
	Derived   int                  `json:"derived"`            // how many smaller pictures there are
	Version   uint64               `json:"version"`
	Swept     []SweptPublication   `json:"swept"` // what is not permitted to be shown any more
}

// TakePhoto records a photograph whose picture has been uploaded. The original is
// kept as it is; pictures for looking at are made out of it, which hold no
// metadata. A photograph of a visit is bound to the treatment that it documents
// by what it shows, without anybody's clicking.
func (p *Practice) TakePhoto(ctx context.Context, actor glabella.Actor, in TakePhoto) (PhotoTaken, error) {
	original, derived, err := p.pictures(ctx, in.Digest)
	if err != nil {
		original.Digest = "" // the command fails with the error, and is journaled
	}
	camera := p.takenAt(ctx, in.Digest)
	return run(ctx, p, actor, access.PhotoTake, in.Patient, in, func(ctx context.Context, w *work, in TakePhoto, out *PhotoTaken) (storage.Outcome, error) {
		if err != nil {
			return failed(err)
		}
		site, by, err := w.performer(ctx)
		if err != nil {
			return failed(err)
		}
		policy, err := chartPolicy(ctx, w.ChartPolicies(), site.ID)
		if err != nil {
			return failed(err)
		}
		if policy.PhotoBytes > 0 && original.Bytes > policy.PhotoBytes {
			return failed(glabella.Invalid("photo", glabella.Issue{Path: "/digest", Code: CodePhotoSize, Text: fmt.Sprintf("the picture has more than %d bytes", policy.PhotoBytes)}))
		}
		if _, err := w.Patients().Get(ctx, in.Patient); err != nil {
			return failed(err)
		}
		if err := w.visitOf(ctx, in.Encounter, in.Patient); err != nil {
			return failed(err)
		}
		if err := w.mayTake(ctx, site, in.Patient, in.Regions); err != nil {
			return failed(err)
		}
		photo := encounter.Photo{
			ID: glabella.PhotoID(w.NewUUID()), Patient: in.Patient, Encounter: in.Encounter, Procedure: in.Procedure, TakenAt: instant(in.TakenAt), By: by, View: in.View, Pose: in.Pose, Stage: in.Stage,
			Regions: in.Regions, Side: in.Side, Device: in.Device, Original: original, Derived: slices.Clone(derived), Provenance: w.entered(),
		}
		if in.TakenAt.IsZero() {
			photo.TakenAt = instant(camera)
			if camera.IsZero() || camera.After(w.Now()) {
				photo.TakenAt = w.Now()
			}
		}
		for i := range photo.Derived {
			photo.Derived[i].At = w.Now()
		}
		if err := w.bind(ctx, &photo); err != nil {
			return failed(err)
		}
		if photo, err = w.Photos().Put(ctx, photo); err != nil {
			return failed(err)
		}
		*out = PhotoTaken{Photo: photo.ID, Procedure: photo.Procedure, Derived: len(photo.Derived), Version: photo.Version}
		return recorded("encounter.photo-taken", encounter.PhotoTaken{Photo: photo.ID, Patient: photo.Patient, Encounter: photo.Encounter, Digest: original.Digest})
	})
}

// bind ties a photograph to the treatment that it documents, if that can be told.
func (w *work) bind(ctx context.Context, photo *encounter.Photo) error {
	if photo.Encounter.IsZero() {
		return nil
	}
	visit, err := w.Encounters().Get(ctx, photo.Encounter)
	if err != nil {
		return err
	}
	if photo.Procedure.IsZero() {
		photo.Procedure, _ = encounter.BindingFor(*photo, visit)
		return nil
	}
	if !slices.ContainsFunc(visit.Procedures, func(p encounter.Procedure) bool { return p.ID == photo.Procedure }) {
		return glabella.Invalid("photo", glabella.Issue{Path: "/procedure", Code: CodeProcedureUnknown, Text: "the visit has no such procedure"})
	}
	return nil
}

// bindPhotos ties the photographs of a visit to the treatment that was charted
// after they were taken, where it can be told that they document it.
func (w *work) bindPhotos(ctx context.Context, visit encounter.Encounter) error {
	photos, err := w.Photos().All(ctx, storage.PhotoQuery{Patient: visit.Patient, Encounter: visit.ID})
	if err != nil {
		return err
	}
	for _, photo := range photos {
		if !photo.Procedure.IsZero() || photo.Retracted != "" {
			continue
		}
		procedure, ok := encounter.BindingFor(photo, visit)
		if !ok {
			continue
		}
		if photo, err = photo.Bind(visit.ID, procedure, photo.Stage); err != nil {
			return err
		}
		if _, err := w.Photos().Put(ctx, photo); err != nil {
			return err
		}
	}
	return nil
}

// pictures looks at an uploaded picture, makes smaller ones out of it and keeps
// them.
func (p *Practice) pictures(ctx context.Context, d storage.BlobDigest) (encounter.Image, []encounter.Derivative, error) {
	wrong := func(code glabella.Code, text string) error {
		return glabella.Invalid("photo", glabella.Issue{Path: "/digest", Code: code, Text: text})
	}
	if p.blobs == nil {
		return encounter.Image{}, nil, wrong(CodeNoBlobs, "the practice has no place for photographs")
	}
	size, complete, err := p.blobs.Held(ctx, d)
	if err != nil {
		return encounter.Image{}, nil, err
	}
	if !complete {
		return encounter.Image{}, nil, wrong(CodePhotoUpload, "the picture has not been uploaded whole")
	}
	r, err := p.blobs.Open(ctx, d)
	if err != nil {
		return encounter.Image{}, nil, err
	}
	defer r.Close()
	info, err := imaging.Sniff(r)
	if errors.Is(err, imaging.ErrFormat) {
		return encounter.Image{}, nil, wrong(CodePhotoFormat, "not a JPEG, PNG or HEIC that can be read")
	}
	if err != nil {
		return encounter.Image{}, nil, err
	}
	original := encounter.Image{Digest: string(d), MediaType: info.MediaType, Bytes: size, Width: info.Width, Height: info.Height}
	if info.Width == 0 {
		return original, nil, nil // kept, and looked at with the host's own means
	}
	var derived []encounter.Derivative
	for kind, edge := range map[encounter.DerivativeKind]int{encounter.DerivativeDisplay: displayEdge, encounter.DerivativeThumbnail: thumbnailEdge} {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return original, nil, err
		}
		picture, width, height, err := imaging.Derive(r, edge)
		if errors.Is(err, imaging.ErrFormat) {
			return original, nil, wrong(CodePhotoFormat, "the picture is broken")
		}
		if err != nil {
			return original, nil, err
		}
		blob := storage.Blob{Digest: storage.BlobDigestOf(picture), Size: int64(len(picture))}
		if err := storage.PutBlob(ctx, p.blobs, blob, bytes.NewReader(picture)); err != nil {
			return original, nil, err
		}
		derived = append(derived, encounter.Derivative{Kind: kind, From: original.Digest,
			Image: encounter.Image{Digest: string(blob.Digest), MediaType: "image/jpeg", Bytes: blob.Size, Width: width, Height: height}})
	}
	slices.SortFunc(derived, func(a, b encounter.Derivative) int { return b.Width - a.Width })
	return original, derived, nil
}

// takenAt returns when a camera says that it took a picture, and zero if it does
// not say it with its zone or the picture cannot be read.
func (p *Practice) takenAt(ctx context.Context, d storage.BlobDigest) time.Time {
	if p.blobs == nil {
		return time.Time{}
	}
	r, err := p.blobs.Open(ctx, d)
	if err != nil {
		return time.Time{}
	}
	defer r.Close()
	m, err := imaging.ReadMetadata(r)
	if err != nil || !m.Zoned {
		return time.Time{}
	}
	return m.TakenAt
}

// AddPicture is the input of [Practice.AddPicture].
type AddPicture struct {
	Command
	Photo  glabella.PhotoID         `json:"photo"`
	Kind   encounter.DerivativeKind `json:"kind"`
	Digest storage.BlobDigest       `json:"digest"` // of the picture, which has been uploaded
}

// AddPicture adds a picture that the host has made out of a photograph whose
// format this library does not read, such as HEIC. It is written anew, without
// metadata.
func (p *Practice) AddPicture(ctx context.Context, actor glabella.Actor, in AddPicture) (PhotoTaken, error) {
	_, derived, err := p.pictures(ctx, in.Digest)
	return changePhoto(ctx, p, actor, access.PhotoTake, in, in.Photo, "add-picture", func(_ context.Context, w *work, photo encounter.Photo) (encounter.Photo, error) {
		if err != nil {
			return photo, err
		}
		for _, d := range derived {
			if d.Kind == in.Kind {
				d.From, d.At = photo.Original.Digest, w.Now()
				return photo.AddDerivative(d)
			}
		}
		return photo, glabella.Invalid("photo", glabella.Issue{Path: "/kind", Code: CodePhotoNoDerivative, Text: "there is no such picture of the photograph"})
	})
}

// BindPhoto is the input of [Practice.BindPhoto].
type BindPhoto struct {
	Command
	Photo     glabella.PhotoID     `json:"photo"`
	Encounter glabella.EncounterID `json:"encounter"`
	Procedure glabella.ProcedureID `json:"procedure"`
	Stage     encounter.Stage      `json:"stage"`
}

// BindPhoto ties a photograph to the treatment that it documents, where that could
// not be told when it was taken.
func (p *Practice) BindPhoto(ctx context.Context, actor glabella.Actor, in BindPhoto) (PhotoTaken, error) {
	return changePhoto(ctx, p, actor, access.PhotoTake, in, in.Photo, "bind", func(ctx context.Context, w *work, photo encounter.Photo) (encounter.Photo, error) {
		if err := w.visitOf(ctx, in.Encounter, photo.Patient); err != nil {
			return photo, err
		}
		photo, err := photo.Bind(in.Encounter, in.Procedure, in.Stage)
		if err != nil {
			return photo, err
		}
		return photo, w.bind(ctx, &photo)
	})
}

// RetractPhoto is the input of [Practice.RetractPhoto].
type RetractPhoto struct {
	Command
	Photo  glabella.PhotoID `json:"photo"`
	Reason string           `json:"reason"` // a code of the practice's own
}

// RetractPhoto takes a photograph out of use. It stays stored. Where it is shown, it
// is due to be taken down.
func (p *Practice) RetractPhoto(ctx context.Context, actor glabella.Actor, in RetractPhoto) (PhotoTaken, error) {
	return changePhoto(ctx, p, actor, access.PhotoRetract, in, in.Photo, "retract", func(_ context.Context, _ *work, photo encounter.Photo) (encounter.Photo, error) {
		if err := reasonCode("/reason", in.Reason); err != nil {
			return photo, err
		}
		return photo.Retract(in.Reason)
	})
}

func changePhoto[In input](ctx context.Context, p *Practice, actor glabella.Actor, action access.Action, in In, id glabella.PhotoID, name string,
	change func(ctx context.Context, w *work, photo encounter.Photo) (encounter.Photo, error),
) (PhotoTaken, error) {
	return run(ctx, p, actor, action, glabella.PatientID{}, in, func(ctx context.Context, w *work, _ In, out *PhotoTaken) (storage.Outcome, error) {
		photo, err := w.Photos().Get(ctx, id)
		if err != nil {
			return failed(err)
		}
		w.Concerns(photo.Patient)
		if err := w.expect(photo.Ref(), photo.Version); err != nil {
			return failed(err)
		}
		if photo, err = change(ctx, w, photo); err != nil {
			return failed(err)
		}
		if photo, err = w.Photos().Put(ctx, photo); err != nil {
			return failed(err)
		}
		*out = PhotoTaken{Photo: photo.ID, Procedure: photo.Procedure, Derived: len(photo.Derived), Version: photo.Version}
		if photo.Retracted != "" {
			site, err := w.strictest(ctx)
			if err != nil {
				return failed(err)
			}
			if out.Swept, err = w.sweep(ctx, site, photo.Patient); err != nil {
				return failed(err)
			}
		}
		return recorded("encounter.photo-changed", encounter.PhotoChanged{Photo: photo.ID, Action: name, Procedure: photo.Procedure})
	})
}

// Photos are the photographs of a patient.
type Photos struct {
	Photos  []encounter.Photo
	Pairs   []encounter.Pair                          // before and after each treatment
	Orphans []glabella.PhotoID                        // that document no treatment, although they could
	Missing map[glabella.ProcedureID][]encounter.Shot // standard photographs from before each treatment that were not taken
}

// PatientPhotos returns the photographs of a patient, paired around treatments.
func (p *Practice) PatientPhotos(ctx context.Context, actor glabella.Actor, id glabella.PatientID) (Photos, error) {
	return query(ctx, p, actor, access.PhotoRead, id, func(ctx context.Context, r *storage.Reading) (Photos, error) {
		who, err := personOf(ctx, r.Merges(), id)
		if err != nil {
			return Photos{}, err
		}
		photos, err := photosOf(ctx, who, r.Photos())
		if err != nil {
			return Photos{}, err
		}
		visits, err := visitsOf(ctx, who, r.Encounters())
		if err != nil {
			return Photos{}, err
		}
		out := Photos{Photos: photos, Missing: map[glabella.ProcedureID][]encounter.Shot{}}
		var treated []encounter.Treated
		for _, v := range visits {
			for _, proc := range v.Procedures {
				regions := proc.Record.Regions()
				treated = append(treated, encounter.Treated{Procedure: proc.ID, At: proc.PerformedAt, Regions: regions})
				of := slices.DeleteFunc(slices.Clone(photos), func(photo encounter.Photo) bool { return photo.Procedure != proc.ID })
				if missing := encounter.MissingShots(of, encounter.StageBefore, encounter.StandardShots(regions)); len(missing) > 0 {
					out.Missing[proc.ID] = missing
				}
			}
		}
		out.Pairs, out.Orphans = encounter.PairPhotos(photos, treated), encounter.OrphanPhotos(photos, visits)
		return out, nil
	})
}

// OpenPhoto is the question of [Practice.OpenPhoto].
type OpenPhoto struct {
	Photo glabella.PhotoID
	Kind  encounter.DerivativeKind // empty is the original, as the camera made it
}

// OpenPhoto opens the picture of a photograph, or the original, which holds the
// camera's metadata and is an action of its own. The access is journaled before
// the picture is handed out; the caller closes it.
func (p *Practice) OpenPhoto(ctx context.Context, actor glabella.Actor, q OpenPhoto) (io.ReadSeekCloser, error) {
	action := access.PhotoRead
	if q.Kind == "" {
		action = access.PhotoOriginal
	}
	if p.blobs == nil {
		return nil, glabella.Invalid("photo", glabella.Issue{Path: "/photo", Code: CodeNoBlobs, Text: "the practice has no place for photographs"})
	}
	digest, err := query(ctx, p, actor, action, glabella.PatientID{}, func(ctx context.Context, r *storage.Reading) (storage.BlobDigest, error) {
		photo, err := r.Photos().Get(ctx, q.Photo)
		if err != nil {
			return "", err
		}
		r.Concerns(photo.Patient)
		if q.Kind == "" {
			return storage.BlobDigest(photo.Original.Digest), nil
		}
		d, ok := photo.Derivative(q.Kind)
		if !ok {
			return "", glabella.Invalid("photo", glabella.Issue{Path: "/kind", Code: CodePhotoNoDerivative, Text: "there is no such picture of the photograph"})
		}
		return storage.BlobDigest(d.Digest), nil
	})
	if err != nil {
		return nil, err
	}
	return p.blobs.Open(ctx, digest)
}

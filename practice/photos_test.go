package practice_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/glabella-ehr/glabella"
	"github.com/glabella-ehr/glabella/consent"
	"github.com/glabella-ehr/glabella/encounter"
	"github.com/glabella-ehr/glabella/practice"
	"github.com/glabella-ehr/glabella/practice/practicetest"
	"github.com/glabella-ehr/glabella/quantity"
	"github.com/glabella-ehr/glabella/storage"
	"github.com/glabella-ehr/glabella/storage/memory"
	"github.com/glabella-ehr/glabella/treatment"
)

// openWithPhotos is the clinic with a place for photographs, whose templates
// demand them.
func openWithPhotos(t testing.TB) *clinic {
	t.Helper()
	k := &clock{now: opening}
	b := memory.New()
	c, err := practicetest.Open(t.Context(), b, &practice.Options{Now: k.Now, Blobs: memory.NewBlobs()})
	if err != nil {
		t.Fatal(err)
	}
	return &clinic{Clinic: c, t: t, clock: k, backend: b}
}

// upload puts a picture of one colour into the practice's blobs.
func (c *clinic) upload(size int) storage.BlobDigest {
	c.t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, size, size/2)), nil); err != nil {
		c.t.Fatal(err)
	}
	// A comment that only the original has.
	picture := append([]byte("\xff\xd8\xff\xfe\x00\x12camera number 7 "), b.Bytes()[2:]...)
	return c.uploadBytes(picture)
}

func (c *clinic) uploadBytes(b []byte) storage.BlobDigest {
	c.t.Helper()
	blob := storage.Blob{Digest: storage.BlobDigestOf(b), Size: int64(len(b))}
	if err := storage.PutBlob(c.t.Context(), c.Blobs(), blob, bytes.NewReader(b)); err != nil {
		c.t.Fatal(err)
	}
	return blob.Digest
}

func TestPhotographsOfATreatment(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	v := must[practicetest.Visit](t)(c.Prepare(ctx, 1))
	take := practice.TakePhoto{Patient: v.Patient, Encounter: v.Encounter, View: treatment.PhotoFront, Pose: encounter.PoseFrown, Stage: encounter.StageBefore, Regions: []string{"glabella"},
		Device: "camera-7", Digest: c.upload(2000), TakenAt: opening.Add(-time.Minute)}
	before := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, take))
	if before.Procedure.IsZero() || before.Derived != 2 {
		t.Fatalf("the photograph is not bound to the treatment that it shows, or has no derivatives: %+v", before)
	}
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	c.clock.advance(14 * 24 * time.Hour)
	follow := take
	follow.Encounter, follow.Stage, follow.TakenAt, follow.Digest = glabella.EncounterID{}, encounter.StageFollowUp, time.Time{}, c.upload(1800)
	after := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, follow))
	all := must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, v.Patient))
	want := []encounter.Pair{{Procedure: before.Procedure, Before: before.Photo, After: after.Photo, View: treatment.PhotoFront, Pose: encounter.PoseFrown, Regions: []string{"glabella"}, DaysAfter: 14, SameDevice: true}}
	if diff := cmp.Diff(want, all.Pairs); diff != "" {
		t.Errorf("pairs (-want +got):\n%s", diff)
	}
	if !slices.Equal(all.Orphans, []glabella.PhotoID{after.Photo}) || slices.Contains(all.Missing[before.Procedure], encounter.Shot{View: treatment.PhotoFront, Pose: encounter.PoseFrown}) || len(all.Missing[before.Procedure]) == 0 {
		t.Errorf("orphans %v, missing %v", all.Orphans, all.Missing)
	}
	must[practice.PhotoTaken](t)(c.BindPhoto(ctx, c.Nurse, practice.BindPhoto{Photo: after.Photo, Encounter: v.Encounter, Procedure: before.Procedure, Stage: encounter.StageFollowUp}))
	if again := must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, v.Patient)); len(again.Orphans) > 0 {
		t.Errorf("orphans after they were bound: %v", again.Orphans)
	}

	read := func(actor glabella.Actor, kind encounter.DerivativeKind) (string, error) {
		r, err := c.OpenPhoto(ctx, actor, practice.OpenPhoto{Photo: before.Photo, Kind: kind})
		if err != nil {
			return "", err
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		return string(text), err
	}
	display := must[string](t)(read(c.Nurse, encounter.DerivativeDisplay))
	original := must[string](t)(read(c.Director, ""))
	if strings.Contains(display, "camera number 7") || !strings.Contains(original, "camera number 7") {
		t.Error("the picture to look at holds what the camera wrote, or the original does not")
	}
	if _, err := read(c.Nurse, ""); !errors.Is(err, glabella.ErrDenied) {
		t.Errorf("a nurse opens the original: %v", err)
	}
	must[practice.PhotoTaken](t)(c.RetractPhoto(ctx, c.Nurse, practice.RetractPhoto{Photo: after.Photo, Reason: "blurred"}))
	if _, err := c.BindPhoto(ctx, c.Nurse, practice.BindPhoto{Photo: after.Photo, Encounter: v.Encounter}); !slices.Contains(codesOf(err), encounter.CodePhotoRetracted) {
		t.Errorf("a retracted photograph is bound: %v", err)
	}
	if gone := must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, v.Patient)); len(gone.Pairs) > 0 {
		t.Errorf("a retracted photograph is paired: %v", gone.Pairs)
	}
}

// What was photographed before it was charted is bound when it is charted.
func TestPhotographsFromBeforeAreBoundByTheChart(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	take := practice.TakePhoto{Patient: v.Patient, Encounter: v.Encounter, View: treatment.PhotoFront, Pose: encounter.PoseFrown, Stage: encounter.StageBefore, Regions: []string{"glabella"}, Digest: c.upload(64)}
	shown := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, take))
	take.Regions = []string{"thigh-front"}
	other := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, take))
	if !shown.Procedure.IsZero() {
		t.Fatal("bound before anything was charted")
	}
	procedure := must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v))).Procedure
	for _, photo := range must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, v.Patient)).Photos {
		want := map[glabella.PhotoID]glabella.ProcedureID{shown.Photo: procedure, other.Photo: {}}[photo.ID]
		if photo.Procedure != want || photo.Stage != encounter.StageBefore {
			t.Errorf("the photograph of %v is bound to %v, want %v", photo.Regions, photo.Procedure, want)
		}
	}
}

// The camera's own time counts if it says its zone and nobody gives another.
func TestPhotographsKnowWhenTheyWereTaken(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	camera := opening.Add(-time.Hour)
	picture := must[[]byte](t)(os.ReadFile(filepath.Join("..", "internal", "imaging", "testdata", "baseline.jpg")))
	for _, tt := range []struct {
		name string
		says string // of the camera
		zone string
		want time.Time
	}{
		{"with its zone", camera.In(time.FixedZone("", -6*3600)).Format("2006:01:02 15:04:05"), "-06:00", camera},
		{"without a zone", camera.Format("2006:01:02 15:04:05"), "", opening},
		{"in the future", opening.Add(time.Hour).Format("2006:01:02 15:04:05"), "+00:00", opening},
	} {
		exif := exifOf(tt.says, tt.zone)
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(exif)+2))
		taken := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, practice.TakePhoto{Patient: v.Patient, View: treatment.PhotoFront, Pose: encounter.PoseFrown,
			Stage: encounter.StageBefore, Regions: []string{"glabella"}, Digest: c.uploadBytes(slices.Concat(segment, exif, picture[2:]))}))
		for _, photo := range must[practice.Photos](t)(c.PatientPhotos(ctx, c.Nurse, v.Patient)).Photos {
			if photo.ID == taken.Photo && !photo.TakenAt.Equal(tt.want) {
				t.Errorf("%s: taken at %v, want %v", tt.name, photo.TakenAt, tt.want)
			}
		}
	}
}

// exifOf returns an Exif structure with the time of a photograph and its zone.
func exifOf(at, zone string) []byte {
	b := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00")
	entry := func(tag uint16, text string, offset uint32) {
		b = binary.BigEndian.AppendUint16(b, tag)
		b = append(b, 0, 2)
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)+1))
		b = binary.BigEndian.AppendUint32(b, offset)
	}
	b = append(b, 0, 2)
	const texts = 0x1a + 2 + 2*12 + 4
	entry(0x9003, at, texts)
	entry(0x9011, zone, texts+uint32(len(at))+1)
	b = append(b, 0, 0, 0, 0)
	return append(b, at+"\x00"+zone+"\x00"...)
}

func TestBadPhotographs(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	id := c.register()
	c.policy(func(p *encounter.ChartPolicy) { p.PhotoBytes = 2000 })
	take := practice.TakePhoto{Patient: id, View: treatment.PhotoFront, Pose: encounter.PoseRest, Stage: encounter.StageBefore, Digest: c.upload(100)}
	with := func(change func(*practice.TakePhoto)) practice.TakePhoto {
		out := take
		change(&out)
		return out
	}
	for _, tt := range []struct {
		name string
		in   practice.TakePhoto
		want glabella.Code
	}{
		{"a picture that was not uploaded", with(func(in *practice.TakePhoto) { in.Digest = storage.BlobDigestOf([]byte("nowhere")) }), practice.CodePhotoUpload},
		{"a text", with(func(in *practice.TakePhoto) { in.Digest = c.uploadBytes([]byte("not a picture at all")) }), practice.CodePhotoFormat},
		{"a picture that is too large", with(func(in *practice.TakePhoto) { in.Digest = c.upload(2500) }), practice.CodePhotoSize},
		{"a view that is none", with(func(in *practice.TakePhoto) { in.View = "sideways" }), glabella.CodeUnknownValue},
		{"a visit of another patient", with(func(in *practice.TakePhoto) { in.Encounter = c.arrive(arrival{}).Encounter }), practice.CodeOtherPatient},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			records := c.leaves(func() { _, err = c.TakePhoto(ctx, c.Nurse, tt.in) })
			if !slices.Contains(codesOf(err), tt.want) || len(records) != 1 {
				t.Errorf("err = %v, %d journal records, want %s and one", err, len(records), tt.want)
			}
		})
	}
	heic := must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, with(func(in *practice.TakePhoto) {
		in.Digest = c.uploadBytes([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	})))
	if _, err := c.OpenPhoto(ctx, c.Nurse, practice.OpenPhoto{Photo: heic.Photo, Kind: encounter.DerivativeDisplay}); !slices.Contains(codesOf(err), practice.CodePhotoNoDerivative) {
		t.Errorf("a smaller picture of an HEIC: %v", err)
	}
	added := must[practice.PhotoTaken](t)(c.AddPicture(ctx, c.Nurse, practice.AddPicture{Photo: heic.Photo, Kind: encounter.DerivativeDisplay, Digest: c.upload(300)}))
	if r := must[io.ReadSeekCloser](t)(c.OpenPhoto(ctx, c.Nurse, practice.OpenPhoto{Photo: heic.Photo, Kind: encounter.DerivativeDisplay})); added.Derived != 1 || r.Close() != nil {
		t.Errorf("after the host added a picture: %+v", added)
	}
	if _, err := c.AddPicture(ctx, c.Nurse, practice.AddPicture{Photo: heic.Photo, Kind: "poster", Digest: take.Digest}); !slices.Contains(codesOf(err), practice.CodePhotoNoDerivative) {
		t.Errorf("a picture of no kind: %v", err)
	}
	bare := open(t)
	if _, err := bare.TakePhoto(ctx, bare.Nurse, practice.TakePhoto{Patient: bare.register()}); !slices.Contains(codesOf(err), practice.CodeNoBlobs) {
		t.Errorf("a practice without a place for photographs: %v", err)
	}
}

func TestATemplateDemandsItsPhotographs(t *testing.T) {
	t.Parallel()
	c := openWithPhotos(t)
	ctx := t.Context()
	c.policy(func(p *encounter.ChartPolicy) { p.Completeness.Rules = nil })
	v := must[practicetest.Visit](t)(c.Prepare(ctx, 1))
	sign := practice.SignNote{Encounter: v.Encounter, Cosigner: staffID(c.Director)}
	_, err := c.SignNote(ctx, c.Nurse, sign)
	if diff := cmp.Diff([]glabella.Code{encounter.CodeIncompletePhotosAfter, encounter.CodeIncompletePhotosBefore}, sortedCodes(codesOf(err))); diff != "" {
		t.Errorf("without photographs (-want +got):\n%s", diff)
	}
	template, _ := treatment.BuiltIn().Latest("botulinum-toxin")
	digest := c.upload(64)
	for stage, views := range map[encounter.Stage][]treatment.PhotoView{encounter.StageBefore: template.Photos.Before, encounter.StageAfter: template.Photos.After} {
		for _, view := range views {
			must[practice.PhotoTaken](t)(c.TakePhoto(ctx, c.Nurse, practice.TakePhoto{Patient: v.Patient, Encounter: v.Encounter, View: view, Pose: encounter.PoseRest, Stage: stage, Digest: digest}))
		}
	}
	must[practice.NoteSigned](t)(c.SignNote(ctx, c.Nurse, sign))
}

func TestTheLastChartIsProposedAndCompared(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := t.Context()
	v := c.arrive(arrival{})
	if _, err := c.ProposeChart(ctx, c.Nurse, practice.ProposeChart{Patient: v.Patient, Treatment: "botulinum-toxin"}); !errors.Is(err, glabella.ErrNotFound) {
		t.Errorf("a proposal without an earlier visit: %v", err)
	}
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, practicetest.Chart(v)))
	must[practice.VisitCompleted](t)(c.CompleteVisit(ctx, c.Nurse, practice.CompleteVisit{Encounter: v.Encounter}))
	c.clock.advance(100 * 24 * time.Hour)

	// The next visit of the same patient, out of another vial.
	booked := must[practice.Booked](t)(c.BookAppointment(ctx, c.Desk, c.booking(v.Patient, c.clock.Now().Add(time.Minute))))
	visit := must[practice.CheckedIn](t)(c.CheckIn(ctx, c.Desk, practice.CheckIn{Appointment: booked.Appointment})).Encounter
	proposal := must[practice.Proposal](t)(c.ProposeChart(ctx, c.Nurse, practice.ProposeChart{Patient: v.Patient, Treatment: "botulinum-toxin"}))
	if proposal.From != v.Encounter || len(encounter.Unconfirmed(proposal.Record)) != 16 {
		t.Fatalf("proposal from %v with %d unconfirmed points", proposal.From, len(encounter.Unconfirmed(proposal.Record)))
	}
	lot := must[practice.Received](t)(c.ReceiveStock(ctx, c.Store, delivery("B2"))).Lines[0].Lot
	vial := must[practice.Opened](t)(c.OpenVial(ctx, c.Nurse, practice.OpenVial{Lot: "B2", DiluentLot: "S1", DiluentVolume: quantityOf("2.5 mL")})).Vial
	chart := practicetest.Chart(practicetest.Visit{Encounter: visit, Lot: lot, Vial: vial})
	chart.Maps, chart.Total = proposal.Record.Maps, proposal.Record.Total
	for i := range chart.Maps[0].Points {
		chart.Maps[0].Points[i].Lot, chart.Maps[0].Points[i].Vial = lot, vial
	}
	if _, err := c.ChartTreatment(ctx, c.Nurse, chart); !slices.Contains(codesOf(err), treatment.CodeUnconfirmed) {
		t.Errorf("points that nobody has confirmed: %v", err)
	}
	confirmed, err := encounter.Confirm(treatment.Record{Maps: chart.Maps}, encounter.Unconfirmed(proposal.Record)...)
	if err != nil {
		t.Fatal(err)
	}
	chart.Maps = confirmed.Maps
	chart.Maps[0].Points[0].Amount = quantityOf("6 [arb'U]{onabotulinumtoxinA}")
	chart.Total = quantityOf("66 [arb'U]{onabotulinumtoxinA}")
	chart.Acknowledge = []glabella.Code{treatment.CodePointAmount, treatment.CodeRegionTotal}
	must[practice.ConsentRecorded](t)(c.RecordConsent(ctx, c.Nurse, practice.RecordConsent{Patient: v.Patient, Form: c.Form, Language: "en", Decision: "accepted", Encounter: visit, Signature: checkbox(c)}))
	must[practice.Charted](t)(c.ChartTreatment(ctx, c.Nurse, chart))
	compared := must[practice.MapComparison](t)(c.CompareMaps(ctx, c.Nurse, practice.CompareMaps{Before: v.Encounter, After: visit, Diagram: "face-front", DiagramVersion: 1}))
	if len(compared.Delta.Changed) != 1 || compared.Delta.Unchanged != 15 || compared.Delta.Changed[0].Difference.String() != "2 [arb'U]{onabotulinumtoxinA}" || !bytes.Contains(compared.Picture, []byte("4 → 6 U")) {
		t.Errorf("compared: %+v", compared.Delta)
	}
	c.clock.advance(time.Hour)
	if _, err := c.CompareMaps(ctx, c.Nurse, practice.CompareMaps{Before: v.Encounter, After: c.arrive(arrival{lot: "C3"}).Encounter, Diagram: "face-front", DiagramVersion: 1}); !slices.Contains(codesOf(err), practice.CodeOtherPatient) {
		t.Errorf("visits of two patients: %v", err)
	}
}

func quantityOf(s string) quantity.Quantity { return quantity.MustParse(s) }

func checkbox(c *clinic) *consent.Signature {
	return &consent.Signature{Method: consent.Checkbox, By: consent.SignerPatient, At: c.clock.Now()}
}

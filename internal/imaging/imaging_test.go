package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// photograph is a JPEG, red on the left and blue on the right, with an Exif
// segment that says which way is up and where it was taken.
func photograph(t testing.TB, w, h, orientation int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, uint16(orientation))
	tiff = append(tiff, 0, 0, 0, 0, 0, 0)
	exif := append([]byte("Exif\x00\x00"), tiff...)
	exif = append(exif, "GPS 30.2672N 97.7431W Fictional Camera"...)
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2))...)
	return append(append([]byte{0xff, 0xd8}, append(segment, exif...)...), b.Bytes()[2:]...)
}

func TestADerivativeIsUprightSmallAndBare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		orientation   int
		width, height int
		red           image.Point // a place that is red once it is upright
	}{
		{1, 100, 50, image.Pt(10, 25)}, {2, 100, 50, image.Pt(90, 25)}, {3, 100, 50, image.Pt(90, 25)}, {4, 100, 50, image.Pt(10, 25)},
		{5, 50, 100, image.Pt(25, 10)}, {6, 50, 100, image.Pt(25, 10)}, {7, 50, 100, image.Pt(25, 90)}, {8, 50, 100, image.Pt(25, 90)}, {0, 100, 50, image.Pt(10, 25)}, {9, 100, 50, image.Pt(10, 25)},
	} {
		original := photograph(t, 400, 200, tt.orientation)
		got, w, h, err := Derive(bytes.NewReader(original), 100)
		if err != nil || w != tt.width || h != tt.height {
			t.Fatalf("orientation %d: %d × %d, %v, want %d × %d", tt.orientation, w, h, err, tt.width, tt.height)
		}
		img, err := jpeg.Decode(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, b, _ := img.At(tt.red.X, tt.red.Y).RGBA(); r < b {
			t.Errorf("orientation %d: %v is not red", tt.orientation, tt.red)
		}
		for _, trace := range []string{"Exif", "GPS", "Fictional Camera"} {
			if strings.Contains(string(got), trace) {
				t.Errorf("orientation %d: the derivative says %q", tt.orientation, trace)
			}
		}
		info, err := Sniff(bytes.NewReader(original))
		if want := (Info{"image/jpeg", 4 * tt.width, 4 * tt.height}); err != nil || info != want {
			t.Errorf("orientation %d: Sniff = %+v, %v, want %+v", tt.orientation, info, err, want)
		}
	}
}

func TestASmallPictureStaysAsLargeAsItIs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	clear := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	if err := png.Encode(&b, clear); err != nil {
		t.Fatal(err)
	}
	got, w, h, err := Derive(bytes.NewReader(b.Bytes()), 100)
	if err != nil || w != 3 || h != 2 {
		t.Fatalf("%d × %d, %v", w, h, err)
	}
	img, err := jpeg.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := img.At(1, 1).RGBA(); r < 0xf000 {
		t.Error("what is transparent is not white")
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	t.Parallel()
	bomb := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\x00\xff\xff\xff\x00\x08\x02\x00\x00\x00")
	whole := photograph(t, 40, 20, 1)
	for name, text := range map[string][]byte{"nothing": nil, "a text": []byte("not a picture at all"), "half a header": whole[:20], "half a picture": whole[:len(whole)/2], "a picture that fills the memory": bomb} {
		if _, _, _, err := Derive(bytes.NewReader(text), 100); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if info, err := Sniff(bytes.NewReader([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"))); err != nil || info.MediaType != "image/heic" {
		t.Errorf("an HEIC: %+v, %v", info, err)
	}
}

func FuzzSniff(f *testing.F) {
	f.Add(photograph(f, 8, 4, 6))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := Sniff(bytes.NewReader(b))
		if err == nil && info.MediaType == "" {
			t.Error("a picture of no kind")
		}
		if n := orientation(bytes.NewReader(b)); n < 0 || n > 8 {
			t.Errorf("orientation %d", n)
		}
	})
}

package imaging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// traces are what cameras and programs leave in a photograph.
var traces = []string{
	"GPSLatitude", "2026:11:03", "-06:00", "Fictional Camera", "Model Nobody", "thumbnail of a face", "dc:creator", "By-line of Nobody", "a comment", "display of fiction", "MPF", "a second picture", "Software",
}

// exifOf is an Exif structure with a place, a time, a camera and a thumbnail.
func exifOf(order binary.AppendByteOrder, orientation int) []byte {
	const ifd0, exif, gps, data = 8, 8 + 2 + 5*12 + 4, 8 + 2 + 5*12 + 4 + 2 + 2*12 + 4, 8 + 2 + 5*12 + 4 + 2 + 2*12 + 4 + 2 + 12 + 4
	var pool []byte
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, ifd0)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), count), value)
	}
	text := func(tag uint16, s string) {
		entry(tag, typeASCII, uint32(len(s)+1), uint32(data+len(pool)))
		pool = append(append(pool, s...), 0)
	}
	b = order.AppendUint16(b, 5)
	text(tagMake, "Fictional Camera")
	text(tagModel, "Model Nobody\x01")
	b = order.AppendUint16(order.AppendUint16(b, tagOrientation), typeShort)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint32(b, 1), uint16(orientation)), 0)
	entry(tagExif, 4, 1, exif)
	entry(tagGPS, 4, 1, gps)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 2)
	text(tagTakenAt, "2026:11:03 09:30:00")
	text(tagTakenAtOffset, "-06:00")
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	text(2, "GPSLatitude 30.2672") // any entry of the directory of a place
	b = order.AppendUint32(b, 0)
	return append(append(b, pool...), "thumbnail of a face"...)
}

func segmentOf(marker byte, payload string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2)), payload...)
}

// chatty is a JPEG with every kind of metadata around a picture.
func chatty(t testing.TB, bare []byte, orientation int) []byte {
	t.Helper()
	if !bytes.HasPrefix(bare, []byte{0xff, 0xd8}) {
		t.Fatal("not a JPEG")
	}
	out := []byte{0xff, 0xd8}
	for _, s := range [][]byte{
		segmentOf(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x03thumbnail of a face"),
		segmentOf(0xe1, exifHeader+string(exifOf(binary.BigEndian, orientation))),
		segmentOf(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='30' dc:creator='Nobody'/>"),
		segmentOf(0xe2, "ICC_PROFILE\x00\x01\x01display of fiction"), segmentOf(0xe2, "MPF\x00"), segmentOf(0xed, "Photoshop 3.0\x008BIM By-line of Nobody"),
		segmentOf(0xfe, "a comment"), segmentOf(0xec, "Ducky Software"), {0xff, 0xff, 0xff}, segmentOf(0xe5, "Software")[1:],
	} {
		out = append(out, s...)
	}
	out = append(out, bare[2:]...)
	return append(out, "a second picture with GPSLatitude"...)
}

func chunkOf(kind, data string) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	b = append(b, data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// chattyPNG is a PNG with metadata before and after its picture.
func chattyPNG(t testing.TB, orientation int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 9, 5))
	for y := range 5 {
		for x := range 9 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(25 * x), uint8(40 * y), 77, uint8(255 - x)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 12 + 13
	out := append([]byte(nil), b.Bytes()[:header]...)
	out = append(out, chunkOf("iCCP", "display of fiction\x00\x00")...)
	out = append(out, chunkOf("eXIf", string(exifOf(binary.LittleEndian, orientation)))...)
	out = append(out, chunkOf("tIME", "\x07\xea\x0b\x03\x09\x1e\x00")...)
	out = append(out, chunkOf("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00<x exif:GPSLatitude='30' dc:creator='Nobody'/>")...)
	out = append(out, b.Bytes()[header:b.Len()-12]...)
	out = append(out, chunkOf("tEXt", "Comment\x00a comment")...)
	out = append(out, chunkOf("zTXt", "Software\x00\x00")...)
	out = append(out, chunkOf("prVt", "By-line of Nobody")...)
	out = append(out, b.Bytes()[b.Len()-12:]...)
	return append(out, "a second picture with GPSLatitude"...)
}

func strip(t testing.TB, in []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Strip(&out, bytes.NewReader(in)); err != nil {
		t.Fatalf("Strip: %v", err)
	}
	return out.Bytes()
}

// pixels decodes a picture.
func pixels(t testing.TB, in []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func samePixels(a, b image.Image) error {
	if a.Bounds() != b.Bounds() || a.ColorModel() != b.ColorModel() {
		return fmt.Errorf("%v %T and %v %T", a.Bounds(), a, b.Bounds(), b)
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return fmt.Errorf("at %d, %d: %v and %v", x, y, a.At(x, y), b.At(x, y))
			}
		}
	}
	return nil
}

// pictures are photographs of every form that Strip reads.
func pictures(t testing.TB, orientation int) map[string][]byte {
	t.Helper()
	file := func(name string) []byte {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var encoded bytes.Buffer
	gray := image.NewGray(image.Rect(0, 0, 33, 17))
	for i := range gray.Pix {
		gray.Pix[i] = byte(i * 7)
	}
	if err := jpeg.Encode(&encoded, gray, nil); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"baseline":    chatty(t, file("baseline.jpg"), orientation),
		"progressive": chatty(t, file("progressive.jpg"), orientation),
		"gray":        chatty(t, encoded.Bytes(), orientation),
		"PNG":         chattyPNG(t, orientation),
	}
}

func TestStripLeavesPixelsAndOrientationOnly(t *testing.T) {
	t.Parallel()
	for _, orientation := range []int{1, 3, 6, 8} {
		for name, original := range pictures(t, orientation) {
			for _, trace := range []string{"GPSLatitude", "Fictional Camera", "display of fiction", "a second picture"} {
				if !bytes.Contains(original, []byte(trace)) {
					t.Fatalf("%s: the original has no %q to begin with", name, trace)
				}
			}
			got := strip(t, original)
			for _, trace := range traces {
				if bytes.Contains(got, []byte(trace)) {
					t.Errorf("%s: %q is left", name, trace)
				}
			}
			if err := samePixels(pixels(t, original), pixels(t, got)); err != nil {
				t.Errorf("%s: other pixels: %v", name, err)
			}
			want := Metadata{Orientation: orientation}
			if orientation == 1 {
				want.Orientation = 0 // is as it is without
			}
			if m, err := ReadMetadata(bytes.NewReader(got)); m != want || err != nil {
				t.Errorf("%s: metadata %+v, %v, want %+v", name, m, err, want)
			}
			if again := strip(t, got); !bytes.Equal(again, got) {
				t.Errorf("%s: a photograph that was stripped changes when it is stripped again", name)
			}
			before, err := Sniff(bytes.NewReader(original))
			if err != nil {
				t.Fatal(err)
			}
			if after, err := Sniff(bytes.NewReader(got)); after != before || err != nil {
				t.Errorf("%s: it was %+v and is %+v, %v", name, before, after, err)
			}
		}
	}
}

func TestStripKeepsHowColoursAreEncoded(t *testing.T) {
	t.Parallel()
	adobe := "Adobe\x00\x64\x00\x00\x00\x00\x01"
	got := strip(t, chatty(t, append(append([]byte{0xff, 0xd8}, segmentOf(0xee, adobe+"Software")...), pictures(t, 1)["gray"][2:]...), 1))
	if !bytes.Contains(got, segmentOf(0xee, adobe)) || bytes.Contains(got, []byte("Software")) {
		t.Error("the transform of colours is lost, or more than it is kept")
	}
}

// Coded data hold bytes that look like markers, and markers that are theirs.
func TestStripKeepsCodedData(t *testing.T) {
	t.Parallel()
	in := "\xff\xd8" + string(segmentOf(0xda, "scan")) + "a\xff\x00\xd9b\xff\xd0c\xff\xd7" + string(segmentOf(0xda, "another")) + "\xff\x00\xff\xd9"
	if got := strip(t, []byte(in+"a film")); string(got) != in {
		t.Errorf("Strip = %q, want %q", got, in)
	}
	hidden := strings.Replace(in, string(segmentOf(0xda, "another")), string(segmentOf(0xfe, "GPSLatitude"))+string(segmentOf(0xda, "another")), 1)
	if got := strip(t, []byte(hidden)); string(got) != in {
		t.Errorf("a comment between scans: Strip = %q, want %q", got, in)
	}
}

func TestReadMetadata(t *testing.T) {
	t.Parallel()
	want := Metadata{TakenAt: time.Date(2026, time.November, 3, 15, 30, 0, 0, time.UTC), Zoned: true, Orientation: 6, Make: "Fictional Camera", Model: "Model Nobody", HasGPS: true}
	for name, original := range pictures(t, 6) {
		got, err := ReadMetadata(bytes.NewReader(original))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	app1 := func(tiff []byte) []byte {
		return append(append([]byte{0xff, 0xd8}, segmentOf(0xe1, exifHeader+string(tiff))...), segmentOf(0xda, "")...)
	}
	unzoned := bytes.Replace(exifOf(binary.LittleEndian, 1), []byte("-06:00"), []byte("\x00     "), 1)
	for _, tt := range []struct {
		name string
		in   []byte
		want Metadata
	}{
		{"a time without an offset", app1(unzoned), Metadata{TakenAt: time.Date(2026, time.November, 3, 9, 30, 0, 0, time.UTC), Orientation: 1, Make: "Fictional Camera", Model: "Model Nobody", HasGPS: true}},
		{"an orientation that is none", app1(bareExif(9)), Metadata{}},
		{"a structure of no byte order", app1([]byte("XX*\x00\x00\x00\x00\x08\x00\x01")), Metadata{}},
		{"a directory beyond the end", app1([]byte("II*\x00\xff\xff\xff\xff")), Metadata{}},
		{"a place in XMP alone", append(append([]byte{0xff, 0xd8}, segmentOf(0xe1, "http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='30'/>")...), segmentOf(0xda, "")...), Metadata{HasGPS: true}},
		{"none", append([]byte{0xff, 0xd8}, segmentOf(0xda, "")...), Metadata{}},
	} {
		got, err := ReadMetadata(bytes.NewReader(tt.in))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
}

func TestAPhotographThatEndsEarlyIsRefusedWhereverItEnds(t *testing.T) {
	t.Parallel()
	for name, original := range pictures(t, 6) {
		whole := len(original) - len("a second picture with GPSLatitude")
		for n := range whole {
			if err := Strip(io.Discard, bytes.NewReader(original[:n])); !errors.Is(err, ErrFormat) {
				t.Fatalf("%s: cut at %d of %d: %v", name, n, whole, err)
			}
			if _, err := ReadMetadata(bytes.NewReader(original[:n])); err != nil && !errors.Is(err, ErrFormat) {
				t.Fatalf("%s: cut at %d of %d: %v", name, n, whole, err)
			}
		}
	}
}

func TestStripRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	header := pngSignature + string(chunkOf("IHDR", strings.Repeat("\x00", 13)))
	for name, in := range map[string]string{
		"a text":                          "not a picture at all",
		"an HEIC":                         "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
		"a JPEG without a picture":        "\xff\xd8\xff\xd9 and more",
		"a segment of no size":            "\xff\xd8\xff\xe1\x00\x01\xff\xd9 ",
		"bytes between segments":          "\xff\xd8" + string(segmentOf(0xfe, "x")) + "y\xff\xd9",
		"a second beginning":              "\xff\xd8\xff\xd8\xff\xda\x00\x02\xff\xd9",
		"a PNG that begins with its end":  pngSignature + string(chunkOf("IEND", "")),
		"a PNG with two headers":          header + string(chunkOf("IHDR", strings.Repeat("\x00", 13))),
		"a PNG whose end is not empty":    header + string(chunkOf("IEND", "GPSLatitude")),
		"a PNG with a chunk from nowhere": header + string(chunkOf("ABCD", "GPSLatitude")) + string(chunkOf("IEND", "")),
		"a PNG of impossible size":        header + "\xff\xff\xff\xfftEXt",
	} {
		if err := Strip(io.Discard, strings.NewReader(in)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStripGivesTheErrorsOfReadersAndWriters(t *testing.T) {
	t.Parallel()
	broken := errors.New("the line is broken")
	for name, original := range pictures(t, 1) {
		if err := Strip(io.Discard, io.MultiReader(bytes.NewReader(original[:len(original)/2]), failing{broken})); !errors.Is(err, broken) || errors.Is(err, ErrFormat) {
			t.Errorf("%s: a reader that fails: %v", name, err)
		}
		if err := Strip(failing{broken}, bytes.NewReader(original)); !errors.Is(err, broken) {
			t.Errorf("%s: a writer that fails: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzStrip(f *testing.F) {
	for _, original := range pictures(f, 6) {
		f.Add(original)
		f.Add(original[:len(original)/2])
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if _, err := ReadMetadata(bytes.NewReader(in)); err != nil && !errors.Is(err, ErrFormat) {
			t.Fatalf("ReadMetadata: %v", err)
		}
		var out bytes.Buffer
		if err := Strip(&out, bytes.NewReader(in)); err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("Strip: %v", err)
			}
			return
		}
		if m, err := ReadMetadata(bytes.NewReader(out.Bytes())); err == nil && (m != Metadata{Orientation: m.Orientation}) {
			t.Errorf("what is left says %+v", m)
		}
		if again := strip(t, out.Bytes()); !bytes.Equal(again, out.Bytes()) {
			t.Error("stripping again changes it")
		}
		if info, err := Sniff(bytes.NewReader(in)); err != nil || info.Width*info.Height > 1<<20 {
			return
		}
		before, _, err := image.Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		after, _, err := image.Decode(bytes.NewReader(out.Bytes()))
		if err != nil {
			t.Fatalf("what is left is not a picture: %v", err)
		}
		if err := samePixels(before, after); err != nil {
			t.Error(err)
		}
	})
}

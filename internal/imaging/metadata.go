package imaging

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// Metadata is what a camera wrote into a photograph and a clinic may want to know.
type Metadata struct {
	TakenAt     time.Time // zero if it is not said; in UTC if the camera's offset is not
	Zoned       bool      // whether the camera said its offset from UTC
	Orientation int       // 1 to 8; 0 if it is not said
	Make, Model string    // of the camera, at most 64 bytes each
	HasGPS      bool      // whether it says where it was taken
}

// Tags of Exif 2.32, tables 3 to 5 and 12.
const (
	tagMake           = 0x010f
	tagModel          = 0x0110
	tagOrientation    = 0x0112
	tagExif           = 0x8769
	tagGPS            = 0x8825
	tagTakenAt        = 0x9003 // DateTimeOriginal
	tagTakenAtOffset  = 0x9011 // OffsetTimeOriginal
	typeASCII         = 2
	typeShort         = 3
	maxText           = 64
	maxSegments       = 4096
	exifHeader        = "Exif\x00\x00"
	pngSignature      = "\x89PNG\r\n\x1a\n"
	maxExifInPNG      = 1 << 16
	xmpPlace          = "GPSLatitude"
	markerStartOfScan = 0xda
	markerEnd         = 0xd9
)

// ReadMetadata reads what the camera wrote into a JPEG or PNG. Metadata that are
// broken or missing are left out; a photograph that is neither, or that ends
// before its picture begins, is an error that wraps [ErrFormat].
func ReadMetadata(r io.Reader) (Metadata, error) {
	var m Metadata
	br := bufio.NewReader(r)
	head, err := br.Peek(len(pngSignature))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return m, err
	case bytes.HasPrefix(head, []byte{0xff, 0xd8}):
		err = m.readJPEG(br)
	case string(head) == pngSignature:
		err = m.readPNG(br)
	default:
		return m, fmt.Errorf("%w: neither a JPEG nor a PNG", ErrFormat)
	}
	return m, err
}

func (m *Metadata) readJPEG(br *bufio.Reader) error {
	if _, err := br.Discard(2); err != nil {
		return early(err)
	}
	buf := make([]byte, 1<<16)
	for range maxSegments {
		marker, err := nextMarker(br)
		if err != nil {
			return err
		}
		if marker == markerStartOfScan {
			return nil
		}
		payload, err := segment(br, marker, buf)
		if err != nil {
			return err
		}
		if marker == 0xe1 {
			m.add(payload)
		}
	}
	return fmt.Errorf("%w: too many segments", ErrFormat)
}

// add takes up an APP1 segment, which is Exif or XMP.
func (m *Metadata) add(payload []byte) {
	if tiff, ok := bytes.CutPrefix(payload, []byte(exifHeader)); ok {
		m.addTIFF(tiff)
	} else if bytes.Contains(payload, []byte(xmpPlace)) {
		m.HasGPS = true
	}
}

func (m *Metadata) readPNG(br *bufio.Reader) error {
	if _, err := br.Discard(len(pngSignature)); err != nil {
		return early(err)
	}
	for range maxSegments {
		size, kind, err := chunk(br)
		if err != nil {
			return err
		}
		if kind == "IEND" {
			return nil
		}
		held := int64(0)
		if kind == "eXIf" || kind == "iTXt" {
			data, err := io.ReadAll(io.LimitReader(br, min(size, maxExifInPNG)))
			if err != nil {
				return err
			}
			if held = int64(len(data)); kind == "eXIf" {
				m.addTIFF(data)
			} else if bytes.Contains(data, []byte(xmpPlace)) {
				m.HasGPS = true
			}
		}
		if _, err := io.CopyN(io.Discard, br, size-held+4); err != nil { // 4 bytes are the checksum
			return early(err)
		}
	}
	return nil // what comes after so many chunks is the picture's
}

// early says that a photograph ends early, or why it cannot be read on.
func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrFormat)
	}
	return err
}

// nextMarker reads a JPEG marker with the bytes that fill up to it.
func nextMarker(br *bufio.Reader) (byte, error) {
	b, err := br.ReadByte()
	if err == nil && b != 0xff {
		return 0, fmt.Errorf("%w: a segment does not begin with a marker", ErrFormat)
	}
	for err == nil && b == 0xff {
		b, err = br.ReadByte()
	}
	if err != nil {
		return 0, early(err)
	}
	return b, nil
}

// segment reads the payload of a JPEG segment that has one, into buf.
func segment(br *bufio.Reader, marker byte, buf []byte) ([]byte, error) {
	if marker < 0xc0 || marker >= 0xd0 && marker <= markerEnd {
		return nil, fmt.Errorf("%w: marker %#x before the picture", ErrFormat, marker)
	}
	var size [2]byte
	if _, err := io.ReadFull(br, size[:]); err != nil {
		return nil, early(err)
	}
	n := int(binary.BigEndian.Uint16(size[:])) - 2
	if n < 0 {
		return nil, fmt.Errorf("%w: a segment of negative size", ErrFormat)
	}
	if _, err := io.ReadFull(br, buf[:n]); err != nil {
		return nil, early(err)
	}
	return buf[:n], nil
}

// chunk reads the size and the type of a PNG chunk.
func chunk(br *bufio.Reader) (size int64, kind string, err error) {
	var head [8]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return 0, "", early(err)
	}
	size = int64(binary.BigEndian.Uint32(head[:]))
	if size > 1<<31-1 {
		return 0, "", fmt.Errorf("%w: a chunk of impossible size", ErrFormat)
	}
	return size, string(head[4:]), nil
}

// addTIFF takes up a TIFF structure, as Exif is.
func (m *Metadata) addTIFF(b []byte) {
	t := tiff{data: b}
	if len(b) < 8 {
		return
	}
	switch string(b[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return
	}
	var exif, gps uint32
	t.directory(t.order.Uint32(b[4:]), func(tag, kind uint16, count uint32, value []byte) {
		switch tag {
		case tagMake:
			m.Make = t.text(kind, count, value)
		case tagModel:
			m.Model = t.text(kind, count, value)
		case tagOrientation:
			// Of several, the first counts.
			if n := t.order.Uint16(value); m.Orientation == 0 && kind == typeShort && n >= 1 && n <= 8 {
				m.Orientation = int(n)
			}
		case tagExif:
			exif = t.order.Uint32(value)
		case tagGPS:
			gps = t.order.Uint32(value)
		}
	})
	var at, offset string
	t.directory(exif, func(tag, kind uint16, count uint32, value []byte) {
		switch tag {
		case tagTakenAt:
			at = t.text(kind, count, value)
		case tagTakenAtOffset:
			offset = t.text(kind, count, value)
		}
	})
	if taken, err := time.Parse("2006:01:02 15:04:05-07:00", at+offset); err == nil {
		m.TakenAt, m.Zoned = taken.UTC(), true
	} else if taken, err := time.Parse("2006:01:02 15:04:05", at); err == nil {
		m.TakenAt, m.Zoned = taken, false
	}
	t.directory(gps, func(uint16, uint16, uint32, []byte) { m.HasGPS = true })
}

// tiff is a TIFF structure.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// directory calls f with each entry of a directory that lies within the data.
func (t tiff) directory(at uint32, f func(tag, kind uint16, count uint32, value []byte)) {
	size := uint64(len(t.data))
	if at < 8 || uint64(at)+2 > size {
		return
	}
	for i := range uint64(t.order.Uint16(t.data[at:])) {
		entry := uint64(at) + 2 + 12*i
		if entry+12 > size {
			return
		}
		e := t.data[entry : entry+12]
		f(t.order.Uint16(e), t.order.Uint16(e[2:]), t.order.Uint32(e[4:]), e[8:])
	}
}

// text returns a value of ASCII without what cannot be printed.
func (t tiff) text(kind uint16, count uint32, value []byte) string {
	if kind != typeASCII {
		return ""
	}
	if count > 4 {
		at := uint64(t.order.Uint32(value))
		if at >= uint64(len(t.data)) {
			return ""
		}
		value = t.data[at:]
	}
	value = value[:min(uint64(count), maxText, uint64(len(value)))]
	value, _, _ = bytes.Cut(value, []byte{0})
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(value)))
}

// orientation returns the Exif orientation of a photograph, 1 to 8, and 0 where
// there is none that can be read.
func orientation(r io.Reader) int {
	m, _ := ReadMetadata(r) // what was read before an error is as good
	return m.Orientation
}

package imaging

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// Strip copies a JPEG or PNG without its metadata: Exif with place and time, XMP,
// IPTC, comments, texts, colour profiles, thumbnails, notes of the maker, and
// whatever follows the picture, such as further pictures and films. What remains
// is what a decoder needs, bit for bit, and which way is up.
//
// A photograph that is neither or that is broken is an error that wraps
// [ErrFormat]; what was written until then is to be thrown away. Strip holds one
// segment in memory at a time.
func Strip(w io.Writer, r io.Reader) error {
	br, bw := bufio.NewReader(r), bufio.NewWriter(w)
	head, err := br.Peek(len(pngSignature))
	if err != nil {
		return early(err)
	}
	switch {
	case head[0] == 0xff && head[1] == 0xd8:
		err = stripJPEG(bw, br)
	case string(head) == pngSignature:
		err = stripPNG(bw, br)
	default:
		return fmt.Errorf("%w: neither a JPEG nor a PNG", ErrFormat)
	}
	if err != nil {
		return err
	}
	return bw.Flush()
}

// bareExif is an Exif structure that says which way is up and nothing else.
func bareExif(orientation int) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(orientation))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// Errors of a bufio.Writer stay, and are returned by its Flush.

func stripJPEG(bw *bufio.Writer, br *bufio.Reader) error {
	if _, err := br.Discard(2); err != nil {
		return early(err)
	}
	bw.Write([]byte{0xff, 0xd8})
	buf := make([]byte, 1<<16)
	turned, scanned := false, false
	marker, err := nextMarker(br)
	for err == nil {
		if marker == markerEnd {
			if !scanned {
				return fmt.Errorf("%w: there is no picture in it", ErrFormat)
			}
			bw.Write([]byte{0xff, markerEnd})
			return nil
		}
		payload, fault := segment(br, marker, buf)
		if fault != nil {
			return fault
		}
		if marker == 0xe1 && !turned {
			var m Metadata
			m.add(payload)
			if turned = m.Orientation > 0; m.Orientation > 1 {
				putSegment(bw, marker, append([]byte(exifHeader), bareExif(m.Orientation)...))
			}
		} else if payload, ok := needed(marker, payload); ok {
			putSegment(bw, marker, payload)
		}
		if marker == markerStartOfScan {
			scanned = true
			marker, err = copyScan(bw, br)
		} else {
			marker, err = nextMarker(br)
		}
	}
	return err
}

func putSegment(bw *bufio.Writer, marker byte, payload []byte) {
	bw.Write([]byte{0xff, marker})
	bw.Write(binary.BigEndian.AppendUint16(nil, uint16(len(payload)+2)))
	bw.Write(payload)
}

// needed returns what a decoder needs of a segment, and false for nothing.
func needed(marker byte, payload []byte) ([]byte, bool) {
	switch {
	case marker == 0xe0: // JFIF, without its thumbnail; see ITU-T T.871, 10.1
		if !bytes.HasPrefix(payload, []byte("JFIF\x00")) {
			return nil, false
		}
		if len(payload) < 14 { // decoders go by its name even so
			return []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), true
		}
		return append(payload[:12:12], 0, 0), true
	case marker == 0xee: // how colours are encoded; see ITU-T T.872, 6.5.3
		if len(payload) < 12 || string(payload[:5]) != "Adobe" {
			return nil, false
		}
		return payload[:12], true
	default:
		return payload, marker < 0xe0 // tables, frames and scans; all above are for applications, extensions and comments
	}
}

// copyScan copies the coded data of a scan and returns the marker that ends it.
func copyScan(bw *bufio.Writer, br *bufio.Reader) (byte, error) {
	for {
		b, err := br.ReadByte()
		if err != nil {
			return 0, early(err)
		}
		if b != 0xff {
			bw.WriteByte(b)
			continue
		}
		for b == 0xff && err == nil {
			b, err = br.ReadByte()
		}
		if err != nil {
			return 0, early(err)
		}
		if b != 0 && (b < 0xd0 || b > 0xd7) { // neither a coded 0xff nor a restart
			return b, nil
		}
		bw.Write([]byte{0xff, b})
	}
}

// neededChunks are those of a PNG that pixels and their colours come from.
var neededChunks = []string{"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "cICP", "bKGD", "pHYs"}

func stripPNG(bw *bufio.Writer, br *bufio.Reader) error {
	if _, err := br.Discard(len(pngSignature)); err != nil {
		return early(err)
	}
	bw.WriteString(pngSignature)
	turned := false
	for first := true; ; first = false {
		size, kind, err := chunk(br)
		switch {
		case err != nil:
			return err
		case first != (kind == "IHDR"):
			return fmt.Errorf("%w: a PNG begins with its header, and has one", ErrFormat)
		case kind == "IEND" && size > 0:
			return fmt.Errorf("%w: the end of a PNG is empty", ErrFormat)
		case slices.Contains(neededChunks, kind):
			bw.Write(binary.BigEndian.AppendUint32(nil, uint32(size)))
			bw.WriteString(kind)
			_, err = io.CopyN(bw, br, size+4) // with the checksum
		case kind == "eXIf" && !turned:
			turned, err = turnPNG(bw, br, size)
		case kind[0]&0x20 == 0:
			return fmt.Errorf("%w: a PNG with a chunk that is not known and cannot be left out", ErrFormat)
		default:
			_, err = io.CopyN(io.Discard, br, size+4)
		}
		if err != nil {
			return early(err)
		}
		if kind == "IEND" {
			return nil
		}
	}
}

// turnPNG writes which way is up in place of an Exif chunk, if the chunk says it.
func turnPNG(bw *bufio.Writer, br *bufio.Reader, size int64) (bool, error) {
	data, err := io.ReadAll(io.LimitReader(br, min(size, maxExifInPNG)))
	if err != nil {
		return false, err
	}
	if _, err := io.CopyN(io.Discard, br, size-int64(len(data))+4); err != nil {
		return false, err
	}
	var m Metadata
	if m.addTIFF(data); m.Orientation <= 1 {
		return m.Orientation == 1, nil
	}
	exif := append([]byte("eXIf"), bareExif(m.Orientation)...)
	bw.Write(binary.BigEndian.AppendUint32(nil, uint32(len(exif)-4)))
	bw.Write(exif)
	bw.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(exif)))
	return true, nil
}

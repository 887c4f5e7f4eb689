package imaging

import (
	"encoding/binary"
	"io"
)

// orientation returns the Exif orientation of a JPEG, 1 to 8, and 0 where there is
// none that can be read. See Exif 2.32, 4.6.4: tag 0x0112 of the first directory.
func orientation(r io.Reader) int {
	var marker [4]byte
	if _, err := io.ReadFull(r, marker[:2]); err != nil || marker[0] != 0xff || marker[1] != 0xd8 {
		return 0
	}
	for range 64 { // segments before the picture itself
		if _, err := io.ReadFull(r, marker[:]); err != nil || marker[0] != 0xff || marker[1] == 0xda {
			return 0
		}
		size := int(binary.BigEndian.Uint16(marker[2:])) - 2
		if size < 0 {
			return 0
		}
		segment := make([]byte, size)
		if _, err := io.ReadFull(r, segment); err != nil {
			return 0
		}
		if marker[1] == 0xe1 && len(segment) > 6 && string(segment[:6]) == "Exif\x00\x00" {
			return tiffOrientation(segment[6:])
		}
	}
	return 0
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 0
	}
	for i := range uint64(order.Uint16(b[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > uint64(len(b)) {
			return 0
		}
		if order.Uint16(b[entry:]) == 0x0112 {
			if n := int(order.Uint16(b[entry+8:])); n >= 1 && n <= 8 {
				return n
			}
			return 0
		}
	}
	return 0
}

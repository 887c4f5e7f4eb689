// Package imaging makes smaller pictures out of photographs. What it writes holds
// pixels and nothing else: no place, camera, time or name.
package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // photographs may be PNG
	"io"
)

// MaxPixels bounds the photographs that are read: a small file can hold a picture
// that fills the memory.
const MaxPixels = 100_000_000

// ErrFormat says that a photograph is not one that can be read: not a JPEG or PNG,
// broken, or too large.
var ErrFormat = errors.New("not a picture that can be read")

// Info is what a photograph is.
type Info struct {
	MediaType     string // "image/jpeg", "image/png", "image/heic"
	Width, Height int    // as it is looked at; 0 where it cannot be read
}

// Sniff says what a photograph is, by its first bytes and not by its name. The
// pixels of an HEIC are not read.
func Sniff(r io.ReadSeeker) (Info, error) {
	head := make([]byte, 12)
	if _, err := io.ReadFull(r, head); err != nil {
		return Info{}, fmt.Errorf("%w: it ends early", ErrFormat)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Info{}, err
	}
	if string(head[4:8]) == "ftyp" {
		switch string(head[8:12]) {
		case "heic", "heix", "mif1", "msf1", "hevc":
			return Info{MediaType: "image/heic"}, nil
		}
	}
	c, format, err := image.DecodeConfig(r)
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > MaxPixels/c.Height {
		return Info{}, ErrFormat
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Info{}, err
	}
	info := Info{MediaType: "image/" + format, Width: c.Width, Height: c.Height}
	if orientation(r) >= 5 {
		info.Width, info.Height = info.Height, info.Width
	}
	_, err = r.Seek(0, io.SeekStart)
	return info, err
}

// Derive returns the photograph as a JPEG whose longer edge is at most maxEdge,
// turned upright.
func Derive(r io.ReadSeeker, maxEdge int) (jpegBytes []byte, width, height int, err error) {
	if _, err := Sniff(r); err != nil {
		return nil, 0, 0, err
	}
	turn := orientation(r)
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, 0, 0, err
	}
	src, _, err := image.Decode(r)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	out := upright(shrink(src, maxEdge), turn)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 88}); err != nil {
		return nil, 0, 0, err
	}
	size := out.Bounds().Size()
	return b.Bytes(), size.X, size.Y, nil
}

// shrink returns a picture whose longer edge is at most maxEdge; each pixel is the
// mean of those that it stands for.
func shrink(src image.Image, maxEdge int) *image.RGBA {
	from := src.Bounds()
	w, h := from.Dx(), from.Dy()
	if long := max(w, h); long > maxEdge {
		w, h = max(1, w*maxEdge/long), max(1, h*maxEdge/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := from.Min.Y+y*from.Dy()/h, from.Min.Y+(y+1)*from.Dy()/h
		for x := range w {
			x0, x1 := from.Min.X+x*from.Dx()/w, from.Min.X+(x+1)*from.Dx()/w
			var r, g, b, n uint64
			for sy := y0; sy < y1; sy++ {
				for sx := x0; sx < x1; sx++ {
					pr, pg, pb, pa := src.At(sx, sy).RGBA()
					paper := 0xffff - uint64(pa) // what shines through is white
					r, g, b, n = r+uint64(pr)+paper, g+uint64(pg)+paper, b+uint64(pb)+paper, n+1
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(b / n >> 8), 255})
		}
	}
	return out
}

// upright turns and mirrors a picture as its Exif orientation says.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	ow, oh := w, h
	if orientation >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			var tx, ty int
			switch orientation {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			default:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, src.RGBAAt(x, y))
		}
	}
	return out
}

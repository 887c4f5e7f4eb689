package r4

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
)

// MaxStreamed is how many bytes an entry of a Bundle, or a line, may have that is
// read from a stream.
const MaxStreamed = 16 << 20

// ErrTooLong says that an entry or a line of a stream has more than [MaxStreamed]
// bytes.
var ErrTooLong = errors.New("longer than an entry of a stream may be")

// ReadNDJSON reads resources, one a line. A line that is wrong comes as an error
// that says which line it is, and the next ones are read all the same; an error of
// the reader, or a line that is too long, ends the sequence. Empty lines are none.
func ReadNDJSON(r io.Reader) iter.Seq2[Resource, error] {
	return func(yield func(Resource, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, MaxStreamed)
		n := 0
		for lines.Scan() {
			n++
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			res, err := Unmarshal(lines.Bytes())
			if err != nil {
				err = fmt.Errorf("line %d: %w", n, err)
			}
			if !yield(res, err) {
				return
			}
		}
		err := lines.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = ErrTooLong
		}
		if err != nil {
			yield(nil, fmt.Errorf("line %d: %w", n+1, err))
		}
	}
}

// WriteNDJSON writes resources, one a line. It ends with the first error.
func WriteNDJSON(w io.Writer, resources iter.Seq2[Resource, error]) error {
	var buf []byte
	for r, err := range resources {
		if err != nil {
			return err
		}
		if buf, err = r.AppendJSON(buf[:0]); err != nil {
			return fmt.Errorf("%s/%s: %w", r.ResourceType(), r.ResourceID(), err)
		}
		if _, err := w.Write(append(buf, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// WriteBundle writes a Bundle with the given entries, which come after those that
// the Bundle has. It ends with the first error.
func WriteBundle(w io.Writer, b Bundle, entries iter.Seq2[BundleEntry, error]) error {
	own := b.Entry
	b.Entry = nil
	buf, err := b.AppendJSON(nil)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	_, _ = out.Write(buf[:len(buf)-1]) // the error comes again with Flush
	n := 0
	add := func(e BundleEntry) error {
		if buf, err = finish(nil, e.appendTo(buf[:0])); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
		between := ","
		if n == 0 {
			between = `,"entry":[`
		}
		n++
		_, _ = out.WriteString(between)
		_, err := out.Write(buf)
		return err
	}
	for _, e := range own {
		if err := add(e); err != nil {
			return err
		}
	}
	for e, err := range entries {
		if err == nil {
			err = add(e)
		}
		if err != nil {
			return err
		}
	}
	if n > 0 {
		_ = out.WriteByte(']')
	}
	_ = out.WriteByte('}')
	return out.Flush()
}

// ReadBundle reads a Bundle entry by entry; its memory does not grow with the
// number of entries. What the Bundle says beside its entries is in head, unless it
// is nil, once the sequence has ended without an error. The first error ends the
// sequence.
func ReadBundle(r io.Reader, head *Bundle) iter.Seq2[BundleEntry, error] {
	return func(yield func(BundleEntry, error) bool) {
		s := &splitter{r: bufio.NewReaderSize(r, 1<<16)}
		rest, stopped, err := s.bundle(func(e BundleEntry) bool { return yield(e, nil) })
		if stopped {
			return
		}
		var b Bundle
		if err == nil {
			err = b.UnmarshalJSON(rest)
		}
		if err != nil {
			yield(BundleEntry{}, err)
			return
		}
		if head != nil {
			*head = b
		}
	}
}

// splitter cuts a stream of JSON into values, by brackets and quotes.
type splitter struct {
	r   *bufio.Reader
	at  int
	buf []byte
}

func (s *splitter) fail(path, reason string) error {
	return &SyntaxError{Path: path, Offset: s.at, Reason: reason}
}

// peek returns the next byte that is not white space.
func (s *splitter) peek() (byte, error) {
	for {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c, s.r.UnreadByte()
		}
		s.at++
	}
}

// expect reads one of some bytes.
func (s *splitter) expect(path, any string) (byte, error) {
	c, err := s.peek()
	if errors.Is(err, io.EOF) || err == nil && bytes.IndexByte([]byte(any), c) < 0 {
		return 0, s.fail(path, "one of "+any+" is expected")
	}
	if err != nil {
		return 0, err
	}
	s.at++
	return s.r.ReadByte()
}

// value reads a value into s.buf, without a look at what is in it.
func (s *splitter) value(path string) error {
	s.buf = s.buf[:0]
	if _, err := s.peek(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	depth, quoted, escaped := 0, false, false
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return s.fail(path, "the document ends too early")
		}
		if err != nil {
			return err
		}
		ends := false
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
			ends = !quoted && depth == 0
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
			ends = depth == 0
		case depth == 0 && (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			return s.r.UnreadByte()
		}
		s.at++
		if s.buf = append(s.buf, c); len(s.buf) > MaxStreamed {
			return fmt.Errorf("%s: %w", path, ErrTooLong)
		}
		if ends {
			return nil
		}
	}
}

// bundle hands over the entries and returns the rest of the Bundle.
func (s *splitter) bundle(yield func(BundleEntry) bool) (rest []byte, stopped bool, err error) {
	if _, err := s.expect("Bundle", "{"); err != nil {
		return nil, false, err
	}
	met := false
	for n := 0; ; n++ {
		if c, err := s.peek(); n == 0 && c == '}' && err == nil {
			_, _ = s.r.ReadByte()
			break
		}
		if _, err := s.expect("Bundle", `"`); err != nil {
			return nil, false, err
		}
		_ = s.r.UnreadByte()
		if err := s.value("Bundle"); err != nil {
			return nil, false, err
		}
		key := string(s.buf)
		if _, err := s.expect("Bundle", ":"); err != nil {
			return nil, false, err
		}
		if key == `"entry"` {
			if met {
				return nil, false, s.fail("Bundle.entry", "given twice")
			}
			met = true
			if stopped, err := s.entries(yield); stopped || err != nil {
				return nil, stopped, err
			}
		} else {
			if err := s.value("Bundle"); err != nil {
				return nil, false, err
			}
			rest = append(append(append(append(rest, ','), key...), ':'), s.buf...)
			if len(rest) > MaxStreamed {
				return nil, false, fmt.Errorf("bundle: %w", ErrTooLong)
			}
		}
		c, err := s.expect("Bundle", ",}")
		if err != nil {
			return nil, false, err
		}
		if c == '}' {
			break
		}
	}
	if _, err := s.peek(); err == nil {
		return nil, false, s.fail("Bundle", "something follows the document")
	} else if !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	if rest == nil {
		return []byte("{}"), false, nil
	}
	rest[0] = '{'
	return append(rest, '}'), false, nil
}

func (s *splitter) entries(yield func(BundleEntry) bool) (stopped bool, err error) {
	if _, err := s.expect("Bundle.entry", "["); err != nil {
		return false, err
	}
	for n := 0; ; n++ {
		path, from := fmt.Sprintf("Bundle.entry[%d]", n), s.at
		if err := s.value(path); err != nil {
			return false, err
		}
		var e BundleEntry
		if err := unmarshal(s.buf, &e, path, New); err != nil {
			var syntax *SyntaxError
			if errors.As(err, &syntax) {
				syntax.Offset += from
			}
			return false, err
		}
		if !yield(e) {
			return true, nil
		}
		c, err := s.expect("Bundle.entry", ",]")
		if err != nil || c == ']' {
			return false, err
		}
	}
}

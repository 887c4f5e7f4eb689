package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"

	"github.com/glabella-ehr/glabella"
)

// WriteLog writes the journal as a log that can be verified without it: the
// canonical bytes of the first size entries, a line each. A size that the journal
// does not have is an error that wraps [glabella.ErrInvalid]; an entry that does
// not fit into a line or is out of order is a [*TamperError].
//
// [VerifyLog] checks such a log against a [Checkpoint] of the same size or a
// smaller one.
func WriteLog(ctx context.Context, w io.Writer, j Journal, size uint64) error {
	if err := checkSize(ctx, j, size); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	if size == 0 {
		return nil
	}
	out := bufio.NewWriterSize(w, blockSize)
	var next uint64
	for e, err := range j.Entries(ctx, 0, 0) {
		if err != nil {
			return fmt.Errorf("write log: journal entry %d: %w", next, err)
		}
		if err := sequenceFault(e.Seq, next, size); err != nil {
			return fmt.Errorf("write log: %w", err)
		}
		if seq, ok := seqOfLine(e.Bytes); !ok || seq != next || bytes.IndexByte(e.Bytes, '\n') >= 0 {
			return fmt.Errorf("write log: %w", &TamperError{Kind: Altered, Seq: next})
		}
		if _, err := out.Write(e.Bytes); err != nil {
			return fmt.Errorf("write log: %w", err)
		}
		if err := out.WriteByte('\n'); err != nil {
			return fmt.Errorf("write log: %w", err)
		}
		if next++; next == size {
			break
		}
	}
	if next < size {
		return fmt.Errorf("write log: %w", &TamperError{Kind: Truncated, Seq: next})
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

// LogReport says what [VerifyLog] has checked.
type LogReport struct {
	Report
	// Covered is the size of the largest checkpoint that the log agrees with. Lines
	// after it are in order and prove nothing yet.
	Covered uint64 `json:"covered"`
}

// VerifyLog reads a log that [WriteLog] wrote, recomputes its tree, and compares
// it with checkpoints. It needs neither the journal nor its stored hashes, keeps no
// more than some blocks of the log in memory, and does not decode the records.
//
// The error is a [*TamperError], or that of the reader or the context. A line that
// is missing, comes twice, is out of order or is no entry shows at its number. A
// line that was altered shows as [Diverged] at the first checkpoint after it: the
// more checkpoints, the closer.
func VerifyLog(ctx context.Context, r io.Reader, opts *VerifyOptions) (LogReport, error) {
	if opts == nil {
		opts = &VerifyOptions{}
	}
	v := &verification{checkpoints: sortedBySize(opts.Checkpoints), bare: true}
	if err := v.recompute(ctx, logEntries(r), math.MaxUint64, opts.Workers); err != nil {
		return LogReport{}, err
	}
	report, err := v.conclude(v.head)
	return LogReport{Report: report, Covered: v.covered}, err
}

const (
	blockSize = 1 << 18
	maxLine   = 1 << 24
)

// logEntries yields the lines of a log as entries without hashes, with the
// numbers that they state. It yields at most one error, last. The bytes of an
// entry do not change afterwards: each block is read into memory of its own.
func logEntries(r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var rest []byte // the beginning of a line whose end has not been read
		var next uint64
		size := blockSize
		for {
			block := make([]byte, size)
			n := copy(block, rest)
			m, err := io.ReadFull(r, block[n:])
			ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if err != nil && !ended {
				yield(Entry{}, err)
				return
			}
			rest = block[:n+m]
			for {
				end := bytes.IndexByte(rest, '\n')
				if end < 0 {
					break
				}
				line := rest[:end:end]
				rest = rest[end+1:]
				seq, ok := seqOfLine(line)
				if !ok {
					yield(Entry{}, &TamperError{Kind: Altered, Seq: next})
					return
				}
				if !yield(Entry{Seq: seq, Bytes: line}, nil) {
					return
				}
				next = seq + 1
			}
			switch {
			case ended && len(rest) > 0:
				yield(Entry{}, &TamperError{Kind: Truncated, Seq: next})
				return
			case ended:
				return
			case len(rest) > maxLine:
				yield(Entry{}, &TamperError{Kind: Altered, Seq: next})
				return
			}
			size = blockSize
			if len(rest) > blockSize/2 {
				size = 2*len(rest) + blockSize
			}
		}
	}
}

var linePrefix = []byte(`{"v":1,"seq":`)

// seqOfLine returns the number that an entry's canonical bytes begin with.
func seqOfLine(line []byte) (uint64, bool) {
	rest, ok := bytes.CutPrefix(line, linePrefix)
	end := bytes.IndexByte(rest, ',')
	if !ok || end <= 0 || end > 20 || rest[0] == '0' && end > 1 {
		return 0, false
	}
	var n uint64
	if end < 20 {
		for _, c := range rest[:end] {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = 10*n + uint64(c-'0')
		}
		return n, true
	}
	n, err := strconv.ParseUint(string(rest[:end]), 10, 64)
	return n, err == nil
}

// ReadLog yields the records of a log that [WriteLog] wrote. Each must be in its
// canonical form, and their numbers must follow each other from 0. Whether they
// are what was written, only [VerifyLog] can tell. It yields at most one error,
// last.
func ReadLog(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		var next uint64
		for e, err := range logEntries(r) {
			if err == nil {
				err = sequenceFault(e.Seq, next, math.MaxUint64)
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read log: %w", err))
				return
			}
			rec, err := ParseRecord(e.Bytes)
			if err != nil {
				yield(Record{}, fmt.Errorf("read log: line %d: %w", next+1, err))
				return
			}
			if !yield(rec, nil) {
				return
			}
			next++
		}
	}
}

// Gap is a run of numbers that a log does not have.
type Gap struct {
	From uint64 `json:"from"` // the first number that is missing
	To   uint64 `json:"to"`   // the number after the last
}

// Gaps returns the numbers below size that are missing from a log, such as one
// that was put together out of parts, so that somebody can look for them. Where
// [VerifyLog] stops at the first fault, Gaps reads on; order and repetition do not
// matter to it. Lines that are no entries are an error that wraps
// [glabella.ErrInvalid].
func Gaps(r io.Reader, size uint64) ([]Gap, error) {
	found := &runs{}
	for e, err := range logEntries(r) {
		var tampered *TamperError
		switch {
		case errors.As(err, &tampered):
			return nil, fmt.Errorf("gaps: %w: a line after entry %d is no entry", glabella.ErrInvalid, tampered.Seq)
		case err != nil:
			return nil, fmt.Errorf("gaps: %w", err)
		}
		if e.Seq < size {
			found.add(e.Seq)
		}
	}
	return found.missing(size), nil
}

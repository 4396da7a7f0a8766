package hr

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// keep stores the event unless its id is known, on disk first: what was answered
// survives the end of this process.
func (s *Server) keep(e Event) (known bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.byID[e.ID]; ok {
		old.Deliveries++
		return true, nil
	}
	if s.log != nil {
		line, err := json.Marshal(e)
		if err != nil {
			return false, fmt.Errorf("writing an event: %w", err)
		}
		line = append(line, '\n')
		if _, err := s.log.Write(line); err != nil {
			// Half a line must not stay in front of the next one.
			return false, errors.Join(fmt.Errorf("writing an event: %w", err), s.log.Truncate(s.size))
		}
		s.size += int64(len(line))
	}
	e.Deliveries = 1
	s.add(&e)
	return false, nil
}

func (s *Server) add(e *Event) {
	s.events = append(s.events, e)
	s.byID[e.ID] = e
}

// open replays the file, cuts off a last line without its end (it was never
// answered), and appends from there.
func (s *Server) open(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of events: %w", err)
	}
	if err := s.replay(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening events: %w", err)
	}
	if err := f.Truncate(s.size); err != nil {
		return errors.Join(fmt.Errorf("cutting an unfinished event: %w", err), f.Close())
	}
	s.log = f
	return nil
}

func (s *Server) replay(path string) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening events: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading events: %w", err)
		}
		e := &Event{Deliveries: 1}
		if err := json.Unmarshal(line, e); err != nil || e.ID == "" {
			return errors.Join(fmt.Errorf("%s line %d is no event", path, n), err)
		}
		s.add(e)
		s.size += int64(len(line))
	}
}

package directory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// record is one line of the state file: the whole of one object after a change.
type record struct {
	USN   uint64              `json:"usn"`
	DN    string              `json:"dn"`
	GUID  string              `json:"guid"`
	Attrs map[string][]string `json:"attrs"`
}

// openStore reads the state file; "" is a store in memory.
func openStore(path string) (*store, error) {
	st := &store{guids: map[string]int{}, keys: map[string]int{}, index: map[string][]int{}}
	if path == "" {
		return st, nil
	}
	lines, size, err := st.replay(path)
	if err != nil {
		return nil, err
	}
	if lines > 2*len(st.order)+1000 {
		if size, err = st.compact(path); err != nil {
			return nil, err
		}
	} else if err := os.Truncate(path, size); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cutting an unfinished line off the directory's state: %w", err)
	}
	if st.log, err = os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("opening the directory's state: %w", err)
	}
	st.size = size
	return st, nil
}

// replay reads the state file and returns how many whole lines it has and where
// they end: a last line without its end was never answered.
func (st *store) replay(path string) (lines int, size int64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("opening the directory's state: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for in := bufio.NewReader(f); ; lines++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines, size, nil
		}
		if err != nil {
			return 0, 0, fmt.Errorf("reading the directory's state: %w", err)
		}
		size += int64(len(line))
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return 0, 0, fmt.Errorf("%s line %d: %w", path, lines+1, err)
		}
		e, err := r.entry()
		if err != nil {
			return 0, 0, fmt.Errorf("%s line %d: %w", path, lines+1, err)
		}
		st.usn = max(st.usn, r.USN)
		st.publish(e)
	}
}

// compact writes one line an object, beside the file and then in its place.
func (st *store) compact(path string) (int64, error) {
	var out bytes.Buffer
	for _, e := range st.order {
		line, err := e.line()
		if err != nil {
			return 0, err
		}
		out.Write(line)
	}
	if err := os.WriteFile(path+".new", out.Bytes(), 0o600); err != nil {
		return 0, fmt.Errorf("compacting the directory's state: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return 0, fmt.Errorf("compacting the directory's state: %w", err)
	}
	return int64(out.Len()), nil
}

func (r record) entry() (*entry, error) {
	guid, err := guidBytes(r.GUID)
	if err != nil {
		return nil, err
	}
	key, err := dnKey(r.DN)
	if err != nil {
		return nil, err
	}
	e := &entry{dn: r.DN, key: key, guid: guid, attrs: r.Attrs}
	if e.created, err = strconv.ParseUint(first(r.Attrs["usncreated"]), 10, 64); err != nil {
		return nil, fmt.Errorf("reading uSNCreated: %w", err)
	}
	e.attrs["objectguid"] = []string{guid}
	return e, nil
}

func (e *entry) line() ([]byte, error) {
	r := record{DN: e.dn, GUID: guidString(e.guid), Attrs: make(map[string][]string, len(e.attrs))}
	for k, v := range e.attrs {
		if k != "objectguid" {
			r.Attrs[k] = v
		}
	}
	var err error
	if r.USN, err = strconv.ParseUint(first(e.attrs["usnchanged"]), 10, 64); err != nil {
		return nil, fmt.Errorf("reading uSNChanged: %w", err)
	}
	line, err := json.Marshal(r)
	return append(line, '\n'), err
}

// append writes the object down; what fails leaves no half line.
func (st *store) append(e *entry) error {
	if st.log == nil {
		return nil
	}
	line, err := e.line()
	if err != nil {
		return err
	}
	if _, err := st.log.Write(line); err != nil {
		// Half a line must not stay in front of the next one.
		return errors.Join(fmt.Errorf("writing the directory's state: %w", err), st.log.Truncate(st.size))
	}
	st.size += int64(len(line))
	return nil
}

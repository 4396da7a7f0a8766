package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/dialtone/dialtone/uc"
)

// progress shows orders as they go on: on a terminal a block of lines that is
// written over, elsewhere a line for each change.
type progress struct {
	out      io.Writer
	terminal bool
	shown    map[string]string // the last line of each order
	drawn    int               // lines of the block on the terminal
}

func newProgress(out io.Writer) *progress {
	return &progress{out: out, terminal: isTerminal(out), shown: map[string]string{}}
}

// update shows what changed since the last call.
func (p *progress) update(orders []uc.Order) error {
	var text strings.Builder
	var block []string
	if p.terminal {
		text.WriteString(p.erase())
	}
	for _, o := range orders {
		line := watchText(o)
		still := p.terminal && !settled(o)
		if still {
			block = append(block, line)
			continue
		}
		if p.shown[o.ID] != line {
			text.WriteString(line + "\n")
			p.shown[o.ID] = line
		}
	}
	if p.terminal {
		text.WriteString(p.draw(block))
	}
	_, err := io.WriteString(p.out, text.String())
	return err
}

// end takes the block away.
func (p *progress) end() error {
	_, err := io.WriteString(p.out, p.erase())
	return err
}

// erase goes back to the first line of the block and clears to the end.
func (p *progress) erase() string {
	if p.drawn == 0 {
		return ""
	}
	back := fmt.Sprintf("\x1b[%dA\x1b[J", p.drawn)
	p.drawn = 0
	return back
}

// draw writes the block, never higher or wider than the terminal: a line that
// wraps could not be erased.
func (p *progress) draw(lines []string) string {
	width, height := terminalSize(p.out)
	if keep := height - 2; len(lines) > keep {
		rest := len(lines) - keep + 1
		lines = append(lines[:keep-1:keep-1], fmt.Sprintf("… and %d more", rest))
	}
	var text strings.Builder
	for _, line := range lines {
		if r := []rune(line); len(r) >= width {
			line = string(r[:width-1])
		}
		text.WriteString(line + "\n")
	}
	p.drawn = len(lines)
	return text.String()
}

// terminalSize is the size of the terminal; 80 by 24 when it does not tell.
func terminalSize(out io.Writer) (width, height int) {
	width, height = 80, 24
	f, ok := out.(*os.File)
	if !ok {
		return width, height
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err == nil && size.Col > 10 && size.Row > 4 {
		width, height = int(size.Col), int(size.Row)
	}
	return width, height
}

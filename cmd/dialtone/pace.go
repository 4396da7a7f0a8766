package main

import (
	"fmt"
	"time"
)

// pace tells how fast many things go, and how long the rest will take.
type pace struct {
	total int
	began time.Time // when they were first counted
	first int       // how many were done then
	said  time.Time // when it was last told where nothing is written over
}

// sayEvery is how often a pace is told where nothing is written over.
const sayEvery = 30 * time.Second

// text says how many are done, how fast it goes, and how long the rest takes.
func (p *pace) text(done int, now time.Time) string {
	if p.began.IsZero() {
		p.began, p.said, p.first = now, now, done
	}
	text := fmt.Sprintf("%d of %d", done, p.total)
	spent := now.Sub(p.began)
	if done <= p.first || spent < time.Second {
		return text
	}
	each := spent / time.Duration(done-p.first)
	if each > time.Second {
		text += fmt.Sprintf(", %.1f a minute", time.Minute.Seconds()/each.Seconds())
	} else {
		text += fmt.Sprintf(", %.1f a second", 1/each.Seconds())
	}
	if done < p.total {
		text += fmt.Sprintf(", about %s left", span(each*time.Duration(p.total-done)))
	}
	return text
}

// due reports whether it is time to tell it again where nothing is written over.
func (p *pace) due(now time.Time) bool {
	if now.Sub(p.said) < sayEvery {
		return false
	}
	p.said = now
	return true
}

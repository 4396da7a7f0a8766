// Package examples holds the example company as files for people and, embedded,
// for `dialtone up --demo`: what it looks like, its numbers, and the people who
// join. It reads nothing but these files.
package examples

import "embed"

// FS holds catalog.yaml, numbers.csv, joiners.csv and clusters.yaml.
//
//go:embed catalog.yaml numbers.csv joiners.csv clusters.yaml
var FS embed.FS

// Package examples holds the example company as files for people and, embedded,
// for `dialtone up --demo`: what it looks like, its numbers, the people who
// join, and what happens to them later. It reads nothing but these files.
package examples

import "embed"

// FS holds catalog.yaml, numbers.csv, joiners.csv, life.csv and clusters.yaml.
//
//go:embed catalog.yaml numbers.csv joiners.csv life.csv clusters.yaml
var FS embed.FS

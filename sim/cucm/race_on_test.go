//go:build race

package cucm_test

// raceDetector makes everything several times slower: speed is not held then.
const raceDetector = true

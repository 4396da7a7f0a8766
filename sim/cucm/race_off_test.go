//go:build !race

package cucm_test

// raceDetector is off: speed is held.
const raceDetector = false

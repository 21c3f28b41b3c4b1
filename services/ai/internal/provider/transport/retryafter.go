package transport

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter reads how long a response asks to wait: milliseconds, seconds or
// a date. 0 is no wish, or none that makes sense.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil {
		return sane(ms * float64(time.Millisecond))
	}
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		return sane(seconds * float64(time.Second))
	}
	if date, err := http.ParseTime(value); err == nil {
		return sane(float64(date.Sub(now)))
	}
	return 0
}

// sane drops wishes below zero, beyond a day, and what is not a number.
func sane(d float64) time.Duration {
	if !(d > 0 && d <= float64(24*time.Hour)) {
		return 0
	}
	return time.Duration(d)
}

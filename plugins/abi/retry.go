package abi

import (
	"cmp"
	"strings"
)

// RetryOr says when a call is sent again: what the manifest gives, and the
// defaults for what it does not.
func (m Manifest) RetryOr() Retry {
	var r Retry
	if m.Retry != nil {
		r = *m.Retry
	}
	r.Attempts = cmp.Or(r.Attempts, 3)
	if r.Statuses == nil {
		r.Statuses = []int{429, 502, 503, 504}
	}
	return r
}

// headerPrefix begins a pointer to a header of an answer.
const headerPrefix = "header:/"

// HeaderPointer is the name of the header that a pointer into an answer names,
// and whether it names one.
func HeaderPointer(p string) (string, bool) { return strings.CutPrefix(p, headerPrefix) }

func (c *checker) retry() {
	r := c.m.Retry
	if r == nil || r.IdempotencyHeader == "" {
		return
	}
	at := KeyPath("retry", "idempotency_header")
	if c.headerName(at, r.IdempotencyHeader) && c.signs(strings.ToLower(r.IdempotencyHeader)) {
		c.fault("M412", at, "leave it out", "the header %s carries the credential and is set by the host", r.IdempotencyHeader)
	}
}

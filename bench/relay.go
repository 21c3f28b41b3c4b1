package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// serveRelay is the least that a program in Go puts between a reader and a stream.
func serveRelay(behind string) http.Handler {
	target, err := url.Parse(behind)
	if err != nil {
		panic(err) // it is this program's own
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		FlushInterval: -1,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Whole before it goes on: an answer that comes sooner would be cut (golang/go#40747).
		question, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(question))
		proxy.ServeHTTP(w, r)
	})
}

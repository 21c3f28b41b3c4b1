// Package pdftext owns how the text of a PDF is found. PDFs come from anybody,
// and reading one is much work that goes wrong in many ways, so a process of its
// own does it: this program, started again, which can open no file and no
// connection, has none of the platform's secrets, and is ended when it takes too
// much time, memory or room.
package pdftext

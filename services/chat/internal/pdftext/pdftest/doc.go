// Package pdftest makes PDFs for tests: whole ones, and such as do harm.
package pdftest

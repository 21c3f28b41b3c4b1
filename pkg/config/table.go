package config

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// WriteTable writes the settings of a program as a Markdown table: the
// environment name, the flag, the default and what it is for.
func WriteTable(w io.Writer, app *kong.Application) error {
	var rows []string
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok && len(flag.Envs) > 0 && !flag.Hidden {
			rows = append(rows, fmt.Sprintf("| `%s` | `--%s` | %s | %s |",
				flag.Envs[0], flag.Name, quoted(flag.Default), strings.ReplaceAll(flag.Help, "|", `\|`)))
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	_, err = fmt.Fprintf(w, "| environment | flag and file key | default | what it is for |\n|---|---|---|---|\n%s\n",
		strings.Join(rows, "\n"))
	return err
}

func quoted(value string) string {
	if value == "" {
		return ""
	}
	return "`" + value + "`"
}

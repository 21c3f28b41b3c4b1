package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

var errUsage = errors.New("usage: bom [-lock FILE]… [-modules FOLDER] NAME VERSION <FILES.tar")

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bom: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, files io.Reader, out io.Writer) error {
	var locks []string
	found := newMaterials()
	flags := flag.NewFlagSet("bom", flag.ContinueOnError)
	flags.Func("lock", "a package-lock.json whose packages are compiled into the programs", func(name string) error {
		locks = append(locks, name)
		return nil
	})
	flags.StringVar(&found.modules, "modules", "", "Go's module cache, whose modules' licences are told")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errUsage
	}
	for _, lock := range locks {
		content, err := os.ReadFile(lock)
		if err != nil {
			return err
		}
		if err := found.lock(content); err != nil {
			return fmt.Errorf("%s: %w", lock, err)
		}
	}
	digest, err := found.image(files)
	if err != nil {
		return err
	}
	return found.write(out, flags.Arg(0), flags.Arg(1), digest)
}

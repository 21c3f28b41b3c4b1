package deptest

import (
	"fmt"
	"strings"
)

// Rule says what some packages must not import, and why.
type Rule struct {
	// Name is short: it names the rule in messages and tests.
	Name string
	// Applies chooses the packages that the rule is about.
	Applies func(importPath string) bool
	// Forbids reports whether such a package must not import the other one.
	Forbids func(importPath, imported string) bool
	// Why is the reason, for the person who broke the rule.
	Why string
}

// Check returns one sentence for each import that breaks a rule.
func Check(packages []Package, rules []Rule) []string {
	var broken []string
	for _, p := range packages {
		for _, rule := range rules {
			if !rule.Applies(p.ImportPath) {
				continue
			}
			for _, imported := range p.Imports {
				if rule.Forbids(p.ImportPath, imported) {
					broken = append(broken, fmt.Sprintf("%s imports %s (%s): %s", p.ImportPath, imported, rule.Name, rule.Why))
				}
			}
		}
	}
	return broken
}

// Undocumented lists the packages without a package comment. Commands need one
// as well: it is what they say about themselves.
func Undocumented(packages []Package) []string {
	var missing []string
	for _, p := range packages {
		if strings.TrimSpace(p.Doc) == "" {
			missing = append(missing, p.ImportPath)
		}
	}
	return missing
}

// Within reports whether importPath is root or lies below it.
func Within(importPath, root string) bool {
	return importPath == root || strings.HasPrefix(importPath, root+"/")
}

// WithinAny reports whether importPath lies within one of the roots.
func WithinAny(importPath string, roots ...string) bool {
	for _, root := range roots {
		if Within(importPath, root) {
			return true
		}
	}
	return false
}

package codeassist

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"unicode"
)

const (
	// smallest is a piece below which a snippet says too little, in tokens.
	smallest = 24
	// largest keeps one snippet from taking the whole budget, as a part of it.
	largest = 2
)

// related gives the snippets that have most to do with code, the most related
// first, each cut to its best part, within a budget of tokens.
func related(code string, s Surroundings, budget int) []Snippet {
	wanted := words(code)
	type rated struct {
		Snippet
		score float64
	}
	var all []rated
	for i, snippet := range s.Snippets {
		if strings.TrimSpace(snippet.Content) == "" {
			continue
		}
		all = append(all, rated{snippet, likeness(wanted, words(snippet.Content)) + nearness(s.FilePath, snippet.FilePath) +
			0.1/float64(i+1)})
	}
	slices.SortStableFunc(all, func(a, b rated) int { return cmp.Compare(b.score, a.score) })
	var chosen []Snippet
	most := budget / largest
	for _, r := range all {
		bound := min(budget, most)
		if bound < smallest {
			break
		}
		r.Content = bestPart(r.Content, wanted, bound)
		if r.Content == "" {
			continue
		}
		budget -= tokens(r.Content) + tokens(r.FilePath)
		chosen = append(chosen, r.Snippet)
	}
	return chosen
}

// words are the identifiers of a text, in one case.
func words(text string) map[string]bool {
	found := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		if len(word) > 2 {
			found[strings.ToLower(word)] = true
		}
	}
	return found
}

// likeness is how many words two texts share, from 0 to 1.
func likeness(a, b map[string]bool) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	return float64(shared(a, b)) / float64(min(len(a), len(b)))
}

func shared(a, b map[string]bool) (n int) {
	for word := range b {
		if a[word] {
			n++
		}
	}
	return n
}

// nearness favours the same folder, and most of all a file of nearly the same
// name, such as a test or a header.
func nearness(file, other string) (score float64) {
	if file == "" || other == "" {
		return 0
	}
	if path.Dir(file) == path.Dir(other) {
		score += 0.15
	}
	if a, b := stem(file), stem(other); a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a)) {
		score += 0.25
	}
	return score
}

func stem(file string) string {
	name, _, _ := strings.Cut(strings.ToLower(path.Base(file)), ".")
	return name
}

// bestPart gives the run of lines within a bound that shares most words with
// what is wanted: all of a text that fits.
func bestPart(text string, wanted map[string]bool, bound int) string {
	if tokens(text) <= bound {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	scores := make([]int, len(lines))
	for i, line := range lines {
		scores[i] = shared(wanted, words(line))
	}
	bestFrom, bestTo, best := 0, 0, -1
	from, size, score := 0, 0, 0
	for to, line := range lines {
		size += len(line)
		score += scores[to]
		for size > room(bound) {
			size -= len(lines[from])
			score -= scores[from]
			from++
		}
		if score > best || score == best && from == bestFrom {
			best, bestFrom, bestTo = score, from, to+1
		}
	}
	return strings.Join(lines[bestFrom:bestTo], "")
}

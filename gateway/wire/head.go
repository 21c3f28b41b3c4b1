package wire

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
)

// framing is how the body after a head is delimited.
type framing struct {
	// length is the body's, if it isn't chunked.
	length  int64
	chunked bool
	// upgrade says that other bytes than HTTP may follow.
	upgrade bool
}

// fault is why a request is refused; empty if it isn't.
type fault string

const (
	faultNone    fault = ""
	faultForm    fault = "form"
	faultFraming fault = "framing"
	faultHost    fault = "host"
	faultURL     fault = "url"
	faultHead    fault = "head"
)

// framers are the fields that decide where a request ends or who it is for;
// some proxies take an underscore for a hyphen in them.
var framers = map[string]bool{
	"host": true, "content-length": true, "transfer-encoding": true, "connection": true, "upgrade": true,
	"te": true, "trailer": true, "expect": true, "proxy-connection": true, "keep-alive": true,
}

// readHead checks a request's head, which ends with an empty line.
func readHead(head []byte, maxURL int) (framing, fault) {
	lines := bytes.Split(bytes.TrimSuffix(head, []byte("\r\n\r\n")), []byte("\r\n"))
	for _, line := range lines {
		if bytes.ContainsAny(line, "\r\n\x00") {
			return framing{}, faultForm
		}
	}
	target, version, bad := readRequestLine(lines[0], maxURL)
	if bad != faultNone {
		return framing{}, bad
	}
	fields, bad := readFields(lines[1:])
	if bad != faultNone {
		return framing{}, bad
	}
	if bad = checkHost(target, version, fields["host"]); bad != faultNone {
		return framing{}, bad
	}
	return frame(version, fields)
}

func readRequestLine(line []byte, maxURL int) (target, version string, bad fault) {
	parts := strings.Split(string(line), " ")
	if len(parts) != 3 || !isToken(parts[0]) || parts[1] == "" || (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") {
		return "", "", faultForm
	}
	if len(parts[1]) > maxURL {
		return "", "", faultURL
	}
	for i := range len(parts[1]) {
		if c := parts[1][i]; c <= ' ' || c == 0x7f {
			return "", "", faultForm
		}
	}
	return parts[1], parts[2], faultNone
}

// readFields gives the values of the fields that decide about framing and host.
func readFields(lines [][]byte) (map[string][]string, fault) {
	fields := map[string][]string{}
	for _, line := range lines {
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || !isToken(name) { // a folded line begins with a space, which no token has
			return nil, faultForm
		}
		name = strings.ToLower(name)
		plain := strings.ReplaceAll(name, "_", "-")
		if !framers[plain] {
			continue
		}
		if plain != name {
			return nil, faultForm
		}
		fields[name] = append(fields[name], strings.Trim(value, " \t"))
	}
	return fields, faultNone
}

// checkHost wants one host, and in a target that names one too the same.
func checkHost(target, version string, hosts []string) fault {
	if len(hosts) > 1 || (len(hosts) == 0 && version == "HTTP/1.1") {
		return faultHost
	}
	if target[0] == '/' || target == "*" {
		return faultNone
	}
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		len(hosts) != 1 || !strings.EqualFold(u.Host, hosts[0]) {
		return faultHost
	}
	return faultNone
}

// frame wants at most one way to tell where the body ends.
func frame(version string, fields map[string][]string) (f framing, bad fault) {
	lengths, encodings := fields["content-length"], fields["transfer-encoding"]
	if len(lengths) > 1 || len(encodings) > 1 || (len(lengths) > 0 && len(encodings) > 0) {
		return f, faultFraming
	}
	if len(encodings) == 1 {
		if version != "HTTP/1.1" || !strings.EqualFold(encodings[0], "chunked") {
			return f, faultFraming
		}
		f.chunked = true
	}
	if len(lengths) == 1 {
		length, err := strconv.ParseUint(lengths[0], 10, 63)
		if err != nil {
			return f, faultFraming
		}
		f.length = int64(length)
	}
	if len(fields["upgrade"]) > 0 {
		if f.chunked || f.length > 0 {
			return f, faultFraming
		}
		f.upgrade = true
	}
	return f, faultNone
}

// isToken reports whether text is a token of RFC 9110.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return text != ""
}

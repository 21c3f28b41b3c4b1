package wire

import (
	"crypto/rand"
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/problem"
)

// refusedHeader marks requests that stand in place of refused ones. The mark is
// made anew by each process, so that nobody else can write it.
const refusedHeader = "X-Atrium-Refused"

var mark = rand.Text()

func refusedRequest(why fault) []byte {
	return []byte("GET / HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n" + refusedHeader + ": " + mark + " " + string(why) + "\r\n\r\n")
}

var (
	errForm = apperr.New(apperr.InvalidArgument, "REQUEST_MALFORMED", "The request is not well-formed HTTP.")
	errHost = apperr.New(apperr.InvalidArgument, "HOST_AMBIGUOUS", "The request must name one host, once.")
	errURL  = apperr.New(apperr.TooLarge, "URL_TOO_LONG", "The address is too long.")
	errHead = apperr.New(apperr.TooLarge, "HEADER_TOO_LARGE", "The request's header is too large.")
)

var refusals = map[fault]error{
	faultForm:    errForm,
	faultFraming: errForm.WithMessage("The request does not say in one way where it ends."),
	faultHost:    errHost, faultURL: errURL, faultHead: errHead,
}

// Middleware answers what was refused on the wire, and holds HTTP/2 requests,
// which are framed by themselves, to the rest of the rules.
func Middleware(limits Limits) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if marked, why, _ := strings.Cut(r.Header.Get(refusedHeader), " "); marked == mark {
				problem.Write(w, r, refusals[fault(why)])
				return
			}
			if err := check(r, limits); err != nil {
				problem.Write(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func check(r *http.Request, limits Limits) error {
	if len(r.RequestURI) > limits.URLBytes {
		return errURL
	}
	if r.Method == http.MethodConnect || r.Method == http.MethodTrace {
		return errForm
	}
	for name, values := range r.Header {
		name = strings.ToLower(name)
		if name == "host" && (len(values) > 1 || !strings.EqualFold(values[0], r.Host)) { // HTTP/2 has :authority for it
			return errHost
		}
		if plain := strings.ReplaceAll(name, "_", "-"); plain != name && framers[plain] {
			return errForm
		}
	}
	return nil
}

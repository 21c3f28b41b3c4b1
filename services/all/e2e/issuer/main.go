// Issuer is an OpenID Connect provider for the end-to-end tests: the example
// server of zitadel/oidc, a certified implementation, with users and clients
// of a test. It is a module of its own so that nothing of it gets into ours.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// users are those who can sign in, by their subject.
type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User { return u[id] }

func (u users) GetUserByUsername(name string) *storage.User {
	for _, user := range u {
		if user.Username == name {
			return user
		}
	}
	return nil
}

func (u users) ExampleClientID() string { return "service" }

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	issuer := flag.String("issuer", "", "the issuer's own name")
	client := flag.String("client", "atrium", "client id")
	secret := flag.String("secret", "", "the client's secret")
	callback := flag.String("callback", "", "where the client takes answers")
	file := flag.String("users", "", "JSON file with the users, by subject")
	flag.Parse()

	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	known := users{}
	if err := json.Unmarshal(text, &known); err != nil {
		return err
	}
	clients := map[string]*storage.Client{*client: storage.WebClient(*client, *secret, *callback)}
	handler := exampleop.SetupServer(*issuer, storage.NewStorageWithClients(known, clients),
		slog.New(slog.NewTextHandler(os.Stderr, nil)), false)
	server := &http.Server{Addr: *listen, Handler: handler, ReadHeaderTimeout: time.Minute}
	return server.ListenAndServe()
}

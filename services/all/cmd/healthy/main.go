// Healthy tells an orchestrator whether the program beside it in a container
// serves. Images have nothing else that could ask.
//
//	healthy port PORT        something accepts connections
//	healthy http PORT PATH   it answers 200
//	healthy file PATH        there is such a file, and something in it
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// within bounds a whole look.
const within = 3 * time.Second

var errUsage = errors.New("usage: healthy port PORT | http PORT PATH | file PATH")

func main() {
	if err := look(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "healthy: %v\n", err)
		os.Exit(1)
	}
}

func look(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "file":
		info, err := os.Stat(args[1])
		if err == nil && info.Size() == 0 {
			return fmt.Errorf("%s is empty", args[1])
		}
		return err
	case len(args) == 2 && args[0] == "port":
		conn, err := dial(args[1])
		if err != nil {
			return err
		}
		return conn.Close()
	case len(args) == 3 && args[0] == "http":
		return ask(args[1], args[2])
	}
	return errUsage
}

func dial(port string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
}

// ask is small because net/http is not.
func ask(port, path string) error {
	conn, err := dial(port)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", path); err != nil {
		return err
	}
	status, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.Contains(status, " 200 ") {
		return errors.New(strings.TrimSpace(status))
	}
	return nil
}

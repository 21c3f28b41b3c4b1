package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// slowReader opens a stream and takes nothing of it, with as little room on the
// way as the system gives.
type slowReader struct {
	conn     net.Conn
	response *http.Response
}

func (b *browser) slowly(path string) slowReader {
	b.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", b.p.port))
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(b.t, conn.(*net.TCPConn).SetReadBuffer(4096))
	request := b.request("GET", path, nil, "Accept", "text/event-stream")
	require.NoError(b.t, request.Write(conn))
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), request)
	require.NoError(b.t, err)
	require.Equal(b.t, http.StatusOK, response.StatusCode)
	return slowReader{conn, response}
}

// memory is what the platform's programs hold, in bytes.
func (p *platform) memory() (all int) {
	for _, running := range p.started {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", running.Process.Pid))
		require.NoError(p.t, err)
		for line := range strings.Lines(string(status)) {
			if kib, is := strings.CutPrefix(line, "VmRSS:"); is {
				n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(kib), " kB"))
				require.NoError(p.t, err)
				all += n << 10
			}
		}
	}
	return all
}

// Fault 21: an answer of more than a megabyte has a hundred readers who don't
// read, and one who does. This one has it whole and soon; of the others little
// is held, and they may go on where they were. When they are cut is pace's.
func TestSlowReadersHoldLittleAndHoldNobodyUp(t *testing.T) {
	const readers, most = 100, 96 << 20
	far := fakeai.New(t)
	p := startPlatform(t, "services", promptly, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+far.AnthropicURL(),
		"GOGC=25", // what is held, and not what may be given back later
		"ATRIUM_AI_MAX_TOKENS=200000", "ATRIUM_STREAMS_USER=0", "ATRIUM_REQUESTS_USER=0")
	ada := onPlan(t, p, "endless", -1, 1)
	part := strings.Repeat("🌊", 500) + "\n" // many bytes for few tokens, of which a model has a bound
	chunks := make([]string, 600)
	for i := range chunks {
		chunks[i] = strconv.Itoa(i) + part
	}
	whole := strings.Join(chunks, "")
	require.Greater(t, len(whole), 1<<20)
	attached := make(chan struct{})
	far.Answer(func(q fakeai.Question) fakeai.Script {
		if q.Last() != "At length, please." {
			return fakeai.Script{Text: "Tides"} // the conversation's title
		}
		<-attached
		return fakeai.Script{Chunks: chunks, Delay: time.Millisecond}
	})

	reading := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "At length, please."})
	begun, ok := reading.next()
	require.True(t, ok)
	stream := "/api/chat/messages/" + begun.data["assistantMessage"].(object)["id"].(string) + "/stream"
	slow := make([]slowReader, readers)
	for i := range slow {
		slow[i] = ada.slowly(stream)
	}
	before, since := p.memory(), time.Now()
	close(attached)
	events := reading.rest()
	took := time.Since(since)
	read := text(events) == whole
	require.True(t, read, "whole for whoever reads: %d of %d bytes", len(text(events)), len(whole))
	require.Equal(t, "done", events[len(events)-1].name)
	require.Less(t, took, patience/2, "nobody waits for those who don't")
	held := p.memory() - before
	require.Less(t, held, most, "a hundred copies would be %d MB", readers*len(whole)>>20)

	// One of them goes on elsewhere.
	got, err := io.ReadAll(io.LimitReader(slow[0].response.Body, 64<<10))
	require.NoError(t, err)
	require.NoError(t, slow[0].conn.Close())
	last := lastWhole(got)
	var had strings.Builder
	for _, e := range events {
		if e.name == "delta" && number(t, e.id) <= number(t, last) {
			had.WriteString(e.data["text"].(string))
		}
	}
	again := ada.open("GET", stream, nil, "Last-Event-ID", last).rest()
	read = had.String()+text(again) == whole
	require.True(t, read, "and may go on where they were")
	t.Logf("%d bytes to one reader beside %d in %s; %d MB held", len(whole), readers, took.Round(time.Millisecond), held>>20)
}

// lastWhole is the number of the last event that came whole.
func lastWhole(stream []byte) (id string) {
	for _, event := range bytes.SplitAfter(stream, []byte("\n\n")) {
		if !bytes.HasSuffix(event, []byte("\n\n")) {
			break
		}
		for line := range bytes.Lines(event) {
			if n, is := bytes.CutPrefix(line, []byte("id: ")); is {
				id = string(bytes.TrimSpace(n))
			}
		}
	}
	return id
}

func number(t *testing.T, id string) (n int) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(id), &n))
	return n
}

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// prometheus is a real one that scrapes a platform.
type prometheus struct {
	t    *testing.T
	base string
}

// scrape starts Prometheus with the alerts of deploy/prometheus, and its jobs
// at the ports of a platform of separate services.
func (p *platform) scrape(t *testing.T) prometheus {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	require.NoError(t, err, "install Debian's package prometheus")
	rules, err := filepath.Abs("../../../deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	config := "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [" + rules + "]\nscrape_configs:\n"
	for _, setting := range programsOfMetrics["services"] {
		job := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(setting, "ATRIUM_"), "METRICS_LISTEN"))
		if job == "" {
			job = "gateway_"
		}
		config += fmt.Sprintf("- {job_name: atrium-%s, static_configs: [{targets: [%q]}]}\n", strings.TrimSuffix(job, "_"), p.setting(setting))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600))
	port := freePort(t)
	ctx, end := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, "--enable-feature=exemplar-storage", "--config.file", filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", fmt.Sprintf("127.0.0.1:%d", port))
	said := &logs{}
	command.Stdout, command.Stderr = said, said
	require.NoError(t, command.Start())
	t.Cleanup(func() { end(); _ = command.Wait() })
	m := prometheus{t, fmt.Sprintf("http://127.0.0.1:%d", port)}
	eventually(t, "Prometheus is ready", func() error {
		response, err := http.Get(m.base + "/-/ready")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s", response.Status)
		}
		return nil
	}, said)
	return m
}

// get asks Prometheus' API and gives its answer's data.
func (m prometheus) get(path string, into any) error {
	response, err := http.Get(m.base + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, body)
	}
	return json.Unmarshal(body, &struct{ Data any }{into})
}

// finds reports whether an expression gives numbers.
func (m prometheus) finds(expression string) error {
	var found struct {
		Result []struct{ Value [2]any }
	}
	if err := m.get("/api/v1/query?query="+url.QueryEscape(expression), &found); err != nil {
		return err
	}
	for _, sample := range found.Result {
		if sample.Value[1] != "NaN" {
			return nil
		}
	}
	return fmt.Errorf("no data for %s", expression)
}

// leadsToTraces reports whether a histogram has exemplars with nothing but the
// ids of traces.
func (m prometheus) leadsToTraces(histogram string) error {
	var found []struct {
		Exemplars []struct{ Labels map[string]string }
	}
	now := time.Now()
	path := fmt.Sprintf("/api/v1/query_exemplars?query=%s&start=%d&end=%d", histogram, now.Add(-time.Hour).Unix(), now.Unix())
	if err := m.get(path, &found); err != nil {
		return err
	}
	for _, series := range found {
		for _, e := range series.Exemplars {
			if len(e.Labels) == 2 && len(e.Labels["trace_id"]) == 32 && len(e.Labels["span_id"]) == 16 {
				return nil
			}
		}
	}
	return fmt.Errorf("no exemplars in %v", found)
}

// pictures names the folder for pictures of the dashboards; tools/screenshots.sh
// sets it.
const pictures = "ATRIUM_DASHBOARD_PICTURES"

// picture draws the dashboards, if that is wanted, once there is something to see.
func (m prometheus) picture() {
	folder := os.Getenv(pictures)
	if folder == "" {
		return
	}
	time.Sleep(pictured)
	said, err := exec.Command("node", "../../../web/e2e/pictures/dashboards.mjs", m.base, fmt.Sprint(pictured.Seconds()), folder).CombinedOutput()
	require.NoError(m.t, err, "%s", said)
}

// pictured is how much time a picture of a dashboard shows.
const pictured = 2 * time.Minute

// metricName finds the metrics of an expression.
var metricName = regexp.MustCompile(`\b(up|[a-z]+(?:_[a-z]+)+)(?:[{\[)]| - time| >)`)

func TestDashboardsAndAlertsFindTheirMetrics(t *testing.T) {
	replicated, pair := withReplica(t)
	p := startPlatform(t, "services", append(append(withMetrics(t), replicated...), "ATRIUM_AI_DEMO_WORDS_PER_SECOND=0", "ATRIUM_RATE_LIMIT_AI=0", "ATRIUM_OTLP_ENDPOINT="+newCollector(t).URL)...)
	admin := p.administrator(t)
	m := p.scrape(t)
	ada := p.browser(t)
	ada.register("ada")
	workspace := ada.running("measured")
	editor := ada.enter(workspace)
	question := question("measured")
	restartEvery := 20
	if os.Getenv(pictures) != "" {
		restartEvery = 200 // it rests long enough to be measured
	}
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() { // so that every rate has something to rise
		defer close(ended)
		for round := 1; ; round++ {
			editor.get("/")
			if round%restartEvery == 0 {
				ada.call("POST", "/api/ide/workspaces/"+workspace+"/restart", object{})
			}
			select {
			case <-stop:
				return
			case <-time.After(250 * time.Millisecond): // below what one user may ask
			}
			ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Hello."}).rest()
			ada.call("GET", "/api/chat/conversations/none", nil)
			admin.call("GET", "/api/admin/audit", nil)
			ada.call("POST", "/api/ide/workspaces/"+workspace+"/windows/files", object{"count": 1})
			ada.must("POST", "/api/ide/ai/complete", question)
		}
	}()
	defer func() { close(stop); <-ended }()

	files, err := filepath.Glob("../../../deploy/grafana/dashboards/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var board struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		require.NoError(t, json.Unmarshal(text, &board))
		require.NotEmpty(t, board.Panels)
		for _, panel := range board.Panels {
			for _, target := range panel.Targets {
				expression := strings.ReplaceAll(target.Expr, "$__rate_interval", "20s")
				eventually(t, filepath.Base(file)+": "+panel.Title, func() error { return m.finds(expression) })
			}
		}
	}

	m.picture()

	var rules struct {
		Groups []struct {
			Rules []struct{ Name, Query, Health, LastError string }
		}
	}
	require.NoError(t, m.get("/api/v1/rules", &rules))
	require.NotEmpty(t, rules.Groups)
	var known []string
	require.NoError(t, m.get("/api/v1/label/__name__/values", &known))
	for _, rule := range rules.Groups[0].Rules {
		require.Equal(t, "ok", rule.Health, "%s: %s", rule.Name, rule.LastError)
		names := metricName.FindAllStringSubmatch(rule.Query, -1)
		require.NotEmpty(t, names, rule.Name)
		for _, name := range names {
			require.Contains(t, known, name[1], rule.Name)
		}
	}
	for _, histogram := range []string{"http_request_duration_seconds_bucket", "database_query_duration_seconds_bucket", "ai_request_duration_seconds_bucket", "rpc_server_call_duration_seconds_bucket"} {
		eventually(t, histogram+" leads to traces", func() error { return m.leadsToTraces(histogram) })
	}
	promtool, err := exec.Command("promtool", "test", "rules", "../../../deploy/prometheus/alerts_test.yml").CombinedOutput()
	require.NoError(t, err, "%s", promtool)
	p.requireRunbook(t)
	requireReplica(t, p, pair, p.administrator(t))
}

package chart

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is no value of the chart is refused, with its name.
func TestValuesThatCanNotBeAreRefused(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]string{
		"gatewayd.replicas=3":                          "gatewayd",
		"gateway.replica=3":                            "replica",
		"gateway.replicas=0":                           "/gateway/replicas",
		"publicURL=https://Atrium.example.com":         "/publicURL",
		"publicURL=https://atrium.example.com/x":       "/publicURL",
		"image.tag=latest":                             "/image/tag",
		"termination.graceSeconds=10":                  "/termination/graceSeconds",
		"postgres.bundled.storage=much":                "/postgres/bundled/storage",
		"ai.settings.ANTHROPIC_API_KEY=x":              "invalid propertyName 'ANTHROPIC_API_KEY'",
		"auth.settings.ATRIUM_SMTP_URL=x":              "invalid propertyName 'ATRIUM_SMTP_URL'",
		"settings.ATRIUM_KEY_FILE=x":                   "invalid propertyName 'ATRIUM_KEY_FILE'",
		"ai.secrets.ANTHROPIC_API_KEY=x":               "/ai/secrets/ANTHROPIC_API_KEY",
		"ai.secrets.ANTHROPIC_API_KEY.secret=x":        "'key'",
		"settings.ATRIUM_ISOLATION=directory":          "settings: ATRIUM_ISOLATION is the chart's own",
		"ingress.enabled=true":                         "one of both leads to the gateway",
		"route.parentRefs=null":                        "name the Gateway that the route hangs on",
		"postgres.bundled.enabled=false":               "postgres.external.secret",
		"redis.bundled.enabled=false":                  "redis.external.secret",
		"workspaces.namespace=" + space:                "a namespace of their own",
		"mtls.certManager.enabled=true":                "mtls.certManager.issuerRef",
		"keys.offline=false":                           "not known whether there are keys already",
		"keys.offline=false,keys.existingSecret=x":     "postgres.external",
		"networkPolicy.apiServer.networks={somewhere}": "/networkPolicy/apiServer/networks/0",
		"workspaces.warm.priority=0":                   "/workspaces/warm/priority",
		"workspaces.warm.cpu=much":                     "/workspaces/warm/cpu",
		"gateway.service.type=ExternalName":            "/gateway/service/type",
	} {
		t.Run(set, func(t *testing.T) {
			_, complaint, err := helm(t, "template", "atrium", dir, "--namespace", space, "--values", dir+"/ci/default.yaml", "--set", set)
			require.Error(t, err)
			require.Contains(t, complaint, want)
		})
	}
}

// What is secret is in Secrets and nowhere else: in no environment, argument,
// annotation or ConfigMap.
func TestSecretsAreOnlyInSecrets(t *testing.T) {
	t.Parallel()
	objects, _ := render(t, "default")
	secrets := map[string]string{}
	for _, o := range objects {
		if o.Kind != "Secret" {
			continue
		}
		for key, value := range o.StringData {
			if key == "ca.crt" || key == "tls.crt" || key == "identity.pub.pem" {
				continue
			}
			for line := range strings.Lines(value) {
				if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "-----") {
					secrets[line] = o.Metadata.Name + "/" + key
				}
			}
		}
	}
	require.Greater(t, len(secrets), 10)
	for _, o := range objects {
		if o.Kind == "Secret" {
			continue
		}
		for value, name := range secrets {
			require.NotContains(t, o.text, value, "%s %s has %s", o.Kind, o.Metadata.Name, name)
		}
	}
}

// Each pod keeps to Pod Security's profile "restricted"; the API server's token
// is the ide service's alone. Whose files are which is said pod by pod.
func TestPodsHaveNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	type source struct {
		Secret struct {
			Name  string
			Items []struct{ Key string }
		}
	}
	type template struct {
		Spec struct {
			ServiceAccountName string `yaml:"serviceAccountName"`
			Automount          *bool  `yaml:"automountServiceAccountToken"`
			SecurityContext    struct {
				RunAsNonRoot   bool `yaml:"runAsNonRoot"`
				SeccompProfile struct{ Type string }
			} `yaml:"securityContext"`
			Containers []struct {
				SecurityContext struct {
					Escalation   *bool `yaml:"allowPrivilegeEscalation"`
					ReadOnly     bool  `yaml:"readOnlyRootFilesystem"`
					Capabilities struct{ Drop, Add []string }
				} `yaml:"securityContext"`
			}
			Volumes []struct {
				Name      string
				Projected struct{ Sources []source }
			}
		}
	}
	keys := map[string][]string{}
	for _, values := range every(t) {
		objects, _ := render(t, values)
		for _, o := range objects {
			var spec struct{ Template template }
			if o.Kind != "Deployment" && o.Kind != "StatefulSet" && o.Kind != "DaemonSet" && o.Kind != "Job" {
				continue
			}
			require.NoError(t, o.Spec.Decode(&spec))
			pod, component := spec.Template.Spec, o.Metadata.Labels["app.kubernetes.io/component"]
			require.NotNil(t, pod.Automount, component)
			require.Equal(t, component == "ide", *pod.Automount, component)
			if o.Metadata.Namespace == space {
				require.Equal(t, "atrium-"+component, pod.ServiceAccountName)
			}
			require.True(t, pod.SecurityContext.RunAsNonRoot, component)
			require.Len(t, pod.Containers, 1)
			c := pod.Containers[0].SecurityContext
			require.NotNil(t, c.Escalation, component)
			require.False(t, *c.Escalation, component)
			require.True(t, c.ReadOnly, component)
			require.Equal(t, []string{"ALL"}, c.Capabilities.Drop, component)
			require.Empty(t, c.Capabilities.Add, component)
			if values != "default" {
				continue
			}
			for _, volume := range pod.Volumes {
				for _, s := range volume.Projected.Sources {
					for _, item := range s.Secret.Items {
						keys[component] = append(keys[component], strings.TrimPrefix(s.Secret.Name, "atrium-")+"/"+item.Key)
					}
				}
			}
		}
	}
	certificate := func(of string) []string {
		return []string{of + "-tls/tls.crt", of + "-tls/tls.key", of + "-tls/ca.crt"}
	}
	of := func(component string, more ...string) []string { return append(certificate(component), more...) }
	for component, want := range map[string][]string{
		"gateway": of("gateway", "keys/identity.pem", "keys/identity.pub.pem", "redis/url"),
		"auth":    of("auth", "keys/deployment.key", "keys/identity.pub.pem", "keys/admin-password", "postgres/url", "redis/url"),
		"chat":    of("chat", "keys/deployment.key", "keys/identity.pub.pem", "postgres/url", "redis/url"),
		"ide":     of("ide", "keys/deployment.key", "keys/identity.pub.pem", "postgres/url", "redis/url"),
		"ai":      of("ai", "keys/deployment.key", "keys/identity.pub.pem", "postgres/url", "redis/url"),
		"migrate": {"keys/deployment.key", "postgres/url"},
	} {
		require.ElementsMatch(t, want, keys[component], component)
		delete(keys, component)
	}
	require.Empty(t, keys)
}

// The settings of NOTES and of the documentation are the chart's.
func TestTheGuideKnowsEveryValue(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(root + "/docs/kubernetes.md")
	require.NoError(t, err)
	for _, key := range []string{
		"publicURL", "ideDomain", "image", "settings", "admin", "keys", "mtls", "postgres", "redis", "workspaces", "gateway", "termination",
		"podDisruptionBudget", "route", "ingress", "networkPolicy", "monitoring",
	} {
		require.Contains(t, string(guide), "`"+key, key)
	}
}

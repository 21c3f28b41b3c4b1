package kubernetes

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/services/ide/internal/driver"
)

func TestWhatCanNotBeInAPodIsRefusedBeforeThereIsOne(t *testing.T) {
	t.Parallel()
	d := offline(t)
	owner := uuid.New()
	_, err := d.Volumes().Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: owner})
	require.NoError(t, err)
	for _, spec := range []driver.Spec{
		{Folder: "../etc", Hostname: "h"},
		{Folder: "a:b", Hostname: "h"},
		{Folder: "", Hostname: "h"},
		{Folder: "..", Hostname: "h"},
		{Folder: "project", Hostname: "UPPER"},
		{Folder: "project", Hostname: "-"},
	} {
		spec.Owner, spec.WorkspaceID = owner, uuid.New()
		_, err := d.Prepare(t.Context(), spec)
		require.Error(t, err, "%q on %q", spec.Folder, spec.Hostname)
	}
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestUsersHaveDifferentIDsAndKeepThem(t *testing.T) {
	t.Parallel()
	one, other := uuid.New(), uuid.New()
	again := uidOf(uuid.MustParse(one.String()))
	require.Equal(t, uidOf(one), again)
	require.NotEqual(t, uidOf(one), uidOf(other))
	require.GreaterOrEqual(t, uidOf(one), 200_000)
	require.Less(t, uidOf(one), 1<<31)
}

func TestAnUnreadablePodIsNoEmptyList(t *testing.T) {
	t.Parallel()
	d := offline(t)
	v := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}
	_, err := d.Volumes().Ensure(t.Context(), v)
	require.NoError(t, err)
	_, err = d.Prepare(t.Context(), driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Folder: "project", Hostname: "h"})
	require.NoError(t, err)
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.False(t, list[0].Running, "it was told nothing yet")

	p, err := d.cluster.pod(t.Context(), d.name("workspace", v.WorkspaceID.String()))
	require.NoError(t, err)
	p.Labels[labelGeneration] = "99"
	_, err = d.options.Client.CoreV1().Pods("w").Update(t.Context(), p, meta.UpdateOptions{})
	require.NoError(t, err)
	_, err = d.List(t.Context())
	require.ErrorContains(t, err, "generation 99")
}

func TestAPodForFilesHasNothingButTheUsersVolume(t *testing.T) {
	t.Parallel()
	d := offline(t)
	v := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}
	_, err := d.Volumes().Ensure(t.Context(), v)
	require.NoError(t, err)
	name := d.volumes.filesPod(v.Owner)
	_, err = d.volumes.makeOwn(t.Context(), name, v.Owner)
	require.NoError(t, err)
	p, err := d.cluster.pod(t.Context(), name)
	require.NoError(t, err)
	require.Len(t, p.Spec.Containers, 1)
	require.Equal(t, []string{"/opt/workspace-keeper", "files"}, p.Spec.Containers[0].Command)
	require.Equal(t, d.volumes.name(v.Owner), p.Spec.Volumes[0].PersistentVolumeClaim.ClaimName)
	require.EqualValues(t, uidOf(v.Owner), *p.Spec.SecurityContext.RunAsUser)
	require.False(t, *p.Spec.AutomountServiceAccountToken)
	for key, value := range d.policy().Spec.PodSelector.MatchLabels {
		require.Equal(t, value, p.Labels[key], "the workspaces' policy holds it")
	}
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list, "it is no workspace")

	require.NoError(t, d.volumes.Rest(t.Context(), false, nil))
	p, err = d.cluster.pod(t.Context(), name)
	require.NoError(t, err)
	require.NotNil(t, p, "whoever does not say that it is unused is left alone")
	p.Status.Phase = core.PodSucceeded
	_, err = d.options.Client.CoreV1().Pods("w").UpdateStatus(t.Context(), p, meta.UpdateOptions{})
	require.NoError(t, err)
	require.NoError(t, d.volumes.Rest(t.Context(), false, nil))
	p, err = d.cluster.pod(t.Context(), name)
	require.NoError(t, err)
	require.Nil(t, p)
}

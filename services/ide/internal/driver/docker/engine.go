package docker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
)

// engine is the Docker Engine: the few calls that the driver makes, and the only
// file that knows the client's library.
type engine struct{ client *client.Client }

const defaultHost = "unix:///var/run/docker.sock"

func connect(host string) (engine, error) {
	if host == "" {
		host = defaultHost
	}
	c, err := client.New(client.WithHost(host))
	if err != nil {
		return engine{}, fmt.Errorf("docker: %w", err)
	}
	return engine{c}, nil
}

func (e engine) close() error { return e.client.Close() }

func (e engine) ping(ctx context.Context) error {
	if _, err := e.client.Ping(ctx, client.PingOptions{}); err != nil {
		return fmt.Errorf("docker does not answer: %w", err)
	}
	return nil
}

func (e engine) info(ctx context.Context) (system.Info, error) {
	found, err := e.client.Info(ctx, client.InfoOptions{})
	if err != nil {
		return system.Info{}, fmt.Errorf("docker does not answer: %w", err)
	}
	return found.Info, nil
}

// image gives the id of an image; found is false when there is none.
func (e engine) image(ctx context.Context, name string) (id string, found bool, err error) {
	image, err := e.client.ImageInspect(ctx, name)
	if cerrdefs.IsNotFound(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("docker: image %s: %w", name, err)
	}
	return image.ID, true, nil
}

func (e engine) create(ctx context.Context, name string, c *container.Config, h *container.HostConfig) (id string, err error) {
	made, err := e.client.ContainerCreate(ctx, client.ContainerCreateOptions{Name: name, Config: c, HostConfig: h})
	if err != nil {
		return "", fmt.Errorf("docker: make the container: %w", err)
	}
	return made.ID, nil
}

func (e engine) start(ctx context.Context, id string) error {
	if _, err := e.client.ContainerStart(ctx, id, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("docker: start the container: %w", err)
	}
	return nil
}

// limit gives a container that runs other limits.
func (e engine) limit(ctx context.Context, id string, r container.Resources) error {
	if _, err := e.client.ContainerUpdate(ctx, id, client.ContainerUpdateOptions{Resources: &r}); err != nil {
		return fmt.Errorf("docker: limit the container: %w", err)
	}
	return nil
}

func (e engine) rename(ctx context.Context, id, name string) error {
	if _, err := e.client.ContainerRename(ctx, id, client.ContainerRenameOptions{NewName: name}); err != nil {
		return fmt.Errorf("docker: rename the container: %w", err)
	}
	return nil
}

// inspect gives a container by id or name; found is false when there is none.
func (e engine) inspect(ctx context.Context, id string) (c container.InspectResponse, found bool, err error) {
	result, err := e.client.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if cerrdefs.IsNotFound(err) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("docker: look at the container: %w", err)
	}
	if result.Container.State == nil || result.Container.Config == nil {
		return c, false, fmt.Errorf("docker: container %s is told of without its state", id)
	}
	return result.Container, true, nil
}

// list gives all containers with a label, also those that have ended.
func (e engine) list(ctx context.Context, label, value string) ([]container.Summary, error) {
	found, err := e.client.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", label+"="+value),
	})
	if err != nil {
		return nil, fmt.Errorf("docker: list containers: %w", err)
	}
	return found.Items, nil
}

// stop ends a container, by force after the grace. It is no error when it has
// ended, or is not there.
func (e engine) stop(ctx context.Context, id string, grace time.Duration) error {
	seconds := max(int(grace.Round(time.Second)/time.Second), 1)
	_, err := e.client.ContainerStop(ctx, id, client.ContainerStopOptions{Timeout: &seconds})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("docker: stop the container: %w", err)
	}
	return nil
}

// remove takes a container away. It is no error when it is not there.
func (e engine) remove(ctx context.Context, id string, force bool) error {
	_, err := e.client.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: force, RemoveVolumes: true})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("docker: remove the container: %w", err)
	}
	return nil
}

// await waits until a container has ended and gives its exit code.
func (e engine) await(ctx context.Context, id string) (int64, error) {
	waiting := e.client.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case end := <-waiting.Result:
		return end.StatusCode, nil
	case err := <-waiting.Error:
		return 0, fmt.Errorf("docker: wait for the container: %w", err)
	}
}

// logs gives the end of what a container printed, at most limit bytes; nothing
// when there is no container.
func (e engine) logs(ctx context.Context, id string, lines int, limit int64) ([]byte, error) {
	stream, err := e.client.ContainerLogs(ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(lines)})
	if cerrdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("docker: the container's log: %w", err)
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, io.LimitReader(stream, limit)); err != nil && text.Len() == 0 {
		return nil, fmt.Errorf("docker: the container's log: %w", err)
	}
	return text.Bytes(), nil
}

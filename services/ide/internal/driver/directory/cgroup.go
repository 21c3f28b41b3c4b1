package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/containerd/cgroups/v3"
	"github.com/containerd/cgroups/v3/cgroup1"
	"github.com/containerd/cgroups/v3/cgroup2"
	"github.com/google/uuid"
	"github.com/opencontainers/runtime-spec/specs-go"

	"atrium.internal/services/ide/internal/driver"
)

// group is the control group of one sandbox, in either of the kernel's layouts.
type group interface {
	add(pid int) error
	processes() ([]int, error)
	usage() (groupUsage, error)
	remove() error
}

// groupUsage is what a control group counted.
type groupUsage struct {
	cpu         time.Duration
	memory      int64
	processes   int64
	outOfMemory int64
}

const cpuPeriod = 100_000 // microseconds, the kernel's default

func groupName(workspace uuid.UUID) string { return "/atrium/" + workspace.String() }

// makeGroup makes the sandbox's control group and sets its limits.
func makeGroup(workspace uuid.UUID, l driver.Limits) (group, error) {
	resources := linuxResources(l)
	if cgroups.Mode() == cgroups.Unified {
		m, err := cgroup2.NewManager("/sys/fs/cgroup", groupName(workspace), cgroup2.ToResources(resources))
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		return unifiedGroup{m}, nil
	}
	g, err := cgroup1.New(cgroup1.StaticPath(groupName(workspace)), resources, cgroup1.WithHierarchy(limiting))
	if err != nil {
		return nil, fmt.Errorf("control group: %w", err)
	}
	return legacyGroup{g}, nil
}

// findGroup finds the control group that makeGroup made.
func findGroup(workspace uuid.UUID) (group, error) {
	if cgroups.Mode() == cgroups.Unified {
		m, err := cgroup2.Load(groupName(workspace))
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		return unifiedGroup{m}, nil
	}
	g, err := cgroup1.Load(cgroup1.StaticPath(groupName(workspace)), cgroup1.WithHierarchy(limiting))
	if err != nil {
		return nil, fmt.Errorf("control group: %w", err)
	}
	return legacyGroup{g}, nil
}

func linuxResources(l driver.Limits) *specs.LinuxResources {
	r := &specs.LinuxResources{}
	if l.CPUMillis > 0 {
		quota, period := l.CPUMillis*cpuPeriod/1000, uint64(cpuPeriod)
		r.CPU = &specs.LinuxCPU{Quota: &quota, Period: &period}
	}
	if l.MemoryBytes > 0 {
		r.Memory = &specs.LinuxMemory{Limit: &l.MemoryBytes}
	}
	if l.Processes > 0 {
		r.Pids = &specs.LinuxPids{Limit: &l.Processes}
	}
	return r
}

// limiting gives the controllers that hold a sandbox to its limits; the others
// stay where they are.
func limiting() ([]cgroup1.Subsystem, error) {
	all, err := cgroup1.Default()
	if err != nil {
		return nil, err
	}
	var wanted []cgroup1.Subsystem
	for _, s := range all {
		switch s.Name() {
		case cgroup1.Memory, cgroup1.Pids, cgroup1.Cpu, cgroup1.Cpuacct:
			wanted = append(wanted, s)
		}
	}
	if len(wanted) < 4 {
		return nil, errors.New("the memory, pids, cpu and cpuacct controllers are not all there")
	}
	return wanted, nil
}

type legacyGroup struct{ cgroup1.Cgroup }

func (g legacyGroup) add(pid int) error { return g.AddProc(uint64(pid)) }

func (g legacyGroup) remove() error { return gone(g.Delete()) }

func (g legacyGroup) processes() ([]int, error) {
	list, err := g.Processes(cgroup1.Pids, true)
	pids := make([]int, 0, len(list))
	for _, p := range list {
		pids = append(pids, p.Pid)
	}
	return pids, gone(err)
}

// usage leaves file pages that the kernel can drop at once out of the memory.
func (g legacyGroup) usage() (groupUsage, error) {
	m, err := g.Stat(cgroup1.IgnoreNotExist)
	if err != nil {
		return groupUsage{}, err
	}
	return groupUsage{
		cpu:         time.Duration(m.GetCPU().GetUsage().GetTotal()),
		memory:      int64(m.GetMemory().GetUsage().GetUsage() - m.GetMemory().GetTotalInactiveFile()),
		processes:   int64(m.GetPids().GetCurrent()),
		outOfMemory: int64(m.GetMemoryOomControl().GetOomKill()),
	}, nil
}

type unifiedGroup struct{ *cgroup2.Manager }

func (g unifiedGroup) add(pid int) error { return g.AddProc(uint64(pid)) }

func (g unifiedGroup) remove() error { return gone(g.Delete()) }

func (g unifiedGroup) processes() ([]int, error) {
	list, err := g.Procs(true)
	pids := make([]int, 0, len(list))
	for _, p := range list {
		pids = append(pids, int(p))
	}
	return pids, gone(err)
}

func (g unifiedGroup) usage() (groupUsage, error) {
	m, err := g.Stat()
	if err != nil {
		return groupUsage{}, err
	}
	return groupUsage{
		cpu:         time.Duration(m.GetCPU().GetUsageUsec()) * time.Microsecond,
		memory:      int64(m.GetMemory().GetUsage() - m.GetMemory().GetInactiveFile()),
		processes:   int64(m.GetPids().GetCurrent()),
		outOfMemory: int64(m.GetMemoryEvents().GetOomKill()),
	}, nil
}

// gone forgives that a group is not there (any more).
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, cgroup1.ErrCgroupDeleted) {
		return nil
	}
	return err
}

package cgroup

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

// Group is the control group of one sandbox, in either of the kernel's layouts.
type Group interface {
	// Add puts a process into it.
	Add(pid int) error
	// Limit gives it other limits.
	Limit(l driver.Limits) error
	// Members are the ids of the processes in it and below.
	Members() ([]int, error)
	// Stats is what it counted until now.
	Stats() (driver.Stats, error)
	// Remove removes it; its processes must have ended.
	Remove() error
}

const cpuPeriod = 100_000 // microseconds, the kernel's default

func name(workspace uuid.UUID) string { return "/atrium/" + workspace.String() }

// Make makes the sandbox's control group and sets its limits.
func Make(workspace uuid.UUID, l driver.Limits) (Group, error) {
	resources := resourcesOf(l)
	if cgroups.Mode() == cgroups.Unified {
		m, err := cgroup2.NewManager("/sys/fs/cgroup", name(workspace), cgroup2.ToResources(resources))
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		return unifiedGroup{m}, nil
	}
	g, err := cgroup1.New(cgroup1.StaticPath(name(workspace)), resources, cgroup1.WithHierarchy(limiting))
	if err != nil {
		return nil, fmt.Errorf("control group: %w", err)
	}
	return legacyGroup{g}, nil
}

// Find finds the control group that Make made.
func Find(workspace uuid.UUID) (Group, error) {
	if cgroups.Mode() == cgroups.Unified {
		m, err := cgroup2.Load(name(workspace))
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		return unifiedGroup{m}, nil
	}
	g, err := cgroup1.Load(cgroup1.StaticPath(name(workspace)), cgroup1.WithHierarchy(limiting))
	if err != nil {
		return nil, fmt.Errorf("control group: %w", err)
	}
	return legacyGroup{g}, nil
}

// Of finds the control group that somebody else put a process into.
func Of(pid int) (Group, error) {
	if cgroups.Mode() == cgroups.Unified {
		path, err := cgroup2.PidGroupPath(pid)
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		m, err := cgroup2.Load(path)
		if err != nil {
			return nil, fmt.Errorf("control group: %w", err)
		}
		return unifiedGroup{m}, nil
	}
	g, err := cgroup1.Load(cgroup1.PidPath(pid), cgroup1.WithHierarchy(limiting))
	if err != nil {
		return nil, fmt.Errorf("control group: %w", err)
	}
	return legacyGroup{g}, nil
}

// Work makes and removes a control group with limits.
func Work() error {
	g, err := Make(uuid.New(), driver.Limits{CPUMillis: 1000, MemoryBytes: 1 << 28, Processes: 64})
	if err != nil {
		return err
	}
	return g.Remove()
}

func resourcesOf(l driver.Limits) *specs.LinuxResources {
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

func (g legacyGroup) Add(pid int) error { return g.AddProc(uint64(pid)) }

func (g legacyGroup) Limit(l driver.Limits) error { return failed(g.Update(resourcesOf(l))) }

func (g legacyGroup) Remove() error { return gone(g.Delete()) }

func (g legacyGroup) Members() ([]int, error) {
	list, err := g.Processes(cgroup1.Pids, true)
	pids := make([]int, 0, len(list))
	for _, p := range list {
		pids = append(pids, p.Pid)
	}
	return pids, gone(err)
}

// usage leaves file pages that the kernel can drop at once out of the memory.
func (g legacyGroup) Stats() (driver.Stats, error) {
	m, err := g.Cgroup.Stat(cgroup1.IgnoreNotExist)
	if err != nil {
		return driver.Stats{}, fmt.Errorf("control group: %w", err)
	}
	return driver.Stats{
		CPUTime:     time.Duration(m.GetCPU().GetUsage().GetTotal()),
		MemoryBytes: max(int64(m.GetMemory().GetUsage().GetUsage()-m.GetMemory().GetTotalInactiveFile()), 0),
		Processes:   int64(m.GetPids().GetCurrent()),
		OutOfMemory: int64(m.GetMemoryOomControl().GetOomKill()),
		At:          time.Now(),
	}, nil
}

type unifiedGroup struct{ *cgroup2.Manager }

func (g unifiedGroup) Add(pid int) error { return g.AddProc(uint64(pid)) }

func (g unifiedGroup) Limit(l driver.Limits) error {
	return failed(g.Update(cgroup2.ToResources(resourcesOf(l))))
}

func (g unifiedGroup) Remove() error { return gone(g.Delete()) }

func (g unifiedGroup) Members() ([]int, error) {
	list, err := g.Procs(true)
	pids := make([]int, 0, len(list))
	for _, p := range list {
		pids = append(pids, int(p))
	}
	return pids, gone(err)
}

func (g unifiedGroup) Stats() (driver.Stats, error) {
	m, err := g.Manager.Stat()
	if err != nil {
		return driver.Stats{}, fmt.Errorf("control group: %w", err)
	}
	return driver.Stats{
		CPUTime:     time.Duration(m.GetCPU().GetUsageUsec()) * time.Microsecond,
		MemoryBytes: max(int64(m.GetMemory().GetUsage()-m.GetMemory().GetInactiveFile()), 0),
		Processes:   int64(m.GetPids().GetCurrent()),
		OutOfMemory: int64(m.GetMemoryEvents().GetOomKill()),
		At:          time.Now(),
	}, nil
}

func failed(err error) error {
	if err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	return nil
}

// gone forgives that a group is not there (any more).
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, cgroup1.ErrCgroupDeleted) {
		return nil
	}
	return err
}

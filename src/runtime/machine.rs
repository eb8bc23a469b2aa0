//! What the process takes of the machine, and how the machine is. What the system does not tell is
//! `None`, never zero.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::statvfs;
use rustix::time::{ClockId, clock_gettime};

/// The shortest time that a share of the processors is told of.
const MOMENT: Duration = Duration::from_secs(1);
/// Bytes of a kibibyte.
const KIB: u64 = 1_024;

/// Looks at the machine. One a process, because shares of time are shares since the look before.
#[derive(Debug)]
pub struct Machine {
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Watch {
    since: Mark,
    last: Shares,
}

/// The processors' time so far.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Instant,
    own: Duration,
    machine: Option<Ticks>,
}

/// What all processors together did, in ticks of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    all: u64,
}

/// Shares of the time of all processors, percent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shares {
    /// Of this process.
    pub own: Option<f64>,
    /// Of everybody.
    pub machine: Option<f64>,
}

/// The memory of the machine, percent and bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// In use by anybody.
    pub used_percent: f64,
    /// There is.
    pub total: u64,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            watch: Mutex::new(Watch {
                since: Mark::now(),
                last: Shares::default(),
            }),
        }
    }
}

impl Machine {
    /// How busy the processors were since the look before, at least a second; the same again within
    /// a second.
    pub fn shares(&self) -> Shares {
        let now = Mark::now();
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        if now.at.duration_since(watch.since.at) >= MOMENT {
            watch.last = now.shares_since(&watch.since);
            watch.since = now;
        } else if watch.last.own.is_none() {
            return now.shares_since(&watch.since);
        }
        watch.last
    }
}

impl Mark {
    fn now() -> Self {
        let spent = clock_gettime(ClockId::ProcessCPUTime);
        let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(spent.tv_nsec).unwrap_or(0);
        let machine = fs::read_to_string("/proc/stat");
        Self {
            at: Instant::now(),
            own: Duration::new(seconds, nanos),
            machine: machine.ok().and_then(|text| Ticks::read(&text)),
        }
    }

    fn shares_since(&self, before: &Self) -> Shares {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let wall = self.at.duration_since(before.at) * u32::try_from(processors).unwrap_or(1);
        let own = self.own.saturating_sub(before.own);
        let machine = self.machine.zip(before.machine);
        Shares {
            own: percent(own.as_secs_f64(), wall.as_secs_f64()),
            machine: machine.and_then(|(now, then)| {
                let busy = now.busy.saturating_sub(then.busy);
                percent(busy as f64, now.all.saturating_sub(then.all) as f64)
            }),
        }
    }
}

impl Ticks {
    /// From `/proc/stat`: user, nice, system, idle, waiting for disks, and more that is work.
    fn read(text: &str) -> Option<Self> {
        let line = text.lines().find(|line| line.starts_with("cpu "))?;
        let ticks = line.split_whitespace().skip(1).take(8);
        let ticks: Vec<u64> = ticks.map(str::parse).collect::<Result<_, _>>().ok()?;
        let all = ticks.iter().sum();
        let idle: u64 = ticks.get(3..5)?.iter().sum();
        Some(Self {
            busy: all - idle,
            all,
        })
    }
}

/// Of a whole; a part that is larger by the grain of a clock is all of it.
fn percent(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole * 100.0).clamp(0.0, 100.0))
}

/// Memory of this process that is in the machine's memory, bytes.
#[must_use]
pub fn resident() -> Option<u64> {
    kib(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// The memory of the machine.
#[must_use]
pub fn memory() -> Option<Memory> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let total = kib(&text, "MemTotal:")?;
    let used = total.saturating_sub(kib(&text, "MemAvailable:")?);
    Some(Memory {
        used_percent: percent(used as f64, total as f64)?,
        total,
    })
}

/// A line like `VmRSS:     11204 kB`, in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(KIB)
}

/// How full the disk under a folder is, percent, for those who are not root.
#[must_use]
pub fn disk_percent(folder: &Path) -> Option<f64> {
    let disk = statvfs(folder).ok()?;
    let used = disk.f_blocks.saturating_sub(disk.f_bfree);
    percent(used as f64, (used + disk.f_bavail) as f64)
}

/// Files and sockets that this process has open.
#[must_use]
pub fn open_files() -> Option<usize> {
    fs::read_dir("/proc/self/fd").ok().map(Iterator::count)
}

/// Processor time of this process since its start.
#[must_use]
pub fn cpu_time() -> Duration {
    Mark::now().own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_disks_is_no_work() {
        let text = "cpu  100 10 50 800 40 1 2 3 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";

        let ticks = Ticks::read(text).unwrap();

        assert_eq!((ticks.busy, ticks.all), (166, 1_006));
        assert_eq!(Ticks::read("cpu  1 2 x 4 5"), None);
        assert_eq!(Ticks::read(""), None);
    }

    #[test]
    fn a_busy_process_is_seen_to_be_busy() {
        let machine = Machine::default();
        let began = Instant::now();

        while began.elapsed() < Duration::from_millis(50) {
            std::hint::black_box(began.elapsed());
        }

        let own = machine.shares().own.unwrap();
        assert!(own > 0.0 && own <= 100.0, "{own}");
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(kib("VmPeak: 9 kB\nVmRSS:\t  3 kB\n", "VmRSS:"), Some(3_072));
        assert_eq!(kib("VmRSS: many\n", "VmRSS:"), None);
    }

    #[test]
    fn a_disk_is_between_empty_and_full_and_a_folder_that_is_not_there_has_none() {
        let percent = disk_percent(&std::env::temp_dir()).unwrap();

        assert!((0.0..=100.0).contains(&percent), "{percent}");
        assert_eq!(disk_percent(Path::new("/no such folder")), None);
    }
}

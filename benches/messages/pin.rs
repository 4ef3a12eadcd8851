//! Which cores a thread may run on. Only Linux is asked; elsewhere the threads run where the system puts them.

#[cfg(target_os = "linux")]
mod linux {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    /// The first two cores that this process may use.
    fn cores() -> Option<[usize; 2]> {
        let allowed = sched_getaffinity(None).ok()?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Some([cores.next()?, cores.next()?])
    }

    fn allow(cores: &[usize]) -> bool {
        let mut set = CpuSet::new();
        for core in cores {
            set.set(*core);
        }
        sched_setaffinity(None, &set).is_ok()
    }

    pub(crate) fn to_one_of_two(which: usize) -> bool {
        cores().is_some_and(|cores| allow(&cores[which % 2..=which % 2]))
    }

    pub(crate) fn to_both_of_two() -> bool {
        cores().is_some_and(|cores| allow(&cores))
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    pub(crate) fn to_one_of_two(_which: usize) -> bool {
        false
    }

    pub(crate) fn to_both_of_two() -> bool {
        false
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{to_both_of_two, to_one_of_two};
#[cfg(target_os = "linux")]
pub(crate) use linux::{to_both_of_two, to_one_of_two};

/// Whether both can be done here; tried on a thread of its own, which then ends.
pub(crate) fn works() -> bool {
    let trial = std::thread::spawn(|| to_both_of_two() && to_one_of_two(1));
    trial.join().unwrap_or(false)
}

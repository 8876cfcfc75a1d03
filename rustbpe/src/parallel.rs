//! Threads that share one task.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, Builder};
use std::time::Duration;

use crate::error::{BpeError, Result};
use crate::pulse::{Flag, Pulse};

/// How long a thread waits for others at a time.
pub const BEAT: Duration = Duration::from_millis(50);

/// How many threads the machine offers this process.
pub fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Run `work` once per state, each on a thread of its own; the first on this one.
///
/// The first error ends the others at their next beat. Only this thread feels `pulse`, so that it
/// may be tied to it (Python delivers Ctrl-C to the main thread alone).
pub fn share<S: Send>(
    states: &mut [S],
    pulse: &dyn Pulse,
    work: impl Fn(&mut S, &dyn Pulse) -> Result<()> + Sync,
) -> Result<()> {
    let Some((mine, others)) = states.split_first_mut() else {
        return Ok(());
    };
    if others.is_empty() {
        return work(mine, pulse);
    }
    let stop = AtomicBool::new(false);
    let run = |state: &mut S, pulse: &dyn Pulse| {
        let result = work(state, pulse);
        stop.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    thread::scope(|scope| {
        let (report, reports) = channel();
        for state in others {
            let (report, run, stop) = (report.clone(), &run, &stop);
            // Where no thread can be had, the others do its share; a report that nobody awaits is
            // of an interrupted task.
            let _ = Builder::new()
                .spawn_scoped(scope, move || drop(report.send(run(state, &Flag(stop)))));
        }
        drop(report);
        let own = run(mine, &Either(pulse, Flag(&stop)));
        wait(&reports, own, pulse, &stop)
    })
}

/// The outcome of all, once all are done. What went wrong weighs more than who was told to stop.
fn wait(
    reports: &Receiver<Result<()>>,
    own: Result<()>,
    pulse: &dyn Pulse,
    stop: &AtomicBool,
) -> Result<()> {
    let mut outcome = own;
    loop {
        let next = match reports.recv_timeout(BEAT) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => pulse.beat(),
            Err(RecvTimeoutError::Disconnected) => return outcome,
        };
        stop.fetch_or(next.is_err(), Ordering::Relaxed);
        if matches!(outcome, Ok(()) | Err(BpeError::Interrupted)) && next.is_err() {
            outcome = next;
        }
    }
}

/// Stops when either does.
struct Either<'a>(&'a dyn Pulse, Flag<'a>);

impl Pulse for Either<'_> {
    fn beat(&self) -> Result<()> {
        self.1.beat()?;
        self.0.beat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Steady;

    #[test]
    fn every_state_gets_its_share() {
        let mut states = [0; 5];
        share(&mut states, &Steady, |state, _| {
            *state += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(states, [1; 5]);
    }

    #[test]
    fn no_state_is_no_work() {
        assert_eq!(
            share(&mut [] as &mut [u8], &Steady, |_, _| Err(
                BpeError::TooLarge
            )),
            Ok(())
        );
    }

    #[test]
    fn one_error_stops_the_others_and_is_the_one_reported() {
        let mut states = [false, true, false];
        let outcome = share(&mut states, &Steady, |fails, pulse| {
            loop {
                if *fails {
                    return Err(BpeError::TooLarge);
                }
                pulse.beat()?;
            }
        });
        assert_eq!(outcome, Err(BpeError::TooLarge));
    }

    #[test]
    fn a_caller_that_waits_still_feels_its_pulse() {
        struct Tired;
        impl Pulse for Tired {
            fn beat(&self) -> Result<()> {
                Err(BpeError::Interrupted)
            }
        }
        let mut states = [0, 1];
        let outcome = share(&mut states, &Tired, |state, pulse| {
            if *state == 0 {
                return Ok(());
            }
            loop {
                pulse.beat()?;
            }
        });
        assert_eq!(outcome, Err(BpeError::Interrupted));
    }
}

//! What a program prints, gathered on a thread of its own and waited for with a deadline.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Output as it comes.
#[derive(Clone, Debug)]
pub struct Gathered {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    more: Condvar,
}

#[derive(Debug)]
struct State {
    bytes: Vec<u8>,
    ended: bool,
}

impl Gathered {
    /// Reads to the end, on a thread of its own.
    pub fn of(mut from: impl Read + Send + 'static) -> Self {
        let gathered = Self::with(State { bytes: Vec::new(), ended: false });
        let shared = Arc::clone(&gathered.shared);
        std::thread::spawn(move || {
            let mut space = vec![0; 64 * 1024];
            loop {
                let count = from.read(&mut space).unwrap_or(0);
                let mut state = shared.state.lock().expect("no panic holds it");
                state.bytes.extend_from_slice(space.get(..count).expect("within"));
                state.ended = count == 0;
                drop(state);
                shared.more.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        gathered
    }

    /// No output.
    pub fn nothing() -> Self {
        Self::with(State { bytes: Vec::new(), ended: true })
    }

    fn with(state: State) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::new(state), more: Condvar::new() }) }
    }

    /// Waits until `find` finds something; none once the time is up or the output has
    /// ended without it.
    pub fn until<T>(&self, limit: Duration, find: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        self.wait(limit, |state| match find(&state.bytes) {
            Some(found) => Some(Some(found)),
            None => state.ended.then_some(None),
        })
        .flatten()
    }

    /// Everything, once it has ended; none once the time is up.
    pub fn whole(&self, limit: Duration) -> Option<Vec<u8>> {
        self.wait(limit, |state| state.ended.then(|| state.bytes.clone()))
    }

    /// What there is by now.
    pub fn so_far(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// What there is by now, for a person, cut to what can be read.
    pub fn shown(&self) -> String {
        let bytes = self.so_far();
        let start = bytes.get(..2000).unwrap_or(&bytes);
        format!("({} bytes) {}", bytes.len(), String::from_utf8_lossy(start))
    }

    fn wait<T>(&self, limit: Duration, ask: impl Fn(&State) -> Option<T>) -> Option<T> {
        let due = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if let Some(answer) = ask(&state) {
                return Some(answer);
            }
            let left = due.checked_duration_since(Instant::now())?;
            state = self.shared.more.wait_timeout(state, left).expect("no panic holds it").0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("no panic holds it")
    }
}

/// Whether the bytes hold the part.
pub fn holds(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}

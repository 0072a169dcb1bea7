//! What is waited for beside a stream of bytes. A task that is woken for each read asks everything
//! that it waits for, each time; what stands aside is asked only once it was woken itself.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// Who is woken for a job aside.
struct Doorbell {
    /// The job is to be asked. Set before the task is woken, and read by it: release, acquire.
    rung: AtomicBool,
    /// The task that the job is part of. Guards itself alone.
    task: Mutex<Waker>,
}

impl Wake for Doorbell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

/// Does the job, polling it only when it was woken itself. As cancel-safe as the job; which is
/// pinned by the caller, since it would be in this future twice.
pub(crate) async fn aside<T>(mut job: Pin<&mut impl Future<Output = T>>) -> T {
    let mut task = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
    let bell = Arc::new(Doorbell { rung: AtomicBool::new(true), task: Mutex::new(task.clone()) });
    let ringer = Waker::from(Arc::clone(&bell));
    poll_fn(move |cx| {
        if !task.will_wake(cx.waker()) {
            task.clone_from(cx.waker());
            bell.task.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&task);
        }
        if bell.rung.swap(false, Ordering::AcqRel) {
            return job.as_mut().poll(&mut Context::from_waker(&ringer));
        }
        Poll::Pending
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_job_is_asked_when_it_was_woken_and_not_when_another_was() {
        let (asked, ours, other) = (Cell::new(0), Notify::new(), Notify::new());
        let inner = pin!(async {
            let mut wait = pin!(ours.notified());
            poll_fn(|cx| {
                asked.set(asked.get() + 1);
                wait.as_mut().poll(cx)
            })
            .await;
            "done"
        });
        let mut job = pin!(aside(inner));
        for _ in 0..10 {
            other.notify_one();
            tokio::select! {
                biased;
                _ = &mut job => panic!("nobody woke it"),
                () = other.notified() => {}
            }
        }
        assert_eq!(asked.get(), 1);
        ours.notify_one();
        assert_eq!(job.await, "done");
        assert_eq!(asked.get(), 2);
    }

    #[tokio::test]
    async fn a_job_that_goes_to_another_task_wakes_that() {
        let gate = Arc::new(Notify::new());
        let inside = Arc::clone(&gate);
        let mut job = Box::pin(async move { aside(pin!(inside.notified())).await });
        let waiting = poll_fn(|cx| Poll::Ready(job.as_mut().poll(cx))).await;
        assert_eq!(waiting, Poll::Pending);
        let moved = tokio::spawn(job);
        tokio::task::yield_now().await;
        gate.notify_one();
        moved.await.unwrap();
    }
}

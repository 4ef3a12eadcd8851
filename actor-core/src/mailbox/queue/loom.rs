//! The lock under every interleaving of two or three threads (loom), which sees each access to the value and each order
//! of memory.

use std::sync::Arc;

use loom::thread;

use super::lock::Lock;

/// Two steps that nobody may come between.
fn add_one(lock: &Lock<u32>) {
    let mut held = lock.lock();
    let seen = *held;
    thread::yield_now();
    *held = seen + 1;
}

/// Gives up if the lock is taken, as a thread that is about to look again.
fn try_to_add_one(lock: &Lock<u32>) -> u32 {
    let Some(mut held) = lock.try_lock() else { return 0 };
    *held += 1;
    1
}

#[test]
fn one_of_two_holds_the_lock_and_sees_what_the_other_did() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0));
        let other = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || (0..2).for_each(|_| add_one(&lock)))
        };
        (0..2).for_each(|_| add_one(&lock));
        other.join().unwrap();
        assert_eq!(*lock.lock(), 4);
    });
}

// Three that wait for each other have more interleavings than anybody can wait for.
#[test]
fn of_three_that_try_each_that_holds_the_lock_sees_what_the_others_did() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0));
        let others = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || try_to_add_one(&lock) + try_to_add_one(&lock))
        });
        let mine = try_to_add_one(&lock);
        let added = others.into_iter().fold(mine, |sum, other| sum + other.join().unwrap());
        assert_eq!(*lock.lock(), added);
    });
}

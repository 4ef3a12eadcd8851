//! A queue in one buffer, whose elements move in and out in one copy each.
//!
//! `VecDeque` would do the same in safe code, and did. But what is pushed there goes through the stack first, and a copy
//! of a message that was just written in smaller pieces stalls the processor for longer than all the rest of a send
//! takes. [`push_from`](Ring::push_from) copies from where the sender has it to where the consumer finds it.
//!
//! # Why this is sound
//! The slots `head`, `head + 1`, .. up to `len` of them, each modulo the number of slots, hold an element; no other slot
//! does. `len` never exceeds the number of slots, which is zero or a power of two. Every method keeps that, and only the
//! methods of this file reach the fields:
//!
//! * an element is written to the first free slot, and `len` raised after that;
//! * an element is read from the first slot, once, since `head` and `len` leave it behind before anything else happens;
//! * to grow, all elements are moved to a new buffer, in order, and the old one is dropped without them: it holds
//!   `MaybeUninit`s;
//! * dropping it takes the elements out one after the other. A panic of one of them leaves the rest to be leaked, or to
//!   the drop of this that goes on.
//!
//! No foreign code runs in between: elements are moved, not cloned, and dropped only by [`Drop`].
#![expect(unsafe_code, reason = "a leaf file: messages are moved between slots that may be empty")]

use std::mem::MaybeUninit;

/// See the module's documentation.
pub(crate) struct Ring<T> {
    slots: Box<[MaybeUninit<T>]>,
    head: u32,
    len: u32,
}

/// The smallest buffer, in elements.
const FEWEST: usize = 4;

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Ring { slots: Box::default(), head: 0, len: 0 }
    }
}

impl<T> Ring<T> {
    /// An empty one with room for so many at least.
    pub(crate) fn with_room(elements: usize) -> Self {
        Ring { slots: Box::new_uninit_slice(elements.max(FEWEST).next_power_of_two()), head: 0, len: 0 }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many more it takes before it has to grow.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.slots.len() - self.len()
    }

    /// Whether it has a buffer, which would have to be freed.
    pub(crate) fn has_space(&self) -> bool {
        !self.slots.is_empty()
    }

    /// The place of the element with this number, counted from the front.
    #[inline]
    fn at(&self, number: u32) -> usize {
        // Without slots this is out of bounds, which is what `get` is there for.
        self.head.wrapping_add(number) as usize & self.slots.len().wrapping_sub(1)
    }

    /// Moves the element from where it is to the back, in one copy. `false`, and nothing has happened: there is none, or
    /// no room.
    #[inline]
    pub(crate) fn push_from(&mut self, element: &mut Option<T>) -> bool {
        if self.len() == self.slots.len() {
            return false;
        }
        let at = self.at(self.len);
        let (Some(slot), Some(value)) = (self.slots.get_mut(at), element.as_ref()) else { return false };
        // SAFETY: the value is read once: the option that holds it is overwritten without a drop of it. The slot is the
        // first free one, so nothing in it is to be dropped.
        unsafe {
            slot.as_mut_ptr().copy_from_nonoverlapping(value, 1);
            std::ptr::write(element, None);
        }
        self.len += 1;
        true
    }

    /// Puts an element at the back.
    pub(crate) fn push(&mut self, element: T) {
        if self.room() == 0 {
            self.grow(self.len() + 1);
        }
        let at = self.at(self.len);
        let Some(slot) = self.slots.get_mut(at) else { unreachable!("it has just grown") };
        slot.write(element);
        self.len += 1;
    }

    /// The element that is next.
    #[inline]
    pub(crate) fn front(&self) -> Option<&T> {
        if self.len == 0 {
            return None;
        }
        let slot = self.slots.get(self.at(0))?;
        // SAFETY: it is the first of `len` elements.
        Some(unsafe { slot.assume_init_ref() })
    }

    /// Takes the element that is next.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        if self.len == 0 {
            return None;
        }
        let at = self.at(0);
        let slot = self.slots.get(at)?;
        self.head = self.head.wrapping_add(1);
        self.len -= 1;
        // SAFETY: it was the first of the elements, and is not any more.
        Some(unsafe { slot.assume_init_read() })
    }

    /// Puts an element before all others.
    pub(crate) fn push_front(&mut self, element: T) {
        if self.room() == 0 {
            self.grow(self.len() + 1);
        }
        let at = self.at(u32::MAX);
        let Some(slot) = self.slots.get_mut(at) else { unreachable!("it has just grown") };
        slot.write(element);
        self.head = self.head.wrapping_sub(1);
        self.len += 1;
    }

    /// Moves all elements of the other to the back.
    pub(crate) fn append(&mut self, other: &mut Self) {
        if self.room() < other.len() {
            self.grow(self.len() + other.len());
        }
        while let Some(element) = other.pop() {
            self.push(element);
        }
    }

    /// Exchanges the buffer for a larger one, and leaves the old one behind, empty.
    pub(crate) fn move_to(&mut self, mut larger: Self) -> Self {
        debug_assert!(larger.is_empty(), "it is there to be filled");
        larger.append(self);
        std::mem::replace(self, larger)
    }

    #[cold]
    fn grow(&mut self, elements: usize) {
        drop(self.move_to(Self::with_room(elements)));
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        while let Some(element) = self.pop() {
            drop(element);
        }
    }
}

/// From the front to the back.
impl<T> Iterator for Ring<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.pop()
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use std::{collections::VecDeque, rc::Rc};

    use super::{FEWEST, Ring};

    /// Random steps, against a `VecDeque`.
    #[test]
    fn it_is_a_queue() {
        let mut chance = 0x2545_F491_4F6C_DD1D_u64;
        let (mut ring, mut model) = (Ring::default(), VecDeque::new());
        let value = Rc::new(());
        let element = |n: u32| (n, Rc::clone(&value));
        for n in 0..20_000 {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            match chance % 9 {
                0..=2 => {
                    let mut from = Some(element(n));
                    let room = ring.room() > 0;
                    assert_eq!(ring.push_from(&mut from), room);
                    assert_eq!(from.is_none(), room);
                    if room {
                        model.push_back(n);
                    }
                }
                3 => {
                    ring.push(element(n));
                    model.push_back(n);
                }
                4 => {
                    ring.push_front(element(n));
                    model.push_front(n);
                }
                5 if model.len() < 300 => {
                    let mut more = Ring::with_room(3);
                    more.push(element(n));
                    ring.append(&mut more);
                    model.push_back(n);
                }
                6 if chance.is_multiple_of(64) => {
                    ring = Ring::default();
                    model.clear();
                }
                _ => assert_eq!(ring.pop().map(|(n, _)| n), model.pop_front()),
            }
            assert_eq!(ring.front().map(|(n, _)| *n), model.front().copied());
            assert_eq!((ring.len(), ring.is_empty()), (model.len(), model.is_empty()));
            assert_eq!(Rc::strong_count(&value), model.len() + 1, "each element is there once");
        }
        drop(ring);
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[test]
    fn it_goes_round() {
        let mut ring = Ring::with_room(FEWEST);
        for n in 0..1000 {
            assert!(ring.push_from(&mut Some(n)) && ring.push_from(&mut Some(n)));
            assert_eq!((ring.pop(), ring.pop(), ring.pop()), (Some(n), Some(n), None));
        }
        assert_eq!(ring.room(), FEWEST);
    }

    #[test]
    fn elements_without_a_size_are_counted() {
        let mut ring = Ring::default();
        assert!(!ring.push_from(&mut Some(())));
        (0..10).for_each(|_| ring.push(()));
        assert!(ring.push_from(&mut Some(())));
        assert_eq!((&mut ring).count(), 11);
    }
}

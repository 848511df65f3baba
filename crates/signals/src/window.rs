use std::collections::VecDeque;

/// The latest values of a series, at most so many.
///
/// Sums over it are made anew each time, oldest first: a running sum would carry the rounding of
/// every value that ever passed, and differ from the same window looked at alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window<T> {
    length: usize,
    values: VecDeque<T>,
}

impl<T: Copy> Window<T> {
    pub(crate) fn new(length: usize) -> Self {
        assert!(length > 0, "a window has at least one value");
        Self { length, values: VecDeque::new() }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// Takes in a value; returns the one that it pushed out.
    pub(crate) fn push(&mut self, value: T) -> Option<T> {
        let oldest = if self.is_full() { self.values.pop_front() } else { None };
        self.values.push_back(value);
        oldest
    }

    pub(crate) fn is_full(&self) -> bool {
        self.values.len() == self.length
    }

    /// Returns the values, oldest first, once there are as many as asked for.
    pub(crate) fn full(&self) -> Option<impl ExactSizeIterator<Item = T> + Clone + '_> {
        self.is_full().then(|| self.values.iter().copied())
    }
}

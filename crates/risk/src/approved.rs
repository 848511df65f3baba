use tidemill_model::Order;

/// An order that passed every limit, once.
#[derive(Debug, PartialEq, Eq)]
pub struct Approved {
    order: Order,
}

impl Approved {
    pub(crate) fn new(order: Order) -> Self {
        Self { order }
    }

    /// Returns the order.
    pub fn order(&self) -> &Order {
        &self.order
    }
}

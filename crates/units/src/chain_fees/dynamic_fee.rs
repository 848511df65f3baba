use crate::GasPrice;

/// What a transaction offers for a unit of gas. Source: EIP-1559, `Transaction1559`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicFee {
    /// The most it pays in all, `max_fee_per_gas`.
    pub max_fee: GasPrice,
    /// The most it pays beyond the base fee, `max_priority_fee_per_gas`.
    pub max_priority_fee: GasPrice,
}

impl DynamicFee {
    /// Returns what it pays for a unit of gas in a block of this base fee, the base fee included:
    /// `base_fee + min(max_priority_fee, max_fee - base_fee)`; `None` where the base fee is above
    /// `max_fee`, for then the block cannot take it.
    pub fn price_at(self, base_fee: GasPrice) -> Option<GasPrice> {
        let room = self.max_fee.0.checked_sub(base_fee.0)?;
        base_fee.0.checked_add(room.min(self.max_priority_fee.0)).map(GasPrice)
    }
}

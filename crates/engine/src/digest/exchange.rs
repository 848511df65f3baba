//! What is traded at exchanges, and what they do to accounts of ours.

use tidemill_model::{AccountEvent, InstrumentId, TradeSide};
use tidemill_units::Amount;

use super::Digest;

impl Digest {
    pub(super) fn traded(
        &mut self,
        (instrument, side): (InstrumentId, TradeSide),
        amounts: &[Amount],
    ) {
        self.buffer.extend_from_slice(&instrument.0.to_le_bytes());
        self.tag(match side {
            TradeSide::Buy => 0,
            TradeSide::Sell => 1,
        });
        for amount in amounts {
            self.u256(amount.0);
        }
    }

    pub(super) fn account(&mut self, event: &AccountEvent) {
        match *event {
            AccountEvent::Funding { instrument, received } => {
                self.tag(0);
                self.buffer.extend_from_slice(&instrument.0.to_le_bytes());
                self.signed(received);
            }
            AccountEvent::Liquidated { instrument, side, quantity, amount, fee } => {
                self.tag(1);
                self.traded((instrument, side), &[quantity, amount, fee]);
            }
            AccountEvent::Settled { instrument, quantity, amount } => {
                self.tag(2);
                self.buffer.extend_from_slice(&instrument.0.to_le_bytes());
                self.u256(quantity.0);
                self.u256(amount.0);
            }
        }
    }
}

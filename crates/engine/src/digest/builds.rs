//! What only the logs of some builds of concentrated pools say.

use tidemill_model::BuildEvent;
use tidemill_units::{SignedAmounts, TickRange};

use super::Digest;

impl Digest {
    pub(super) fn build(&mut self, event: &BuildEvent) {
        match *event {
            BuildEvent::PancakeSwap { amounts, after, protocol_fees } => {
                self.tag(0);
                self.both(amounts);
                self.after(&after);
                self.optional(protocol_fees, |digest, [fee0, fee1]| {
                    digest.u128(fee0);
                    digest.u128(fee1);
                });
            }
            BuildEvent::SetFeeProtocol(shares) => {
                self.tag(1);
                self.shares_of_fees(shares);
            }
            BuildEvent::CollectProtocol(amounts) => {
                self.tag(2);
                self.amounts(amounts);
            }
            BuildEvent::Stake { range, delta, moves_position } => {
                self.tag(3);
                self.range_change(range, delta.0);
                self.tag(u8::from(moves_position));
            }
            BuildEvent::CollectFees(amounts) => {
                self.tag(4);
                self.amounts(amounts);
            }
            BuildEvent::SetFee(fee) => {
                self.tag(5);
                self.u64(u64::from(fee.0));
            }
            BuildEvent::SetUnstakedFee(fee) => {
                self.tag(6);
                self.u64(u64::from(fee.0));
            }
            BuildEvent::ManagedSwap { amounts, after, fee } => {
                self.tag(7);
                self.both(amounts);
                self.after(&after);
                self.optional(fee, |digest, fee| digest.u64(u64::from(fee.0)));
            }
            BuildEvent::ModifyLiquidity { owner, range, delta } => {
                self.tag(8);
                self.optional(owner, |digest, (owner, salt)| {
                    digest.buffer.extend_from_slice(&owner.0);
                    digest.buffer.extend_from_slice(&salt.0);
                });
                self.range_change(range, delta.0);
            }
            BuildEvent::Donate(amounts) => {
                self.tag(9);
                self.amounts(amounts);
            }
            BuildEvent::ProtocolFeeUpdated(shares) => {
                self.tag(10);
                self.shares_of_fees(shares);
            }
        }
    }

    fn both(&mut self, amounts: SignedAmounts) {
        self.signed(amounts.amount0);
        self.signed(amounts.amount1);
    }

    fn shares_of_fees(&mut self, shares: [u16; 2]) {
        shares.iter().for_each(|share| self.buffer.extend_from_slice(&share.to_le_bytes()));
    }

    fn range_change(&mut self, range: TickRange, delta: i128) {
        self.range(range);
        self.buffer.extend_from_slice(&delta.to_le_bytes());
    }
}

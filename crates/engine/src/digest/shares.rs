//! The events of pools of shares, in the digest's form.

use tidemill_model::{BaseLog, LiquidityChange, ParameterChange, Ramp, ShareEvent};
use tidemill_units::{Amount, Amounts, TokenAmounts, TokenPair};

use super::Digest;

impl Digest {
    pub(super) fn shares(&mut self, event: &ShareEvent) {
        match event {
            ShareEvent::Swap { pair, amount_in, amount_out } => {
                self.tag(0);
                self.trade(*pair, *amount_in, *amount_out);
            }
            ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base } => {
                self.tag(1);
                self.trade(*pair, *amount_in, *amount_out);
                self.optional(base.as_deref(), Self::base_log);
            }
            ShareEvent::PairSwap { paid, taken } => self.pair_swap(*paid, *taken),
            ShareEvent::Deposit(change) => self.change(3, change),
            ShareEvent::Withdraw(change) => self.change(4, change),
            ShareEvent::WithdrawImbalance(change) => self.change(5, change),
            ShareEvent::WithdrawOne { token, shares, amount } => {
                self.tag(6);
                self.optional(*token, |digest, token| digest.tag(token.0));
                self.u256(shares.0);
                self.u256(amount.0);
            }
            ShareEvent::Gift(amounts) => self.tagged(7, amounts),
            ShareEvent::Skim(amounts) => self.tagged(8, amounts),
            ShareEvent::Sync(amounts) => self.tagged(9, amounts),
            ShareEvent::ClaimFees(amounts) => self.tagged(10, amounts),
            ShareEvent::ClaimAdminFees(amounts) => self.tagged(11, amounts),
            ShareEvent::Ramp(ramp) => self.ramp(ramp),
            ShareEvent::StopRamp => self.tag(13),
            ShareEvent::SetParameters(change) => self.parameters(change),
            ShareEvent::ClaimAdminShares(shares) => {
                self.tag(15);
                self.u256(shares.0);
            }
            ShareEvent::Claiming { event, admin_shares } => {
                self.tag(16);
                self.u256(admin_shares.0);
                self.shares(event);
            }
            ShareEvent::Base(event) => {
                self.tag(17);
                self.shares(event);
            }
        }
    }

    fn trade(&mut self, pair: TokenPair, amount_in: Amount, amount_out: Amount) {
        self.tag(pair.input.0);
        self.tag(pair.output.0);
        self.u256(amount_in.0);
        self.u256(amount_out.0);
    }

    fn base_log(&mut self, log: &BaseLog) {
        let BaseLog { shares, fees, invariant, total_shares } = log;
        self.amount(*shares);
        self.optional(fees.as_ref(), Self::tokens);
        self.amount(*invariant);
        self.amount(*total_shares);
    }

    fn pair_swap(&mut self, paid: Amounts, taken: Amounts) {
        self.tag(2);
        self.amounts(paid);
        self.amounts(taken);
    }

    fn change(&mut self, tag: u8, change: &LiquidityChange) {
        let LiquidityChange { amounts, shares, fees, invariant, total_shares } = change;
        self.tagged(tag, amounts);
        self.amount(*shares);
        self.optional(fees.as_ref(), Self::tokens);
        self.amount(*invariant);
        self.amount(*total_shares);
    }

    fn ramp(&mut self, ramp: &Ramp) {
        self.tag(12);
        self.u256(ramp.amplification.0);
        self.amount(ramp.gamma);
        self.u64(ramp.ends_at.0);
    }

    fn parameters(&mut self, change: &ParameterChange) {
        let ParameterChange {
            fee,
            admin_fee,
            amplification,
            offpeg_fee_multiplier,
            protocol_fee_on,
            mid_fee,
            out_fee,
            fee_gamma,
            allowed_extra_profit,
            adjustment_step,
            moving_average_time,
        } = *change;
        self.tag(14);
        self.optional(protocol_fee_on, |digest, is_on| digest.tag(u8::from(is_on)));
        for amount in [
            fee,
            admin_fee,
            amplification,
            offpeg_fee_multiplier,
            mid_fee,
            out_fee,
            fee_gamma,
            allowed_extra_profit,
            adjustment_step,
            moving_average_time,
        ] {
            self.amount(amount);
        }
    }

    fn tagged(&mut self, tag: u8, amounts: &TokenAmounts) {
        self.tag(tag);
        self.tokens(amounts);
    }

    pub(super) fn tokens(&mut self, amounts: &TokenAmounts) {
        self.tag(u8::try_from(amounts.len()).unwrap_or(u8::MAX));
        amounts.as_slice().iter().for_each(|amount| self.u256(amount.0));
    }

    fn amount(&mut self, amount: Option<Amount>) {
        self.optional(amount, |digest, amount| digest.u256(amount.0));
    }
}

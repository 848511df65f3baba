//! Calls of the pool's owner and of anybody that move no tokens.

use tidemill_amm::composable_stable::ComposableStableError;
use tidemill_testkit::Call;
use tidemill_units::{Amount, Timestamp, TokenIndex, U256};

use super::{DAY, END_OF_TIME, ONE, World, swap_fee};
use crate::tally::Tally;

impl World {
    pub(super) fn set_swap_fee(&mut self, tally: &mut Tally) {
        let fee = match self.random.below(4) {
            0 => U256::from(self.random.below(2_000_000_000_000)),
            1 => U256::from(ONE / 10 + self.random.below(2)),
            _ => swap_fee(&mut self.random),
        };
        let call = Call::new("setSwapFeePercentage(uint256)", 1).word(fee);
        let result = self.model.set_swap_fee(fee).map(|()| Amount::ZERO);
        self.owner_call("set swap fee", call, result, tally);
    }

    /// Compares what a call of the pool's owner does; the model says what the protocol got.
    fn owner_call(
        &mut self,
        name: &'static str,
        call: Call,
        result: Result<Amount, ComposableStableError>,
        tally: &mut Tally,
    ) {
        self.last = name.to_owned();
        let real = self.oracle.own(call).unwrap();
        match result {
            Ok(minted) => {
                tally.count(name);
                assert_eq!(real.result.map(|_| ()), Ok(()), "{}", self.context());
                self.compare(minted, tally);
            }
            Err(error) => self.refused(name, error.reason(), &real, tally),
        }
    }

    pub(super) fn set_protocol_fees(&mut self, tally: &mut Tally) {
        let swap = self.random.pick(&[0, ONE / 2, ONE / 10, ONE / 4 + 7]);
        let growth = self.random.pick(&[0, ONE, ONE / 2, ONE / 10 + 3]);
        self.provider_fees = [swap, growth].map(U256::from);
        let [swap, growth] = self.provider_fees;
        self.oracle.world.set_protocol_swap_fee(swap).unwrap().result.unwrap();
        self.oracle.world.set_protocol_yield_fee(growth).unwrap().result.unwrap();
        tally.count("set protocol fees");
        self.look_up_protocol_fees(tally);
    }

    pub(super) fn look_up_protocol_fees(&mut self, tally: &mut Tally) {
        let [swap, growth] = self.provider_fees;
        let at = self.at();
        let result = self.model.update_protocol_fees(swap, growth, at);
        let call = Call::new("updateProtocolFeePercentageCache()", 0);
        self.owner_call("look up protocol fees", call, result, tally);
    }

    pub(super) fn set_rates(&mut self, tally: &mut Tally) {
        let state = self.model.state();
        let mut rates: Vec<Option<U256>> =
            state.rates.iter().map(|rate| rate.map(|rate| rate.provided)).collect();
        for (token, rate) in rates.iter_mut().enumerate() {
            if let Some(rate) = rate {
                let grown = *rate + *rate / U256::from(1 + self.random.below(1000));
                *rate = match self.random.below(12) {
                    0 if self.random.once_in(4) => self.random.wide(100),
                    0 if self.random.once_in(6) => U256::ONE << 96_usize,
                    0 | 1 => U256::from(ONE),
                    2 => *rate - *rate / U256::from(1000),
                    _ if rate.bit_len() > 70 || rate.bit_len() < 50 => U256::from(ONE),
                    _ => grown,
                };
                if self.random.once_in(60) {
                    *rate = U256::ZERO;
                }
                let address = self.oracle.world.tokens[token];
                self.oracle.world.set_rate(address, *rate).unwrap();
            }
        }
        self.model.set_rates(&rates).unwrap();
        tally.count("set rates");
    }

    fn rated_token(&mut self) -> (TokenIndex, Call) {
        let token = self.token();
        let address = self.oracle.world.tokens.get(token.place()).copied();
        let address = address.unwrap_or(self.oracle.world.vault);
        (token, Call::bare(0).address(address))
    }

    pub(super) fn update_rate(&mut self, tally: &mut Tally) {
        let (token, argument) = self.rated_token();
        let at = self.at();
        let result = self.model.update_rate(token, at).map(|()| Amount::ZERO);
        let word = U256::from_be_slice(&argument.encode());
        let call = Call::new("updateTokenRateCache(address)", 1).word(word);
        self.owner_call("update rate", call, result, tally);
    }

    pub(super) fn set_rate_duration(&mut self, tally: &mut Tally) {
        let (token, argument) = self.rated_token();
        let at = self.at();
        let seconds = match self.random.below(8) {
            0 => END_OF_TIME - 1 + self.random.below(2),
            1 => END_OF_TIME.saturating_sub(self.now + self.random.below(2)),
            _ => self.random.pick(&[0, 1, 100, DAY, 5 * DAY]),
        };
        let result = self.model.set_rate_duration(token, seconds, at).map(|()| Amount::ZERO);
        let word = U256::from_be_slice(&argument.encode());
        let call = Call::new("setTokenRateCacheDuration(address,uint256)", 2).word(word);
        self.owner_call("set rate duration", call.word(U256::from(seconds)), result, tally);
    }

    pub(super) fn start_ramp(&mut self, tally: &mut Tally) {
        let at = self.at();
        let current = self.model.amplification(at) / 1_000;
        let end = match self.random.below(8) {
            0 => self.random.below(5_003),
            1 => self.random.pick(&[0, 1, 5_000, 5_001]),
            2 => current * 2 + self.random.below(2),
            3 => current / 2 + self.random.below(2),
            _ => current + self.random.below(current + 1) / 2,
        };
        let end_time = match self.random.below(8) {
            0 => self.now - self.random.below(2),
            1 => self.now + DAY - self.random.below(2),
            _ => self.now + DAY + self.random.below(10 * DAY),
        };
        let result = self.model.start_ramp(end, Timestamp(end_time), at).map(|()| Amount::ZERO);
        let call = Call::new("startAmplificationParameterUpdate(uint256,uint256)", 2);
        let call = call.word(U256::from(end)).word(U256::from(end_time));
        self.owner_call("start ramp", call, result, tally);
    }

    pub(super) fn stop_ramp(&mut self, tally: &mut Tally) {
        let at = self.at();
        let result = self.model.stop_ramp(at).map(|()| Amount::ZERO);
        let call = Call::new("stopAmplificationParameterUpdate()", 0);
        self.owner_call("stop ramp", call, result, tally);
    }

    pub(super) fn recovery_mode(&mut self, tally: &mut Tally) {
        let is_on = self.model.state().in_recovery_mode;
        if is_on || self.random.once_in(5) {
            let at = self.at();
            let result = self.model.disable_recovery_mode(at).map(|()| Amount::ZERO);
            let call = Call::new("disableRecoveryMode()", 0);
            self.owner_call("disable recovery mode", call, result, tally);
        } else if self.random.once_in(2) {
            self.model.enable_recovery_mode();
            let call = Call::new("enableRecoveryMode()", 0);
            self.owner_call("enable recovery mode", call, Ok(Amount::ZERO), tally);
        }
    }
}

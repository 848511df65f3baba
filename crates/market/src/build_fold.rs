//! Executing again what only the kin of Uniswap v3 log.

use tidemill_amm::concentrated::{Build, Owner, Pool, PoolError, SaltedKey};
use tidemill_model::{Address, BuildEvent, Bytes32, PoolEvent, PoolStart};
use tidemill_units::{Amount, Amounts, FeePips, Liquidity, SignedLiquidity, TickRange, Timestamp};

use crate::concentrated_market::{ConcentratedMarket, differs, requested, reverts};
use crate::{Mismatch, start};

/// Whose pool logs an event.
fn build_of(event: &BuildEvent) -> Build {
    match event {
        BuildEvent::PancakeSwap { .. }
        | BuildEvent::SetFeeProtocol(_)
        | BuildEvent::CollectProtocol(_) => Build::PancakeV3,
        BuildEvent::Stake { .. }
        | BuildEvent::CollectFees(_)
        | BuildEvent::SetFee(_)
        | BuildEvent::SetUnstakedFee(_) => Build::Slipstream,
        BuildEvent::ManagedSwap { .. }
        | BuildEvent::ModifyLiquidity { .. }
        | BuildEvent::Donate(_)
        | BuildEvent::ProtocolFeeUpdated(_) => Build::UniswapV4,
    }
}

impl ConcentratedMarket {
    pub(crate) fn apply_build(
        &mut self,
        event: &PoolEvent,
        build: &BuildEvent,
        now: Timestamp,
    ) -> Result<(), Mismatch> {
        if self.history.build() != build_of(build) {
            return Err(Mismatch::OtherPool { kind: event.kind() });
        }
        match *build {
            BuildEvent::PancakeSwap { amounts, after, protocol_fees } => {
                let before = self.history.protocol_fees();
                self.replay_swap(amounts, after, now)?;
                self.compare_protocol_fees(event, before, protocol_fees)
            }
            BuildEvent::ManagedSwap { amounts, after, fee } => {
                self.replay_swap(amounts, after, now)?;
                self.compare_fee(event, fee)
            }
            BuildEvent::CollectProtocol(amounts) => {
                let paid = self.history.collect_protocol(requested(amounts));
                self.compare_from_creation(event, paid.map_err(reverts(event))?, amounts)
            }
            BuildEvent::CollectFees(amounts) => {
                let paid = self.history.collect_gauge_fees().map_err(reverts(event))?;
                self.compare_from_creation(event, paid, amounts)
            }
            BuildEvent::ModifyLiquidity { owner, range, delta } => {
                self.replay_modification(event, self.salted_key(owner, range), delta)
            }
            BuildEvent::SetFeeProtocol(_)
            | BuildEvent::Stake { .. }
            | BuildEvent::SetFee(_)
            | BuildEvent::SetUnstakedFee(_)
            | BuildEvent::Donate(_)
            | BuildEvent::ProtocolFeeUpdated(_) => {
                let by_owner = self.by_owner;
                set(&mut self.history, build, by_owner).map_err(reverts(event))
            }
        }
    }

    fn compare_protocol_fees(
        &self,
        event: &PoolEvent,
        before: [u128; 2],
        recorded: Option<[u128; 2]>,
    ) -> Result<(), Mismatch> {
        let [fees0, fees1] = self.history.protocol_fees();
        let [before0, before1] = before;
        let [computed0, computed1] = [fees0.wrapping_sub(before0), fees1.wrapping_sub(before1)];
        let [recorded0, recorded1] = recorded.unwrap_or([computed0, computed1]);
        let tolerance = self.header.amount_tolerance;
        for (field, computed, recorded) in
            [("protocol_fee0", computed0, recorded0), ("protocol_fee1", computed1, recorded1)]
        {
            if !tolerance.accepts(Amount::from_u128(computed), Amount::from_u128(recorded)) {
                return Err(differs(event, field, computed.to_string(), recorded.to_string()));
            }
        }
        Ok(())
    }

    fn compare_fee(&self, event: &PoolEvent, recorded: Option<FeePips>) -> Result<(), Mismatch> {
        let computed = self.last_request.map(|request| self.history.swap_fee(request.input));
        match (computed, recorded) {
            (Some(computed), Some(recorded)) if computed != recorded => {
                Err(differs(event, "fee_pips", computed.0.to_string(), recorded.0.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// What had gathered before a snapshot is not known, and so neither is the sum.
    fn compare_from_creation(
        &self,
        event: &PoolEvent,
        computed: Amounts,
        recorded: Amounts,
    ) -> Result<(), Mismatch> {
        match self.header.start {
            PoolStart::Creation => self.compare(event, computed, recorded),
            PoolStart::Snapshot { .. } | PoolStart::Window(_) => Ok(()),
        }
    }

    fn replay_modification(
        &mut self,
        event: &PoolEvent,
        key: SaltedKey,
        delta: SignedLiquidity,
    ) -> Result<(), Mismatch> {
        if delta.0 == 0 {
            // Somebody was paid his fees; a range taken as one position has none to keep.
            let poked = self.by_owner.then(|| self.history.modify_liquidity(key, delta));
            return poked.map_or(Ok(()), |poked| poked.map(drop).map_err(reverts(event)));
        }
        let held = self.history.salted_position(&key).liquidity;
        let [asked, has] = [delta.magnitude(), held].map(|of| Amount::from_u128(of.0));
        let is_rounded =
            delta.0 < 0 && asked > has && self.header.amount_tolerance.accepts(asked, has);
        let delta = if is_rounded { at_most(delta, held) } else { delta };
        self.history.modify_liquidity(key, delta).map_err(reverts(event))?;
        self.counts.liquidity_changes = self.counts.liquidity_changes.saturating_add(1);
        Ok(())
    }

    fn salted_key(&self, owner: Option<(Address, Bytes32)>, range: TickRange) -> SaltedKey {
        match owner.filter(|_| self.by_owner) {
            Some((owner, salt)) => SaltedKey { owner: Owner(owner.0), range, salt: salt.0 },
            None => start::pooled(range),
        }
    }

    pub(crate) fn apply_build_with_us(&mut self, event: &BuildEvent, now: Timestamp) {
        let by_owner = self.by_owner;
        match *event {
            BuildEvent::PancakeSwap { .. } | BuildEvent::ManagedSwap { .. } => {
                if let Some(request) = self.last_request {
                    self.change_with_us(|pool| pool.swap(request, now).map(drop));
                }
            }
            BuildEvent::CollectProtocol(amounts) => {
                self.change_with_us(|pool| pool.collect_protocol(requested(amounts)).map(drop));
            }
            BuildEvent::CollectFees(_) => {
                self.change_with_us(|pool| pool.collect_gauge_fees().map(drop));
            }
            BuildEvent::ModifyLiquidity { owner, range, delta } => {
                let key = self.salted_key(owner, range);
                if delta.0 != 0 || by_owner {
                    let held = self.pool().salted_position(&key).liquidity;
                    let delta = at_most(delta, held);
                    self.change_with_us(|pool| pool.modify_liquidity(key, delta).map(drop));
                }
            }
            BuildEvent::SetFeeProtocol(_)
            | BuildEvent::Stake { .. }
            | BuildEvent::SetFee(_)
            | BuildEvent::SetUnstakedFee(_)
            | BuildEvent::Donate(_)
            | BuildEvent::ProtocolFeeUpdated(_) => {
                self.change_with_us(|pool| set(pool, event, by_owner));
            }
        }
    }
}

/// Removes no more than there is.
fn at_most(delta: SignedLiquidity, held: Liquidity) -> SignedLiquidity {
    let is_more = delta.0 < 0 && delta.magnitude() > held;
    if is_more { SignedLiquidity::negative(held).unwrap_or(delta) } else { delta }
}

/// Makes a call that has no answer; all others change nothing.
fn set(pool: &mut Pool, event: &BuildEvent, by_owner: bool) -> Result<(), PoolError> {
    match *event {
        BuildEvent::SetFeeProtocol(shares) => pool.set_pancake_fee_protocol(shares),
        // Where owners are not known, nobody's position can be moved to the gauge.
        BuildEvent::Stake { range, delta, moves_position } => {
            pool.stake(range, delta, moves_position && by_owner)
        }
        BuildEvent::SetFee(fee) => pool.set_fee(fee),
        BuildEvent::SetUnstakedFee(fee) => pool.set_unstaked_fee(fee),
        BuildEvent::Donate(amounts) => pool.donate(amounts),
        BuildEvent::ProtocolFeeUpdated(shares) => pool.set_protocol_fee(shares),
        BuildEvent::PancakeSwap { .. }
        | BuildEvent::ManagedSwap { .. }
        | BuildEvent::CollectProtocol(_)
        | BuildEvent::CollectFees(_)
        | BuildEvent::ModifyLiquidity { .. } => Ok(()),
    }
}

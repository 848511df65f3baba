use tidemill_units::{Amount, Timestamp, U256};

use super::{
    Checkpoint, Finalization, LiquidError, LiquidStaking, credit, deposit_size, difference,
    product, quotient, set, sum,
};

/// What the oracle reports, and what of it the limits on a rebase let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OracleReport {
    /// When.
    pub at: Timestamp,
    /// Validators ever seen.
    pub appeared_validators: u64,
    /// Ether with them.
    pub consensus_balance: Amount,
    /// Ether taken from the withdrawal vault.
    pub withdrawals: Amount,
    /// Ether taken from the execution layer's rewards.
    pub execution_rewards: Amount,
    /// Shares to burn of those the burner was asked for, this report's included.
    pub shares_to_burn: Amount,
    /// Requests to finalise, each batch by its last id; may be none.
    pub finalize: Vec<u64>,
    /// At which rate, in parts of 10^27.
    pub share_rate: U256,
}

/// What a report did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Shares minted as the protocol's fee, rounded down.
    pub fee_shares: Amount,
    /// What the finalisation took.
    pub finalized: Finalization,
    /// All ether after it.
    pub total_pooled: Amount,
    /// All shares after it.
    pub total_shares: Amount,
}

impl LiquidStaking {
    /// Takes up an oracle report: every balance rebases, the protocol's part of a reward is minted
    /// as shares, requests are finalised.
    ///
    /// The fee's shares are counted against the ether and the shares before the report, so burning
    /// and finalising in the same report leave them as they are. No fee where validators have not
    /// gained, whatever the execution layer brought.
    ///
    /// Errors: `ReportedMoreDeposited`, `ReportedLessValidators`, `TooEarly`, `BurnExceeded`,
    /// those of [`prefinalize`](Self::prefinalize), `BalanceExceeded` and arithmetic.
    /// Source: `Lido.handleOracleReport`, without the sanity checker's limits.
    pub fn report(&mut self, report: &OracleReport) -> Result<Rebased, LiquidError> {
        let mut after = self.clone();
        let rebased = after.report_unchecked(report)?;
        *self = after;
        Ok(rebased)
    }

    fn report_unchecked(&mut self, report: &OracleReport) -> Result<Rebased, LiquidError> {
        let (pooled, shares) = (self.total_pooled()?, self.total_shares);
        if report.appeared_validators > self.deposited_validators {
            return Err(LiquidError::ReportedMoreDeposited);
        }
        let new = report.appeared_validators.checked_sub(self.appeared_validators);
        let new = Amount::from_u64(new.ok_or(LiquidError::ReportedLessValidators)?);
        let before = sum(self.consensus_balance.0, product(new.0, deposit_size())?)?;
        self.appeared_validators = report.appeared_validators;
        self.consensus_balance = report.consensus_balance;

        let finalized = self.start_finalization(report)?;
        let buffered = sum(self.buffered.0, report.execution_rewards.0)?;
        let buffered = sum(buffered, report.withdrawals.0)?;
        self.buffered = Amount(difference(buffered, finalized.to_lock.0)?);
        self.burn(report.shares_to_burn)?;

        let now = sum(report.consensus_balance.0, report.withdrawals.0)?;
        let mut fee_shares = Amount::ZERO;
        if let Some(gained) = now.checked_sub(before).filter(|gained| !gained.is_zero()) {
            let rewards = sum(gained, report.execution_rewards.0)?;
            fee_shares = self.mint_fee(pooled, shares, rewards)?;
        }
        let total_pooled = self.total_pooled()?;
        Ok(Rebased { fee_shares, finalized, total_pooled, total_shares: self.total_shares })
    }

    /// Source: `_calculateWithdrawals`, `Burner.requestBurnShares`, `_finalize`.
    fn start_finalization(&mut self, report: &OracleReport) -> Result<Finalization, LiquidError> {
        let Some(last) = report.finalize.last() else { return Ok(Finalization::default()) };
        let index = last.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let request = index.and_then(|index| self.requests.get(index));
        let request = request.ok_or(LiquidError::InvalidRequest)?;
        let ready = request.requested_at.0.checked_add(self.request_margin_seconds);
        if ready.ok_or(LiquidError::PanicOverflow)? > report.at.0 {
            return Err(LiquidError::TooEarly);
        }
        let finalized = self.prefinalize(&report.finalize, report.share_rate)?;
        if !finalized.to_burn.is_zero() {
            let (queue, burner) = (self.accounts.queue, self.accounts.burner);
            self.pooled_by_shares(finalized.to_burn)?;
            self.move_shares(queue, burner, finalized.to_burn)?;
            let requested = self.burn_requested.checked_add(finalized.to_burn);
            self.burn_requested = requested.ok_or(LiquidError::PanicOverflow)?;
        }
        // Without ether to lock the contract burns and leaves the queue as it is.
        if !finalized.to_lock.is_zero() {
            let before = u64::try_from(self.finalized).unwrap_or(u64::MAX);
            self.checkpoints.push(Checkpoint {
                from_request: before.saturating_add(1),
                max_share_rate: report.share_rate,
            });
            let locked = self.locked.checked_add(finalized.to_lock);
            self.locked = locked.ok_or(LiquidError::PanicOverflow)?;
            self.finalized = usize::try_from(*last).map_err(|_| LiquidError::InvalidRequest)?;
        }
        Ok(finalized)
    }

    /// Source: `Burner.commitSharesToBurn`, `StETH._burnShares`.
    fn burn(&mut self, shares: Amount) -> Result<(), LiquidError> {
        if shares.is_zero() {
            return Ok(());
        }
        let requested = self.burn_requested.checked_sub(shares);
        self.burn_requested = requested.ok_or(LiquidError::BurnExceeded)?;
        let burner = self.accounts.burner;
        let left = self.shares_of(burner).checked_sub(shares);
        let left = left.ok_or(LiquidError::BalanceExceeded)?;
        self.pooled_by_shares(shares)?;
        self.total_shares = Amount(difference(self.total_shares.0, shares.0)?);
        set(&mut self.shares, burner, left);
        self.pooled_by_shares(shares)?;
        Ok(())
    }

    /// Source: `_distributeFee`.
    fn mint_fee(
        &mut self,
        pooled: Amount,
        shares: Amount,
        rewards: U256,
    ) -> Result<Amount, LiquidError> {
        let fee = self.fee.clone();
        if fee.total.is_zero() {
            return Ok(Amount::ZERO);
        }
        let taken = product(rewards, fee.total)?;
        let whole = product(sum(pooled.0, rewards)?, fee.precision)?;
        let minted = quotient(product(taken, shares.0)?, difference(whole, taken)?)?;
        let token = self.accounts.token;
        self.total_shares = Amount(sum(self.total_shares.0, minted.0)?);
        credit(&mut self.shares, token, minted);
        let mut left = minted.0;
        for module in fee.modules.iter().filter(|module| !module.fee.is_zero()) {
            let part = quotient(product(minted.0, module.fee)?, fee.total)?;
            self.move_shares(token, module.recipient, part)?;
            self.pooled_by_shares(part)?;
            left = difference(left, part.0)?;
        }
        self.move_shares(token, self.accounts.treasury, Amount(left))?;
        self.pooled_by_shares(Amount(left))?;
        Ok(minted)
    }
}

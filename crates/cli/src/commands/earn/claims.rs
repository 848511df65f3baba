//! Campaigns, Merkle claims and schedules.

use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::emission::{Emission, EmissionClock};
use tidemill_rewards::merkl::Merkl;
use tidemill_rewards::merkle_claim::{CumulativeClaim, MerkleClaim};
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_units::{Amount, U256};

use super::entry::{Earnings, Entry, Times};

/// What was settled so far: later hours depend on swaps to come.
pub(super) fn merkl(campaign: &Merkl) -> Earnings {
    let state = campaign.state();
    let terms = state.terms;
    let rate = terms.amount.0.checked_div(U256::from(terms.duration_seconds));
    let to_be_shared = terms.amount.checked_sub(state.allotted).unwrap_or_default();
    let stream = Entry::stream("all")
        .with("rate_per_second", rate.unwrap_or_default())
        .with("start_time", terms.start.0)
        .with("period_finish", campaign.period_finish().0)
        .with("settled_to", state.updated_at.0)
        .with("to_be_shared_out", to_be_shared)
        .with("unallocated", state.undistributed);
    let account = |of: &tidemill_rewards::merkl::MerklAccount| {
        Entry::account(of.account, "all").with("earned", of.earned)
    };
    Earnings { streams: vec![stream], accounts: state.accounts.iter().map(account).collect() }
}

/// Who may claim what is in the tree, not in the state.
pub(super) fn merkle_claim(claim: &MerkleClaim) -> Earnings {
    let state = claim.state();
    let claimed: usize = state.claimed_bit_map.iter().map(|word| word.bits.count_ones()).sum();
    let stream = Entry::stream("all")
        .with("merkle_root", state.merkle_root)
        .with("held", state.balance)
        .with("claims_made", claimed);
    Earnings { streams: vec![stream], accounts: Vec::new() }
}

/// What was claimed; what can be is in the tree, not in the state.
pub(super) fn cumulative_claim(claim: &CumulativeClaim, times: Times) -> Earnings {
    let state = claim.state();
    let mut streams = vec![
        Entry::stream("all")
            .with("merkle_root", claim.merkle_root(times.now()))
            .with("end_of_dispute_period", state.end_of_dispute_period.0)
            .with_optional("disputer", state.disputer),
    ];
    for holding in &state.balances {
        let stream = Entry::stream(format!("token {}", holding.token));
        streams.push(stream.with("held", holding.amount));
    }
    let account = |of: &tidemill_rewards::merkle_claim::UserTokenAmount| {
        Entry::account(of.user, format!("token {}", of.token)).with("claimed", of.amount)
    };
    Earnings { streams, accounts: state.claimed.iter().map(account).collect() }
}

pub(super) fn emission(emission: &Emission, times: Times) -> Result<Earnings, String> {
    let rate = match emission.state().clock {
        EmissionClock::Seconds => "rate_per_second",
        EmissionClock::Blocks => "rate_per_block",
    };
    let next = emission.between(times.at, times.at.saturating_add(1));
    let mut stream = Entry::stream("all")
        .with("released", emission.cumulative(times.at))
        .with(rate, next.map_err(|error| error.to_string())?);
    if let Some(until) = times.until {
        stream = stream.with("released_until", emission.cumulative(until));
    }
    Ok(Earnings { streams: vec![stream], accounts: Vec::new() })
}

pub(super) fn crv_emission(token: &CrvEmission, times: Times) -> Result<Earnings, String> {
    let said = |error: tidemill_rewards::crv_emission::CrvEmissionError| error.to_string();
    let mut now = *token;
    let epoch = now.future_epoch_time_write(times.now()).map_err(said)?;
    let available = now.available_supply(times.now()).map_err(said)?;
    Ok(schedule(now.rate, epoch.0, available).with_supply(now.total_supply))
}

pub(super) fn token_admin(admin: &TokenAdmin, times: Times) -> Result<Earnings, String> {
    let said = |error: tidemill_rewards::token_admin::TokenAdminError| error.to_string();
    let mut now = *admin;
    let epoch = now.future_epoch_time_write(times.now()).map_err(said)?;
    let available = now.available_supply(times.now()).map_err(said)?;
    Ok(schedule(now.rate, epoch.0, available))
}

fn schedule(rate: U256, period_finish: u64, available_supply: Amount) -> Earnings {
    let stream = Entry::stream("all")
        .with("rate_per_second", rate)
        .with("period_finish", period_finish)
        .with("available_supply", available_supply);
    Earnings { streams: vec![stream], accounts: Vec::new() }
}

impl Earnings {
    fn with_supply(mut self, total_supply: Amount) -> Self {
        if let Some(stream) = self.streams.pop() {
            self.streams.push(stream.with("total_supply", total_supply));
        }
        self
    }
}

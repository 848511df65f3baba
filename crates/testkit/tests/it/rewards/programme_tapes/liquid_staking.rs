use tidemill_market::{FoldedProgramme, NoPools, ProgrammeFold};
use tidemill_model::{Address, ProgrammeKind, ProgrammeLog, RateTokenLog, VaultLog};
use tidemill_rewards::liquid_staking::{RateToken, Vault};
use tidemill_rewards::{Account, Programme};
use tidemill_store::ProgrammeState;
use tidemill_testkit::Random;
use tidemill_units::Amount;

use super::encoded::liquid_staking as encoded;
use super::{Recorder, Tampering, fold, folded, refuse_every_field};
use crate::rewards::liquid_staking::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

/// What may make no difference: whose it is and how many where no share moved or it moved to its
/// own holder, an amount that is worth the same shares, ages of reports and rates that change
/// nothing about what is paid, a rate that was set anew before anybody met it.
const BLIND: [&str; 26] = [
    "submitted.sender",
    "transfer_shares.from",
    "transfer_shares.to",
    "wrapped.user",
    "wrapped.amount",
    "unwrapped.user",
    "deposit.owner",
    "withdraw.owner",
    "transfer_shares.value",
    "token_rebased.report_timestamp",
    "token_rebased.share_rate",
    "token_rebased.batches",
    "balances_updated.total_eth",
    "balances_updated.reth_supply",
    "transfer_shares.shares_value",
    "unwrapped.amount",
    "unwrapped.tokens",
    "wrapped.tokens",
    "token_rebased.cl_validators",
    "deposit.shares",
    "deposit.assets",
    "withdraw.assets",
    "withdraw.shares",
    "given.amount",
    "tokens_minted.to",
    "tokens_burned.from",
];

const OPERATIONS: [&str; 39] = [
    "folded submitted",
    "folded transfer_shares",
    "folded wrapped",
    "folded unwrapped",
    "folded unbuffered",
    "folded withdrawal_requested",
    "folded token_rebased",
    "folded withdrawal_claimed",
    "folded tokens_minted",
    "folded tokens_burned",
    "folded balances_updated",
    "folded deposit",
    "folded withdraw",
    "folded given",
    "found submitted.sender",
    "found submitted.amount",
    "found submitted.shares",
    "found transfer_shares.from",
    "found transfer_shares.to",
    "found transfer_shares.shares_value",
    "found wrapped.amount",
    "found wrapped.tokens",
    "found unwrapped.tokens",
    "found unwrapped.amount",
    "found unbuffered.amount",
    "found withdrawal_requested.request_id",
    "found withdrawal_requested.amount",
    "found withdrawal_requested.shares",
    "found token_rebased.cl_validators",
    "found token_rebased.cl_balance",
    "found token_rebased.withdrawals",
    "found token_rebased.execution_rewards",
    "found token_rebased.fee_shares",
    "found token_rebased.total_ether",
    "found token_rebased.total_shares",
    "found tokens_minted.deposited",
    "found tokens_burned.eth_amount",
    "found deposit.shares",
    "found withdraw.assets",
];

#[test]
fn tapes_of_liquid_staking_fold_to_the_naive_models_state() {
    let worlds = Worlds {
        name: "tapes of liquid staking",
        stream: 809,
        tests: 4,
        most_in_one: 150,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        let (pool, token, vault) = (world.pool.state(), world.token.clone(), world.vault.clone());
        (0..most).for_each(|_| world.step(tally));
        let ends = [
            (ProgrammeKind::LiquidStaking, pool.into(), world.pool.state().into()),
            (ProgrammeKind::RateToken, token.into(), world.token.clone().into()),
            (ProgrammeKind::Vault, vault.into(), world.vault.clone().into()),
        ];
        for (kind, start, end) in ends {
            check(&world, kind, (start, end), (seed, tally));
        }
        most
    });
}

/// The world has compared its models with the naive ones after every operation.
fn check(
    world: &World,
    kind: ProgrammeKind,
    (start, end): (ProgrammeState, ProgrammeState),
    (seed, tally): (u64, &mut Tally),
) {
    let written = if let ProgrammeState::LiquidStaking(start) = &start {
        &encoded::read(start.appeared_validators, &world.written)
    } else {
        &world.written
    };
    let recorder = Recorder::of(written, kind);
    if recorder.events.is_empty() {
        return;
    }
    let (tape, text) = recorder.tape(start);
    let fold_of = folded(&tape, &NoPools, &format!("{kind} of world {seed}"), tally);
    assert_eq!(state(&fold_of), end, "{kind} of world {seed}");
    let tampering = Tampering { shift: &[], blind: &BLIND };
    refuse_every_field(&text, &mut Random::new(seed), tally);
    tampering.run(&text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(state(&fold) == end)
    });
}

fn state(fold: &ProgrammeFold) -> ProgrammeState {
    if let FoldedProgramme::LiquidStaking(model) = fold.programme() {
        return model.state().into();
    }
    if let FoldedProgramme::RateToken(model) = fold.programme() {
        return (**model).clone().into();
    }
    let FoldedProgramme::Vault(model) = fold.programme() else { panic!("{fold:?}") };
    (**model).clone().into()
}

fn units(amount: u64) -> Amount {
    Amount::from_u64(amount)
}

const ALICE: Account = Account([0xa1; 20]);
const BOB: Account = Account([0xb0; 20]);

/// Executes logs; says why one of them could not be.
fn after(start: impl Into<ProgrammeState>, logs: &[ProgrammeLog]) -> Result<Programme, String> {
    let logs: Vec<_> = logs.iter().map(|log| (None, 1_700_000_000, log.clone())).collect();
    let (tape, _) = Recorder::of(&logs, logs[0].2.programme()).tape(start);
    let fold = fold(&tape, &NoPools).map_err(|both| both.1.to_string())?;
    Ok(state(&fold).resume().unwrap())
}

#[test]
fn tokens_with_a_rate_change_hands_and_their_ether_goes_to_validators() {
    let tokens = [(ALICE, units(100))].into();
    let start = RateToken { collateral: units(100), tokens, ..RateToken::default() };
    let [from, to] = [ALICE, BOB].map(|who| Address(who.0));
    let moved = |value| RateTokenLog::Transfer { from, to, value: units(value) };
    let execute = |logs: &[RateTokenLog]| {
        let logs: Vec<_> = logs.iter().map(|log| ProgrammeLog::RateToken(*log)).collect();
        after(start.clone(), &logs)
    };
    let expected = |alice: u64, bob: u64, collateral| {
        let tokens = [(ALICE, units(alice)), (BOB, units(bob))];
        let tokens = tokens.into_iter().filter(|(_, held)| !held.is_zero()).collect();
        let token = RateToken { collateral: units(collateral), tokens, ..RateToken::default() };
        Ok(Programme::RateToken(Box::new(token)))
    };
    assert_eq!(execute(&[moved(40)]), expected(60, 40, 100));
    assert_eq!(execute(&[moved(100)]), expected(0, 100, 100));
    let burned = RateTokenLog::TokensBurned { from: to, amount: units(40), eth_amount: units(40) };
    assert_eq!(execute(&[moved(40), burned]), expected(60, 0, 60));
    let fewer = "the transfer reverts: the holder has fewer shares";
    assert_eq!(execute(&[moved(101)]), Err(fewer.to_owned()));
    let assigned = |amount| RateTokenLog::DepositAssigned { amount: units(amount) };
    let deposited = RateTokenLog::EtherDeposited { amount: units(7) };
    assert_eq!(execute(&[assigned(100), deposited]), expected(100, 0, 7));
    let little = "the deposit_assigned reverts: there is too little collateral for the exchange";
    assert_eq!(execute(&[deposited, assigned(108)]), Err(little.to_owned()));
}

#[test]
fn shares_of_a_vault_change_hands() {
    let shares = [(ALICE, units(100))].into();
    let start = Vault { assets: units(100), shares, decimals_offset: 0 };
    let [from, to] = [ALICE, BOB].map(|who| Address(who.0));
    let moved = |value| ProgrammeLog::Vault(VaultLog::Transfer { from, to, value: units(value) });
    let (owner, assets) = (to, units(30));
    let paid = ProgrammeLog::Vault(VaultLog::Withdraw { owner, assets, shares: assets });
    let shares = [(ALICE, units(70))].into();
    let vault = Vault { assets: units(70), shares, decimals_offset: 0 };
    let end = Programme::Vault(Box::new(vault));
    assert_eq!(after(start.clone(), &[moved(30), paid]), Ok(end));
    let fewer = "the transfer reverts: the holder has fewer shares";
    assert_eq!(after(start, &[moved(101)]), Err(fewer.to_owned()));
}

use std::collections::BTreeSet;

use tidemill_model::{
    AccountEvent, Address, AssetId, Ballot, BaseLog, BuildEvent, Bytes32, ChainEvent, ChainId,
    Choice, Event, EventBody, GasPaid, GaugeNumber, Holding, InstrumentId, Intent, LiquidityChange,
    MinedBlock, Order, OrderKey, Outcome, OutcomeKind, ParameterChange, Placement, PoolEvent,
    PoolId, PoolPair, PositionId, PriceEvent, ProgrammeId, QuotePrice, Ramp, RecordedAfter,
    Rejection, RevertedBlock, Reward, Sequence, ShareEvent, TradeSide, VotingId,
};
use tidemill_units::{
    Amount, BlockNumber, Bps, FeePips, Gas, GasPrice, InstantUs, Liquidity, LogIndex, Side,
    SignedAmount, SignedAmounts, SignedLiquidity, SqrtPrice, Tick, Timestamp, TokenAmounts,
    TokenIndex, TokenPair,
};

use super::synthetic_tape::{amounts, range};
use crate::Digest;

/// The same event with one thing about it changed at a time.
fn envelopes(body: EventBody) -> Vec<Event> {
    let later = InstantUs(5_000_001);
    let event = Event::at(Sequence(1), Timestamp(5), body);
    vec![
        event.clone(),
        Event { sequence: Sequence(2), ..event.clone() },
        Event { happened_at: later, ..event.clone() },
        Event { seen_at: later, ..event },
    ]
}

fn chain(event: PoolEvent) -> ChainEvent {
    let (pool, block, log_index) = (PoolId(0), BlockNumber(0), LogIndex(0));
    ChainEvent { pool, block, log_index, gas_price: None, event }
}

fn pool_events() -> Vec<PoolEvent> {
    let (low, high) = (SqrtPrice::MIN, SqrtPrice::MAX);
    let owners = [None, Some(Address::default()), Some(Address([1; 20]))];
    let ranges = [range(0, 1), range(0, 2), range(-1, 1), range(1, 0)];
    let sizes = [amounts(0, 0), amounts(0, 1), amounts(1, 0)];
    let mut events = vec![];
    for sqrt_price in [low, high] {
        for tick in [None, Some(Tick(0)), Some(Tick(-1))] {
            events.push(PoolEvent::Initialize { sqrt_price, tick });
        }
        for liquidity in [None, Some(Liquidity(0)), Some(Liquidity(1))] {
            for tick in [None, Some(Tick(0))] {
                for [amount0, amount1] in [[0, 1], [1, 0], [-1, 0], [0, -1]] {
                    let [amount0, amount1] = [amount0, amount1].map(SignedAmount::from_i128);
                    let amounts = SignedAmounts { amount0, amount1 };
                    let after = RecordedAfter { sqrt_price: Some(sqrt_price), liquidity, tick };
                    events.push(PoolEvent::Swap { amounts, after });
                    let after = RecordedAfter { sqrt_price: None, ..after };
                    if sqrt_price == low {
                        events.push(PoolEvent::Swap { amounts, after });
                    }
                }
            }
        }
    }
    for owner in owners {
        for range in ranges {
            for amounts in sizes {
                for liquidity in [0, 1].map(Liquidity) {
                    events.push(PoolEvent::Mint { owner, range, liquidity, amounts });
                    events.push(PoolEvent::Burn { owner, range, liquidity, amounts });
                }
                events.push(PoolEvent::Collect { owner, range, amounts });
            }
        }
    }
    events.extend(sizes.map(|paid| PoolEvent::Flash { paid }));
    for [fee_protocol0, fee_protocol1] in [[0, 4], [4, 0], [4, 4]] {
        events.push(PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 });
    }
    events.extend(share_events().into_iter().map(PoolEvent::Shares));
    events.extend(build_events().into_iter().map(Box::new).map(PoolEvent::Build));
    events
}

/// Every kind of event that only some builds of concentrated pools have, with one number about it
/// changed at a time.
fn build_events() -> Vec<BuildEvent> {
    let sizes = [amounts(0, 0), amounts(0, 1), amounts(1, 0)];
    let shares = [[0, 0], [0, 1], [1, 0], [256, 0], [0, 256]];
    let fees = [0, 1, 256].map(FeePips);
    let mut events = vec![];
    for amounts in sizes {
        events.push(BuildEvent::CollectProtocol(amounts));
        events.push(BuildEvent::CollectFees(amounts));
        events.push(BuildEvent::Donate(amounts));
    }
    for shares in shares {
        events.push(BuildEvent::SetFeeProtocol(shares));
        events.push(BuildEvent::ProtocolFeeUpdated(shares));
    }
    for fee in fees {
        events.push(BuildEvent::SetFee(fee));
        events.push(BuildEvent::SetUnstakedFee(fee));
    }
    let none = RecordedAfter { sqrt_price: None, liquidity: None, tick: None };
    let afters = [
        none,
        RecordedAfter { sqrt_price: Some(SqrtPrice::MIN), ..none },
        RecordedAfter { liquidity: Some(Liquidity(0)), ..none },
        RecordedAfter { tick: Some(Tick(0)), ..none },
    ];
    for [amount0, amount1] in [[0, 1], [1, 0], [-1, 0], [0, -1]] {
        let [amount0, amount1] = [amount0, amount1].map(SignedAmount::from_i128);
        let amounts = SignedAmounts { amount0, amount1 };
        for after in afters {
            for protocol_fees in [None, Some([0, 0]), Some([0, 1]), Some([1, 0])] {
                events.push(BuildEvent::PancakeSwap { amounts, after, protocol_fees });
            }
            for fee in [None, Some(fees[0]), Some(fees[1])] {
                events.push(BuildEvent::ManagedSwap { amounts, after, fee });
            }
        }
    }
    let [zero, one] = [Address::default(), Address([1; 20])];
    let owners = [
        None,
        Some((zero, Bytes32([0; 32]))),
        Some((zero, Bytes32([1; 32]))),
        Some((one, Bytes32([0; 32]))),
    ];
    for range in [range(0, 1), range(0, 2), range(-1, 1), range(1, 0)] {
        for delta in [0, 1, -1].map(SignedLiquidity) {
            for moves_position in [false, true] {
                events.push(BuildEvent::Stake { range, delta, moves_position });
            }
            for owner in owners {
                events.push(BuildEvent::ModifyLiquidity { owner, range, delta });
            }
        }
    }
    events
}

/// Every kind of event of a pool of shares, with one number about it changed at a time.
fn share_events() -> Vec<ShareEvent> {
    let [zero, one] = [0, 1].map(Amount::from_u64);
    let tokens = |amounts: &[Amount]| TokenAmounts::new(amounts).unwrap();
    let lists = [tokens(&[zero, one]), tokens(&[one, zero]), tokens(&[zero, one, zero])];
    let mut events = vec![ShareEvent::StopRamp];
    for (input, output) in [(0, 1), (1, 0)] {
        let pair = TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
        for (amount_in, amount_out) in [(zero, one), (one, zero)] {
            events.push(ShareEvent::Swap { pair, amount_in, amount_out });
            let logs = base_logs().into_iter().map(|base| base.map(Box::new));
            events.extend(logs.map(|base| ShareEvent::SwapUnderlying {
                pair,
                amount_in,
                amount_out,
                base,
            }));
        }
    }
    let none = LiquidityChange {
        amounts: lists[0],
        shares: None,
        fees: None,
        invariant: None,
        total_shares: None,
    };
    let mut changes = vec![
        none,
        LiquidityChange { shares: Some(zero), ..none },
        LiquidityChange { fees: Some(lists[0]), ..none },
        LiquidityChange { fees: Some(lists[1]), ..none },
        LiquidityChange { invariant: Some(zero), ..none },
        LiquidityChange { total_shares: Some(zero), ..none },
    ];
    changes.extend([1, 2].map(|at| LiquidityChange { amounts: lists[at], ..none }));
    for change in changes.into_iter().map(Box::new) {
        events.push(ShareEvent::Deposit(change.clone()));
        events.push(ShareEvent::Withdraw(change.clone()));
        events.push(ShareEvent::WithdrawImbalance(change));
    }
    for amounts in lists.map(Box::new) {
        events.push(ShareEvent::Gift(amounts.clone()));
        events.push(ShareEvent::Skim(amounts.clone()));
        events.push(ShareEvent::Sync(amounts.clone()));
        events.push(ShareEvent::ClaimFees(amounts.clone()));
        events.push(ShareEvent::ClaimAdminFees(amounts));
    }
    for (paid, taken) in [((0, 1), (1, 0)), ((1, 0), (0, 1)), ((1, 0), (1, 0))] {
        let [paid, taken] = [paid, taken].map(|(amount0, amount1)| amounts(amount0, amount1));
        events.push(ShareEvent::PairSwap { paid, taken });
    }
    for token in [None, Some(TokenIndex(0)), Some(TokenIndex(1))] {
        for (shares, amount) in [(zero, one), (one, zero)] {
            events.push(ShareEvent::WithdrawOne { token, shares, amount });
        }
    }
    for (amplification, gamma, ends_at) in
        [(zero, None, 0), (one, None, 0), (zero, Some(zero), 0), (zero, None, 1)]
    {
        let ends_at = Timestamp(ends_at);
        events.push(ShareEvent::Ramp(Box::new(Ramp { amplification, gamma, ends_at })));
    }
    events.extend(parameter_changes().into_iter().map(Box::new).map(ShareEvent::SetParameters));
    events.extend([zero, one].map(ShareEvent::ClaimAdminShares));
    let plain = events.clone();
    for admin_shares in [zero, one] {
        let claiming = |event| ShareEvent::Claiming { event: Box::new(event), admin_shares };
        events.extend(plain.iter().cloned().map(claiming));
    }
    events.extend(plain.into_iter().map(Box::new).map(ShareEvent::Base));
    events
}

fn base_logs() -> Vec<Option<BaseLog>> {
    let zero = Some(Amount::ZERO);
    let none = BaseLog::default();
    vec![
        None,
        Some(none),
        Some(BaseLog { shares: zero, ..none }),
        Some(BaseLog { fees: TokenAmounts::new(&[Amount::ZERO; 2]), ..none }),
        Some(BaseLog { invariant: zero, ..none }),
        Some(BaseLog { total_shares: zero, ..none }),
    ]
}

fn parameter_changes() -> Vec<ParameterChange> {
    let unchanged = ParameterChange::default();
    let one = Some(Amount::from_u64(1));
    vec![
        unchanged,
        ParameterChange { fee: one, ..unchanged },
        ParameterChange { admin_fee: one, ..unchanged },
        ParameterChange { amplification: one, ..unchanged },
        ParameterChange { offpeg_fee_multiplier: one, ..unchanged },
        ParameterChange { protocol_fee_on: Some(false), ..unchanged },
        ParameterChange { protocol_fee_on: Some(true), ..unchanged },
        ParameterChange { mid_fee: one, ..unchanged },
        ParameterChange { out_fee: one, ..unchanged },
        ParameterChange { fee_gamma: one, ..unchanged },
        ParameterChange { allowed_extra_profit: one, ..unchanged },
        ParameterChange { adjustment_step: one, ..unchanged },
        ParameterChange { moving_average_time: one, ..unchanged },
    ]
}

fn outcome_kinds() -> Vec<OutcomeKind> {
    let key = |sequence, intent| OrderKey { sequence: Sequence(sequence), intent };
    let mut kinds = vec![OutcomeKind::Expired];
    let sizes = [amounts(0, 0), amounts(0, 1), amounts(1, 0)];
    for position in [key(0, 0), key(0, 1), key(1, 0)].map(PositionId) {
        for deposited in sizes {
            for pool in [0, 1].map(PoolId) {
                for liquidity in [0, 1].map(Liquidity) {
                    let range = range(0, 1);
                    kinds.push(OutcomeKind::Opened {
                        position,
                        pool,
                        holding: Holding::Range { range, liquidity },
                        deposited: deposited.into(),
                    });
                }
            }
            let (fees, deposited) = (amounts(7, 8).into(), deposited.into());
            kinds.push(OutcomeKind::Closed { position, withdrawn: deposited, fees });
            kinds.push(OutcomeKind::Closed { position, withdrawn: fees, fees: deposited });
            let shares = [0, 1].map(|shares| Holding::Shares(Amount::from_u64(shares)));
            for holding in shares {
                let pool = PoolId(0);
                kinds.push(OutcomeKind::Opened { position, pool, holding, deposited });
            }
        }
    }
    let three = [(0, 2), (2, 0), (1, 2)];
    let pair = |(input, output)| TokenPair { input: TokenIndex(input), output: TokenIndex(output) };
    let two = [Side::Token0, Side::Token1].map(Side::into_other);
    for pair in two.into_iter().chain(three.map(pair)) {
        for [amount_in, amount_out] in [[0, 1], [1, 0]] {
            let [amount_in, amount_out] = [amount_in, amount_out].map(Amount::from_u64);
            let pool = PoolId(0);
            kinds.push(OutcomeKind::Swapped { pool, pair, amount_in, amount_out });
        }
    }
    let rejections = [
        Rejection::NoLiquidity,
        Rejection::TooLittleReceived,
        Rejection::InsufficientDepth,
        Rejection::InsufficientBalance,
        Rejection::PoolReverted,
        Rejection::UnknownPosition,
        Rejection::ProgrammeReverted,
        Rejection::WrongStake,
        Rejection::StillUnbonding,
        Rejection::StillLocked,
        Rejection::NoMarket,
        Rejection::PriceMoved,
        Rejection::InsufficientMargin,
        Rejection::BadQuantity,
    ];
    kinds.extend(rejections.map(OutcomeKind::Rejected));
    kinds.extend(lock_kinds());
    kinds.extend(farm_kinds());
    kinds.extend(arbitrages().map(|(legs, [amount_in, between, amount_out])| {
        OutcomeKind::Arbitraged { legs, amount_in, between, amount_out }
    }));
    kinds.extend(trades().map(|(instrument, side, [quantity, amount, commission])| {
        OutcomeKind::Traded { instrument, side, quantity, amount, commission }
    }));
    kinds
}

/// Every outcome of an order for a reward programme or of a sale, with one number changed at a
/// time.
fn farm_kinds() -> Vec<OutcomeKind> {
    let key = |sequence, intent| OrderKey { sequence: Sequence(sequence), intent };
    let rewards = [(0, 0), (0, 1), (1, 0), (256, 0)]
        .map(|(asset, amount)| Reward { asset: AssetId(asset), amount: Amount::from_u64(amount) });
    let mut kinds = vec![];
    for position in [key(0, 0), key(0, 1), key(1, 0)].map(PositionId) {
        for programme in [0, 1, 256].map(ProgrammeId) {
            for fees in [amounts(0, 0), amounts(0, 1), amounts(1, 0)] {
                let fees = fees.into();
                kinds.push(OutcomeKind::Staked { position, programme, fees });
            }
        }
        for reward in rewards {
            kinds.push(OutcomeKind::Claimed { position, reward });
            kinds.push(OutcomeKind::Unstaked { position, reward });
        }
    }
    for reward in rewards {
        for pool in [0, 1, 256].map(PoolId) {
            for into in [0, 1].map(TokenIndex) {
                for amount_out in [0, 1].map(Amount::from_u64) {
                    kinds.push(OutcomeKind::Sold { pool, reward, into, amount_out });
                }
            }
        }
    }
    kinds
}

/// Arbitrages, one thing changed at a time.
fn arbitrages() -> impl Iterator<Item = ([PoolPair; 2], [Amount; 3])> {
    let leg = |pool, input, output| {
        let [input, output] = [input, output].map(TokenIndex);
        PoolPair { pool: PoolId(pool), pair: TokenPair { input, output } }
    };
    let ways = [(0, 0, 1), (1, 0, 1), (256, 0, 1), (0, 1, 0), (0, 0, 2)];
    let legs = ways.into_iter().enumerate().flat_map(move |(place, (pool, input, output))| {
        let (base, other) = (leg(0, 0, 1), leg(pool, input, output));
        let swapped = (place > 0).then_some([other, base]);
        std::iter::once([base, other]).chain(swapped)
    });
    let amounts = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]];
    legs.flat_map(move |legs| amounts.map(|amounts| (legs, amounts.map(Amount::from_u64))))
}

/// Trades at exchanges, one thing changed at a time.
fn trades() -> impl Iterator<Item = (InstrumentId, TradeSide, [Amount; 3])> {
    let amounts = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]];
    let sides = [TradeSide::Buy, TradeSide::Sell];
    [0, 1, 256].into_iter().flat_map(move |instrument| {
        sides.into_iter().flat_map(move |side| {
            amounts.map(|amounts| (InstrumentId(instrument), side, amounts.map(Amount::from_u64)))
        })
    })
}

/// What exchanges do to accounts of ours, one thing changed at a time.
fn account_events() -> Vec<AccountEvent> {
    let mut events: Vec<_> = trades()
        .map(|(instrument, side, [quantity, amount, fee])| AccountEvent::Liquidated {
            instrument,
            side,
            quantity,
            amount,
            fee,
        })
        .collect();
    for instrument in [0, 1, 256].map(InstrumentId) {
        for received in [0, 1, -1].map(SignedAmount::from_i128) {
            events.push(AccountEvent::Funding { instrument, received });
        }
        for amounts in [[0, 0], [1, 0], [0, 1]] {
            let [quantity, amount] = amounts.map(Amount::from_u64);
            events.push(AccountEvent::Settled { instrument, quantity, amount });
        }
    }
    events
}

/// Some ballots, one number changed at a time.
fn ballots() -> Vec<Ballot> {
    let parts = [&[(0, 1)][..], &[(1, 1)], &[(0, 2)], &[(256, 1)], &[(0, 1), (1, 1)]];
    let choice = |(gauge, part): &(u16, u32)| {
        let (gauge, part) = (GaugeNumber(*gauge), Bps(*part));
        Choice { gauge, part }
    };
    let ballot = |parts: &[(u16, u32)]| Ballot::new(&parts.iter().map(choice).collect::<Vec<_>>());
    parts.into_iter().map(|parts| ballot(parts).expect("a ballot")).collect()
}

/// Every outcome of an order for a voting service, one number changed at a time.
fn lock_kinds() -> Vec<OutcomeKind> {
    let key = |sequence, intent| OrderKey { sequence: Sequence(sequence), intent };
    let mut kinds = vec![];
    for position in [key(0, 0), key(0, 1), key(1, 0)].map(PositionId) {
        kinds.extend(ballots().into_iter().map(|ballot| OutcomeKind::Voted { position, ballot }));
        for until in [0, 1].map(Timestamp) {
            kinds.push(OutcomeKind::Extended { position, until });
            for voting in [0, 1, 256].map(VotingId) {
                let (pool, deposited) = (PoolId(0), amounts(0, 0).into());
                let holding = Holding::Lock { voting, until };
                kinds.push(OutcomeKind::Opened { position, pool, holding, deposited });
            }
        }
    }
    kinds
}

/// Orders for voting services, one number changed at a time.
fn lock_intents() -> Vec<Intent> {
    let key = |sequence, intent| OrderKey { sequence: Sequence(sequence), intent };
    let mut intents = vec![];
    for until in [0, 1].map(Timestamp) {
        for voting in [0, 1, 256].map(VotingId) {
            let (pool, desired) = (PoolId(0), amounts(0, 0).into());
            let placement = Placement::Lock { voting, until };
            intents.push(Intent::Open { pool, placement, desired });
        }
    }
    for position in [key(0, 0), key(0, 1), key(1, 0)].map(PositionId) {
        intents.extend(ballots().into_iter().map(|ballot| Intent::Vote { position, ballot }));
        intents.extend([0, 1].map(|until| Intent::Extend { position, until: Timestamp(until) }));
        let tokens = [0, 1, 256].map(AssetId);
        intents.extend(tokens.map(|token| Intent::ClaimBribes { position, token }));
    }
    intents
}

/// Prices from outside, one number changed at a time.
fn prices() -> Vec<PriceEvent> {
    let mut prices = vec![];
    for asset in [0, 1, 256].map(AssetId) {
        for [quote, of] in [[0, 1], [1, 1], [1, 2], [2, 1]] {
            let [quote, of] = [quote, of].map(Amount::from_u64);
            prices.push(PriceEvent { asset, price: QuotePrice { quote, of } });
        }
    }
    prices
}

/// Orders for reward programmes and sales, one number changed at a time.
fn farm_intents() -> Vec<Intent> {
    let key = |sequence, intent| OrderKey { sequence: Sequence(sequence), intent };
    let mut intents = vec![];
    for position in [key(0, 0), key(0, 1), key(1, 0)].map(PositionId) {
        intents.extend([Intent::Close { position }, Intent::Claim { position }]);
        intents.push(Intent::Unstake { position });
        for programme in [0, 1, 256].map(ProgrammeId) {
            intents.push(Intent::Stake { position, programme });
        }
    }
    for [pool, reward, into] in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 256, 0]] {
        for [amount_in, min_amount_out] in [[0, 0], [0, 1], [1, 0]] {
            let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u64);
            let (pool, reward) = (PoolId(pool), AssetId(reward));
            let into = TokenIndex(u8::try_from(into).expect("small"));
            intents.push(Intent::Sell { pool, reward, into, amount_in, min_amount_out });
        }
    }
    intents.extend(arbitrages().map(|(legs, [amount_in, min_amount_out, tip])| {
        let tip = GasPrice(tip.0.to());
        Intent::Arbitrage { legs, amount_in, min_amount_out, tip }
    }));
    intents
}

fn all_events() -> Vec<Event> {
    let mut events = vec![];
    for event in pool_events() {
        let chain = chain(event);
        let changed = [
            chain.clone(),
            ChainEvent { pool: PoolId(1), ..chain.clone() },
            ChainEvent { block: BlockNumber(1), ..chain.clone() },
            ChainEvent { log_index: LogIndex(1), ..chain.clone() },
            ChainEvent { gas_price: Some(GasPrice(0)), ..chain.clone() },
            ChainEvent { gas_price: Some(GasPrice(1)), ..chain.clone() },
        ];
        events.extend(changed.into_iter().flat_map(|chain| envelopes(EventBody::Chain(chain))));
    }
    for kind in outcome_kinds() {
        let order = OrderKey { sequence: Sequence(0), intent: 0 };
        let gas = GasPaid { gas: Gas(0), price: GasPrice(0) };
        let outcome = Outcome { order, block: BlockNumber(0), gas, kind };
        let changed = [
            outcome,
            Outcome { order: OrderKey { intent: 1, ..order }, ..outcome },
            Outcome { block: BlockNumber(1), ..outcome },
            Outcome { gas: GasPaid { gas: Gas(1), ..gas }, ..outcome },
            Outcome { gas: GasPaid { price: GasPrice(1), ..gas }, ..outcome },
        ];
        events.extend(
            changed.into_iter().flat_map(|one| envelopes(EventBody::Outcome(Box::new(one)))),
        );
    }
    events.extend(prices().into_iter().flat_map(|price| envelopes(EventBody::Price(price))));
    events.extend(blocks().into_iter().flat_map(envelopes));
    let accounts = account_events().into_iter().map(Box::new).map(EventBody::Account);
    events.extend(accounts.flat_map(envelopes));
    events
}

/// A block that was mined, and one that was taken back, with one thing about it changed at a time.
fn blocks() -> Vec<EventBody> {
    let [hash, other] = [0, 1].map(|byte| Bytes32([byte; 32]));
    let [chain, elsewhere] = [1, 2].map(ChainId);
    let [number, higher] = [5, 6].map(BlockNumber);
    let mined = MinedBlock { chain, number, hash, parent: hash, base_fee: None };
    let mined = [
        mined,
        MinedBlock { chain: elsewhere, ..mined },
        MinedBlock { number: higher, ..mined },
        MinedBlock { hash: other, ..mined },
        MinedBlock { parent: other, ..mined },
        MinedBlock { base_fee: Some(GasPrice(0)), ..mined },
        MinedBlock { base_fee: Some(GasPrice(1)), ..mined },
    ];
    let reverted = RevertedBlock { chain, number, hash: None };
    let reverted = [
        reverted,
        RevertedBlock { chain: elsewhere, ..reverted },
        RevertedBlock { number: higher, ..reverted },
        RevertedBlock { hash: Some(hash), ..reverted },
        RevertedBlock { hash: Some(other), ..reverted },
    ];
    let mined = mined.map(EventBody::Block).into_iter();
    mined.chain(reverted.map(EventBody::Reverted)).collect()
}

#[test]
fn no_two_events_have_the_same_digest() {
    let events = all_events();
    assert!(events.len() > 4_000, "{}", events.len());
    let mut digests = BTreeSet::new();
    for event in &events {
        let mut digest = Digest::default();
        digest.event(event);
        assert!(digests.insert(digest.to_hex()), "{event:?} has the digest of another");
    }
}

#[test]
fn no_two_orders_of_a_farm_have_the_same_digest() {
    let key = OrderKey { sequence: Sequence(3), intent: 0 };
    let mut digests = BTreeSet::new();
    let trades = trades().filter(|(_, _, amounts)| amounts[2].is_zero());
    let trades = trades.map(|(instrument, side, [quantity, limit, _])| Intent::Trade {
        instrument,
        side,
        quantity,
        limit,
    });
    for intent in farm_intents().into_iter().chain(lock_intents()).chain(trades) {
        let mut digest = Digest::default();
        digest.approved(&Order { key, intent, decided_in: BlockNumber(5) });
        assert!(digests.insert(digest.to_hex()), "{intent:?} has the digest of another");
    }
}

#[test]
fn a_digest_tells_in_which_order_events_came_and_how_many_there_were() {
    let events = all_events();
    let of = |events: &mut dyn Iterator<Item = &Event>| {
        let mut digest = Digest::default();
        events.for_each(|event| digest.event(event));
        digest.to_hex()
    };
    let forward = of(&mut events.iter());
    assert_eq!(of(&mut events.iter()), forward, "the same events, the same digest");
    assert_ne!(of(&mut events.iter().rev()), forward);
    assert_ne!(of(&mut events.iter().skip(1)), forward);
    assert_ne!(of(&mut events.iter().chain(events.last())), forward);
}

#[test]
fn looking_at_a_digest_does_not_change_it() {
    let events = all_events();
    let (mut quiet, mut watched) = (Digest::default(), Digest::default());
    let mut seen = BTreeSet::from([watched.to_hex()]);
    for event in events.iter().take(500) {
        quiet.event(event);
        watched.event(event);
        assert!(seen.insert(watched.to_hex()), "every event changes it");
    }
    assert_eq!(quiet.to_hex(), watched.to_hex());
}

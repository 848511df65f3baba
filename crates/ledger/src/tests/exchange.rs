//! What is ours at exchanges.

use tidemill_model::{
    AccountEvent, AssetId, Event, EventBody, FeedId, GasPaid, Instrument, InstrumentId,
    InstrumentKind, Intent, Margin, OptionContract, OptionKind, OutcomeKind, Rejection, Sequence,
    TradeSide, VenueId,
};
use tidemill_units::{Amount, Bps, Decimal, Gas, GasPrice, InstantUs, SignedAmount, Timestamp};

use super::{NO_GAS, TOKEN0, TOKEN1, end, fulfil, funded, key, order};
use crate::{Account, Ledger, LedgerError};

const VENUE: VenueId = VenueId(3);
const SPOT: InstrumentId = InstrumentId(0);
const FUTURE: InstrumentId = InstrumentId(1);
const CONTRACT: AssetId = AssetId(9);

/// A thousand of the second token at an exchange, where the first one and a contract are traded.
fn at_exchange() -> Ledger {
    let mut ledger = funded();
    ledger.fund_exchange(VENUE, TOKEN1, Amount::from_u64(1_000)).expect("small");
    let margin = Margin { initial: Bps(1_000), maintenance: Bps(500) };
    for (id, kind, base) in
        [(SPOT, InstrumentKind::Spot, TOKEN0), (FUTURE, InstrumentKind::Perpetual, CONTRACT)]
    {
        let (venue, quote, step) = (VENUE, TOKEN1, Amount::from_u64(1));
        let least_value = Amount::ZERO;
        ledger
            .add_instrument(id, Instrument { venue, kind, base, quote, step, least_value, margin });
    }
    ledger
}

fn trade(instrument: InstrumentId, side: TradeSide, quantity: u64, limit: u64) -> Intent {
    let (quantity, limit) = (Amount::from_u64(quantity), Amount::from_u64(limit));
    Intent::Trade { instrument, side, quantity, limit }
}

fn traded(
    instrument: InstrumentId,
    side: TradeSide,
    [quantity, amount, commission]: [u64; 3],
) -> OutcomeKind {
    let [quantity, amount, commission] = [quantity, amount, commission].map(Amount::from_u64);
    OutcomeKind::Traded { instrument, side, quantity, amount, commission }
}

#[track_caller]
fn check(ledger: &Ledger, balances: &[(Account, AssetId, i128)]) {
    for (account, asset, balance) in balances {
        let expected = SignedAmount::from_i128(*balance);
        assert_eq!(ledger.balance(*account, *asset), expected, "{account:?} {asset:?}");
    }
}

fn told(ledger: &mut Ledger, event: AccountEvent) -> Result<(), LedgerError> {
    let body = EventBody::Account(Box::new(event));
    ledger.apply(&Event::at(Sequence(99), Timestamp(5), body))
}

#[test]
fn a_sold_contract_is_cash_and_less_than_none_of_it() {
    let mut ledger = at_exchange();
    let (sell, buy) = (TradeSide::Sell, TradeSide::Buy);
    let sold = traded(FUTURE, sell, [70, 140, 2]);
    assert_eq!(fulfil(&mut ledger, 1, trade(FUTURE, sell, 70, 139), sold), Ok(()));
    let at = Account::Exchange(VENUE);
    check(
        &ledger,
        &[
            (at, TOKEN1, 1_000 + 140 - 2),
            (at, CONTRACT, -70),
            (Account::Trades, TOKEN1, -140),
            (Account::Trades, CONTRACT, 70),
            (Account::Commissions, TOKEN1, 2),
            (Account::Capital, TOKEN1, -1_001_000),
        ],
    );
    assert_eq!(ledger.held(FUTURE), SignedAmount::from_i128(-70));
    assert_eq!(ledger.held(InstrumentId(7)), SignedAmount::ZERO);
    let bought = traded(FUTURE, buy, [70, 150, 0]);
    assert_eq!(fulfil(&mut ledger, 2, trade(FUTURE, buy, 70, 150), bought), Ok(()));
    check(&ledger, &[(at, CONTRACT, 0), (at, TOKEN1, 988), (Account::Trades, TOKEN1, 10)]);
    // What is on the chain is elsewhere.
    assert_eq!(ledger.wallet(TOKEN1), Amount::from_u64(1_000_000));
}

#[test]
fn a_spot_trade_moves_the_tokens_themselves() {
    let mut ledger = at_exchange();
    let bought = traded(SPOT, TradeSide::Buy, [30, 60, 1]);
    let asked = trade(SPOT, TradeSide::Buy, 30, 60);
    assert_eq!(fulfil(&mut ledger, 1, asked, bought), Ok(()));
    let at = Account::Exchange(VENUE);
    check(&ledger, &[(at, TOKEN0, 30), (at, TOKEN1, 939), (Account::Trades, TOKEN0, -30)]);
    let found: Vec<_> = ledger.exchange_balances().collect();
    let expected = [(TOKEN0, 30), (TOKEN1, 939)]
        .map(|(asset, held)| (VENUE, asset, SignedAmount::from_i128(held)));
    assert_eq!(found, expected);
}

#[test]
fn funding_and_liquidations_come_without_an_order() {
    let mut ledger = at_exchange();
    let sold = traded(FUTURE, TradeSide::Sell, [70, 140, 0]);
    fulfil(&mut ledger, 1, trade(FUTURE, TradeSide::Sell, 70, 0), sold).expect("sold");
    for received in [5, -8] {
        let received = SignedAmount::from_i128(received);
        assert_eq!(
            told(&mut ledger, AccountEvent::Funding { instrument: FUTURE, received }),
            Ok(())
        );
    }
    let at = Account::Exchange(VENUE);
    check(&ledger, &[(at, TOKEN1, 1_137), (Account::Funding, TOKEN1, 3)]);
    let [quantity, amount, fee] = [70, 200, 9].map(Amount::from_u64);
    let (instrument, side) = (FUTURE, TradeSide::Buy);
    let closed = AccountEvent::Liquidated { instrument, side, quantity, amount, fee };
    assert_eq!(told(&mut ledger, closed), Ok(()));
    check(&ledger, &[(at, TOKEN1, 928), (at, CONTRACT, 0), (Account::Commissions, TOKEN1, 9)]);
    let received = SignedAmount::from_i128(1);
    let unknown = AccountEvent::Funding { instrument: InstrumentId(4), received };
    let refused = LedgerError::UnknownInstrument(InstrumentId(4));
    assert_eq!(told(&mut ledger, unknown), Err(refused));
}

/// Seventy bought for 140 and settled for 200: nothing of it is left, and trading has gained 60.
#[test]
fn an_option_that_ends_is_given_back_for_what_it_pays() {
    let mut ledger = at_exchange();
    let contract = OptionContract {
        kind: OptionKind::Put,
        strike: Decimal::ONE,
        expiry: InstantUs(1),
        settlement: FeedId(0),
    };
    let option = InstrumentId(2);
    let kind = InstrumentKind::Option(contract);
    let of_future = *ledger.instrument(FUTURE).expect("it is there");
    ledger.add_instrument(option, Instrument { kind, base: AssetId(10), ..of_future });
    let bought = traded(option, TradeSide::Buy, [70, 140, 1]);
    fulfil(&mut ledger, 1, trade(option, TradeSide::Buy, 70, 140), bought).expect("bought");
    let at = Account::Exchange(VENUE);
    check(&ledger, &[(at, TOKEN1, 859), (at, AssetId(10), 70)]);
    let [quantity, amount] = [70, 200].map(Amount::from_u64);
    let settled = AccountEvent::Settled { instrument: option, quantity, amount };
    assert_eq!(told(&mut ledger, settled), Ok(()));
    check(&ledger, &[(at, TOKEN1, 1_059), (at, AssetId(10), 0), (Account::Trades, TOKEN1, -60)]);
    let nowhere = InstrumentId(4);
    let unknown = AccountEvent::Settled { instrument: nowhere, quantity, amount };
    assert_eq!(told(&mut ledger, unknown), Err(LedgerError::UnknownInstrument(nowhere)));
}

#[test]
fn a_trade_that_was_not_asked_for_is_refused() {
    let (sell, buy) = (TradeSide::Sell, TradeSide::Buy);
    let asked = trade(FUTURE, sell, 70, 139);
    let wrong = LedgerError::WrongOutcome(key(1));
    let gas = GasPaid { gas: Gas(1), price: GasPrice(1) };
    for (kind, gas) in [
        (traded(FUTURE, sell, [70, 138, 0]), NO_GAS),
        (traded(FUTURE, sell, [71, 150, 0]), NO_GAS),
        (traded(FUTURE, buy, [70, 150, 0]), NO_GAS),
        (traded(SPOT, sell, [70, 150, 0]), NO_GAS),
        (traded(FUTURE, sell, [70, 140, 0]), gas),
    ] {
        let mut ledger = at_exchange();
        ledger.book(order(1, asked)).expect("new");
        let before = format!("{ledger:?}");
        assert_eq!(ledger.apply(&end(1, kind, gas)), Err(wrong), "{kind:?}");
        assert_eq!(format!("{ledger:?}"), before);
    }
    for kind in [OutcomeKind::Rejected(Rejection::PriceMoved), OutcomeKind::Expired] {
        let mut ledger = at_exchange();
        assert_eq!(fulfil(&mut ledger, 1, asked, kind), Ok(()));
        assert_eq!(ledger.held(FUTURE), SignedAmount::ZERO);
    }
    let mut ledger = at_exchange();
    let dear = traded(FUTURE, buy, [70, 141, 0]);
    assert_eq!(fulfil(&mut ledger, 1, trade(FUTURE, buy, 70, 140), dear), Err(wrong));
}

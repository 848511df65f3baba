use tidemill_model::{QuotePrice, TradeSide};
use tidemill_units::{Amount, Bps, U256, mul_div, mul_div_rounding_up};

/// Returns the worst that is accepted for a trade at an exchange: what its quantity is worth at the
/// mark, and so much more for a buy, less for a sell.
///
/// Rounded against whoever trades. `None` past 2^256 - 1.
pub(crate) fn trade_limit(
    mark: QuotePrice,
    side: TradeSide,
    quantity: Amount,
    max_slippage: Bps,
) -> Option<Amount> {
    let one = U256::from(Bps::ONE.0);
    match side {
        TradeSide::Buy => {
            let most = U256::from(Bps::ONE.0.checked_add(max_slippage.0)?);
            mul_div_rounding_up(mark.in_quote_rounding_up(quantity)?.0, most, one).map(Amount)
        }
        TradeSide::Sell => {
            let least = U256::from(Bps::ONE.0.checked_sub(max_slippage.0)?);
            mul_div(mark.in_quote(quantity)?.0, least, one).map(Amount)
        }
    }
}

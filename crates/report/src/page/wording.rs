//! What the page says of a pool's fees, ranges and footprints: liquidity in ranges is paid in
//! another way than shares of the whole are.

use super::markup::{escape, number};
use crate::format::percent;
use crate::{Footprint, OnChain, PoolHeader, Provision, StrategySheet};

/// Returns the title of the chart of prices.
pub(crate) fn price_title(on_chain: Option<&OnChain>) -> &'static str {
    match on_chain.map(|on| on.provision) {
        Some(Provision::Ranges) => "Price and the ranges held",
        Some(Provision::Shares | Provision::SharesBesideFees) | None => "Price",
    }
}

/// Returns what the chart of prices does not draw: bands, or other tokens' prices.
pub(crate) fn price_note(pool: &PoolHeader, strategy: &StrategySheet) -> String {
    let Some(on) = &pool.on_chain else { return String::new() };
    let mut note = range_note(on.provision, strategy).to_owned();
    if on.token_count > 2 {
        let base = escape(&pool.base_symbol);
        note += &format!(" Of the pool’s {} tokens, the price of {base} is drawn.", on.token_count);
    }
    note
}

fn range_note(provision: Provision, strategy: &StrategySheet) -> &'static str {
    if strategy.ranges.is_empty() {
        return match provision {
            Provision::Ranges => "No liquidity was provided, so there is no range to draw.",
            Provision::Shares | Provision::SharesBesideFees => "No liquidity was provided.",
        };
    }
    if !strategy.ranges.iter().all(|range| range.full_range) {
        return "";
    }
    match provision {
        Provision::Ranges => "Full range: every price is inside, so no band is drawn.",
        Provision::Shares | Provision::SharesBesideFees => {
            "Shares are in range at every price, so no band is drawn."
        }
    }
}

/// Writes what the footprint of a strategy means in this pool, and how far it is off.
pub(crate) fn footprint(provision: Provision, strategy: &StrategySheet) -> String {
    let meaning = match (strategy.footprint, provision) {
        (Footprint::PriceTaker, Provision::Ranges) => {
            "History is left as it was. The position earns its liquidity times the recorded \
             growth of fees inside its range, although the recorded pool did not hold it."
        }
        (Footprint::PriceTaker, Provision::Shares) => {
            "History is left as it was. The shares count as if they had been minted outside the \
             recorded pool: they are worth their part of its balances, fees included, although it \
             did not hold them."
        }
        (Footprint::PriceTaker, Provision::SharesBesideFees) => {
            "History is left as it was. The shares count as if they had been minted outside the \
             recorded pool: each is worth its part of the reserves, and earns what each share of \
             the pool was paid in fees, although the pool did not hold them."
        }
        (Footprint::ReExecuted, Provision::Ranges) => {
            "Every recorded swap is executed again in a pool that holds this position, so fees \
             are shared and the price moves as they would have with it there."
        }
        (Footprint::ReExecuted, Provision::Shares | Provision::SharesBesideFees) => {
            "Every recorded call is made again in a pool that holds these shares, so fees are \
             shared and the price moves as they would have with them there."
        }
    };
    let bound = match (strategy.footprint, strategy.dilution_bound) {
        (Footprint::PriceTaker, Some(bound)) => {
            let bound = number(&percent(bound, false));
            format!(" Its fees are too high by <strong>at most {bound}</strong> (dilution bound).")
        }
        (Footprint::PriceTaker, None) if strategy.ranges.is_empty() => {
            " It provided no liquidity, so nothing is diluted.".to_owned()
        }
        (Footprint::PriceTaker, None) => " No bound on the dilution was worked out.".to_owned(),
        (Footprint::ReExecuted, _) if strategy.ranges.is_empty() => {
            " It provided no liquidity.".to_owned()
        }
        (Footprint::ReExecuted, _) => String::new(),
    };
    let name = strategy.footprint.name();
    format!("<h4>Footprint: {name}</h4><p>{meaning}{bound}</p>")
}

/// Returns the definition of holding behind its first sentence: a pool of more than two tokens has
/// more than one price.
pub(crate) fn hold(on_chain: Option<&OnChain>) -> &'static str {
    if on_chain.is_some_and(|on| on.token_count == 2) {
        "At price <var>P</var>, with <var>x</var><sub>0</sub> of the base and \
         <var>y</var><sub>0</sub> of the quote token: <span class=\"formula\">hold = \
         <var>x</var><sub>0</sub>·<var>P</var> + <var>y</var><sub>0</sub></span>"
    } else {
        "With <var>x</var><sub>0</sub> of each token at its price <var>P</var>: \
         <span class=\"formula\">hold = Σ <var>x</var><sub>0</sub>·<var>P</var></span>"
    }
}

/// Returns whose prices holding is valued at.
pub(crate) fn prices(on_chain: Option<&OnChain>) -> &'static str {
    if on_chain.is_some() { "the pool’s prices" } else { "the prices of the exchanges" }
}

/// Returns what the portfolio of the rebalancer holds.
pub(crate) fn rebalanced(on: &OnChain) -> &'static str {
    if on.token_count == 2 {
        "the same amount of the base token and traded it at the market price"
    } else {
        "the same amounts of all tokens but the quote and traded them at their market prices"
    }
}

/// Returns the definition of fees.
pub(crate) fn fees(provision: Provision) -> &'static str {
    match provision {
        Provision::Ranges => {
            "What swaps through the position’s range paid it: its liquidity times the growth of \
             fees inside the range, per token. <span class=\"formula\">fees = Σ \
             <var>L</var>·Δ(fee growth inside)</span>"
        }
        Provision::Shares => {
            "The part of what the shares are worth that the growth of the pool’s virtual price, \
             <var>v</var>, has added since they were bought, per token; rounding and gifts to the \
             pool count as fees. <span class=\"formula\">fees = Σ paid out·(1 − \
             <var>v</var><sub>0</sub> / <var>v</var>)</span>"
        }
        Provision::SharesBesideFees => {
            "What the pool set apart for the shares out of swaps: their number times the growth of \
             its fees per share, per token; what rounding and gifts add to the reserves behind \
             them counts too. <span class=\"formula\">fees = Σ shares·Δ(fees per share)</span>"
        }
    }
}

/// Returns what is earned besides what the tokens themselves are worth.
pub(crate) fn earned(pays_rewards: bool) -> &'static str {
    if pays_rewards { "fees − rewards" } else { "fees" }
}

/// Returns the definition of time in range.
pub(crate) fn time_in_range(provision: Provision) -> &'static str {
    match provision {
        Provision::Ranges => {
            "The part of the period in which the position’s liquidity was open to swaps."
        }
        Provision::Shares | Provision::SharesBesideFees => {
            "The part of the period in which shares were held: they are in range at every price."
        }
    }
}

/// Returns what impermanent loss has to say of strategies that move.
pub(crate) fn loss_of_moving(provision: Provision) -> &'static str {
    match provision {
        Provision::Ranges => {
            "Negative IL is a gain: for a strategy that moves its range it includes having held \
             another mix of the tokens."
        }
        Provision::Shares | Provision::SharesBesideFees => "Negative IL is a gain.",
    }
}

/// Returns what is re-executed.
pub(crate) fn calls(provision: Provision) -> &'static str {
    match provision {
        Provision::Ranges => "runs every recorded swap again with the position in the pool",
        Provision::Shares | Provision::SharesBesideFees => {
            "makes every recorded call again with the shares in the pool"
        }
    }
}

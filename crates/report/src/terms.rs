//! The terms of the identity, as far as a sheet has them, once for the page and the terminal.

use tidemill_units::SignedAmount;

use crate::{Identity, TearSheet};

/// One term of the sum.
#[derive(Clone, Copy)]
pub(crate) struct Term {
    /// In a line of text.
    pub(crate) short: &'static str,
    /// Under a figure.
    pub(crate) long: &'static str,
    /// Beside a bar.
    pub(crate) title: &'static str,
    /// Whether it adds to the net.
    pub(crate) adds: bool,
    /// It.
    pub(crate) amount: fn(&Identity) -> SignedAmount,
}

/// Returns the terms that a sheet has, in the order of the sum: rewards where there are programmes,
/// funding and hedge where there are exchanges. Without a pool nothing is earned and no gas is
/// paid, and what is impermanent loss with one is called by what it is, and added.
pub(crate) fn terms(sheet: &TearSheet) -> Vec<Term> {
    let term = |short, long, title, adds, amount| Term { short, long, title, adds, amount };
    if sheet.pool.on_chain.is_none() {
        return vec![
            term("price", "price moves", "Price moves", true, price_moves),
            term("swap cost", "swap cost", "Swap cost", false, |it| it.swap_cost),
            term("funding", "funding", "Funding", false, |it| it.funding),
            term("hedge", "hedge", "Hedge", true, |it| it.hedge),
        ];
    }
    let mut terms = vec![term("fees", "fees", "Fees", true, |it| it.fees)];
    if !sheet.programmes.is_empty() {
        terms.push(term("rewards", "rewards", "Rewards", true, |it| it.rewards));
    }
    terms.extend([
        term("IL", "impermanent loss", "Impermanent loss", false, |it| it.il),
        term("swap cost", "swap cost", "Swap cost", false, |it| it.swap_cost),
        term("gas", "gas", "Gas", false, |it| it.gas),
    ]);
    if !sheet.exchanges.is_empty() {
        terms.extend([
            term("funding", "funding", "Funding", false, |it| it.funding),
            term("hedge", "hedge", "Hedge", true, |it| it.hedge),
        ]);
    }
    terms
}

/// What tokens at exchanges gained more than the deposit: nothing that can be below -2^255.
pub(crate) fn price_moves(identity: &Identity) -> SignedAmount {
    identity.il.checked_neg().unwrap_or(SignedAmount::MAX)
}

/// Returns the sum in words, such as `fees - IL - swap cost - gas = net versus hold`.
pub(crate) fn in_words(sheet: &TearSheet, minus: &str, word: impl Fn(&Term) -> &str) -> String {
    let mut sum = String::new();
    for term in terms(sheet) {
        if !sum.is_empty() {
            sum.push_str(if term.adds { " + " } else { minus });
        }
        sum.push_str(word(&term));
    }
    sum + " = net versus hold"
}

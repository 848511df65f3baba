use tidemill_strategy::View;
use tidemill_units::{Timestamp, TokenAmounts};

/// Keeps from asking again at every event for what was refused.
///
/// A refusal is not told: it shows in a wallet that is as it was when something was asked for, with
/// nothing on its way any more. The same is asked for again after an hour. Where nothing could be
/// asked for, a minute later is early enough to look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    asked: Option<Asked>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Timestamp,
    wallet: TokenAmounts,
    /// Whether anything was asked for.
    is_order: bool,
}

const RETRY_SECONDS: u64 = 3_600;
const LOOK_SECONDS: u64 = 60;

impl Patience {
    /// Returns the wallet if something may be asked for with it now; `None` for an empty one too.
    pub(crate) fn wallet(&self, view: &View<'_>) -> Option<TokenAmounts> {
        let wallet = view.available().filter(|wallet| !wallet.is_zero())?;
        let Some(asked) = self.asked else { return Some(wallet) };
        let seconds = if asked.is_order { RETRY_SECONDS } else { LOOK_SECONDS };
        let is_early = view.now().seconds_since(asked.at) < seconds;
        (!is_early || wallet != asked.wallet).then_some(wallet)
    }

    /// Notes what was asked for with a wallet.
    pub(crate) fn note(&mut self, view: &View<'_>, wallet: TokenAmounts, is_order: bool) {
        self.asked = Some(Asked { at: view.now(), wallet, is_order });
    }

    /// Forgets what was asked for: something has happened since.
    pub(crate) fn forget(&mut self) {
        self.asked = None;
    }
}

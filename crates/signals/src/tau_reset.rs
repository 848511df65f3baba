use tidemill_units::Tick;

/// When a position is to be centred anew: once the price is more than tau ticks from its centre.
///
/// Shape: equal to tau is near enough. Integers only. Source: Neuder, Rao, Moroz, Parkes 2021
/// (arXiv 2106.12033), tau-reset strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TauReset {
    centre: Tick,
    tau_ticks: u32,
}

/// A centre left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The centre until now.
    pub from: Tick,
    /// The centre from now on.
    pub to: Tick,
}

impl TauReset {
    /// Returns the rule centred on a tick.
    pub const fn new(centre: Tick, tau_ticks: u32) -> Self {
        Self { centre, tau_ticks }
    }

    /// Returns the centre.
    pub const fn centre(&self) -> Tick {
        self.centre
    }

    /// Whether a tick is far enough from the centre to move it; changes nothing.
    pub const fn is_beyond(&self, tick: Tick) -> bool {
        self.centre.0.abs_diff(tick.0) > self.tau_ticks
    }

    /// Moves the centre to a tick that is beyond tau, and says so; leaves it alone otherwise.
    pub fn update(&mut self, tick: Tick) -> Option<Reset> {
        if !self.is_beyond(tick) {
            return None;
        }
        let from = std::mem::replace(&mut self.centre, tick);
        Some(Reset { from, to: tick })
    }
}

//! Making a voting service definite for one tape.

use std::collections::BTreeMap;

use tidemill_configuration::KeyPath;
use tidemill_exec_sim::TimedPrice;
use tidemill_market::{AerodromeVotes, ControllerVotes, GaugeTerms, VotingService};
use tidemill_model::{Address, AssetId, Reward, Token};
use tidemill_report::ProgrammeSheet;
use tidemill_rewards::WEEK;
use tidemill_rewards::aerodrome::{LONGEST_LOCK, epoch_start};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_store::Bounty;
use tidemill_units::{Amount, Timestamp, TokenIndex, U256};

use super::{VotedGaugeConfig, VotingConfig, VotingSetup};
use crate::ConfigError;
use crate::config::{alternatives, is_printable, listed, not_allowed, whole};
use crate::token_prices::{PriceKeys, TokenPrices};

/// What a voting service is set up for.
pub(crate) struct VotingScene<'a> {
    pub(crate) tokens: &'a [&'a Token],
    pub(crate) quote_decimals: u8,
    /// The tape's first event, and its last.
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// The number of the first token of bribes.
    pub(crate) first_asset: AssetId,
}

const PRINTABLE: &str = "1 to 40 characters, none of them a control character";

impl VotingConfig {
    pub(crate) fn resolve(&self, scene: &VotingScene<'_>) -> Result<VotingSetup, ConfigError> {
        self.check_files()?;
        let place = scene.tokens.iter().position(|token| token.symbol == self.token);
        let place = place
            .ok_or_else(|| not_allowed("voting.token", &self.token, &alternatives(scene.tokens)))?;
        let decimals = scene.tokens.get(place).map_or(0, |token| token.decimals);
        let (assets, prices) = self.tokens(scene)?;
        let mut gauges = self.gauges(decimals, &assets)?;
        self.add_bribes(&mut gauges, &assets);
        self.add_bounties(&mut gauges, &assets, scene)?;
        let (service, longest_weeks) = self.service(gauges, scene.first)?;
        Ok(VotingSetup {
            name: self.name(),
            token: TokenIndex(u8::try_from(place).unwrap_or(u8::MAX)),
            service,
            longest_weeks,
            assets,
            prices,
            sheet: self.sheet(),
        })
    }

    /// Refuses files that are named and were not read.
    fn check_files(&self) -> Result<(), ConfigError> {
        let is_unread = (self.votes.is_some() && self.others.is_none())
            || (self.bribes.is_some() && self.posted.is_none())
            || (self.bounties.is_some() && self.recorded.is_none());
        if is_unread { Err(self.failed(&"its files were not read")) } else { Ok(()) }
    }

    fn service(
        &self,
        gauges: Vec<GaugeTerms>,
        start: Timestamp,
    ) -> Result<(VotingService, u64), ConfigError> {
        let controller = |parameters: EscrowParameters, gauges| {
            let votes = ControllerVotes::new(parameters, gauges, start);
            let service = votes.map(|votes| VotingService::Controller(Box::new(votes)));
            (service, parameters.maximum_lock)
        };
        let (service, longest) = match self.kind.as_str() {
            "curve" => controller(EscrowParameters::CURVE, gauges),
            "balancer" => controller(EscrowParameters::BALANCER, gauges),
            "aerodrome" => {
                let votes = AerodromeVotes::new(gauges, start);
                (votes.map(|votes| VotingService::Aerodrome(Box::new(votes))), LONGEST_LOCK)
            }
            other => {
                return Err(not_allowed("voting.kind", &other, "curve, balancer or aerodrome"));
            }
        };
        let service = service.ok_or_else(|| {
            let allowed = "votes and bribes that the contracts can count";
            not_allowed("voting.gauge", &"too much", allowed)
        })?;
        Ok((service, longest / WEEK))
    }

    /// The tokens that bribes are paid in, and their prices.
    fn tokens(
        &self,
        scene: &VotingScene<'_>,
    ) -> Result<(Vec<AssetId>, Vec<TimedPrice>), ConfigError> {
        let count = self.bribe_token.len();
        if !(1..=200).contains(&count) {
            let found = format!("given {count} times");
            return Err(not_allowed("voting.bribe_token", &found, "1 to 200 tokens"));
        }
        let (mut assets, mut prices) = (Vec::new(), Vec::new());
        for (place, (token, asset)) in
            self.bribe_token.iter().zip(scene.first_asset.0..).enumerate()
        {
            let item = KeyPath::of("voting.bribe_token").item(place);
            let key = "voting.bribe_token.symbol";
            if !is_printable(&token.symbol) {
                let symbol = token.symbol.escape_debug();
                return Err(not_allowed(key, &symbol, PRINTABLE).at(item));
            }
            if self.bribe_token(&token.symbol) != Some(place) {
                return Err(not_allowed(key, &token.symbol, "each token once").at(item));
            }
            let decimals = "voting.bribe_token.decimals";
            if token.decimals() > 77 {
                return Err(not_allowed(decimals, &token.decimals(), "0 to 77").at(item));
            }
            let terms = TokenPrices {
                keys: PriceKeys {
                    price_quote: "voting.bribe_token.price_quote",
                    prices: "voting.bribe_token.prices",
                    decimals,
                },
                price_quote: token.price_quote.as_deref(),
                names_file: token.prices.is_some(),
                series: token.series.as_deref(),
                decimals: token.decimals(),
            };
            let asset = AssetId(asset);
            let timed = terms.timed(asset, scene.first, scene.quote_decimals);
            prices.extend(timed.map_err(|error| error.at(item))?);
            assets.push(asset);
        }
        Ok((assets, prices))
    }

    fn gauges(&self, decimals: u8, assets: &[AssetId]) -> Result<Vec<GaugeTerms>, ConfigError> {
        let count = self.gauge.len();
        if !(1..=1_000).contains(&count) {
            let found = format!("given {count} times");
            return Err(not_allowed("voting.gauge", &found, "1 to 1000 gauges"));
        }
        let mut gauges = Vec::with_capacity(count);
        for place in 0..count {
            let gauge = self.gauge_terms(place, decimals, assets);
            gauges.extend(gauge.map_err(|error| error.at(item_of_gauge(place)))?);
        }
        Ok(gauges)
    }

    /// The gauge of a place; `None` beyond them.
    fn gauge_terms(
        &self,
        place: usize,
        decimals: u8,
        assets: &[AssetId],
    ) -> Result<Option<GaugeTerms>, ConfigError> {
        let Some(gauge) = self.gauge.get(place) else { return Ok(None) };
        if !is_printable(&gauge.name) {
            let name = gauge.name.escape_debug();
            return Err(not_allowed("voting.gauge.name", &name, PRINTABLE));
        }
        if self.gauge.iter().position(|other| other.name == gauge.name) != Some(place) {
            return Err(not_allowed("voting.gauge.name", &gauge.name, "each gauge once"));
        }
        let others = match (&gauge.others, &self.votes) {
            (Some(votes), _) => whole("voting.gauge.others", votes, decimals)?,
            (None, Some(_)) => Amount::ZERO,
            (None, None) => {
                let allowed = "others' votes in whole tokens, or voting.votes";
                return Err(not_allowed("voting.gauge.others", &"missing", allowed));
            }
        };
        let rows = self.others.iter().flatten().filter(|row| row.gauge == gauge.name);
        Ok(Some(GaugeTerms {
            name: gauge.name.clone(),
            others,
            others_by_epoch: rows.map(|row| (row.epoch, row.votes)).collect(),
            every_epoch: self.constant_bribes(gauge, assets)?,
            bribes: BTreeMap::new(),
        }))
    }

    fn constant_bribes(
        &self,
        gauge: &VotedGaugeConfig,
        assets: &[AssetId],
    ) -> Result<Vec<Reward>, ConfigError> {
        let mut rewards = Vec::new();
        for (symbol, text) in &gauge.bribe {
            let key = "voting.gauge.bribe";
            let place = self.bribe_token(symbol);
            let found = place.and_then(|place| self.bribe_token.get(place).zip(assets.get(place)));
            let (token, asset) = found.ok_or_else(|| {
                let names: Vec<_> =
                    self.bribe_token.iter().map(|token| token.symbol.as_str()).collect();
                let error = not_allowed(key, symbol, &listed(&names, "[[voting.bribe_token]]"));
                error.at(KeyPath::of(key).key(symbol))
            })?;
            let amount = whole(key, text, token.decimals());
            let amount = amount.map_err(|error| error.at(KeyPath::of(key).key(symbol)))?;
            rewards.push(Reward { asset: *asset, amount });
        }
        Ok(rewards)
    }

    /// Adds what the file of bribes says; its gauges and tokens were checked when it was read.
    fn add_bribes(&self, gauges: &mut [GaugeTerms], assets: &[AssetId]) {
        for bribe in self.posted.iter().flatten() {
            let gauge = gauges.iter_mut().find(|gauge| gauge.name == bribe.gauge);
            let asset = self.bribe_token(&bribe.token).and_then(|place| assets.get(place));
            if let Some((gauge, asset)) = gauge.zip(asset) {
                let reward = Reward { asset: *asset, amount: bribe.amount };
                gauge.bribes.entry(bribe.epoch).or_default().push(reward);
            }
        }
    }

    /// Adds what the file of bounties says of these gauges in the tape's epochs.
    fn add_bounties(
        &self,
        gauges: &mut [GaugeTerms],
        assets: &[AssetId],
        scene: &VotingScene<'_>,
    ) -> Result<(), ConfigError> {
        let addresses = self.addresses()?;
        let Some(protocol) = self.bounty_protocol()? else { return Ok(()) };
        let epochs = epoch_start(scene.first)..=scene.last;
        let rows = self.recorded.iter().flatten();
        let rows = rows.filter(|row| row.protocol == protocol);
        for row in rows.filter(|row| epochs.contains(&row.epoch)) {
            let address = row.gauge;
            let place = addresses.iter().position(|own| own.is_some() && *own == address);
            let Some(gauge) = place.and_then(|place| gauges.get_mut(place)) else { continue };
            let token = self.bribe_token(&row.reward_token);
            let token = token.and_then(|at| self.bribe_token.get(at).zip(assets.get(at)));
            let Some((token, asset)) = token else {
                let (paid, name) = (&row.reward_token, &gauge.name);
                let error = format!(
                    "bounties pay {name} in {paid}, which has no price: add it \
                                     as a [[voting.bribe_token]]"
                );
                return Err(self.failed_at("bounties", &error));
            };
            let amount = raw(row, token.decimals());
            let amount =
                amount.ok_or_else(|| self.failed_at("bounties", &"a bounty is past any amount"))?;
            let reward = Reward { asset: *asset, amount };
            gauge.bribes.entry(row.epoch).or_default().push(reward);
        }
        Ok(())
    }

    fn addresses(&self) -> Result<Vec<Option<[u8; 20]>>, ConfigError> {
        let mut addresses = Vec::new();
        for (place, gauge) in self.gauge.iter().enumerate() {
            let Some(text) = &gauge.address else {
                addresses.push(None);
                continue;
            };
            let address = text.parse::<Address>().map_err(|_| {
                let allowed = "0x and 40 hexadecimal digits";
                let error = not_allowed("voting.gauge.address", &text.escape_debug(), allowed);
                error.at(item_of_gauge(place))
            })?;
            if addresses.contains(&Some(address.0)) {
                let error = not_allowed("voting.gauge.address", text, "each address once");
                return Err(error.at(item_of_gauge(place)));
            }
            addresses.push(Some(address.0));
        }
        Ok(addresses)
    }

    /// Whose bounties are asked for, if any are.
    fn bounty_protocol(&self) -> Result<Option<&str>, ConfigError> {
        let key = "voting.protocol";
        match (&self.bounties, self.protocol.as_deref()) {
            (None, None) => return Ok(None),
            (None, Some(_)) => {
                return Err(not_allowed(key, &"given", "left out without voting.bounties"));
            }
            (Some(_), _) => {}
        }
        if self.gauge.iter().all(|gauge| gauge.address.is_none()) {
            let allowed = "an address of some gauge beside voting.bounties";
            return Err(not_allowed("voting.gauge.address", &"missing", allowed));
        }
        let rows = self.recorded.iter().flatten();
        let mut known: Vec<_> = rows.map(|row| row.protocol.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        // The file counts these in raw units, and all others in whole tokens.
        known.retain(|protocol| *protocol != "cvx");
        let protocol = self.protocol.as_deref().unwrap_or("missing");
        if known.contains(&protocol) {
            return Ok(Some(protocol));
        }
        Err(not_allowed(key, &protocol.escape_debug(), &listed(&known, "protocol")))
    }

    fn sheet(&self) -> ProgrammeSheet {
        let mut parameters = vec![("token".to_owned(), self.token.clone())];
        let mut row = |name: &str, value: Option<String>| {
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        };
        row("votes", self.votes.clone());
        row("bribes", self.bribes.clone());
        row("bounties", self.bounties.clone());
        row("protocol", self.protocol.clone());
        row("gauges", Some(self.gauge.len().to_string()));
        for token in &self.bribe_token {
            let price = token.price_quote.as_ref().or(token.prices.as_ref());
            row("bribe_token", price.map(|price| format!("{} at {price}", token.symbol)));
        }
        ProgrammeSheet { name: self.name(), kind: self.kind.clone(), parameters }
    }
}

fn item_of_gauge(place: usize) -> KeyPath {
    KeyPath::of("voting.gauge").item(place)
}

/// A bounty in raw units of a token of so many decimals, rounded down; `None` past 2^256 - 1.
fn raw(row: &Bounty, decimals: u8) -> Option<Amount> {
    let ten = |power: u8| U256::from(10_u8).checked_pow(U256::from(power));
    match decimals.checked_sub(18) {
        Some(more) => row.reward_amount.0.checked_mul(ten(more)?).map(Amount),
        None => row.reward_amount.0.checked_div(ten(18_u8.checked_sub(decimals)?)?).map(Amount),
    }
}
